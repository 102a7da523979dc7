"""What the recorder writes down is what the engine would hear."""

from __future__ import annotations

from pathlib import Path

import pytest

from berth.errors import ConfigError, ProgramError, UnsupportedError
from berth.plan import UNKNOWN, Plan, Resource, Secret
from berth.record import record_plan
from tests.preview.conftest import TOY

URN = "urn:pulumi:dev::toy::"
SHOP = f"{URN}toy:shop:Shop::shop"
ROLE = f"{URN}toy:shop:Shop$aws:iam/role:Role::shop-role"
TASK = f"{URN}toy:shop:Shop$aws:ecs/taskDefinition:TaskDefinition::shop-task"
TOKEN = f"{URN}toy:shop:Shop$aws:ssm/parameter:Parameter::shop-token"


def test_urns_are_those_of_the_engine(named: dict[str, Resource]) -> None:
    assert named["bucket"].urn == f"{URN}aws:s3/bucket:Bucket::bucket"
    assert named["shop"].urn == SHOP
    assert named["shop-role"].urn == ROLE


def test_the_stack_itself_is_not_listed_and_is_nobodys_parent(plan: Plan, named: dict[str, Resource]) -> None:
    assert not plan.of_type("pulumi:pulumi:Stack")
    assert named["bucket"].parent is None
    assert named["shop-role"].parent == SHOP


def test_resources_are_sorted_by_parent_type_and_name(plan: Plan) -> None:
    keys = [(resource.parent or "", resource.type, resource.name) for resource in plan.resources]
    assert keys == sorted(keys)


def test_an_output_is_the_input_or_unknown(named: dict[str, Resource]) -> None:
    assert named["queue"].inputs["kmsMasterKeyId"] == "alias/shop", "family is known: it is an input"
    assert named["queue"].inputs["name"] is UNKNOWN, "arn is not an input, and apply does not run on it"
    assert named["shop-task"].inputs["taskRoleArn"] is UNKNOWN


def test_whole_numbers_are_integers_again(named: dict[str, Resource]) -> None:
    delay = named["queue"].inputs["delaySeconds"]
    assert (delay, type(delay)) == (1, int)


def test_a_secret_is_wrapped_and_holds_no_ciphertext(plan: Plan, named: dict[str, Resource]) -> None:
    assert named["shop-token"].inputs["value"] == Secret("[secret]")
    assert plan.outputs["token"] == Secret("[secret]")


def test_dependencies_are_explicit_ones_and_those_of_inputs(named: dict[str, Resource]) -> None:
    assert named["shop-task"].dependencies == (ROLE,)
    assert named["shop-task"].property_dependencies == {"taskRoleArn": (ROLE,)}
    assert named["shop"].dependencies == (named["bucket"].urn,)
    # The engine is told a component's children in its place.
    assert named["queue"].dependencies == (TASK, ROLE, TOKEN)


def test_options_are_kept(named: dict[str, Resource]) -> None:
    assert named["alarm"].provider == named["far"].urn
    assert named["alarm"].protect
    assert named["queue"].ignore_changes == ("delaySeconds",)
    assert named["queue"].provider is None
    assert not named["shop"].custom
    assert named["old"].external


def test_a_resource_knows_its_line(toy: Path, named: dict[str, Resource]) -> None:
    file, _, line = (named["bucket"].source or "").partition(":")
    assert 'aws.s3.Bucket("bucket", tags' in (toy / file).read_text().splitlines()[int(line) - 1]


def test_assets_are_where_they_come_from(named: dict[str, Resource]) -> None:
    assert named["function"].inputs["code"] == {
        "archive": {"assets": {"index.py": {"asset": {"text": "pass"}}, "lib": {"archive": {"path": "./lib"}}}}
    }


def test_lookups_are_answered_from_config_and_provider(plan: Plan) -> None:
    assert plan.outputs["account"] == "123456789012"
    assert plan.outputs["places"]["zones"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert plan.outputs["places"]["far"] == "us-east-1"


def test_a_resource_as_input_is_its_urn(named: dict[str, Resource]) -> None:
    assert named["shop"].inputs["bucket"] == named["bucket"].urn


def test_of_a_remote_component_nothing_is_known_but_its_inputs(plan: Plan, named: dict[str, Resource]) -> None:
    assert named["remote"].remote
    assert named["remote"].inputs == {"size": 3}
    assert plan.outputs["remote"] == {"address": UNKNOWN, "opened": UNKNOWN, "size": UNKNOWN}


def test_outputs_are_the_stacks(plan: Plan) -> None:
    assert list(plan.outputs) == ["account", "bucket", "places", "remote", "token", "url"]
    assert plan.outputs["url"] is UNKNOWN
    assert plan.outputs["places"]["service"] == {"debug": True, "port": 8080}


def test_what_the_program_says_is_kept(plan: Plan, named: dict[str, Resource]) -> None:
    said = {notice.message: notice for notice in plan.notices}
    assert said["the shop has no door"].resource == named["bucket"].urn
    assert any("toy:token is encrypted" in message for message in said)


def test_one_process_records_a_stack_again(plan: Plan, toy: Path) -> None:
    assert record_plan("dev", toy) == plan


@pytest.mark.parametrize(
    ("case", "error", "text"),
    [
        ("raise", ProgramError, r"__main__.py:\d+\nValueError: the shop is closed"),
        ("apply", ProgramError, r"__main__.py:\d+\nZeroDivisionError"),
        ("exit", ProgramError, "SystemExit: 3"),
        ("missing", ConfigError, "toy:nowhere"),
        ("lookup", UnsupportedError, "aws:ssm/getParameter:getParameter"),
        ("transform", UnsupportedError, "transform"),
        ("twice", UnsupportedError, r"Bucket::bucket \(__main__.py:\d+ and __main__.py:\d+\)"),
    ],
)
def test_a_failing_program_is_explained(toy: Path, case: str, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        record_plan(f"fail-{case}", toy)


def test_other_values_stand_for_those_of_the_config_and_the_file_stays(plan: Plan) -> None:
    file = (TOY / "Pulumi.dev.yaml").read_text()
    other = record_plan("dev", TOY, {"toy:sizes": [1, 2], "toy:token": None})
    assert other.config["toy:sizes"] == "[1,2]" and other.config["toy:greeting"] == "good day"
    [bucket] = other.of_type("aws:s3/bucket:Bucket")
    assert bucket.inputs["tags"]["sizes"] == "[1,2]"
    assert "toy:token" in plan.config and "toy:token" not in other.config
    assert (TOY / "Pulumi.dev.yaml").read_text() == file
