"""``berth:service.schedules``: replicas by the clock."""

from __future__ import annotations

from typing import Annotated

from components.config.keys import Int, Key, Model, between
from components.service.cron import cron, time_zone


class ScheduleSettings(Model):
    """One of ``berth:service.schedules``: from this time on so many replicas."""

    cron: Annotated[str, Key("When, as cron's five fields.", cron, "0 8 * * MON-FRI")]
    timezone: Annotated[str, Key("Time zone of it.", time_zone, "Europe/Berlin")] = "UTC"
    min_replicas: Annotated[Int, Key("Replicas that always run from then on.", between(0, 5000), 4)]
    max_replicas: Annotated[Int, Key("Replicas that autoscaling stops at from then on.", between(0, 5000), 10)]
