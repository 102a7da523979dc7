"""The page as a reader has it: in Chromium, with keyboard, on a phone, in the dark and on paper."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from berth.report import write
from berth.views.section import Picture, Section
from tests.report.browser import Browser
from tests.report.plans import SVG, large, sections, small

pytestmark = pytest.mark.browser

SEEN = "(element => element.checkVisibility())"
# Names of the resources that are seen in the stack that is shown.
NAMES = f"[...document.querySelectorAll('.panel:not([hidden]) .node > details > summary .name')].filter({SEEN})\
.map(element => element.textContent)"
STATUS = "document.querySelector('.panel:not([hidden]) .matches').textContent"
# What of the background and text colours that a reader meets is below the contrast that WCAG AA asks for.
CONTRAST = """(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => part / 255)
      .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const back = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const bad = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const element = text.parentElement;
    if (!text.data.trim() || element.tagName === "SCRIPT" || !element.checkVisibility()) continue;
    const [one, two] = [light(rgba(getComputedStyle(element).color)), light(back(element))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) bad.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...bad];
})()"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    reports = [replace(small(name), extras=sections()) for name in ("dev", "stage", "prod")]
    return write(reports, tmp_path_factory.mktemp("report"), sections=sections())[0]


@pytest.fixture
def shown(browser: Browser, report: Path) -> Browser:
    browser.look()
    browser.open(report)
    return browser


def unfolded(browser: Browser) -> Any:
    return browser.run("document.querySelectorAll('.panel:not([hidden]) .node details[open]').length")


def test_nothing_is_complained_of_and_nothing_is_asked_for(shown: Browser) -> None:
    shown.press("/")
    shown.type("shop")
    assert shown.complaints == []
    assert all(url.startswith(("file:", "data:image/svg")) for url in shown.requests)
    # The resource that is called like a script did not run.
    assert shown.run("document.title") == "Berth report"


def test_a_forgotten_escape_would_not_run_either(browser: Browser, report: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil.html"
    markup = report.read_text().replace("<h1>", "<script>document.title='ran'</script><h1>", 1)
    evil.write_text(markup)
    browser.open(evil)
    assert browser.run("document.title") == "Berth report"
    assert any("Content Security Policy" in text for text in browser.complaints)


def test_every_stack_shows_its_tree_and_drawing(shown: Browser) -> None:
    for name in ("dev", "stage", "prod"):
        shown.run(f"document.getElementById('stack-{name}-tab').click()")
        assert shown.run("document.querySelectorAll('.panel:not([hidden])').length") == 1
        assert shown.run("document.querySelector('.panel:not([hidden]) h2').textContent") == name
        assert shown.run("location.hash") == f"#stack-{name}"
        assert "shop" in shown.run(NAMES)
        assert shown.run(
            f"[...document.querySelectorAll('.panel:not([hidden]) img')].filter({SEEN}).map(i => i.naturalWidth)"
        ) == [300]


def test_stacks_are_chosen_with_the_arrows(shown: Browser) -> None:
    shown.run("document.querySelector('[role=tab]').focus()")
    for key, name in (("ArrowRight", "stage"), ("End", "prod"), ("ArrowRight", "dev"), ("ArrowLeft", "prod")):
        shown.press(key)
        assert shown.run("document.activeElement.id") == f"stack-{name}-tab"
        assert shown.run("document.querySelector('[aria-selected=true]').id") == f"stack-{name}-tab"


def test_search_filters_opens_counts_and_gives_back(shown: Browser) -> None:
    before = shown.run(NAMES), unfolded(shown)
    shown.press("/")
    assert shown.run("document.activeElement.type") == "search"
    # By an input, which is unfolded; with it the rooms it is in.
    shown.type("10.0.2.0")
    assert shown.run(NAMES) == ["shop", "shop-net", "shop-net-b"]
    assert shown.run(STATUS) == "1 of 6 resources"
    assert shown.run("document.querySelector('.hit pre').checkVisibility()") is True
    shown.press("Escape")
    assert (shown.run(NAMES), unfolded(shown)) == before
    assert shown.run(STATUS) == "6 resources"
    # By several words of type and name; inputs stay folded.
    shown.type("NET subnet")
    assert shown.run(NAMES) == ["shop", "shop-net", "shop-net-a", "shop-net-b"]
    assert shown.run("[...document.querySelectorAll('.hit pre')].some(pre => pre.checkVisibility())") is False
    shown.press("Enter")
    assert shown.run("document.activeElement.querySelector('.name').textContent") == "shop-net-a"
    shown.press("Enter")
    assert shown.run("document.querySelector('.hit pre').checkVisibility()") is True
    shown.press("Escape")
    assert (shown.run(NAMES), unfolded(shown)) == before


def test_search_for_nothing_there(shown: Browser) -> None:
    shown.type("/zzz")
    assert shown.run(NAMES) == []
    assert shown.run(STATUS) == "0 of 6 resources"


def test_folding(shown: Browser) -> None:
    click = "document.querySelector('.panel:not([hidden]) [data-do={}]').click()"
    shown.run(click.format("open"))
    assert len(shown.run(NAMES)) == 6
    shown.run(click.format("close"))
    assert unfolded(shown) == 0
    assert len(shown.run(NAMES)) == 2


def test_a_finding_leads_to_its_resource(shown: Browser) -> None:
    shown.type("/zzz")
    shown.run("document.querySelector('.findings a').click()")
    # The link's event comes after the click.
    shown.run("new Promise(done => setTimeout(done, 100))")
    assert shown.run("document.activeElement.querySelector('.name').textContent") == "shop-task"
    assert shown.run("document.activeElement.checkVisibility()") is True
    assert shown.run("document.querySelector('[type=search]').value") == ""


def test_a_link_from_elsewhere_opens_its_stack(browser: Browser, report: Path) -> None:
    browser.open(report, "#stack-prod-r4")
    assert browser.run("document.querySelector('.panel:not([hidden])').id") == "stack-prod"
    assert browser.run("document.activeElement.querySelector('.name').textContent") == "shop-net-b"
    assert browser.run("document.activeElement.getBoundingClientRect().top > 0") is True


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_can_be_read(browser: Browser, report: Path, dark: bool) -> None:
    browser.look(dark=dark)
    browser.open(report)
    browser.run("document.querySelectorAll('details').forEach(details => { details.open = true; })")
    shade = browser.run("getComputedStyle(document.body).backgroundColor")
    assert (shade == "rgb(14, 19, 25)" or not dark) and browser.run(CONTRAST) == []
    browser.type("/shop")
    assert browser.run(CONTRAST) == []


def test_the_search_stays_at_the_top(shown: Browser) -> None:
    top = "document.querySelector('.panel:not([hidden]) [type=search]').getBoundingClientRect().top"
    shown.press("/")
    before = shown.run(top)
    assert 0 <= before < 200
    shown.type("zzz")
    assert shown.run(top) == before


def test_a_wide_drawing_can_be_seen_in_full_size(browser: Browser, tmp_path: Path) -> None:
    wide = Section("Wide", (Picture(SVG, "Narrow"), Picture(SVG.replace('"300"', '"3000"'), "Wide")), anchor="wide")
    browser.look()
    browser.open(write([replace(small(), extras=[wide])], tmp_path)[0])
    buttons = "[...document.querySelectorAll('[data-do=size]')]"
    assert browser.run(f"{buttons}.map({SEEN})") == [False, True]
    widths = "[...document.querySelectorAll('img')].map(image => image.clientWidth)"
    assert max(browser.run(widths)) < 1280
    browser.run(f"{buttons}[1].click()")
    assert browser.run(widths) == [300, 3000]
    assert browser.run(f"{buttons}[1].ariaPressed") == "true"
    assert browser.run("document.documentElement.scrollWidth") == 1280


@pytest.mark.parametrize("width", [320, 400, 768])
def test_a_phone_scrolls_only_down(browser: Browser, report: Path, width: int) -> None:
    browser.look(width, 800)
    browser.open(report)
    browser.run("document.querySelectorAll('details').forEach(details => { details.open = true; })")
    assert browser.run("document.documentElement.scrollWidth") == width


def test_focus_is_seen_on_whatever_has_it(shown: Browser) -> None:
    seen = 0
    for _ in range(25):
        shown.press("Tab")
        if shown.run("document.activeElement !== document.body"):
            assert shown.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            seen += 1
    assert seen > 15


def test_paper_has_every_stack_and_no_tools(browser: Browser, report: Path) -> None:
    browser.look(media="print")
    browser.open(report)
    assert browser.run(f"[...document.querySelectorAll('h2')].filter({SEEN}).length") == 3
    assert browser.run(f"[...document.querySelectorAll('.tools, button')].filter({SEEN}).length") == 0


def test_without_its_script_the_page_shows_everything(browser: Browser, report: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.html"
    plain.write_text(report.read_text().replace('"use strict";', '"other";', 1))
    browser.look()
    browser.open(plain)
    assert browser.run(f"[...document.querySelectorAll('h2')].filter({SEEN}).length") == 3
    assert browser.run(f"[...document.querySelectorAll('.tools, button')].filter({SEEN}).length") == 0


def test_five_thousand_resources_are_searched_at_once(browser: Browser, tmp_path: Path) -> None:
    browser.open(write([large(5_000)], tmp_path)[0])
    browser.type("/4999")
    assert browser.run(STATUS) == "1 of 5001 resources"
    again = """(() => {
      const field = document.querySelector("[type=search]"), start = performance.now();
      field.value = "resource";
      field.dispatchEvent(new Event("input"));
      return performance.now() - start;
    })()"""
    # A few milliseconds in truth; the bound is for a machine that does something else beside.
    assert browser.run(again) < 2_000
    assert browser.complaints == []
