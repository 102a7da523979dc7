"""The registry of berths. A new berth is its folder, its resource types and one line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from ipaddress import IPv4Network
from itertools import product
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Final

from components.berths.beanstalk.settings import BEANSTALK
from components.berths.contract import Berth
from components.berths.ec2.settings import EC2
from components.berths.ecs_ec2.settings import ECS_EC2
from components.berths.ecs_fargate.settings import ECS_FARGATE
from components.berths.eks.settings import EKS
from components.berths.lambda_.settings import LAMBDA
from components.config.checks import Case, check
from components.config.errors import ABSENT, Problem
from components.config.keys import Model, Rule, either, nearest, one_of
from components.config.reading import value_at
from components.deployment import DeploymentSettings
from components.rooms.network.settings import NetworkSettings
from components.rooms.network.subnets import LARGEST_VPC, SMALLEST_VPC, plan_subnets, usable_addresses
from components.service.settings import ServiceSettings, services_of

if TYPE_CHECKING:
    from components.berths.host import Host
    from components.ground import Ground
    from components.service.spec import ServiceSpec

_ALL: Final = (
    EKS,
    ECS_FARGATE,
    ECS_EC2,
    LAMBDA,
    EC2,
    BEANSTALK,
)
BERTHS: Final[dict[str, Berth]] = {berth.name: berth for berth in _ALL}

MOST_BERTHS: Final = 5
"""Target groups of a forward action (Elastic Load Balancing quotas)."""
HIGHEST_WEIGHT: Final = 999
"""Of a target group (Elastic Load Balancing API reference, ``TargetGroupTuple``)."""


def open_host(name: str, ground: Ground, settings: Model, services: Sequence[ServiceSpec], weight: int) -> Host[Any]:
    """Create a berth's host. A berth's module is imported only where it is used: Fargate never pays for EKS.

    One without a weight has no requests, and is on its way in or out: production does not keep it from going.
    """
    ground = replace(ground, production=ground.production and weight > 0)
    host: Host[Any] = resolve_name(BERTHS[name].host)(ground, BERTHS[name], settings, services)
    return host


def _weight_problems(weights: Mapping[str, int]) -> Iterator[str]:
    for name, weight in weights.items():
        if name not in BERTHS:
            close = nearest(name, BERTHS)
            yield f"{name} is no berth" + (f"; did you mean {close}?" if close else ".")
        if not 0 <= weight <= HIGHEST_WEIGHT:
            yield f"{weight} of {name} is too {'small' if weight < 0 else 'large'}."
    if len(weights) > MOST_BERTHS:
        yield f"{len(weights)} given; a load balancer shares requests among {MOST_BERTHS} at most."
    elif weights and not any(weights.values()):
        yield "No berth has a weight above 0, so no request would be answered."


berth_name: Final = one_of(tuple(BERTHS))
berth_weights: Final = Rule(
    f"1 to {MOST_BERTHS} of {either(BERTHS)}, each to its share of the requests, 0 to {HIGHEST_WEIGHT}, "
    "of which one at least is above 0",
    _weight_problems,
)


@check("backend", "berths")
def one_way_to_choose_berths(case: Case) -> Iterator[Problem]:
    """A stack has a berth: ``backend`` is the short form of one, ``berths`` holds several."""
    given = {name for name in ("backend", "berths") if case.reading.given.get(name)}
    if not given:
        yield case.reading.problem("backend", "It is missing, and there is no default.")
    elif len(given) == 2:
        yield case.reading.problem(
            "backend",
            "berth:berths stands beside it, and holds all berths.",
            allowed="a place in berth:berths, with its share of the requests",
            example=ABSENT,
        )


@check("backend", "berths", service=("kind",))
def every_berth_takes_every_service(case: Case) -> Iterator[Problem]:
    """Each service runs at each berth, so that none has a kind, or a key, that one of them has nothing for."""
    for name, (path, service) in product(case.berths, services_of(case, "kind")):
        berth = BERTHS[name]
        if service.kind not in berth.kinds:
            yield case.reading.problem(
                f"{path}.kind",
                f"{berth.title} runs no {service.kind}.",
                given=service.kind,
                allowed=f"{either(berth.kinds)} at {name}; or another berth",
                example=berth.kinds[0],
            )
        given = value_at(case.reading.given, path)
        for key in given if isinstance(given, Mapping) else ():
            if why := berth.without.get(key):
                yield case.reading.problem(
                    f"{path}.{key}",
                    f"{berth.title} has none: {why}.",
                    allowed=f"nothing at {name}; or another berth",
                    example=ABSENT,
                )


@check("deployment")
def releases_are_shifted_where_aws_can(case: Case) -> Iterator[Problem]:
    """ECS alone shifts requests to a release, and takes it back by an alarm; at one berth, as it rewrites the rule."""
    deployment = case.at("deployment", DeploymentSettings)
    if deployment.shifts and len(case.berths) > 1:
        yield case.reading.problem(
            "deployment.strategy",
            "ECS would rewrite the very rule by which several berths share the requests.",
            given=deployment.strategy,
            allowed="rolling at several berths; or one berth",
            example="rolling",
        )
    able = [name for name, berth in BERTHS.items() if berth.shifts]
    unable = [name for name in case.berths if name not in able]
    if unable and (deployment.shifts or deployment.takes_back):
        path, example = ("strategy", "rolling") if deployment.shifts else ("alarms", False)
        yield case.reading.problem(
            f"deployment.{path}",
            f"Nothing shifts requests to a release or takes it back at {', '.join(unable)}.",
            given=deployment.strategy if deployment.shifts else True,
            allowed=f"{'rolling' if deployment.shifts else 'false'}; or {either(able)}",
            example=example,
        )


@check("network.cidr", "network.existing")
def vpc_keeps_clear(case: Case) -> Iterator[Problem]:
    """The VPC's range is none that a berth uses inside itself."""
    settings = case.at("network", NetworkSettings)
    network = IPv4Network(settings.cidr)
    kept = {cidr: (name, use) for name in case.berths for cidr, use in BERTHS[name].kept_ranges.items()}
    for cidr, (name, use) in kept.items() if settings.existing is None else ():
        if network.overlaps(IPv4Network(cidr)):
            yield case.reading.problem(
                "network.cidr",
                f"{network} overlaps {cidr}, which {name} keeps for {use}.",
                allowed=f"a private range that does not overlap {cidr}",
                example="10.0.0.0/16",
            )


def addresses_needed(network: NetworkSettings, berths: Mapping[str, Model], services: Sequence[ServiceSettings]) -> int:
    """Estimate the addresses that a stack takes in its private subnets at its largest.

    Each zone: 8 of the load balancer and one of each interface endpoint (Elastic Load Balancing user guide, "Subnets
    for your load balancer"). At each berth each replica one, twice while a deployment replaces them, each job one, and
    what the berth itself takes.
    """
    zones = network.zones
    edge = zones * (8 + len(network.interface_endpoints))
    replicas = sum(service.most_replicas * (1 if service.kind == "job" else 2) for service in services)
    own = sum(BERTHS[name].addresses(settings, services, zones) for name, settings in berths.items())
    return edge + len(berths) * replicas + own


@check(
    *("network.cidr", "network.zones", "network.interfaceEndpoints", "network.existing", *BERTHS),
    service=("kind", "maxReplicas", "schedules"),
)
def private_subnets_hold_the_services(case: Case) -> Iterator[Problem]:
    """At their largest the services must not run out of addresses."""
    network = case.at("network", NetworkSettings)
    prefix = IPv4Network(network.cidr).prefixlen
    if network.existing or not LARGEST_VPC <= prefix <= SMALLEST_VPC:
        return

    def usable(cidr: str) -> int:
        return sum(map(usable_addresses, plan_subnets(cidr, network.zones).private))

    services = [service for _, service in services_of(case, "kind", "maxReplicas", "schedules")]
    needed = addresses_needed(network, {name: case.at(name, Model) for name in case.berths}, services)
    has = usable(network.cidr)
    if needed <= has:
        return
    range_ = IPv4Network(network.cidr)
    wider = [str(range_.supernet(new_prefix=shorter)) for shorter in range(prefix - 1, LARGEST_VPC - 1, -1)]
    fitting = next((cidr for cidr in wider if usable(cidr) >= needed), None)
    yield case.reading.problem(
        "network.cidr",
        f"Its private subnets have {has} addresses, and the services at their largest take about {needed}.",
        given=network.cidr,
        allowed="a larger range, up to /16; or a smaller maxReplicas",
        example=fitting or wider[-1] if wider else network.cidr,
    )
