from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import pytest
from rich.console import Console

from berth.difference import Comparison, Findings, compare_findings, difference, dumps, sections
from berth.difference import comment as markdown
from berth.plan import UNKNOWN, Plan, Resource, Secret, Value
from berth.render.terminal import drawn
from berth.views.common import Violation
from tests.programs import Record

BUCKET = "aws:s3/bucket:Bucket"


def comparison(before: dict[str, Value], after: dict[str, Value], findings: Findings | None = None) -> Comparison:
    sides = []
    for inputs in (before, after):
        one = Resource(f"urn:pulumi:dev::toy::{BUCKET}::logs", BUCKET, "logs", None, inputs, source="main.py:3")
        sides.append(Plan("dev", (one,), {}))
    return Comparison("dev", "main (12345678)", difference(*sides), findings or Findings((), (), ()))


def printed(shown: Comparison, cost_change: str | None = None) -> str:
    file = io.StringIO()
    Console(file=file, width=120).print(drawn(sections(shown, cost_change=cost_change)))
    return file.getvalue()


def finding(policy: str, stack: str = "dev", message: str = "bad | <worse>") -> Violation:
    return Violation(
        policy, f"urn:pulumi:{stack}::toy::{BUCKET}::logs", "mandatory", message, "high", "Mend it.", ("CIS: 1",)
    )


def test_findings_are_compared_apart_from_the_stack_s_name() -> None:
    found = compare_findings([finding("a"), finding("b"), finding("b")], [finding("b", "prod"), finding("c", "prod")])
    assert [item.policy for item in found.new] == ["c"]
    assert [item.policy for item in found.cured] == ["a", "b"]
    assert [item.policy for item in found.remaining] == ["b"]
    assert found.stops


def test_every_view_says_how_bad_a_new_finding_is_and_how_to_mend_it() -> None:
    bad, worse = finding("a"), replace(finding("z"), severity="critical")
    found = compare_findings([], [bad, worse])
    assert [item.policy for item in found.new] == ["z", "a"], "the worst first"
    shown = comparison({}, {}, found)
    for text in (printed(shown), markdown(shown)):
        for part in ("mandatory, critical", "mandatory, high", "Mend it.", "Answers to: CIS: 1"):
            assert part in text
    (first, _) = json.loads(dumps(shown))["findings"]["new"]
    assert (first["severity"], first["remediation"], first["frameworks"]) == ("critical", "Mend it.", ["CIS: 1"])


def test_every_view_says_what_changes_and_what_it_is() -> None:
    shown = comparison({"bucket": "a", "x": 1, "u": UNKNOWN}, {"bucket": "b", "y": [2], "u": "known"})
    for text in (printed(shown), markdown(shown), dumps(shown)):
        assert "not against what is deployed" in text
        assert "bucket" in text and "main.py:3" in text
    text = printed(shown, "+$3")
    assert "+-" in text and '~ bucket: "a" → "b" (forces replacement)' in text
    assert "- x: 1" in text and "+ y: [2]" in text
    assert "~ u: known after up → " in text
    assert "Price: +$3" in text
    assert "Price" not in printed(shown)
    assert "**Price:** +$3\n" in markdown(shown, cost_change="+$3")
    assert json.loads(dumps(shown, cost_change="+$3"))["cost_change"] == "+$3"


def test_no_view_shows_a_secret() -> None:
    shown = comparison({"a": Secret("hunter2"), "b": "hunter3"}, {"a": Secret("hunter4"), "b": Secret("hunter3")})
    for text in (printed(shown), markdown(shown), dumps(shown)):
        assert "hunter" not in text
        assert "[secret]" in text
    assert "~ a: [secret] → [secret] (another secret)" in printed(shown)


def test_outputs_are_shown() -> None:
    found = difference(Plan("dev", (), {"url": "a", "gone": Secret("x")}), Plan("dev", (), {"url": "b"}))
    shown = Comparison("dev", "main", found, Findings((), (), ()))
    assert '~ url: "a" → "b"' in printed(shown)
    # A line a value: GitHub colours by the first character.
    assert '\n~ outputs\n-     gone: [secret]\n-     url: "a"\n+     url: "b"\n' in markdown(shown)
    assert [item["path"] for item in json.loads(dumps(shown))["outputs"]] == ["gone", "url"]


def test_nothing_changes() -> None:
    shown = comparison({"a": 1}, {"a": 1})
    assert "plan the same" in printed(shown)
    assert "plan the same" in markdown(shown)


def test_markdown_survives_what_stands_in_values() -> None:
    findings = Findings((finding("p"),), (), ())
    text = markdown(comparison({"a": "x"}, {"a": "````\n</details>"}, findings))
    # The comment's own fence is longer than the value's.
    assert len(re.findall("^`{5}", text, re.MULTILINE)) == 2
    assert "bad \\| &lt;worse>" in text
    assert text.startswith("<!-- berth diff dev -->\n### ❌ `dev` against main (12345678): 1 changed")


def test_one_resource_does_not_crowd_out_the_others() -> None:
    before, after = ({f"p{number:03}": f"{side}" * 300 for number in range(500)} for side in "ab")
    text = markdown(comparison(before, after))
    assert len(text) <= 65_000
    assert "p049: " in text and "… and 450 more of its properties" in text


def test_unknown_elements_of_one_list_are_one_line(fargate: Plan, record: Record) -> None:
    other = record("ecs-fargate", "  berth:network: {cidr: 10.9.0.0/16}\n")
    shown = Comparison("same", "main", difference(fargate, other), Findings((), (), ()))
    assert "subnetIds[*]: not known, may change" in printed(shown)
    assert "subnetIds[0]: not known" not in printed(shown)
    assert markdown(shown).count("vpcSecurityGroupIds[*]") == 1


@pytest.mark.parametrize("limit", [3000, 65_000])
def test_markdown_is_cut_and_says_what_is_missing(limit: int, fargate: Plan) -> None:
    many = tuple(finding(f"policy-{number}", message="x" * 300) for number in range(200))
    found = difference(Plan("dev", (), {}), fargate)
    shown = Comparison("dev", "main", found, Findings(many, many, ()))
    text = markdown(shown, limit=limit)
    assert len(text) <= limit
    assert "more: `berth diff dev --base main` shows all | | | |" in re.sub("  +", " ", text)
    assert text.rstrip().endswith("</details>")
    if limit == 3000:
        assert re.search(r"\n… and \d+ more: `berth diff", text)


def test_the_same_input_gives_the_same_text(fargate: Plan, record: Record) -> None:
    texts = set()
    for _ in range(2):
        shown = Comparison("same", "main", difference(fargate, record("eks")), Findings((), (), ()))
        texts.add((printed(shown), markdown(shown), dumps(shown)))
    assert len(texts) == 1
