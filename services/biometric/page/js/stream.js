/** A user's records as they arrive: one answer of the stream after the other, each going on where the last one ended. */

import { Refusal, Unreachable } from "./api.js";
import { parse } from "./json.js";
import { keep } from "./link.js";
import { KEPT } from "./records.js";
import { EventParser } from "./sse.js";

/** Each answer ends within 30 s by itself; one that is silent for longer than this has lost its other end. */
const SILENCE_MS = 40_000;
/** Until the server says otherwise. */
const RETRY_MS = 1000;
const SHORTEST_RETRY_MS = 50;

let opened = 0;

/**
 * Follow a user until the signal ends it.
 *
 * @param {string} userId
 * @param {import("./api.js").Api} api
 * @param {import("./link.js").Link} link
 * @param {(records: object[]) => void} receive Called with what came, and with nothing when the history is empty.
 * @param {AbortSignal} signal
 */
export function follow(userId, api, link, receive, signal) {
  // A name of its own: the stream before may still be ending.
  const name = `stream ${(opened += 1)}`;
  let lastEventId = null;
  let complete = false;
  let retry = RETRY_MS;

  // The history is read only when the stream's place is known: what arrives in between then comes in both, never in none.
  async function complement(ending) {
    if (complete || lastEventId === null) return;
    receive(await api.newest(userId, KEPT, ending));
    complete = true;
  }

  async function attempt() {
    const ending = endings(name, link.alarm, signal);
    try {
      await complement(ending.signal);
      const response = await open(ending.signal);
      link.note(name, "live");
      await read(response, ending);
    } catch (error) {
      if (!ending.wanted) throw error;
    } finally {
      ending.release();
    }
    // An answer's end is no outage, and nobody has to see it.
    return Math.max(retry, SHORTEST_RETRY_MS);
  }

  async function open(ending) {
    try {
      return await api.stream(userId, lastEventId, ending);
    } catch (error) {
      if (lastEventId !== null && error instanceof Refusal && [400, 410, 422].includes(error.status)) {
        // The id is none of this server's any more: begin anew.
        lastEventId = null;
        complete = false;
        return api.stream(userId, null, ending);
      }
      throw error;
    }
  }

  async function read(response, ending) {
    const reader = response.body.getReader();
    const parser = new EventParser(lastEventId);
    for (let silent = true; ; silent = false) {
      ending.postpone();
      let chunk;
      try {
        chunk = await reader.read();
      } catch {
        // Broken off: whether this is an outage the next try will tell. Without a single byte, it is one.
        if (silent) throw new Unreachable("the API's answer broke off");
        return;
      }
      if (chunk.done) return;
      const events = parser.push(chunk.value);
      retry = parser.retry ?? retry;
      if (events.length > 0) receive(events.filter(isRecord).map((event) => parse(event.data)));
      lastEventId = parser.lastEventId;
      await complement(ending.signal);
    }
  }

  return keep(name, attempt, link, signal);
}

function isRecord(event) {
  return event.type === "message";
}

/** What ends one answer from this side: the loop's end, silence, a page that is hidden, or news that it may be dead. */
function endings(name, alarm, signal) {
  const own = new AbortController();
  let timer;
  const ending = {
    signal: AbortSignal.any([signal, own.signal]),
    /** Whether it ended for a reason that is no failure. */
    wanted: false,
    postpone() {
      clearTimeout(timer);
      timer = setTimeout(() => own.abort(), SILENCE_MS);
    },
    release() {
      clearTimeout(timer);
      own.abort();
    },
  };
  const stop = (event) => {
    if (event.detail === name) return; // its own news
    ending.wanted = true;
    own.abort();
  };
  alarm.addEventListener("ring", stop, { signal: own.signal });
  alarm.addEventListener("hidden", stop, { signal: own.signal });
  ending.postpone();
  return ending;
}
