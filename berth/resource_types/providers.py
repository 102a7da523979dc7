"""Docker, random and Pulumi's own types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from berth.resource_types.resource_type import HIDDEN, NO_TIME, Free, In, Minutes, ResourceType, forces, free

_ONCE: Final = forces("*", "a random value is made once")
_random = partial(free, "kept in the state only", minutes=NO_TIME)

PACKAGES: Final[Mapping[str, Callable[[str], ResourceType]]] = {
    "random": _random,
    "pulumi": partial(free, "not a cloud resource", minutes=NO_TIME),
}
"""Package to what holds for all of its types."""

TYPES: Final = (
    ResourceType(
        "docker:index/image:Image",
        Free("built where the program runs"),
        In(None, "image"),
        minutes=Minutes(1, 4),
        calls="ecr: BatchCheckLayerAvailability CompleteLayerUpload InitiateLayerUpload PutImage UploadLayerPart",
    ),
    ResourceType("pulumi:providers:kubernetes", Free("not a cloud resource"), HIDDEN, minutes=NO_TIME),
    _random("random:index/randomId:RandomId", HIDDEN, replaced_by=_ONCE),
    _random("random:index/randomPassword:RandomPassword", In(None, "password"), replaced_by=_ONCE),
)
