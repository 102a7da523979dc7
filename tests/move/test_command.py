"""``berth move``: its options, what it says, and how it ends."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import berth.live.aws
import berth.move.engine
import berth.record
from berth.cli import app
from berth.plan import Plan
from tests.move.world import World, plan_of
from tests.programs import PROGRAM, ROOT

Run = Callable[..., Result]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: berth\n")
    made.run_clock(monkeypatch)

    def record(stack: str, root: Path, instead: Mapping[str, Any] | None = None) -> Plan:
        return plan_of(instead["berth:berths"] if instead else made.written)

    monkeypatch.setattr(berth.record, "record_plan", record)
    monkeypatch.setattr(berth.move.engine, "Pulumi", lambda *_: made)
    monkeypatch.setattr(berth.live.aws, "Aws", lambda *_: made)
    return made


@pytest.fixture
def move(world: World) -> Run:
    return lambda *words: CliRunner().invoke(app, ["move", "shop", "-C", str(world.root), *words])


def test_the_whole_move_and_its_summary(world: World, move: Run) -> None:
    result = move("--to", "b", "--steps", "50,100")
    assert result.exit_code == 0, result.output
    assert world.written == world.up_weights == {"b": 100}
    assert result.stdout.startswith("✓ Move of shop to b: done; the stack file says b 100\n")
    rows = [line.split() for line in result.stdout.splitlines() if "well" in line]
    assert [row[0] for row in rows] == ["stand", "50", "100", "remove"]
    assert "→ 50 % (a 50, b 50)" in result.stderr and "✓ 100 % (a 0, b 100)" in result.stderr


def test_steps_one_by_one_as_a_pipeline_takes_them(world: World, move: Run) -> None:
    for words, written in (
        (["--step", "0"], {"a": 100, "b": 0}),
        (["--step", "50"], {"a": 50, "b": 50}),
        (["--step", "10"], {"a": 90, "b": 10}),
        (["--back"], {"a": 100, "b": 0}),
        (["--step", "100"], {"a": 0, "b": 100}),
        (["--finish"], {"b": 100}),
    ):
        result = move("--to", "b", *words)
        assert result.exit_code == 0, result.output
        assert world.written == world.up_weights == written


def test_after_going_back_the_new_berth_is_removed_by_the_same_means(world: World, move: Run) -> None:
    move("--to", "b", "--step", "10")
    move("--to", "b", "--back")
    assert move("--to", "a", "--finish").exit_code == 0
    assert world.up_weights == {"a": 100}


def test_a_failure_exits_with_1_and_says_why_and_what_now(world: World, move: Run) -> None:
    def at_half(point: str) -> None:
        if point == "sleep {'a': 50, 'b': 50}":
            world.alarms["shop-b-shop-errors"] = "ALARM"

    world.fails = at_half
    result = move("--to", "b", "--markdown")
    assert result.exit_code == 1
    assert world.written == world.up_weights == {"a": 100, "b": 0}
    assert "The alarm shop-b-shop-errors fires: 7 of 9" in result.stderr
    assert "`berth move shop --to b` begins anew when that is mended." in result.stderr
    assert result.stdout.startswith("<!-- berth move shop -->\n### ❌ Move of shop to b: failed; the stack file says a")
    assert "| go back | a 100, b 0 |" in result.stdout


def test_ctrl_c_says_how_to_go_on_and_how_to_go_back(world: World, move: Run) -> None:
    def at_ten(point: str) -> None:
        if point == "sleep {'a': 90, 'b': 10}":
            raise KeyboardInterrupt

    world.fails = at_ten
    result = move("--to", "b", "--steps", "10,100")
    assert result.exit_code == 130
    assert "Pulumi.shop.yaml says a 90, b 10." in result.stderr
    assert "The same command goes on; `berth move shop --to b --back` goes back." in result.stderr
    assert "interrupted" in result.stdout


@pytest.mark.parametrize(
    ("berths", "words", "said"),
    [
        ("berth:backend: a", ["--to", "b", "--steps", "50,10"], "--steps '50,10'"),
        ("berth:backend: a", ["--to", "b", "--step", "5", "--back"], "exclude each other"),
        ("berth:backend: b", ["--to", "b", "--back"], "b is the only berth: Pulumi.shop.yaml says b 100."),
        ("berth:backend: a", ["--to", "b", "--finish"], "b has not all requests: Pulumi.shop.yaml says a 100."),
        ("berth:berths: {a: 1, b: 9}", ["--to", "b", "--finish"], "Example: berth move shop --to b --step 100"),
        ("berth:backend: a", ["--to", "b", "--bake", "soon"], '"soon" is no duration'),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, world: World, move: Run, berths: str, words: list[str], said: str
) -> None:
    text = f"config:\n  {berths}\n"
    world.file.restore(text)
    result = move(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert world.ups == [] and world.file.text == text


def test_a_refused_image_exits_with_2(world: World, move: Run) -> None:
    world.images = {"shop": "elsewhere:1"}
    result = move("--to", "b")
    assert (result.exit_code, world.ups, world.written) == (2, [], {"a": 100})
    assert "A move releases nothing" in result.stderr


FLEET = """\
config:
  aws:region: eu-central-1
  berth:backend: ecs-fargate
  berth:services:
    shop: {image: "registry.example.com/shop:1.4.2"}
    mail: {image: "registry.example.com/mail:3", kind: worker}
    report: {image: "registry.example.com/report:4", kind: job, schedule: "0 3 * * *"}
"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("fleet")
    for name in PROGRAM:
        (root / name).symlink_to(ROOT / name)
    (root / "Pulumi.fleet.yaml").write_text(FLEET)
    return root


def test_the_plan_of_a_move_needs_no_account_and_changes_nothing(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    result = CliRunner().invoke(
        app, ["move", "fleet", "-C", str(fleet), "--to", "eks", "--steps", "50,100", "--bake", "30m", "--plan"]
    )
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["step", "ecs-fargate", "eks", "minutes", "jobs", "by", "schedule"] in rows
    assert ["50", "%", "50", "50", "30", "to", "31", "ecs-fargate"] in rows
    assert ["100", "%", "0", "100", "30", "to", "31", "eks"] in rows
    text = " ".join(result.stdout.split())
    assert "mail: a worker takes its work itself, so it works at both berths while both stand" in text
    assert "berth-fleet-ecs-fargate-shop-logs goes at the end, with its logs." in text
    assert "USD while both stand. The overlap of this move costs" in text
    assert "Scale to nothing: the control plane is billed by the hour" in text
    assert (fleet / "Pulumi.fleet.yaml").read_text() == FLEET


def test_what_the_program_refuses_is_refused_before_anything(fleet: Path) -> None:
    result = CliRunner().invoke(app, ["move", "fleet", "-C", str(fleet), "--to", "ecs-fargat"])
    assert result.exit_code == 2
    assert "ecs-fargat is no berth; did you mean ecs-fargate?" in result.stderr
    assert (fleet / "Pulumi.fleet.yaml").read_text() == FLEET


def test_a_strategy_that_sets_weights_itself_is_refused(fleet: Path) -> None:
    text = f"{FLEET}  berth:deployment: {{strategy: blue-green}}\n"
    text = text.replace('    mail: {image: "registry.example.com/mail:3", kind: worker}\n', "")
    (fleet / "Pulumi.shifts.yaml").write_text(text)
    result = CliRunner().invoke(app, ["move", "shifts", "-C", str(fleet), "--to", "eks"])
    assert result.exit_code == 2
    assert "rolling at several berths; or one berth" in result.stderr
    assert (fleet / "Pulumi.shifts.yaml").read_text() == text


def test_help_says_all_that_is_needed() -> None:
    result = CliRunner().invoke(app, ["move", "--help"])
    for option in ("--to", "--steps", "--step", "--bake", "--back", "--finish", "--keep", "--plan"):
        assert option in result.stdout
