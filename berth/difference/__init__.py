"""What a revision changes: two programs' Plans compared, not a Plan with what is deployed.

``base_at``: the Plan and the findings of another revision, recorded in a process of its own.
``difference`` and ``compare_findings``: pure functions of the two sides. ``Comparison`` and the views
``sections``, ``comment`` and ``dumps`` show the result.
"""

from berth.difference.base import Base, base_at
from berth.difference.compare import difference
from berth.difference.comparison import Comparison, compared
from berth.difference.difference_json import dumps
from berth.difference.findings import Findings, compare_findings
from berth.difference.outcome import Change, Difference, ResourceChange
from berth.difference.view import comment, section, sections

__all__ = [
    "Base",
    "Change",
    "Comparison",
    "Difference",
    "Findings",
    "ResourceChange",
    "base_at",
    "comment",
    "compare_findings",
    "compared",
    "difference",
    "dumps",
    "section",
    "sections",
]
