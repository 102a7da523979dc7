"""Rules on load balancers, APIs, web ACLs and certificates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from ..parts import Part, PartCheck, all_of, must_be, must_be_on, of_resource
from ..rule import Check, Config, Finding, Level, NotApplicable, Resource, Rule, Severity, Stack, StackRule, controls
from ..values import Field
from .shared import given

_ELB: Final = ("lb", "alb", "elasticloadbalancingv2", "applicationloadbalancing")
_LOAD_BALANCERS: Final = frozenset(f"aws:{module}/loadBalancer:LoadBalancer" for module in _ELB)
_LISTENERS: Final = frozenset(f"aws:{module}/listener:Listener" for module in _ELB)


def _application(check: PartCheck) -> Check:
    """Make a check of load balancers for HTTP, as one is unless it says otherwise."""

    def run(resource: Resource, config: Config) -> Iterable[Finding]:
        if resource.inputs.at("loadBalancerType").text() not in (None, "application"):
            raise NotApplicable
        return check(Part(resource.inputs))

    return run


def _access_logs(balancer: Part) -> Iterator[Finding]:
    yield from must_be_on("accessLogs", "enabled")(balancer)
    bucket = balancer.at("accessLogs", "bucket")
    if not given(bucket):
        yield balancer.wrong(bucket, "the bucket that takes the logs")


ALB_ACCESS_LOGS = Rule(
    id="aws-alb-access-logs",
    description="Every application load balancer writes access logs.",
    remediation='Set "accessLogs" with enabled true and a bucket that Elastic Load Balancing may write to.',
    # It shows an attack afterwards; it stops none.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="elb-logging-enabled", hub="ELB.5", well="SEC4"),
    applies=_LOAD_BALANCERS.__contains__,
    check=_application(_access_logs),
)

ALB_DROPS_INVALID_HEADERS = Rule(
    id="aws-alb-drops-invalid-headers",
    description="Every application load balancer drops headers with invalid names.",
    remediation='Set "dropInvalidHeaderFields" to true.',
    # It takes a second fault, in the service behind, to smuggle a request.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="alb-http-drop-invalid-header-enabled", hub="ELB.4", well="SEC5"),
    applies=_LOAD_BALANCERS.__contains__,
    check=_application(must_be_on("dropInvalidHeaderFields")),
)


def _redirects(listener: Resource) -> bool:
    actions = listener.inputs.at("defaultActions").items()
    return bool(actions) and all(
        one.at("type").text() == "redirect" and one.at("redirect", "protocol").text() == "HTTPS" for one in actions
    )


def _http(listener: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    protocol = listener.inputs.at("protocol")
    if protocol.text() != "HTTP":
        raise NotApplicable
    if _redirects(listener):
        return
    referred = listener.references.get("loadBalancerArn", ())
    balancers = [one for one in stack.of_type(*_LOAD_BALANCERS) if one.urn in referred]
    if balancers and all(one.inputs.at("internal").boolean() for one in balancers):
        return
    found = '"HTTP" on a load balancer that is open to the internet'
    if not balancers:
        # Its scheme does not show in an ARN.
        found = '"HTTP" on a load balancer of another stack, which may be open to the internet'
    yield Finding.at(protocol, '"HTTPS", or a default action that redirects to it', found=found)


ALB_HTTP_REDIRECTS = StackRule(
    id="aws-alb-http-redirects",
    description="Every plain HTTP listener of an internet-facing load balancer redirects to HTTPS.",
    remediation='Give the listener a default action of type "redirect" with protocol "HTTPS", or a certificate.',
    # What the load balancer serves may be meant for everybody's eyes; the program's author knows.
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=controls(config="alb-http-to-https-redirection-check", hub="ELB.1", well="SEC9"),
    applies=_LISTENERS.__contains__,
    check=_http,
)

# AWS names its policies by the oldest version that they speak; those of before 2017 speak TLS 1.0.
_MODERN: Final = re.compile(r"ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)-.+")


def _tls_policy(resource: Resource, config: Config) -> Iterator[Finding]:
    if (resource.inputs.at("protocol").text() or "").upper() not in ("HTTPS", "TLS"):
        raise NotApplicable
    policy = resource.inputs.at("sslPolicy")
    # Left out, it is ELBSecurityPolicy-2016-08, which speaks TLS 1.0.
    if not _MODERN.fullmatch(policy.text() or ""):
        yield Finding.at(policy, '"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"')


LB_TLS_POLICY = Rule(
    id="aws-lb-tls-policy",
    description="Every listener with TLS refuses versions older than 1.2.",
    remediation='Set "sslPolicy" to one whose name says TLS13-1-2 or TLS13-1-3.',
    # A client has to be made to speak the old version first.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="elbv2-predefined-security-policy-ssl-check", hub="ELB.17", well="SEC9"),
    applies=_LISTENERS.__contains__,
    check=_tls_policy,
)


def _authorized(resource: Resource, config: Config) -> Iterator[Finding]:
    key = resource.inputs.at("routeKey").text() or ""
    # A browser's preflight carries no credentials; a WebSocket asks for them once, when it connects.
    if key.startswith("OPTIONS ") or key == "$disconnect":
        raise NotApplicable
    authorization = resource.inputs.at("authorizationType")
    if authorization.text() in (None, "NONE"):
        yield Finding.at(authorization, '"JWT", "AWS_IAM" or "CUSTOM"')


API_ROUTE_AUTHORIZED = Rule(
    id="aws-api-route-authorized",
    description="Every route of an API Gateway API asks who calls.",
    remediation='Set "authorizationType" to "JWT", "AWS_IAM" or "CUSTOM".',
    # The service may ask for itself, or be meant for everybody: it is said, so that somebody decides.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="api-gwv2-authorization-type-configured", hub="APIGateway.8", well="SEC3"),
    applies="aws:apigatewayv2/route:Route".__eq__,
    check=_authorized,
)

API_STAGE_LOGS = Rule(
    id="aws-api-stage-logs",
    description="Every stage of an API Gateway API writes access logs.",
    remediation='Set "accessLogSettings" with the ARN of a log group and a format.',
    # It shows an attack afterwards; it stops none.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="api-gwv2-access-logs-enabled", hub="APIGateway.9", well="SEC4"),
    applies="aws:apigatewayv2/stage:Stage".__eq__,
    check=of_resource(
        must_be(lambda log: not given(log), "the ARN of a log group", "accessLogSettings", "destinationArn")
    ),
)


def _no_limit(limit: Field) -> bool:
    # Zero is no limit that anybody means: it refuses every request.
    return (limit.number() or 0) <= 0


_KEYS: Final = ("throttlingRateLimit", "throttlingBurstLimit")

API_STAGE_THROTTLED = Rule(
    id="aws-api-stage-throttled",
    description="Every stage of an API Gateway API limits its requests.",
    remediation='Set "defaultRouteSettings" with throttlingRateLimit and throttlingBurstLimit.',
    # Without it the account's limit holds, which all its APIs share.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(well="REL5"),
    applies="aws:apigatewayv2/stage:Stage".__eq__,
    check=of_resource(
        all_of(
            *(
                must_be(_no_limit, "the requests that the service can bear", "defaultRouteSettings", key)
                for key in _KEYS
            )
        )
    ),
)


def _limits(rule: Field) -> bool:
    return given(rule.at("statement", "rateBasedStatement")) and not given(rule.at("action", "count"))


def _rate_limit(resource: Resource, config: Config) -> Iterator[Finding]:
    if given(resource.inputs.at("ruleJson")):
        raise NotApplicable  # a document of AWS's own, in another spelling
    rules = resource.inputs.at("rules")
    if not any(_limits(rule) for rule in rules.items()):
        yield Finding.at(rules, "a rule with a rateBasedStatement that blocks", found="without a rate limit")


WAF_RATE_LIMIT = Rule(
    id="aws-waf-rate-limit",
    description="Every web ACL limits how often one client may ask.",
    remediation="Add a rule with a rateBasedStatement whose action blocks.",
    # What stands before it may limit already, as the throttling of an API does.
    level=Level.ADVISORY,
    severity=Severity.LOW,
    frameworks=controls(config="wafv2-webacl-not-empty", hub="WAF.10", well="SEC5 REL5"),
    applies="aws:wafv2/webAcl:WebAcl".__eq__,
    check=_rate_limit,
)


def _certificate(resource: Resource, config: Config) -> Iterator[Finding]:
    method = resource.inputs.at("validationMethod")
    if method.text() == "EMAIL":
        yield Finding.at(method, '"DNS"')
    imported = resource.inputs.at("privateKey")
    if imported.exists():
        yield Finding.at(imported, 'a certificate of ACM with "validationMethod": "DNS"', found="an imported key")


CERTIFICATE_RENEWS = Rule(
    id="aws-certificate-renews",
    description="Every ACM certificate is one that ACM renews without anybody's help.",
    remediation='Let ACM issue it with "validationMethod": "DNS".',
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="acm-certificate-expiration-check", hub="ACM.1", well="SEC9"),
    applies="aws:acm/certificate:Certificate".__eq__,
    check=_certificate,
)
