"""Manifests made of single keys."""

from __future__ import annotations

import copy
import itertools
from pathlib import Path
from typing import Any

import yaml


def laid(base: Any, path: str, value: Any) -> Any:
    """Return a tree with a value at a path; a number in it is a place in a list."""
    tree = copy.deepcopy(base)
    parts: list[Any] = [int(part) if part.isdigit() else part for part in path.split(".")]
    holder = tree
    for part, after in itertools.pairwise(parts):
        inner: Any = [] if isinstance(after, int) else {}
        if isinstance(part, int):
            if part == len(holder):
                holder.append(inner)
        elif type(holder.get(part)) is not type(inner):
            holder[part] = inner
        holder = holder[part]
    if isinstance(parts[-1], int):
        holder.append(value)
    else:
        holder[parts[-1]] = value
    return tree


def write(file: Path, tree: Any) -> None:
    """Write a tree as YAML."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(tree, sort_keys=False))
