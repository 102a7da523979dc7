"""Rules on networks: who comes in, and what is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ..evaluate import each
from ..rule import Config, Finding, Level, NotApplicable, Resource, Rule, Severity, Stack, StackRule, controls
from ..values import Field, Unreadable
from .addresses import is_world, worlds

_VPCS: Final = frozenset({"aws:ec2/vpc:Vpc", "aws:ec2/defaultVpc:DefaultVpc"})


def _records_refusals(log: Resource) -> bool:
    # What was let in tells nothing of who tried; which of both is logged must be known to count.
    try:
        return log.inputs.at("trafficType").text() in ("ALL", "REJECT")
    except Unreadable:
        return False


def _flow_logs(vpc: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    if not any(_records_refusals(log) for log in stack.referring(vpc, "vpcId", "aws:ec2/flowLog:FlowLog")):
        yield Finding("its flow log", "absent", "a flow log of the VPC with trafficType ALL or REJECT")


FLOW_LOGS = StackRule(
    id="aws-vpc-flow-logs",
    description="Every VPC of the stack has a flow log that records refused traffic.",
    remediation="Add an aws.ec2.FlowLog whose vpcId is the VPC's, with trafficType ALL or REJECT.",
    # It shows an attack afterwards; it stops none.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="vpc-flow-logs-enabled", hub="EC2.6", cis="3.7", well="SEC4"),
    applies=_VPCS.__contains__,
    check=_flow_logs,
)

_VPC: Final = "aws:ec2/vpc:Vpc"
_DEFAULT_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
_GROUP_RULES: Final = (
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:ec2/securityGroupRule:SecurityGroupRule",
)


def _no_rules(rules: Field) -> Iterator[Finding]:
    if rules.items():
        yield Finding.at(rules, "no rule at all")


def _default_group(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    if resource.type == _DEFAULT_GROUP:
        yield from each([resource.inputs.at("ingress"), resource.inputs.at("egress")], _no_rules)
        for rule in stack.referring(resource, "securityGroupId", *_GROUP_RULES):
            yield Finding("its rules", f"opened by '{rule.name}'", "that rule for a group of its own")
    # AWS makes the group with every VPC, open among its members and to the outside, and any machine whose program
    # names no group gets it.
    elif not stack.referring(resource, "vpcId", _DEFAULT_GROUP):
        yield Finding("its default security group", "left as AWS makes it", "an aws.ec2.DefaultSecurityGroup, no rules")


DEFAULT_GROUP_CLOSED = StackRule(
    id="aws-default-security-group-closed",
    description="The default security group of every VPC of the stack has no rules.",
    remediation="Add an aws.ec2.DefaultSecurityGroup for the VPC without ingress or egress; use groups of your own.",
    # Nothing stands in it as long as each resource names its group.
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=controls(config="vpc-default-security-group-closed", hub="EC2.2", cis="5.5", well="SEC5"),
    applies=frozenset({_VPC, _DEFAULT_GROUP}).__contains__,
    check=_default_group,
)

_INGRESS_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_OLD_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
_GROUPS: Final = frozenset({"aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"})
_HTTPS: Final = 443
_WRITE: Final = "a security group, a prefix list or a narrower range"


def _ports(protocol: Field, first: Field, last: Field, public: Sequence[float]) -> bool:
    """Tell whether a rule opens nothing but one public port, over TCP or QUIC's UDP."""
    return (
        (protocol.text() or "").lower() in ("tcp", "6", "udp", "17")
        and first.number() == last.number()
        and first.number() in public
    )


def _group_rule(rule: Field, protocol: str, public: Sequence[float]) -> Iterator[Finding]:
    """Judge a rule that holds lists of address ranges."""
    if not _ports(rule.at(protocol), rule.at("fromPort"), rule.at("toPort"), public):
        for block in worlds(rule.at("cidrBlocks"), rule.at("ipv6CidrBlocks")):
            yield Finding.at(block, _WRITE)


def _block(block: Field) -> Iterator[Finding]:
    if is_world(block):
        yield Finding.at(block, _WRITE)


def _ingress(resource: Resource, config: Config) -> Iterator[Finding]:
    inputs, public = resource.inputs, config.get("publicPorts", (_HTTPS,))
    if resource.type in _GROUPS:
        yield from each(inputs.at("ingress").items(), lambda rule: _group_rule(rule, "protocol", public))
    elif resource.type == _OLD_RULE:
        if inputs.at("type").text() == "egress":
            raise NotApplicable
        yield from _group_rule(inputs, "protocol", public)
    elif not _ports(inputs.at("ipProtocol"), inputs.at("fromPort"), inputs.at("toPort"), public):
        yield from each([inputs.at("cidrIpv4"), inputs.at("cidrIpv6")], _block)


NO_WORLD_INGRESS = Rule(
    id="aws-no-world-ingress",
    description="No security group lets every address in, except to HTTPS.",
    remediation="Admit a security group, a prefix list or the ranges you know; put what is public behind port 443.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=controls(
        config="vpc-sg-open-only-to-authorized-ports", hub="EC2.18 EC2.19 EC2.53 EC2.54", cis="5.3 5.4", well="SEC5"
    ),
    applies=(_GROUPS | {_INGRESS_RULE, _OLD_RULE}).__contains__,
    check=_ingress,
    config={
        "publicPorts": {
            "type": "array",
            "items": {"type": "integer"},
            "description": "Ports that the whole world may reach; add 80 for a load balancer that redirects to HTTPS.",
            "default": [_HTTPS],
        }
    },
)

_ENTRY: Final = "aws:ec2/networkAclRule:NetworkAclRule"
_ACLS: Final = frozenset({"aws:ec2/networkAcl:NetworkAcl", "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"})
_SSH, _RDP = 22, 3389


def _reaches_admin_ports(entry: Field) -> bool:
    protocol = (entry.at("protocol").text() or "").lower()
    if protocol in ("-1", "all"):
        return True
    if protocol not in ("tcp", "6", "udp", "17"):
        return False
    first, last = entry.at("fromPort").number() or 0, entry.at("toPort").number() or 0
    return first <= _SSH <= last or first <= _RDP <= last


def _acl_entry(entry: Field, action: str) -> Iterator[Finding]:
    if (entry.at(action).text() or "").lower() == "deny" or not _reaches_admin_ports(entry):
        return
    for block in (entry.at("cidrBlock"), entry.at("ipv6CidrBlock")):
        if is_world(block):
            yield Finding.at(block, "a narrower range, or ports without 22 and 3389")


def _acl(resource: Resource, config: Config) -> Iterator[Finding]:
    if resource.type in _ACLS:
        yield from each(resource.inputs.at("ingress").items(), lambda entry: _acl_entry(entry, "action"))
    elif resource.inputs.at("egress").boolean():
        raise NotApplicable
    else:
        yield from _acl_entry(resource.inputs, "ruleAction")


ACL_ADMIN_PORTS = Rule(
    id="aws-network-acl-admin-ports",
    description="No network ACL admits every address to port 22 or 3389.",
    remediation="Give the entry a narrower range or port range; reach machines by Session Manager.",
    # The ACL that AWS makes is as open; what keeps machines shut are their security groups.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="nacl-no-unrestricted-ssh-rdp", hub="EC2.21", cis="5.2", well="SEC5"),
    applies=(_ACLS | {_ENTRY}).__contains__,
    check=_acl,
)
