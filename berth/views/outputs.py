"""The stack's outputs, and what else the program said."""

from __future__ import annotations

import json

from rich.console import Group, RenderableType
from rich.text import Text

from berth.plan import UNKNOWN, Plan, Secret, Value
from berth.views.common import SECRET, masked


def shown(value: Value) -> Text:
    """Return one value as a person reads it; an unknown one is what only ``up`` can tell."""
    if isinstance(value, Secret):
        return Text(SECRET, style="dim")
    if value is UNKNOWN:
        return Text("known after up", style="dim italic")
    if isinstance(value, str):
        return Text(value)
    return Text(json.dumps(masked(value), ensure_ascii=False))


def outputs(plan: Plan) -> RenderableType:
    """Return the outputs as two columns, each on one line however long it is."""
    if not plan.outputs:
        return Text.assemble(("Outputs: ", "bold"), "none")
    width = max(len(name) for name in plan.outputs)
    lines = [Text.assemble("  ", name.ljust(width), "  ", shown(plan.outputs[name])) for name in sorted(plan.outputs)]
    return Group(Text("Outputs", style="bold"), *lines)


def notices(plan: Plan) -> RenderableType:
    """Return what the program and its config had to say."""
    styles = {"info": "", "warning": "yellow", "error": "red"}
    return Group(
        *(Text.assemble((f"{notice.level}: ", styles[notice.level]), notice.message) for notice in plan.notices)
    )
