"""One report of several stacks: a self-contained HTML page and a comment for a pull request.

Both are pure functions of what they are given: the same Plans give the same bytes.
"""

from berth.report.page import page
from berth.report.stack_report import StackReport
from berth.report.summary import summary
from berth.report.write import PAGE, SUMMARY, write

__all__ = ["PAGE", "SUMMARY", "StackReport", "page", "summary", "write"]
