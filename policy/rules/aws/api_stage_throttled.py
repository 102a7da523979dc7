"""An API takes no more requests than the service behind it can bear."""

from collections.abc import Iterator

from ..evaluate import each
from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..values import Field


def _limit(limit: Field) -> Iterator[Finding]:
    # Zero is no limit that anybody means: it refuses every request.
    if not (limit.number() or 0) > 0:
        yield Finding.at(limit, "the requests that the service can bear")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    settings = resource.inputs.at("defaultRouteSettings")
    yield from each([settings.at("throttlingRateLimit"), settings.at("throttlingBurstLimit")], _limit)


RULE = Rule(
    id="aws-api-stage-throttled",
    description="Every stage of an API Gateway API limits its requests.",
    remediation='Set "defaultRouteSettings" with throttlingRateLimit and throttlingBurstLimit.',
    # Without it the account's limit holds, which all its APIs share.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=("Well-Architected: Reliability (REL 5)",),
    applies="aws:apigatewayv2/stage:Stage".__eq__,
    check=_check,
)
