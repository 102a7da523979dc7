"""EventBridge Scheduler."""

from __future__ import annotations

from typing import Final

from berth.resource_types.resource_type import Look, Way, both, forces, free

TYPES: Final = (
    free(
        "EventBridge Scheduler bills a million starts a month as one dollar, and 14 million of them are free",
        "aws:scheduler/schedule:Schedule",
        both("schedule"),
        replaced_by=forces("groupName name namePrefix"),
        title=Look("Schedule", "schedule"),
        ways={"target": Way("starts", style="call")},
        calls="iam: PassRole; scheduler: CreateSchedule DeleteSchedule UpdateSchedule",
    ),
)
