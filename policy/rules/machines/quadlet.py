"""Containers that a text declares as units of Quadlet, as the words of the ``podman run`` that they become. Pure.

Source: podman-systemd.unit(5). A test compares what is judged with what podman's own generator makes of a unit.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

FOLDERS: Final = ("/etc/containers/systemd/", "/usr/share/containers/systemd/", "/run/containers/systemd/")
_SECTION: Final = re.compile(r"\[([A-Za-z-]+)\]")
_ON: Final = frozenset({"1", "yes", "true", "on"})
# Keys that become an option with their value, each time that they stand there.
_OPTIONS: Final[Mapping[str, str]] = {
    "AddCapability": "--cap-add",
    "AddDevice": "--device",
    "DropCapability": "--cap-drop",
    "Mount": "--mount",
    "Network": "--network",
    "UserNS": "--userns",
    "Volume": "--volume",
}
_SECURITY: Final[Mapping[str, str]] = {
    "AppArmor": "apparmor=",
    "SeccompProfile": "seccomp=",
    "SecurityLabelType": "label=type:",
    "Unmask": "unmask=",
}


@dataclass(frozen=True)
class Unit:
    """A container of a unit, or of a drop-in, which is judged as if it stood alone."""

    name: str
    options: tuple[tuple[str, str], ...]
    """Of ``podman run``, each with its value, in their order."""


def units(path: str, content: str) -> Iterator[Unit]:
    """Yield the containers that a file, or a script that writes files, declares."""
    for entries in _sections(content):
        yield Unit(_last(entries, "ContainerName") or _stem(path), tuple(_options(entries)))


def is_kube(path: str, content: str) -> bool:
    """Tell whether it is a unit that starts pods of a file, which may lie anywhere."""
    return path.endswith(".kube") or re.search(r"^\s*\[Kube\]\s*$", content, re.MULTILINE) is not None


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _sections(content: str) -> Iterator[list[tuple[str, str]]]:
    """Yield the entries of what is a container in each unit of a text.

    Sections of one name are one; in a script a line that is no entry, such as the end of a here-document, ends a unit.
    """
    entries: list[tuple[str, str]] | None = None
    section = ""
    for line in _joined(content):
        if match := _SECTION.fullmatch(line):
            section = match[1]
            if section == "Container" and entries is None:
                entries = []
        elif not line or line[0] in "#;":
            continue
        elif "=" in line and section:
            key, _, value = line.partition("=")
            if section == "Container" and entries is not None:
                entries.append((key.strip(), value.strip()))
        else:
            section = ""
            if entries is not None:
                yield entries
                entries = None
    if entries is not None:
        yield entries


def _joined(content: str) -> Iterator[str]:
    kept = ""
    for line in content.splitlines():
        if line.rstrip().endswith("\\"):
            kept += line.rstrip()[:-1] + " "
        else:
            yield (kept + line).strip()
            kept = ""
    if kept:
        yield kept.strip()


def _all(entries: Sequence[tuple[str, str]], key: str) -> list[str]:
    """Return a key's values; an empty one takes back those before it."""
    found: list[str] = []
    for name, value in entries:
        if name == key:
            found = [*found, value] if value else []
    return found


def _last(entries: Sequence[tuple[str, str]], key: str) -> str:
    return next(iter(_all(entries, key)[::-1]), "")


def _options(entries: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    if user := _last(entries, "User"):
        yield "--user", user
    for key, option in _OPTIONS.items():
        for value in _all(entries, key):
            words = value.split() if key.endswith("Capability") else [value]
            yield from ((option, word) for word in words)
    for key, prefix in _SECURITY.items():
        if value := _last(entries, key):
            yield "--security-opt", prefix + value
    if _last(entries, "NoNewPrivileges").lower() in _ON:
        yield "--security-opt", "no-new-privileges"
    if _last(entries, "SecurityLabelDisable").lower() in _ON:
        yield "--security-opt", "label=disable"
    for value in _all(entries, "PodmanArgs"):
        yield from flags(_split(value))


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def flags(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the options among the words of a command, each with its value, or what stands behind it."""
    for index, word in enumerate(words):
        following = words[index + 1] if index + 1 < len(words) else ""
        if word.startswith("--"):
            name, equals, value = word.partition("=")
            yield _LONG.get(name, name), value if equals else "" if following.startswith("-") else following
        elif word[:2] in _SHORT:
            yield _SHORT[word[:2]], word[2:].removeprefix("=") or following


_LONG: Final[Mapping[str, str]] = {"--net": "--network"}
_SHORT: Final[Mapping[str, str]] = {"-u": "--user", "-v": "--volume"}
