"""ECS task definitions as the rules see them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Final, Unpack

from ..evaluate import each
from ..folding import read
from ..guises import TASK, kind_of, tasks
from ..parts import Part, PartCheck
from ..rule import Check, Config, Finding, NotApplicable, Resource, Rule, Texts
from ..values import Unreadable


def is_task_definition(token: str) -> bool:
    """Tell whether the resource declares ECS task definitions, or what is like one, under whatever name."""
    return kind_of(token) is not None


def of_tasks(check: Check, *, jobs: bool = True) -> Check:
    """Make a rule's check of one that looks at a task definition.

    ``jobs`` says whether Batch has the settings that it looks at.
    """

    def run(resource: Resource, config: Config) -> Iterator[Finding]:
        judged = False
        for task in tasks(resource):
            with suppress(NotApplicable):
                if jobs or task.type == TASK:
                    yield from check(task, config)
                    judged = True
        if not judged:
            raise NotApplicable

    return run


def container_definitions(resource: Resource) -> list[Part]:
    """Return the containers, from a list of objects or from the JSON string that the AWS provider takes."""
    field = resource.inputs.at("containerDefinitions")
    if resource.type == TASK:
        field = read(field, "a JSON list of container definitions")
    if not field.items():
        raise field.malformed("at least one container definition")
    return [Part.named(item, f"#{index}") for index, item in enumerate(field.items())]


EXEMPT_CONTAINERS: Final = {
    "exemptContainers": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Names of containers, such as a log router, that this rule does not look at.",
        "default": [],
    }
}


def is_windows(resource: Resource) -> bool:
    """Tell whether the task runs on Windows; where that is unknown, it does not count as Windows."""
    try:
        return is_windows_family(resource.inputs.at("runtimePlatform", "operatingSystemFamily").text())
    except Unreadable:
        return False


def is_windows_family(family: str | None) -> bool:
    """Tell whether an operating system family is one of Windows; without one it is Linux."""
    return (family or "").upper().startswith("WINDOWS")


def container_check(check: PartCheck, *, linux: bool = False) -> Check:
    """Make a rule's check of one that looks at each container by itself.

    ``linux`` says that Windows knows no setting for it.
    """

    def run(resource: Resource, config: Config) -> Iterator[Finding]:
        exempt = frozenset(config.get("exemptContainers", ()))
        containers = [one for one in container_definitions(resource) if one.name not in exempt]
        findings = each(containers, check, lambda container: container.name)
        if not linux:
            yield from findings
        # Asked only when there is something to exempt: an unknown family then harms no compliant task.
        elif (found := list(findings)) and not is_windows(resource):
            yield from found

    return run


def container_rule(check: PartCheck, *, linux: bool = False, jobs: bool = True, **texts: Unpack[Texts]) -> Rule:
    """Make a rule of such a check; see ``of_tasks`` for ``jobs``."""
    run = of_tasks(container_check(check, linux=linux), jobs=jobs)
    return Rule(**texts, applies=is_task_definition, check=run, config=EXEMPT_CONTAINERS)
