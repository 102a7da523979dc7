"""Writes a report's two files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from berth.report.page import page
from berth.report.stack_report import StackReport
from berth.report.summary import summary
from berth.views.section import Section

PAGE: Final = "index.html"
SUMMARY: Final = "summary.md"


def write(reports: Sequence[StackReport], directory: Path, *, sections: Sequence[Section] = ()) -> tuple[Path, Path]:
    """Write page and summary into ``directory``, which is made if it is not there.

    Args:
        reports: One a stack, in the order they are shown in.
        directory: Where the files go; what was there of an earlier report is replaced.
        sections: What belongs to no single stack, such as a comparison.

    Returns:
        The paths of the page and of the summary.
    """
    directory.mkdir(parents=True, exist_ok=True)
    files = directory / PAGE, directory / SUMMARY
    # Bytes, so that no platform writes line ends of its own.
    files[0].write_bytes(page(reports, sections=sections).encode())
    files[1].write_bytes(summary(reports, sections=sections).encode())
    return files
