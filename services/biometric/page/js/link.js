/** The connection to the API as one thing, though several loops use it; and how each of them goes on after a failure. */

import { Refusal } from "./api.js";
import { backoff } from "./backoff.js";

const WORST_FIRST = ["refused", "lost", "connecting", "live"];

/** Says "change" whenever what it holds is another. */
export class Link extends EventTarget {
  #loops = new Map();

  /** @param {import("./alarm.js").Alarm} alarm Rung when a server that was lost answers again. */
  constructor(alarm) {
    super();
    this.alarm = alarm;
  }

  /**
   * Note how one loop fares.
   *
   * @param {string} loop
   * @param {"connecting"|"live"|"lost"|"refused"} state
   * @param {{reason?: string, until?: number}} more `until` is when it tries again, by performance.now().
   */
  note(loop, state, more = {}) {
    const before = this.#loops.get(loop)?.state;
    this.#loops.set(loop, { state, ...more });
    this.dispatchEvent(new Event("change"));
    if (state === "live" && (before === "lost" || before === "refused")) this.alarm.ring(loop);
  }

  /** Forget a loop that has ended. */
  drop(loop) {
    this.#loops.delete(loop);
    this.dispatchEvent(new Event("change"));
  }

  /** The worst of all loops; of several that are lost, the one that tries again first. */
  get state() {
    const loops = [...this.#loops.values()];
    const state = WORST_FIRST.find((one) => loops.some((loop) => loop.state === one)) ?? "connecting";
    const alike = loops.filter((loop) => loop.state === state);
    return alike.sort((one, other) => (one.until ?? 0) - (other.until ?? 0))[0] ?? { state };
  }
}

/**
 * Do something again and again until the signal ends it.
 *
 * @param {string} name
 * @param {() => Promise<number>} attempt Does it once and returns milliseconds until the next time; throws when the
 *   server cannot be reached or refuses. It notes by itself that the loop is live.
 * @param {Link} link
 * @param {AbortSignal} signal
 */
export async function keep(name, attempt, link, signal) {
  let failures = 0;
  link.note(name, "connecting");
  while (!signal.aborted) {
    let pause;
    try {
      await link.alarm.seen(signal);
      pause = await attempt();
      failures = 0;
    } catch (error) {
      if (signal.aborted) break;
      failures += 1;
      pause = backoff(failures);
      const unauthorized = error instanceof Refusal && [401, 403].includes(error.status);
      link.note(name, unauthorized ? "refused" : "lost", { reason: error.message, until: performance.now() + pause });
    }
    await link.alarm.sleep(pause, signal);
  }
  link.drop(name);
}
