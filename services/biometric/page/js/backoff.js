/** How long to wait before trying again. */

const FIRST = 500;
const LONGEST = 5000;

/**
 * Return milliseconds before the next try: twice as long each time up to 5 s, and the second half of it by chance, so
 * that all the pages that lost a server together do not come back together.
 *
 * @param {number} failures Tries that failed in a row, from 1.
 * @param {() => number} random From 0 to 1.
 */
export function backoff(failures, random = Math.random) {
  const whole = Math.min(LONGEST, FIRST * 2 ** (failures - 1));
  return Math.round(whole * (0.5 + 0.5 * random()));
}
