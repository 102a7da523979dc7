"""The options that say a month's load; what is not given has Usage's own default."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final

import typer


def _decimal(value: str) -> Decimal:
    """Parse exactly; the price module is imported only once there is a value."""
    from berth.cost.usage import decimal_option

    return decimal_option(value)


def _number(help: str) -> Any:
    return Annotated[Decimal | None, typer.Option(parser=_decimal, metavar="NUMBER", help=help, show_default=False)]


def _plain(kind: Any, help: str) -> Any:
    return Annotated[kind | None, typer.Option(help=help, show_default=False)]


OPTIONS: Final[dict[str, Any]] = {
    "requests": _plain(int, "Requests a month. [1000000]"),
    "gb_per_request": _number("GB a request and its answer carry. [0.00001]"),
    "hours": _number("Hours a month that the stack exists. [730]"),
    "replicas": _plain(int, "Tasks or pods of the service. [the stack's minimum]"),
    "log_gb": _number("GB of logs a month. [5]"),
    "nat_gb": _number("GB a month through NAT. [10]"),
    "endpoint_gb": _number("GB a month through interface endpoints. [1]"),
    "image_gb": _number("GB of images kept. [1]"),
    "object_gb": _number("GB of objects kept, a bucket. [1]"),
    "backup_gb": _number("GB of backups beyond the database's size. [0]"),
    "eks_nodes": _plain(int, "Nodes of EKS Auto Mode. [as many as the pods need]"),
    "eks_node_type": _plain(str, "Their type, where their number is given. [m5.large]"),
}
"""Field of Usage to its option."""
