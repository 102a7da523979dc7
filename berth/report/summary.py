"""The report as a comment on a pull request, always short enough to be one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from berth.render import markdown_escape as escape
from berth.render.budget import size
from berth.render.markdown import LIMIT, comment, mark
from berth.report.stack_report import StackReport
from berth.views.section import Line, Section, Span, Table

_REST: Final = " in the full report"


def summary(reports: Sequence[StackReport], *, sections: Sequence[Section] = (), limit: int = LIMIT) -> str:
    """Return the comment: the table of all stacks, what belongs to none of them, then each stack.

    Where it would be too long, the trees are shortened first, then the sections and outputs, then the findings;
    a line says how much is left out.
    """
    titles = [f"#### {mark(not one.stops)} {escape.code(one.plan.stack)}\n\n" for one in reports]
    # A stack has its title only if there is room for all of them; else the overview says what can be said.
    titled = sum(map(size, titles)) < limit // 3
    parts: list[Section | str] = [_overview(reports), *sections]
    for report, title in zip(reports, titles, strict=True):
        parts += [title if titled else "", *report.sections]
    passed = not any(report.stops for report in reports)
    return comment("report", passed, "Berth report", parts, limit=limit, rest=_REST)


def _overview(reports: Sequence[StackReport]) -> Section:
    said = [{one.title: one.headline for one in report.sections if one.headline} for report in reports]
    names = list(dict.fromkeys(name for one in said for name in one))
    rows: list[list[Line]] = [
        [[f"{mark(not report.stops)} ", Span(report.plan.stack, "code")], *(one.get(name, "") for name in names)]
        for report, one in zip(reports, said, strict=True)
    ]
    return Section("", [Table(("stack", *names), rows)], weight=0)
