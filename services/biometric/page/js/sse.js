/**
 * Reads an event stream, as the WHATWG's HTML standard has it in "Interpreting an event stream".
 *
 * The browser's own EventSource can send no header and gives up on an HTTP error, so this page reads the stream itself.
 */

const DIGITS = /^[0-9]+$/;

export class EventParser {
  /** Milliseconds before the next request, as the server asked last; null until it asks. */
  retry = null;

  #decoder = new TextDecoder(); // takes a byte order mark away, and puts characters together that a chunk splits
  #line = "";
  #afterReturn = false;
  #data = null;
  #type = "";
  #id;

  /** @param {string|null} lastEventId What the stream goes on after; null for one from its beginning. */
  constructor(lastEventId = null) {
    this.lastEventId = lastEventId;
    this.#id = lastEventId;
  }

  /**
   * Take the next bytes and return the events that they complete. What no blank line ends is no event yet.
   *
   * @param {Uint8Array} bytes
   * @returns {{id: string, type: string, data: string}[]}
   */
  push(bytes) {
    const events = [];
    let text = this.#decoder.decode(bytes, { stream: true });
    if (this.#afterReturn && text !== "") {
      // The second half of a CRLF whose first half ended the line already.
      if (text[0] === "\n") text = text.slice(1);
      this.#afterReturn = false;
    }
    const lines = (this.#line + text).split(/\r\n|\n|\r/);
    if (text.endsWith("\r")) this.#afterReturn = true;
    this.#line = lines.pop();
    for (const line of lines) {
      if (line !== "") this.#field(line);
      else this.#dispatch(events);
    }
    return events;
  }

  #field(line) {
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment, which keeps the connection alive
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
    else if (name === "event") this.#type = value;
    else if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "retry" && DIGITS.test(value)) this.retry = Number(value);
  }

  #dispatch(events) {
    // An id counts without data, too: it says from where to go on.
    this.lastEventId = this.#id;
    if (this.#data) events.push({ id: this.#id ?? "", type: this.#type || "message", data: this.#data });
    this.#data = null;
    this.#type = "";
  }
}

/** Return an id as fetch takes a header's value: one character for each byte of its UTF-8. */
export function headerValue(id) {
  return String.fromCharCode(...new TextEncoder().encode(id));
}
