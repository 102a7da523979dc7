/** The list of users, asked for every few seconds: a stream tells of one user only. */

import { keep } from "./link.js";

const EVERY_MS = 4000;

/**
 * Keep the list up to date until the signal ends it.
 *
 * @param {import("./api.js").Api} api
 * @param {import("./link.js").Link} link
 * @param {() => number} pages How many pages are shown.
 * @param {(page: {users: object[], more: boolean}) => void} receive
 * @param {AbortSignal} signal
 */
export function watchUsers(api, link, pages, receive, signal) {
  async function attempt() {
    const page = await api.users(pages(), signal);
    link.note("users", "live");
    receive(page);
    return EVERY_MS;
  }
  return keep("users", attempt, link, signal);
}
