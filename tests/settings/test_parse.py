from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from components.berths.registry import BERTHS
from components.config.errors import ABSENT
from components.config.keys import either
from components.config.reading import fields_of
from components.rooms.registry import ROOMS
from components.service.settings import ServiceSettings
from components.settings import SETTINGS, SettingsError, parse
from tests.settings.judging import Judge

ROOT = Path(__file__).parents[2]


def test_three_lines_are_enough(settings_of: Any) -> None:
    for backend in BERTHS:
        settings = settings_of(backend=backend)
        assert settings.berths == {backend: 100}
        assert settings.services == {"biometric": ServiceSettings().named("biometric", alone=True)}
        assert settings.stack == "dev"
        assert settings.region == "us-east-1"


def test_objects_come_as_json_from_the_engine_and_as_objects_from_tests(settings_of: Any) -> None:
    service = {"cpu": 512, "memory": 2048, "environment": {"WORKERS": "2"}}
    as_json, as_object = settings_of(service=json.dumps(service)), settings_of(service=service)
    assert as_json == as_object
    assert as_json.service.environment == {"WORKERS": "2"}


def test_scalars_come_as_text_from_the_engine(settings_of: Any) -> None:
    assert settings_of(production="true", accept='["public-api"]').accept == ["public-api"]
    assert settings_of(production="false").production is False
    assert settings_of(service='{"cpu": "512", "memory": "1024"}').service.cpu == 512


@pytest.mark.parametrize("nothing", ["{}", {}])
def test_an_empty_object_says_nothing(settings_of: Any, nothing: object) -> None:
    assert settings_of(service=nothing) == settings_of()


@pytest.mark.parametrize("nothing", ["", None, "null"])
@pytest.mark.parametrize(
    "section", [name for name in fields_of(SETTINGS) if name not in ("name", "backend", "region", "database")]
)
def test_a_key_with_nothing_behind_it_is_refused(judge: Judge, section: str, nothing: object) -> None:
    if nothing == "null" and section == "production":
        return  # text to the engine, and refused as such
    assert judge.one(section, nothing).problem == "There is nothing behind the key."


@pytest.mark.parametrize("nothing", ["", None, "null"])
def test_nothing_is_not_a_stack_without_database(judge: Judge, nothing: object) -> None:
    problem = judge.one("database", nothing)
    assert problem.problem.endswith(
        "that does not leave the database out: a service without `database` in its `uses` has none."
    )
    assert problem.allowed.startswith("an object of name, user")


def test_settings_are_frozen(settings_of: Any) -> None:
    settings = settings_of()
    with pytest.raises(ValidationError, match="frozen"):
        settings.services["biometric"].port = 80


def test_the_config_is_not_changed(project: Path) -> None:
    config = {"aws:region": "us-east-1", "berth:backend": "eks", "berth:service": {"cpu": 1, "Cpu": 2, "port": 1}}
    before = json.dumps(config)
    with pytest.raises(SettingsError):
        parse("dev", config, project)
    assert json.dumps(config) == before


# --- what depends on other keys ---


def test_the_sample_knows_its_commands(settings_of: Any) -> None:
    service = settings_of().services["biometric"]
    assert service.health_command == ["python", "-m", "biometric.health"]
    assert service.init_command == ["python", "-m", "biometric.migrate"]


def test_another_service_has_no_commands(settings_of: Any, project: Path) -> None:
    service = settings_of(service={"image": "registry.example/other:1"}).services["biometric"]
    assert (service.health_command, service.init_command) == (None, None)
    assert ServiceSettings(context="services/other").init_command is None


def test_commands_that_are_given_stay(settings_of: Any) -> None:
    service = settings_of(service={"healthCommand": None, "initCommand": ["./migrate"]}).services["biometric"]
    assert service.health_command is None, "null switches the sample's own off"
    assert service.init_command == ["./migrate"]


def test_production_turns_the_defaults(settings_of: Any) -> None:
    settings = settings_of(production=True, accept=["public-api"])
    assert settings.of("database").multi_az
    assert settings.of("database").deletion_protection
    assert settings.of("database").backup_retention_days == 30
    assert settings.network.nat_gateways == "per-zone"
    assert not settings_of().database.multi_az
    kept = settings_of(production=True, accept=["public-api"], database={"backupRetentionDays": 3}).database
    assert (kept.backup_retention_days, kept.multi_az) == (3, True)


# --- shapes ---


@pytest.mark.parametrize("value", ["{", "[1, 2]", "cpu", "5", "true", ["cpu"], 5, True])
def test_an_object_that_is_none(judge: Judge, value: object) -> None:
    problem = judge.one("service", value)
    assert problem.problem == "This is not an object."
    assert problem.allowed.startswith("an object of name, kind, context,")


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("service.cpu", "lots", "This is not a whole number."),
        ("service.cpu", True, "This is not a whole number."),
        ("service.cpu", 256.5, "This is not a whole number."),
        ("service.cpu", None, "There is nothing behind the key."),
        ("service.cpu", [256], "This is not a whole number."),
        ("service.name", True, "This is not text; put it in quotes."),
        ("service.environment", "LOG=1", "This is not an object."),
        (
            "service.environment",
            {"WORKERS": 4, "DEBUG": True, "NAME": "x", "RATIO": 0.5},
            "WORKERS: This is not text; put it in quotes.\nDEBUG: This is not text; put it in quotes.\n"
            "RATIO: This is not text; put it in quotes.",
        ),
        ("service.buildArgs", {"PYTHON_VERSION": 3.1}, "PYTHON_VERSION: This is not text; put it in quotes."),
        ("service.initCommand", "python -m x", "This is not a list."),
        ("service.initCommand", ["python", 5], "element 2: This is not text; put it in quotes."),
        ("database.multiAz", "perhaps", "This is not true or false."),
        ("production", "perhaps", "This is not true or false."),
        ("network.existing", "vpc-12345678", "This is not an object."),
    ],
)
def test_a_value_of_the_wrong_kind(judge: Judge, path: str, value: object, problem: str) -> None:
    assert judge.one(path, value).problem == problem


def test_choices_name_the_nearest(judge: Judge) -> None:
    (problem,) = judge(backend="fargate")
    assert problem.key == "berth:backend"
    assert problem.problem == '"fargate" is not one of them; did you mean ecs-fargate?'
    assert problem.allowed == either(BERTHS)
    assert judge.one("service.architecture", "x86_64").allowed == "amd64 or arm64"
    assert "per-zone" in judge.one("network.natGateways", "perzone").problem


# --- what is missing ---


def test_region_and_backend_are_required(judge: Judge) -> None:
    problems = judge({})
    assert [problem.key for problem in problems] == ["aws:region", "berth:backend"]
    assert all(problem.problem == "It is missing, and there is no default." for problem in problems)


def test_every_missing_part_of_an_object_is_named(judge: Judge) -> None:
    problems = judge(network={"existing": {}}, api={"authorization": "jwt", "jwt": {}})
    assert [problem.key for problem in problems] == [
        "berth:network.existing.vpcId",
        "berth:network.existing.privateSubnetIds",
        "berth:network.existing.dataSubnetIds",
        "berth:api.jwt.issuer",
        "berth:api.jwt.audience",
    ]


# --- unknown keys ---


@pytest.mark.parametrize(
    ("config", "key", "meant"),
    [
        ({"berth:servce": {}}, "berth:servce", "berth:service"),
        ({"berth:service": {"health_path": "/"}}, "berth:service.health_path", "berth:service.healthPath"),
        ({"berth:service": {"healthpath": "/"}}, "berth:service.healthpath", "berth:service.healthPath"),
        ({"berth:service": {"memry": 1}}, "berth:service.memry", "berth:service.memory"),
        ({"berth:service": {"instanceClass": 1}}, "berth:service.instanceClass", "berth:database.instanceClass"),
        ({"berth:cpu": 1}, "berth:cpu", "berth:service.cpu"),
        ({"berth:service.cpu": 1}, "berth:service.cpu", "berth:service.cpu"),
        ({"berth:region": "eu-west-1"}, "berth:region", "aws:region"),
        ({"backend": "eks"}, "backend", "berth:backend"),
        ({"brth:backend": "eks"}, "brth:backend", "berth:backend"),
        ({"aws:regoin": "us-east-1"}, "aws:regoin", "aws:region"),
        ({"asw:region": "us-east-1"}, "asw:region", "aws:region"),
        ({"AWS:region": "us-east-1"}, "AWS:region", "aws:region"),
        ({"aws:profil": "me"}, "aws:profil", "aws:profile"),
        ({"aws:default_tags": "{}"}, "aws:default_tags", "aws:defaultTags"),
        ({"dcoker:host": "unix:///x"}, "dcoker:host", "docker:host"),
        ({"docker:hots": "unix:///x"}, "docker:hots", "docker:host"),
        (
            {"berth:network": '{"existing": {"vpc_id": "vpc-0a1b2c3d"}}'},
            "berth:network.existing.vpc_id",
            "berth:network.existing.vpcId",
        ),
    ],
)
def test_an_unknown_key_names_the_nearest(judge: Judge, config: dict[str, Any], key: str, meant: str) -> None:
    problems = judge({"aws:region": "us-east-1", "berth:backend": "eks", **config})
    problem = next(problem for problem in problems if problem.key == key)
    assert problem.problem.endswith(f"Did you mean {meant}?")
    assert "\n".join(problem.lines()).count(meant.split(".")[0]) >= 2, "the example is written under the right key"


def test_an_unknown_key_far_from_all_lists_the_known(judge: Judge) -> None:
    own = ["name", "backend", "berths", "production", "accept", "service", "services", "network", "api", "deployment"]
    assert judge.one("zzz", 1).allowed == f"keys named {either([*own, *ROOMS, *BERTHS])}"
    assert judge.one("ecs-fargate.qqq", 1).allowed.startswith("keys named exec, onDemandBase")


def test_fields_that_are_no_keys_are_unknown(judge: Judge) -> None:
    (problem,) = judge({"aws:region": "us-east-1", "berth:backend": "eks", "berth:stack": "prod"})
    assert (problem.key, problem.problem) == ("berth:stack", "There is no such key.")


def test_keys_of_others_pass(judge: Judge) -> None:
    config = {"aws:region": "us-east-1", "berth:backend": "eks", "aws:profile": "me", "pulumi:tags": "{}"}
    assert judge(config) == []
    assert judge({**config, "kubernetes:backend": "x", "aws:defaultTags": '{"tags":{}}'}) == []
    assert judge({**config, "awsx:autoscale": "1", "aws-native:profile": "me", "datadog:site": "eu"}) == []


def test_a_providers_key_that_is_none_is_refused_even_far_from_all(judge: Judge) -> None:
    (problem,) = judge({"aws:region": "us-east-1", "berth:backend": "eks", "aws:zzz": 1})
    assert (problem.key, problem.example) == ("aws:zzz", ABSENT)
    assert problem.problem == 'The provider "aws" has no such key, and would pass over it.'
    assert "aws:profile" in problem.allowed


def test_a_misspelt_key_of_a_provider_shows_no_secret(judge: Judge) -> None:
    for config, secret in (({"aws:secretKy": "sesame"}, ["aws:secretKy"]), ({"aws:secretKye": "sesame"}, [])):
        (problem,) = judge({"aws:region": "us-east-1", "berth:backend": "eks", **config}, secret_keys=secret)
        text = "\n".join(problem.lines())
        assert "Did you mean aws:secretKey?" in text and "sesame" not in text


def test_a_key_of_json_that_stands_twice_is_refused(judge: Judge) -> None:
    problem = judge.one("service", '{"cpu": 256, "environment": {"A": "1", "A": "2"}, "memory": 512}')
    assert problem.problem == '"A" stands there 2 times, and only one of them could count.'


@pytest.mark.parametrize("deep", ["[" * 400 + "]" * 400, '{"a":' * 400 + "1" + "}" * 400, "[" * 100_000])
def test_nesting_without_end_is_refused(judge: Judge, deep: str) -> None:
    assert len(judge(service=deep)) == 1


# --- importing ---


def test_importing_settings_needs_pydantic_only() -> None:
    code = "import sys, components.settings; print(sorted({'pulumi', 'yaml', 'grpc'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
