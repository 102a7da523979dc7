"""The cases of the rules on networks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from policy.rules.values import UNKNOWN

from ..support import Inputs, Planned
from ..table import TOPIC, Cases, each_of
from .aws import INSTANCE, TEMPLATE, WORLDS, referring, variations

VPC = "aws:ec2/vpc:Vpc"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
ACL = "aws:ec2/networkAcl:NetworkAcl"
ACL_ENTRY = "aws:ec2/networkAclRule:NetworkAclRule"
ALL_PORTS: Inputs = {"protocol": "-1", "fromPort": 0, "toPort": 0}


def _ingress(**more: Any) -> Planned:
    good = {"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "referencedSecurityGroupId": "sg-1"}
    return Planned(INGRESS, good | more)


def _open(*ports: float, protocol: str = "tcp", world: str = "0.0.0.0/0") -> Inputs:
    return {"protocol": protocol, "fromPort": ports[0], "toPort": ports[-1], "cidrBlocks": ["10.0.0.0/8", world]}


vpc = Planned(VPC, {"cidrBlock": "10.0.0.0/16"})
closed = Planned(DEFAULT_GROUP, {"vpcId": "vpc-1", "ingress": [], "tags": {"Name": "closed"}})

NETWORK = {
    "aws-vpc-flow-logs": Cases(
        good=[
            replace(vpc, beside=(referring(FLOW_LOG, "vpcId", vpc, trafficType=kind),)) for kind in ("ALL", "REJECT")
        ],
        bad=[
            vpc,
            Planned("aws:ec2/defaultVpc:DefaultVpc"),
            replace(vpc, beside=(referring(FLOW_LOG, "vpcId", vpc, trafficType="ACCEPT"),)),
            replace(vpc, beside=(referring(FLOW_LOG, "vpcId", vpc, trafficType=UNKNOWN),)),
            replace(vpc, beside=(referring(FLOW_LOG, "vpcId", replace(vpc, name="another"), trafficType="ALL"),)),
        ],
    ),
    "aws-default-security-group-closed": Cases(
        good=[closed, Planned(DEFAULT_GROUP), replace(vpc, beside=(referring(DEFAULT_GROUP, "vpcId", vpc),))],
        bad=[
            vpc,
            replace(vpc, beside=(referring(DEFAULT_GROUP, "vpcId", replace(vpc, name="another")),)),
            *variations(
                closed,
                {
                    "ingress": [[{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}]],
                    "egress": [[ALL_PORTS | {"cidrBlocks": ["0.0.0.0/0"]}], "none"],
                },
            ),
            *(
                replace(closed, beside=(referring(kind, "securityGroupId", closed),))
                for kind in (INGRESS, EGRESS, OLD_RULE)
            ),
        ],
    ),
    "aws-no-world-ingress": Cases(
        good=[
            _ingress(),
            _ingress(cidrIpv4="10.0.0.0/8"),
            _ingress(cidrIpv4="172.16.0.0/12", cidrIpv6="fd00::/8"),
            _ingress(cidrIpv4="203.0.113.7/32"),
            _ingress(prefixListId="pl-1"),
            _ingress(cidrIpv4="0.0.0.0/0", fromPort=443.0, toPort=443.0),
            *(_ingress(cidrIpv6="::/0", ipProtocol=one, fromPort=443, toPort=443) for one in ("6", "udp", "17")),
            Planned(OLD_RULE, {"type": "ingress"} | _open(443)),
            Planned(OLD_RULE, {"type": "ingress", "protocol": "tcp", "fromPort": 1, "toPort": 2, "self": True}),
            Planned(GROUP, {"description": "nobody comes in", "egress": [_open(0, 65535)]}),
            Planned(GROUP, {"ingress": [_open(443), _open(22, world="192.168.0.0/16")]}),
        ],
        bad=[
            *(_ingress(cidrIpv4=world) for world in WORLDS),
            _ingress(cidrIpv6="::/0"),
            _ingress(cidrIpv4="anywhere"),
            _ingress(cidrIpv4="0.0.0.0/0", fromPort=80, toPort=80),
            _ingress(cidrIpv4="0.0.0.0/0", fromPort=22, toPort=443),
            _ingress(cidrIpv4="0.0.0.0/0", fromPort=443, toPort=8443),
            _ingress(cidrIpv4="0.0.0.0/0", ipProtocol="-1", fromPort=None, toPort=None),
            _ingress(cidrIpv4="0.0.0.0/0", ipProtocol="-1", fromPort=443, toPort=443),
            _ingress(cidrIpv4="0.0.0.0/0", ipProtocol="icmp", fromPort=443, toPort=443),
            Planned(OLD_RULE, {"type": "ingress"} | _open(22)),
            Planned(OLD_RULE, {"type": "ingress", "ipv6CidrBlocks": ["::/0"]} | ALL_PORTS),
            *each_of(GROUP, {"ingress": [_open(443), _open(22)]}, {"ingress": [_open(5432, world="0.0.0.0/1")]}),
            Planned(DEFAULT_GROUP, {"ingress": [_open(22)]}),
        ],
        foreign=[TOPIC, Planned(OLD_RULE, {"type": "egress"} | _open(0, 65535)), Planned(EGRESS)],
    ),
    "aws-network-acl-admin-ports": Cases(
        good=[
            Planned(ACL, {"egress": [ALL_PORTS | {"action": "allow", "cidrBlock": "0.0.0.0/0"}]}),
            *variations(
                Planned(ACL_ENTRY, {"ruleAction": "allow", "protocol": "tcp", "fromPort": 443, "toPort": 443}),
                {"cidrBlock": ["0.0.0.0/0"], "ipv6CidrBlock": ["::/0"]},
            ),
            Planned(ACL_ENTRY, {"ruleAction": "deny", "protocol": "-1", "cidrBlock": "0.0.0.0/0"}),
            Planned(ACL_ENTRY, {"ruleAction": "allow", "protocol": "-1", "cidrBlock": "10.0.0.0/8"}),
            Planned(
                ACL_ENTRY,
                {"ruleAction": "allow", "protocol": "icmp", "fromPort": 0, "toPort": 255, "cidrBlock": "0.0.0.0/0"},
            ),
        ],
        bad=[
            Planned(ACL_ENTRY, {"ruleAction": "allow", "protocol": protocol, "fromPort": first, "toPort": last} | world)
            for protocol, first, last in (
                ("tcp", 22, 22),
                ("6", 0, 65535),
                ("udp", 3389, 3389),
                ("17", 22, 22),
                ("-1", 0, 0),
                ("all", 0, 0),
            )
            for world in ({"cidrBlock": "0.0.0.0/0"}, {"ipv6CidrBlock": "::/0"})
        ]
        + [
            Planned(token, {"ingress": [ALL_PORTS | {"action": "allow", "cidrBlock": "0.0.0.0/0"}]})
            for token in (ACL, "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
        ],
        foreign=[TOPIC, Planned(ACL_ENTRY, {"egress": True, "protocol": "-1", "cidrBlock": "0.0.0.0/0"})],
    ),
    "aws-no-nat-instance": Cases(
        good=[Planned(INSTANCE), Planned(INSTANCE, {"sourceDestCheck": True})],
        bad=[
            *each_of(INSTANCE, {"sourceDestCheck": False}, {"sourceDestCheck": "false"}),
            Planned("aws:ec2/networkInterface:NetworkInterface", {"sourceDestCheck": False}),
        ],
        foreign=[TOPIC, Planned(TEMPLATE)],
    ),
}
