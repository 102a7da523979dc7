"""A Copilot environment: what of its manifest the stack takes, and which domain the API gets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from berth.importing.copilot.workload import Names, Workload
from berth.importing.draft import Stack
from berth.importing.table import SAME, Already, Carry, Left, NotCarried, Remark, Table
from berth.importing.values import one_among, text
from components.config.keys import LOG_RETENTION_DAYS


@dataclass
class Environment:
    """What a manifest says of the stack, and what it says that is decided later."""

    stack: Stack
    certificates: list[str] = field(default_factory=list)


def _network(environment: Environment) -> dict[str, Any]:
    network: dict[str, Any] = environment.stack.keys.setdefault("network", {})
    return network


def _vpc(environment: Environment, value: Any, _: Names) -> str:
    _network(environment)["existing"] = {"vpcId": text(value)}
    return "Its private subnets are those of services and, if there is one, of the database: berth:network.existing."


def _cidr(environment: Environment, value: Any, _: Names) -> None:
    _network(environment)["cidr"] = text(value)


def _private(environment: Environment, value: Any, _: Names) -> str | None:
    found = [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
    if ids := [text(one["id"]) for one in found if "id" in one]:
        existing = _network(environment).setdefault("existing", {})
        existing["privateSubnetIds"] = existing["dataSubnetIds"] = ids
        return None
    zones = {text(one["az"]) for one in found if "az" in one}
    if len(zones) == 3:
        _network(environment)["zones"] = 3
    return "A new network cuts its own subnets out of berth:network.cidr, in as many zones."


def _flow_logs(environment: Environment, value: Any, _: Names) -> str | None:
    if value is False:
        raise NotCarried("A network of its own has flow logs, always.", "flowLogRetentionDays: 1 keeps them a day")
    return None


def _flow_log_days(environment: Environment, value: Any, _: Names) -> None:
    _network(environment)["flowLogRetentionDays"] = one_among(LOG_RETENTION_DAYS)(value)


def _certificates(environment: Environment, value: Any, _: Names) -> str | None:
    environment.certificates = [text(one) for one in value] if isinstance(value, list) else [text(value)]
    if len(environment.certificates) > 1:
        return "The API has one domain and one certificate: the first is taken, if it is for the services' aliases."
    return None


_RULES = Left(
    "Security groups follow from what services use; no rules are added by hand.", "uses: [...] of each service"
)
_CDN = Left("No CDN is made.", "a CloudFront distribution beside this program, with the API's address as its origin")
_INGRESS = Left("The API is asked from everywhere.", "berth:api: {authorization: iam} or jwt says who may call")
_INTERNAL = Left(
    "The load balancer is internal, and services call each other by plain HTTP inside the network.",
    "berth:api.internalTls for TLS between the API and the load balancer",
)
_TLS = Left("AWS's own policy holds for an HTTP API: TLS 1.2 and newer.")
_LOGS = Left("Access logs go to a bucket of the stack's own, <name>-alb-<account>-<region>.", "read them there")

RULES: Final[Mapping[str, Carry[Environment] | Left | Already]] = {
    "name": SAME,
    "type": SAME,
    "network.vpc.id": _vpc,
    "network.vpc.cidr": _cidr,
    "network.vpc.subnets.private": _private,
    "network.vpc.subnets.public": Left("Nothing of a stack's own stands in public subnets but NAT gateways."),
    "network.vpc.security_group": _RULES,
    "network.vpc.flow_logs": _flow_logs,
    "network.vpc.flow_logs.retention": _flow_log_days,
    "cdn": Already((False,), _CDN),
    "cdn.certificate": _CDN,
    "cdn.terminate_tls": _CDN,
    "cdn.static_assets": _CDN,
    "http.public.certificates": _certificates,
    "http.public.access_logs": Already((True,), _LOGS),
    "http.public.access_logs.bucket_name": _LOGS,
    "http.public.access_logs.prefix": _LOGS,
    "http.public.ssl_policy": _TLS,
    "http.public.ingress": _INGRESS,
    "http.public.security_groups": _INGRESS,
    "http.private": _INTERNAL,
    "observability.container_insights": Already((True,), Left("Container Insights are on, always.")),
}
TABLE: Final = Table[Environment]("an Environment of Copilot", RULES)


def domain(environment: Environment, services: Sequence[Workload]) -> Iterator[Remark]:
    """Give the API the domain that the services' aliases share, and each service its host; yield what cannot be had."""
    named = []
    for service in services:
        for alias, zone in service.aliases:
            if service.is_internal:
                yield _lost(service, alias, "An internal service is reached by its path.", "`uses` in who calls it")
            else:
                named.append((service, alias, zone))
    if not named:
        return
    if not environment.certificates:
        for service, alias, _ in named:
            lines = f"berth:api: {{domain: {{name: {alias}, certificateArn: arn:aws:acm:…}}}} and host: {alias}"
            yield _lost(
                service, alias, "A domain needs a certificate of ACM, and the environment's manifest names none.", lines
            )
        return
    wanted = {alias for _, alias, _ in named}
    first = named[0][1]
    parent = first.partition(".")[2]
    name = first if wanted == {first} else f"*.{parent}"
    api: dict[str, Any] = {"name": name, "certificateArn": environment.certificates[0]}
    if zone := next((zone for _, _, zone in named if zone), None):
        api["hostedZoneId"] = zone
    environment.stack.keys.setdefault("api", {})["domain"] = api
    for service, alias, _ in named:
        if name not in (alias, f"*.{alias.partition('.')[2]}"):
            yield _lost(service, alias, f"The API has one domain, {name}.", "an alias below the same name")
        elif "host" in service.keys:
            yield _lost(service, alias, f"A service has one host, {service.keys['host']}.", "a path; or leave host out")
        else:
            service.keys["host"] = alias


def _lost(service: Workload, alias: str, why: str, instead: str) -> Remark:
    return Remark(service.file, f"{service.name}: http.alias", alias, "left", why, instead)


def region_of(tree: Mapping[str, Any]) -> str | None:
    """Return the region that a manifest's certificates or zones name, if any; CloudFront's are always in us-east-1."""
    found = re.findall(r"arn:aws[a-z-]*:acm:([a-z0-9-]+):", str(tree.get("http")))
    found += re.findall(r"'az': '([a-z]{2}(?:-[a-z]+)+-\d)[a-z]'", str(tree.get("network")))
    return found[0] if found else None
