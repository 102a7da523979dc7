import re
from dataclasses import replace

import pytest

from berth.plan import Plan
from berth.render.budget import Piece, Pieces, share, size
from berth.render.markdown import LIMIT
from berth.report import StackReport, summary
from berth.views.common import Violation
from berth.views.section import Section, Text
from tests.report.plans import EVIL, large, resource, sections, small


def sound(text: str) -> None:
    """No fold stays open, and no table row is cut."""
    assert text.startswith("<!-- berth report -->\n")
    assert size(text) <= LIMIT < 65_000
    assert text.count("<details>") == text.count("</details>")
    assert len(re.findall(r"^`{3,}\w+$", text, re.MULTILINE)) * 2 == len(re.findall(r"^`{3,}", text, re.MULTILINE))
    for line in text.splitlines():
        assert not line.startswith("|") or line.endswith("|")


def test_small_report_says_everything() -> None:
    text = summary([replace(small(), extras=sections()), small("prod")])
    sound(text)
    assert "left" not in text and "more" not in text
    for part in (
        "`dev`",
        "`prod`",
        "`no-root`",
        "**mandatory, critical**",
        "Mend it.",
        "Answers to: C: 4",
        "Outputs (4)",
        "$ 33.85 a month",
        "+ s3.Bucket",
    ):
        assert part in text
    assert "| NAT gateway | 32.85 |" in text and "| **Total** | **33.85** |" in text
    assert "components/task.py:7" in text
    assert "  ✗ ecs.TaskDefinition shop-task" in text


def test_nothing_runs_nobody_is_called_nothing_is_betrayed() -> None:
    text = summary([replace(small(), extras=sections())])
    outside = re.sub(r"(`+).*?\1", "", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    assert "<script" not in outside
    assert "@team" not in outside
    assert "hunter" not in text
    assert "Add a tag \\| or two" in text


@pytest.mark.parametrize("hits", [0, 3, 5_000])
def test_five_thousand_resources_fit(hits: int) -> None:
    text = summary([large(5_000, hits=hits), small()])
    sound(text)
    assert size(text) > LIMIT // 2
    assert re.search(r"… and [\d]+ more in the full report", text)
    # What is small is still whole.
    assert "`no-root`" in text and "Outputs (4)" in text
    if hits < 10:
        assert text.count("What to change, at length.") == hits * 10


@pytest.mark.parametrize(
    "report",
    [
        StackReport(Plan("x" * 100_000, (), {})),
        StackReport(Plan("outputs", (), {f"name{index}": "y" * 3_000 for index in range(500)})),
        StackReport(Plan("one", (resource("z" * 100_000),), {})),
        StackReport(Plan("fence", (resource("`" * 70_000),), {"`": "```\n``", "|": "|\n|"})),
        StackReport(Plan("wide", tuple(resource(f"🚢{index}" * 9) for index in range(5_000)), {})),
        StackReport(Plan("hits", (), {}), tuple(Violation("p", "r", "advisory", "w\n" * 9_000) for _ in range(100))),
        replace(small(), extras=(Section("S", [Text("<details>\n" * 9_000)], folded=True),)),
        replace(small(), extras=(Section("S", [Text("text")] * 9_000, folded=True),)),
        replace(small(), extras=(Section("S", [Text("text")], headline="h" * 90_000),)),
    ],
    ids=lambda report: report.plan.stack[:9],
)
def test_it_always_fits(report: StackReport) -> None:
    sound(summary([report]))
    sound(summary([report] * 3))


def test_hundreds_of_stacks_fit() -> None:
    sound(summary([small(f"stack-{'n' * 60}-{index}") for index in range(400)], sections=sections()))


def test_nothing_to_say_is_said() -> None:
    sound(summary([]))


def test_code_keeps_its_backticks() -> None:
    text = summary([StackReport(Plan("a", (), {"x": "`b``", "evil": EVIL}))])
    assert "``` `b`` ```" in text and f"`{EVIL}`" in text


def test_short_pieces_leave_their_share_to_long_ones() -> None:
    short, long = (Piece(["x"] * count, ["h"], ["f"], "{} left") for count in (1, 100))
    texts = share([long, short], 60)
    assert texts[1] == "h\nx\nf\n\n"
    assert sum(map(size, texts)) <= 60 and len(texts[0].splitlines()) > 15
    assert f"{100 - texts[0].count('x')} left" in texts[0]


def test_a_heading_says_what_is_left_out_in_whole() -> None:
    pieces = Pieces([Piece(["x" * 50] * 3)], "h\n", "f\n", "more elsewhere")
    assert pieces.fit(40) == "h\nmore elsewhere\n\nf\n"
    assert pieces.fit(5) == ""
