"""What a month's price depends on besides the Plan: the load, and what cannot be read from the program."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from berth.cost.amounts import exact
from berth.errors import ConfigError

HOURS_A_MONTH: Final = Decimal(730)
"""Hours of an average month, as AWS's calculator counts them."""


@dataclass(frozen=True)
class Usage:
    """The load of one month, the same for every stack that is compared. Each field is an option of the command line.

    Raises:
        ConfigError: A value is out of its bounds; the text names all of them.
    """

    requests: int = field(default=1_000_000, metadata={"help": "Requests a month."})
    # 0.00001 GB is 10 kB; all of it counts as sent out.
    gb_per_request: Decimal = field(default=Decimal("0.00001"), metadata={"help": "GB a request and its answer carry."})
    hours: Decimal = field(default=HOURS_A_MONTH, metadata={"help": "Hours a month that the stack exists."})
    replicas: int | None = field(
        default=None, metadata={"help": "Tasks or pods of the service.", "default": "the stack's minimum"}
    )
    request_ms: Decimal = field(
        default=Decimal(100), metadata={"help": "Milliseconds that a Lambda function works on a request."}
    )
    job_minutes: Decimal = field(default=Decimal(10), metadata={"help": "Minutes that a run of a job takes."})
    log_gb: Decimal = field(default=Decimal(5), metadata={"help": "GB of logs a month, over all log groups."})
    nat_gb: Decimal = field(default=Decimal(10), metadata={"help": "GB a month through NAT, over all gateways."})
    endpoint_gb: Decimal = field(default=Decimal(1), metadata={"help": "GB a month through interface endpoints."})
    image_gb: Decimal = field(default=Decimal(1), metadata={"help": "GB of images kept."})
    # The load balancer's access logs.
    object_gb: Decimal = field(default=Decimal(1), metadata={"help": "GB of objects kept, a bucket."})
    # So many GB as the database has are free.
    backup_gb: Decimal = field(default=Decimal(0), metadata={"help": "GB of backups beyond the database's size."})
    eks_nodes: int | None = field(
        default=None, metadata={"help": "Nodes of EKS Auto Mode.", "default": "as many as the pods need"}
    )
    # Auto Mode takes no burstable one here.
    eks_node_type: str | None = field(
        default=None, metadata={"help": "Their type, where their number is given.", "default": "m5.large"}
    )

    def __post_init__(self) -> None:
        """Check the bounds."""
        problems = [
            f"{name} must not be negative, and is {value}."
            for name, value in vars(self).items()
            if isinstance(value, int | Decimal) and value < 0
        ]
        if self.eks_node_type and self.eks_nodes is None:
            problems.append(f"eks_node_type is {self.eks_node_type}: say as well how many there are, eks_nodes.")
        if self.hours > 744:
            problems.append(f"hours must not exceed 744, the longest month, and is {self.hours}.")
        if problems:
            raise ConfigError("\n".join(problems))

    @property
    def node_type(self) -> str:
        """Instance type of the nodes whose number is given."""
        return self.eks_node_type or "m5.large"

    @property
    def months(self) -> Decimal:
        """The part of a month that the stack exists."""
        return self.hours / HOURS_A_MONTH

    @property
    def traffic_gb(self) -> Decimal:
        """GB that all requests carry."""
        return self.requests * self.gb_per_request

    def assumptions(self) -> list[str]:
        """Return what an estimate takes for granted, a sentence each; every view shows them."""
        if self.eks_nodes is None:
            nodes = "EKS Auto Mode runs as few nodes of one type of m5 as the pods' requests need, at least one a zone."
        else:
            nodes = f"EKS Auto Mode runs {self.eks_nodes} x {self.node_type}."
        replicas = "the minimum of the stack's config" if self.replicas is None else f"{self.replicas}"
        return [
            f"{self.requests:,} requests a month with {exact(self.gb_per_request * 1_000_000)} kB each, "
            f"so {exact(self.traffic_gb)} GB sent out.",
            f"{exact(self.hours)} hours; replicas: {replicas}; autoscaling beyond that is not counted. A run "
            f"of a job takes {exact(self.job_minutes)} minutes; a Lambda function works "
            f"{exact(self.request_ms)} ms on a request.",
            f"{exact(self.log_gb)} GB of logs over all log groups, {exact(self.nat_gb)} GB through NAT, "
            f"{exact(self.endpoint_gb)} GB through interface endpoints.",
            f"{exact(self.image_gb)} GB of images, {exact(self.object_gb)} GB of objects a bucket, "
            f"{exact(self.backup_gb)} GB of backups beyond the database's size.",
            nodes,
            "On demand, first tier, without tax, free tier, Spot, commitments and traffic between zones.",
        ]


def decimal_option(value: str | Decimal) -> Decimal:
    """Parse an option's value exactly, ``typer.Option(parser=decimal_option)``.

    Raises:
        ValueError: It is not a number; the command line says so.
    """
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is not a number") from error
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a number")
    return number
