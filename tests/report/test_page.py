import base64
import hashlib
import re
import time
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from berth.plan import UNKNOWN, Plan, Secret
from berth.render.html_values import pretty
from berth.report import StackReport, page, write
from berth.views.section import Section
from tests.report.plans import EVIL, SVG, large, sections, small

# Elements without an end.
VOID = {"meta", "link", "img", "input", "br"}


class Reader(HTMLParser):
    """Reads the page strictly: every element ends, every id is there once."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def values(self, attribute: str) -> list[str]:
        return [found for _, attrs in self.elements if (found := attrs.get(attribute))]


def full() -> str:
    return page([replace(small(), extras=sections()), small("prod")], sections=sections())


def test_markup_is_well_formed_and_its_links_lead_somewhere() -> None:
    reader = Reader(full())
    ids = Counter(reader.values("id"))
    assert max(ids.values()) == 1
    inner = [link[1:] for link in reader.values("href") if link.startswith("#")]
    for name in ("for", "aria-labelledby", "aria-describedby", "data-tab"):
        inner += reader.values(name)
    assert inner and set(inner) <= set(ids)


def test_page_asks_nobody_for_anything() -> None:
    reader = Reader(full())
    for attribute in ("src", "srcset", "href", "action", "data", "poster"):
        assert all(value.startswith(("#", "data:")) for value in reader.values(attribute))
    assert "@import" not in full() and "url(" not in full()
    (policy,) = [attrs["content"] for _, attrs in reader.elements if "http-equiv" in attrs]
    assert policy and policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    assert "img-src data:" in policy


def test_only_the_pages_own_script_may_run() -> None:
    markup = full()
    (script,) = re.findall(r"<script>(.*?)</script>", markup, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in markup


def test_nothing_of_a_plan_becomes_markup() -> None:
    evil = replace(small().plan, stack=EVIL)
    markup = page([replace(small(), plan=evil, extras=sections())], title=EVIL)
    assert EVIL not in markup
    assert markup.count("<script") == 1
    assert "&lt;script&gt;" in markup
    Reader(markup)


def test_a_dollar_is_only_a_dollar() -> None:
    assert "$style ${script}" in page([small("$style ${script}")], title="$title")


def test_secrets_stay_secret_and_unknowns_are_said() -> None:
    markup = full()
    assert "hunter" not in markup
    assert "[secret]" in markup and "known after up" in markup


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [1.0, 2.5, True, None]}, "a:\n  - 1\n  - 2.5\n  - true\n  - null\nb: 1"),
        ({"s": ["1", "true", "", " x", "plain: text"]}, 's:\n  - "1"\n  - "true"\n  - ""\n  - " x"\n  - plain: text'),
        ([{"a": 1, "b": {"c": 2}}, [], {}], "- a: 1\n  b:\n    c: 2\n- []\n- {}"),
        ({"json": '{"a": [1]}', "no": "{x"}, "json: JSON text:\n  a:\n    - 1\nno: {x"),
        ({"text": "one\n  two"}, "text: text:\n  one\n    two"),
        ([Secret({"a": 1}), UNKNOWN, Secret(UNKNOWN)], "- [secret]\n- known after up\n- [secret]"),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_values_are_readable(value: object, text: str) -> None:
    shown = re.sub(r"<[^>]+>", "", pretty(value)).replace("&quot;", '"')
    assert shown == text


def test_every_resource_is_in_the_tree_once() -> None:
    report = small()
    reader = Reader(page([report]))
    nodes = [attrs for tag, attrs in reader.elements if tag == "li" and attrs.get("class") == "node"]
    assert Counter(node["data-type"] for node in nodes) == Counter(one.type for one in report.plan.resources)


def test_a_section_that_is_not_given_leaves_no_trace() -> None:
    without = page([small()])
    assert "Price" not in without and "Diagram" not in without and "figure>" not in without
    full_page = page([replace(small(), extras=sections())])
    assert "$ 33.85 a month" in full_page and "<summary>1 created</summary>" in full_page
    assert base64.b64encode(SVG.encode()).decode() in full_page and SVG not in full_page


def test_stacks_of_one_name_keep_apart() -> None:
    Reader(page([small("a.b"), small("a-b"), small("a.b")]))


def test_nothing_to_show_is_a_page_too() -> None:
    Reader(page([]))
    Reader(page([StackReport(Plan("empty", (), {}), extras=(Section("X", anchor="x"),))]))


def test_same_input_same_bytes(tmp_path: Path) -> None:
    report = small()
    turned = replace(report.plan, outputs=dict(sorted(report.plan.outputs.items(), reverse=True)))
    first = write([report], tmp_path / "a" / "b")
    second = write([replace(report, plan=turned, violations=report.violations[::-1])], tmp_path / "c")
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]
    assert [file.name for file in first] == ["index.html", "summary.md"]


def test_three_large_stacks_take_no_time() -> None:
    reports = [large(300, name) for name in ("a", "b", "c")]
    start = time.process_time()
    page(reports)
    assert time.process_time() - start < 1
