"""The report as one HTML file that loads nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files
from itertools import chain, count
from string import Template

from berth.render.html import section
from berth.report.panel import panel, tab
from berth.report.stack_report import StackReport
from berth.views.section import Section


def page(reports: Sequence[StackReport], *, title: str = "Berth report", sections: Sequence[Section] = ()) -> str:
    """Return the whole page; ``sections`` belong to no single stack, and stand above the stacks."""
    script = _asset("page.js")
    anchors = _anchors(reports)
    tabs = "".join(tab(report, anchor) for report, anchor in zip(reports, anchors, strict=True))
    return Template(_asset("page.html")).substitute(
        title=escape(title),
        # Only this very script runs, whatever a resource may be called.
        hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=_asset("page.css"),
        script=script,
        sections="".join(section(extra, f"all-{escape(extra.anchor)}") for extra in sections),
        tabs=f'<nav class="tabs" aria-label="Stacks">{tabs}</nav>' if reports else "",
        panels="".join(panel(report, anchor) for report, anchor in zip(reports, anchors, strict=True)),
    )


def _anchors(reports: Sequence[StackReport]) -> list[str]:
    """Return an id a stack; its name, so that a link can be written by hand, and each once."""
    anchors: list[str] = []
    for report in reports:
        name = "stack-" + re.sub(r"[^\w-]", "-", report.plan.stack, flags=re.ASCII)
        names = chain([name], (f"{name}--{number}" for number in count(2)))
        anchors.append(next(one for one in names if one not in anchors))
    return anchors


@cache
def _asset(name: str) -> str:
    return (files("berth.report") / "assets" / name).read_text(encoding="utf-8").strip()
