"""The preview as a comment on a pull request."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console

from berth.plan import Plan
from berth.views.common import MANDATORY, Violation, ordered, summary, verdict
from berth.views.outputs import shown
from berth.views.tree import tree

# Wide enough that no resource's line is folded; the comment's code block scrolls.
_WIDTH = 160


def markdown(plan: Plan, violations: Sequence[Violation]) -> str:
    """Return headline, violations, outputs, notices and, folded away, the tree.

    The first line is a comment that a workflow can find its own earlier comment by.
    """
    failed = any(violation.level == MANDATORY for violation in violations)
    lines = [
        f"<!-- berth preview {plan.stack} -->",
        f"### {'❌' if failed else '✅'} `{plan.stack}`: {verdict(violations)}",
        "",
        f"{summary(plan.resources)}.",
        "",
    ]
    if violations:
        sources = {resource.urn: resource.source for resource in plan.resources}
        lines += ["| level | policy | resource | what to change |", "| --- | --- | --- | --- |"]
        for violation in ordered(violations):
            name = violation.resource.rsplit("::", 1)[-1]
            source = sources.get(violation.resource)
            where = f"{_code(name)}<br>{_code(source)}" if source else _code(name)
            lines.append(f"| {violation.level} | {_code(violation.policy)} | {where} | {_cell(violation.message)} |")
        lines.append("")
    if plan.outputs:
        lines += ["| output | value |", "| --- | --- |"]
        lines += [f"| {_code(name)} | {_cell(shown(plan.outputs[name]).plain)} |" for name in sorted(plan.outputs)]
        lines.append("")
    lines += [f"> {notice.level}: {_cell(notice.message)}\n" for notice in plan.notices]
    lines += ["<details><summary>Resources</summary>", ""]
    lines += ["````text", _plain_tree(plan, violations), "````", "", "</details>"]
    return "\n".join(lines) + "\n"


def _plain_tree(plan: Plan, violations: Sequence[Violation]) -> str:
    file = io.StringIO()
    Console(file=file, width=_WIDTH, no_color=True, force_terminal=False).print(tree(plan, violations))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def _code(text: str) -> str:
    return f"`{text}`"


def _cell(text: str) -> str:
    """Keep a text inside its table cell, and its markup from being taken for the comment's."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return "<br>".join(text.splitlines())
