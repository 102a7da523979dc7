"""Sections as markup of a page; ``report/assets/page.css`` gives each kind of block its look."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from html import escape
from itertools import groupby, takewhile
from typing import Final

from berth.render.html_values import pretty, scalar
from berth.views import section as views
from berth.views.common import plural
from berth.views.section import Line, Section, Span, plain, spans

Place = Callable[[str], str | None]
"""URN of a resource to its id in the page, if it has one."""

_MANY: Final = 10
"""So many harmless entries are shown; more are folded."""
_SHORT: Final = 40
"""Characters of a value that stands beside its property's name; a longer one stands below it."""
_ALIKE: Final = 24
"""If two values have so many first characters in common, these are muted."""


def section(content: Section, anchor: str, place: Place = lambda urn: None) -> str:
    """Return a section under its heading."""
    body = "".join(_block(block, place) for block in content.blocks)
    return under(anchor, content, body or f'<p class="{content.mark or "muted"}">{prose(content.headline)}</p>')


def under(anchor: str, content: Section, body: str) -> str:
    """Return markup under a section's heading."""
    count = f' <span class="count">{escape(content.headline)}</span>' if content.headline and content.blocks else ""
    return (
        f'<section class="block" id="{anchor}" aria-labelledby="{anchor}-h">'
        f'<h3 id="{anchor}-h">{escape(content.title)}{count}</h3>{body}</section>'
    )


def prose(text: str) -> str:
    """Return a text as markup, what stands in backticks as code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(text)).replace("\n", "<br>")


def line(content: Line, place: Place = lambda urn: None) -> str:
    """Return a line as markup."""
    return "".join(_span(span, place) for span in spans(content))


def facts(content: Sequence[Span]) -> str:
    """Return what a card says in a few words each."""
    texts = " ".join(f'<span class="{fact.mark}">{escape(fact.text)}</span>' for fact in content)
    return f'<span class="facts-line">{texts}</span>' if content else ""


def _span(span: Span, place: Place) -> str:
    text = f"<code>{escape(span.text)}</code>" if span.mark == "code" else prose(span.text)
    anchor = place(span.link) if span.link else None
    if anchor:
        return f'<a href="#{anchor}">{text}</a>'
    return f'<span class="{span.mark}">{text}</span>' if span.mark not in ("", "code") else text


def _block(block: views.Block, place: Place) -> str:
    match block:
        case views.Text():
            return f'<p class="{block.mark}">{line(block.line, place)}</p>'
        case views.Bullets():
            items = "".join(f"<li>{line(item, place)}</li>" for item in block.items)
            return f'<div class="bullets"><p>{escape(block.title)}</p><ul>{items}</ul></div>'
        case views.Notes():
            items = "".join(f'<li class="notice {block.level}">{line(one, place)}</li>' for one in block.lines)
            return f'<ul class="notices">{items}</ul>'
        case views.Table():
            return _table(block, place)
        case views.Bill():
            parts = "".join(_part(part, place) for part in block.parts)
            total = f'<p class="total"><span>Total</span><b>{escape(block.total)}</b></p>'
            return f'<div class="price"><p class="unit">{escape(block.columns[-1])}</p>{parts}{total}</div>'
        case views.Values():
            names = sorted(block.items)
            rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{_value(block.items[name])}</dd></div>" for name in names)
            return f'<dl class="outputs">{rows}</dl>'
        case views.Tree():
            text = "\n".join("  " * depth + plain(one) for depth, one in block.rows)
            return f'<pre class="inputs">{escape(text)}</pre>'
        case views.Changes():
            return "".join(_group(title, list(items)) for title, items in groupby(block.entries, lambda one: one.group))
        case views.Picture():
            return _picture(block)


def _table(table: views.Table, place: Place) -> str:
    def row(tag: str, cells: Sequence[Line], scope: str = "") -> str:
        shown = (
            f"<{tag}{scope}{' class=number' if column in table.numeric else ''}>{line(cell, place)}</{tag}>"
            for column, cell in enumerate(cells)
        )
        return f"<tr>{''.join(shown)}</tr>"

    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    head = row("th", [[Span(title)] for title in table.columns], " scope=col")
    foot = f"<tfoot>{row('td', table.total)}</tfoot>" if table.total else ""
    body = "".join(row("td", cells) for cells in table.rows)
    # A phone has no room for columns of text: it shows them one below the other.
    name = "" if table.numeric else "rows findings" if table.heads else "rows"
    label = escape(table.caption or ", ".join(filter(None, table.columns)))
    # It can be scrolled with the keyboard only if it can be focused.
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table class="{name}">{caption}'
        f"<thead>{head}</thead><tbody>{body}</tbody>{foot}</table></div>"
    )


def _part(part: views.Part, place: Place) -> str:
    def items(rows: Sequence[Sequence[Line]]) -> str:
        return "".join(
            f'<li><span>{line(what, place)} <span class="of">{line(of, place)}</span></span>'
            f'<span class="sum">{line(quantity, place)} &times; {line(price, place)}</span><b>{line(amount)}</b></li>'
            for what, of, quantity, price, amount in rows
        )

    small = (
        f"<details><summary><span>{plural(len(part.small), 'line')} below one dollar</span>"
        f"<b>{escape(part.small_amount)}</b></summary><ul>{items(part.small)}</ul></details>"
    )
    return (
        f"<section><h4><span>{escape(part.title)}</span><b>{escape(part.amount)}</b></h4>"
        f'<div class="share" aria-hidden="true"><i style="width:{part.share}%"></i></div>'
        f"<ul>{items(part.rows)}</ul>{small if part.small else ''}</section>"
    )


def _value(value: object) -> str:
    if isinstance(value, dict | list | tuple) and value:
        return f'<pre class="inputs">{pretty(value)}</pre>'
    return f"<code>{scalar(value)}</code>"


def _group(title: str, entries: Sequence[views.Entry]) -> str:
    mark = entries[0].mark
    opened = " open" if mark == "bad" or len(entries) <= _MANY else ""
    body = "".join(map(_entry, entries))
    return f'<details class="changes {mark}"{opened}><summary>{escape(title)}</summary><ul>{body}</ul></details>'


def _entry(entry: views.Entry) -> str:
    said = "".join(f" <em>({escape(note)})</em>" for note in entry.notes)
    said += f' <span class="badge bad">loses {escape(entry.loses)}</span>' if entry.loses else ""
    said += f" <code>{escape(entry.source)}</code>" if entry.source else ""
    fate = f"<p>{escape(entry.fate)}</p>" if entry.fate else ""
    items = "".join(map(_property, entry.properties))
    return (
        f'<li class="change"><p><span class="kind">{escape(entry.kind)}</span> <strong>{escape(entry.name)}</strong>'
        f"{said}</p>{fate}{f'<ul>{items}</ul>' if items else ''}</li>"
    )


def _property(change: views.Changed) -> str:
    before, after = change.before, change.after
    notes = "".join(f"<em>{escape(note)}</em> " for note in change.notes)
    notes += '<em class="bad">forces replacement</em> ' if change.forces else ""
    head = f'<span class="sign" aria-hidden="true">{change.sign}</span><code>{escape(change.where)}</code> '
    if before is None and after is None:
        return f"<li>{head}not known, may change {notes}</li>"
    pairs = zip(before or "", after or "", strict=False)
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    same = alike if alike >= _ALIKE else 0
    sides = [_side(tag, text, same) for tag, text in (("del", before), ("ins", after)) if text is not None]
    if max(len(before or ""), len(after or "")) > _SHORT:
        return f'<li class="long">{head}{notes}{"".join(sides)}</li>'
    return f"<li>{head}{' &rarr; '.join(sides)} {notes}</li>"


def _side(tag: str, text: str, same: int) -> str:
    start = f'<span class="same">{escape(text[:same])}</span>' if same else ""
    return f"<{tag}>{start}{escape(text[same:])}</{tag}>"


def _picture(picture: views.Picture) -> str:
    # An image of its own: no script in it runs and no id of it meets another drawing's.
    data = base64.b64encode(picture.svg.encode()).decode()
    label = escape(picture.label)
    return (
        f'<figure><div class="scroll paper" tabindex="0" role="region" aria-label="{label}">'
        f'<img src="data:image/svg+xml;base64,{data}" alt="{label}"></div>'
        f"<figcaption><span>{label}</span>"
        '<button type="button" data-do="size" aria-pressed="false" hidden>Full size</button></figcaption></figure>'
    )
