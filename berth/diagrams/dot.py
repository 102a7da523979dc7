"""A picture as Graphviz source, and Graphviz itself: SVG and PNG with the icons inside."""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import re
import shutil
import subprocess
import textwrap
from collections import Counter
from pathlib import Path
from typing import Final, Literal

from berth.diagrams.graph import Arrow, Graph, Group, Node
from berth.diagrams.palette import LINES, colour, dark_style
from berth.errors import BerthError

ICONS: Final = Path(__file__).with_name("icons")
_FONT: Final = "Helvetica,Arial,sans-serif"
_SECONDS: Final = 60
_LONG: Final = 2
"""Calls inside of a box from which two boxes stand side by side."""
_BOXES: Final = {
    "component": 'style="rounded,filled"',
    "vpc": 'style="rounded,filled" fillcolor="#fbfcfe" color="#0969da" penwidth=1.5 fontcolor="#0969da"',
    "tier": 'style="rounded,filled" fillcolor="#f1f6fd" color="#8cb8f0" fontcolor="#0b4a99"',
    "zone": 'style="dashed,filled" fillcolor="#ffffff" color="#8cb8f0" fontcolor="#59636e"',
}


class GraphvizError(BerthError):
    """Graphviz is missing, or could not draw."""


def source(graph: Graph) -> str:
    """Return the picture in the DOT language; pure, and the same for the same graph."""
    downwards = graph.downwards
    direction, apart = ("TB", 0.45) if downwards else ("LR", 0.62)
    lines = [
        "digraph {",
        f'  graph [rankdir={direction} compound=true newrank=true fontname="{_FONT}" fontsize=13 labeljust=l',
        f"         nodesep=0.22 ranksep={apart} pad=0.25 bgcolor=white labelloc=t label={_quoted(graph.title)}]",
        f'  node [shape=plain fontname="{_FONT}" fontsize=11]',
        f'  edge [fontname="{_FONT}" fontsize=9 fontcolor="#59636e" color="#8c959f" arrowsize=0.7]',
    ]
    lines += _inside(graph, None, 1, downwards)
    free = _back(graph) | (_side_by_side(graph) if downwards else set())
    lines += [_edge(edge, (edge.source, edge.target) in free) for edge in graph.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _side_by_side(graph: Graph) -> set[tuple[str, str]]:
    """Return the calls between two long boxes: one below the other, they would not fit a landscape page."""
    box = {node.id: node.group for node in graph.nodes}
    calls = [edge for edge in graph.edges if edge.style == "call"]
    inside = Counter(box[edge.source] for edge in calls if box[edge.source] == box[edge.target])
    return {
        (edge.source, edge.target)
        for edge in calls
        if (a := box[edge.source]) != (b := box[edge.target]) and min(inside[a], inside[b]) >= _LONG
    }


def _back(graph: Graph) -> set[tuple[str, str]]:
    """Return of each two calls that are each other's opposite the one back, which must not pull its end forward.

    It is the one to a load balancer, else the later one, as in a use case's steps.
    """
    balancers = {node.id for node in graph.nodes if node.kind == "alb"}
    calls = [(edge.source, edge.target) for edge in graph.edges if edge.style == "call"]
    calls.sort(key=lambda pair: pair[1] in balancers)
    return {pair for place, pair in enumerate(calls) if pair[::-1] in calls[:place] and pair not in calls[:place]}


def _inside(graph: Graph, parent: str | None, depth: int, downwards: bool) -> list[str]:
    pad = "  " * depth
    lines = [pad + _card(node) for node in graph.nodes if node.group == parent]
    for group in graph.groups:
        if group.parent != parent:
            continue
        inner = _inside(graph, group.id, depth + 1, downwards)
        if not inner:
            # Graphviz leaves an empty cluster out: an empty zone is a box of its own.
            lines.append(
                f'{pad}{_quoted(group.id)} [shape=box style="dashed,filled" fillcolor=white color="#8cb8f0"'
                f' fontcolor="#59636e" fontsize=10 margin="0.12,0.08" label={_quoted(_folded(group.title, 14))}]'
            )
            continue
        lines += [
            f"{pad}subgraph {_quoted(f'cluster {group.id}')} {{",
            f"{pad}  {_box(group, downwards)}",
            *inner,
            f"{pad}}}",
        ]
    return lines


def _box(group: Group, downwards: bool) -> str:
    look = _BOXES[group.style]
    if group.style == "component":
        fill, line = colour(group.id.removeprefix("component/"))
        look += f' fillcolor="{fill}" color="{line}" fontcolor="{line}"'
    size = 10 if group.style == "zone" else 13
    # Arrows come in through the middle of the upper side: a title must keep to the left of it.
    title = _folded(group.title, 10) if downwards else group.title
    return f"graph [label={_quoted(title)} margin={22 if downwards else 10} fontsize={size} {look}]"


def _card(node: Node) -> str:
    """Return a card: icon, name and detail in a table, so that the text makes its own room."""
    _, line = colour(node.component)
    text = f"<B>{html.escape(node.title)}</B>"
    if node.detail:
        detail = html.escape(node.detail).replace("\n", '<BR ALIGN="LEFT"/>')
        text += f'<BR ALIGN="LEFT"/><FONT POINT-SIZE="9" COLOR="#59636e">{detail}</FONT>'
    label = (
        f'<TABLE BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4" STYLE="ROUNDED" COLOR="{line}"'
        f' BGCOLOR="white"><TR><TD FIXEDSIZE="TRUE" WIDTH="34" HEIGHT="34"><IMG SCALE="TRUE" SRC="{node.icon}.png"/>'
        f'</TD><TD ALIGN="LEFT" BALIGN="LEFT">{text}  </TD></TR></TABLE>'
    )
    return f"{_quoted(node.id)} [label=<{label}>]"


def _edge(edge: Arrow, free: bool) -> str:
    look = 'color="#24292f" penwidth=1.6 weight=8' if edge.style == "call" else "style=dashed"
    # The table's spacing keeps a label off its own line, its ground lifts it from the lines of others.
    cell = f'<TD BGCOLOR="#ffffffd0">{html.escape(edge.label)}</TD>'
    table = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="4" CELLPADDING="1"><TR>{cell}</TR></TABLE>'
    label = f" label=<{table}>" if edge.label else ""
    loose = " constraint=false" if free else ""
    return f"  {_quoted(edge.source)} -> {_quoted(edge.target)} [{look}{label}{loose}]"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _folded(title: str, width: int) -> str:
    """Break a title between words."""
    return "\n".join(textwrap.wrap(title, width, break_long_words=False, break_on_hyphens=False))


def fingerprint(text: str) -> str:
    """Return what tells one picture's source from another's, whichever Graphviz draws it."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def svg(text: str) -> str:
    """Draw DOT source as one SVG that refers to nothing outside itself.

    Raises:
        GraphvizError: If Graphviz is not installed or refuses.
    """
    drawn = _run(text, "svg").decode()
    # Comments name the Graphviz version and every node; the fingerprint says what was drawn instead.
    drawn = re.sub(r"<!--.*?-->\s*", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r'(?:xlink:)?href="([\w-]+)\.png"', lambda match: _image(match[1]), drawn)
    drawn = drawn[drawn.index("<svg") :]
    # A graph without a name is called %3, which a browser would show as a tooltip over all of it.
    drawn = re.sub(r"<title>%3</title>", dark_style(), drawn, count=1)
    return drawn.replace("<svg ", f'<svg data-berth="{fingerprint(text)}" role="img" ', 1)


def png(text: str) -> bytes:
    """Draw DOT source as PNG.

    Raises:
        GraphvizError: If Graphviz is not installed or refuses.
    """
    return _run(text, "png")


@functools.cache
def _image(icon: str) -> str:
    """Return an image's attributes, with the icon inside."""
    content = base64.b64encode((ICONS / f"{icon}.png").read_bytes()).decode()
    lines = 'class="lines" ' if icon in LINES else ""
    return f'{lines}xlink:href="data:image/png;base64,{content}"'


def _run(text: str, form: Literal["svg", "png"]) -> bytes:
    dot = shutil.which("dot")
    if dot is None:
        raise GraphvizError(
            "Drawing SVG and PNG needs Graphviz, and there is no `dot` on the path. Install it (Debian and Ubuntu:"
            " apt-get install graphviz; macOS: brew install graphviz), or ask for Mermaid, which needs nothing."
        )
    resolution = ["-Gdpi=110"] if form == "png" else []
    try:
        # Icons are named without a directory: the source is the same wherever it is drawn.
        done = subprocess.run(
            [dot, f"-T{form}", *resolution],
            input=text.encode(),
            capture_output=True,
            cwd=ICONS,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GraphvizError(f"Graphviz could not draw: {error}") from error
    if done.returncode != 0:
        raise GraphvizError(f"Graphviz could not draw: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
