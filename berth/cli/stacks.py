"""``berth stacks``."""

from __future__ import annotations

from pathlib import Path

import typer

from berth.config import stacks


def list_stacks(root: Path) -> None:
    """List the stacks of this project."""
    for name in stacks(root):
        typer.echo(name)
