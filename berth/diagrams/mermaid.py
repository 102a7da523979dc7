"""A picture as Mermaid text, for Markdown; needs nothing installed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from berth.diagrams.graph import Arrow, Graph, Node
from berth.diagrams.palette import colour

_INDENT: Final = "    "
_SIGNS: Final = {"-": "_", "/": "__"}


def render(graph: Graph) -> str:
    """Return the flowchart; the same graph gives the same text."""
    names = {node.id: f"n{_word(node.id)}" for node in graph.nodes}
    names |= {group.id: f"g{_word(group.id)}" for group in graph.groups}
    lines = [f"flowchart {'TB' if graph.downwards else 'LR'}"]
    lines += _inside(graph, None, names, 1)
    lines += [_INDENT + _arrow(edge, names) for edge in graph.edges]
    for component in sorted({node.component for node in graph.nodes if node.component}):
        members = ",".join(names[node.id] for node in graph.nodes if node.component == component)
        fill, line = colour(component)
        lines.append(f"{_INDENT}classDef c{_word(component)} fill:{fill},stroke:{line},color:#1f2328")
        lines.append(f"{_INDENT}class {members} c{_word(component)}")
    return "\n".join(lines) + "\n"


def _inside(graph: Graph, parent: str | None, names: Mapping[str, str], depth: int) -> list[str]:
    pad = _INDENT * depth
    lines = [f"{pad}{_card(node, names)}" for node in graph.nodes if node.group == parent]
    for group in graph.groups:
        if group.parent != parent:
            continue
        inner = _inside(graph, group.id, names, depth + 1)
        if inner:
            lines += [f'{pad}subgraph {names[group.id]}["{_text(group.title)}"]', *inner, f"{pad}end"]
        else:
            # Mermaid does not draw an empty box.
            lines.append(f'{pad}{names[group.id]}["{_text(group.title)}"]')
    return lines


def _card(node: Node, names: Mapping[str, str]) -> str:
    label = _text(node.title) + "".join(f"<br>{_text(line)}" for line in node.detail.splitlines())
    before, after = ("([", "])") if not node.component else ("[", "]")
    if node.kind == "database":
        before, after = "[(", ")]"
    return f'{names[node.id]}{before}"{label}"{after}'


def _arrow(edge: Arrow, names: Mapping[str, str]) -> str:
    line = "-->" if edge.style == "call" else "-.->"
    label = f'|"{_text(edge.label)}"|' if edge.label else ""
    return f"{names[edge.source]} {line}{label} {names[edge.target]}"


def _word(text: str) -> str:
    """Return an identifier; what ids hold besides letters and digits stays apart."""
    return re.sub(r"[^A-Za-z0-9]", lambda match: _SIGNS.get(match[0], f"_{ord(match[0]):x}_"), text)


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "#quot;").replace("<", "&lt;").replace(">", "&gt;")


def sequence(title: str, actors: Sequence[tuple[str, str]], steps: Sequence[tuple[str, str, str, str]]) -> str:
    """Return a use case as a numbered sequence diagram: actors and steps as in ``flows.Flow``."""
    lines = ["sequenceDiagram", f"{_INDENT}title {title}", f"{_INDENT}autonumber"]
    lines += [f"{_INDENT}participant n{_word(id_)} as {_text(name)}" for id_, name in actors]
    for parted, some in groupby(steps, key=lambda step: bool(step[3])):
        # By berth, each with its steps in their order.
        for number, (berth, own) in enumerate(groupby(sorted(some, key=itemgetter(3)), key=itemgetter(3))):
            if parted:
                lines.append(f"{_INDENT}{'and' if number else 'par'} {berth}")
            # A semicolon would end the statement.
            lines += [f"{_INDENT}n{_word(a)}->>n{_word(b)}: {text.replace(';', ',')}" for a, b, text, _ in own]
        if parted:
            lines.append(f"{_INDENT}end")
    return "\n".join(lines) + "\n"
