"""A Copilot application as it lies in its folder: which workloads, environments, addons and pipelines there are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from berth.errors import ConfigError
from berth.importing.values import merged
from berth.yaml_file import read

FOLDER: Final = "copilot"
_NO_WORKLOADS: Final = ("environments", "pipelines")
_VARIABLE: Final = re.compile(r"(\\?)\$\{([_a-zA-Z][_a-zA-Z0-9]*)\}")
_EXCLUSIVE: Final = {
    "image": ("build", "location"),
    "count": ("spot", "range"),
}
"""Keys that exclude each other: one in an override takes the other away (Copilot's ``transform.go``)."""


@dataclass(frozen=True)
class Manifest:
    """One manifest, and the file it is in."""

    name: str
    file: Path
    tree: Mapping[str, Any]

    @property
    def type(self) -> str:
        """What it describes: ``Backend Service``; empty for what has no type."""
        return str(self.tree.get("type") or "")

    def overrides(self, environment: str) -> Mapping[str, Any]:
        """Return what an environment changes of it."""
        environments = self.tree.get("environments")
        found = environments.get(environment) if isinstance(environments, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    def at(self, environment: str) -> dict[str, Any]:
        """Return it as an environment has it."""
        base = {name: value for name, value in self.tree.items() if name != "environments"}
        over = self.overrides(environment)
        for outer, keys in _EXCLUSIVE.items():
            inner, there = over.get(outer), base.get(outer)
            if isinstance(inner, Mapping) and isinstance(there, Mapping):
                gone = set(keys) - inner.keys() if set(keys) & inner.keys() else set()
                base[outer] = {name: value for name, value in there.items() if name not in gone}
        whole: dict[str, Any] = merged(base, over)
        return whole


@dataclass(frozen=True)
class Application:
    """Everything in one application's folder."""

    name: str
    root: Path
    """The workspace: the folder that holds ``copilot/``, which paths in manifests are relative to."""
    workloads: tuple[Manifest, ...]
    environments: tuple[Manifest, ...]
    pipelines: tuple[Manifest, ...]
    others: tuple[Path, ...]
    """Files that are no manifests: addons, overrides."""

    def addons(self, workload: str | None) -> Iterator[Path]:
        """Yield the templates of a workload's addons, or of the environments' own."""
        folder = self.root / FOLDER / (workload or "environments") / "addons"
        yield from (file for file in self.others if file.parent == folder)

    def stacks(self) -> list[str]:
        """Return the names of the environments that anything in the folder names, those with a manifest first."""
        names = [one.name for one in self.environments]
        for workload in self.workloads:
            overrides = workload.tree.get("environments")
            names += overrides if isinstance(overrides, Mapping) else []
        for pipeline in self.pipelines:
            stages = pipeline.tree.get("stages")
            named = [one.get("name") for one in stages if isinstance(one, Mapping)] if isinstance(stages, list) else []
            names += filter(None, named)
        return list(dict.fromkeys(map(str, names)))


def load(root: Path) -> Application:
    """Read the application in a folder that holds ``copilot/``.

    Raises:
        ConfigError: there is none, or a file of it is no YAML.
    """
    folder = root / FOLDER
    manifests = [
        Manifest(file.parent.name, file, _mapping(file))
        for file in sorted(folder.glob("*/manifest.y*ml"))
        if file.parent.name not in _NO_WORKLOADS
    ]
    if not manifests:
        raise ConfigError(
            f"There is no manifest in {folder}.\nGive the folder that holds copilot/, with "
            "copilot/<service>/manifest.yml in it.\nExample: berth import services/shop"
        )
    workspace = folder / ".workspace"
    application = _mapping(workspace).get("application") if workspace.is_file() else None
    inner = {name: sorted((folder / name).glob("*/manifest.y*ml")) for name in _NO_WORKLOADS}
    environments, pipelines = (
        tuple(Manifest(file.parent.name, file, _mapping(file)) for file in inner[name]) for name in _NO_WORKLOADS
    )
    known = {one.file for one in (*manifests, *environments, *pipelines)}
    others = [file for file in sorted(folder.rglob("*")) if file.is_file() and file not in known and file != workspace]
    return Application(
        str(application or root.resolve().name), root, tuple(manifests), environments, pipelines, tuple(others)
    )


def _mapping(file: Path) -> Mapping[str, Any]:
    value = read(file).value
    if not isinstance(value, Mapping):
        raise ConfigError(f"{file} holds no manifest: it must be an object, such as\nname: api\ntype: Backend Service")
    return value


def interpolated(tree: Any, known: Mapping[str, str], missing: list[tuple[str, str]], at: str = "") -> Any:
    """Return a manifest with its ``${VARIABLES}`` filled in, as Copilot does: its own ones, then the shell's.

    Args:
        tree: the manifest, or a part of it.
        known: Copilot's own variables.
        missing: takes the path and the name of each variable that nobody knows.
        at: the part's path.
    """
    if isinstance(tree, Mapping):
        return {
            name: interpolated(value, known, missing, f"{at}.{name}" if at else name) for name, value in tree.items()
        }
    if isinstance(tree, list):
        return [interpolated(value, known, missing, f"{at}.{number}") for number, value in enumerate(tree)]
    if not isinstance(tree, str):
        return tree

    def fill(match: re.Match[str]) -> str:
        escaped, name = match.groups()
        if escaped:
            return f"${{{name}}}"
        value = known.get(name, os.environ.get(name))
        if value is None:
            missing.append((at, name))
            return match[0]
        return value

    return _VARIABLE.sub(fill, tree)
