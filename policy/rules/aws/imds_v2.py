"""A machine's credentials are not had by a mere GET."""

from collections.abc import Iterator

from ..model import Finding, Level, Rule, Severity
from ..values import Field
from .instance_metadata import MACHINES, metadata_check


def _options(options: Field) -> Iterator[Finding]:
    # Left out, it is what the image or the account says, which is not seen from here.
    tokens = options.at("httpTokens")
    if tokens.text() != "required":
        yield Finding.at(tokens, '"required"')


RULE = Rule(
    id="aws-imds-v2",
    description="Every machine's metadata service asks for a session token (IMDSv2).",
    remediation='Set "metadataOptions" with httpTokens "required".',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=(
        "AWS Config: ec2-imdsv2-check",
        "AWS Config: ec2-launch-template-imdsv2-check",
        "AWS Config: autoscaling-launchconfig-requires-imdsv2",
        "AWS Security Hub: EC2.8",
        "AWS Security Hub: EC2.170",
        "AWS Security Hub: AutoScaling.3",
        "CIS AWS Foundations 5.0.0: 5.7",
        "Well-Architected: Security (SEC 6)",
    ),
    applies=MACHINES.__contains__,
    check=metadata_check(_options),
)
