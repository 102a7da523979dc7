"""The pack's list of resources whose objects someone has reviewed by other means."""

from collections.abc import Mapping
from typing import Any, Final

from ..model import Config, Resource

REVIEWED: Final[Mapping[str, Mapping[str, Any]]] = {
    "reviewed": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Names of resources whose objects were reviewed by other means.",
        "default": [],
    }
}


def is_reviewed(resource: Resource, config: Config) -> bool:
    """Tell whether the config says that the resource was reviewed."""
    return resource.name in config.get("reviewed", ())
