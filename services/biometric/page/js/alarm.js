/** Waiting that can be cut short: when the network is back, when the page is looked at again, when a server answered. */

export class Alarm extends EventTarget {
  constructor() {
    super();
    addEventListener("online", () => this.ring());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.dispatchEvent(new Event("hidden"));
      else this.ring();
    });
  }

  /** Wake everybody who waits, and tell those who hold a connection that it may be a dead one. */
  ring(source = null) {
    this.dispatchEvent(new CustomEvent("ring", { detail: source }));
  }

  /** Wait until the time is up, or until woken. */
  async sleep(ms, signal) {
    const done = new AbortController();
    const timer = setTimeout(() => done.abort(), ms);
    this.addEventListener("ring", () => done.abort(), { signal: done.signal });
    await ended(AbortSignal.any([done.signal, signal]));
    clearTimeout(timer);
    done.abort();
  }

  /** Wait until the page is looked at: one that nobody sees leaves the server alone. */
  async seen(signal) {
    while (document.hidden && !signal.aborted) await this.sleep(3_600_000, signal);
  }
}

function ended(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", resolve, { once: true });
  });
}
