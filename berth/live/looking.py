"""The state of several places, asked at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final

from berth.live import ecs, environments, functions, kubernetes, machines
from berth.live.aws import Aws, absence
from berth.live.errors import AbsentError, LiveError, UnreachedError
from berth.live.kubectl import Kubectl, logged_in
from berth.live.place import Orchestrator, Place
from berth.live.status import Status

AT_ONCE: Final = 8
_BY_AWS: Final[Mapping[Orchestrator, Callable[[Aws, Place], Status]]] = {
    "ecs": ecs.status,
    "machines": machines.status,
    "environment": environments.status,
    "function": functions.status,
}
"""Where AWS alone knows; in a cluster of Kubernetes, the cluster does."""


def look(aws: Aws, places: Sequence[Place]) -> list[Status]:
    """Return what is known of each place, in their order.

    Raises:
        AbsentError: None of them is there.
        LiveError: AWS or a cluster cannot be asked.
    """
    with ExitStack() as opened:
        clusters: dict[str, Kubectl | None] = {}
        for name in {one.cluster for one in places if one.orchestrator == "kubernetes"}:
            try:
                clusters[name] = opened.enter_context(logged_in(aws.access, name))
            except AbsentError:
                clusters[name] = None

        def one(place: Place) -> Status:
            if status := _BY_AWS.get(place.orchestrator):
                return status(aws, place)
            kubectl = clusters[place.cluster]
            return kubernetes.status(kubectl, aws, place) if kubectl else Status(place, present=False)

        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                found = list(pool.map(one, places))
        except UnreachedError as error:
            others = sorted({place.berth for place in places if place.orchestrator in _BY_AWS})
            raise LiveError(
                "\n".join([str(error), *(f"--berth {name} asks only there." for name in others)])
            ) from error
    if not any(status.present for status in found):
        raise AbsentError(absence(aws.access, f"There is no {' and no '.join(map(str, places))}"))
    return found
