"""One report of several stacks: a self-contained HTML page and a comment for a pull request.

Both are pure functions of what they are given: the same Plans give the same bytes.
"""

from berth.report.markdown import LIMIT, MARKER, summary
from berth.report.model import Content, Fact, Html, Section, StackReport, Svg, Table
from berth.report.page import page
from berth.report.write import PAGE, SUMMARY, write

__all__ = [
    "LIMIT",
    "MARKER",
    "PAGE",
    "SUMMARY",
    "Content",
    "Fact",
    "Html",
    "Section",
    "StackReport",
    "Svg",
    "Table",
    "page",
    "summary",
    "write",
]
