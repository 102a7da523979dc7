"""The weights in a stack file, changed in place with all else as it stands. The file is the move's whole memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from berth import yaml_file
from berth.errors import ConfigError

BACKEND: Final = "berth:backend"
BERTHS: Final = "berth:berths"

Edit = tuple[int, int, str]
"""From which character to which, and what stands there instead."""


def flow(weights: Mapping[str, int]) -> str:
    """Return weights as one line of YAML: ``{ecs-fargate: 90, eks: 10}``."""
    return "{" + ", ".join(f"{name}: {weight}" for name, weight in weights.items()) + "}"


class StackFile:
    """One stack's file, of which only the berths' weights are changed."""

    def __init__(self, root: Path, stack: str) -> None:
        """Take the file, which is not read yet."""
        self.path = root / f"Pulumi.{stack}.yaml"

    @property
    def text(self) -> str:
        """What it holds, its line ends as they are."""
        with self.path.open(encoding="utf-8", newline="") as file:
            return file.read()

    def write(self, weights: Mapping[str, int]) -> None:
        """Change the weights.

        Raises:
            ConfigError: They stand where they cannot be changed without touching other lines.
        """
        self.restore(with_weights(self.text, weights, self.path.name))

    def restore(self, text: str) -> None:
        """Write a text, whole or not at all: an interruption leaves the one or the other."""
        target = self.path.resolve()
        beside = target.with_name(f".{target.name}.new")
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
        beside.chmod(target.stat().st_mode & 0o7777)
        os.replace(beside, target)


def with_weights(text: str, weights: Mapping[str, int], name: str) -> str:
    """Return a stack file's text with these weights, comments, order and form kept.

    A berth that is in braces or alone under ``berth:backend`` makes one line; a block gets a line for each that comes,
    and loses the lines of those that go.

    Raises:
        ConfigError: That cannot be done without touching other lines.
    """
    edits = list(_edits(text, weights))
    changed = text
    for start, end, instead in sorted(edits, reverse=True):
        changed = changed[:start] + instead + changed[end:]
    try:
        fits = edits and yaml_file.parse(changed.encode(), name).value == _wanted(text, weights, name)
    except ConfigError:
        fits = False
    if not fits:
        raise ConfigError(
            f"{name} cannot be edited: its berths do not stand under {BACKEND} or {BERTHS} as plain YAML of its own.\n"
            f"Example, under config: {BERTHS}: {flow(weights)}"
        )
    return changed


def _wanted(text: str, weights: Mapping[str, int], name: str) -> Any:
    document = yaml_file.parse(text.encode(), name).value
    kept = {key: value for key, value in document["config"].items() if key not in (BACKEND, BERTHS)}
    return {**document, "config": {**kept, BERTHS: dict(weights)}}


def _edits(text: str, weights: Mapping[str, int]) -> Iterator[Edit]:
    config = _child(yaml.compose(text), "config")
    for key, value in config.value if isinstance(config, yaml.MappingNode) else ():
        if key.value == BACKEND:
            yield key.start_mark.index, value.end_mark.index, f"{BERTHS}: {flow(weights)}"
        elif key.value == BERTHS and isinstance(value, yaml.MappingNode) and not value.flow_style and value.value:
            yield from _lines(text, value, weights)
        elif key.value == BERTHS:
            # In the order that is there: a block of text or JSON has none that is worth keeping.
            there = [name.value for name, _ in value.value] if isinstance(value, yaml.MappingNode) else []
            order = {one: weights[one] for one in there if one in weights} | dict(weights)
            yield value.start_mark.index, value.end_mark.index, flow(order)


def _lines(text: str, block: yaml.MappingNode, weights: Mapping[str, int]) -> Iterator[Edit]:
    """Yield the edits of weights that stand in a line each."""
    there = {name.value: (name, weight) for name, weight in block.value}
    for name, (key, weight) in there.items():
        if name in weights:
            yield weight.start_mark.index, weight.end_mark.index, str(weights[name])
        else:
            yield _line_start(text, key.start_mark.index), _line_end(text, weight.end_mark.index), ""
    last = block.value[-1][1]
    end = _line_end(text, last.end_mark.index)
    break_ = "\r\n" if "\r\n" in text else "\n"
    indent = " " * block.value[0][0].start_mark.column
    new = "".join(f"{indent}{name}: {weight}{break_}" for name, weight in weights.items() if name not in there)
    if new:
        on_its_own = text[:end].endswith("\n") or block.value[-1][0].value not in weights
        yield end, end, new if on_its_own else break_ + new.removesuffix(break_)


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    """Return where the next line begins."""
    return found + 1 if (found := text.find("\n", index)) >= 0 else len(text)


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def given_weights(config: Mapping[str, str]) -> dict[str, int]:
    """Return the weights of a stack's config, which the program's own checks have passed, in its order.

    Raises:
        ConfigError: It names no berth: the stack is none of Berth's.
    """
    if several := json.loads(config.get(BERTHS) or "{}"):
        return {str(name): int(weight) for name, weight in several.items()}
    if alone := config.get(BACKEND):
        return {alone: 100}
    raise ConfigError(f"The stack names no berth: there is neither {BACKEND} nor {BERTHS} in its config.")
