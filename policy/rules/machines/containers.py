"""Rules on the containers that a machine starts by its user data: units of Quadlet, and commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ..rule import Check, Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from ..security_options import switches_off
from ..sockets import NO_SOCKET, exposes_socket
from ..users import User, resolve
from ..values import Field, quoted
from ..workloads import MACHINES, known_as
from .quadlet import Unit, flags, is_kube, units
from .user_data import Text, texts

Judge = Callable[[Unit], Iterable[tuple[str, str, str]]]
"""Yields the option that is wrong, what it says, and what to write."""

_NON_ROOT: Final = 'a non-root user such as "User=10001"'
# A command that starts a container; words of a list in Python or JSON stand in quotes.
_GAP: Final = r"[\s\"',\[\]]+"
RUN: Final = re.compile(
    rf"\b(?:podman|docker|nerdctl)(?:{_GAP}--?[\w=./-]+)*{_GAP}(?:container{_GAP})?(?:run|create)\b"
    r"(?P<words>(?:\\\n|[^\n;&|])*)"
)
_COMMENT: Final = re.compile(r"^\s*#.*$", re.MULTILINE)


def _is_root(unit: Unit) -> bool:
    users = [value for option, value in unit.options if option == "--user"]
    return not users or resolve(users[-1]) is not User.OTHER


def _user(unit: Unit) -> Iterator[tuple[str, str, str]]:
    if _is_root(unit):
        users = [value for option, value in unit.options if option == "--user"]
        yield "User", quoted(users[-1]) if users else "absent", _NON_ROOT


def _open(option: str, value: str) -> str | None:
    """Return what to write in place of an option that takes a protection away; None for one that does not."""
    plain = value.strip().lower()
    if option == "--privileged" and plain != "false":
        return "no such option"
    if option in ("--cap-add", "--device"):
        return "nothing"
    if option == "--security-opt" and (switches_off(value) or plain.startswith("unmask=")):
        return "no option that switches a protection off"
    names_host = plain.partition(":")[0] in ("host", "ns")
    if option in ("--network", "--pid", "--ipc", "--uts", "--cgroupns", "--userns") and names_host:
        return "a namespace of its own"
    paths = [part for part in re.split("[:,=]", value) if part.startswith("/")]
    if option in ("--volume", "--mount") and any(map(exposes_socket, paths)):
        return NO_SOCKET
    return None


def _protections(unit: Unit) -> Iterator[tuple[str, str, str]]:
    for option, value in unit.options:
        if write := _open(option, value):
            yield option, quoted(value), write
    gains = [value for option, value in unit.options if option == "--security-opt"]
    if not any(re.fullmatch("no-new-privileges([:=]true)?", value) for value in gains):
        yield "NoNewPrivileges", "absent", "true"


def _capabilities(unit: Unit) -> Iterator[tuple[str, str, str]]:
    if "all" not in [value.lower() for option, value in unit.options if option == "--cap-drop"]:
        yield "DropCapability", "absent", "all"


def _commands(text: Text, path: str) -> Iterator[Finding]:
    """Yield the commands that start a container without a user, or as root."""
    for match in RUN.finditer(_COMMENT.sub("", text.content)):
        words = re.split(r"[\s\"',\[\]\\]+", match["words"])
        if _is_root(Unit("", tuple(flags(words)))):
            yield Finding(path, "a command that starts a container as root, or as whom its image says", _NON_ROOT)


def _each(judge: Judge, *, commands: bool = False) -> Check:
    """Make a rule's check of one that looks at each container of a machine's user data."""

    def check(resource: Resource, config: Config) -> Iterator[Finding]:
        found = False
        for key in MACHINES[known_as(resource.type)]:
            field = resource.inputs.at(*key.split("."))
            for text in texts(field):
                path = f"{field.path}: {text.path}" if text.path else field.path
                for unit in units(text.path, text.content):
                    found = True
                    for option, value, write in judge(unit):
                        shown = "a secret value" if field.secret else value
                        yield Finding(f"{path}: {option}", shown, write, unit.name)
                if commands:
                    yield from _commands(text, path)
                    if is_kube(text.path, text.content):
                        yield Finding(path, "a unit of Quadlet for pods of another file", "a .container unit for each")
        if not found and not commands:
            raise NotApplicable

    return check


def declares_containers(field: Field) -> bool:
    """Tell whether user data has units of Quadlet, which the rules here judge."""
    return any(True for text in texts(field) for _ in units(text.path, text.content))


NON_ROOT = Rule(
    id="machine-non-root",
    description="Every container that a machine starts by its user data names a user that is not root.",
    remediation='Set "User" in the unit of Quadlet to a numeric uid other than 0, or "--user" in the command; without '
    "it the image decides, and most images say root.",
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    frameworks=("CIS Docker: 4.1", "Well-Architected: Security"),
    applies=lambda token: known_as(token) in MACHINES,
    check=_each(_user, commands=True),
)

CONFINED = Rule(
    id="machine-confined",
    description="No unit of Quadlet in a machine's user data lets its container out: neither privileged nor in the "
    "host's namespaces, without more capabilities or privileges, devices, or the runtime's socket.",
    remediation='Set "NoNewPrivileges" to true, and remove what the finding names from the unit.',
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("CIS Docker: 5.4", "Well-Architected: Security"),
    applies=lambda token: known_as(token) in MACHINES,
    check=_each(_protections),
)

DROPPED_CAPABILITIES = Rule(
    id="machine-drop-capabilities",
    description="Every unit of Quadlet in a machine's user data drops all Linux capabilities.",
    remediation='Set "DropCapability" to all.',
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    frameworks=("CIS Docker: 5.3", "Well-Architected: Security"),
    applies=lambda token: known_as(token) in MACHINES,
    check=_each(_capabilities),
)
