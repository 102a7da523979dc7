"""No network ACL lets the whole world in to administer machines."""

from collections.abc import Iterator
from typing import Final

from ..evaluate import each
from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from ..values import Field
from .addresses import is_world

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


def _entry(entry: Field, action: str) -> Iterator[Finding]:
    if (entry.at(action).text() or "").lower() == "deny" or not _reaches_admin_ports(entry):
        return
    for block in (entry.at("cidrBlock"), entry.at("ipv6CidrBlock")):
        if is_world(block):
            yield Finding.at(block, "a narrower range, or ports without 22 and 3389")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if resource.type in _ACLS:
        yield from each(resource.inputs.at("ingress").items(), lambda entry: _entry(entry, "action"))
    elif resource.inputs.at("egress").boolean():
        raise NotApplicable
    else:
        yield from _entry(resource.inputs, "ruleAction")


RULE = Rule(
    id="aws-network-acl-admin-ports",
    description="No network ACL admits every address to port 22 or 3389.",
    remediation="Give the entry a narrower range or port range; reach machines by Session Manager.",
    # The ACL that AWS makes is as open; what keeps machines shut are their security groups.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: nacl-no-unrestricted-ssh-rdp",
        "AWS Security Hub: EC2.21",
        "CIS AWS Foundations 5.0.0: 5.2",
        "Well-Architected: Security (SEC 5)",
    ),
    applies=(_ACLS | {_ENTRY}).__contains__,
    check=_check,
)
