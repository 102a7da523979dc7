"""The page "From Copilot": its commands."""

from __future__ import annotations

import re
import shlex

from tests.programs import ROOT

PAGE = (ROOT / "docs" / "from-copilot.md").read_text()


def commands(program: str) -> list[list[str]]:
    """Return the arguments of each command on the page that begins with a program's name."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [shlex.split(line.removeprefix(program), comments=True) for line in lines if line.startswith(f"{program} ")]


def others(*programs: str) -> list[str]:
    """Return the commands that begin with none of these."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if not line.startswith(programs)]
