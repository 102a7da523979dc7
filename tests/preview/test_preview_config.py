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


def test_a_key_without_value_is_not_set(tmp_path: Path) -> None:
    root = project(tmp_path, "name: shop\nconfig:\n  key: {type: string}\n", dev="config:\n  shop:other:\n")
    assert load(root, "dev").values == {}


def test_an_unknown_stack_names_those_that_exist_nearest_first(tmp_path: Path) -> None:
    root = project(tmp_path, dev="", **{"eks-dev": "", "ecs-ec2-dev": ""})
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
        ("- name\n", "", "Pulumi.yaml must be a mapping"),
        ("name: shop\nconfig: conf\n", "", "`config` must be a mapping"),
        ("name: shop\nconfig:\n  aws:defaultTags: {tags: {a: b}}\n", "", r"'tags', which is none of .*\n.*`value:`"),
        ("name: shop\n", "config:\n  backend: eks\n", "`backend` has no namespace.\nWrite it as shop:backend"),
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
