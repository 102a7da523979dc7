"""Values as a person reads them: indented, secrets masked, JSON inside a string unfolded."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Final

from berth.plan import UNKNOWN, Secret, Value
from berth.views.common import SECRET
from berth.views.values import LATER, parsed

# Texts that would be taken for another type if they stood without quotes.
_AMBIGUOUS: Final = re.compile(r"|\s.*|.*\s|true|false|null|[-+]?[\d.]+(?:[eE][-+]?\d+)?", re.DOTALL)


def pretty(value: Value) -> str:
    """Return ``value`` as escaped markup for a ``<pre>``."""
    return "\n".join(_lines(value))


def _lines(value: Value) -> list[str]:
    if isinstance(value, Mapping) and value:
        lines: list[str] = []
        for key in sorted(value, key=str):
            lines += _joined(f'<span class="k">{escape(str(key))}</span>:', value[key])
        return lines
    if isinstance(value, list | tuple) and value:
        lines = []
        for item in value:
            first, *rest = _lines(item)
            lines += [f"- {first}", *(f"  {line}" for line in rest)]
        return lines
    if isinstance(value, str):
        if document := parsed(value):
            return ['<span class="note">JSON text:</span>', *_lines(document)]
        if "\n" in value:
            return ['<span class="note">text:</span>', *(escape(line) for line in value.splitlines())]
    return [scalar(value)]


def _joined(head: str, value: Value) -> list[str]:
    """Put a short value behind its key and a long one below it."""
    lines = _lines(value)
    if isinstance(value, Mapping | list | tuple) and value:
        return [head, *(f"  {line}" for line in lines)]
    return [f"{head} {lines[0]}", *(f"  {line}" for line in lines[1:])]


def scalar(value: Value) -> str:
    """Return one value on one line, as escaped markup; a mapping or list as JSON would have it when empty."""
    if isinstance(value, Secret):
        return f'<span class="secret">{SECRET}</span>'
    if value is UNKNOWN:
        return f'<span class="later">{LATER}</span>'
    if isinstance(value, str):
        shown = json.dumps(value, ensure_ascii=False) if _AMBIGUOUS.fullmatch(value) else value
        return f'<span class="s">{escape(shown)}</span>'
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list | tuple):
        return "[]"
    # The engine knows one kind of number: 2.0 is what the program wrote as 2.
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    return f'<span class="n">{escape(json.dumps(number, default=str))}</span>'
