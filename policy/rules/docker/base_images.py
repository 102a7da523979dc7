"""The pack's list of images that are known to start as a user other than root."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from ..model import Config

CONFIG: Final[Mapping[str, Mapping[str, Any]]] = {
    "nonRootImages": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Images known to start as a user other than root, as references with `*` as a wildcard.",
        "default": [],
    }
}


def is_listed(image: str, config: Config) -> bool:
    """Tell whether the config lists the image as one that starts as a user other than root."""
    return any(fnmatchcase(image, str(pattern)) for pattern in config.get("nonRootImages", ()))
