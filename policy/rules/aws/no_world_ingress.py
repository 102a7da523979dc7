"""No security group lets the whole world in, but to HTTPS."""

from collections.abc import Iterator, Sequence
from typing import Final

from ..evaluate import each
from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from ..values import Field
from .addresses import is_world, worlds

_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
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


def _entry(rule: Field, protocol: str, public: Sequence[float]) -> Iterator[Finding]:
    """Judge a rule that holds lists of address ranges."""
    if not _ports(rule.at(protocol), rule.at("fromPort"), rule.at("toPort"), public):
        for block in worlds(rule.at("cidrBlocks"), rule.at("ipv6CidrBlocks")):
            yield Finding.at(block, _WRITE)


def _block(block: Field) -> Iterator[Finding]:
    if is_world(block):
        yield Finding.at(block, _WRITE)


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    inputs, public = resource.inputs, config.get("publicPorts", (_HTTPS,))
    if resource.type in _GROUPS:
        yield from each(inputs.at("ingress").items(), lambda rule: _entry(rule, "protocol", public))
    elif resource.type == _OLD_RULE:
        if inputs.at("type").text() == "egress":
            raise NotApplicable
        yield from _entry(inputs, "protocol", public)
    elif not _ports(inputs.at("ipProtocol"), inputs.at("fromPort"), inputs.at("toPort"), public):
        yield from each([inputs.at("cidrIpv4"), inputs.at("cidrIpv6")], _block)


RULE = Rule(
    id="aws-no-world-ingress",
    description="No security group lets every address in, except to HTTPS.",
    remediation="Admit a security group, a prefix list or the ranges you know; put what is public behind port 443.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=(
        "AWS Config: vpc-sg-open-only-to-authorized-ports",
        "AWS Security Hub: EC2.18",
        "AWS Security Hub: EC2.19",
        "AWS Security Hub: EC2.53",
        "AWS Security Hub: EC2.54",
        "CIS AWS Foundations 5.0.0: 5.3",
        "CIS AWS Foundations 5.0.0: 5.4",
        "Well-Architected: Security (SEC 5)",
    ),
    applies=(_GROUPS | {_RULE, _OLD_RULE}).__contains__,
    check=_check,
    config={
        "publicPorts": {
            "type": "array",
            "items": {"type": "integer"},
            "description": "Ports that the whole world may reach; add 80 for a load balancer that redirects to HTTPS.",
            "default": [_HTTPS],
        }
    },
)
