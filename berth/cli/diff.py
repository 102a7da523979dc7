"""``berth diff``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from berth.cli.options import VIOLATED, AcceptDataLoss, Json, Markdown, PolicyConfig, Stack, planned, write


def diff(
    stack: Stack,
    root: Path,
    base: Annotated[str, typer.Option("--base", metavar="REV", help="What to compare with: anything git knows.")],
    json: Json = False,
    markdown: Markdown = False,
    accept_data_loss: AcceptDataLoss = None,
    policy_config: PolicyConfig = None,
) -> None:
    """Show what the working tree changes in STACK since REV.

    Compares two programs, not a program with what is deployed: what is created, changed, replaced
    and deleted, and which findings are new or cured.
    """
    from berth import difference

    before = difference.base_at(stack, root, base, policy_config)
    plan, judgement = planned(stack, root, policy_config)
    comparison = difference.compared(before, plan, judgement.violations, accept_data_loss or ())
    from berth.cost.change import price_change

    price = price_change(before.plan, plan)
    if json:
        write(difference.dumps(comparison, cost_change=price))
    elif markdown:
        write(difference.comment(comparison, cost_change=price))
    else:
        from berth.render.terminal import show

        show(difference.sections(comparison, cost_change=price))
    if comparison.stops:
        raise typer.Exit(VIOLATED)
