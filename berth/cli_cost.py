"""The commands about money: ``cost``, ``compare`` and ``prices refresh``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from berth.command import (
    Debug,
    Directory,
    Json,
    Markdown,
    PolicyConfig,
    collector_paused,
    errors_explained,
    one_format,
    terminal,
    write,
)
from berth.config import find_root

if TYPE_CHECKING:
    from berth.cost import Usage

Stacks = Annotated[list[str], typer.Argument(help="One stack or several.", show_default=False)]


def _decimal(value: str) -> Decimal:
    """Parse exactly; the price module is imported only once there is a value."""
    from berth.cost.usage import decimal_option

    return decimal_option(value)


def _number(help: str) -> Any:
    return typer.Option(parser=_decimal, metavar="NUMBER", help=help, show_default=False)


Requests = Annotated[int | None, typer.Option(help="Requests a month. [1000000]", show_default=False)]
GbPerRequest = Annotated[Decimal | None, _number("GB a request and its answer carry. [0.00001]")]
Hours = Annotated[Decimal | None, _number("Hours a month that the stack exists. [730]")]
Replicas = Annotated[
    int | None, typer.Option(help="Tasks or pods of the service. [the stack's minimum]", show_default=False)
]
LogGb = Annotated[Decimal | None, _number("GB of logs a month. [5]")]
NatGb = Annotated[Decimal | None, _number("GB a month through NAT. [10]")]
EndpointGb = Annotated[Decimal | None, _number("GB a month through interface endpoints. [1]")]
ImageGb = Annotated[Decimal | None, _number("GB of images kept. [1]")]
ObjectGb = Annotated[Decimal | None, _number("GB of objects kept, a bucket. [1]")]
BackupGb = Annotated[Decimal | None, _number("GB of backups beyond the database's size. [0]")]
EksNodes = Annotated[
    int | None, typer.Option(help="Nodes of EKS Auto Mode. [as many as the pods need]", show_default=False)
]
EksNodeType = Annotated[
    str | None, typer.Option(help="Their type, where their number is given. [m5.large]", show_default=False)
]


def cost(
    stacks: Stacks,
    requests: Requests = None,
    gb_per_request: GbPerRequest = None,
    hours: Hours = None,
    replicas: Replicas = None,
    log_gb: LogGb = None,
    nat_gb: NatGb = None,
    endpoint_gb: EndpointGb = None,
    image_gb: ImageGb = None,
    object_gb: ObjectGb = None,
    backup_gb: BackupGb = None,
    eks_nodes: EksNodes = None,
    eks_node_type: EksNodeType = None,
    sources: Annotated[bool, typer.Option("--sources", help="Print where each price is from.")] = False,
    json: Json = False,
    markdown: Markdown = False,
    directory: Directory = Path(),
    debug: Debug = False,
) -> None:
    """Estimate what each STACK costs a month, side by side for the same load."""
    given = {key: value for key, value in locals().items() if key in _LOAD}
    one_format(json, markdown)
    with errors_explained(debug):
        from berth.cost import document, run, views
        from berth.cost import markdown as text

        with collector_paused():
            results = run.estimates(stacks, find_root(directory), _usage(given))
        if json:
            write(document.dumps(results))
        elif markdown:
            write(text.markdown(results))
        else:
            terminal().print(views.view(results, sources))


def compare(
    stacks: Stacks,
    requests: Requests = None,
    gb_per_request: GbPerRequest = None,
    hours: Hours = None,
    replicas: Replicas = None,
    log_gb: LogGb = None,
    nat_gb: NatGb = None,
    eks_nodes: EksNodes = None,
    eks_node_type: EksNodeType = None,
    json: Json = False,
    markdown: Markdown = False,
    policy_config: PolicyConfig = None,
    directory: Directory = Path(),
    debug: Debug = False,
) -> None:
    """Compare STACKS: size, findings, price, minutes of `up`, and what each backend cannot do."""
    given = {key: value for key, value in locals().items() if key in _LOAD}
    one_format(json, markdown)
    with errors_explained(debug):
        from berth.cost import comparison_views, run

        with collector_paused():
            result = run.comparison(stacks, find_root(directory), _usage(given), policy_config)
        if json:
            write(comparison_views.dumps(result))
        elif markdown:
            write(comparison_views.markdown(result))
        else:
            terminal().print(comparison_views.table(result))


prices = typer.Typer(help="The price lists that estimates use.", no_args_is_help=True, rich_markup_mode=None)


@prices.callback()
def _prices() -> None:
    """Keep ``refresh`` a command of its own: Typer merges a single one into its group."""


@prices.command()
def refresh(
    region: Annotated[str, typer.Option("--region", help="An AWS region, e.g. eu-west-1.")],
    debug: Debug = False,
) -> None:
    """Read AWS's public price list and rewrite the region's; needs the network."""
    with errors_explained(debug):
        from berth.cost import refresh as refreshing

        typer.echo(refreshing.summary(refreshing.refresh(region)))


_LOAD = frozenset(
    {"requests", "gb_per_request", "hours", "replicas", "log_gb", "nat_gb", "endpoint_gb", "image_gb", "object_gb"}
    | {"backup_gb", "eks_nodes", "eks_node_type"}
)
"""Options that are the load's; what is not given has Usage's own default."""


def _usage(given: dict[str, Any]) -> Usage:
    from berth.cost import Usage

    return Usage(**{key: value for key, value in given.items() if value is not None})
