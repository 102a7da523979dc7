"""A machine has no address of its own on the internet."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    public = resource.inputs.at("associatePublicIpAddress")
    if public.boolean():
        yield Finding.at(public, "false, or leave it out")


RULE = Rule(
    id="aws-instance-no-public-ip",
    description="No EC2 instance asks for a public address.",
    remediation='Leave "associatePublicIpAddress" out and put the instance into a private subnet.',
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: ec2-instance-no-public-ip",
        "AWS Security Hub: EC2.9",
        "Well-Architected: Security (SEC 5)",
    ),
    applies=frozenset({"aws:ec2/instance:Instance"}).__contains__,
    check=_check,
)
