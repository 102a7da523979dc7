import re
from dataclasses import replace

import pytest

from berth.plan import Plan
from berth.report import LIMIT, MARKER, Section, StackReport, summary
from berth.report.budget import Block, share, size
from berth.views.common import Violation
from tests.report.plans import EVIL, large, resource, sections, small


def sound(text: str) -> None:
    """No fold stays open, and no table row is cut."""
    assert text.startswith(MARKER + "\n")
    assert size(text) <= LIMIT < 65_000
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```text\n") * 2 == len(re.findall(r"^`{3,}", text, re.MULTILINE))
    for line in text.splitlines():
        assert not line.startswith("|") or line.endswith("|")


def test_small_report_says_everything() -> None:
    text = summary([replace(small(), sections=sections()), small("prod")])
    sound(text)
    assert "left" not in text and "more" not in text
    for part in (
        "`dev`",
        "`prod`",
        "`no-root`",
        "**mandatory, critical**",
        "Mend it.",
        "Answers to: C: 4",
        "4 outputs",
        "$ 33.85 a month",
        "**Two** created",
    ):
        assert part in text
    assert "| NAT gateway | 32.85 |" in text and "| **Total** | **33.85** |" in text
    assert "components/task.py:7" in text
    assert "  ✗ ecs.TaskDefinition shop-task" in text


def test_nothing_runs_nobody_is_called_nothing_is_betrayed() -> None:
    text = summary([replace(small(), sections=sections())])
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
    assert "`no-root`" in text and "4 outputs" in text
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
        replace(small(), sections=(Section("s", "S", "text", markdown="<details>\n" * 9_000),)),
        replace(small(), sections=(Section("s", "S", "text", headline="h" * 90_000),)),
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


def test_short_blocks_leave_their_share_to_long_ones() -> None:
    short, long = (Block("h", ["x"] * count, "f", "{} left") for count in (1, 100))
    texts = share([long, short], 60)
    assert texts[1] == "h\nx\nf\n"
    assert sum(map(size, texts)) <= 60 and len(texts[0].splitlines()) > 15
    assert f"{100 - texts[0].count('x')} left" in texts[0]


def test_what_cannot_be_cut_is_not_cut() -> None:
    block = Block("h", ["x" * 50] * 3, "f", "{} left", whole=True)
    assert block.fit(100) == "h\n3 left\nf\n"
    assert block.fit(5) == ""
