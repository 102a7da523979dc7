"""Rules on Docker containers and Swarm services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from ..evaluate import each
from ..parts import Part, PartCheck, all_of, must_be, must_be_empty, must_be_off, of_resource
from ..rule import Check, Config, Finding, Level, Resource, Rule, Severity
from ..security_options import no_protection_off, switches_off
from ..sockets import NO_SOCKET, exposes_socket, exposing_options
from ..users import User, resolve
from ..values import Field

_CONTAINERS: Final = frozenset({"docker:index/container:Container", "docker:container:Container"})
_SERVICES: Final = frozenset({"docker:index/service:Service", "docker:service:Service"})
_VOLUMES: Final = frozenset({"docker:index/volume:Volume", "docker:volume:Volume"})
_BOTH: Final = _CONTAINERS | _SERVICES


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


def _spec(resource: Resource) -> Field:
    """Return the place that describes the container."""
    return resource.inputs.at("taskSpec", "containerSpec") if resource.type in _SERVICES else resource.inputs


def _either(container: PartCheck, service: PartCheck) -> Check:
    """Make a rule's check of what it looks at in a container, and in a service's description of one."""
    return lambda resource, config: (service if resource.type in _SERVICES else container)(Part(_spec(resource)))


def _user(resource: Resource, config: Config) -> Iterator[Finding]:
    user = _spec(resource).at("user")
    name = user.text()
    if name is None and config.get("nonRootImages") and is_listed(_spec(resource).at("image").text() or "", config):
        return
    if resolve(name or "") is not User.OTHER:
        yield Finding.at(user, 'a non-root user such as "10001:10001"')


NON_ROOT = Rule(
    id="docker-non-root",
    description="Every Docker container and service names a user that is not root.",
    remediation='Set "user" to a numeric uid other than 0; without it the image decides, and most images say root.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("CIS Docker: 4.1", "Well-Architected: Security"),
    applies=_BOTH.__contains__,
    check=_user,
    config=CONFIG,
)

PRIVILEGED = Rule(
    id="docker-not-privileged",
    description="No Docker container is privileged.",
    remediation='Leave "privileged" out; a privileged container is root on its host.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Well-Architected: Security",),
    applies=_CONTAINERS.__contains__,
    check=of_resource(must_be_off("privileged")),
)

HOST_DEVICES = Rule(
    id="docker-no-host-devices",
    description="No Docker container gets a device of its host.",
    remediation='Leave "devices" out; a disk of the host is all that is on it. A GPU is asked for in "gpus".',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("CIS Docker: 5.18", "Well-Architected: Security"),
    applies=_CONTAINERS.__contains__,
    check=of_resource(must_be_empty("devices", write="no device of the host")),
)

ADDED_CAPABILITIES = Rule(
    id="docker-no-added-capabilities",
    description="No Docker container or service adds a Linux capability.",
    remediation="Leave the list of added capabilities out.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=_BOTH.__contains__,
    check=_either(
        must_be_empty("capabilities", "adds", write="no added capability"),
        must_be_empty("capAdds", write="no added capability"),
    ),
)


def _privileges(service: Part) -> Iterator[Finding]:
    label = service.at("privileges", "seLinuxContext")
    yield from must_be_off("disable")(Part(label))
    for key in ("type", "user", "role"):
        value = label.at(key).text()
        if value and switches_off(f"label:{key}:{value}"):
            yield Finding.at(label.at(key), "nothing")


CONFINEMENT = Rule(
    id="docker-confined",
    description="No Docker container or service switches seccomp, AppArmor or SELinux off.",
    remediation='Remove the option from "securityOpts" or "privileges"; the runtime\'s default profile then applies.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=_BOTH.__contains__,
    check=_either(no_protection_off("securityOpts"), _privileges),
)


def _is_host(mode: Field) -> bool:
    return (mode.text() or "").strip().lower() == "host"


_MODES: Final = ("networkMode", "pidMode", "ipcMode", "usernsMode", "cgroupnsMode")
# Docker lets nobody join "host" as a further network, so `networksAdvanced` needs no look.
_modes = all_of(*(must_be(_is_host, "a namespace of its own", key) for key in _MODES))


def _namespaces(resource: Resource, config: Config) -> Iterable[Finding]:
    if resource.type in _CONTAINERS:
        return _modes(Part(resource.inputs))
    own = must_be(_is_host, "a namespace of its own", "name")
    return each(resource.inputs.at("taskSpec", "networksAdvanceds").items(), lambda one: own(Part(one)))


HOST_NAMESPACES = Rule(
    id="docker-no-host-namespaces",
    description="No Docker container or service uses a namespace of its host.",
    remediation="Leave the namespace's mode out, and connect to a network of the program's own.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=_BOTH.__contains__,
    check=_namespaces,
)


def _source(field: Field) -> Iterator[Finding]:
    path = field.text()
    if path and path[0] in "/\\" and exposes_socket(path):
        yield Finding.at(field, NO_SOCKET)


def _mount(mount: Field) -> Iterator[Finding]:
    if (mount.at("type").text() or "").lower() == "bind":
        yield from _source(mount.at("source"))
    yield from exposing_options(mount.at("volumeOptions", "driverOptions"))


def _sockets(resource: Resource, config: Config) -> Iterator[Finding]:
    if resource.type in _VOLUMES:
        yield from exposing_options(resource.inputs.at("driverOpts"))
        return
    if resource.type in _CONTAINERS:
        yield from each(resource.inputs.at("volumes").items(), lambda volume: _source(volume.at("hostPath")))
    yield from each(_spec(resource).at("mounts").items(), _mount)


RUNTIME_SOCKET = Rule(
    id="docker-no-runtime-socket",
    description="No Docker container, service or volume mounts the container runtime's socket.",
    remediation="Remove the mount: whoever reaches the socket starts privileged containers on the host.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("Well-Architected: Security",),
    applies=(_BOTH | _VOLUMES).__contains__,
    check=_sockets,
)
