"""The way out of a network is a NAT gateway, not a machine of one's own."""

from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, Resource, Rule, Severity

# A launch template cannot switch the check off.
_FORWARDERS: Final = frozenset({"aws:ec2/instance:Instance", "aws:ec2/networkInterface:NetworkInterface"})


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    switch = resource.inputs.at("sourceDestCheck")
    if switch.boolean() is False:
        yield Finding.at(switch, "true, and an aws.ec2.NatGateway for the way out")


RULE = Rule(
    id="aws-no-nat-instance",
    description="No machine forwards other machines' traffic, as a NAT instance does.",
    remediation="Leave sourceDestCheck on and route the way out through an aws.ec2.NatGateway.",
    # One machine to patch and to lose is a weakness, not a hole; and a firewall appliance has to forward.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: ec2-enis-source-destination-check-enabled",
        "AWS Security Hub: EC2.180",
        "Well-Architected: Reliability (REL 2)",
    ),
    applies=_FORWARDERS.__contains__,
    check=_check,
)
