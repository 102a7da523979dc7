/** Scales and their ticks. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
];

/** Return a function that maps start..end of a domain to start..end of a range. */
export function linear([start, end], [from, to]) {
  const factor = (to - from) / (end - start);
  return (value) => from + (value - start) * factor;
}

/** Return the smallest of 1, 2 or 5 times a power of ten that is at least `least`. */
export function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  // A hair of tolerance: 0.1 + 0.2 must not be more than 0.3.
  return [1, 2, 5, 10].find((times) => times * power >= least * (1 - 1e-9)) * power;
}

/** Return the multiples of a step within start..end, without the noise of adding fractions. */
export function multiples(start, end, step) {
  const found = [];
  for (let at = Math.ceil(start / step - 1e-9); at <= Math.floor(end / step + 1e-9); at += 1) {
    found.push(Number((at * step).toPrecision(12)));
  }
  return found;
}

/**
 * Return an axis for values: a domain that begins and ends with a tick, and about `count` steps of 1, 2 or 5.
 *
 * @param {number[]} values
 * @param {number} count
 * @param {number} least What the domain spans at least, so that noise does not look like a mountain.
 */
export function valueAxis(values, count, least) {
  let low = Math.min(...values);
  let high = Math.max(...values);
  const missing = least - (high - low);
  if (missing > 0) {
    // What is never negative is not given an axis below zero.
    const down = low >= 0 ? Math.min(low, missing / 2) : missing / 2;
    low -= down;
    high += missing - down;
  }
  const step = niceStep((high - low) / count);
  const domain = [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
  return { domain, step, ticks: multiples(...domain, step) };
}

/**
 * Return an axis of time with at most `count` ticks, at round moments of the local clock.
 *
 * @param {number} start Milliseconds since 1970.
 * @param {number} end
 * @param {number} count
 */
export function timeAxis(start, end, count) {
  const span = end - start;
  const step = STEPS.find((one) => span / one <= count) ?? niceStep(Math.max(1, span / count / DAY)) * DAY;
  const offset = new Date(start).getTimezoneOffset() * MINUTE;
  const ticks = multiples(start - offset, end - offset, step).map((local) => local + offset);
  return { step, ticks };
}

/** Return the digits after the point that a step needs. */
export function digits(step) {
  return Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
}
