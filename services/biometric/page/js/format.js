/** How values are written. Times are local, and of one form wherever the reader lives. */

import { DAY } from "./scales.js";

const NOTHING = "–";
const two = (number) => String(number).padStart(2, "0");

/** Return 2026-03-01. */
export function date(ms) {
  const at = new Date(ms);
  return `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Return 14:02:11. */
export function time(ms) {
  const at = new Date(ms);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** Return the label of a tick: as much of a moment as its axis's step asks for. */
export function tick(ms, step) {
  if (step >= DAY) return date(ms);
  return step >= 60_000 ? time(ms).slice(0, 5) : time(ms);
}

/** Return from when to when, with the second date only where it is another. */
export function span(start, end) {
  const until = date(start) === date(end) ? time(end) : `${date(end)} ${time(end)}`;
  return start === end ? `${date(start)} ${time(start)}` : `${date(start)} ${time(start)} – ${until}`;
}

/** Return a number with so many digits after the point at most, an en dash for none. */
export function number(value, most = 0) {
  return value === null ? NOTHING : String(Number(value.toFixed(most)) || 0); // without the sign of a zero
}

/** Return a number with exactly so many digits after the point, so that a column of them is even. */
export function fixed(value, count) {
  return value === null ? NOTHING : value.toFixed(count);
}
