"""The cases of the rules on load balancers, APIs, web ACLs and image repositories."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from policy.rules.values import UNKNOWN

from ..support import REMOVED, Inputs, Planned
from ..table import TOPIC, Cases, each_of
from .aws import variations

REPOSITORY = "aws:ecr/repository:Repository"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
STAGE = "aws:apigatewayv2/stage:Stage"
ROUTE = "aws:apigatewayv2/route:Route"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"

repository = Planned(
    REPOSITORY,
    {
        "name": "it",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfigurations": [{"encryptionType": "KMS"}],
    },
)

REGISTRY = {
    "aws-ecr-immutable-tags": Cases(
        good=[repository],
        bad=variations(repository, {"imageTagMutability": ["MUTABLE", "IMMUTABLE_WITH_EXCLUSION", REMOVED]}),
    ),
    "aws-ecr-scan-on-push": Cases(
        good=[repository],
        bad=variations(
            repository,
            {"imageScanningConfiguration": [REMOVED], "imageScanningConfiguration.scanOnPush": [False, "true"]},
        ),
    ),
    "aws-ecr-encrypted": Cases(
        good=[repository, *variations(repository, {"encryptionConfigurations[0].encryptionType": ["KMS_DSSE"]})],
        bad=variations(
            repository,
            {
                "encryptionConfigurations": [REMOVED, []],
                "encryptionConfigurations[0].encryptionType": ["AES256", REMOVED],
            },
        ),
    ),
}

balancer = Planned(
    BALANCER, {"dropInvalidHeaderFields": True, "internal": True, "accessLogs": {"bucket": UNKNOWN, "enabled": True}}
)

network_balancer = Planned(BALANCER, {"loadBalancerType": "network"})
tls = Planned(LISTENER, {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"})
to_https: Inputs = {"type": "redirect", "redirect": {"protocol": "HTTPS", "statusCode": "HTTP_301"}}

stage = Planned(
    STAGE,
    {
        "accessLogSettings": {"destinationArn": UNKNOWN, "format": "{}"},
        "defaultRouteSettings": {"throttlingRateLimit": 100.0, "throttlingBurstLimit": 200.0},
    },
)


def _plain(on: Planned | None, **more: Any) -> Planned:
    """Return a listener that speaks HTTP, and forwards unless it is told otherwise."""
    inputs = {"protocol": "HTTP", "defaultActions": [{"type": "forward"}], "loadBalancerArn": UNKNOWN} | more
    if on is None:
        return Planned(LISTENER, inputs)
    return Planned(LISTENER, inputs, property_dependencies={"loadBalancerArn": [on.urn]}, beside=(on,))


EDGE = {
    "aws-alb-drops-invalid-headers": Cases(
        good=[balancer, replace(balancer, type="aws:alb/loadBalancer:LoadBalancer")],
        bad=variations(balancer, {"dropInvalidHeaderFields": [REMOVED, False, "true"]}),
        foreign=[TOPIC, network_balancer],
    ),
    "aws-alb-access-logs": Cases(
        good=[balancer, *variations(balancer, {"accessLogs.bucket": ["it"], "loadBalancerType": ["application"]})],
        bad=variations(balancer, {"accessLogs": [REMOVED, {"enabled": True}], "accessLogs.enabled": [False, REMOVED]}),
        foreign=[TOPIC, network_balancer],
    ),
    "aws-lb-tls-policy": Cases(
        good=[
            tls,
            *variations(
                tls,
                {
                    "protocol": ["TLS"],
                    "sslPolicy": [
                        *(
                            f"ELBSecurityPolicy-{name}"
                            for name in (
                                "TLS13-1-2-Res-PQ-2025-09",
                                "TLS13-1-3-2021-06",
                                "TLS13-1-2-Ext0-FIPS-2023-04",
                                "TLS-1-2-2017-01",
                                "TLS-1-2-Ext-2018-06",
                                "FS-1-2-Res-2020-10",
                            )
                        )
                    ],
                },
            ),
        ],
        bad=variations(
            tls,
            {
                "sslPolicy": [
                    REMOVED,
                    *(
                        f"ELBSecurityPolicy-{name}"
                        for name in (
                            "2016-08",
                            "2015-05",
                            "TLS-1-0-2015-04",
                            "TLS-1-1-2017-01",
                            "FS-2018-06",
                            "FS-1-1-2019-08",
                            "TLS13-1-1-2021-06",
                            "TLS13-1-0-FIPS-2023-04",
                        )
                    ),
                    "mine",
                ]
            },
        ),
        foreign=[TOPIC, Planned(LISTENER, {"protocol": "HTTP"}), Planned(LISTENER, {"protocol": "TCP"})],
    ),
    "aws-alb-http-redirects": Cases(
        good=[
            _plain(balancer),
            _plain(replace(balancer, inputs={}), defaultActions=[to_https]),
            _plain(None, defaultActions=[to_https]),
        ],
        bad=[
            _plain(replace(balancer, inputs={})),
            _plain(replace(balancer, inputs={"internal": False})),
            _plain(replace(balancer, inputs={"internal": UNKNOWN})),
            _plain(replace(balancer, inputs={}), defaultActions=[]),
            _plain(replace(balancer, inputs={}), defaultActions=[{"type": "redirect", "redirect": {"port": "81"}}]),
            _plain(replace(balancer, inputs={}), defaultActions=[to_https, {"type": "forward"}]),
            # Not the internal one, but another.
            replace(_plain(None), beside=(balancer,)),
        ],
        foreign=[TOPIC, tls, Planned(LISTENER, {"protocol": "TCP"})],
    ),
    "aws-api-stage-logs": Cases(
        good=[stage],
        bad=variations(
            stage, {"accessLogSettings": [REMOVED, "arn:it"], "accessLogSettings.destinationArn": [REMOVED]}
        ),
    ),
    "aws-api-stage-throttled": Cases(
        good=[stage, *variations(stage, {"defaultRouteSettings.throttlingRateLimit": [1]})],
        bad=variations(
            stage,
            {
                "defaultRouteSettings": [REMOVED],
                "defaultRouteSettings.throttlingRateLimit": [REMOVED, -1],
                "defaultRouteSettings.throttlingBurstLimit": [0],
            },
        ),
    ),
    "aws-api-route-authorized": Cases(
        good=[
            Planned(ROUTE, {"routeKey": "$default", "authorizationType": kind}) for kind in ("JWT", "AWS_IAM", "CUSTOM")
        ],
        bad=each_of(ROUTE, {"routeKey": "$default", "authorizationType": "NONE"}, {"routeKey": "GET /OPTIONS "}),
        foreign=[
            TOPIC,
            Planned(ROUTE, {"routeKey": "OPTIONS /{proxy+}", "authorizationType": "NONE"}),
            Planned(ROUTE, {"routeKey": "$disconnect"}),
        ],
    ),
    "aws-waf-rate-limit": Cases(
        good=[
            Planned(
                WEB_ACL, {"rules": [{"statement": {"rateBasedStatement": {"limit": 2000}}, "action": {action: {}}}]}
            )
            for action in ("block", "challenge")
        ],
        bad=[
            Planned(WEB_ACL, {}),
            Planned(WEB_ACL, {"rules": [{"statement": {"managedRuleGroupStatement": {"name": "Common"}}}]}),
            Planned(
                WEB_ACL, {"rules": [{"statement": {"rateBasedStatement": {"limit": 2000}}, "action": {"count": {}}}]}
            ),
        ],
        foreign=[TOPIC, Planned(WEB_ACL, {"ruleJson": "[]"})],
    ),
}
