"""A load balancer passes no header on that is no header."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from .shared import LOAD_BALANCERS, is_application_load_balancer, must_be_true

_dropped = must_be_true("dropInvalidHeaderFields")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if not is_application_load_balancer(resource):
        raise NotApplicable
    yield from _dropped(resource, config)


RULE = Rule(
    id="aws-alb-drops-invalid-headers",
    description="Every application load balancer drops headers with invalid names.",
    remediation='Set "dropInvalidHeaderFields" to true.',
    # It takes a second fault, in the service behind, to smuggle a request.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: alb-http-drop-invalid-header-enabled",
        "AWS Security Hub: ELB.4",
        "Well-Architected: Security (SEC 5)",
    ),
    applies=LOAD_BALANCERS.__contains__,
    check=_check,
)
