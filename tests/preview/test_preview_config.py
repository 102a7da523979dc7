"""Config reaches the program as the engine would hand it over."""

from __future__ import annotations

from pathlib import Path

import pytest

from berth.config import find_root, load, stacks
from berth.errors import ConfigError


def project(root: Path, project_yaml: str = "name: shop\n", **stack_files: str) -> Path:
    """Write a project's files and return its directory."""
    (root / "Pulumi.yaml").write_text(project_yaml)
    for stack, text in stack_files.items():
        (root / f"Pulumi.{stack}.yaml").write_text(text)
    return root


def test_defaults_of_the_project_are_overridden_by_the_stack(toy: Path) -> None:
    config = load(toy, "dev")
    assert config.project == "toy"
    assert dict(config.values) == {
        "aws:defaultTags": '{"tags":{"project":"toy"}}',
        "aws:region": "eu-west-1",
        "toy:greeting": "good day",
        "toy:replicas": "2",
        "toy:service": '{"debug":true,"port":8080}',
        "toy:sizes": "[1,2]",
        "toy:token": "[secret]",
    }
    assert config.secret_keys == {"toy:token"}


def test_a_secret_inside_an_object_makes_the_whole_key_secret(tmp_path: Path) -> None:
    root = project(tmp_path, dev="config:\n  shop:db: {user: me, password: {secure: AAAB}}\n")
    config = load(root, "dev")
    assert config.values["shop:db"] == '{"password":"[secret]","user":"me"}'
    assert config.secret_keys == {"shop:db"}


def test_a_default_may_be_declared_secret(tmp_path: Path) -> None:
    root = project(tmp_path, "name: shop\nconfig:\n  key: {type: string, default: x, secret: true}\n", dev="")
    assert load(root, "dev").secret_keys == {"shop:key"}


def test_a_key_without_value_is_set_to_an_empty_text_by_a_stack_alone(tmp_path: Path) -> None:
    text = "name: shop\nconfig:\n  key: {type: string}\n  more: {default: 5}\n"
    root = project(tmp_path, text, dev="config:\n  shop:other:\n  shop:more: null\n")
    assert load(root, "dev").values == {"shop:other": "", "shop:more": ""}


def test_keys_have_the_namespace_that_the_engine_gives_them(tmp_path: Path) -> None:
    root = project(tmp_path, dev="config:\n  key: 1\n  aws:config:region: eu-west-1\n")
    assert load(root, "dev").values == {"shop:key": "1", "aws:region": "eu-west-1"}


def test_an_unknown_stack_names_those_that_exist_nearest_first(tmp_path: Path) -> None:
    root = project(tmp_path, dev="", **{"eks-dev": "", "ecs-ec2-dev": ""})
    (root / "Pulumi.folder.yaml").mkdir()
    assert stacks(root) == ["dev", "ecs-ec2-dev", "eks-dev"]
    with pytest.raises(ConfigError, match="Stacks of this project: eks-dev, "):
        load(root, "eks-dve")


def test_a_project_without_stacks_says_what_to_create(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"create Pulumi\.dev\.yaml"):
        load(project(tmp_path), "dev")


@pytest.mark.parametrize(
    ("project_yaml", "stack_yaml", "text"),
    [
        ("runtime: python\n", "", "`name` is missing"),
        ("name: [\n", "", "Pulumi.yaml is not YAML"),
        ("- name\n", "", "Pulumi.yaml is a list, and must be an object: names with values.\nExample:\nname: berth"),
        ("name: shop\n", "- a\n", "Pulumi.dev.yaml is a list, .*\nExample:\nconfig:\n  aws:region: us-east-1"),
        ("name: shop\n", "just text", "Pulumi.dev.yaml is a single value"),
        ("name: shop\nname: berth\n", "", "name\n   given    in line 1 and again in line 2"),
        ("name: shop\n", "config: {aws:region: a, aws:region: b}", "1. aws:region\n"),
        ("name: shop\n", "config:\n  shop:a: {b: [{c: 1, c: 2}]}", "1. shop:a.b.1.c\n   given    in line 2 and"),
        ("name: shop\n", "config:\n  a: 1\n  shop:a: 2\n", "shop:a\n   given    once more as shop:a"),
        ("name: shop\n", "config:\n  a:b:c: 1\n  ':x': 1\n", "2 problems(.|\n)*<namespace>:<name>"),
        ("name: shop\nconfig: conf\n", "", "`config` must be a mapping"),
        ("name: shop\nconfig:\n  aws:defaultTags: {tags: {a: b}}\n", "", r"'tags', which is none of .*\n.*`value:`"),
    ],
)
def test_what_the_engine_refuses_is_refused(tmp_path: Path, project_yaml: str, stack_yaml: str, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        load(project(tmp_path, project_yaml, dev=stack_yaml), "dev")


def test_the_project_is_found_from_below(tmp_path: Path) -> None:
    below = project(tmp_path) / "components" / "backends"
    below.mkdir(parents=True)
    assert find_root(below) == tmp_path.resolve()


def test_without_a_project_the_error_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=str(tmp_path)):
        find_root(tmp_path)


def test_what_the_engine_passes_over_in_a_stack_file_is_noticed(tmp_path: Path) -> None:
    root = project(tmp_path, dev="confg:\n  aws:region: a\naws:profile: me\nzzz: 1\nconfig:\n  shop:mode: 0644\n")
    config = load(root, "dev")
    assert config.values == {"shop:mode": "420"}
    assert config.notices == (
        "Pulumi.dev.yaml: confg: The engine reads nothing under this name. Did you mean config?",
        "Pulumi.dev.yaml: aws:profile: The engine reads nothing under this name. Did you mean config?",
        "Pulumi.dev.yaml: zzz: The engine reads nothing under this name.",
        "Pulumi.dev.yaml: shop:mode: A leading 0 makes it octal: the engine reads 420.",
    )


@pytest.mark.parametrize("name", ["../dev", "a/b", "", "dev ", "a\0b", "x" * 300, "é", "org/shop/dev"])
def test_a_name_that_no_stack_can_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(project(tmp_path, dev=""), name)
    assert "is no name of a stack" in str(caught.value) and str(caught.value).endswith("Example: berth preview dev")
    assert len(str(caught.value)) < 500
