"""Which keys do not go together, and what must be there on the machine: each check is one function.

A check names the keys it reads and runs only when none of them has a problem of its own, so that one
mistake is reported once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from components.config import regions
from components.config.errors import ABSENT, Problem
from components.config.keys import WEAKNESSES, either, nearest
from components.sizing import (
    FARGATE_MEMORY_TEXT,
    FARGATE_SIZES,
    instance_architecture,
    instance_size,
    is_fargate_size,
    nearest_fargate_size,
)
from components.subnets import LARGEST_VPC, SMALLEST_SUBNET, SMALLEST_VPC, plan_subnets, usable_addresses

if TYPE_CHECKING:
    from components.config.reading import Reading
    from components.settings import Settings

NAME_LENGTH: Final = 28
"""Most characters of ``<service>-<stack>``. A load balancer has 32 (Elastic Load Balancing API reference,
``CreateLoadBalancer``); the access logs' bucket, ``<service>-<stack>-alb-<account>-<region>``, has 63, which leaves 30
in the region with the longest code."""


@dataclass(frozen=True)
class Case:
    """One stack to be judged."""

    settings: Settings
    reading: Reading[Any]
    root: Path


Check = Callable[[Case], Iterator[Problem]]
_CHECKS: list[tuple[tuple[str, ...], Check]] = []


def check(*paths: str) -> Callable[[Check], Check]:
    """Register a check that reads these keys."""

    def register(function: Check) -> Check:
        _CHECKS.append((paths, function))
        return function

    return register


def described_checks() -> list[tuple[tuple[str, ...], str]]:
    """Return for each check the keys it reads and what it is for."""
    return [(paths, (function.__doc__ or "").partition("\n\n")[0]) for paths, function in _CHECKS]


def run_checks(settings: Settings, reading: Reading[Any], root: Path) -> list[Problem]:
    """Return what is wrong between the keys.

    Args:
        settings: the settings, with defaults in place of what is broken.
        reading: what was given, and what of it is broken.
        root: the folder of ``Pulumi.yaml``.
    """
    case = Case(settings, reading, root)
    runnable = (function for paths, function in _CHECKS if not any(map(reading.is_broken, paths)))
    return [problem for function in runnable for problem in function(case)]


# --- names ---


@check("service.name")
def names_fit(case: Case) -> Iterator[Problem]:
    """The stack's name goes into AWS names and DNS labels, with the service's before it."""
    service, stack = case.settings.service.name, case.settings.stack
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", stack):
        yield Problem(
            "the stack's name",
            stack,
            "It becomes part of AWS names.",
            "lower-case letters, digits and single hyphens between them",
            "eks-dev",
        )
    excess = len(f"{service}-{stack}") - NAME_LENGTH
    if len(stack) > NAME_LENGTH - 4:
        yield Problem(
            "the stack's name",
            stack,
            f"Its {len(stack)} characters leave the service no room for a name.",
            f"at most {NAME_LENGTH - len(service) - 1} characters beside this service's name",
            "eks-dev",
        )
    elif excess > 0:
        yield case.reading.problem(
            "service.name",
            f'With the stack\'s name it makes "{service}-{stack}", {excess} characters too long for a load balancer.',
            given=service,
            allowed=f"{NAME_LENGTH} characters in all: {len(service)} of service, a hyphen, {len(stack)} of stack",
            example=service[: len(service) - excess].rstrip("-"),
        )


@check("region")
def region_exists(case: Case) -> Iterator[Problem]:
    """The region is one of AWS's; ``aws:skipRegionValidation`` lets one pass that is newer than this program."""
    region = case.settings.region
    skip = str(case.reading.others.get(regions.SKIP, "")).lower() == "true"
    if region not in regions.REGIONS and not skip:
        close = nearest(region, regions.REGIONS)
        yield case.reading.problem(
            "region",
            f'AWS has no region "{region}" that is known here.' + (f" Did you mean {close}?" if close else ""),
            example=close,
        )


# --- sizes ---


@check("backend", "service.cpu", "service.memory")
def fargate_has_the_size(case: Case) -> Iterator[Problem]:
    """Fargate has only certain pairs of CPU and memory."""
    cpu, memory = case.settings.service.cpu, case.settings.service.memory
    if case.settings.backend != "ecs-fargate" or is_fargate_size(cpu, memory):
        return
    near_cpu, near_memory = nearest_fargate_size(cpu, memory)
    if cpu not in FARGATE_SIZES:
        yield case.reading.problem(
            "service.cpu",
            f"Fargate has no tasks of {cpu} CPU units.",
            given=cpu,
            allowed=f"{either(FARGATE_SIZES)} on ecs-fargate; the smallest that holds {cpu} and {memory} MiB is "
            f"{near_cpu} with {near_memory} MiB",
            example=near_cpu,
        )
        return
    closest = min(FARGATE_SIZES[cpu], key=lambda option: abs(option - memory))
    other = f"; or {near_memory} with service.cpu {near_cpu}" if near_cpu != cpu else ""
    yield case.reading.problem(
        "service.memory",
        f"Fargate has no task of {cpu} CPU units with {memory} MiB.",
        given=memory,
        allowed=f"{FARGATE_MEMORY_TEXT[cpu]} MiB with service.cpu {cpu}, the nearest is {closest}{other}",
        example=closest,
    )


@check("backend", "service.cpu")
def ec2_task_has_cpu(case: Case) -> Iterator[Problem]:
    """ECS refuses a task of fewer than 128 CPU units (its API reference, ``RegisterTaskDefinition``)."""
    if case.settings.backend == "ecs-ec2" and case.settings.service.cpu < 128:
        yield case.reading.problem(
            "service.cpu", "An ECS task on EC2 has at least 128 CPU units.", allowed="128 to 196608 on ecs-ec2"
        )


@check("backend", "ecs.instanceType", "service.architecture")
def instance_runs_the_image(case: Case) -> Iterator[Problem]:
    """The instance's processor is the one the image is built for."""
    wanted, kind = case.settings.service.architecture, case.settings.ecs.instance_type
    has = instance_architecture(kind)
    if case.settings.backend == "ecs-ec2" and has and has != wanted:
        yield case.reading.problem(
            "ecs.instanceType",
            f"{kind} is {has}, and service.architecture is {wanted}.",
            given=kind,
            allowed=f"a type of {wanted}, or service.architecture: {has}",
            example="t3.small" if wanted == "amd64" else "t4g.small",
        )


@check("backend", "ecs.instanceType", "ecs.maxInstances", "service.cpu", "service.memory", "service.maxReplicas")
def instances_hold_the_tasks(case: Case) -> Iterator[Problem]:
    """At its largest the service must fit on the instances, with room for one task more to roll.

    A deployment keeps 100 % of the tasks: it starts a new one before it stops an old one, or waits for ever.
    """
    service, ecs = case.settings.service, case.settings.ecs
    size = instance_size(ecs.instance_type)
    if case.settings.backend != "ecs-ec2" or size is None:
        return
    room = size.tasks(service.cpu, service.memory)
    if not room:
        too_big = "service.memory" if service.memory > size.memory else "service.cpu"
        yield case.reading.problem(
            too_big,
            f"A task of {service.cpu} CPU units and {service.memory} MiB does not fit on a {ecs.instance_type}.",
            given=service.memory if too_big == "service.memory" else service.cpu,
            allowed=f"about {size.memory} MiB and {size.cpu} CPU units with this ecs.instanceType; or a larger one",
            example=size.memory // 256 * 256 if too_big == "service.memory" else size.cpu,
        )
    elif room * ecs.max_instances <= service.max_replicas:
        needed = service.max_replicas // room + 1
        yield case.reading.problem(
            "ecs.maxInstances",
            f"{ecs.max_instances} of {ecs.instance_type} have room for {room * ecs.max_instances} tasks, and "
            f"service.maxReplicas is {service.max_replicas}; a rolling deployment needs room for one more.",
            given=ecs.max_instances,
            allowed=f"{needed} or more with this instance type and this task",
            example=needed,
        )


# --- minimum and maximum ---


def _ordered(case: Case, low: tuple[str, int], high: tuple[str, int]) -> Iterator[Problem]:
    if low[1] > high[1]:
        yield case.reading.problem(
            low[0],
            f"{low[1]} is above {high[0]}, which is {high[1]}.",
            given=low[1],
            allowed=f"at most {high[0]} ({high[1]}); or a larger {high[0]}",
            example=high[1],
        )


@check("service.minReplicas", "service.maxReplicas")
def replicas_ordered(case: Case) -> Iterator[Problem]:
    """The minimum is not above the maximum."""
    service = case.settings.service
    yield from _ordered(
        case, ("service.minReplicas", service.min_replicas), ("service.maxReplicas", service.max_replicas)
    )


@check("ecs.minInstances", "ecs.maxInstances")
def instances_ordered(case: Case) -> Iterator[Problem]:
    """The minimum is not above the maximum."""
    ecs = case.settings.ecs
    yield from _ordered(case, ("ecs.minInstances", ecs.min_instances), ("ecs.maxInstances", ecs.max_instances))


@check("database.storageGib", "database.maxStorageGib")
def storage_ordered(case: Case) -> Iterator[Problem]:
    """RDS grows storage by a tenth at least (RDS user guide, "storage autoscaling")."""
    storage, most = case.settings.database.storage_gib, case.settings.database.max_storage_gib
    yield from _ordered(case, ("database.storageGib", storage), ("database.maxStorageGib", most))
    least = -(-storage * 11 // 10)
    if storage < most < least:
        yield case.reading.problem(
            "database.maxStorageGib",
            f"RDS wants at least 10 % above database.storageGib, which is {storage}.",
            given=most,
            allowed=f"{least} or more, or {storage} to let it not grow",
            example=least,
        )


@check("backend", "ecs.onDemandBase", "ecs.spotWeight", "service.maxReplicas")
def spot_gets_a_task(case: Case) -> Iterator[Problem]:
    """Spot capacity that can never be used is a mistake in one of three keys."""
    base, most = case.settings.ecs.on_demand_base, case.settings.service.max_replicas
    if case.settings.backend == "ecs-fargate" and case.settings.ecs.spot_weight and base >= most:
        yield case.reading.problem(
            "ecs.onDemandBase",
            f"All {most} replicas of service.maxReplicas would run on demand, and none on Spot.",
            given=base,
            allowed=f"1 to {most - 1} with this maxReplicas; or spotWeight: 0",
            example=max(most - 1, 1),
        )


# --- network ---

_DOCKER = (IPv4Network("172.17.0.0/16"), "its nodes' Docker bridge")
_KUBERNETES = [(IPv4Network(cidr), "Kubernetes services") for cidr in ("172.20.0.0/16", "10.100.0.0/16")]
KEPT_RANGES: Final = {
    "ecs-fargate": [],
    "ecs-ec2": [_DOCKER],
    "eks": [_DOCKER, *_KUBERNETES],
}
"""Ranges that a backend uses inside itself: a VPC that overlaps one cannot reach part of it (EKS API
reference, ``KubernetesNetworkConfigRequest``; EKS user guide, "VPC requirements")."""


@check("network.cidr", "network.existing")
def vpc_holds_its_subnets(case: Case) -> Iterator[Problem]:
    """AWS has VPCs of /16 at most and subnets of /28 at least."""
    network = IPv4Network(case.settings.network.cidr)
    if case.settings.network.existing or LARGEST_VPC <= network.prefixlen <= SMALLEST_VPC:
        return
    if network.prefixlen < LARGEST_VPC:
        problem, prefix = f"AWS has no VPC larger than /{LARGEST_VPC}.", LARGEST_VPC
    else:
        problem, prefix = (
            f"{network} is too small: its public and data subnets are a 32nd of it, so that three zones find room, and "
            f"would be smaller than AWS's smallest, /{SMALLEST_SUBNET}.",
            SMALLEST_VPC,
        )
    address = network.network_address
    yield case.reading.problem("network.cidr", problem, example=str(IPv4Network((address, prefix), strict=False)))


@check("network.cidr", "network.existing", "backend")
def vpc_keeps_clear(case: Case) -> Iterator[Problem]:
    """The VPC's range is none that the backend uses inside itself."""
    if case.settings.network.existing:
        return
    network = IPv4Network(case.settings.network.cidr)
    for kept, use in KEPT_RANGES[case.settings.backend.value]:
        if network.overlaps(kept):
            yield case.reading.problem(
                "network.cidr",
                f"{network} overlaps {kept}, which {case.settings.backend} keeps for {use}.",
                allowed=f"a private range that does not overlap {kept}",
                example="10.0.0.0/16",
            )


def addresses_needed(settings: Settings) -> int:
    """Estimate the addresses that a stack takes in its private subnets at its largest.

    Each zone: 8 of the load balancer and one of each interface endpoint. Each replica one, twice while
    a deployment replaces them. Each instance one. On EKS each zone a node with a block of 16 for its
    pods, and 4 of the control plane (Amazon EKS user guide, "VPC requirements"; Elastic Load Balancing
    user guide, "Subnets for your load balancer").
    """
    network, service = settings.network, settings.service
    a_zone = 8 + len(network.interface_endpoints) + (17 if settings.backend == "eks" else 0)
    instances = settings.ecs.max_instances if settings.backend == "ecs-ec2" else 0
    control_plane = 4 if settings.backend == "eks" else 0
    return network.zones * a_zone + 2 * service.max_replicas + instances + control_plane


@check(
    *("network.cidr", "network.zones", "network.interfaceEndpoints", "network.existing"),
    *("service.maxReplicas", "ecs.maxInstances", "backend"),
)
def private_subnets_hold_the_service(case: Case) -> Iterator[Problem]:
    """At its largest the service must not run out of addresses."""
    settings = case.settings
    prefix = IPv4Network(settings.network.cidr).prefixlen
    if settings.network.existing or not LARGEST_VPC <= prefix <= SMALLEST_VPC:
        return

    def usable(cidr: str) -> int:
        return sum(map(usable_addresses, plan_subnets(cidr, settings.network.zones).private))

    needed, has = addresses_needed(settings), usable(settings.network.cidr)
    if needed <= has:
        return
    network = IPv4Network(settings.network.cidr)
    wider = [str(network.supernet(new_prefix=shorter)) for shorter in range(prefix - 1, LARGEST_VPC - 1, -1)]
    fitting = next((cidr for cidr in wider if usable(cidr) >= needed), None)
    yield case.reading.problem(
        "network.cidr",
        f"Its private subnets have {has} addresses, and the service at its largest takes about {needed}.",
        given=settings.network.cidr,
        allowed="a larger range, up to /16; or a smaller service.maxReplicas",
        example=fitting or wider[-1] if wider else settings.network.cidr,
    )


@check("network.existing")
def existing_network_stands_alone(case: Case) -> Iterator[Problem]:
    """With a VPC that is there nothing of the network is created, so nothing else of it can be said."""
    if case.settings.network.existing is None:
        return
    for name in case.reading.given.get("network", {}):
        if name != "existing":
            yield case.reading.problem(
                f"network.{name}",
                "With network.existing no network is created, and this key would do nothing.",
                allowed="nothing beside network.existing",
                example=ABSENT,
            )


# --- image ---


@check("service.image")
def image_built_or_given(case: Case) -> Iterator[Problem]:
    """A prebuilt image is not built."""
    if case.settings.service.image is None:
        return
    for name in ("context", "dockerfile", "buildArgs"):
        if name in case.reading.given.get("service", {}):
            yield case.reading.problem(
                f"service.{name}",
                "With service.image nothing is built, and this key would do nothing.",
                allowed="nothing beside service.image",
                example=ABSENT,
            )


@check("service.image", "service.context", "service.dockerfile")
def dockerfile_is_there(case: Case) -> Iterator[Problem]:
    """What the image is built from must be there, and inside the project, before anything is created."""
    service = case.settings.service
    if service.image is not None:
        return
    context = case.root / service.context
    if not context.is_dir():
        yield case.reading.problem(
            "service.context",
            f"There is no folder {service.context} beside Pulumi.yaml.",
            given=service.context,
            allowed="a folder of the project; or service.image names a prebuilt image",
        )
        return
    for path, value, place in (
        ("service.context", service.context, context),
        ("service.dockerfile", service.dockerfile, context / service.dockerfile),
    ):
        if not place.resolve().is_relative_to(case.root.resolve()):
            yield case.reading.problem(path, f"{value} leads out of the project by a link.", given=value)
            return
    if not (context / service.dockerfile).is_file():
        files = [*context.glob("*ockerfile*"), *context.glob("*/*ockerfile*")]
        found = sorted(str(file.relative_to(context)) for file in files)
        hint = f"found there: {', '.join(found[:5])}" if found else "there is none in that folder"
        yield case.reading.problem(
            "service.dockerfile",
            f"There is no file {service.dockerfile} in {service.context}.",
            given=service.dockerfile,
            allowed=f"a Dockerfile, relative to service.context ({hint})",
            example=found[0] if found else "Dockerfile",
        )


# --- edge ---


@check("api.authorization", "api.jwt")
def tokens_known_if_asked_for(case: Case) -> Iterator[Problem]:
    """Tokens can be checked only if their issuer is known, and an issuer is of use only then."""
    api = case.settings.api
    if api.authorization == "jwt" and api.jwt is None:
        yield case.reading.problem(
            "api.jwt",
            "api.authorization is jwt, and nothing says whose tokens are accepted.",
            allowed="an object of issuer and audience",
        )
    elif api.authorization != "jwt" and api.jwt is not None:
        yield case.reading.problem(
            "api.authorization",
            "api.jwt is given, and no token would be asked for.",
            given=api.authorization,
            allowed="jwt; or leave api.jwt out",
            example="jwt",
        )


@check("api.domain", "api.internalTls", "region")
def certificates_in_the_region(case: Case) -> Iterator[Problem]:
    """API Gateway's regional domain names and load balancers take certificates of their own region only."""
    api, region = case.settings.api, case.settings.region
    for path, holder in (("api.domain", api.domain), ("api.internalTls", api.internal_tls)):
        if holder and holder.certificate_arn.split(":")[3] != region:
            yield case.reading.problem(
                f"{path}.certificateArn",
                f"The certificate is in {holder.certificate_arn.split(':')[3]}, and {region} is the API's region.",
                allowed=f"the ARN of an ACM certificate in {region}",
                example=re.sub(r"(:acm:)[^:]+", rf"\g<1>{region}", holder.certificate_arn),
            )


# --- eks ---

CREDENTIALS: Final = (
    *("accessKey", "assumeRoleWithWebIdentity", "assumeRoles", "secretKey", "sharedConfigFiles"),
    *("sharedCredentialsFiles", "token"),
)
"""Keys of AWS's namespace that say who deploys, beside ``profile`` (pulumi-aws, provider configuration)."""


def cluster_credentials(backend: str, config: Mapping[str, Any]) -> Iterator[Problem]:
    """On EKS whoever deploys also logs in to the cluster, by the AWS CLI, which knows nothing of these keys."""
    for name in CREDENTIALS if backend == "eks" else ():
        if config.get(f"aws:{name}"):
            yield Problem(
                key=f"aws:{name}",
                given=config[f"aws:{name}"],
                problem="`aws eks get-token` logs in to the cluster; it is not told this and would log in as another.",
                allowed="aws:profile, which names a profile of ~/.aws/config and may assume a role (role_arn); or the"
                " environment's own credentials",
                example=ABSENT,
                secret=name in ("accessKey", "secretKey", "token"),
            )


# --- the database's users ---


@check("database.user", "database.applicationUser", "service.initCommand", "service.image", "service.context")
def the_application_has_a_role_of_its_own(case: Case) -> Iterator[Problem]:
    """Somebody has to create the service's role, and it is not the master user."""
    database = case.settings.database
    if database.application_user is None:
        return
    if database.application_user == database.user:
        yield case.reading.problem(
            "database.applicationUser",
            f"{database.user} is the master user already.",
            given=database.application_user,
            allowed="another name; or null, and the service is the master user",
            example="shop_app",
        )
    elif not case.settings.service.init_command:
        yield case.reading.problem(
            "database.applicationUser",
            "Nothing would create this role: there is no service.initCommand.",
            given=database.application_user,
            allowed="null, and the service is the master user; or a service.initCommand that creates it",
            example=ABSENT,
        )


# --- production ---


@check(
    *("production", "accept", "api.authorization", "database.applicationUser", "database.rootCertificates"),
    *("service.image", "service.context", "service.initCommand"),
)
def production_accepts_by_name(case: Case) -> Iterator[Problem]:
    """What opens the service or its database is no default in production: somebody says so, by name."""
    settings = case.settings
    if not settings.production:
        return
    open_ways = {
        "public-api": (settings.api.authorization == "none", "api.authorization", "jwt", "iam or jwt"),
        "master-user": (
            settings.database.application_user is None,
            "database.applicationUser",
            "shop_app",
            "a role that service.initCommand creates",
        ),
        "unverified-database": (
            settings.database.root_certificates is None,
            "database.rootCertificates",
            "/app/rds.pem",
            "a file in the image with the authorities of RDS",
        ),
    }
    for name, (is_open, path, example, allowed) in open_ways.items():
        if is_open and name not in settings.accept:
            yield case.reading.problem(
                path,
                f"berth:production is true, and {WEAKNESSES[name].partition(' (')[0]}.",
                allowed=f"{allowed}; or berth:accept: [{name}]",
                example=example,
            )


@check(
    *("production", "network.natGateways", "network.existing"),
    *("database.multiAz", "database.deletionProtection", "database.backupRetentionDays", "database.discardOnDestroy"),
)
def production_is_safe(case: Case) -> Iterator[Problem]:
    """What would lose data or the way out when one zone fails is no choice in production."""
    if not case.settings.production:
        return
    database, network = case.settings.database, case.settings.network
    weak: list[tuple[bool, str, Any, str]] = [
        (not database.multi_az, "database.multiAz", True, "One lost zone would take the database with it."),
        (not database.deletion_protection, "database.deletionProtection", True, "One command would end the data."),
        (database.backup_retention_days == 0, "database.backupRetentionDays", 30, "Nothing could be restored."),
        (database.discard_on_destroy, "database.discardOnDestroy", False, "A replaced database would leave nothing."),
        (
            network.nat_gateways == "one" and network.existing is None,
            "network.natGateways",
            "per-zone",
            "One lost zone would take every zone's way out with it.",
        ),
    ]
    for is_weak, path, example, reason in weak:
        if is_weak:
            words = "1 to 35" if path.endswith("Days") else str(example).lower()
            yield case.reading.problem(
                path,
                f"berth:production is true. {reason}",
                allowed=f"{words}, or leave it out; or production: false",
                example=example,
            )
