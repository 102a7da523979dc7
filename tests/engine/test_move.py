"""`berth move` itself, with the real engine: there, back after an alarm, there for good, and home again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import berth.live.aws
from berth.cli import app
from berth.move import mover

from .aws_of_state import AwsOfState, Resource
from .cli import Checkout

pytestmark = pytest.mark.engine

CONFIG = """\
config:
  aws:region: eu-central-1
  {}
  # The last line stays where it is.
"""
OLD, NEW = "ecs-fargate", "eks"


@dataclass(frozen=True)
class Moment:
    """How a command ended, and what was up then."""

    result: Result
    resources: dict[str, Resource]
    """What is in a cloud, by URN."""
    text: str
    """Of the stack file."""

    @property
    def weights(self) -> list[list[int]]:
        """The weights that the provider was given, of each listener's own action."""
        listeners = [one for one in self.resources.values() if one["type"] == "aws:lb/listener:Listener"]
        return [
            [int(group["weight"]) for group in action["forward"]["targetGroups"]]
            for one in listeners
            for action in one["inputs"]["defaultActions"]
        ]


@dataclass(frozen=True)
class Voyage:
    """A stack's move to another berth and back home."""

    home: Moment
    alarmed: Moment
    there: Moment
    back: Moment


@pytest.fixture(scope="module")
def voyage(providers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Voyage]:
    folder = tmp_path_factory.mktemp("moves")
    checkout = Checkout(folder, providers)
    file = checkout.root / "Pulumi.moves.yaml"
    file.write_text(CONFIG.format(f"berth:backend: {OLD}"))
    checkout.pulumi("stack", "init", "moves")
    aws = AwsOfState(folder / "state" / ".pulumi" / "stacks" / "berth" / "moves.json")
    clock = Clock()

    def moment(result: Any) -> Moment:
        resources = {one["urn"]: one for one in aws.resources if one["custom"]}
        return Moment(result, resources, file.read_text().partition("encryptionsalt")[0])

    with pytest.MonkeyPatch.context() as patch:
        for name, value in checkout.environment.items():
            patch.setenv(name, value)
        patch.setattr(berth.live.aws, "Aws", lambda *_: aws)
        patch.setattr(mover, "monotonic", clock.now)
        patch.setattr(mover, "sleep", clock.wait)

        def move(*words: str) -> Moment:
            return moment(CliRunner().invoke(app, ["move", "moves", "-C", str(checkout.root), *words]))

        home = moment(checkout.pulumi("up", "--yes", "--skip-preview"))
        clock.at_first = lambda: aws.alarms.update({f"berth-moves-{NEW}-biometric-errors": "ALARM"})
        alarmed = move("--to", NEW, "--steps", "50,100")
        aws.alarms.clear()
        yield Voyage(
            home=home,
            alarmed=alarmed,
            there=move("--to", NEW, "--steps", "100"),
            back=move("--to", OLD, "--steps", "100"),
        )


class Clock:
    """Time that passes only where somebody waits for it."""

    def __init__(self) -> None:
        self._now = 0.0
        self.at_first: Callable[[], None] = lambda: None

    def now(self) -> float:
        return self._now

    def wait(self, seconds: float) -> None:
        self._now += seconds
        self.at_first()
        self.at_first = lambda: None


def berth_of(urn: str) -> str:
    """Return the berth that a resource belongs to; empty for the platform."""
    if "berth:berths:" not in urn:
        return ""
    return next((name for name in (OLD, NEW) if f"berth-moves-{name}" in urn), "kubernetes")


def kept(before: Moment, after: Moment) -> set[str]:
    """Return what is the very same resource in both: not made anew in between."""
    both = before.resources.keys() & after.resources.keys()
    return {urn for urn in both if before.resources[urn]["created"] == after.resources[urn]["created"]}


def test_an_alarm_at_half_takes_all_requests_back(voyage: Voyage) -> None:
    assert voyage.alarmed.result.exit_code == 1, voyage.alarmed.result.output
    assert f"The alarm berth-moves-{NEW}-biometric-errors fires: 5 of 9" in voyage.alarmed.result.stderr
    assert voyage.alarmed.text == CONFIG.format(f"berth:berths: {{{OLD}: 100, {NEW}: 0}}")
    assert voyage.alarmed.weights == [[100, 0]], "0 is given as 0 (pulumi-aws 5772)"
    assert kept(voyage.home, voyage.alarmed) == voyage.home.resources.keys(), "nothing that stood was replaced"


def test_the_same_command_then_moves_and_leaves_nothing_behind(voyage: Voyage) -> None:
    assert voyage.there.result.exit_code == 0, voyage.there.result.output
    assert voyage.there.text == CONFIG.format(f"berth:berths: {{{NEW}: 100}}")
    assert voyage.there.weights == [[100]]
    assert OLD not in {berth_of(urn) for urn in voyage.there.resources}
    platform = {urn for urn in voyage.home.resources if not berth_of(urn)}
    assert any("aws:rds/instance:Instance" in urn for urn in platform)
    assert platform <= kept(voyage.home, voyage.there)
    new = {urn for urn in voyage.alarmed.resources if berth_of(urn) == NEW}
    assert any("aws:lb/targetGroup:TargetGroup" in urn for urn in new)
    assert new <= kept(voyage.alarmed, voyage.there), "what was made at weight 0 is what serves in the end"


def test_home_again_it_is_the_stack_that_it_was(voyage: Voyage) -> None:
    assert voyage.back.result.exit_code == 0, voyage.back.result.output
    assert voyage.back.text == CONFIG.format(f"berth:berths: {{{OLD}: 100}}")
    assert voyage.back.resources.keys() == voyage.home.resources.keys()
    assert {urn for urn in voyage.home.resources if not berth_of(urn)} <= kept(voyage.home, voyage.back)
