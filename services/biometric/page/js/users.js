/** The list of users: a list box with one tab stop, in which the arrow keys move and Enter or the space bar choose. */

import { element, say } from "./dom.js";
import { fixed, number } from "./format.js";
import { heartRate, position } from "./records.js";

const MOVES = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  Home: () => 0,
  End: (_, last) => last,
};

export class UserList {
  #box;
  #options = new Map();
  #choose;
  #active = null;

  /**
   * @param {HTMLElement} box The list box.
   * @param {(userId: string) => void} choose Called when somebody chooses a user.
   */
  constructor(box, choose) {
    this.#box = box;
    this.#choose = choose;
    box.addEventListener("keydown", (event) => this.#press(event));
    box.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#take(option);
    });
  }

  /** Show users in their order; an element stays the same, so that the focus stays on it. */
  show(users, selected) {
    const ids = new Set(users.map((user) => user.userId));
    for (const [id, option] of this.#options) {
      if (ids.has(id)) continue;
      option.remove();
      this.#options.delete(id);
    }
    users.forEach((user, at) => {
      const option = this.#options.get(user.userId) ?? this.#add(user.userId);
      if (this.#box.children[at] !== option) this.#box.insertBefore(option, this.#box.children[at] ?? null);
      write(option, user);
      option.setAttribute("aria-selected", String(user.userId === selected));
    });
    this.#rove(this.#options.get(this.#active) ?? this.#options.get(selected) ?? this.#box.firstElementChild);
  }

  #add(userId) {
    const option = element(
      "li",
      { role: "option", tabindex: "-1", "data-user": userId },
      // With spaces, which a screen reader needs between them.
      element("span", { class: "who" }, userId),
      " ",
      element("span", { class: "where" }),
      " ",
      element("span", { class: "rate" }),
    );
    this.#options.set(userId, option);
    return option;
  }

  #press(event) {
    const options = [...this.#box.children];
    const at = options.indexOf(document.activeElement);
    if (at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") {
      this.#take(options[at]);
    } else if (MOVES[event.key]) {
      const to = options[MOVES[event.key](at, options.length - 1)] ?? options[at];
      this.#rove(to);
      to.focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  #take(option) {
    this.#rove(option);
    option.focus();
    this.#choose(option.dataset.user);
  }

  #rove(option) {
    if (!option) return;
    for (const one of this.#options.values()) one.tabIndex = one === option ? 0 : -1;
    this.#active = this.#box.contains(document.activeElement) ? option.dataset.user : null;
  }
}

function write(option, user) {
  const [, where, rate] = option.children;
  const place = position(user);
  const beats = heartRate(user);
  say(rate, beats === null ? "no heart rate" : `${number(beats)} bpm`);
  say(where, place ? `${fixed(place.latitude, 4)}°, ${fixed(place.longitude, 4)}°` : "no position");
}
