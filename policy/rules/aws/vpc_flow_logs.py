"""A VPC records its traffic."""

from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, Resource, Severity, Stack, StackRule
from ..values import Unreadable

VPCS: Final = frozenset({"aws:ec2/vpc:Vpc", "aws:ec2/defaultVpc:DefaultVpc"})


def _records_refusals(log: Resource) -> bool:
    # What was let in tells nothing of who tried; which of both is logged must be known to count.
    try:
        return log.inputs.at("trafficType").text() in ("ALL", "REJECT")
    except Unreadable:
        return False


def _check(vpc: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    if not any(_records_refusals(log) for log in stack.referring(vpc, "vpcId", "aws:ec2/flowLog:FlowLog")):
        yield Finding("its flow log", "absent", "a flow log of the VPC with trafficType ALL or REJECT")


RULE = StackRule(
    id="aws-vpc-flow-logs",
    description="Every VPC of the stack has a flow log that records refused traffic.",
    remediation="Add an aws.ec2.FlowLog whose vpcId is the VPC's, with trafficType ALL or REJECT.",
    # It shows an attack afterwards; it stops none.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: vpc-flow-logs-enabled",
        "AWS Security Hub: EC2.6",
        "CIS AWS Foundations 5.0.0: 3.7",
        "Well-Architected: Security (SEC 4)",
    ),
    applies=VPCS.__contains__,
    check=_check,
)
