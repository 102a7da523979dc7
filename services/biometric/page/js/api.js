/** The service's API. */

import { parse } from "./json.js";
import { headerValue } from "./sse.js";

/** Longest wait for an answer that does not stream; the service gives up after 20 s itself. */
const ANSWER_MS = 25_000;
/** The same for what is asked for every few seconds. */
const POLL_MS = 8000;

/** The API refused a request, and said why as RFC 9457 has it. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} title
   * @param {string} detail
   * @param {{field: string, message: string}[]} errors
   */
  constructor(status, title, detail, errors) {
    super(detail || `${status} ${title}`);
    Object.assign(this, { status, title, detail, errors });
  }
}

/** No answer came, or none that could be read. */
export class Unreachable extends Error {}

export class Api {
  /** Kept here only: it is gone with the page. */
  token = null;

  /** @param {string} address */
  constructor(address) {
    this.#address = address;
  }

  #address;

  /** Return the users of the first pages, and whether there are more. */
  async users(pages, signal) {
    const users = [];
    let next = null;
    for (let page = 0; page < pages && (page === 0 || next); page += 1) {
      const query = new URLSearchParams({ limit: 100, ...(next && { cursor: next }) });
      const answer = await this.#json(`/rest/users?${query}`, signal, POLL_MS);
      users.push(...answer.users);
      next = answer.next;
    }
    return { users, more: next !== null };
  }

  /** Return a user's newest records, in the order of their arrival. */
  async newest(userId, limit, signal) {
    const query = new URLSearchParams({ userId, limit, order: "desc" });
    return (await this.#json(`/rest/records?${query}`, signal, ANSWER_MS)).records.reverse();
  }

  /** Store a record, given as JSON; with the same key, once however often it is sent. */
  async store(body, key) {
    const response = await this.#send("/rest/records", {
      method: "POST",
      body,
      headers: { "content-type": "application/json", "idempotency-key": key },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return parse(await response.text());
  }

  /** Open a user's stream, after the last event that is known. */
  stream(userId, lastEventId, signal) {
    const headers = lastEventId === null ? {} : { "last-event-id": headerValue(lastEventId) };
    return this.#send(`/rest/stream/${userId}`, { headers: { accept: "text/event-stream", ...headers }, signal });
  }

  async #json(path, signal, patience) {
    const response = await this.#send(path, { signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]) });
    try {
      return parse(await response.text());
    } catch {
      throw new Unreachable("the API's answer broke off");
    }
  }

  async #send(path, { headers = {}, ...options }) {
    const authorization = this.token === null ? {} : { authorization: `Bearer ${this.token}` };
    let response;
    try {
      response = await fetch(this.#address + path, {
        ...options,
        headers: { ...headers, ...authorization },
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
      });
    } catch {
      throw new Unreachable("the API cannot be reached");
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }
}

async function refusal(response) {
  let problem = {};
  try {
    problem = (await response.json()) ?? {};
  } catch {
    // A gateway or proxy in between answered, in a form of its own.
  }
  const title = String(problem.title ?? response.statusText);
  const errors = Array.isArray(problem.errors) ? problem.errors : [];
  return new Refusal(response.status, title, String(problem.detail ?? problem.message ?? ""), errors);
}
