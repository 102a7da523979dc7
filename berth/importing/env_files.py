"""Files of variables: a line a variable, NAME=value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from berth.importing.draft import Service
from berth.importing.table import NotCarried
from berth.importing.values import variable


def taken(service: Service, file: Path, *target: str) -> str:
    """Write a file's variables into the stack file, where none of that name is; return what to say of it.

    Args:
        service: whose it is.
        file: the file.
        target: the key that holds the variables.

    Raises:
        NotCarried: there is no such file.
    """
    if not file.is_file():
        raise NotCarried("There is no such file.", "write its variables under environment")
    tree: Any = service.keys
    for part in target:
        tree = tree.setdefault(part, {})
    kept, left = 0, []
    for line in file.read_text(errors="replace").splitlines():
        name, equals, content = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        if len(content) > 1 and content[0] == content[-1] and content[0] in "'\"":
            content = content[1:-1]
        try:
            tree.setdefault(name.strip(), variable(name.strip(), content))  # what stands in the manifest wins
            kept += 1
        except NotCarried as error:
            left.append(f"{name} ({error.why})")
    said = f"Its {kept} variables stand in the stack file now; the file is not read any more."
    return said if not left else f"{said} Left out: {' '.join(left)}"
