"""The Plan: every resource a stack declares, as data. Every view is a pure function of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from policy.rules.values import UNKNOWN, Secret

__all__ = ["HOST", "MOORING", "UNKNOWN", "Mooring", "Notice", "Plan", "Resource", "Secret", "Value"]


Value = Any
"""None, bool, int, float, str, list or dict of Values, ``UNKNOWN`` or a ``Secret``."""


@dataclass(frozen=True)
class Resource:
    """One resource as the program registered it."""

    urn: str
    """``urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>``, as the engine makes it."""
    type: str
    """Type token, e.g. ``aws:ecs/taskDefinition:TaskDefinition``."""
    name: str
    parent: str | None
    """URN of the parent; None for a child of the stack."""
    inputs: Mapping[str, Value]
    dependencies: tuple[str, ...] = ()
    """URNs this resource waits for, sorted: explicit ones and those of its inputs."""
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provider: str | None = None
    """URN of its explicit provider."""
    custom: bool = True
    """False for a component."""
    remote: bool = False
    """True for a component that its provider constructs, whose children are not seen here."""
    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    retain: bool = False
    """True where a deletion only makes the engine forget it."""
    aliases: tuple[str, ...] = ()
    """URNs that it had before, its parent's included: the engine takes it for the same resource."""
    replace_on_changes: tuple[str, ...] = ()
    """Paths of inputs whose change replaces it, whatever its provider would do; ``*`` is every one."""
    external: bool = False
    """True where the resource exists already and is only read."""
    source: str | None = None
    """Where the program declares it, e.g. ``components/rooms/network/network.py:57``; for messages only."""


@dataclass(frozen=True)
class Notice:
    """Something the program, or the reading of its config, has to say; not a verdict."""

    level: Literal["info", "warning", "error"]
    message: str
    resource: str | None = None
    """URN of the resource it is about, if any."""


HOST: Final = "berth:berths:Host"
"""Type token of the component that is a berth's own ground, e.g. its cluster."""
MOORING: Final = "berth:berths:Mooring"
"""Type token of the component that is one service at one berth."""


Exposure = Literal["public", "internal"]
Kind = Literal["web", "worker", "job"]


@dataclass(frozen=True)
class Limit:
    """Something that a berth cannot do."""

    what: str
    instead: str
    """What is done about it, or what remains."""


@dataclass(frozen=True)
class Host:
    """A berth's own ground, e.g. its cluster; one for all services at that berth."""

    urn: str
    berth: str
    title: str
    """What a reader calls it, e.g. ``ECS on Fargate``."""
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True)
class Way:
    """How requests reach one port of a service."""

    port: int
    name: str = ""
    """Of a further port; empty for the service's own."""
    exposure: Exposure = "public"
    """Whether the API leads to it, or only the other services reach it."""
    path: str | None = None
    """Beginning of the paths that lead to it; None for all."""
    host: str | None = None
    """Host name that leads to it; None for all."""
    strip: bool = False
    """Whether it is sent what comes after ``path``."""


@dataclass(frozen=True)
class Mooring:
    """One service at one berth."""

    urn: str
    service: str
    berth: str
    weight: int
    """Its share of the service's requests, relative to the service's other moorings."""
    kind: Kind = "web"
    leads: bool = True
    """Whether a job runs by its schedule here; at the service's other berths it is only there."""
    schedule: str | None = None
    """When a job runs, as cron's five fields; None where it runs on demand only."""
    timezone: str = "UTC"
    """Of the schedule."""
    timeout_seconds: int | None = None
    """Longest time of a job's attempt; None where it is not known, or the service is no job."""
    ways: tuple[Way, ...] = ()
    """The ports that requests reach, the service's own first; none of a worker or a job."""

    @property
    def when(self) -> str:
        """When a job runs here, with its time zone: a schedule counts where the service leads."""
        return f"{self.schedule} {self.timezone}" if self.schedule and self.leads else "on demand"

    @property
    def exposure(self) -> Exposure:
        """Whether the API leads to it, by its own port."""
        return self.ways[0].exposure if self.ways else "public"

    @property
    def path(self) -> str | None:
        """Beginning of the paths that lead to its own port."""
        return self.ways[0].path if self.ways else None

    @property
    def host(self) -> str | None:
        """Host name that leads to its own port."""
        return self.ways[0].host if self.ways else None


@dataclass(frozen=True)
class Plan:
    """All of a stack before it exists."""

    stack: str
    resources: Sequence[Resource]
    """Sorted by (parent, type, name)."""
    outputs: Mapping[str, Value]
    notices: Sequence[Notice] = ()
    """Sorted, each once."""
    config: Mapping[str, str] = field(default_factory=dict)
    """What the stack's config said when it was recorded, by full key (``aws:region``); a secret is ``***``."""

    def of_type(self, token: str) -> list[Resource]:
        """Return the resources with this type token, in the plan's order."""
        return [resource for resource in self.resources if resource.type == token]

    @property
    def project(self) -> str:
        """The project's name, which every URN holds; empty for a Plan without resources."""
        return next((part for one in self.resources for part in one.urn.split("::")[1:2]), "")

    @property
    def moorings(self) -> tuple[Mooring, ...]:
        """The services at their berths, in the order of both names; one that is not known whole is left out."""
        found = []
        for one in self.of_type(MOORING):
            service, berth, weight = (one.inputs.get(name) for name in ("service", "berth", "weight"))
            if isinstance(service, str) and isinstance(berth, str) and isinstance(weight, int):
                ways = tuple(map(_way, one.inputs.get("ways") or ()))
                leads = one.inputs.get("leads") is not False
                kind, times = _kind(one.inputs.get("kind")), _texts(one.inputs, "schedule", "timezone")
                timeout = one.inputs.get("timeoutSeconds")
                times["timeout_seconds"] = timeout if isinstance(timeout, int) else None
                found.append(Mooring(one.urn, service, berth, weight, kind, leads, **times, ways=ways))
        return tuple(sorted(found, key=lambda one: (one.service, one.berth)))

    def share(self, mooring: Mooring) -> float | None:
        """Return the percentage of its service's requests that a mooring gets; None where all weights are 0."""
        whole = sum(one.weight for one in self.moorings if one.service == mooring.service)
        return 100 * mooring.weight / whole if whole else None

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The berths in use, in the order of their names; one whose name is not known is left out."""
        found = []
        for one in self.of_type(HOST):
            berth, title, limits = (one.inputs.get(name) for name in ("berth", "title", "limits"))
            if isinstance(berth, str):
                named = [limit for limit in limits if isinstance(limit, Mapping)] if isinstance(limits, list) else []
                known = tuple(Limit(str(limit.get("what")), str(limit.get("instead"))) for limit in named)
                found.append(Host(one.urn, berth, title if isinstance(title, str) else berth, known))
        return tuple(sorted(found, key=lambda one: one.berth))

    def inside(self, urn: str) -> list[Resource]:
        """Return the resources below a component, at any depth, in the plan's order."""
        parents = {resource.urn: resource.parent for resource in self.resources}

        def is_below(resource: Resource) -> bool:
            above = resource.parent
            while above is not None and above != urn:
                above = parents.get(above)
            return above == urn

        return [resource for resource in self.resources if is_below(resource)]


def _way(given: Mapping[str, Value]) -> Way:
    exposure: Exposure = "internal" if given.get("exposure") == "internal" else "public"
    texts = _texts(given, "path", "host")
    return Way(int(given["port"]), str(given.get("name") or ""), exposure, **texts, strip=given.get("strip") is True)


def _kind(given: Value) -> Kind:
    return "worker" if given == "worker" else "job" if given == "job" else "web"


def _texts(given: Mapping[str, Value], *names: str) -> dict[str, Any]:
    """Return those of the values that are text."""
    return {name: given[name] for name in names if isinstance(given.get(name), str)}
