"""Each promise, weakened at each layer, is found by those that the table names, and by nobody where it says so."""

from __future__ import annotations

import pytest

from berth.rehearse.drivers.ecs.security import declarations
from berth.rehearse.workload import Promise
from policy.rules.registry import RULES, rules_for

from .document import FILE, document
from .judging import SECURITY, Found, good_definition, rehearsal
from .rows import PATHS, Blind, Caught, Layer, Row, Weakened
from .table import TABLE, VIEWS

WAYS = [
    pytest.param(layer, way, id=f"{row.name}-{layer}-{way.text}")
    for row in TABLE
    for layer, cell in row.cells.items()
    if isinstance(cell, Caught)
    for way in cell.ways
]
BLIND = [
    pytest.param(layer, cell, id=f"{row.name}-{layer}")
    for row in TABLE
    for layer, cell in row.cells.items()
    if isinstance(cell, Blind)
]
BY_NAME = [pytest.param(row, id=row.name) for row in TABLE]


def _new(layer: Layer, way: Weakened) -> Found:
    """Return what is said of the weakened workload and not of the good one."""
    good, judge = VIEWS[layer]
    before, after = judge(good()), judge(way.change(good()))
    return {who: lines for who, lines in after.items() if lines != before.get(who)}


@pytest.mark.parametrize("layer", Layer)
def test_nobody_has_anything_against_the_good_workload(layer: Layer) -> None:
    good, judge = VIEWS[layer]
    assert judge(good()) == {}


@pytest.mark.parametrize(("layer", "way"), WAYS)
def test_what_is_weakened_is_found_there(layer: Layer, way: Weakened) -> None:
    assert way.found_by, "a cell that is caught by nobody"
    found = _new(layer, way)
    assert found.keys() == way.found_by
    assert any(way.saying in line for lines in found.values() for line in lines), found


@pytest.mark.parametrize(("layer", "cell"), BLIND)
def test_a_layer_that_cannot_know_says_nothing(layer: Layer, cell: Blind) -> None:
    assert _new(layer, cell.closest) == {}


@pytest.mark.parametrize("row", BY_NAME)
def test_every_layer_has_its_cell(row: Row) -> None:
    assert list(row.cells) == list(Layer)


@pytest.mark.parametrize("row", BY_NAME)
@pytest.mark.parametrize("backend", PATHS)
def test_what_one_layer_cannot_know_a_later_one_does(row: Row, backend: str) -> None:
    """On each backend something is declared that a preview refuses or names, but for what Fargate has no field for."""
    declared = [layer for layer in PATHS[backend][:-1] if isinstance(row.cells[layer], Caught)]
    assert declared or (backend, row.name) == ("ECS Fargate", "no new privileges")
    assert isinstance(row.cells[Layer.RUN], Caught), "at run time everything shows"


def test_a_dockerfile_is_judged_for_its_user_alone() -> None:
    """A rule that looks at more of an image belongs into the table, and then a layer is not blind any more."""
    assert {rule.id for rule in rules_for("docker-build:index:Image")} == {"docker-image-non-root"}


def test_whoever_finds_something_exists() -> None:
    caught = [cell for row in TABLE for cell in row.cells.values() if isinstance(cell, Caught)]
    named = {who for cell in caught for way in cell.ways for who in way.found_by}
    promises = {rehearsal(promise) for promise in Promise}
    assert named - RULES.keys() - promises == {"kubelet"}


def test_on_fargate_the_missing_field_is_shown_and_expected_of_nobody() -> None:
    definition = good_definition("FARGATE")
    assert "dockerSecurityOptions" not in definition
    declared = declarations(definition, "it", True, SECURITY)[Promise.NO_NEW_PRIVILEGES]
    assert not declared.possible
    assert "Fargate has no field for it" in declared.text


def test_the_document_is_the_table() -> None:
    assert FILE.read_text() == document(), "docs/layers.md is out of date: run `python -m tests.layers`"
