"""A VPC's default security group lets nothing in or out."""

from collections.abc import Iterator
from typing import Final

from ..evaluate import each
from ..model import Config, Finding, Level, Resource, Severity, Stack, StackRule
from ..values import Field

_VPC: Final = "aws:ec2/vpc:Vpc"
_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
_RULES: Final = (
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:ec2/securityGroupRule:SecurityGroupRule",
)


def _rules(rules: Field) -> Iterator[Finding]:
    if rules.items():
        yield Finding.at(rules, "no rule at all")


def _check(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    if resource.type == _GROUP:
        yield from each([resource.inputs.at("ingress"), resource.inputs.at("egress")], _rules)
        for rule in stack.referring(resource, "securityGroupId", *_RULES):
            yield Finding("its rules", f"opened by '{rule.name}'", "that rule for a group of its own")
    # AWS makes the group with every VPC, open among its members and to the outside, and any machine whose program
    # names no group gets it.
    elif not stack.referring(resource, "vpcId", _GROUP):
        yield Finding("its default security group", "left as AWS makes it", "an aws.ec2.DefaultSecurityGroup, no rules")


RULE = StackRule(
    id="aws-default-security-group-closed",
    description="The default security group of every VPC of the stack has no rules.",
    remediation="Add an aws.ec2.DefaultSecurityGroup for the VPC without ingress or egress; use groups of your own.",
    # Nothing stands in it as long as each resource names its group.
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=(
        "AWS Config: vpc-default-security-group-closed",
        "AWS Security Hub: EC2.2",
        "CIS AWS Foundations 5.0.0: 5.5",
        "Well-Architected: Security (SEC 5)",
    ),
    applies=frozenset({_VPC, _GROUP}).__contains__,
    check=_check,
)
