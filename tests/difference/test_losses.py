"""What loses data stands first, in red, and passes only by a word that fits nothing else."""

from __future__ import annotations

import io
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pulumi_aws
import pytest
from rich.console import Console
from typer.testing import CliRunner

from berth.cli import app
from berth.difference import Comparison, Findings, difference, dumps, sections
from berth.difference import comment as markdown
from berth.plan import UNKNOWN, Plan, Resource
from berth.render.terminal import drawn
from berth.report import StackReport, page, summary
from berth.resource_types.holdings import HOLDINGS
from berth.views.losses import VARIABLE
from tests.difference.conftest import Repository, toy

DATABASE = "aws:rds/instance:Instance"
KEY = "aws:kms/key:Key"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
BUCKET = "aws:s3/bucket:Bucket"


def resource(type_: str, name: str = "db", **more: object) -> Resource:
    values: dict[str, object] = {"inputs": {}, "parent": None, **more}
    return Resource(urn=f"urn:pulumi:dev::toy::{type_}::{name}", type=type_, name=name, **values)  # type: ignore[arg-type]


def compared(before: list[Resource], after: list[Resource], *accepted: str, stack: str = "dev") -> Comparison:
    found = difference(Plan(stack, before, {}), Plan(stack, after, {}))
    return Comparison(stack, "main", found, Findings((), (), ()), accepted=accepted)


def replaced(*accepted: str, user: str = "b", stack: str = "dev") -> Comparison:
    """A database under another user name is another database; a task definition is replaced all the time."""
    before = [resource(DATABASE, inputs={"username": "a"}), resource(TASK, "a-task", inputs={"cpu": "256"})]
    after = [resource(DATABASE, inputs={"username": user}), resource(TASK, "a-task", inputs={"cpu": "512"})]
    return compared(before, after, *accepted, stack=stack)


def test_what_loses_data_stands_first_and_stops() -> None:
    shown = replaced()
    assert [item.resource.type for item in shown.difference.resources] == [DATABASE, TASK]
    assert [item.loses for item in shown.difference.resources] == ["its databases (a final snapshot is kept)", ""]
    assert shown.stops
    (loss,) = shown.losses
    assert not loss.accepted
    assert re.fullmatch(r"dev/rds\.Instance/db@[0-9a-f]{8}", loss.name)


def test_it_is_accepted_by_a_name_that_fits_no_other_loss() -> None:
    (loss,) = replaced().losses
    assert not replaced(loss.name).stops
    assert replaced(loss.name.partition("@")[0]).stops, "the name without its hash is no word"
    assert replaced(loss.name, user="c").stops, "for another reason"
    assert replaced(loss.name, stack="prod").stops, "in another stack"
    assert compared([resource(DATABASE)], [], loss.name).stops, "deleted for good"
    both = compared([resource(DATABASE), resource(KEY)], [])
    assert compared([resource(DATABASE), resource(KEY)], [], both.losses[0].name).stops, "one of two"
    assert not compared([resource(DATABASE), resource(KEY)], [], *(item.name for item in both.losses)).stops


def test_a_move_loses_data_unless_an_alias_says_that_it_is_one() -> None:
    before, after = resource(DATABASE, inputs={"username": "a"}), resource(DATABASE, "new", inputs={"username": "a"})
    (loss,) = compared([before], [after]).losses
    assert "moved" in loss.what
    aliased = compared([before], [replace(after, aliases=("urn:pulumi:old::toy::" + DATABASE + "::db",))])
    assert not aliased.losses
    assert [(item.kind, item.aliased) for item in aliased.difference.resources] == [("move", True)]
    text = markdown(aliased)
    assert "takes it for the same resource" in text and "deletes and creates" not in text
    # Renamed and changed at once: the alias alone says that it is the same.
    changed = replace(after, aliases=(before.urn,), inputs={"username": "b"})
    assert [item.kind for item in compared([before], [changed]).difference.resources] == ["replace"]
    assert compared([before], [changed]).stops


@pytest.mark.parametrize(
    ("one", "loses"),
    [
        (resource(BUCKET), "its objects (AWS refuses to delete it while it holds any)"),
        (resource(BUCKET, inputs={"forceDestroy": False}), "its objects (AWS refuses to delete it while it holds any)"),
        (resource(BUCKET, inputs={"forceDestroy": True}), "its objects"),
        (resource(DATABASE, inputs={"skipFinalSnapshot": UNKNOWN}), "its databases"),
        (resource(KEY), "its encrypted data"),
        (resource(KEY, retain=True), ""),
        (resource(KEY, external=True), ""),
        (resource(TASK), ""),
    ],
)
def test_what_is_lost_and_what_is_spared(one: Resource, loses: str) -> None:
    (change,) = compared([one], []).difference.resources
    assert change.loses == loses
    assert compared([one], []).stops == bool(loses)
    assert not compared([], [one]).losses


def test_every_view_shows_it_first_in_red_with_the_word_that_accepts_it() -> None:
    shown = replaced()
    (loss,) = shown.losses
    file = io.StringIO()
    Console(file=file, width=160, force_terminal=True, color_system="standard").print(drawn(sections(shown)))
    lines = file.getvalue().splitlines()
    red = [index for index, line in enumerate(lines) if line.startswith("\x1b[1;31m")]
    place = next(index for index, line in enumerate(lines) if "ecs.TaskDefinition" in line)
    assert any(loss.what in lines[index] for index in red if index < place)
    assert any(loss.name in lines[index] for index in red if index < place)
    assert any("rds.Instance db" in lines[index] and "LOSES" in lines[index] for index in red if index < place)

    comment = markdown(shown)
    assert "### ❌" in comment
    assert comment.index("> [!CAUTION]") < comment.index(loss.what) < comment.index(loss.name)
    assert comment.index(loss.name) < comment.index("ecs.TaskDefinition")
    assert "### ✅" in markdown(replaced(loss.name)) and "as accepted" in markdown(replaced(loss.name))

    document = json.loads(dumps(shown))
    assert document["losses"] == [vars(loss)]
    assert document["resources"][0]["loses"] == "its databases (a final snapshot is kept)"

    report = StackReport(Plan("dev", [resource(DATABASE)], {}), losses=shown.losses)
    for text in (page([report]), summary([report])):
        assert loss.what in text and loss.name in text
    assert "❌" in summary([report])
    assert report.stops and not replace(report, losses=replaced(loss.name).losses).stops


def test_the_table_names_types_that_there_are() -> None:
    """A slip of the pen would let a type's data go in silence."""
    tokens = [token for token in HOLDINGS if token.startswith("aws:")]
    root = Path(pulumi_aws.__file__).parent
    for token in tokens:
        folder = root / token.split(":")[1].split("/")[0]
        assert any(f"'{token}'" in file.read_text() for file in folder.glob("*.py")), token


def test_this_program_s_database_is_in_danger_when_its_user_is_renamed(fargate: Plan, record: object) -> None:
    head = record("ecs-fargate", "  berth:database: {user: other}\n")  # type: ignore[operator]
    found = difference(fargate, head).resources
    assert found[0].resource.type == DATABASE and found[0].loses


ALIASED = """
import pulumi, pulumi_aws as aws
class Room(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("toy:index:Room", name, None, opts)
        aws.kms.Key(f"{name}-key", opts=pulumi.ResourceOptions(parent=self))
"""


def test_a_child_takes_its_parent_s_alias(tmp_path: Path) -> None:
    """As the engine has it (pkg/resource/deploy/step_generator.go, generateAliases)."""
    from berth.record import record_plan

    root = tmp_path
    (root / "Pulumi.yaml").write_text("name: toy\nruntime: python\n")
    (root / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    plans = []
    for call in (
        'Room("old")',
        'Room("new", pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old")]))',
        'Room("new")',
    ):
        (root / "__main__.py").write_text(f"{ALIASED}\n{call}\n")
        plans.append(record_plan("dev", root))
    before, aliased, renamed = plans
    kept = difference(before, aliased).resources
    assert {(item.kind, item.loses) for item in kept} == {("move", "")} and len(kept) == 2
    assert difference(before, renamed).resources[0].loses


def test_the_commands_stop_until_it_is_accepted(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both commands, by option and by the environment."""
    names = toy("second")["components/room.py"].replace("bucket='toy-logs'", "bucket='toy-other'")
    repository.write({"components/room.py": names})
    here = ["-C", str(repository.root)]
    runner = CliRunner()
    # The program's modules are this project's too, by name.
    for name in [name for name in sys.modules if name.partition(".")[0] in ("settings", "components")]:
        monkeypatch.delitem(sys.modules, name)
    stopped = runner.invoke(app, ["diff", "dev", "--base", "second", "--json", *here])
    assert stopped.exit_code == 1, stopped.output
    (loss,) = json.loads(stopped.stdout)["losses"]
    assert loss["name"].startswith("dev/s3.Bucket/logs@")
    word = ["--accept-data-loss", loss["name"]]
    assert runner.invoke(app, ["diff", "dev", "--base", "second", *word, *here]).exit_code == 0
    report = ["report", "dev", "--base", "second", "-o", str(repository.root / "out"), *here]
    assert runner.invoke(app, report).exit_code == 1
    assert runner.invoke(app, [*report, *word]).exit_code == 0
    passed = runner.invoke(app, report, env={VARIABLE: f"dev/s3.Bucket/other@00000000 {loss['name']}"})
    assert passed.exit_code == 0, passed.output
