"""The stack's config, parsed once into frozen, typed, validated models.

Every field is a key of the stack file, in camelCase there: ``berth:service.healthPath`` is
``ServiceSettings.health_path``. ``docs/configuration.md`` and ``Pulumi.yaml`` are written from each field's
:class:`~components.config.keys.Key`. The keys of a room or a berth stand in its own folder.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field, create_model

from components.berths.contract import Berth
from components.berths.registry import BERTHS, berth_name, berth_weights
from components.config import regions
from components.config.checks import Case, check, run_checks
from components.config.errors import Problem, SettingsError, Written
from components.config.keys import Int, Key, Model, Rule, each, matching, nearest, one_of
from components.config.reading import Reading, fields_of, stack_file_key
from components.deployment import DeploymentSettings
from components.rooms.edge.settings import WEAKNESSES as EDGE_WEAKNESSES
from components.rooms.edge.settings import ApiSettings
from components.rooms.network.settings import NetworkSettings
from components.rooms.registry import ROOMS
from components.rooms.room import Room, RoomSettings
from components.service import checks as _  # noqa: F401 - registers what does not go together in a service's config
from components.service.settings import ServiceSettings, service_name

__all__ = ["SETTINGS", "Problem", "Settings", "SettingsError", "load", "parse"]

WEAKNESSES: Final = {
    **EDGE_WEAKNESSES,
    **{name: why for room in ROOMS.values() for name, why in room.weaknesses.items()},
    **{name: why for berth in BERTHS.values() for name, why in berth.weaknesses.items()},
}
"""What production refuses unless it is accepted by name, and what it means."""
WHOLE: Final = 100
"""Weight of a stack's only berth."""
NAME_LENGTH: Final = 28
"""Most characters of the name that all names begin with. A load balancer has 32 (Elastic Load Balancing API reference,
``CreateLoadBalancer``); the access logs' bucket, ``<name>-alb-<account>-<region>``, has 63, which leaves 30 in the
region with the longest code."""
name_prefix: Final = matching(
    r"(?!internal-|sg-)[a-z][a-z0-9]*(-[a-z0-9]+)*",
    f"lower-case letters, digits and single hyphens, first a letter, at most {NAME_LENGTH} characters; not internal- "
    "or sg-, which load balancers and security groups reserve",
    "cannot be part of AWS's names",
    NAME_LENGTH,
)


def _names(values: Mapping[str, Any]) -> list[str]:
    return [problem for name in values for problem in service_name.find(name)]


class Settings(Model):
    """The whole config of one stack."""

    project: str
    stack: str
    name: Annotated[
        str | None,
        Key(
            "First part of every name; a stack that has it keeps its database when it changes its project's name.",
            name_prefix,
            "shop-prod",
            default="<project>-<stack>",
        ),
    ] = None
    profile: str | None = None
    """``aws:profile``, which commands of the AWS CLI have to be told; a key of AWS's namespace, not of this one."""
    region: Annotated[str, Key("AWS region of everything.", regions.region, "us-east-1")]
    backend: Annotated[
        str | None,
        Key(
            "The stack's only berth, where its services run: the short form of berth:berths.",
            berth_name,
            "ecs-fargate",
            default="none; this or berth:berths is required",
        ),
    ] = None
    berths: Annotated[
        dict[str, Int],
        Key(
            "Where the services run, each at all of these berths, and each berth's share of the requests.",
            berth_weights,
            {"ecs-fargate": 90, "eks": 10},
            default="the one of berth:backend",
        ),
    ] = Field(default_factory=dict)
    production: Annotated[
        bool,
        Key(
            "Whether the stack holds what must not be lost: database.multiAz, database.deletionProtection, 30 days of "
            "backups and a NAT gateway in each zone become the defaults, and weaker values are refused.",
            example=True,
        ),
    ] = False
    accept: Annotated[
        list[str],
        Key(
            "What production refuses unless it is accepted by name: "
            + "; ".join(f"{name}, {meaning}" for name, meaning in WEAKNESSES.items())
            + ".",
            each(one_of(tuple(WEAKNESSES))),
            ["public-api"],
        ),
    ] = Field(default_factory=list)
    service: Annotated[
        ServiceSettings, Key("What runs: the stack's only service, the short form of berth:services.")
    ] = Field(default_factory=ServiceSettings)
    services: Annotated[
        dict[str, ServiceSettings],
        Key(
            "What runs: several services, each under its name, with the keys of berth:service but for name.",
            Rule("names as of service.name, each to an object of the keys of berth:service", _names),
            {"shop": {"path": "/shop", "uses": ["database"]}, "billing": {"exposure": "internal"}},
            default="the one of berth:service",
        ),
    ] = Field(default_factory=dict)
    network: Annotated[
        NetworkSettings, Key("The network the services run in: a VPC of its own, or one that is already there.")
    ] = Field(default_factory=NetworkSettings)
    api: Annotated[ApiSettings, Key("How the world reaches the services: API Gateway and WAF.")] = Field(
        default_factory=ApiSettings
    )

    deployment: Annotated[
        DeploymentSettings,
        Key("How a release of a service that answers takes over, and what takes it back; at one berth."),
    ] = Field(default_factory=DeploymentSettings)

    @property
    def site_name(self) -> str:
        """Return the first part of every name."""
        return self.name or f"{self.project}-{self.stack}"

    def of(self, name: str) -> Any:
        """Return the settings of a room or a berth, by its name."""
        return getattr(self, _field(name))

    @property
    def answers(self) -> bool:
        """Return whether a service answers requests."""
        return any(service.doors for service in self.services.values())

    @property
    def first_berth(self) -> str:
        """Return the berth with the greatest share of the requests, the first by name of equals: jobs run there."""
        return min(self.berths, key=lambda name: (-self.berths[name], name))

    @property
    def rooms(self) -> list[str]:
        """Return the rooms that services use, in the registry's order."""
        return [name for name in ROOMS if any(name in (service.uses or ()) for service in self.services.values())]

    def completed(self) -> Settings:
        """Return the settings with the short forms written out and the defaults that depend on other keys."""
        alone = not self.services
        given = {self.service.name: self.service} if alone else self.services
        services = {name: service.named(name, alone=alone) for name, service in given.items()}
        update: dict[str, Any] = {
            "services": services,
            "berths": self.berths or ({self.backend: WHOLE} if self.backend else {}),
        }
        for name in type(self).model_fields:
            if isinstance(room := getattr(self, name), RoomSettings):
                users = [service for service in services.values() if name in (service.uses or ())]
                update[name] = room.completed(production=self.production, region=self.region, users=users)
        return self.model_copy(update=update)


def _field(name: str) -> str:
    """Return the field that holds what is under a room's or a berth's own key, which may have hyphens."""
    return name.replace("-", "_")


def _own_fields() -> dict[str, Any]:
    """Return a field for each room and each berth of the registries."""
    own: list[Room | Berth] = [*ROOMS.values(), *BERTHS.values()]
    return {
        _field(one.name): (Annotated[one.settings, one.key], Field(default_factory=one.settings, alias=one.name))
        for one in own
    }


SETTINGS: Final[type[Settings]] = create_model("SETTINGS", __base__=Settings, **_own_fields())
"""The settings with the keys of every room and every berth."""


@check("name")
def names_fit(case: Case) -> Iterator[Problem]:
    """The project's and the stack's name go into AWS names, unless ``name`` stands for them."""
    if case.reading.given.get("name"):
        return
    stack = case.at("stack", str)
    name = f"{case.at('project', str)}-{stack}"
    found = list(name_prefix.find(name))
    if found:
        excess = len(name) - NAME_LENGTH
        yield Problem(
            "the stack's name",
            stack,
            f'With the project\'s name it makes "{name}". ' + " ".join(found),
            name_prefix.allowed + "; or a shorter one in berth:name",
            stack[: len(stack) - excess].rstrip("-") if excess > 0 else "eks-dev",
        )


@check("region")
def region_exists(case: Case) -> Iterator[Problem]:
    """The region is one of AWS's; ``aws:skipRegionValidation`` lets one pass that is newer than this program."""
    region = case.at("region", str)
    skip = str(case.reading.others.get(regions.SKIP, "")).lower() == "true"
    if region not in regions.REGIONS and not skip:
        close = nearest(region, regions.REGIONS)
        yield case.reading.problem(
            "region",
            f'AWS has no region "{region}" that is known here.' + (f" Did you mean {close}?" if close else ""),
            example=close,
        )


def parse(
    stack: str, config: Mapping[str, Any], root: Path, secret_keys: Collection[str] = (), project: str = "berth"
) -> Settings:
    """Turn a stack's config into settings, or say everything that is wrong with it.

    Args:
        stack: the stack's name, e.g. ``dev``.
        config: full keys (``berth:service``, ``aws:region``) to values: objects and lists, or their JSON as the
            engine hands it.
        root: the folder of ``Pulumi.yaml``, which the build context is relative to.
        secret_keys: full keys whose values no report may show.
        project: the project's name.

    Raises:
        SettingsError: something is wrong; its text lists all of it.
    """
    profile = config.get("aws:profile")
    constants = {"project": project, "stack": stack, "profile": str(profile) if profile else None}
    reading = Reading(SETTINGS, config, secret_keys, **constants)
    read, problems = reading.read()
    settings = read.completed()
    problems += run_checks(Case(settings, reading, root, settings.berths))
    if problems:
        raise SettingsError(stack, reading.in_order(problems))
    return settings


def load(root: Path | None = None) -> Settings:
    """Read the config of the stack that runs.

    Args:
        root: the folder of ``Pulumi.yaml``; by default the one above this package.

    Raises:
        SettingsError: something is wrong. The error is a ``pulumi.RunError`` too, so that the engine prints its
            text and no traceback.
    """
    # Here, and not at the top: the models are imported by tools that have no use for the SDK, and it takes a second.
    import pulumi
    from pulumi.runtime.config import CONFIG, get_config, get_config_env, get_config_secret_keys_env, is_config_secret

    class UnusableConfigError(SettingsError, pulumi.RunError):
        """The report, printed by the engine as it stands."""

    names = {stack_file_key(name) for name in fields_of(SETTINGS)}
    names |= CONFIG.get().keys() | get_config_env().keys()
    config = {name: value for name in sorted(names) if (value := get_config(name)) is not None}
    secret_keys = {name for name in config if is_config_secret(name)} | set(get_config_secret_keys_env())
    stack = pulumi.get_stack()
    ignored = _passed_over((root or Path(pulumi.get_root_directory())) / f"Pulumi.{stack}.yaml")
    try:
        settings = parse(stack, config, root or Path(__file__).resolve().parents[1], secret_keys, pulumi.get_project())
    except SettingsError as error:
        raise UnusableConfigError(error.stack, [*ignored, *error.problems]) from None
    if ignored:
        raise UnusableConfigError(stack, ignored)
    return settings


def _passed_over(file: Path) -> list[Problem]:
    """Return what the engine ignores in a stack file and tells no program of, such as ``confg:``."""
    from berth.config import read_stack_file
    from berth.errors import ConfigError

    try:
        remarks = read_stack_file(file)[1] if file.is_file() else ()
    except ConfigError:
        return []  # the engine has refused it, or was given another file
    return [Problem(one.key, Written(one.given), one.problem, one.allowed, Written(one.example)) for one in remarks]
