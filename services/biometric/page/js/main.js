/** The page, put together. */

import { Alarm } from "./alarm.js";
import { Api } from "./api.js";
import { readConfig } from "./config.js";
import { watchUsers } from "./directory.js";
import { find } from "./dom.js";
import { RecordForm } from "./form.js";
import { Link } from "./link.js";
import { RecordList } from "./records.js";
import { Selection } from "./selection.js";
import { showState, showStatus } from "./status.js";
import { follow } from "./stream.js";
import { askForToken } from "./token.js";
import { UserList } from "./users.js";

const NAMED = /^#user=([1-9]\d{0,18})$/;

class Page {
  #api;
  #alarm = new Alarm();
  #link = new Link(this.#alarm);
  #selection = new Selection();
  #list = new UserList(find("users"), (userId) => this.#select(userId));
  #form;
  #users = new Map();
  #pages = 1;
  #selected = null;
  #unselect = new AbortController();

  constructor(api) {
    this.#api = api;
    this.#form = new RecordForm(find("form"), api, (record) => this.#stored(record));
    find("more").addEventListener("click", () => {
      this.#pages += 1;
      this.#alarm.ring();
    });
    addEventListener("hashchange", () => this.#selectNamed());
  }

  /** Begin to ask the API. */
  start() {
    showStatus(find("status"), this.#link);
    const never = new AbortController().signal;
    watchUsers(this.#api, this.#link, () => this.#pages, (page) => this.#receiveUsers(page), never);
    this.#selectNamed();
  }

  /** Ask again at once, with another token. */
  again() {
    this.#alarm.ring();
  }

  #selectNamed() {
    const named = NAMED.exec(location.hash);
    if (named) this.#select(named[1]);
  }

  #select(userId) {
    if (userId === this.#selected) return;
    this.#selected = userId;
    history.replaceState(null, "", `#user=${userId}`);
    this.#unselect.abort();
    this.#unselect = new AbortController();
    this.#selection.begin(userId);
    this.#form.suggest(userId, this.#users.get(userId));
    this.#showUsers();
    const records = new RecordList();
    const receive = (arrived) => {
      if (!records.add(arrived)) return;
      this.#selection.show(records.items);
      this.#update(records.latest);
    };
    follow(userId, this.#api, this.#link, receive, this.#unselect.signal);
  }

  #receiveUsers({ users, more }) {
    const known = this.#users;
    this.#users = new Map(users.map((user) => [user.userId, user]));
    for (const [id, user] of known) {
      // The stream may have been faster than this list, and whoever is looked at stays, listed or not.
      const listed = this.#users.get(id);
      if (listed ? user.tsStop > listed.tsStop : id === this.#selected) this.#users.set(id, user);
    }
    find("more").hidden = !more;
    if (this.#selected === null && users.length > 0) this.#select(users[0].userId);
    this.#showUsers();
  }

  /** Let the list show what a user's newest record says. */
  #update(record) {
    const known = this.#users.get(record.userId);
    if (known && known.tsStop > record.tsStop) return;
    this.#users.set(record.userId, record);
    this.#form.suggest(this.#selected, this.#users.get(this.#selected));
    this.#showUsers();
  }

  #showUsers() {
    find("no-users").hidden = this.#users.size > 0;
    find("users").hidden = this.#users.size === 0;
    this.#list.show([...this.#users.values()].sort(byId), this.#selected);
  }

  #stored(record) {
    this.#update(record);
    this.#select(record.userId);
  }
}

/** Ids are digits without leading zeros: the longer one is the greater one. */
function byId({ userId: one }, { userId: other }) {
  return one.length - other.length || (one < other ? -1 : 1);
}

async function main() {
  const status = find("status");
  let config;
  try {
    config = await readConfig();
  } catch (error) {
    showState(status, "lost", `This page cannot start. ${error.message}`);
    return;
  }
  const api = new Api(config.api);
  const page = new Page(api);
  if (config.authorization === "none") {
    page.start();
    return;
  }
  showState(status, "connecting", "Waiting for a token");
  askForToken(find("token-form"), (token) => {
    const first = api.token === null;
    api.token = token;
    if (first) page.start();
    else page.again();
  });
}

main();
