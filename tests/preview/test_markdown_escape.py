"""What stands in a Plan stays text in every comment: no markup, no cell too many, and nobody is notified."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from berth.cost import candidates_view, estimate_view
from berth.cost.candidates import compare
from berth.cost.estimator import estimate
from berth.cost.usage import Usage
from berth.difference import Comparison, Findings, difference
from berth.difference import comment as diff
from berth.plan import HOST, Notice, Plan, Resource
from berth.render import markdown_escape as escape
from berth.render.markdown import body
from berth.report import StackReport, summary
from berth.views.common import Violation
from berth.views.plan_view import comment as preview
from tests.cost.support import prices

EVIL = "<b>bold</b> | @team ![x](y) &amp; `List<str>`\nsecond line"
BUCKET = Resource("urn:pulumi:dev::toy::aws:s3/bucket:Bucket::b", "aws:s3/bucket:Bucket", EVIL, None, {})
PLAN = Plan("dev", (BUCKET,), {"out": EVIL}, (Notice("warning", EVIL),))
HIT = Violation("rule", BUCKET.urn, "advisory", EVIL, "high", EVIL, (EVIL,))


def of_preview() -> str:
    return preview(PLAN, [HIT])


def of_report() -> str:
    return summary([StackReport(PLAN, [HIT])])


def of_diff() -> str:
    return diff(Comparison("dev", EVIL, difference(PLAN, PLAN), Findings((HIT,), (HIT,), ()), (EVIL,)))


def of_cost() -> str:
    # The name reaches the list of what has no price.
    result = estimate(replace(PLAN, resources=(replace(BUCKET, type="aws:rds/instance:Instance"),)), prices(), Usage())
    assert result.unpriced
    return body(estimate_view.sections([replace(result, stack=EVIL)] * 2))


def of_compare() -> str:
    host = Resource("urn:host", HOST, EVIL, None, {"berth": EVIL, "limits": [{"what": EVIL, "instead": EVIL}]})
    plan = replace(PLAN, stack=EVIL, resources=(*PLAN.resources, host))
    return body(candidates_view.sections(compare([plan], {EVIL: [HIT]}, {EVIL: prices()})))


@pytest.mark.parametrize("write", [of_preview, of_report, of_diff, of_cost, of_compare])
def test_no_text_of_a_plan_is_read_as_markup(write: object) -> None:
    text = write()  # type: ignore[operator]
    outside = re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", re.sub(r"(`{3,}).*?\1", "", text, flags=re.DOTALL))
    assert "bold" in text
    for markup in ("<b>", "@team", "![x]", " &amp; "):
        assert markup not in outside, text
    for line in text.splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line))
        assert not line.startswith("|") or (line.endswith("|") and cells > 2), line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a | b", r"a \| b"),
        ("`a<b> | c`", r"`a<b> \| c`"),
        ("ask @team or `@team`", "ask @<!-- -->team or `@team`"),
        ("``a ` <b>`` <b>", "``a ` <b>`` &lt;b>"),
        # Where no code ends, none begins.
        ("` <b>", "` &lt;b>"),
        ("`` <b> `", "`` &lt;b> `"),
        (r"\` <b> ` <i> `", r"\` &lt;b> ` &lt;i> `"),
        ("one\r\ntwo", "one<br>two"),
    ],
)
def test_only_whole_code_is_left_as_it_is(text: str, shown: str) -> None:
    assert escape.cell(text) == shown
