"""The report as a comment on a pull request, always short enough to be one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from berth.report.budget import Block, share, size
from berth.report.model import Section, StackReport, Table
from berth.views import gfm
from berth.views.common import MANDATORY, kind, ordered, plural, verdict
from berth.views.common import summary as counted
from berth.views.forest import forest
from berth.views.losses import warnings
from berth.views.outputs import shown

MARKER: Final = "<!-- berth report -->"
"""The first line, by which a workflow finds its own earlier comment."""
LIMIT: Final = 64_900
"""No summary has more characters; GitHub takes 65,536."""


def summary(reports: Sequence[StackReport], *, sections: Sequence[Section] = (), limit: int = LIMIT) -> str:
    """Return the comment.

    Where it would be too long, the trees are shortened first, then the sections and outputs, then the findings;
    a line says how much is left out. The table of all stacks comes before everything.
    """
    head = f"{MARKER}\n### {_mark(reports)} Berth report\n\n"
    limit -= size(head)
    # By weight: a later kind gets what the earlier ones leave, and they leave a quarter.
    kinds = [
        [_overview(reports)],
        [_losses(report) for report in reports],
        [_findings(report) for report in reports],
        [_section(extra) for extra in sections],
        [_notices(report) for report in reports],
        [_outputs(report) for report in reports],
        [_section(extra) for report in reports for extra in report.sections],
        [_resources(report) for report in reports],
    ]
    titles = [f"#### {_mark([report])} {gfm.code(report.plan.stack)}\n\n" for report in reports]
    # A stack has its title only if there is room for all of them; else the overview says what can be said.
    titled = sum(map(size, titles)) < limit // 3
    limit -= sum(map(size, titles)) if titled else 0
    texts: list[Iterator[str]] = []
    for blocks in kinds:
        written = share(blocks, limit if blocks is kinds[-1] else limit * 3 // 4)
        limit -= sum(map(size, written))
        texts.append(iter(written))
    overview, losses, findings, common, notices, outputs, own, trees = texts
    parts = [head, *overview, *common]
    for report, title in zip(reports, titles, strict=True):
        parts += [title if titled else "", next(losses), next(findings), next(notices), next(outputs)]
        parts += [next(own) for _ in report.sections]
        parts.append(next(trees))
    return "".join(parts)


def _mark(reports: Sequence[StackReport]) -> str:
    return "❌" if any(report.stops for report in reports) else "✅"


def _overview(reports: Sequence[StackReport]) -> Block:
    names = list(dict.fromkeys(extra.title for one in reports for extra in one.sections if extra.headline))
    header = ["stack", "policies", *names, "resources"]
    lines = []
    for report in reports:
        said = {extra.title: extra.headline for extra in report.sections}
        judged = f" ({plural(report.rules, 'rule')} on {plural(report.resources, 'resource')})" if report.rules else ""
        cells = [f"{_mark([report])} {gfm.code(report.plan.stack)}", f"{verdict(report.violations)}{judged}"]
        cells += [*(gfm.cell(said.get(name, "")) for name in names), counted(report.plan.resources)]
        lines.append(gfm.row(cells))
    return Block(_head(*map(gfm.cell, header)), lines, "", "| … and {} more | | |")


def _losses(report: StackReport) -> Block:
    # GitHub draws it in red.
    lines = [f"> - {gfm.cell(line)}" for line in warnings(report.losses)]
    return Block("> [!CAUTION]", lines, "", "> … and {} more lines in the full report")


def _findings(report: StackReport) -> Block:
    sources = {resource.urn: resource.source for resource in report.plan.resources}
    lines = []
    for hit in ordered(report.violations):
        source = sources.get(hit.resource)
        where = gfm.code(hit.resource.rsplit("::", 1)[-1]) + (f"<br>{gfm.code(source)}" if source else "")
        level = f"**{hit.label}**" if hit.level == MANDATORY else hit.label
        lines.append(gfm.row([level, gfm.code(hit.policy), where, gfm.cell("\n".join(hit.explanation))]))
    return Block(
        _head("level", "policy", "resource", "what to change"), lines, "", "| | | | … and {} more in the full report |"
    )


def _notices(report: StackReport) -> Block:
    lines = [f"> {notice.level}: {gfm.cell(notice.message)}\n" for notice in report.plan.notices]
    return Block("", lines, "", "> … and {} more in the full report\n")


def _outputs(report: StackReport) -> Block:
    values = report.plan.outputs
    lines = [gfm.row([gfm.code(name), gfm.code(shown(values[name]).plain)]) for name in sorted(values)]
    title = plural(len(values), "output")
    head = f"<details><summary>{title}</summary>\n\n{_head('output', 'value')}"
    return Block(head, lines, "\n</details>\n", "| … and {} more in the full report | |")


def _section(extra: Section) -> Block:
    lines = extra.markdown.splitlines() if extra.markdown is not None else _tables(extra)
    title = f"{extra.title}: {extra.headline}" if extra.headline else extra.title
    head = f"<details><summary>{gfm.plain(title)}</summary>\n"
    return Block(head, lines, "\n</details>\n", "\n… {} lines are in the full report", whole=True)


def _tables(extra: Section) -> list[str]:
    """Return a section's tables and paragraphs; drawings and markup are for the page only."""
    lines: list[str] = []
    for part in extra.parts:
        if isinstance(part, str):
            lines += [gfm.cell(part), ""]
        elif isinstance(part, Table):
            if part.caption:
                lines += [gfm.cell(part.caption), ""]
            rows = [*part.rows, *([[cell and f"**{cell}**" for cell in part.foot]] if part.foot else [])]
            lines += gfm.head([gfm.cell(cell) for cell in part.header], part.numeric)
            lines += [gfm.row(map(gfm.cell, row)) for row in rows]
            lines.append("")
    return lines[:-1]


def _resources(report: StackReport) -> Block:
    lines = list(_tree(report))
    fence = gfm.fence("\n".join(lines), 3)
    head = f"<details><summary>{counted(report.plan.resources)}</summary>\n\n{fence}text"
    return Block(head, lines, f"{fence}\n\n</details>\n", "… and {} more in the full report")


def _tree(report: StackReport) -> Iterator[str]:
    marks = {hit.resource: "! " for hit in report.violations}
    marks |= {hit.resource: "✗ " for hit in report.violations if hit.level == MANDATORY}
    children = forest(report.plan).children
    waiting = [(resource, 0) for resource in reversed(children.get(None, ()))]
    while waiting:
        resource, depth = waiting.pop()
        line = f"{'  ' * depth}{marks.get(resource.urn, '')}{kind(resource)} {resource.name}"
        yield gfm.clipped(" ".join(line.splitlines()))
        waiting += [(child, depth + 1) for child in reversed(children.get(resource.urn, ()))]


def _head(*titles: str) -> str:
    return "\n".join(gfm.head(titles))
