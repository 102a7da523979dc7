"""``berth report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from berth.cli.options import VIOLATED, AcceptDataLoss, Output, PolicyConfig, Stacks, planned
from berth.views.losses import Loss


def report(
    stacks: Stacks,
    root: Path,
    output: Output = Path("report"),
    base: Annotated[
        str | None, typer.Option("--base", metavar="REV", help="Also show what changed since.", show_default=False)
    ] = None,
    accept_data_loss: AcceptDataLoss = None,
    policy_config: PolicyConfig = None,
) -> None:
    """Write one page and one pull request comment about STACKS.

    The page needs nothing else: resources, findings, price, diagrams, and with --base the difference.
    """
    from berth import difference
    from berth.cost.estimate_view import section as price
    from berth.report import StackReport, write
    from berth.report.drawings import drawings

    reports = []
    for stack in stacks:
        typer.echo(f"{stack} ...", err=True)
        plan, judgement = planned(stack, root, policy_config)
        before = difference.base_at(stack, root, base, policy_config) if base else None
        extras = [price(plan, before.plan if before else None), drawings(plan, root)]
        losses: list[Loss] = []
        if before:
            comparison = difference.compared(before, plan, judgement.violations, accept_data_loss or ())
            losses = comparison.losses
            extras.insert(0, difference.section(comparison))
        reports.append(
            StackReport(plan, judgement.violations, judgement.rules, judgement.resources, tuple(extras), losses)
        )
    for file in write(reports, output):
        typer.echo(str(file))
    # After the files, each once: half a page must not look like a whole one.
    for problem in dict.fromkeys(extra.problem for one in reports for extra in one.extras if extra.problem):
        typer.echo(f"The report is not complete. {problem}", err=True)
    if any(one.stops for one in reports):
        raise typer.Exit(VIOLATED)
