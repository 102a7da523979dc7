"""Which requests go to which service: the listener's rules, as data. Pure.

A rule's priority follows from its own service, path and host, and from nothing that stands beside it, so that a service
comes or goes and no rule moves: two rules of a listener cannot have one priority, not even for a moment. A host is
asked for first, then the path of more parts; rules of one host and as many parts never want the same request.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:  # the config's checks read this too, and the SDK takes a second to import
    import pulumi

    from components.service.spec import Exposure

HOST_HEADER: Final = "berth-host"
"""Carries the name under which the API was called; the API sets it, over whatever the caller sent."""
BERTH_HEADER: Final = "x-berth"
"""Names the berth that is to answer, outside of production; the API and WAF look at such a request all the same."""
MOST_RULES: Final = 100
"""Of a load balancer, its listeners' defaults not counted (Elastic Load Balancing quotas)."""
DEFAULT: Final = 0
"""Stands for the listener's default action, which has no priority; rules have 1 to 50,000."""
MOST_PARTS: Final = 8
"""Most parts of a path."""
_NEAR: Final = 13
"""How far a rule for a berth may be from the door's own; no two of the program's berths share a place."""
_PLACES: Final = 50_000 // (2 * (MOST_PARTS + 1))
"""Priorities for rules of as many parts, with a host or without."""


NOT_FOUND: Any = {
    "type": "fixed-response",
    "fixed_response": {
        "status_code": "404",
        "content_type": "application/json",
        "message_body": '{"error":"no route"}',
    },
}
"""What a listener answers where no service is meant."""


def priority(service: str, path: str | None, host: str | None, port: str = "", *, before: int = 0) -> int:
    """Return the priority of a service's rule, which no other has but by a rare chance that the config's checks refuse.

    Args:
        service: its name.
        path: the beginning of its paths, e.g. ``/shop``; None for all.
        host: the host name that leads to it; None for all.
        port: the name of one of its further ports.
        before: how many places before the service's own rule; also for all paths there is such a rule, after others.
    """
    if not path and not host and not before:
        return DEFAULT
    name = f"{service}/{port}" if port else service
    level = MOST_PARTS - (path or "").count("/") + (0 if host else MOST_PARTS + 1)
    place = 1 + level * _PLACES + _hash(name) % _PLACES
    return max(place - before, 1)


Door = tuple[str, str | None, str | None, str]
"""What a rule's priority follows from: the service's name, path and host, and the name of a further port."""


def chosen(doors: Collection[Door], berths: Collection[str]) -> dict[tuple[Door, str], int]:
    """Return the priorities of the rules by which a header chooses a door's berth, on one listener.

    Each is a few places before the door's own, and so after the rules of more parts, which want their requests with the
    header as well. How many follows from the berth's name alone. Where another rule stands there, it moves on, and
    before that one: whoever makes the rules makes those without the header after these.
    """
    taken = {priority(*door) for door in doors}
    places: dict[tuple[Door, str], int] = {}
    for door, berth in sorted(product(doors, berths), key=str):
        place = priority(*door, before=1 + _hash(berth) % _NEAR)
        while place in taken:
            place -= 1
        taken.add(place)
        places[door, berth] = place
    return places


def shifted(port: int) -> int:
    """Return how many places before its service's own rule the rule stands by which AWS shifts requests.

    Where the way of releasing changes there are both for a while, and this one has to be asked first; where the port
    changes there are two of these.
    """
    return 1 + port % 8


def _hash(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16)


def conditions(exposure: Exposure, berth: str = "") -> list[Any]:
    """Return the conditions of a service's rule, for requests that name a berth if one is given.

    A rule has one to five values, and this has four at most.
    """
    found: list[Any] = []
    if berth:
        found.append({"http_header": {"http_header_name": BERTH_HEADER, "values": [berth]}})
    if exposure.path:
        found.append({"path_pattern": {"values": [exposure.path, f"{exposure.path}/*"]}})
    if exposure.host:
        found.append({"http_header": {"http_header_name": HOST_HEADER, "values": [exposure.host]}})
    return found or [{"path_pattern": {"values": ["/*"]}}]


def transforms(exposure: Exposure) -> list[Any] | None:
    """Return what a service's rule does to the URL: where the service wants it, its path is taken off.

    A default action cannot (Elastic Load Balancing user guide, "Transforms for listener rules"), and has no path.
    """
    if not exposure.path or not exposure.strip:
        return None
    path = re.sub(r"([.+$])", r"\\\1", exposure.path)
    return [{"type": "url-rewrite", "url_rewrite_config": {"rewrite": {"regex": f"^{path}/?(.*)$", "replace": "/$1"}}}]


def forward(shares: Sequence[tuple[pulumi.Input[str], int]]) -> Any:
    """Return the action that shares requests among target groups, each given by its ARN and its weight."""
    groups = [{"arn": arn, "weight": weight} for arn, weight in shares]
    return {"type": "forward", "forward": {"target_groups": groups}}
