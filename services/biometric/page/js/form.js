/** The form that stores a record. Whether it is right, only the service says, so that there is one set of rules. */

import { Refusal, Unreachable } from "./api.js";
import { element, find, say } from "./dom.js";
import { object } from "./json.js";
import { position } from "./records.js";
import { time } from "./format.js";

const DEFAULTS = { userId: "1", heartRate2: "72", speed: "1.4", lattitude: "45.344017", longitude: "-75.940542" };

export class RecordForm {
  #form;
  #api;
  #stored;
  /** The request whose outcome is not known: sent again as it was, the service stores it once. */
  #unsure = null;

  /**
   * @param {HTMLFormElement} form Its fields are named by the record's keys.
   * @param {import("./api.js").Api} api
   * @param {(record: object) => void} stored Called with each record that is stored.
   */
  constructor(form, api, stored) {
    this.#form = form;
    this.#api = api;
    this.#stored = stored;
    for (const [key, value] of Object.entries(DEFAULTS)) this.#field(key).value = value;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    form.addEventListener("input", (event) => {
      event.target.dataset.touched = "";
    });
  }

  /** Suggest a user and where that user is; what somebody has typed stays. */
  suggest(userId, record) {
    const place = record && position(record);
    this.#suggest("userId", userId);
    if (!place) return;
    this.#suggest("lattitude", rounded(place.latitude));
    this.#suggest("longitude", rounded(place.longitude));
  }

  #suggest(key, value) {
    const field = this.#field(key);
    if (!("touched" in field.dataset) && field !== document.activeElement) field.value = value;
  }

  #field(key) {
    return this.#form.elements.namedItem(key);
  }

  async #send() {
    const button = this.#form.querySelector("button");
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true"); // not `disabled`, which would take the focus away
    this.#clear();
    try {
      const { body, key } = this.#request();
      const record = await this.#api.store(body, key);
      this.#unsure = null;
      say(find("form-result"), `Stored for user ${record.userId} at ${time(record.tsStop)}.`);
      this.#stored(record);
    } catch (error) {
      this.#explain(error);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  /** A new request, or the last one once more if nobody knows what became of it and nothing was changed since. */
  #request() {
    const typed = Object.fromEntries(Object.keys(DEFAULTS).map((key) => [key, this.#field(key).value]));
    const content = object(typed);
    if (this.#unsure?.content !== content) {
      const now = String(Date.now());
      this.#unsure = { content, body: object({ ...typed, tsStart: now, tsStop: now }), key: newKey() };
    }
    return this.#unsure;
  }

  #clear() {
    say(find("form-result"), "");
    find("form-problem").replaceChildren();
    for (const key of Object.keys(DEFAULTS)) {
      this.#field(key).removeAttribute("aria-invalid");
      say(find(`${key}-problem`), "");
    }
  }

  #explain(error) {
    const problem = find("form-problem");
    if (!(error instanceof Refusal)) {
      const reason = error instanceof Unreachable ? error.message : "the answer cannot be read";
      problem.append(element("p", {}, `Not known to be stored: ${reason}. Send it again: it is stored only once.`));
      return;
    }
    // A server error may have come after the record was stored; anything below it has stored nothing.
    if (error.status < 500) this.#unsure = null;
    const elsewhere = [];
    for (const { field, message } of error.errors) {
      const target = Object.hasOwn(DEFAULTS, field) && find(`${field}-problem`);
      if (!target) {
        elsewhere.push(`${field}: ${message}`);
        continue;
      }
      say(target, message);
      this.#field(field).setAttribute("aria-invalid", "true");
    }
    problem.append(element("p", {}, `Not stored: ${error.title || "refused"} (${error.status}).`));
    if (error.errors.length === 0 && error.detail) problem.append(element("p", {}, error.detail));
    problem.append(...elsewhere.map((text) => element("p", {}, text)));
    this.#form.querySelector("[aria-invalid=true]")?.focus();
  }
}

/** Degrees to a tenth of a metre, which is more than any phone knows. */
function rounded(degrees) {
  return String(Number(degrees.toFixed(6)));
}

/** A random UUID; crypto.randomUUID is there only where the page came by HTTPS or from this machine. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
