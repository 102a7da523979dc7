/** The token, where the API asks for one: in memory only, so it is gone when the page is. */

/**
 * Show the field, and call back with each token that is given.
 *
 * @param {HTMLFormElement} form
 * @param {(token: string) => void} use
 */
export function askForToken(form, use) {
  const field = form.elements.namedItem("token");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    // People copy it with what stands before it.
    const token = field.value.trim().replace(/^bearer\s+/i, "");
    field.value = "";
    if (token) use(token);
    else field.focus();
  });
}
