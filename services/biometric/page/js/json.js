/** JSON whose user ids keep all their digits: a Long has more of them than a number of JavaScript. */

/** Parse JSON; each userId becomes a string. */
export function parse(text) {
  // Within a JSON string each quotation mark has a backslash before it, so this matches keys only.
  return JSON.parse(text.replace(/"userId"\s*:\s*(\d+)/g, '"userId":"$1"'));
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * Return what somebody typed as JSON: a number digit by digit, null for nothing, and anything else as a string, so that
 * the service says what is wrong with it.
 */
export function literal(typed) {
  const text = typed.trim();
  if (text === "") return "null";
  return NUMBER.test(text) ? text : JSON.stringify(text);
}

/** Return a JSON object of keys and what was typed for each. */
export function object(fields) {
  return `{${Object.entries(fields).map(([key, typed]) => `${JSON.stringify(key)}:${literal(typed)}`).join(",")}}`;
}
