"""A service in a stack file: nothing else of the file changes."""

from __future__ import annotations

import pytest
import yaml

from berth.moving_in.answers import DEFAULTS
from berth.moving_in.stack_file import CannotAddError, added, services_of, written
from components.service.settings import ServiceSettings

SERVICE = {"context": "services/shop", "uses": ["database"]}


def test_a_new_file_has_few_lines() -> None:
    text = written("eu-central-1", "eks", "shop", SERVICE)
    assert len(text.splitlines()) == 8
    assert yaml.safe_load(text)["config"] == {
        "aws:region": "eu-central-1",
        "berth:backend": "eks",
        "berth:services": {"shop": SERVICE},
    }


@pytest.mark.parametrize(
    "text",
    [
        "config:\n  berth:services:\n    a:\n      path: /a  # the first\n\n    # of another kind\n    b: {image: x}\n",
        "config:\n  berth:services:\n    a: {image: x}\n  # the end\n  aws:region: us-east-1\n",
        "# t\nconfig:\n    berth:services:\n          a:\n            uses:\n            - database\nencryptionsalt:\n",
        "config:\n  berth:services:\n    a: {image: x}",
    ],
)
def test_a_service_is_added_and_every_line_stays(text: str) -> None:
    result = added(text, "shop", SERVICE)
    rest = [line for line in result.splitlines() if line in text.splitlines()]
    assert [line for line in text.splitlines() if line not in rest] == []
    services = yaml.safe_load(result)["config"]["berth:services"]
    assert list(services)[-1] == "shop" and services["shop"] == SERVICE


@pytest.mark.parametrize(
    "text",
    [
        "config:\n  berth:service: {name: shop}\n",
        "config:\n  berth:services: {a: {image: x}}\n",
        "config:\n  berth:services:\n",
        # An alias ends where its anchor does, in the middle of the first service.
        'config:\n  berth:services:\n    a:\n      environment: &e\n        X: "1"\n      path: /a\n    b: *e\n',
        "config:\n  aws:region: us-east-1\n",
    ],
)
def test_what_would_change_other_lines_is_left_alone(text: str) -> None:
    with pytest.raises(CannotAddError):
        added(text, "shop", SERVICE)


def test_a_stack_that_names_no_service_has_the_sample() -> None:
    assert services_of({}) == {"biometric": {}}
    assert services_of({"berth:service": {"name": "shop"}}) == {"shop": {"name": "shop"}}
    assert services_of({"berth:services": {"a": None, "b": {"path": "/b"}}}) == {"a": {}, "b": {"path": "/b"}}


def test_what_is_left_out_is_what_the_program_takes_for_it() -> None:
    fields = {field.alias: field.default for field in ServiceSettings.model_fields.values()}
    assert {key: fields[key] for key in DEFAULTS} == DEFAULTS
