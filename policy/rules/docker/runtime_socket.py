"""No Docker container mounts the socket of its host's container runtime."""

from collections.abc import Iterator

from ..evaluate import each
from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..sockets import exposes_socket
from ..values import Field
from .containers import is_container, is_container_or_service, spec


def _source(field: Field) -> Iterator[Finding]:
    path = field.text()
    if path and path.startswith("/") and exposes_socket(path):
        yield Finding.at(field, "no path that holds the container runtime's socket")


def _mount(mount: Field) -> Iterator[Finding]:
    if mount.at("type").text() == "bind":
        yield from _source(mount.at("source"))


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if is_container(resource.type):
        yield from each(resource.inputs.at("volumes").items(), lambda volume: _source(volume.at("hostPath")))
    yield from each(spec(resource).at("mounts").items(), _mount)


RULE = Rule(
    id="docker-no-runtime-socket",
    description="No Docker container or service mounts the container runtime's socket.",
    remediation="Remove the mount: whoever reaches the socket starts privileged containers on the host.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Well-Architected: Security",),
    applies=is_container_or_service,
    check=_check,
)
