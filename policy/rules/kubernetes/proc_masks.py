"""Which containers ask for an unmasked /proc."""

from collections.abc import Iterator

from ..model import Finding
from .podrule import each_container
from .pods import Container, Pod


def _container(container: Container) -> Iterator[Finding]:
    mount = container.security("procMount")
    if mount.text() not in (None, "Default"):
        yield Finding.at(mount, '"Default", or leave it out', container=container.name)


def masked(pod: Pod, version: int) -> Iterator[Finding]:
    """No container has its /proc unmasked."""
    yield from each_container(pod, _container)
