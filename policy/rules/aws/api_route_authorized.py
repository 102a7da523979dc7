"""An API knows who calls."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    key = resource.inputs.at("routeKey").text() or ""
    # A browser's preflight carries no credentials; a WebSocket asks for them once, when it connects.
    if key.startswith("OPTIONS ") or key == "$disconnect":
        raise NotApplicable
    authorization = resource.inputs.at("authorizationType")
    if authorization.text() in (None, "NONE"):
        yield Finding.at(authorization, '"JWT", "AWS_IAM" or "CUSTOM"')


RULE = Rule(
    id="aws-api-route-authorized",
    description="Every route of an API Gateway API asks who calls.",
    remediation='Set "authorizationType" to "JWT", "AWS_IAM" or "CUSTOM".',
    # The service may ask for itself, or be meant for everybody: it is said, so that somebody decides.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: api-gwv2-authorization-type-configured",
        "AWS Security Hub: APIGateway.8",
        "Well-Architected: Security (SEC 3)",
    ),
    applies="aws:apigatewayv2/route:Route".__eq__,
    check=_check,
)
