"""The edge: one HTTP API before private services, whatever runs them.

Creates (``berth:edge:Edge``): internal application load balancer, its access logs and a listener for the API, with one
rule a routed service and its weighted target groups, a second listener where there are internal services, a web ACL, a
VPC link, and an API Gateway HTTP API with a default route, JSON access logs and throttling; by config CORS,
authorisation and a custom domain.

What AWS's reference does not say at first sight: the integration names the *listener's* ARN; without the path
mapping the stage's name would be sent on; its time-out is 30 s and cannot be raised; a VPC link's
subnets and groups cannot be changed (a change replaces it), and one that is idle for 60 days goes to
sleep. The edge belongs to no berth: a move between berths is a change of weights here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarms import watch
from components.ground import Ground
from components.mooring import Mooring
from components.offer import Binding, Offer, Reach
from components.rooms.edge.access_logs import AccessLogs
from components.rooms.edge.routes import (
    HOST_HEADER,
    MOST_RULES,
    NOT_FOUND,
    Door,
    chosen,
    conditions,
    forward,
    priority,
    shifted,
    transforms,
)
from components.rooms.edge.settings import ApiSettings, InternalTlsSettings
from components.rooms.edge.waf import CLIENT_ADDRESS_HEADER, web_acl_rules
from components.rooms.network.firewall import INTERNAL_PORT, listener_port
from components.service.settings import ServiceSettings, address_variable
from components.service.spec import Exposure

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.3 and 1.2, with forward secrecy (Elastic Load Balancing user guide, "Security policies")."""
INTEGRATION_TIMEOUT_MS = 30_000
"""The longest an HTTP API waits for an answer."""
ENVIRONMENT = {"RESPONSES_BUFFERED": "true"}
"""What a service behind this edge has to know: an HTTP API hands on a response only when it is complete (API Gateway's
response transfer mode STREAM exists for REST APIs alone), so that a stream reaches its client when it ends."""
REQUEST_ID_HEADER = "x-request-id"
"""Carries API Gateway's id of the request to the service, so that both logs name it alike."""

ACCESS_LOG_FIELDS = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "sourceIp": "$context.identity.sourceIp",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "protocol": "$context.protocol",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
    "latencyMs": "$context.responseLatency",
    "integrationStatus": "$context.integration.status",
    "integrationLatencyMs": "$context.integration.latency",
    "integrationError": "$context.integrationErrorMessage",
    "authorizerError": "$context.authorizer.error",
    "userAgent": "$context.identity.userAgent",
}
"""Access log, a JSON object a line: API Gateway's context variables for HTTP APIs."""


@dataclass(frozen=True, eq=False)
class _Door:
    """One endpoint of a service, at all of its berths."""

    service: str
    name: str
    """Of the endpoint."""
    port: int
    exposure: Exposure
    moorings: Sequence[Mooring]

    @property
    def key(self) -> Door:
        """What the priorities of its rules follow from."""
        return self.service, self.exposure.path, self.exposure.host, self.name

    @property
    def shares(self) -> list[tuple[pulumi.Input[str], int]]:
        """The target groups and their shares of the requests."""
        return [(mooring.target_groups[self.name].arn, mooring.weight) for mooring in self.moorings]

    @property
    def alternates(self) -> list[tuple[pulumi.Input[str], int]]:
        """The groups that releases fill, where AWS shifts the requests to them."""
        return [(mooring.alternates[self.name].arn, 0) for mooring in self.moorings if mooring.alternates]


def _doors(moorings: Sequence[Mooring]) -> list[_Door]:
    """Return the endpoints of the services, each once."""
    services = {mooring.spec.name: mooring.spec for mooring in moorings}
    return [
        _Door(name, endpoint.name, endpoint.port, endpoint.exposure, [one for one in moorings if one.spec is spec])
        for name, spec in services.items()
        for endpoint in spec.endpoints
    ]


class Edge(pulumi.ComponentResource):
    """The one address of the services."""

    url: pulumi.Output[str]
    """``https://…`` of the API, or of the custom domain; there after ``route``."""
    load_balancer: aws.lb.LoadBalancer

    def __init__(self, ground: Ground, settings: ApiSettings, *, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the load balancer and what protects it; ``route`` leads to the services.

        Args:
            ground: what every room and berth stands on.
            settings: ``berth:api``.
            opts: resource options.
        """
        super().__init__("berth:edge:Edge", ground.site.name, {"authorization": settings.authorization}, opts)
        self._ground, self._site, self._settings = ground, ground.site, settings
        self._child = pulumi.ResourceOptions(parent=self)
        self._balance()
        self._web_acl()

    def offer(self, service: ServiceSettings) -> Offer:
        """Return what a service is given that uses an internal service: its address, and the way there."""
        doors = {name: door for name, door in service.doors.items() if door.exposure == "internal"}
        base = pulumi.Output.concat("http://", self.load_balancer.dns_name, f":{INTERNAL_PORT}")
        return Offer(
            bindings=tuple(
                Binding(address_variable(service.name, name), pulumi.Output.concat(base, door.path or ""))
                for name, door in doors.items()
            ),
            reach=(Reach("internal", self._ground.firewall.load_balancer_id, INTERNAL_PORT),),
        )

    def route(self, moorings: Sequence[Mooring]) -> None:
        """Lead to the services, and the API to the public ones.

        Sets each mooring's ``arrivals``: until a listener forwards to a target group, ECS refuses a service that fills
        the group. And its ``alarms``, which are on metrics of the load balancer.

        Args:
            moorings: all of the stack; at most five of one service, which is the limit of a forward action.
        """
        doors = _doors(moorings)
        berths = {mooring.berth for mooring in moorings}
        self._by_header = (
            not self._ground.production and len(berths) > 1 and len(doors) * (1 + len(berths)) <= MOST_RULES
        )
        public = [door for door in doors if door.exposure.kind == "public"]
        internal = [door for door in doors if door.exposure.kind == "internal"]
        tls = self._settings.internal_tls
        listener = self._listen("listener", listener_port(encrypted=tls is not None), tls, public)
        if internal:
            self._listen("internal", INTERNAL_PORT, None, internal)
        for mooring in moorings:
            if mooring.target_groups:
                mooring.alarms = watch(mooring, self.load_balancer)
        by_host = any(door.exposure.host for door in public)
        api = self._api(listener, by_host=by_host)
        self.url = self._domain(api) if self._settings.domain else api.api_endpoint
        self.register_outputs({"url": self.url})

    def _balance(self) -> None:
        name, production = self._site.name, self._ground.production
        logs = AccessLogs(
            self._site, retention_days=self._settings.log_retention_days, keep=production, opts=self._child
        )
        self.load_balancer = aws.lb.LoadBalancer(
            f"{name}-alb",
            name=name,
            internal=True,
            load_balancer_type="application",
            subnets=self._ground.network.private_subnet_ids,
            security_groups=[self._ground.firewall.load_balancer_id],
            drop_invalid_header_fields=True,
            enable_deletion_protection=production,
            access_logs={"bucket": logs.bucket, "enabled": True},
            tags={"Name": name},
            opts=self._child.merge(pulumi.ResourceOptions(depends_on=logs.ready)),
        )

    def _listen(
        self, suffix: str, port: int, tls: InternalTlsSettings | None, doors: Sequence[_Door]
    ) -> aws.lb.Listener:
        """Create a listener with its rules: the endpoint without path and host is the default, or nothing is.

        Where AWS shifts requests to a release, that endpoint has a rule as well, which asks for everything: AWS
        rewrites no default. What forwards to the groups of the rule is AWS's business once the rule is there.
        """
        name = self._site.name
        default = next((door for door in doors if not (door.exposure.path or door.exposure.host)), None)
        listener = aws.lb.Listener(
            f"{name}-{suffix}",
            load_balancer_arn=self.load_balancer.arn,
            port=port,
            protocol="HTTPS" if tls else "HTTP",
            certificate_arn=tls.certificate_arn if tls else None,
            ssl_policy=TLS_POLICY if tls else None,
            default_actions=[forward(default.shares) if default else NOT_FOUND],
            opts=self._child,
        )
        headers = self._choose(listener, doors)
        for door in doors:
            shifts = bool(door.alternates)
            arrival: pulumi.Resource = listener
            if shifts or door is not default:
                # Its groups' port where AWS shifts requests: then nothing else tells it of other groups.
                suffix = str(door.port) if shifts else door.name
                # Two hyphens: a service's own name has none, and may be shop-admin beside the port admin of shop.
                rule = f"{name}-{door.service}" + (f"--{suffix}" if suffix else "")
                way = door.exposure
                arrival = made = aws.lb.ListenerRule(
                    rule,
                    listener_arn=listener.arn,
                    priority=priority(*door.key, before=shifted(door.port) if shifts else 0),
                    actions=[forward([*door.shares, *door.alternates])],
                    conditions=conditions(way),
                    transforms=transforms(way),
                    tags={"Name": rule},
                    opts=self._child.merge(
                        pulumi.ResourceOptions(ignore_changes=["actions"] if shifts else [], depends_on=headers)
                    ),
                )
            for mooring in door.moorings:
                mooring.arrivals.append(arrival)
                mooring.load_balancer = self.load_balancer
                if shifts:
                    mooring.rules[door.name] = made
        return listener

    def _choose(self, listener: aws.lb.Listener, doors: Sequence[_Door]) -> list[pulumi.Resource]:
        """Let a header choose the berth: return the rules."""
        rules: list[pulumi.Resource] = []
        berths = {mooring.berth for door in doors for mooring in door.moorings}
        places = chosen([door.key for door in doors], berths) if self._by_header else {}
        for door in doors:
            for mooring in door.moorings:
                if (place := places.get((door.key, mooring.berth))) is None:
                    continue
                # Three hyphens: a port may have a berth's name.
                rule = (
                    f"{self._site.name}-{door.service}"
                    + (f"--{door.name}" if door.name else "")
                    + f"---{mooring.berth}"
                )
                made = aws.lb.ListenerRule(
                    rule,
                    listener_arn=listener.arn,
                    priority=place,
                    actions=[forward([(mooring.target_groups[door.name].arn, 1)])],
                    conditions=conditions(door.exposure, mooring.berth),
                    transforms=transforms(door.exposure),
                    tags={"Name": rule},
                    opts=self._child,
                )
                rules.append(made)
        return rules

    def _web_acl(self) -> None:
        name = self._site.name
        acl = aws.wafv2.WebAcl(
            f"{name}-waf",
            name=name,
            scope="REGIONAL",
            default_action={"allow": {}},
            rules=web_acl_rules(self._settings.waf_rate_limit),
            visibility_config={
                "cloudwatch_metrics_enabled": True,
                "metric_name": name,
                "sampled_requests_enabled": True,
            },
            opts=self._child,
        )
        aws.wafv2.WebAclAssociation(
            f"{name}-waf", resource_arn=self.load_balancer.arn, web_acl_arn=acl.arn, opts=self._child
        )

    def _api(self, listener: aws.lb.Listener, *, by_host: bool) -> aws.apigatewayv2.Api:
        name, settings = self._site.name, self._settings
        cors: Any = None
        if settings.cors:
            cors = {
                "allow_origins": settings.cors.allow_origins,
                "allow_methods": settings.cors.allow_methods,
                "allow_headers": settings.cors.allow_headers,
                "max_age": settings.cors.max_age_seconds,
            }
        api = aws.apigatewayv2.Api(
            f"{name}-api",
            name=name,
            protocol_type="HTTP",
            cors_configuration=cors,
            # With a domain of its own the generated address would be a way around it.
            disable_execute_api_endpoint=settings.domain is not None,
            opts=self._child,
        )
        link = aws.apigatewayv2.VpcLink(
            # No name: with one, a change of subnets would delete the old link first, which is refused while in use.
            f"{name}-link",
            subnet_ids=self._ground.network.private_subnet_ids,
            security_group_ids=[self._ground.firewall.link_id],
            opts=self._child,
        )
        integration = aws.apigatewayv2.Integration(
            f"{name}-integration",
            api_id=api.id,
            integration_type="HTTP_PROXY",
            integration_method="ANY",
            integration_uri=listener.arn,
            connection_type="VPC_LINK",
            connection_id=link.id,
            payload_format_version="1.0",
            timeout_milliseconds=INTEGRATION_TIMEOUT_MS,
            tls_config={"server_name_to_verify": tls.server_name} if (tls := settings.internal_tls) else None,
            request_parameters={
                **({f"overwrite:header.{HOST_HEADER}": "$context.domainName"} if by_host else {}),
                "overwrite:path": "$request.path",
                f"overwrite:header.{CLIENT_ADDRESS_HEADER}": "$context.identity.sourceIp",
                f"overwrite:header.{REQUEST_ID_HEADER}": "$context.requestId",
            },
            opts=self._child,
        )
        target = integration.id.apply(lambda id: f"integrations/{id}")
        aws.apigatewayv2.Route(
            f"{name}-default",
            api_id=api.id,
            route_key="$default",
            target=target,
            opts=self._child,
            **self._authorization(api),
        )
        if settings.cors and settings.authorization != "none":
            # The default route would ask a browser's preflight for credentials that it never sends.
            aws.apigatewayv2.Route(
                f"{name}-preflight",
                api_id=api.id,
                route_key="OPTIONS /{proxy+}",
                target=target,
                authorization_type="NONE",
                opts=self._child,
            )
        self._stage(api)
        return api

    def _authorization(self, api: aws.apigatewayv2.Api) -> dict[str, Any]:
        """Return the default route's arguments that say who may call it."""
        settings = self._settings
        if settings.authorization == "iam":
            return {"authorization_type": "AWS_IAM"}
        if settings.jwt is None:
            return {"authorization_type": "NONE"}
        authorizer = aws.apigatewayv2.Authorizer(
            f"{self._site.name}-jwt",
            api_id=api.id,
            name="jwt",
            authorizer_type="JWT",
            identity_sources=["$request.header.Authorization"],
            jwt_configuration={"issuer": settings.jwt.issuer, "audiences": settings.jwt.audience},
            opts=self._child,
        )
        return {"authorization_type": "JWT", "authorizer_id": authorizer.id}

    def _stage(self, api: aws.apigatewayv2.Api) -> None:
        name, settings = self._site.name, self._settings
        # Under /aws/vendedlogs/ all groups share one resource policy, whose size is limited.
        logs = aws.cloudwatch.LogGroup(
            f"{name}-api-logs",
            name=f"/aws/vendedlogs/apigateway/{name}",
            retention_in_days=settings.log_retention_days,
            opts=self._child,
        )
        self.stage = aws.apigatewayv2.Stage(
            f"{name}-stage",
            api_id=api.id,
            name="$default",
            auto_deploy=True,
            access_log_settings={"destination_arn": logs.arn, "format": json.dumps(ACCESS_LOG_FIELDS)},
            default_route_settings={
                "throttling_rate_limit": settings.throttle_rate,
                "throttling_burst_limit": settings.throttle_burst,
                "detailed_metrics_enabled": True,
            },
            opts=self._child,
        )

    def _domain(self, api: aws.apigatewayv2.Api) -> pulumi.Output[str]:
        """Put the custom domain before the API, with its DNS record where config names the zone."""
        name, settings = self._site.name, self._settings.domain
        assert settings is not None
        domain = aws.apigatewayv2.DomainName(
            f"{name}-domain",
            domain_name=settings.name,
            domain_name_configuration={
                "certificate_arn": settings.certificate_arn,
                "endpoint_type": "REGIONAL",
                "security_policy": "TLS_1_2",
            },
            opts=self._child,
        )
        aws.apigatewayv2.ApiMapping(
            f"{name}-domain",
            api_id=api.id,
            domain_name=domain.id,
            stage=self.stage.id,
            opts=self._child,
        )
        if settings.hosted_zone_id:
            target = domain.domain_name_configuration
            aws.route53.Record(
                f"{name}-domain",
                zone_id=settings.hosted_zone_id,
                name=settings.name,
                type="A",
                aliases=[
                    {
                        "name": target.target_domain_name,
                        "zone_id": target.hosted_zone_id,
                        "evaluate_target_health": False,
                    }
                ],
                opts=self._child,
            )
        return pulumi.Output.from_input(f"https://{settings.name}")
