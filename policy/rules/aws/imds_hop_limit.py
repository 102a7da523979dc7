"""A machine's credentials do not reach the containers on it."""

from collections.abc import Iterator

from ..model import Finding, Level, Rule, Severity
from ..values import Field
from .instance_metadata import MACHINES, metadata_check


def _options(options: Field) -> Iterator[Finding]:
    # Left out, it is what the image says, and that is 2 for Amazon Linux 2023.
    limit = options.at("httpPutResponseHopLimit")
    if limit.number() != 1:
        yield Finding.at(limit, "1")


RULE = Rule(
    id="aws-imds-hop-limit",
    description="Every machine's metadata service answers the machine itself alone.",
    remediation='Set "metadataOptions" with httpPutResponseHopLimit 1.',
    # Agents in containers with a network of their own may need the second hop.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: ec2-token-hop-limit-check",
        "AWS Config: autoscaling-launch-config-hop-limit",
        "AWS Security Hub: AutoScaling.4",
        "Well-Architected: Security (SEC 6)",
    ),
    applies=MACHINES.__contains__,
    check=metadata_check(_options),
)
