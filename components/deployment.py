"""``berth:deployment``: how a release of a service that answers takes over, and what takes it back.

What AWS's reference does not say at first sight: Amazon ECS shifts requests by rewriting the listener's rule and by
swapping the service's two target groups at each release, so that from then on only AWS knows which group is live.
``docs/decisions/0023-ecs-shifts-its-own-rule.md`` says how the program leaves it that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from components.config.checks import Case, check, does_nothing
from components.config.errors import ABSENT, Problem
from components.config.keys import Int, Key, Model, between
from components.service.settings import services_of

Strategy = Literal["rolling", "blue-green", "canary", "linear"]
LONGEST_MINUTES: Final = 1440
"""Of a wait of a deployment (Amazon ECS API reference, ``DeploymentConfiguration``)."""
_READ: Final[Mapping[Strategy, frozenset[str]]] = {
    "rolling": frozenset({"alarms"}),
    "blue-green": frozenset({"bakeMinutes", "alarms"}),
    "canary": frozenset({"percent", "stepMinutes", "bakeMinutes", "alarms"}),
    "linear": frozenset({"percent", "stepMinutes", "bakeMinutes", "alarms"}),
}
"""What each strategy is told."""


class DeploymentSettings(Model):
    """``berth:deployment``."""

    strategy: Annotated[
        Strategy,
        Key(
            "rolling replaces replicas one after the other; the others make the release beside what runs and move the "
            "requests over: blue-green all at once, canary some and then all, linear in equal steps.",
            example="canary",
        ),
    ] = "rolling"
    percent: Annotated[
        Int,
        Key("Share of the requests that goes to the release first (canary), or with each step.", between(3, 99), 5),
    ] = 10
    step_minutes: Annotated[
        Int, Key("Minutes that the first share, or each step's, is kept.", between(0, LONGEST_MINUTES), 5)
    ] = 10
    bake_minutes: Annotated[
        Int,
        Key(
            "Minutes that the old replicas stay when the release has all requests; so long, going back takes no start.",
            between(0, LONGEST_MINUTES),
            15,
        ),
    ] = 5
    alarms: Annotated[
        bool,
        Key(
            "With rolling, whether a release is taken back when too many of its service's requests fail (its alarm "
            "-errors); the other strategies always do.",
            example=True,
        ),
    ] = False

    @property
    def shifts(self) -> bool:
        """Return whether AWS moves the requests from the replicas that run to a release's own."""
        return self.strategy != "rolling"

    @property
    def takes_back(self) -> bool:
        """Return whether alarms take a release back."""
        return self.shifts or self.alarms

    @property
    def waiting_minutes(self) -> int:
        """Return the minutes that a release waits, beside the start of its replicas."""
        steps = {"canary": 1, "linear": math.ceil(100 / self.percent) - 1}.get(self.strategy, 0)
        return steps * self.step_minutes + (self.bake_minutes if self.shifts else 0)


ROLLING: Final = DeploymentSettings()


@check("deployment")
def a_strategy_reads_its_keys(case: Case) -> Iterator[Problem]:
    """A key that the chosen strategy does not read is a mistake in one of the two."""
    strategy = case.at("deployment", DeploymentSettings).strategy
    unread = _READ["canary"] - _READ[strategy]
    yield from does_nothing(case, "deployment", unread, f"deployment.strategy: {strategy}", "nothing reads it")


@check("deployment", service=("kind", "ports"))
def one_port_is_shifted(case: Case) -> Iterator[Problem]:
    """A service whose requests are shifted has one port: an alarm has no room for the groups of several."""
    if case.at("deployment", DeploymentSettings).shifts:
        for path, service in services_of(case, "kind", "ports"):
            if len(service.doors) > 1:
                yield case.reading.problem(
                    f"{path}.ports",
                    "berth:deployment shifts the requests of a service with one port.",
                    allowed="no further ports; or deployment.strategy: rolling",
                    example=ABSENT,
                )
