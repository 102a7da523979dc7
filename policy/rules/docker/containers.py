"""Docker containers and Swarm services as the rules see them."""

from typing import Final

from ..model import Resource
from ..values import Field

_CONTAINERS: Final = frozenset({"docker:index/container:Container", "docker:container:Container"})
_SERVICES: Final = frozenset({"docker:index/service:Service", "docker:service:Service"})

_VOLUMES: Final = frozenset({"docker:index/volume:Volume", "docker:volume:Volume"})


def is_volume(token: str) -> bool:
    """Tell whether the resource is a volume, which may be a directory of the host."""
    return token in _VOLUMES


def is_container(token: str) -> bool:
    """Tell whether the resource is a container."""
    return token in _CONTAINERS


def is_container_or_service(token: str) -> bool:
    """Tell whether the resource starts a container."""
    return token in _CONTAINERS or token in _SERVICES


def spec(resource: Resource) -> Field:
    """Return the place that describes the container."""
    if is_container(resource.type):
        return resource.inputs
    return resource.inputs.at("taskSpec", "containerSpec")
