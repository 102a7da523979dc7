"""One report of several stacks: a self-contained HTML page and a comment for a pull request.

Both are pure functions of what they are given: the same Plans give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from berth.report.page import page
from berth.report.stack_report import StackReport
from berth.report.summary import summary
from berth.views.section import Section

__all__ = ["StackReport", "page", "summary", "write"]


def write(reports: Sequence[StackReport], directory: Path, *, sections: Sequence[Section] = ()) -> list[Path]:
    """Write ``index.html`` and ``summary.md`` into a directory, making it if need be, and return their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    files = [directory / "index.html", directory / "summary.md"]
    for file, text in zip(files, (page(reports, sections=sections), summary(reports, sections=sections)), strict=True):
        # Bytes, so that no platform writes line ends of its own.
        file.write_bytes(text.encode())
    return files
