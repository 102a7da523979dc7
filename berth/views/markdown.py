"""The preview as a comment on a pull request."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console

from berth.plan import Plan
from berth.views import gfm
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
        f"### {'❌' if failed else '✅'} {gfm.code(plan.stack)}: {verdict(violations)}",
        "",
        f"{summary(plan.resources)}.",
        "",
    ]
    if violations:
        sources = {resource.urn: resource.source for resource in plan.resources}
        lines += gfm.head(["level", "policy", "resource", "what to change"])
        for violation in ordered(violations):
            name = violation.resource.rsplit("::", 1)[-1]
            source = sources.get(violation.resource)
            where = f"{gfm.code(name)}<br>{gfm.code(source)}" if source else gfm.code(name)
            what = gfm.cell("\n".join(violation.explanation))
            lines.append(gfm.row([violation.label, gfm.code(violation.policy), where, what]))
        lines.append("")
    if plan.outputs:
        lines += gfm.head(["output", "value"])
        lines += [gfm.row([gfm.code(name), gfm.code(shown(plan.outputs[name]).plain)]) for name in sorted(plan.outputs)]
        lines.append("")
    lines += [f"> {notice.level}: {gfm.cell(notice.message)}\n" for notice in plan.notices]
    text = _plain_tree(plan, violations)
    fence = gfm.fence(text, 3)
    lines += ["<details><summary>Resources</summary>", "", f"{fence}text", text, fence, "", "</details>"]
    return "\n".join(lines) + "\n"


def _plain_tree(plan: Plan, violations: Sequence[Violation]) -> str:
    file = io.StringIO()
    Console(file=file, width=_WIDTH, no_color=True, force_terminal=False).print(tree(plan, violations))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())
