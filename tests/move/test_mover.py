"""A move's steps, its way back, and that nothing but the stack file has to be kept to go on with it."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from berth.errors import ConfigError
from berth.live.errors import LiveError
from berth.move.course import back
from berth.move.engine import EngineError
from berth.move.mover import MoveError
from tests.move.world import World, plan_of

STEPS = [{"a": 100, "b": 0}, {"a": 90, "b": 10}, {"a": 50, "b": 50}, {"a": 0, "b": 100}, {"b": 100}]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path)
    made.run_clock(monkeypatch)
    return made


def test_a_move_goes_by_its_steps_and_leaves_one_berth(world: World) -> None:
    world.move()
    assert world.ups == STEPS
    assert world.written == world.up_weights == {"b": 100}
    assert world.file.text == "config:\n  aws:region: eu-central-1  # Frankfurt\n  berth:berths: {b: 100}\n"
    # Five minutes at each of three steps, 30 seconds until the old berth goes, and five minutes of `up`.
    assert world.clock == 3 * 300 + 30 + 5 * 60


def test_the_berths_may_stay(world: World) -> None:
    world.move(remove=False)
    assert world.written == {"a": 0, "b": 100}


def test_of_several_berths_each_gives_its_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, "berth:berths: {a: 60, c: 40}")
    world.run_clock(monkeypatch)
    world.move(steps=(50, 100))
    assert world.ups == [
        {"a": 60, "c": 40, "b": 0}, {"a": 30, "c": 20, "b": 50}, {"a": 0, "c": 0, "b": 100}, {"b": 100}
    ]  # fmt: skip


def test_it_waits_until_targets_and_alarms_are_well(world: World) -> None:
    world.states["tg-b"], world.alarms["shop-b-shop-unhealthy"] = "", "INSUFFICIENT_DATA"
    waited: list[float] = []

    def later(point: str) -> None:
        if point.startswith("sleep") and not world.states["tg-b"]:
            world.states["tg-b"] = "initial"
        elif point.startswith("sleep") and world.states["tg-b"] == "initial":
            world.states["tg-b"] = "healthy"
        elif point.startswith("sleep"):
            world.alarms.clear()
        if point.startswith("up {'a': 90"):
            waited.append(world.clock)

    world.fails = later
    world.move()
    assert waited == [60 + 3 * 10]
    assert [line for line in world.said if "waits" in line][:3] == [
        "  waits: shop-b-shop has no target yet. The alarm shop-b-shop-unhealthy is INSUFFICIENT_DATA.",
        "  waits: shop-b-shop: 0 of 1 targets are healthy. The alarm shop-b-shop-unhealthy is INSUFFICIENT_DATA.",
        "  waits: The alarm shop-b-shop-unhealthy is INSUFFICIENT_DATA.",
    ]


def test_a_berth_that_does_not_get_well_gets_nothing(world: World) -> None:
    world.states["tg-b"] = "unhealthy"
    with pytest.raises(MoveError, match=r"b does not stand by, and has no requests: .*0 of 1 targets are healthy"):
        world.move()
    assert world.ups == STEPS[:1] and world.written == {"a": 100, "b": 0}


def sickness(world: World, kind: str) -> str:
    """Make the new berth sick, and return what has to be said of it."""
    if kind == "alarm":
        world.alarms["shop-b-shop-errors"] = "ALARM"
        return "The alarm shop-b-shop-errors fires: 7 of 9"
    if kind == "no alarm":
        world.alarms["shop-b-shop-errors"] = ""
        return "The alarm shop-b-shop-errors is not there"
    if kind == "target":
        world.states["tg-b"] = "unhealthy"
        return "finds 10.0.0.1 of shop-b-shop unhealthy: it is so"
    world.states["tg-b"] = ""
    return "shop-b-shop has no healthy target"


@pytest.mark.parametrize("kind", ["alarm", "no alarm", "target", "no target"])
def test_a_sick_berth_gets_nothing_any_more(world: World, kind: str) -> None:
    said: list[str] = []

    def at_half(point: str) -> None:
        if point == "sleep {'a': 50, 'b': 50}" and not said:
            said.append(sickness(world, kind))

    world.fails = at_half
    with pytest.raises(MoveError) as caught:
        world.move()
    assert caught.value.exit_code == 1
    assert said[0] in str(caught.value) and "b failed at 50 % and has no requests any more" in str(caught.value)
    assert world.ups == [*STEPS[:3], {"a": 100, "b": 0}], "to nothing, and not to the step before"
    assert world.written == world.up_weights == {"a": 100, "b": 0}


def test_what_cannot_be_read_counts_as_failed(world: World) -> None:
    def broken(point: str) -> None:
        if point == "describe_alarms {'a': 90, 'b': 10}":
            raise LiveError("no credentials")

    world.fails = broken
    with pytest.raises(MoveError, match="Nothing says whether b is well: no credentials"):
        world.move()
    assert world.written == world.up_weights == {"a": 100, "b": 0}


def test_a_failed_up_goes_back_even_where_something_fails_again(world: World) -> None:
    def broken(point: str) -> None:
        if point in ("upped {'a': 50, 'b': 50}", "upped {'a': 100, 'b': 0}") and len(world.ups) > 1:
            raise EngineError("a worker does not start")

    world.fails = broken
    with pytest.raises(MoveError, match=r"b failed at 50 % .*a worker does not start"):
        world.move()
    assert world.up_weights == {"a": 100, "b": 0}
    assert "! a worker does not start" in world.said


def test_the_load_balancer_is_asked_for_its_weights(world: World) -> None:
    """pulumi-aws 5772: a weight of 0 that is made as 1."""
    world.off_by = 1
    with pytest.raises(MoveError) as caught:
        world.move()
    assert "The load balancer has 101 for tg-a, 1 for tg-b, and not 100 for tg-a, 0 for tg-b." in str(caught.value)


def test_a_way_back_that_fails_says_so(world: World) -> None:
    world.move(steps=(10,), remove=False)
    world.off_by = 1
    with pytest.raises(MoveError, match=r"Not gone back: (.|\n)*`berth move shop --to b --back` tries again"):
        world.mover().take([back(world.written, "b")])


DATABASE = "urn:pulumi:shop::berth::aws:rds/instance:Instance::shop-db"
STATE = {"type": "aws:rds/instance:Instance", "custom": True}


def test_a_move_that_would_change_more_is_refused_and_changes_nothing(world: World) -> None:
    world.more_changes = [{"op": "update", "urn": DATABASE, "newState": STATE, "diffReasons": ["engineVersion"]}]
    text = world.file.text
    with pytest.raises(ConfigError, match=r"More would change .*\n  ~ rds.Instance shop-db \(engineVersion\)\nRelease"):
        world.move()
    assert world.ups == [] and world.file.text == text


def test_a_removal_that_would_take_more_along_is_refused(world: World) -> None:
    world.move(remove=False)
    world.more_changes = [{"op": "delete", "urn": DATABASE, "oldState": STATE}]
    with pytest.raises(ConfigError, match=r"- rds\.Instance shop-db"):
        world.move()
    assert world.written == {"a": 0, "b": 100}


def test_another_image_is_a_release_and_no_move(world: World) -> None:
    world.mover().check(plan_of(world.written))
    # Another account's registry is what a Plan, which knows no account, names.
    world.images = {"shop": world.images["shop"].replace("123456789012", "210987654321")}
    world.mover().check(plan_of(world.written))
    world.images = {"shop": world.images["shop"].replace("aaaa", "bbbb")}
    with pytest.raises(ConfigError, match=r"A move releases nothing(.|\n)*shop: .*bbbb is up, and .*aaaa is planned"):
        world.mover().check(plan_of(world.written))


def test_a_stack_that_is_not_up_has_nothing_to_move(world: World) -> None:
    world.up_weights = {}
    with pytest.raises(ConfigError, match="is not up"):
        world.mover().check(plan_of(world.written))


def quick(folder: Path, patch: pytest.MonkeyPatch) -> World:
    """Return a world whose steps are watched for one look and another."""
    folder.mkdir()
    world = World(folder)
    world.bake = timedelta(seconds=10)
    world.run_clock(patch)
    return world


def points(folder: Path, patch: pytest.MonkeyPatch) -> list[str]:
    """Return all that happens in a move of two steps."""
    world = quick(folder, patch)
    seen: list[str] = []
    world.fails = seen.append
    world.move(steps=(50, 100))
    return seen


def test_interrupted_anywhere_the_same_command_ends_at_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(points(tmp_path / "count", monkeypatch))
    for number in range(count):
        world = quick(tmp_path / str(number), monkeypatch)
        left = [number, number // 2, number // 3]  # three times, the later ones soon after the command goes on

        def interrupt(_point: str, left: list[int] = left) -> None:
            if left:
                left[0] -= 1
                if left[0] < 0:
                    left.pop(0)
                    raise KeyboardInterrupt

        world.fails = interrupt
        while left:
            with contextlib.suppress(KeyboardInterrupt):
                world.move(steps=(50, 100))
            assert world.written in [{"a": 100}, *STEPS]
        world.move(steps=(50, 100))
        assert world.written == world.up_weights == {"b": 100}, number
        assert world.ups == [STEPS[0], *STEPS[2:]], "each step once, in order"


def test_broken_anywhere_the_new_berth_has_nothing_or_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS that fails once, at any call: back to nothing, until the old berth goes, from which there is no way back."""
    for number, point in enumerate(points(tmp_path / "count", monkeypatch)):
        if point.startswith(("sleep", "preview", "up")):
            continue
        world = quick(tmp_path / str(number), monkeypatch)
        left = [number]

        def fail(_point: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == -1:
                raise LiveError("AWS is away")

        world.fails = fail
        with pytest.raises(MoveError, match="AWS is away"):
            world.move(steps=(50, 100))
        assert world.written == world.up_weights
        assert world.written == ({"b": 100} if point.endswith("{'b': 100}") else {"a": 100, "b": 0}), point
