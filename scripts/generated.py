"""What the scripts share that write a file from the program itself."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path


def write(outputs: Callable[[], Mapping[Path, str]], root: Path, about: str) -> int:
    """Write the files, or with ``--check`` say which are not up to date; return the exit status."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 if a file is not up to date")
    check = parser.parse_args().check
    stale = {path: text for path, text in outputs().items() if not path.is_file() or path.read_text() != text}
    for path, text in stale.items():
        said = f"is not up to date: run scripts/{Path(sys.argv[0]).name}" if check else "written"
        print(path.relative_to(root), said)
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    return 1 if check and stale else 0


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = (head, ["---"] * len(head), *rows)
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)
