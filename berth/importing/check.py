"""Stack files held against the program's own settings, before they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from berth.importing.draft import Stack
from berth.importing.table import Remark
from components.settings import SettingsError, parse

_ROOM: Final = "berth:ecs-ec2.maxInstances"
"""How many instances hold the services at their largest: what the program asks for is written."""


def problems(stack: Stack, root: Path, project: str) -> str:
    """Return what is wrong with a stack as a whole report; empty if nothing is.

    Args:
        stack: the stack; it gets as many instances as its services need.
        root: the folder of ``Pulumi.yaml``.
        project: the project's name.
    """
    if not stack.services:
        return f"None of what is imported runs here, so that the stack {stack.name!r} would have no service."
    for service in stack.services:
        if not {"image", "context"} & service.keys.keys():  # without either it would be the program's sample
            return f"{service.file}: {service.name} has neither an image nor a folder that one is built from."
    try:
        parse(stack.name, stack.config(), root, project=project)
    except SettingsError as error:
        room = next((one for one in error.problems if one.key == _ROOM), None)
        if room is None or "maxInstances" in stack.keys.get(stack.backend, {}):
            return str(error)
        stack.keys.setdefault(stack.backend, {})["maxInstances"] = room.example
        why = f"At their largest the services need {room.example} instances, which is berth:ecs-ec2.maxInstances."
        stack.remarks.append(
            Remark(stack.services[0].file, "count", "", "changed", why, "a larger instanceType, or fewer")
        )
        return problems(stack, root, project)
    return ""
