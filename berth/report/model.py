"""What a report is made of. It knows no other view: whoever has a price or a drawing hands it in as a Section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from berth.plan import Plan
from berth.views.common import MANDATORY, Violation
from berth.views.losses import Loss


@dataclass(frozen=True)
class Html:
    """Markup that goes into the page as it is: whoever makes it has escaped it."""

    text: str


@dataclass(frozen=True)
class Svg:
    """A drawing. It becomes an image, so its ids and styles meet no other's and nothing in it can run."""

    text: str
    label: str
    """What it shows, for who cannot see it."""


@dataclass(frozen=True)
class Table:
    """Plain text in rows; the page and the comment both escape it."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()
    """Columns that are aligned to the right."""
    foot: Sequence[str] = ()
    """A last row that sums up."""
    caption: str = ""


@dataclass(frozen=True)
class Fact:
    """A few words that a reviewer wants before the rest, such as ``2 replaced``."""

    text: str
    tone: Literal["bad", "care", "good", "plain"] = "plain"


Content = Html | Svg | Table | str
"""Part of a section; a ``str`` is a paragraph of plain text."""


@dataclass(frozen=True)
class Section:
    """One optional part of a report, such as the price."""

    id: str
    """Short name, unique among its neighbours: ``price``."""
    title: str
    content: Content | Sequence[Content]
    headline: str = ""
    """The section in a few words, e.g. ``143.20 USD a month``; the comment's table of stacks has it."""
    facts: Sequence[Fact] = ()
    """What the stack's card and the page's figures say of it, the most important first."""
    markdown: str | None = None
    """What the comment says instead of the content's tables and paragraphs; it is not escaped."""
    problem: str = ""
    """Why something of it is missing: whoever has the report written should hear of it, too."""

    @property
    def parts(self) -> tuple[Content, ...]:
        """The content, always as several."""
        if isinstance(self.content, Html | Svg | Table | str):
            return (self.content,)
        return tuple(self.content)


@dataclass(frozen=True)
class StackReport:
    """One stack in a report."""

    plan: Plan
    violations: Sequence[Violation] = ()
    rules: int = 0
    """How many rules found something to judge."""
    resources: int = 0
    """How many resources they judged."""
    sections: Sequence[Section] = field(default=())
    losses: Sequence[Loss] = ()
    """The data that the difference would lose, the worst first; without a base there is none."""

    @property
    def stops(self) -> bool:
        """Whether a mandatory policy is violated, or data lost that nobody has given up."""
        return self.mandatory > 0 or any(not loss.accepted for loss in self.losses)

    @property
    def mandatory(self) -> int:
        """How many violations stop the stack."""
        return sum(violation.level == MANDATORY for violation in self.violations)

    @property
    def advisory(self) -> int:
        """How many violations only advise."""
        return len(self.violations) - self.mandatory
