"""The difference as a comment on a pull request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from berth.difference.comparison import HONEST, Comparison, headline, remarks
from berth.difference.fenced import blocks
from berth.views import gfm
from berth.views.common import Violation, plural
from berth.views.losses import warnings

LIMIT: Final = 65_000
"""Characters; a comment may have 65,536, and a workflow may add a line of its own."""
_FINDINGS_SHARE: Final = 20_000
"""Characters that new findings may take, and cured ones as well; the resources take what is left."""
_RESERVE: Final = 300
"""Characters for what says how much was left out, and the closing marks."""


def markdown(comparison: Comparison, *, cost_change: str | None = None, limit: int = LIMIT) -> str:
    """Return headline, findings, price and, folded away, every change: at most ``limit`` characters.

    Whole resources are left out at the end where there are too many, and it is said how many. The first
    line is a comment that a workflow can find its own earlier comment by.

    Args:
        comparison: What is shown.
        cost_change: What the price does, as Markdown; None leaves it out.
        limit: The most characters it may have.
    """
    found = comparison.difference
    share = min(_FINDINGS_SHARE, limit // 4)
    lines = [
        f"<!-- berth diff {comparison.stack} -->",
        f"### {'❌' if comparison.stops else '✅'} {gfm.code(comparison.stack)} against "
        f"{gfm.cell(comparison.base)}: {headline(comparison)}",
        "",
        f"{HONEST}",
        "",
        *(f"> {gfm.cell(notice)}\n" for notice in comparison.notices),
    ]
    if told := warnings(comparison.losses):
        # GitHub draws it in red.
        lines += ["> [!CAUTION]", *(f"> - {gfm.cell(line)}" for line in told), ""]
    if cost_change is not None:
        lines += [f"**Price:** {cost_change}", ""]
    lines += _findings("New findings", comparison.findings.new, share)
    lines += _findings("Cured findings", comparison.findings.cured, share)
    if comparison.findings.remaining:
        lines += [f"Findings in both: {len(comparison.findings.remaining)}.", ""]
    lines += [f"{remark}\n" for remark in remarks(found)]
    head = "\n".join(lines) + "\n"
    if found.empty:
        return head + "Both programs plan the same.\n"
    changes = blocks(found)
    fence = gfm.fence("\n".join(changes), 3)
    kept, dropped = _fitting(changes, limit - len(head) - _RESERVE - 2 * len(fence))
    body = [f"<details><summary>{plural(len(changes), 'change')}</summary>", "", f"{fence}diff", *kept, fence, ""]
    if dropped:
        command = f"berth diff {comparison.stack} --base {comparison.base.partition(' ')[0]}"
        body += [f"{plural(dropped, 'more change')} left out: `{command}` shows all.", ""]
    return head + "\n".join([*body, "</details>"]) + "\n"


def _fitting(blocks: Sequence[str], room: int) -> tuple[list[str], int]:
    """Return as many whole blocks as fit, and how many do not."""
    kept: list[str] = []
    for block in blocks:
        room -= len(block) + 1
        if room < 0:
            break
        kept.append(block)
    return kept, len(blocks) - len(kept)


def _findings(title: str, findings: Sequence[Violation], share: int) -> list[str]:
    if not findings:
        return []
    rows = []
    for item in findings:
        name = item.resource.rsplit("::", 1)[-1]
        what = gfm.cell("\n".join(item.explanation))
        rows.append(gfm.row([item.label, gfm.code(item.policy), gfm.code(name), what]))
    kept, dropped = _fitting(rows, share)
    lines = [f"**{title}: {len(findings)}**", "", *gfm.head(["level", "policy", "resource", "what"])]
    lines += [*kept, ""]
    if dropped:
        lines += [f"{plural(dropped, 'more finding')} left out.", ""]
    return lines
