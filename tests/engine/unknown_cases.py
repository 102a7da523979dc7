"""Where an unknown value must stop a deployment and where it must not: found by watching the rules read.

Each rule judges a good resource; every place that it reads then gets an unknown value, one at a time, and so does every
place that no rule reads. Nobody has to remember a new rule's fields.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from policy.judge import judge
from policy.rules.evaluate import evaluate
from policy.rules.registry import RULES, rules_for
from policy.rules.rule import Level, Outcome, Resource, Rule
from policy.rules.values import UNKNOWN, Field, Secret

from ..policy.cases import CASES
from ..policy.cases.ecs import definition, task
from ..policy.cases.kubernetes import RELEASE
from ..policy.support import Planned, edited, places

PROGRAM: Final = Path(__file__).parent / "unknowns"
STACK: Final = "dev"

IMAGE: Final = Planned(
    "docker:index/image:Image",
    {
        "imageName": "example/app:1",
        "skipPush": True,
        "build": {
            "context": "app",
            "dockerfile": "app/Dockerfile",
            "args": {"UID": "10001", "COMMIT": "1"},
            "target": "app",
            "platform": "linux/amd64",
        },
    },
)

# A message calls a container by its name, or by its place where the name is unknown: the verdict does not depend on it.
_NAME: Final = re.compile(r"([cC]ontainers|containerDefinitions)\[\d+\]\.name$")

# Not an input: an object of a chart that a rule has rendered, such as `Deployment/web.spec`.
_INPUT: Final = re.compile(r"\w+([.\[]|$)")

# What a builder sets by itself, and the platform it follows from: read for every Dockerfile, and needed by those that
# name it. The file of these cases does not.
_AUTOMATIC: Final = re.compile(r"build\.platform|(build\.args|buildArgs)\.(BUILD|TARGET)(?!KIT)[A-Z]+")


@dataclass(frozen=True)
class Case:
    """A good resource with one unknown value."""

    resource: Planned
    number: int
    """Of the resource in the table."""
    path: str
    """The place of the unknown value."""
    rules: frozenset[str]
    """The mandatory rules that have to be broken by that."""
    judges: frozenset[str]
    """The mandatory rules that call the resource good as long as everything is known; no other of them may complain."""
    inputs: Mapping[str, Any]
    """With the unknown value planted."""

    @property
    def name(self) -> str:
        """What the resource is called in the program; unique of its type."""
        return f"{self.number}-{re.sub(r'[^A-Za-z0-9]+', '-', self.path)}"


def _reads(rule: str, resource: Planned) -> set[str] | None:
    """Return the places of a resource that a rule needs to call it good; None if it does not, or has nothing to say."""
    paths: set[str] = set()
    known = Field._known

    def watched(field: Field) -> Any:
        paths.add(field.path)
        return known(field)

    levels = {other: Level.OFF for other in RULES} | {rule: Level.MANDATORY}
    with patch.object(Field, "_known", watched):
        found = judge([resource], levels=levels, root=PROGRAM)
    seen = Resource(resource.type, resource.name, Field(resource.inputs), (PROGRAM,))
    idle = evaluate(RULES[rule], seen, {}).outcome is Outcome.NOT_APPLICABLE
    return None if found or idle else {path for path in paths if _INPUT.match(path) and not _NAME.search(path)}


def _good_resources() -> list[Planned]:
    """Return a good resource for each mandatory rule, each once.

    Rules on a resource and its neighbours are left out, and so is what needs a configuration: the program has neither.
    """
    found = [IMAGE]
    for rule, cases in CASES.items():
        # What the rules for Linux read of a task for Windows is excused afterwards.
        elsewhere = rule == "ecs-windows-non-administrator"
        if RULES[rule].level is not Level.MANDATORY or not isinstance(RULES[rule], Rule) or cases.config or elsewhere:
            continue
        # One resource of a type is enough for all rules that call it good and need something of it.
        served = any(one.type == good.type and _reads(rule, one) for one in found for good in cases.good[:1])
        found += [] if served else cases.good[:1]
    return found


def _reading(resource: Planned) -> dict[str, set[str]]:
    """Return what each mandatory rule reads of a resource that it calls good."""
    rules = [one for one in rules_for(resource.type) if one.level is Level.MANDATORY and isinstance(one, Rule)]
    # The rules on pods judge what a chart renders; that it cannot be rendered is said once, by one rule for all.
    if resource.type == RELEASE:
        rules = [one for one in rules if one.id == "kubernetes-nothing-opaque"]
    reads = {rule.id: _reads(rule.id, resource) for rule in rules}
    return {rule: paths for rule, paths in reads.items() if paths is not None}


def _cases_of(number: int, resource: Planned) -> Iterator[Case]:
    reads = _reading(resource)
    needed = set[str]().union(*reads.values())
    written = {path.replace("\\.", "."): path for path in places(resource.inputs)}  # a key may have a dot in it
    for path in sorted(needed | written.keys()):
        automatic = _AUTOMATIC.fullmatch(path)
        rules = frozenset(rule for rule, paths in reads.items() if path in paths and not automatic)
        inputs = edited(resource.inputs, written.get(path, path), UNKNOWN)
        yield Case(resource, number, path, rules, frozenset(reads), inputs)


def _special_cases(number: int) -> Iterator[Case]:
    """Yield what cannot be found by editing a place: a secret, and one unknown inside of a JSON string."""
    resource = task()
    reads = _reading(resource)
    judges = frozenset(reads)
    all_of_it = frozenset(rule for rule, paths in reads.items() if "containerDefinitions" in paths)

    user = "containerDefinitions[0].user"
    yield Case(
        resource, number, user, frozenset({"ecs-non-root"}), judges, edited(resource.inputs, user, Secret(UNKNOWN))
    )
    # No rule asks for the variable's value, but all of the string is unknown then, and so is what they do ask for.
    containers = Json([edited(definition(), "environment[0].value", UNKNOWN)])
    inputs = resource.inputs | {"containerDefinitions": containers}
    yield Case(resource, number, "containerDefinitions, as JSON", all_of_it, judges, inputs)
    known = resource.inputs | {"containerDefinitions": Json([definition()]), "executionRoleArn": UNKNOWN}
    yield Case(resource, number, "executionRoleArn, beside JSON", frozenset(), judges, known)


def cases() -> list[Case]:
    """Return the whole table."""
    resources = _good_resources()
    found = [case for number, resource in enumerate(resources) for case in _cases_of(number, resource)]
    return [*found, *_special_cases(len(resources))]


@dataclass(frozen=True)
class Json:
    """What the program writes as a JSON string."""

    value: Any


def _marked(value: Any) -> Any:
    """Write inputs as the program reads them."""
    if value is UNKNOWN:
        return {"$unknown": "plain"}
    if isinstance(value, Secret):
        assert value.value is UNKNOWN, "the program knows secrets only of unknown values"
        return {"$unknown": "secret"}
    if isinstance(value, Json):
        return {"$json": _marked(value.value)}
    if isinstance(value, Mapping):
        return {key: _marked(member) for key, member in value.items()}
    return [_marked(member) for member in value] if isinstance(value, list) else value


def write_program(folder: Path, table: list[Case]) -> None:
    """Put the program that declares these cases into a folder."""
    shutil.copytree(PROGRAM, folder, dirs_exist_ok=True)
    resources = [{"type": case.resource.type, "name": case.name, "inputs": _marked(case.inputs)} for case in table]
    (folder / "resources.json").write_text(json.dumps(resources))
