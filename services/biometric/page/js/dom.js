/** Elements, made of names and text: nothing that comes from the API is ever read as markup. */

const SVG = "http://www.w3.org/2000/svg";

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Return an HTML element; children are elements or text. */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** Return an SVG element. */
export function shape(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** Return the page's element with an id. */
export function find(id) {
  return document.getElementById(id);
}

/** Set text, but only a new one: whoever listens with a screen reader would hear the old one again. */
export function say(target, text) {
  if (target.textContent !== text) target.textContent = text;
}
