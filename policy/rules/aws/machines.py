"""Rules on EC2 instances and what they are made from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..parts import Part, PartCheck, must_be, must_be_off, of_resource
from ..rule import Check, Config, Finding, Level, NotApplicable, Resource, Rule, Severity, controls
from .shared import given

_INSTANCE: Final = "aws:ec2/instance:Instance"
_MACHINES: Final = frozenset(
    {
        _INSTANCE,
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/launchConfiguration:LaunchConfiguration",
        "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
    }
)


def _metadata_check(check: PartCheck) -> Check:
    """Make a rule's check of one that looks at the options of a machine's metadata service."""

    def run(resource: Resource, config: Config) -> Iterator[Finding]:
        options = resource.inputs.at("metadataOptions")
        # An instance takes what it does not say from its template, which is judged by itself.
        if resource.type == _INSTANCE and given(resource.inputs.at("launchTemplate")) and not options.exists():
            raise NotApplicable
        findings = list(check(Part(options)))
        if findings and options.at("httpEndpoint").text() != "disabled":
            yield from findings

    return run


IMDS_V2 = Rule(
    id="aws-imds-v2",
    description="Every machine's metadata service asks for a session token (IMDSv2).",
    remediation='Set "metadataOptions" with httpTokens "required".',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=controls(
        config="ec2-imdsv2-check ec2-launch-template-imdsv2-check autoscaling-launchconfig-requires-imdsv2",
        hub="EC2.8 EC2.170 AutoScaling.3",
        cis="5.7",
        well="SEC6",
    ),
    applies=_MACHINES.__contains__,
    # Left out, it is what the image or the account says, which is not seen from here.
    check=_metadata_check(must_be(lambda tokens: tokens.text() != "required", '"required"', "httpTokens")),
)

IMDS_HOP_LIMIT = Rule(
    id="aws-imds-hop-limit",
    description="Every machine's metadata service answers the machine itself alone.",
    remediation='Set "metadataOptions" with httpPutResponseHopLimit 1.',
    # Agents in containers with a network of their own may need the second hop.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(
        config="ec2-token-hop-limit-check autoscaling-launch-config-hop-limit", hub="AutoScaling.4", well="SEC6"
    ),
    applies=_MACHINES.__contains__,
    # Left out, it is what the image says, and that is 2 for Amazon Linux 2023.
    check=_metadata_check(must_be(lambda limit: limit.number() != 1, "1", "httpPutResponseHopLimit")),
)

NO_PUBLIC_IP = Rule(
    id="aws-instance-no-public-ip",
    description="No EC2 instance asks for a public address.",
    remediation='Leave "associatePublicIpAddress" out and put the instance into a private subnet.',
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="ec2-instance-no-public-ip", hub="EC2.9", well="SEC5"),
    applies=_INSTANCE.__eq__,
    check=of_resource(must_be_off("associatePublicIpAddress")),
)

# A launch template cannot switch the check off.
_FORWARDERS: Final = frozenset({_INSTANCE, "aws:ec2/networkInterface:NetworkInterface"})

NO_NAT_INSTANCE = Rule(
    id="aws-no-nat-instance",
    description="No machine forwards other machines' traffic, as a NAT instance does.",
    remediation="Leave sourceDestCheck on and route the way out through an aws.ec2.NatGateway.",
    # One machine to patch and to lose is a weakness, not a hole; and a firewall appliance has to forward.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="ec2-enis-source-destination-check-enabled", hub="EC2.180", well="REL2"),
    applies=_FORWARDERS.__contains__,
    check=of_resource(
        must_be(
            lambda switch: switch.boolean() is False,
            "true, and an aws.ec2.NatGateway for the way out",
            "sourceDestCheck",
        )
    ),
)
