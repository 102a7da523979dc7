"""The commands that look at a Plan in other ways than ``preview`` does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from berth.cli_cost import compare, cost, prices
from berth.command import (
    LOSS_EXIT_CODES,
    VIOLATED,
    Debug,
    Directory,
    Json,
    Markdown,
    PolicyConfig,
    Stack,
    collector_paused,
    errors_explained,
    one_format,
    planned,
    terminal,
    write,
)
from berth.config import find_root
from berth.views.losses import ACCEPT, VARIABLE, Loss

AcceptDataLoss = Annotated[
    list[str] | None,
    typer.Option(
        ACCEPT,
        metavar="NAME",
        envvar=VARIABLE,
        help="Let this loss of data pass, by the name that it is reported under; may be given again.",
        show_default=False,
    ),
]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Where to write.")]


def diff(
    stack: Stack,
    base: Annotated[str, typer.Option("--base", metavar="REV", help="What to compare with: anything git knows.")],
    json: Json = False,
    markdown: Markdown = False,
    accept_data_loss: AcceptDataLoss = None,
    policy_config: PolicyConfig = None,
    directory: Directory = Path(),
    debug: Debug = False,
) -> None:
    """Show what the working tree changes in STACK since REV.

    Compares two programs, not a program with what is deployed: what is created, changed, replaced
    and deleted, and which findings are new or cured.
    """
    one_format(json, markdown)
    with errors_explained(debug):
        root = find_root(directory)
        from berth import difference

        before = difference.base_at(stack, root, base, policy_config)
        plan, judgement = planned(stack, root, policy_config)
        comparison = difference.compared(before, plan, judgement.violations, accept_data_loss or ())
        from berth.cost.change import price_change

        price = price_change(before.plan, plan)
        if json:
            write(difference.dumps(comparison, cost_change=price))
        elif markdown:
            write(difference.markdown(comparison, cost_change=price))
        else:
            terminal().print(difference.terminal(comparison, cost_change=price))
        if comparison.stops:
            raise typer.Exit(VIOLATED)


def diagrams(
    stack: Stack,
    output: Output = Path("diagrams"),
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="svg, png or mermaid; may be given again. [all]")
    ] = None,
    directory: Directory = Path(),
    debug: Debug = False,
) -> None:
    """Draw STACK: the platform, the application, and each use case of the service.

    SVG and PNG need Graphviz (the command dot); Mermaid needs nothing.
    """
    with errors_explained(debug):
        from berth import diagrams as drawing
        from berth.record import record_plan

        chosen = tuple(one for one in drawing.FORMATS if formats is None or one in formats)
        if unknown := set(formats or ()) - set(drawing.FORMATS):
            raise typer.BadParameter(f"{', '.join(sorted(unknown))}: allowed are {', '.join(drawing.FORMATS)}.")
        root = find_root(directory)
        with collector_paused():
            plan = record_plan(stack, root)
        for file in drawing.write(plan, drawing.flows_file(plan, root), output, chosen):
            typer.echo(str(file))


def report(
    stacks: Annotated[list[str], typer.Argument(help="One stack or several.", show_default=False)],
    output: Output = Path("report"),
    base: Annotated[
        str | None, typer.Option("--base", metavar="REV", help="Also show what changed since.", show_default=False)
    ] = None,
    accept_data_loss: AcceptDataLoss = None,
    policy_config: PolicyConfig = None,
    directory: Directory = Path(),
    debug: Debug = False,
) -> None:
    """Write one page and one pull request comment about STACKS.

    The page needs nothing else: resources, findings, price, diagrams, and with --base the difference.
    """
    with errors_explained(debug):
        root = find_root(directory)
        from berth import difference
        from berth.report import StackReport, write
        from berth.report.changes import changes
        from berth.report.drawings import drawings
        from berth.report.price import price

        reports = []
        for stack in stacks:
            typer.echo(f"{stack} ...", err=True)
            plan, judgement = planned(stack, root, policy_config)
            before = difference.base_at(stack, root, base, policy_config) if base else None
            sections = [price(plan, before.plan if before else None), drawings(plan, root)]
            losses: list[Loss] = []
            if before:
                comparison = difference.compared(before, plan, judgement.violations, accept_data_loss or ())
                losses = comparison.losses
                sections.insert(0, changes(comparison))
            reports.append(
                StackReport(plan, judgement.violations, judgement.rules, judgement.resources, tuple(sections), losses)
            )
        for file in write(reports, output):
            typer.echo(str(file))
        # After the files, each once: half a page must not look like a whole one.
        for problem in dict.fromkeys(extra.problem for one in reports for extra in one.sections if extra.problem):
            typer.echo(f"The report is not complete. {problem}", err=True)
        if any(one.stops for one in reports):
            raise typer.Exit(VIOLATED)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(epilog=LOSS_EXIT_CODES.replace("is violated", "is newly violated"))(diff)
    app.command()(cost)
    app.command()(compare)
    app.add_typer(prices, name="prices")
    app.command()(diagrams)
    app.command(epilog=LOSS_EXIT_CODES)(report)
