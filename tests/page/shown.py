"""The page as it is shown: what can be read from it, awaited instead of slept for."""

from __future__ import annotations

import json
from typing import Any, Final

from tests.report.browser import Browser

PATIENCE_MS: Final = 60_000
"""So long at most: what is awaited comes at once, but for a machine that does something else beside."""
# Evaluates to whether the condition came true in time.
_UNTIL: Final = """new Promise((resolve) => {
  const end = performance.now() + %d;
  (function look() {
    let met = false;
    try { met = Boolean(%s); } catch { /* not there yet */ }
    if (met || performance.now() > end) resolve(met);
    else setTimeout(look, 20);
  })();
})"""
_CELLS: Final = "[...document.querySelectorAll('#rows tr > :nth-child(%d)')].map((cell) => cell.textContent)"
# Every state that the page shows from now on, each once in a row.
_WATCH: Final = """(() => {
  const region = document.getElementById("status");
  window.states = [region.dataset.state];
  new MutationObserver(() => {
    if (window.states.at(-1) !== region.dataset.state) window.states.push(region.dataset.state);
  }).observe(region, { attributes: true });
})()"""


class Shown:
    """One page in the browser."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    def open(self, url: str, user: int | str | None = None, rows: int | None = None) -> None:
        """Open the page, with a user if one is named, and wait until it is live and has so many rows."""
        self.browser.visit(url + (f"#user={user}" if user is not None else ""))
        self.until_state("live")
        if user is not None:
            assert self.text("#selected-user") == f"User {user}"
        if rows is not None:
            self.until_rows(rows)

    def until(self, condition: str, milliseconds: int = PATIENCE_MS) -> None:
        """Wait until an expression is true in the page."""
        if not self.browser.run(_UNTIL % (milliseconds, condition)):
            seen = self.browser.run("document.body.innerText")
            raise AssertionError(f"never: {condition}\n{seen}")

    def until_state(self, state: str, milliseconds: int = PATIENCE_MS) -> None:
        """Wait until the connection has a state."""
        self.until(f"document.getElementById('status').dataset.state === {json.dumps(state)}", milliseconds)

    def until_rows(self, count: int) -> None:
        """Wait until the table has so many records."""
        self.until(f"document.querySelectorAll('#rows th').length === {count}")

    def until_column(self, number: int, values: list[str]) -> None:
        """Wait until a column of the table has these values: the table is drawn a frame after its heading."""
        self.until(f"{_CELLS % number}.join() === {json.dumps(','.join(values))}")

    def text(self, selector: str) -> str:
        """Return an element's text."""
        return str(self.browser.run(f"document.querySelector({json.dumps(selector)}).textContent"))

    def column(self, number: int) -> list[str]:
        """Return a column of the table, the newest record first."""
        return list(self.browser.run(_CELLS % number))

    def points(self, figure: str) -> int:
        """Return how many records a chart shows."""
        return int(self.browser.run(f"Number(document.getElementById('{figure}').dataset.points)"))

    def fill(self, **fields: str) -> None:
        """Write into the form's fields as a person does."""
        for name, value in fields.items():
            self.browser.run(f"document.querySelector('#form [name={name}]').select()")
            self.browser.call("Input.insertText", text=value) if value else self.browser.call(
                "Input.dispatchKeyEvent", type="keyDown", key="Delete", windowsVirtualKeyCode=46
            )

    def send(self) -> None:
        """Press the form's button."""
        self.browser.run("document.querySelector('#form button').click()")

    def watch_states(self) -> None:
        """Note every state from now on."""
        self.browser.run(_WATCH)

    def states(self) -> list[str]:
        """Return the states since then."""
        return list(self.browser.run("window.states"))

    def focused(self) -> Any:
        """Return what has the focus: its id, or its text."""
        return self.browser.run("document.activeElement.id || document.activeElement.textContent.trim()")
