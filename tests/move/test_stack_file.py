"""Weights are changed in a stack file, and nothing else of it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from berth.errors import ConfigError
from berth.move.stack_file import StackFile, given_weights, with_weights

HALVES = {"ecs-fargate": 50, "eks": 50}
ONE = {"eks": 100}


@pytest.mark.parametrize(
    ("text", "halves", "one"),
    [
        (
            "config:\n  aws:region: a\n  berth:backend: ecs-fargate  # here\n  x:y: 1\n",
            "config:\n  aws:region: a\n  berth:berths: {ecs-fargate: 50, eks: 50}  # here\n  x:y: 1\n",
            "config:\n  aws:region: a\n  berth:berths: {eks: 100}  # here\n  x:y: 1\n",
        ),
        (
            "# é\nconfig:\n  berth:berths: {eks: 10, ecs-fargate: 90}  # here",
            "# é\nconfig:\n  berth:berths: {eks: 50, ecs-fargate: 50}  # here",
            "# é\nconfig:\n  berth:berths: {eks: 100}  # here",
        ),
        (
            "config:\n  berth:berths:\n    # old\n    ecs-fargate: 90 # most\n    eks: 10\n\n  # here\n  x:y: 1\n",
            "config:\n  berth:berths:\n    # old\n    ecs-fargate: 50 # most\n    eks: 50\n\n  # here\n  x:y: 1\n",
            "config:\n  berth:berths:\n    # old\n    eks: 100\n\n  # here\n  x:y: 1\n",
        ),
        (
            "config:\n  berth:berths:\n    ecs-fargate: 90",
            "config:\n  berth:berths:\n    ecs-fargate: 50\n    eks: 50",
            "config:\n  berth:berths:\n    eks: 100\n",
        ),
        (
            "config:\r\n  berth:berths:\r\n    ecs-fargate: 100\r\n  aws:region: a\r\n",
            "config:\r\n  berth:berths:\r\n    ecs-fargate: 50\r\n    eks: 50\r\n  aws:region: a\r\n",
            "config:\r\n  berth:berths:\r\n    eks: 100\r\n  aws:region: a\r\n",
        ),
        (
            "config: {berth:backend: ecs-fargate, aws:region: a}\n",
            "config: {berth:berths: {ecs-fargate: 50, eks: 50}, aws:region: a}\n",
            "config: {berth:berths: {eks: 100}, aws:region: a}\n",
        ),
        (
            "config:\n  berth:berths: '{\"ecs-fargate\": 100}'\n",
            "config:\n  berth:berths: {ecs-fargate: 50, eks: 50}\n",
            "config:\n  berth:berths: {eks: 100}\n",
        ),
    ],
)
def test_only_the_weights_change(tmp_path: Path, text: str, halves: str, one: str) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_bytes(text.encode())
    (tmp_path / "Pulumi.dev.yaml").chmod(0o640)
    file = StackFile(tmp_path, "dev")
    file.write(HALVES)
    assert file.path.read_bytes().decode() == halves
    file.restore(text)
    file.write(ONE)
    assert file.path.read_bytes().decode() == one
    assert file.path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["Pulumi.dev.yaml"]


@pytest.mark.parametrize(
    "text",
    [
        "config:\n  aws:region: a\n",
        "config:\n  berth:berths: &shares {eks: 1}\n  berth:other: *shares\n",
        "shared: &shares\n  eks: 1\nconfig:\n  berth:berths:\n    <<: *shares\n    ecs-ec2: 1\n",
    ],
)
def test_what_cannot_be_edited_is_said_and_stays(tmp_path: Path, text: str) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"Pulumi\.dev\.yaml cannot be edited: (.|\n)*Example, under config: berth:b"):
        StackFile(tmp_path, "dev").write(HALVES)
    assert (tmp_path / "Pulumi.dev.yaml").read_text() == text


BERTHS = st.dictionaries(st.sampled_from(("eks", "ecs-fargate", "ecs-ec2", "ec2")), st.integers(0, 999), min_size=1)


@given(BERTHS, BERTHS, st.booleans(), st.booleans())
def test_any_weights_take_the_place_of_any(
    before: dict[str, int], after: dict[str, int], flow: bool, ends: bool
) -> None:
    config = {"aws:region": "a", "berth:berths": before, "berth:service": {"name": "shop"}}
    text = yaml.safe_dump({"config": config}, default_flow_style=None if flow else False, sort_keys=ends)
    changed = with_weights(text if ends else text.rstrip("\n"), after, "it")
    assert yaml.safe_load(changed) == {"config": {**config, "berth:berths": after}}


def test_weights_of_a_config() -> None:
    assert given_weights({"berth:berths": '{"eks":10,"ecs-fargate":90}'}) == {"eks": 10, "ecs-fargate": 90}
    assert given_weights({"berth:berths": "{}", "berth:backend": "eks"}) == {"eks": 100}
    with pytest.raises(ConfigError, match="names no berth"):
        given_weights({"aws:region": "a"})
