"""The report as a comment on a pull request, always short enough to be one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from berth.report.budget import Block, share, size
from berth.report.forest import forest
from berth.report.model import Section, StackReport, Table
from berth.views.common import MANDATORY, kind, ordered, plural, verdict
from berth.views.common import summary as counted
from berth.views.outputs import shown

MARKER: Final = "<!-- berth report -->"
"""The first line, by which a workflow finds its own earlier comment."""
LIMIT: Final = 64_900
"""No summary has more characters; GitHub takes 65,536."""

# A cell longer than this is read in the page.
_CELL: Final = 1_000


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
        [_findings(report) for report in reports],
        [_section(extra) for extra in sections],
        [_notices(report) for report in reports],
        [_outputs(report) for report in reports],
        [_section(extra) for report in reports for extra in report.sections],
        [_resources(report) for report in reports],
    ]
    titles = [f"#### {_mark([report])} {_code(report.plan.stack)}\n\n" for report in reports]
    # A stack has its title only if there is room for all of them; else the overview says what can be said.
    titled = sum(map(size, titles)) < limit // 3
    limit -= sum(map(size, titles)) if titled else 0
    texts: list[Iterator[str]] = []
    for blocks in kinds:
        written = share(blocks, limit if blocks is kinds[-1] else limit * 3 // 4)
        limit -= sum(map(size, written))
        texts.append(iter(written))
    overview, findings, common, notices, outputs, own, trees = texts
    parts = [head, *overview, *common]
    for report, title in zip(reports, titles, strict=True):
        parts += [title if titled else "", next(findings), next(notices), next(outputs)]
        parts += [next(own) for _ in report.sections]
        parts.append(next(trees))
    return "".join(parts)


def _mark(reports: Sequence[StackReport]) -> str:
    return "❌" if any(report.mandatory for report in reports) else "✅"


def _overview(reports: Sequence[StackReport]) -> Block:
    names = list(dict.fromkeys(extra.title for one in reports for extra in one.sections if extra.headline))
    header = ["stack", "policies", "resources", *names]
    lines = [_row(["---"] * len(header))]
    for report in reports:
        said = {extra.title: extra.headline for extra in report.sections}
        judged = f" ({plural(report.rules, 'rule')} on {plural(report.resources, 'resource')})" if report.rules else ""
        cells = [f"{_mark([report])} {_code(report.plan.stack)}", f"{verdict(report.violations)}{judged}"]
        cells += [counted(report.plan.resources), *(_cell(said.get(name, "")) for name in names)]
        lines.append(_row(cells))
    return Block(_row([_cell(name) for name in header]), lines, "", "| … and {} more | | |")


def _findings(report: StackReport) -> Block:
    sources = {resource.urn: resource.source for resource in report.plan.resources}
    lines = []
    for hit in ordered(report.violations):
        source = sources.get(hit.resource)
        where = _code(hit.resource.rsplit("::", 1)[-1]) + (f"<br>{_code(source)}" if source else "")
        level = f"**{hit.level}**" if hit.level == MANDATORY else hit.level
        lines.append(_row([level, _code(hit.policy), where, _cell(hit.message)]))
    header = f"{_row(['level', 'policy', 'resource', 'what to change'])}\n{_row(['---'] * 4)}"
    return Block(header, lines, "", "| | | | … and {} more in the full report |")


def _notices(report: StackReport) -> Block:
    lines = [f"> {notice.level}: {_cell(notice.message)}\n" for notice in report.plan.notices]
    return Block("", lines, "", "> … and {} more in the full report\n")


def _outputs(report: StackReport) -> Block:
    values = report.plan.outputs
    lines = [_row([_code(name), _code(shown(values[name]).plain)]) for name in sorted(values)]
    title = plural(len(values), "output")
    head = f"<details><summary>{title}</summary>\n\n{_row(['output', 'value'])}\n{_row(['---'] * 2)}"
    return Block(head, lines, "\n</details>\n", "| … and {} more in the full report | |")


def _section(extra: Section) -> Block:
    lines = extra.markdown.splitlines() if extra.markdown is not None else _tables(extra)
    title = f"{extra.title}: {extra.headline}" if extra.headline else extra.title
    head = f"<details><summary>{_cell(title)}</summary>\n"
    return Block(head, lines, "\n</details>\n", "\n… {} lines are in the full report", whole=True)


def _tables(extra: Section) -> list[str]:
    """Return a section's tables and paragraphs; drawings and markup are for the page only."""
    lines: list[str] = []
    for part in extra.parts:
        if isinstance(part, str):
            lines += [_cell(part), ""]
        elif isinstance(part, Table):
            if part.caption:
                lines += [_cell(part.caption), ""]
            rows = [*part.rows, *([[cell and f"**{cell}**" for cell in part.foot]] if part.foot else [])]
            rule = ["---:" if column in part.numeric else "---" for column in range(len(part.header))]
            lines += [_row([_cell(cell) for cell in part.header]), _row(rule)]
            lines += [_row([_cell(cell) for cell in row]) for row in rows]
            lines.append("")
    return lines[:-1]


def _resources(report: StackReport) -> Block:
    lines = list(_tree(report))
    fence = _fence("\n".join(lines), 3)
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
        yield _clipped(" ".join(line.splitlines()))
        waiting += [(child, depth + 1) for child in reversed(children.get(resource.urn, ()))]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _clipped(text: str) -> str:
    return text if len(text) <= _CELL else f"{text[:_CELL]} …"


def _fence(text: str, least: int) -> str:
    """Return backticks that nothing in ``text`` can end."""
    return "`" * max(least, 1 + max(map(len, re.findall("`+", text)), default=0))


def _code(text: str) -> str:
    """Return a text as code inside a table's cell."""
    text = _clipped(" ".join(text.split("\n"))).replace("|", "\\|")
    fence = _fence(text, 1)
    pad = " " if text[:1] in ("`", "") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _cell(text: str) -> str:
    """Keep a text inside its cell, its markup from being taken for the comment's, and people from being notified."""
    text = _clipped(text).replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return "<br>".join(text.splitlines()).replace("@", "@<!-- -->").replace("![", "!\\[")
