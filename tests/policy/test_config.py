"""The pack's configuration says what it says under the CLI, and nothing that no rule knows passes for said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from policy.judge import judge
from policy.rules.config import (
    CONFIGURABLE,
    LEVELS,
    ConfigError,
    PackConfig,
    is_production,
    parse,
    read,
    setting_problems,
)
from policy.rules.registry import RULES
from policy.rules.rule import AnyRule, Level
from policy.rules.schema import KEYWORDS, described, problems

from .analyzer import asked, judged, serving
from .cases.ecs import task
from .cases.kubernetes import deployment
from .support import Planned

README = Path(__file__).parents[2] / "policy" / "README.md"
PRODUCTION_RULE = "aws-rds-deletion-protection"
DATABASE = Planned("aws:rds/instance:Instance", {"deletionProtection": False})

# A document, and the words that its error must hold: what is wrong with it, and what is right.
WRONG: list[tuple[Any, list[str]]] = [
    ({"ecs-nonroot": "advisory"}, ["ecs-nonroot: no such rule", "nearest is ecs-non-root"]),
    ({"All": "advisory"}, ["All: no such rule", "nearest is all"]),
    ({"ecs-nonroot": {"exemptContainers": []}}, ["ecs-nonroot: no such rule"]),
    (
        {"ecs-non-root": {"exemptContainer": ["router"]}},
        ["ecs-non-root: no such key: exemptContainer", "nearest is exemptContainers", "it knows enforcementLevel"],
    ),
    ({"ecs-non-root": {"level": "advisory"}}, ["no such key: level", "enforcementLevel"]),
    ({"ecs-non-root": "off"}, ["ecs-non-root: enforcementLevel must be one of mandatory, advisory, disabled"]),
    ({"ecs-non-root": {"enforcementLevel": 1}}, ["ecs-non-root: enforcementLevel must be one of"]),
    ({"ecs-non-root": ["advisory"]}, ["ecs-non-root: must be a level or an object"]),
    ({"ecs-non-root": {"exemptContainers": "router"}}, ["exemptContainers must be a list, each a text"]),
    ({"ecs-non-root": {"exemptContainers": ["a", 1]}}, ["exemptContainers [1] must be a text"]),
    ({"kubernetes-sysctls": {"version": "1.34"}}, ["version must be a text that matches"]),
    *(
        ({"kubernetes-sysctls": {"version": version}}, ["version must be a text that matches"])
        for version in ("", "v1.99", "v1.38", "v1.034", "v1.34\n")
    ),
    ({"kubernetes-sysctls": ""}, ["kubernetes-sysctls: enforcementLevel must be one of"]),
    ("", ["must be an object"]),
    ({PRODUCTION_RULE: {"production": "true"}}, ["production must be true or false"]),
    ({"all": {"version": "v1.34"}}, ["all: takes nothing but enforcementLevel", "write version under each rule"]),
    ({"environments": ["a"]}, ["only the Pulumi Cloud"]),
    (["mandatory"], ["must be an object"]),
    ({"a": "mandatory", "b": "mandatory", "ecs-non-root": {"c": 1}}, ["- a: no", "- b: no", "no such key: c"]),
]


@pytest.mark.parametrize(("document", "words"), WRONG, ids=[json.dumps(document) for document, _ in WRONG])
def test_what_no_rule_knows_is_an_error_that_names_it(document: Any, words: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        parse(document)
    for word in words:
        assert word in str(error.value)


def test_levels_are_the_clis() -> None:
    parsed = parse({"all": {"enforcementLevel": "advisory"}, "ecs-non-root": "remediate", "ecs-confined": "disabled"})
    assert parsed.levels == dict.fromkeys(CONFIGURABLE, Level.ADVISORY) | {
        "ecs-non-root": Level.MANDATORY,
        "ecs-confined": Level.OFF,
    }
    assert parsed.settings == {}
    # Whatever the order: what is said of one rule wins over what is said of all.
    assert parse({"ecs-non-root": "disabled", "all": "mandatory"}).levels["ecs-non-root"] is Level.OFF


def test_settings_stand_beside_the_level() -> None:
    document = {"ecs-non-root": {"enforcementLevel": "advisory", "exemptContainers": ["router"]}}
    assert parse(document) == PackConfig(
        {"ecs-non-root": Level.ADVISORY}, {"ecs-non-root": {"exemptContainers": ["router"]}}
    )
    assert parse({"ecs-non-root": {"exemptContainers": ["router"]}}).levels == {}


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    with pytest.raises(ConfigError, match=r"policy\.json cannot be read: No such file"):
        read(file)
    file.write_text("{")
    with pytest.raises(ConfigError, match=r"policy\.json is not JSON"):
        read(file)
    # As for the CLI, an empty file says nothing.
    file.write_text(" \n")
    assert read(file) == PackConfig()
    file.write_text('{"ecs-non-root": "advisory"}')
    assert read(file).levels == {"ecs-non-root": Level.ADVISORY}


def test_the_readmes_examples_are_right() -> None:
    examples = re.findall(r"```json\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        assert parse(json.loads(example)).settings


def test_judge_takes_nothing_that_no_rule_knows() -> None:
    wrong: list[dict[str, dict[str, Any]]] = [
        {"ecs-nonroot": {}},
        {"ecs-non-root": {"exempt": []}},
        {"ecs-non-root": {"exemptContainers": 1}},
    ]
    for config in wrong:
        with pytest.raises(ConfigError):
            judge([], config=config)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rules_settings_are_checked_to_the_last_word(rule: AnyRule) -> None:
    for key, schema in rule.config.items():
        assert schema.keys() <= KEYWORDS
        assert schema["type"] != "array" or schema["items"].keys() <= KEYWORDS
        assert described(schema)
        assert list(problems(schema, schema["default"])) == [], key


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 9}, [1, 9.0], [0, 10, 1.5, True, "1", float("nan"), None]),
        ({"type": "number"}, [1, 1.5], [True, "1"]),
        ({"type": "string", "enum": ["a", "b"]}, ["a"], ["c", "A", 1]),
        ({"type": "string", "pattern": "^v1"}, ["v1.1"], ["1.1", 1]),
        ({"type": "boolean"}, [True, False], [0, "true", None]),
        ({"type": "array", "items": {"type": "integer", "minimum": 1}}, [[], [1, 2]], [[0], ["1"], {}, "1"]),
    ],
)
def test_values_are_checked_as_the_schema_says(schema: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if list(problems(schema, value))] == []
    assert [value for value in bad if not list(problems(schema, value))] == []


# --- over the CLI's protocol ---


@pytest.fixture
def pack(tmp_path: Path) -> Iterator[Any]:
    """Serve the pack."""
    with serving(tmp_path) as stub:
        yield stub


def _configure(pack: Any, document: dict[str, dict[str, Any]], level: Level = Level.MANDATORY) -> None:
    """Configure the pack as the CLI does: each entry with a level."""
    entries = {}
    for name, settings in document.items():
        properties = struct_pb2.Struct()
        properties.update(settings)
        code = analyzer_pb2.ADVISORY if level is Level.ADVISORY else analyzer_pb2.MANDATORY
        entries[name] = analyzer_pb2.PolicyConfig(enforcementLevel=code, properties=properties)
    pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=entries))


def _stack_config(pack: Any, **config: str) -> None:
    request = analyzer_pb2.AnalyzerStackConfigureRequest(stack="dev", project="it", config=config)
    pack.ConfigureStack(request)


def test_the_pack_refuses_what_no_rule_knows(pack: Any) -> None:
    wrong: dict[str, dict[str, Any]] = {"ecs-nonroot": {}, "ecs-non-root": {"exempt": []}, "all": {}}
    with pytest.raises(grpc.RpcError) as error:
        _configure(pack, wrong)
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    for name in ("ecs-nonroot", "ecs-non-root"):
        for problem in setting_problems(name, wrong[name]):
            assert problem in error.value.details()


def test_the_pack_takes_a_whole_configuration_as_the_cli_sends_it(pack: Any) -> None:
    """Every rule with the defaults that its schema shows the CLI, and what was given for all."""
    info = pack.GetAnalyzerInfo(empty_pb2.Empty())
    sent: dict[str, dict[str, Any]] = {"all": {}}
    for one in info.policies:
        schemas = one.configSchema.properties
        sent[one.name] = {key: schemas[key]["default"] for key in schemas if "default" in schemas[key]}
    assert "production" not in sent[PRODUCTION_RULE], "the CLI would send what nobody wrote"
    _configure(pack, sent)
    _stack_config(pack, **{"it:production": "true"})
    assert PRODUCTION_RULE in {rule for rule, _, _ in asked(pack, DATABASE)}


def test_levels_and_settings_give_one_verdict(pack: Any, tmp_path: Path) -> None:
    settings: dict[str, dict[str, Any]] = {
        "ecs-non-root": {"exemptContainers": ["app"]},
        "kubernetes-sysctls": {"version": "v1.20"},
    }
    levels = dict.fromkeys(settings, Level.ADVISORY)
    _configure(pack, settings, Level.ADVISORY)
    sysctls = [{"name": "net.ipv4.tcp_rmem", "value": "1"}]
    for resource in (
        task("user", "root"),
        Planned(task().type, {"containerDefinitions": [{"name": "other", "user": "0"}]}),
        deployment("spec.securityContext.sysctls", sysctls),
    ):
        assert asked(pack, resource) == judged(resource, tmp_path, config=settings, levels=levels)
    assert {level for rule, level, _ in asked(pack, resource)} == {"advisory"}


@pytest.mark.parametrize(
    ("value", "production"),
    [
        (None, False),
        ("false", False),
        (" False ", False),
        ("true", True),
        ("[secret]", True),
        ("yes", True),
        ("", True),
    ],
)
def test_the_stacks_config_says_whether_it_is_production(
    pack: Any, tmp_path: Path, value: str | None, production: bool
) -> None:
    config = {"other:production": "true"} if value is None else {"it:production": value}
    _stack_config(pack, **config)
    assert is_production("it", config) is production
    assert asked(pack, DATABASE) == judged(DATABASE, tmp_path, production=production)
    assert (PRODUCTION_RULE in {rule for rule, _, _ in asked(pack, DATABASE)}) is production


def test_a_rules_own_word_on_production_wins(pack: Any, tmp_path: Path) -> None:
    for word in (True, False):
        _stack_config(pack, **{"it:production": str(not word).lower()})
        config = {PRODUCTION_RULE: {"production": word}}
        _configure(pack, config)
        assert asked(pack, DATABASE) == judged(DATABASE, tmp_path, production=not word, config=config)
        assert (PRODUCTION_RULE in {rule for rule, _, _ in asked(pack, DATABASE)}) is word


def test_every_level_of_the_cli_is_known() -> None:
    assert set(LEVELS) == {"mandatory", "advisory", "disabled", "remediate"}


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text('{"all": "mandatory", "ecs-non-root": {"level": 1, "level": 2}, "all": "disabled"}')
    with pytest.raises(ConfigError, match="stands there more than once"):
        read(file)
    file.write_text("[" * 100_000)
    with pytest.raises(ConfigError, match="is not JSON"):
        read(file)
