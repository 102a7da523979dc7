"""The page for everybody: by keyboard, with a screen reader, in the dark, on a phone, without motion."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.page.processes import Service, page_for, record, served
from tests.page.shown import Shown
from tests.report.browser import Browser

pytestmark = pytest.mark.browser

NOW = int(time.time() * 1000)
VIOLATIONS = """axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`))"""
LOOKS = {"light": (1280, 900), "dark": (1280, 900), "phone": (360, 780), "dark phone": (360, 780)}


@pytest.fixture(scope="module")
def empty(need_uv: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page whose API has no record."""
    with served(tmp_path_factory.mktemp("empty")) as (_, page):
        yield page


@pytest.fixture(scope="module")
def walked(both: tuple[Service, str]) -> int:
    """A user with a walk and a pause in it."""
    service, _ = both
    stops = [NOW - 3_000 * at for at in range(40, 0, -1) if not 10 < at < 20]
    service.post(
        record(202004285, NOW - 10**10),
        *(record(202004285, stop, heartRate2=60 + stop % 40, lattitude=45 + (stop - NOW) / 1e8) for stop in stops),
    )
    return 202004285


def judge(shown: Shown, axe: str) -> Any:
    shown.browser.run(axe)
    return shown.browser.run(VIOLATIONS)


@pytest.mark.parametrize("name", LOOKS)
def test_axe_finds_nothing_with_records(browser: Browser, page: str, walked: int, axe: str, name: str) -> None:
    browser.look(*LOOKS[name], dark="dark" in name)
    shown = Shown(browser)
    shown.open(page, walked, rows=20)
    assert judge(shown, axe) == []
    # With everything that the form can say.
    shown.fill(userId="", heartRate2="high")
    shown.send()
    shown.until("document.querySelectorAll('[aria-invalid=true]').length === 2")
    assert judge(shown, axe) == []
    shown.fill(userId=str(walked + 1), heartRate2="70")
    shown.send()
    shown.until("document.getElementById('form-result').textContent !== ''")
    assert judge(shown, axe) == []


@pytest.mark.parametrize("name", LOOKS)
def test_axe_finds_nothing_without_records(browser: Browser, empty: str, axe: str, name: str) -> None:
    browser.look(*LOOKS[name], dark="dark" in name)
    shown = Shown(browser)
    shown.open(empty)
    assert shown.text("#no-users") == "No records yet."
    assert judge(shown, axe) == []
    # Nor with a user who has none.
    shown.open(empty, 1)
    assert judge(shown, axe) == []


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing_without_the_api(browser: Browser, axe: str, dark: bool) -> None:
    browser.look(dark=dark)
    shown = Shown(browser)
    with page_for("http://127.0.0.1:9") as page:
        browser.visit(page)
        shown.until_state("lost")
        assert judge(shown, axe) == []
    with page_for("http://127.0.0.1:9", "--authorization", "bearer") as page:
        browser.visit(page)
        shown.until("document.getElementById('token').checkVisibility()")
        assert judge(shown, axe) == []


def test_axe_would_find_something(shown: Shown, page: str, walked: int, axe: str) -> None:
    shown.open(page, walked)
    shown.browser.run("document.querySelector('label[for=heartRate2]').remove()")
    shown.browser.run("document.getElementById('status').style.color = 'silver'")
    found = " ".join(judge(shown, axe))
    assert "label: #heartRate2" in found and "color-contrast: " in found


@pytest.mark.parametrize("width", [320, 360, 768])
def test_a_phone_scrolls_only_down(browser: Browser, page: str, walked: int, width: int) -> None:
    browser.look(width, 780)
    shown = Shown(browser)
    shown.open(page, walked, rows=20)
    shown.fill(userId="", heartRate2="high")
    shown.send()
    shown.until("document.querySelectorAll('[aria-invalid=true]').length === 2")
    assert browser.run("document.documentElement.scrollWidth") == width
    if width >= 360:  # the whole table is seen, too
        hidden = "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.scroll'))"
        assert browser.run(hidden) == 0
    # The charts are drawn for this width: their texts are not scaled down.
    right = "Math.max(...[...document.querySelectorAll('svg')].map((svg) => svg.getBoundingClientRect().right))"
    assert browser.run(right) < width
    assert browser.run("getComputedStyle(document.querySelector('.axis text')).fontSize") == "12px"


def test_everything_can_be_done_by_keyboard(shown: Shown, service: Service, page: str) -> None:
    service.post(record(41, NOW, heartRate2=71), record(42, NOW, heartRate2=72))
    shown.open(page, 41)
    shown.until("document.querySelector('[data-user=\"42\"]')")
    browser = shown.browser
    # Past the list at once, to what was measured.
    browser.press("Tab")
    assert shown.focused() == "Skip to the records"
    assert browser.run("document.activeElement.getBoundingClientRect().left") >= 0
    browser.press("Enter")
    shown.until("document.activeElement.id === 'data'")
    # In the list the arrows move and Enter chooses; the whole list is one stop.
    shown.open(page, 41)
    shown.until("document.querySelector('[data-user=\"42\"]')")
    browser.type(["Tab", "Tab", "Tab"])
    assert browser.run("document.activeElement.dataset.user") == "41"
    browser.press("ArrowDown")
    assert browser.run("document.activeElement.dataset.user") == "42"
    assert shown.text("#selected-user") == "User 41"
    browser.press("Enter")
    assert shown.text("#selected-user") == "User 42"
    browser.press("Home")
    first = browser.run("document.activeElement.dataset.user")
    assert first == browser.run("document.querySelector('[role=option]').dataset.user")
    browser.press("End")
    assert browser.run("document.activeElement === document.querySelector('[role=option]:last-child')") is True
    # The focus stays where it is when the list is refreshed.
    service.post(record(40, NOW, heartRate2=70))
    shown.until("document.querySelector('[data-user=\"40\"]')")
    assert browser.run("document.activeElement === document.querySelector('[role=option]:last-child')") is True
    # On to the table and the form, which is filled and sent.
    browser.press("Tab")
    assert browser.run("document.activeElement.className") == "scroll"
    browser.press("Tab")
    assert shown.focused() == "userId"
    browser.type([*"42", "Tab", *"99", "Tab", *"2"])
    browser.press("Enter")
    shown.until_rows(2)
    assert shown.column(2) == ["99", "72"]
    assert shown.focused() == "speed-field"


def test_every_stop_shows_its_focus(shown: Shown, page: str, walked: int) -> None:
    shown.open(page, walked)
    shown.until("!document.getElementById('range').hidden")
    stops = []
    for _ in range(20):
        shown.browser.press("Tab")
        if shown.browser.run("document.activeElement === document.body"):
            break
        outline = shown.browser.run("getComputedStyle(document.activeElement).outline")
        assert outline.endswith("solid 3px"), shown.focused()
        stops.append(shown.focused())
    assert len(stops) == 11, stops
    fields = {"userId", "heartRate2", "speed-field", "lattitude", "longitude"}
    assert {"range-stretch", "Post record"} | fields <= set(stops)


def test_the_state_is_said_once_and_not_every_second(shown: Shown) -> None:
    with page_for("http://127.0.0.1:9") as page:
        shown.browser.visit(page)
        shown.until_state("lost")
        shown.until("document.querySelector('#status [aria-hidden]').textContent.includes('retrying')")
        spoken = shown.browser.run(
            """(async () => {
              let spoken = 0;
              const heard = (changes) => changes.forEach(({ target }) => {
                const element = target.nodeType === 1 ? target : target.parentElement;
                if (!element.closest('[aria-hidden]')) spoken += 1;
              });
              const options = { childList: true, characterData: true, subtree: true };
              new MutationObserver(heard).observe(document.getElementById('status'), options);
              await new Promise((resolve) => setTimeout(resolve, 3000));
              return spoken;
            })()"""
        )
        assert shown.browser.run("document.getElementById('status').role") == "status"
        assert spoken == 0


def test_motion_is_for_those_who_want_it(shown: Shown, page: str, walked: int) -> None:
    shown.open(page, walked)
    for motion, moves in (("no-preference", True), ("reduce", False)):
        features = [{"name": "prefers-reduced-motion", "value": motion}]
        shown.browser.call("Emulation.setEmulatedMedia", features=features)
        assert shown.browser.run("document.getAnimations().length > 0") is moves


def test_markup_from_elsewhere_is_refused_by_the_browser(shown: Shown, page: str, walked: int) -> None:
    shown.open(page, walked)
    for markup in ("document.body.innerHTML = '<b>'", "document.body.setAttribute('onclick', 'window.ran = true')"):
        said = shown.browser.run(f"(() => {{ try {{ {markup}; }} catch (error) {{ return error.name; }} }})()")
        assert said == "TypeError"
    shown.browser.run(
        """(() => {
          const made = document.createElement('style');
          made.textContent = 'body { color: red }';
          document.head.append(made);
        })()"""
    )
    assert shown.browser.run("getComputedStyle(document.body).color") != "rgb(255, 0, 0)"
    assert any("Content Security Policy" in text for text in shown.browser.complaints)
