"""The project's and the stack's YAML files, read as the engine reads them.

The engine hands a program a flat map of strings: numbers and booleans as text, objects and lists as JSON. Only what the
engine refuses is refused here; the program's own settings check the values.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from berth.errors import ConfigError
from berth.yaml_file import Document, Remark, read, report

SECRET_PLACEHOLDER: Final = "[secret]"
"""What the program gets instead of a value that only the stack's key could decrypt."""

PROJECT_FILE: Final = "Pulumi.yaml"

STACK_FILE_KEYS: Final = ("config", "environment", "secretsprovider", "encryptedkey", "encryptionsalt")
"""What the engine reads of a stack file (its ``workspace.ProjectStack``); it passes over any other name in silence."""

_DEFINITION_KEYS: Final = frozenset({"type", "description", "default", "value", "secret", "items"})


@dataclass(frozen=True)
class StackConfig:
    """Everything the engine would tell the program about a stack before it runs."""

    project: str
    stack: str
    values: Mapping[str, str]
    """Full key (``aws:region``) to text."""
    secret_keys: frozenset[str]
    notices: Sequence[str] = ()
    """What a reader of a preview should know about the config."""
    main: str = ""
    """Where the program is, relative to the project: a directory or a file; empty for the project's own directory."""


def find_root(start: Path) -> Path:
    """Return the nearest directory at or above ``start`` that holds a Pulumi project.

    Raises:
        ConfigError: If there is none.
    """
    start = start.resolve()
    for directory in (start, *start.parents):
        if (directory / PROJECT_FILE).is_file():
            return directory
    raise ConfigError(f"There is no {PROJECT_FILE} in {start} or above it.\nRun berth inside a Pulumi project.")


def stacks(root: Path) -> list[str]:
    """Return the names of the stacks that have a config file, sorted."""
    return sorted(file.name[len("Pulumi.") : -len(".yaml")] for file in root.glob("Pulumi.*.yaml") if file.is_file())


def check_name(root: Path, stack: str) -> None:
    """Refuse what can be no stack's name.

    Raises:
        ConfigError: It is none.
    """
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", stack):
        raise ConfigError(_impossible_stack(stack, stacks(root)))


def load(root: Path, stack: str) -> StackConfig:
    """Read the config of ``stack``: the project's defaults, overridden by the stack's file.

    Raises:
        ConfigError: If the stack does not exist or a file is not what the engine accepts.
    """
    project_file = root / PROJECT_FILE
    stack_file = root / f"Pulumi.{stack}.yaml"
    check_name(root, stack)
    if not stack_file.is_file():
        raise ConfigError(_unknown_stack(stack, stacks(root)))
    document = _object(project_file.name, read(project_file), "name: berth")
    project = document.get("name")
    if not isinstance(project, str) or not project:
        raise ConfigError(f"{project_file.name}: `name` is missing.\nExample: name: berth")

    runtime = document.get("runtime")
    language = runtime.get("name") if isinstance(runtime, dict) else runtime
    if language not in (None, "python"):
        raise ConfigError(f"{project_file.name}: the runtime is {language}; berth runs programs in Python only.")

    values: dict[str, Any] = {}
    secret_keys: set[str] = set()
    notices: list[str] = []
    for key, definition in _section(project_file, document, "config").items():
        full = key if ":" in key else f"{project}:{key}"
        value, secret = _default(project_file.name, key, definition)
        if value is not None:
            values[full] = value
        if secret:
            secret_keys.add(full)

    stack_document, remarks = read_stack_file(stack_file)
    notices += [f"{stack_file.name}: {one.key}: {one.problem}" for one in remarks]
    for key, value in _named(stack_file.name, project, _section(stack_file, stack_document, "config")).items():
        # The engine hands nothing on as an empty text (its checkForEmptyConfig), over whatever the project says.
        plain, encrypted = _decrypt("" if value is None else value)
        values[key] = plain
        if encrypted:
            secret_keys.add(key)
            instead = f"without the stack's key the program was given {SECRET_PLACEHOLDER!r} instead."
            notices.append(f"{key} is encrypted: {instead}")
    if stack_document.get("environment"):
        notices.append(f"{stack_file.name} imports environments; their values are not known without an account.")

    return StackConfig(
        project=project,
        stack=stack,
        values={key: as_text(values[key]) for key in sorted(values)},
        secret_keys=frozenset(secret_keys),
        notices=tuple(notices),
        main=str(document.get("main") or ""),
    )


def read_stack_file(file: Path) -> tuple[dict[str, Any], tuple[Remark, ...]]:
    """Return what a stack file holds, and what the engine takes of it in silence.

    Raises:
        ConfigError: The engine would refuse it; lists all that is wrong.
    """
    content = read(file)
    document = _object(file.name, content, "config:\n  aws:region: us-east-1")
    return document, (*_strangers(document), *content.remarks)


def _strangers(document: Mapping[str, Any]) -> Iterator[Remark]:
    for name in document:
        if name not in STACK_FILE_KEYS:
            close = difflib.get_close_matches(name.lower(), STACK_FILE_KEYS)
            near = "config" if ":" in name else close[0] if close else None
            yield Remark(
                name,
                f"{name} at the left margin",
                "The engine reads nothing under this name." + (f" Did you mean {near}?" if near else ""),
                f"{', '.join(STACK_FILE_KEYS[:-1])} or {STACK_FILE_KEYS[-1]}",
                f"config:\n  {name}: ..." if ":" in name else f"{near or 'config'}:\n  ...",
            )


def _named(file: str, project: str, section: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section with its keys as the engine spells them: ``region``, ``shop:config:region``: ``shop:region``."""
    values: dict[str, Any] = {}
    faults = []
    for key, value in section.items():
        parts = key.split(":")
        full = f"{project}:{key}" if len(parts) == 1 else f"{parts[0]}:{parts[-1]}"
        if (len(parts) > 2 and (len(parts) > 3 or parts[1] != "config")) or not all(parts):
            allowed, example = "<namespace>:<name>", f"{project}:{parts[-1] or 'name'}: ..."
            faults.append(Remark(key, key, "The engine does not take this for a key.", allowed, example))
        elif full in values:
            faults.append(Remark(full, f"once more as {key}", "The key stands there twice.", "each key once", full))
        values[full] = value
    if faults:
        raise ConfigError(report(file, faults))
    return values


def _impossible_stack(stack: str, known: Sequence[str]) -> str:
    shown = json.dumps(stack if len(stack) < 100 else f"{stack[:100]}...")
    last = stack.rstrip("/").rpartition("/")[2]
    hint = "Of org/project/stack give the last part, of a file what stands between the dots.\n" if "/" in stack else ""
    return (
        f"{shown} is no name of a stack.\n{hint}"
        "Allowed are up to 100 letters, digits, hyphens, underscores and dots.\n"
        f"Example: berth preview {last if last in known else [*known, 'dev'][0]}"
    )


def _unknown_stack(stack: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(stack, known, n=len(known) or 1, cutoff=0.0)
    hint = "This project has no stack yet: create Pulumi.dev.yaml."
    if near:
        hint = f"Stacks of this project: {', '.join(near)}\nExample: berth preview {near[0]}"
    return f"There is no stack {stack!r}: Pulumi.{stack}.yaml does not exist.\n{hint}"


def _object(file: str, document: Document, example: str) -> dict[str, Any]:
    """Return what a file holds if that is an object; nothing at all is an empty one."""
    if document.value is None:
        return {}
    if not isinstance(document.value, dict):
        kind = "a list" if isinstance(document.value, list) else "a single value"
        raise ConfigError(f"{file} is {kind}, and must be an object: names with values.\nExample:\n{example}")
    return document.value


def _section(file: Path, document: Mapping[str, Any], name: str) -> dict[str, Any]:
    section = document.get(name)
    if section is None:
        return {}
    if not isinstance(section, dict):
        raise ConfigError(f"{file.name}: `{name}` must be a mapping, for example aws:region: eu-west-1")
    return section


def _default(file: str, key: str, definition: Any) -> tuple[Any, bool]:
    """Return the value a project gives a key (None without one), and whether it is secret.

    ``key: value`` is short for ``key: {default: value}``, or ``{value: value}`` for a key of another namespace.
    """
    if not isinstance(definition, dict):
        return definition, False
    unknown = sorted(set(definition) - _DEFINITION_KEYS)
    if unknown:
        raise ConfigError(
            f"{file}: config `{key}` has {unknown[0]!r}, which is none of {', '.join(sorted(_DEFINITION_KEYS))}.\n"
            f"An object goes under `value:` or `default:`, for example {key}: {{value: {{...}}}}"
        )
    value = definition.get("value", definition.get("default"))
    return value, bool(definition.get("secret", False))


def _decrypt(value: Any) -> tuple[Any, bool]:
    """Replace every ``secure:`` by the placeholder; say whether there was one."""
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            return SECRET_PLACEHOLDER, True
        items = {key: _decrypt(item) for key, item in value.items()}
        return {key: item for key, (item, _) in items.items()}, any(secret for _, secret in items.values())
    if isinstance(value, list):
        elements = [_decrypt(item) for item in value]
        return [item for item, _ in elements], any(secret for _, secret in elements)
    return value, False


def as_text(value: Any) -> str:
    """Write a value as the engine does: JSON for everything but a string."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False, default=str)
