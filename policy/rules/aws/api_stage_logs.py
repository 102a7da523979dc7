"""An API records its requests."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity
from .shared import given


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    destination = resource.inputs.at("accessLogSettings", "destinationArn")
    if not given(destination):
        yield Finding.at(destination, "the ARN of a log group")


RULE = Rule(
    id="aws-api-stage-logs",
    description="Every stage of an API Gateway API writes access logs.",
    remediation='Set "accessLogSettings" with the ARN of a log group and a format.',
    # It shows an attack afterwards; it stops none.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: api-gwv2-access-logs-enabled",
        "AWS Security Hub: APIGateway.9",
        "Well-Architected: Security (SEC 4)",
    ),
    applies="aws:apigatewayv2/stage:Stage".__eq__,
    check=_check,
)
