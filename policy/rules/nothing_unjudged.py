"""What runs code and is not judged is named, so that a clean report does not mean more than it says."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from .rule import Config, Finding, Level, Resource, Severity, Stack, StackRule
from .values import Field, Unreadable
from .workloads import BUILT, IMAGES_ONLY, MACHINES, UNJUDGED, known_as

_STARTS: Final = re.compile(r"\b(docker|podman|nerdctl|ctr|crictl|k3s|kubeadm|minikube|microk8s|containers(?=:))\b")
_APPLIES: Final = frozenset({*UNJUDGED, *MACHINES, IMAGES_ONLY, BUILT})
_WRITE: Final = "a type that it knows, or have it reviewed by other means and exempt it"


def _text(field: Field) -> str:
    """Return user data as the machine reads it."""
    text = field.text() or ""
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return text


def _unjudged(resource: Resource) -> Iterator[Finding]:
    token = known_as(resource.type)
    if token in UNJUDGED:
        yield Finding("what it runs", "not known to this pack", _WRITE)
    elif token == BUILT and resource.inputs.at("build").exists():
        yield Finding(
            "build", "a build, which this pack does not judge here", "the image as a docker-build:index:Image"
        )
    elif token == IMAGES_ONLY and resource.inputs.at("packageType").text() == "Image":
        yield Finding.at(
            resource.inputs.at("packageType"), _WRITE, found="an image, which this pack does not judge here"
        )
    for key in MACHINES.get(token, ()):
        script = resource.inputs.at(*key.split("."))
        starts = _STARTS.search(_text(script))
        if starts:
            found = f"a script with {starts[0]}, and what that starts is not known to this pack"
            yield Finding.at(script, "a service that AWS starts, or have it reviewed", found=found)


def _check(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    # Once for each type: a list of a hundred jobs says no more than the first of them.
    others = (one for one in stack.of_type(resource.type) if one.urn < resource.urn)
    if not any(map(_flagged, others)):
        yield from _unjudged(resource)


def _flagged(resource: Resource) -> bool:
    try:
        return any(_unjudged(resource))
    except Unreadable:
        return True


RULE = StackRule(
    id="pack-nothing-unjudged",
    description="Everything that runs code is of a type that this pack judges.",
    remediation="Use a type that the pack judges, or review what it runs by other means and exempt the resource.",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=("Well-Architected: Security",),
    applies=lambda token: known_as(token) in _APPLIES,
    check=_check,
)
