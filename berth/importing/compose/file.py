"""A Compose file: read, its variables filled in, and the short forms of its keys written out."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from berth.errors import ConfigError
from berth.yaml_file import read

_VARIABLE: Final = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<plain>[_a-zA-Z]\w*)|\{(?P<name>[_a-zA-Z]\w*)(?:(?P<sign>:?[-?+])(?P<word>[^}]*))?\})"
)


@dataclass(frozen=True)
class Composition:
    """One Compose file."""

    path: Path
    tree: Mapping[str, Any]
    missing: tuple[tuple[str, str], ...]
    """Path and name of each variable that nobody knows."""

    @property
    def services(self) -> Mapping[str, Mapping[str, Any]]:
        """Its services, by name."""
        return {name: one for name, one in self.tree["services"].items() if isinstance(one, Mapping)}

    @property
    def folder(self) -> Path:
        """What its paths are relative to."""
        return self.path.parent


def load(path: Path) -> Composition:
    """Read a Compose file.

    Raises:
        ConfigError: it is none.
    """
    tree = read(path).value
    if not isinstance(tree, Mapping) or not isinstance(tree.get("services"), Mapping):
        raise ConfigError(
            f"{path.name} has no services, and is no Compose file.\nExample: services: {{web: {{build: .}}}}"
        )
    known = {**_env_file(path.parent / ".env"), **os.environ}
    missing: list[tuple[str, str]] = []
    services = {
        str(name): _filled(_written_out(one), known, missing, f"services.{name}") if isinstance(one, Mapping) else one
        for name, one in tree["services"].items()
    }
    rest = {name: _filled(one, known, missing, name) for name, one in tree.items() if name != "services"}
    return Composition(path, {**rest, "services": services}, tuple(missing))


def _env_file(file: Path) -> dict[str, str]:
    lines = file.read_text(errors="replace").splitlines() if file.is_file() else []
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}


def _filled(tree: Any, known: Mapping[str, str], missing: list[tuple[str, str]], at: str) -> Any:
    if isinstance(tree, Mapping):
        return {name: _filled(one, known, missing, f"{at}.{name}") for name, one in tree.items()}
    if isinstance(tree, list):
        return [_filled(one, known, missing, f"{at}.{number}") for number, one in enumerate(tree)]
    if not isinstance(tree, str):
        return tree

    def fill(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        name, sign, word = match["name"] or match["plain"], match["sign"] or "", match["word"] or ""
        value = known.get(name)
        there = bool(value) if ":" in sign else value is not None
        if "+" in sign:
            return word if there else ""
        if there:
            return str(value)
        if "-" in sign:
            return word
        missing.append((at, name))
        return match[0]

    return _VARIABLE.sub(fill, tree)


def _written_out(service: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service with lists of pairs as objects, which is what the table's paths are of."""
    whole = dict(service)
    for key in ("environment", "labels", "annotations", "extra_hosts", "sysctls"):
        if key in whole:
            whole[key] = _pairs(whole[key], shell=key == "environment")
    build = whole.get("build")
    if isinstance(build, Mapping) and "args" in build:
        whole["build"] = {**build, "args": _pairs(build["args"], shell=True)}
    if isinstance(whole.get("depends_on"), list):
        whole["depends_on"] = {str(name): {"condition": "service_started"} for name in whole["depends_on"]}
    return whole


def _pairs(value: Any, *, shell: bool) -> Any:
    """Return ``NAME=value`` as an object; a name alone stands for the shell's variable of that name."""
    if isinstance(value, list):
        split = [str(one).partition("=") for one in value]
        value = {name: (content if sign else None) for name, sign, content in split}
    if isinstance(value, Mapping) and shell:
        return {name: f"${{{name}}}" if content is None else content for name, content in value.items()}
    return value
