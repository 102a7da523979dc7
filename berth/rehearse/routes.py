"""The routes that lead to services: where each ends, and whether it leads there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from berth.plan import Mooring, Way
from berth.rehearse.checks import Check
from berth.rehearse.drivers.driver import Driver
from berth.rehearse.local import HOST
from berth.rehearse.roundtrip import request
from berth.rehearse.workload import LoadBalancer

ANSWER_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Target:
    """A port of a mooring that requests reach, and where it answers."""

    mooring: Mooring
    way: Way
    port: int
    """Of this machine's loopback."""
    health: LoadBalancer

    @property
    def backend(self) -> str:
        """What the ports of its service that requests reach so are called, whatever the berth."""
        return ".".join(part for part in (self.mooring.service, self.way.name) if part)

    @property
    def name(self) -> str:
        """What messages and answers call it."""
        return f"{self.backend} at {self.mooring.berth}"

    @property
    def watcher(self) -> str:
        """What the proxy calls that which asks for its health."""
        return f"health:{self.backend}:{self.mooring.berth}"

    @property
    def asks_health(self) -> bool:
        """Whether its route leads to its health."""
        return self.way.strip or self.path == self.health.path

    @property
    def path(self) -> str:
        """The path that is asked: that of its health where its route leads there, else the route's own beginning."""
        route = (self.way.path or "").rstrip("/")
        if self.way.strip:
            return route + self.health.path
        return self.health.path if self.health.path.startswith(f"{route}/") or not route else route


def find_targets(drivers: Iterable[Driver]) -> tuple[list[Target], list[str]]:
    """Return where each port answers that requests reach, and what no route leads to.

    A mooring with several workloads is reached by its first.
    """
    targets: list[Target] = []
    aside = []
    for driver in drivers:
        mooring = driver.unit.mooring
        if mooring is None:
            continue
        if any(one.mooring == mooring for one in targets):
            aside.append(f"{driver.unit.name}: routes lead to a mooring's first workload")
            continue
        for way in mooring.ways:
            if way.port in driver.published:
                health = driver.balancers.get(way.port) or LoadBalancer("/", frozenset({200}))
                targets.append(Target(mooring, way, driver.published[way.port], health))
            else:
                aside.append(f"{driver.unit.name} port {way.port}: no container declares it")
    return targets, aside


def judge_route(target: Target, statuses: Sequence[int], others: Sequence[str] = ()) -> Check:
    """Judge whether a route leads to its service, and to a healthy answer where it leads to its health.

    Args:
        target: One of those that the route leads to.
        statuses: What they answered.
        others: Who answered in their place.
    """
    way = target.way
    promised = f"{way.host or ''}{way.path or '/'} leads to it"
    healthy = not target.asks_health or set(statuses) <= target.health.statuses
    seen = ", ".join([*(str(status) for status in dict.fromkeys(statuses)), *others])
    return Check(
        target.backend,
        "route",
        promised,
        f"GET {target.path}: {seen}",
        kept=bool(statuses) and not others and healthy,
        place=f"GET {target.path} is to be answered by {target.backend}; it was answered by {seen}",
    )


def ask_directly(target: Target) -> Check:
    """Judge the route of a service that has no proxy before it."""
    try:
        status, _ = request(f"http://{HOST}:{target.port}{target.path}", timeout=ANSWER_SECONDS)
    except OSError as error:
        return judge_route(target, (), (f"nobody: {error}",))
    return judge_route(target, (status,))
