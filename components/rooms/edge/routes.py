"""Which requests go to which service: the listener's rules, as data. Pure.

A rule's priority follows from its own path and host, and from nothing that stands beside it, so that a new service
moves no rule: two rules of a listener cannot have one priority, not even for a moment. The longer path wins.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from components.service.spec import Exposure

HOST_HEADER: Final = "berth-host"
"""Carries the name under which the API was called; the API sets it, over whatever the caller sent."""
DEFAULT: Final = 0
"""Stands for the listener's default action, which has no priority; rules have 1 to 50,000."""
_LONGEST: Final = 254
"""Most characters of a path and a host together."""
_PLACES: Final = 190
"""Priorities for rules of one length."""


NOT_FOUND: Any = {
    "type": "fixed-response",
    "fixed_response": {
        "status_code": "404",
        "content_type": "application/json",
        "message_body": '{"error":"no route"}',
    },
}
"""What a listener answers where no service is meant."""


@dataclass(frozen=True)
class Route:
    """One service's requests."""

    service: str
    exposure: Exposure
    priority: int
    """The lower one is asked first."""


def routes(services: Mapping[str, Exposure]) -> list[Route]:
    """Return the routes of one listener, in the order in which it asks.

    Of two services whose rules would have one priority, the later in the alphabet has the next free one.

    Args:
        services: name to exposure of every service behind the listener.
    """
    taken: dict[int, Route] = {}
    for service, exposure in sorted(services.items()):
        priority = _priority(service, exposure)
        while priority in taken:
            priority += 1
        taken[priority] = Route(service, exposure, priority)
    return [taken[priority] for priority in sorted(taken)]


def _priority(service: str, exposure: Exposure) -> int:
    length = len(exposure.path or "") + len(exposure.host or "")
    if not length:
        return DEFAULT
    place = int(hashlib.sha256(service.encode()).hexdigest(), 16) % _PLACES
    return 1 + (_LONGEST - length) * _PLACES + place


def conditions(exposure: Exposure) -> list[Any]:
    """Return the conditions of a service's rule; a rule has five values at most, and this has three."""
    found: list[Any] = []
    if exposure.path:
        found.append({"path_pattern": {"values": [exposure.path, f"{exposure.path}/*"]}})
    if exposure.host:
        found.append({"http_header": {"http_header_name": HOST_HEADER, "values": [exposure.host]}})
    return found


def forward(shares: Sequence[tuple[pulumi.Input[str], int]]) -> Any:
    """Return the action that shares requests among target groups, each given by its ARN and its weight."""
    groups = [{"arn": arn, "weight": weight} for arn, weight in shares]
    return {"type": "forward", "forward": {"target_groups": groups}}
