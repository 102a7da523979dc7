"""What the policies say."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from berth.plan import Plan
from berth.views.common import MANDATORY, Violation, kind, ordered, plural, verdict


def verdicts(plan: Plan, violations: Sequence[Violation], rules: int = 0, judged: int = 0) -> RenderableType:
    """Return every violation with the resource's place in the program, or that there is none.

    ``rules`` and ``judged`` are how many rules looked at how many resources: no violations of nothing says little.
    """
    head = Text.assemble(("Policies: ", "bold"), verdict(violations))
    if rules:
        head.append(f" ({plural(rules, 'rule')} on {plural(judged, 'resource')})", style="dim")
    if not violations:
        return Text.assemble(("✓ ", "bold green"), head)
    lines: list[RenderableType] = [head]
    resources = {resource.urn: resource for resource in plan.resources}
    for violation in ordered(violations):
        mandatory = violation.level == MANDATORY
        style = "bold red" if mandatory else "bold yellow"
        head = Text.assemble(("✗ " if mandatory else "! ", style), (violation.label, style), "  ", violation.policy)
        lines.append(Padding(head, (0, 0, 0, 2), expand=False))
        resource = resources.get(violation.resource)
        if resource is None:
            where = Text(violation.resource)
        else:
            where = Text(f"{kind(resource)} {resource.name}")
            if resource.source:
                where.append(f"  {resource.source}", style="dim")
        lines += [Padding(text, (0, 0, 0, 6), expand=False) for text in (where, *map(Text, violation.explanation))]
    return Group(*lines)
