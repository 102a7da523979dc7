"""What a state machine says of the task that it runs: how long it may take. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from berth.plan import Resource
from berth.rehearse.workload import known

STATE_MACHINE: Final = "aws:sfn/stateMachine:StateMachine"
RUN_TASK: Final = ":states:::ecs:runTask.sync"
"""What a state's ``Resource`` ends with where it runs a task and waits for its end."""


def timeout_seconds(resources: Iterable[Resource]) -> float | None:
    """Return the ``TimeoutSeconds`` of the state that runs a task, None if no definition that is known has one."""
    for resource in resources:
        text = known(resource.inputs.get("definition")) if resource.type == STATE_MACHINE else None
        try:
            definition = json.loads(text) if isinstance(text, str) else {}
        except ValueError:
            continue
        states = definition.get("States") if isinstance(definition, Mapping) else None
        for state in states.values() if isinstance(states, Mapping) else ():
            seconds = state.get("TimeoutSeconds", definition.get("TimeoutSeconds"))
            if str(state.get("Resource")).endswith(RUN_TASK) and isinstance(seconds, int | float):
                return float(seconds)
    return None
