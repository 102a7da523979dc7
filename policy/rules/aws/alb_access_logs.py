"""A load balancer records its requests."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from .shared import LOAD_BALANCERS, given, is_application_load_balancer, must_be_true

_enabled = must_be_true("accessLogs", "enabled")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if not is_application_load_balancer(resource):
        raise NotApplicable
    yield from _enabled(resource, config)
    bucket = resource.inputs.at("accessLogs", "bucket")
    if not given(bucket):
        yield Finding.at(bucket, "the bucket that takes the logs")


RULE = Rule(
    id="aws-alb-access-logs",
    description="Every application load balancer writes access logs.",
    remediation='Set "accessLogs" with enabled true and a bucket that Elastic Load Balancing may write to.',
    # It shows an attack afterwards; it stops none.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: elb-logging-enabled",
        "AWS Security Hub: ELB.5",
        "Well-Architected: Security (SEC 4)",
    ),
    applies=LOAD_BALANCERS.__contains__,
    check=_check,
)
