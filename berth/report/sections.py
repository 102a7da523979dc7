"""Tables, drawings and the optional sections, as markup of the page."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from html import escape

from berth.report.model import Content, Html, Section, Svg, Table


def block(anchor: str, title: str, body: str, count: str = "") -> str:
    """Return one section of a stack under its heading."""
    note = f' <span class="count">{escape(count)}</span>' if count else ""
    return (
        f'<section class="block" id="{anchor}" aria-labelledby="{anchor}-h">'
        f'<h3 id="{anchor}-h">{escape(title)}{note}</h3>{body}</section>'
    )


def prose(text: str) -> str:
    """Return a sentence as markup, what stands in backticks as code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(text))


def section(anchor: str, content: Section) -> str:
    """Return an optional section with all its parts."""
    return block(anchor, content.title, "".join(_part(part) for part in content.parts))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, name: str = "") -> str:
    """Return a table of cells that are markup already; on a phone it scrolls by itself."""
    titles = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return _scrolling(f'<table class="{name}"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>', head[0])


def _part(part: Content) -> str:
    if isinstance(part, Html):
        return part.text
    if isinstance(part, Svg):
        return _figure(part)
    if isinstance(part, Table):
        return _plain_table(part)
    return f"<p>{prose(part)}</p>"


def _figure(drawing: Svg) -> str:
    # An image of its own: no script in it runs and no id of it meets another drawing's.
    data = base64.b64encode(drawing.text.encode()).decode()
    label = escape(drawing.label)
    return (
        f'<figure><div class="scroll paper" tabindex="0" role="region" aria-label="{label}">'
        f'<img src="data:image/svg+xml;base64,{data}" alt="{label}"></div>'
        f"<figcaption><span>{label}</span>"
        '<button type="button" data-do="size" aria-pressed="false" hidden>Full size</button></figcaption></figure>'
    )


def _plain_table(content: Table) -> str:
    def cells(tag: str, row: Sequence[str], scope: str = "") -> str:
        return "".join(
            f"<{tag}{scope}{' class=number' if column in content.numeric else ''}>{escape(cell)}</{tag}>"
            for column, cell in enumerate(row)
        )

    caption = f"<caption>{escape(content.caption)}</caption>" if content.caption else ""
    head = f"<thead><tr>{cells('th', content.header, ' scope=col')}</tr></thead>"
    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in content.rows)
    foot = f"<tfoot><tr>{cells('td', content.foot)}</tr></tfoot>" if content.foot else ""
    label = content.caption or ", ".join(content.header)
    # A phone has no room for columns of text: it shows them one below the other.
    name = "" if content.numeric else ' class="rows"'
    return _scrolling(f"<table{name}>{caption}{head}<tbody>{body}</tbody>{foot}</table>", escape(label))


def _scrolling(markup: str, label: str) -> str:
    # It can be scrolled with the keyboard only if it can be focused.
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{markup}</div>'
