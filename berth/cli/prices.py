"""``berth prices refresh``."""

from __future__ import annotations

from typing import Annotated

import typer

from berth.cli.options import command

prices = typer.Typer(help="The price lists that estimates use.", no_args_is_help=True, rich_markup_mode=None)


@prices.callback()
def _prices() -> None:
    """Keep ``refresh`` a command of its own: Typer merges a single one into its group."""


@prices.command()
@command
def refresh(region: Annotated[str, typer.Option("--region", help="An AWS region, e.g. eu-west-1.")]) -> None:
    """Read AWS's public price list and rewrite the region's; needs the network."""
    from berth.cost import refresh as refreshing

    typer.echo(refreshing.summary(refreshing.refresh(region)))
