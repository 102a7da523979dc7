"""The course of a rehearsed move: step by step under load, then the old berth goes, or the new one is killed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from berth.rehearse import course, roundtrip
from berth.rehearse.checks import Check
from berth.rehearse.drivers.driver import Driver
from berth.rehearse.errors import RehearsalError
from berth.rehearse.moving.figures import Kill, Moved, Phase, figures
from berth.rehearse.moving.judgement import judge, unhealthy
from berth.rehearse.moving.load import Ask, Load, running
from berth.rehearse.moving.move import Move
from berth.rehearse.podman import Podman
from berth.rehearse.proxy import Proxy
from berth.rehearse.roundtrip import POST_PATH, READ_PATH, request
from berth.rehearse.routes import ANSWER_SECONDS, Target

BUSY_SECONDS: Final = 60.0
"""What a busy machine may add to any wait."""


@dataclass(frozen=True)
class Scene:
    """What a move takes place among."""

    podman: Podman
    proxy: Proxy
    drivers: Sequence[Driver]
    """Of the services that stay; jobs have no part in a move."""
    asks: Sequence[Ask]
    say: Callable[[str], None]

    def at(self, berths: Sequence[str]) -> list[Driver]:
        """Return what runs at these berths."""
        return [one for one in self.drivers if one.unit.mooring and one.unit.mooring.berth in berths]


def find_asks(proxy: Proxy, samples: Mapping[Driver, Path]) -> list[Ask]:
    """Return what to ask: records of the services that have a sample, the health or the beginning of all other ports.

    Raises:
        RehearsalError: A service does not answer, or a sample cannot be used.
    """
    records = {driver.unit.mooring.service: path for driver, path in samples.items() if driver.unit.mooring}
    firsts: dict[str, Target] = {}
    for target in proxy.targets:
        firsts.setdefault(target.backend, target)
    return [_ask(proxy, one, None if one.way.name else records.get(one.mooring.service)) for one in firsts.values()]


def _ask(proxy: Proxy, target: Target, sample: Path | None) -> Ask:
    url, below, host = proxy.front_of(target.way), target.way.path or "", target.way.host
    if sample:
        record = json.loads(roundtrip.load(sample)[0])
        return Ask(url, host, record=record, post=below + POST_PATH, latest=below + READ_PATH)
    if target.asks_health:
        return Ask(url, host, target.path, sorted(target.health.statuses))
    try:
        # Whatever it says to its route's beginning, it has to go on saying.
        return Ask(url, host, target.path, [request(url + target.path, timeout=ANSWER_SECONDS, host=host)[0]])
    except OSError as error:
        raise RehearsalError(f"{target.backend} does not answer before its move: {error}") from error


@dataclass
class _Under:
    """A move under way."""

    scene: Scene
    move: Move
    load: Load
    phases: list[Phase] = field(default_factory=list)
    kill: Kill | None = None

    def enter(self, name: str, percent: int) -> None:
        """Take the weights to a step, and count what comes from now on as another phase."""
        weights, asked = self.move.weights(percent), time.monotonic()
        self.scene.proxy.weigh(weights)
        self.phases.append(Phase(name, weights, asked, time.monotonic()))
        self.scene.say(f"{self.move.name}: {name}")

    def stay(self) -> bool:
        """Wait for as many requests as a phase has; return whether the new berth was healthy all the time."""
        return self.load.until_more(self.move.each, lambda: not self.scene.proxy.is_healthy(self.move.to))

    def go_back(self) -> None:
        """Let the old berths answer everything again, and see that they do."""
        self.enter("back to 0 %", 0)
        self.load.until_more(self.move.each)

    def kill_new(self, percent: int) -> None:
        """Kill the new berth's containers as a lost host would, and wait until its target groups notice."""
        proxy, new = self.scene.proxy, self.scene.at([self.move.to])
        within = max(one.health.notices_within for one in proxy.targets if one.mooring.berth == self.move.to)
        names = [driver.podman_name(one) for driver in new for one in driver.containers if not one.init]
        begun = time.monotonic()
        self.scene.podman.run("kill", "--signal=KILL", *names)
        done = time.monotonic()
        self.scene.say(f"{self.move.to} is killed; its target groups notice within {within:g} s")
        deadline = done + within + BUSY_SECONDS
        self.load.until(lambda: not proxy.is_healthy(self.move.to) or time.monotonic() > deadline)
        self.go_back()
        self.kill = Kill(percent, begun, done, self.phases[-1].begun, within)

    def leave(self) -> list[Check]:
        """Stop the old berths as their backends do: once no request is under way there, by SIGTERM."""
        scene, left = self.scene, self.move.left
        patience = max(one.health.drain_seconds for one in scene.proxy.targets if one.mooring.berth in left)
        begun = time.monotonic()
        self.load.until(lambda: not scene.proxy.under_way(left) or time.monotonic() - begun > patience)
        seconds, cut = time.monotonic() - begun, scene.proxy.under_way(left)
        drained = Check(
            self.move.name,
            "drained",
            f"within {patience:g} s",
            f"{cut} requests still under way" if cut else f"after {seconds:.1f} s",
            kept=not cut,
            place=f"its target group's deregistrationDelay is {patience:g} s, and {cut} requests were cut off",
        )
        self.enter(f"{' and '.join(left)} stopped", 100)
        drivers = scene.at(left)
        with ThreadPoolExecutor(len(drivers)) as pool:
            stopped = list(pool.map(lambda driver: course.stop(scene.podman, driver), drivers))
        named = zip(drivers, stopped, strict=True)
        return [drained, *(replace(one, container=f"{driver.unit.name}: {one.container}") for driver, one in named)]


def perform(scene: Scene, move: Move) -> tuple[Moved, list[Check], list[Driver]]:
    """Move all services under load, and judge what came of it.

    Returns:
        The figures, the judgement, and what runs no more.

    Raises:
        RehearsalError: It cannot be carried through.
    """
    scene.proxy.weigh(move.weights(0))
    deadline = time.monotonic() + BUSY_SECONDS
    while not scene.proxy.is_healthy(move.to):
        if time.monotonic() > deadline:
            raise RehearsalError(f"{move.to} is well, and its target groups do not find it healthy")
        time.sleep(0.1)
    checks: list[Check] = []
    gone: list[Driver] = []
    with running(scene.podman, move.clients, scene.asks) as load:
        under = _Under(scene, move, load)
        under.enter("0 %", 0)
        well = under.stay()
        for percent in move.steps if well else ():
            under.enter(f"{percent} %", percent)
            well = under.stay()
            if not well or percent == move.kill_at:
                break
        fell = under.phases[-1].name
        if not well:
            under.go_back()
        elif move.kill_at is not None:
            under.kill_new(move.kill_at)
            gone = scene.at([move.to])
        elif move.stops:
            checks += under.leave()
            well = under.stay()
            gone = scene.at(move.left)
    moved = figures(move, under.phases, load.answers, under.kill)
    services = len({one.backend for one in scene.proxy.targets})
    return moved, [*judge(moved, services), *checks, *([] if well else [unhealthy(moved, fell)])], gone
