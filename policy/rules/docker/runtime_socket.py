"""No Docker container or volume mounts the socket of its host's container runtime."""

from collections.abc import Iterator

from ..evaluate import each
from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..sockets import exposes_socket, exposing_options
from ..values import Field
from .containers import is_container, is_container_or_service, is_volume, spec


def _source(field: Field) -> Iterator[Finding]:
    path = field.text()
    if path and path[0] in "/\\" and exposes_socket(path):
        yield Finding.at(field, "no path that holds the container runtime's socket")


def _mount(mount: Field) -> Iterator[Finding]:
    if (mount.at("type").text() or "").lower() == "bind":
        yield from _source(mount.at("source"))
    yield from exposing_options(mount.at("volumeOptions", "driverOptions"))


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if is_volume(resource.type):
        yield from exposing_options(resource.inputs.at("driverOpts"))
        return
    if is_container(resource.type):
        yield from each(resource.inputs.at("volumes").items(), lambda volume: _source(volume.at("hostPath")))
    yield from each(spec(resource).at("mounts").items(), _mount)


RULE = Rule(
    id="docker-no-runtime-socket",
    description="No Docker container, service or volume mounts the container runtime's socket.",
    remediation="Remove the mount: whoever reaches the socket starts privileged containers on the host.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Well-Architected: Security",),
    applies=lambda token: is_container_or_service(token) or is_volume(token),
    check=_check,
)
