"""Docker, random and Pulumi's own types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from berth.resource_types.resource_type import HIDDEN, NO_TIME, Free, In, Minutes, ResourceType, actions, forces


def _without_calls(reason: str) -> Callable[[str], ResourceType]:
    """Return what holds for a package whose types call no cloud."""
    return lambda token: ResourceType(token, Free(reason), minutes=NO_TIME)


PACKAGES: Final[Mapping[str, Callable[[str], ResourceType]]] = {
    "random": _without_calls("kept in the state only"),
    "pulumi": _without_calls("not a cloud resource"),
}
"""Package to what holds for all of its types."""

TYPES: Final = (
    ResourceType(
        "docker:index/image:Image",
        Free("built where the program runs"),
        In(None, "image"),
        minutes=Minutes(1, 4),
        calls=actions(
            "ecr: BatchCheckLayerAvailability CompleteLayerUpload InitiateLayerUpload PutImage UploadLayerPart"
        ),
    ),
    ResourceType("pulumi:providers:kubernetes", Free("not a cloud resource"), HIDDEN, minutes=NO_TIME),
    ResourceType(
        "random:index/randomId:RandomId",
        Free("kept in the state only"),
        HIDDEN,
        minutes=NO_TIME,
        replaced_by=forces("*", "a random value is made once"),
    ),
    ResourceType(
        "random:index/randomPassword:RandomPassword",
        Free("kept in the state only"),
        In(None, "password"),
        minutes=NO_TIME,
        replaced_by=forces("*", "a random value is made once"),
    ),
)
