"""What runs code and is not judged is named, so that a clean report does not mean more than it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .machines.containers import RUN, declares_containers
from .machines.user_data import decoded, texts
from .rule import Config, Finding, Level, Resource, Severity, Stack, StackRule
from .values import Field, Unreadable
from .workloads import BUILT, IMAGES_ONLY, MACHINES, UNJUDGED, known_as

_STARTS: Final = re.compile(r"\b(docker|podman|nerdctl|ctr|crictl|k3s|kubeadm|minikube|microk8s|containers(?=:))\b")
_OTHERS: Final = re.compile(r"\b(docker|nerdctl|ctr|crictl|k3s|kubeadm|minikube|microk8s)\b|" + RUN.pattern)
"""Of a machine whose containers are units of Quadlet, which are judged and which podman runs."""
_APPLIES: Final = frozenset({*UNJUDGED, *MACHINES, IMAGES_ONLY, BUILT})
IMAGE: Final = "docker:index/image:Image"
_WRITE: Final = "a type that it knows, or have it reviewed by other means and exempt it"


def _started(field: Field) -> str | None:
    """Return the program in a machine's user data that starts what no rule judges."""
    pattern = _OTHERS if declares_containers(field) else _STARTS
    raw = "" if pattern is _OTHERS else decoded(field)
    found = next(filter(None, map(pattern.search, (raw, *(text.content for text in texts(field))))), None)
    return found[0].split()[0].strip("\"',[]") if found else None


def _is_built(function: Resource, stack: Stack) -> bool:
    """Say whether the stack builds a function's image, whose Dockerfile is judged then."""
    image = function.inputs.at("imageUri").text()
    return image is not None and any(one.inputs.at("imageName").peek() == image for one in stack.of_type(IMAGE))


def _unjudged(resource: Resource, stack: Stack) -> Iterator[Finding]:
    token = known_as(resource.type)
    if token in UNJUDGED:
        yield Finding("what it runs", "not known to this pack", _WRITE)
    elif token == BUILT and resource.inputs.at("build").exists():
        yield Finding(
            "build", "a build, which this pack does not judge here", "the image as a docker-build:index:Image"
        )
    elif (
        token == IMAGES_ONLY and resource.inputs.at("packageType").text() == "Image" and not _is_built(resource, stack)
    ):
        yield Finding.at(
            resource.inputs.at("packageType"),
            _WRITE,
            found="an image that the stack does not build, which this pack does not see",
        )
    for key in MACHINES.get(token, ()):
        script = resource.inputs.at(*key.split("."))
        if starts := _started(script):
            found = f"a script with {starts}, and what that starts is not known to this pack"
            yield Finding.at(script, "a service that AWS starts, or have it reviewed", found=found)


def _check(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    # Once for each type: a list of a hundred jobs says no more than the first of them.
    others = (one for one in stack.of_type(resource.type) if one.urn < resource.urn)
    if not any(_flagged(one, stack) for one in others):
        yield from _unjudged(resource, stack)


def _flagged(resource: Resource, stack: Stack) -> bool:
    try:
        return any(_unjudged(resource, stack))
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
