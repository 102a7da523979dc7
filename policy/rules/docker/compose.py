"""Rules on the containers of a Compose file in a bundle of Elastic Beanstalk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Unpack

from ..ecs.containers import TELLING
from ..evaluate import each
from ..parts import Part, PartCheck, all_of, must_be, must_be_empty, must_be_off, must_be_on
from ..rule import Config, Finding, Level, NotApplicable, Resource, Rule, Severity, Texts
from ..security_options import no_protection_off
from ..sockets import NO_SOCKET, exposes_socket, exposing_options
from ..users import User, resolve
from ..values import Field, texts
from .bundle import COMPOSE, OBJECTS, OTHER_FORMS, composition, containers, files, hooks, is_bundle, text_of

_EXEMPT: Final[Mapping[str, Mapping[str, Any]]] = {
    "exemptContainers": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Names of services of a Compose file, such as a log router, that this rule does not look at.",
        "default": [],
    }
}
_VARIABLE: Final = re.compile(r"(?<!\$)(?:\$\$)*\$[A-Za-z_{]")
_NO_VARIABLE: Final = "a value of its own, not a variable of the machine"


def _rule(check: PartCheck, **said: Unpack[Texts]) -> Rule:
    """Make a rule of a check of each container."""

    def run(resource: Resource, config: Config) -> Iterator[Finding]:
        exempt = frozenset(config.get("exemptContainers", ()))
        found = [one for one in containers(resource) if one.name not in exempt]
        yield from each(found, check, lambda container: container.name)

    return Rule(**said, applies=OBJECTS.__contains__, check=run, config=_EXEMPT)


def _varies(field: Field) -> bool:
    return bool(_VARIABLE.search(field.text() or ""))


NON_ROOT = _rule(
    # A variable is no user's name.
    must_be(lambda user: resolve(user.text() or "") is not User.OTHER, 'a non-root user such as "10001:10001"', "user"),
    id="docker-compose-non-root",
    description="Every container of a Compose file names a user that is not root.",
    remediation='Set "user" to a numeric uid other than 0, in quotes; without it the image decides.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("CIS Docker: 4.1", "Well-Architected: Security"),
)

PRIVILEGED = _rule(
    must_be_off("privileged"),
    id="docker-compose-not-privileged",
    description="No container of a Compose file is privileged.",
    remediation='Leave "privileged" out; a privileged container is root on its machine.',
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("CIS Docker: 5.4", "Well-Architected: Security"),
)

ADDED_CAPABILITIES = _rule(
    must_be_empty("cap_add", write="no added capability"),
    id="docker-compose-no-added-capabilities",
    description="No container of a Compose file adds a Linux capability.",
    remediation='Leave "cap_add" out.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("CIS Docker: 5.3", "Well-Architected: Security"),
)

DROPPED_CAPABILITIES = _rule(
    must_be(lambda drop: "ALL" not in [name for _, name in texts(drop)], '["ALL"]', "cap_drop"),
    id="docker-compose-drop-capabilities",
    description="Every container of a Compose file drops all Linux capabilities.",
    remediation='Set "cap_drop" to ["ALL"].',
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    frameworks=("CIS Docker: 5.3", "Well-Architected: Security"),
)

READ_ONLY_ROOT = _rule(
    must_be_on("read_only", write="true, with a tmpfs for each path that is written"),
    id="docker-compose-read-only-root",
    description="Every container of a Compose file has a read-only root file system.",
    remediation='Set "read_only" to true and "tmpfs" for what the process must write.',
    # Hardening of a process that is already not root; third-party sidecars often cannot do it.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=("CIS Docker: 5.12", "Well-Architected: Security"),
)


def _option_varies(container: Part) -> Iterator[Finding]:
    yield from (
        container.wrong(field, _NO_VARIABLE) for field, _ in texts(container.at("security_opt")) if _varies(field)
    )


CONFINEMENT = _rule(
    all_of(no_protection_off("security_opt"), _option_varies),
    id="docker-compose-confined",
    description="No container of a Compose file switches seccomp, AppArmor or SELinux off.",
    remediation='Remove the option from "security_opt"; the runtime\'s default profile then applies.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("CIS Docker: 5.21", "Well-Architected: Security"),
)

_ON: Final = frozenset({"no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"})

NO_NEW_PRIVILEGES = _rule(
    must_be(
        lambda options: not any(option in _ON for _, option in texts(options)),
        '["no-new-privileges:true"]',
        "security_opt",
    ),
    id="docker-compose-no-new-privileges",
    description="No container of a Compose file can gain privileges after its start.",
    remediation='Set "security_opt" to ["no-new-privileges:true"].',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("CIS Docker: 5.25", "Well-Architected: Security"),
)


def _is_host(mode: Field) -> bool:
    return (mode.text() or "").strip().lower() == "host" or _varies(mode)


_MODES: Final = ("network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup")

HOST_NAMESPACES = _rule(
    all_of(*(must_be(_is_host, "a namespace of its own", key) for key in _MODES)),
    id="docker-compose-no-host-namespaces",
    description="No container of a Compose file uses a namespace of its machine.",
    remediation="Leave the namespace's mode out.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("CIS Docker: 5.9 5.15 5.16", "Well-Architected: Security"),
)

HOST_DEVICES = _rule(
    all_of(*(must_be_empty(key, write="no device of the machine") for key in ("devices", "device_cgroup_rules"))),
    id="docker-compose-no-host-devices",
    description="No container of a Compose file gets a device of its machine.",
    remediation='Leave "devices" and "device_cgroup_rules" out; a disk of the machine is all that is on it.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("CIS Docker: 5.18", "Well-Architected: Security"),
)


def _variables(container: Part) -> Iterator[Finding]:
    environment = container.at("environment")
    if isinstance(environment.peek(), list):
        found = [name for name, given, _ in (one.partition("=") for _, one in texts(environment)) if given]
    else:
        found = [name for name, one in environment.entries() if one.peek() is not None]
    for name in found:
        if TELLING.search(name):
            # The name alone: the value stands beside it.
            yield Finding(f"{environment.path}.{name}", "a plain value", "it in a file of env_file", container.name)


PLAIN_SECRETS = _rule(
    _variables,
    id="docker-compose-no-plain-secrets",
    description="No container of a Compose file gets what looks like a secret as a plain environment variable.",
    remediation='Write the variable into a file on the machine that "env_file" names.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
)


def _exposes(field: Field) -> bool:
    path = (field.text() or "").strip()
    return _varies(field) or (path[:1] in "/\\~." and path != "" and exposes_socket(path))


def _mounts(container: Part) -> Iterable[Finding]:
    def check(volume: Field) -> Iterator[Finding]:
        if not isinstance(volume.peek(), str):
            if _exposes(volume.at("source")):
                yield container.wrong(volume.at("source"), NO_SOCKET)
            return
        source = (volume.text() or "").partition(":")[0]
        if _varies(volume) or (source[:1] in ("/", "\\", "~", ".") and exposes_socket(source)):
            yield container.wrong(volume, NO_SOCKET)

    return each(container.at("volumes").items(), check, lambda _: container.name)


def _sockets(resource: Resource, config: Config) -> Iterator[Finding]:
    yield from each(containers(resource), _mounts, lambda container: container.name)
    document = composition(resource)
    for _, volume in document.at("volumes").entries():
        yield from exposing_options(volume.at("driver_opts"))
    for kind in ("configs", "secrets"):
        for _, one in document.at(kind).entries():
            if _exposes(one.at("file")):
                yield Finding.at(one.at("file"), NO_SOCKET)


RUNTIME_SOCKET = Rule(
    id="docker-compose-no-runtime-socket",
    description="A Compose file does not mount the container runtime's socket.",
    remediation="Remove the mount: whoever reaches the socket starts privileged containers on the machine.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("CIS Docker: 5.32", "Well-Architected: Security"),
    applies=OBJECTS.__contains__,
    check=_sockets,
)

_UNSEEN: Final = {
    "build": "an image that is built on the machine",
    "cgroup_parent": "a control group of the machine",
    "credential_spec": "credentials of the machine",
    "deploy": "what Compose takes from it",
    "develop": "what is built on the machine",
    "extends": "another file",
    "post_start": "a command with a user of its own",
    "pre_stop": "a command with a user of its own",
    "provider": "a program of the machine",
    "runtime": "another runtime",
    "use_api_socket": "the runtime's socket",
    "volumes_from": "another container's volumes",
}
"""Keys of a service that bring in what the other rules do not look at."""
_STARTS: Final = re.compile(
    # As words of a shell, or of a program's list of arguments; not the name of the file.
    r"\b(?:docker|podman|nerdctl|ctr)[\s\"',]{1,6}(?:run|create|exec|compose|container|service|start)\b"
    r"|\bdocker-compose[\s\"',]{1,6}[\w-]"
)
_WRITE: Final = "the container as a service of docker-compose.yml"


def _opaque(resource: Resource, config: Config) -> Iterator[Finding]:
    if not is_bundle(resource):
        raise NotApplicable
    found = files(resource)
    assert found is not None
    for name, one in found.entries():
        if name in OTHER_FORMS:
            yield Finding.at(one, _WRITE, found="what this pack does not judge")

    def check_script(script: tuple[str, Field]) -> Iterator[Finding]:
        text = text_of(script[1])
        if starts := _STARTS.search(text.text() or ""):
            yield Finding.at(text, _WRITE, found=f"a script with {starts[0]!r}")

    yield from each(hooks(found), check_script)
    if COMPOSE not in dict(found.entries()):
        return
    document = composition(resource)
    if document.at("include").exists():
        yield Finding.at(document.at("include"), _WRITE, found="another file")
    for container in containers(resource):
        for key, what in _UNSEEN.items():
            if container.at(key).exists():
                yield Finding.at(container.at(key), "nothing", container=container.name, found=what)


OPAQUE = Rule(
    id="docker-compose-nothing-opaque",
    description="All that a bundle for Elastic Beanstalk's platform of Docker starts stands in its Compose file.",
    remediation="Name prebuilt images in docker-compose.yml, and start nothing from a hook or by another file.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=OBJECTS.__contains__,
    check=_opaque,
)
