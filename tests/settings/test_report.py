from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from components.config.errors import ABSENT, MASK, Problem, is_secret_value, masked, names_secret, shown, yaml_text
from components.config.reading import all_paths
from components.settings import SETTINGS, SettingsError, parse
from tests.settings.judging import Judge

WRONG: dict[str, Any] = {
    "berth:backend": "fargate",
    "berth:service": {
        "cpu": 256,
        "memory": 3000,
        "port": 80,
        "healthPath": "healthz",
        "minReplicas": 5,
        "maxReplicas": 3,
        "dockerfile": "Dockerfile.none",
        "health_path": "/",
        "environment": {"DB_PASSWORD": "hunter2"},
    },
    "berth:network": {"cidr": "10.0.0.0/26"},
}


def report(config: dict[str, Any], root: Path, **options: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        parse("dev", config, root, **options)
    return str(caught.value)


def test_everything_is_said_at_once(project: Path) -> None:
    text = report({**WRONG, "aws:region": "us-east-1", "berth:backend": "ecs-fargate"}, project)
    assert text.startswith("The config of stack 'dev' cannot be used: 8 problems.\n\n1. berth:service.health_path\n")
    for key in ("healthPath", "port", "memory", "minReplicas", "dockerfile", "health_path", "environment"):
        assert f". berth:service.{key}\n" in text
    assert ". berth:network.cidr\n" in text
    assert text.count("   given    ") == text.count("   problem  ") == text.count("   allowed  ") == 8
    assert text.count("   example  ") == 8
    assert "hunter2" not in text


def test_the_layout(judge: Judge) -> None:
    problem = judge.one("service.port", 80)
    assert problem.lines() == [
        "berth:service.port",
        "   given    80",
        "   problem  80 is too small.",
        "   allowed  1024 to 65535 (a process that is not root can bind none below 1024)",
        "   example  berth:service:",
        "              port: 8080",
    ]


def test_one_problem_is_one_problem(project: Path) -> None:
    assert "cannot be used: 1 problem." in report({"aws:region": "us-east-1", "berth:backend": "x"}, project)


def test_problems_come_in_the_order_of_the_reference(judge: Judge) -> None:
    problems = judge(eks={"version": "1"}, service={"port": 1, "cpu": 0}, zzz=1, api={"wafRateLimit": 1})
    assert [problem.key for problem in problems] == [
        "berth:zzz",
        "berth:service.port",
        "berth:service.cpu",
        "berth:api.wafRateLimit",
        "berth:eks.version",
    ]


def test_the_error_can_be_used_by_a_program(project: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        parse("dev", {}, project)
    assert caught.value.stack == "dev"
    assert [problem.given for problem in caught.value.problems] == [ABSENT, ABSENT]


# --- secrets ---


@pytest.mark.parametrize(
    "name", ["PASSWORD", "DB_PASSWORD", "dbPassword", "api-key", "API_TOKEN", "apiKey", "client_secret", "KEY"]
)
def test_names_of_secrets(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize(
    "name", ["", "LOG_LEVEL", "MONKEY", "KEYBOARD", "SECRET_ARN", "TOKEN_TTL", "PUBLIC_KEY", "TOKENIZER", "healthPath"]
)
def test_names_of_no_secrets(name: str) -> None:
    assert not names_secret(name)


@pytest.mark.parametrize(
    "value",
    ["AKIAIOSFODNN7EXAMPLE", "postgresql://me:pw@host/db", "-----BEGIN RSA PRIVATE KEY-----\nabc", f"ghp_{'a' * 36}"],
)
def test_values_that_are_secrets_are_masked_wherever_they_stand(project: Path, value: str) -> None:
    assert is_secret_value(value)
    config = {"aws:region": "us-east-1", "berth:backend": "eks", "berth:service": {"image": value, "name": value}}
    text = report(config, project)
    assert value not in text
    assert MASK in text


def test_masking_goes_into_objects_and_lists() -> None:
    value = {"a": [{"password": "x", "port": 1}], "tokens": {"API_TOKEN": "y"}, "empty_password": ""}
    assert masked(value) == {
        "a": [{"password": MASK, "port": 1}],
        "tokens": {"API_TOKEN": MASK},
        "empty_password": "",
    }


def test_what_the_engine_holds_as_secret_is_not_shown(project: Path) -> None:
    config = {
        "aws:region": "us-east-1",
        "berth:backend": "eks",
        "berth:eks": '{"adminPrincipalArns": ["sesame"], "opensesame": "sesame"}',
        "berth:network": '{"cidr": "sesame"}',
        "berth:api": {
            "domain": {
                "name": "a.example.com",
                "certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/5e5a",
            }
        },
    }
    text = report(config, project, secret_keys=["berth:eks", "berth:network", "berth:api"])
    assert "sesame" not in text.replace("opensesame", "")
    assert "5e5a" not in text
    assert "berth:eks.adminPrincipalArns" in text
    assert "berth:api.domain.certificateArn" in text


def test_long_values_are_cut() -> None:
    assert len(shown("x" * 1000)) < 250


# --- examples are what one can paste ---


@pytest.mark.parametrize(
    "value",
    [1, True, None, "a", "1.34", "yes", "10.0.0.0/16", "a: b", "#x", "", "*", "-m", ["a", 1], {"a": {"b": ["c"]}}, {}],
)
def test_examples_are_yaml(value: object) -> None:
    assert yaml.safe_load(yaml_text("berth:service.name", value)) == {"berth:service": {"name": value}}


_PRINTABLE = st.text(st.characters(max_codepoint=0xFFFF).filter(str.isprintable))


@given(st.recursive(st.none() | st.booleans() | st.integers() | _PRINTABLE, lambda inner: st.lists(inner, max_size=3)))
def test_any_example_is_yaml(value: object) -> None:
    assert yaml.safe_load(yaml_text("berth:service.name", value)) == {"berth:service": {"name": value}}


def test_an_example_mends_what_was_wrong(judge: Judge) -> None:
    for path, value in [("service.port", 80), ("service.memory", 3000), ("network.cidr", "10.0.0.0/30")]:
        problem = judge.one(path, value)
        assert judge(config={"aws:region": "us-east-1", "berth:backend": "ecs-fargate", **_pasted(problem)}) == []


def _pasted(problem: Problem) -> dict[str, Any]:
    lines = "\n".join(problem.lines()).partition("   example  ")[2].splitlines()
    text = "\n".join([lines[0], *(line.removeprefix(" " * 12) for line in lines[1:])])
    loaded = yaml.safe_load(text)
    assert isinstance(loaded, dict)
    return loaded


# --- whatever is given, the answer is settings or a report ---

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
_NAMES = st.sampled_from([path.rpartition(".")[2] for path in all_paths(SETTINGS)]) | st.text(max_size=10)
_OBJECT = st.dictionaries(_NAMES, _JSON | st.dictionaries(_NAMES, _JSON, max_size=3), max_size=5)
_KEYS = st.sampled_from(["aws:region", *(f"berth:{path}" for path in all_paths(SETTINGS))]) | st.text(max_size=12)


@profile(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=st.dictionaries(_KEYS, _JSON | _OBJECT, max_size=6), stack=st.text(max_size=30))
def test_no_config_ends_in_a_traceback(project: Path, config: dict[str, Any], stack: str) -> None:
    try:
        assert parse(stack, config, project).stack == stack
    except SettingsError as error:
        assert len(error.problems) >= 1
        assert str(error).count("\n   given    ") >= len(error.problems)
