/** The connection's state in words. */

import { element, say } from "./dom.js";

const WORDS = { connecting: "Connecting", live: "Live", lost: "Connection lost", refused: "Not authorised" };

/**
 * Show a link's state until told otherwise.
 *
 * @param {HTMLElement} region The live region.
 * @param {import("./link.js").Link} link
 */
export function showStatus(region, link) {
  const words = element("span");
  // The count is for eyes only: a screen reader that said every second of it could say nothing else.
  const count = element("span", { "aria-hidden": "true" });
  region.replaceChildren(element("span", { class: "dot" }), element("span", {}, words, count));
  let timer;

  function show() {
    clearTimeout(timer);
    const { state, reason, until } = link.state;
    region.dataset.state = state;
    say(words, WORDS[state] + (reason ? `: ${reason}` : ""));
    if (until === undefined) {
      say(count, "");
      return;
    }
    const left = until - performance.now();
    const seconds = Math.ceil(left / 1000);
    say(count, seconds > 0 ? `, retrying in ${seconds} s` : ", retrying now");
    if (seconds > 0) timer = setTimeout(show, left - (seconds - 1) * 1000 + 5);
  }

  link.addEventListener("change", show);
  show();
}

/** Show a state that no connection has. */
export function showState(region, state, text) {
  region.dataset.state = state;
  region.replaceChildren(element("span", { class: "dot" }), element("span", {}, text));
}
