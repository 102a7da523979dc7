"""The two readings of which seccomp profile a container may have."""

import re
from collections.abc import Iterator
from typing import Final

from ..evaluate import each
from ..model import Finding
from ..values import Field
from .podrule import each_container, each_context
from .pods import CONTAINER_LISTS, Container, Pod

_ALLOWED: Final = ("RuntimeDefault", "Localhost")
_ALLOWED_ANNOTATION: Final = re.compile(r"runtime/default|docker/default|localhost/.*", re.DOTALL)
_WRITE: Final = '"RuntimeDefault" or "Localhost"'
_POD_ANNOTATION: Final = "seccomp.security.alpha.kubernetes.io/pod"
_CONTAINER_ANNOTATION: Final = "container.seccomp.security.alpha.kubernetes.io/"


def _profile(container: str, profile: Field) -> Iterator[Finding]:
    if profile.exists() and profile.at("type").text() not in _ALLOWED:
        yield Finding.at(profile.at("type"), _WRITE, container=container)


def _annotations(pod: Pod) -> Iterator[Finding]:
    names = {_POD_ANNOTATION}
    names |= {_CONTAINER_ANNOTATION + one.name for kind in CONTAINER_LISTS for one in pod.containers(kind)}
    for name, field in pod.annotations():
        value = field.text() if name in names else None
        if value is not None and not _ALLOWED_ANNOTATION.fullmatch(value):
            yield Finding.at(field, '"runtime/default", or leave it out')


def baseline(pod: Pod, version: int) -> Iterator[Finding]:
    """No profile is switched off; before v1.19 annotations said so, and no field was looked at."""
    if version < 19:
        yield from _annotations(pod)
    else:
        yield from each_context(pod, _profile, "seccompProfile")


def restricted(pod: Pod, version: int) -> Iterator[Finding]:
    """Moreover, every container has a profile, of its own or the pod's; since v1.19."""
    if version < 19:
        yield from _annotations(pod)
        return
    pod_level = pod.security("seccompProfile")

    def of_container(container: Container) -> Iterator[Finding]:
        own = container.security("seccompProfile")
        if own.exists():
            yield from _profile(container.name, own)
        elif not pod_level.exists():
            place = own.at("type")
            yield Finding.at(place, f"{_WRITE}, here or at {pod_level.path}.type", container=container.name)

    # A wrong profile of the pod is one finding, not one more for each container that inherits it.
    yield from each([pod], lambda pod: _profile("", pod_level))
    yield from each_container(pod, of_container)
