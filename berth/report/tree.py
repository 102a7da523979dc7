"""The searchable resource tree of one stack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from berth.plan import Plan, Resource
from berth.render.html import prose
from berth.render.html_values import pretty
from berth.views.common import Violation, kind, ordered, package
from berth.views.forest import children_of, marks, split_name
from berth.views.plan_view import level_mark

# The packages that have a colour of their own in the page; any other shares one.
_COLOURED = frozenset({"aws", "eks", "kubernetes", "docker", "random"})

# More links than this would push the next resource out of sight.
_FEW = 5


def colour(name: str) -> str:
    """Return the class that colours a package."""
    return f"p-{name}" if name in _COLOURED else "p-other"


class Tree:
    """The tree of one stack, and where in the page each of its resources is."""

    def __init__(self, plan: Plan, violations: Sequence[Violation], anchor: str) -> None:
        self._plan = plan
        self._children = children_of(plan)
        self._resources = {resource.urn: resource for resource in plan.resources}
        # Numbers, since a URN holds what an id or a URL may not.
        self._anchors = {resource.urn: f"{anchor}-r{index}" for index, resource in enumerate(plan.resources, 1)}
        self._found: Mapping[str, Sequence[Violation]] = _by_resource(ordered(violations))

    def _link(self, urn: str) -> str:
        """Return a link to a resource; of one that the Plan does not have, only its name."""
        resource = self._resources.get(urn)
        if resource is None:
            return f"<code>{escape(urn.rsplit('::', 1)[-1])}</code>"
        text = f'<span class="kind">{escape(kind(resource))}</span> {escape(resource.name)}'
        return f'<a href="#{self._anchors[urn]}">{text}</a>'

    def place(self, urn: str) -> str | None:
        """Return the id of a resource in the page; None of one that the Plan does not have."""
        return self._anchors.get(urn)

    def html(self) -> str:
        """Return the whole tree as nested lists."""
        roots = self._children.get(None, ())
        # A single root is no choice: folded, it would hide all there is.
        return self._list(roots, "", opened=len(roots) == 1)

    def _list(self, resources: Iterable[Resource], parent: str, *, opened: bool = False) -> str:
        items = "".join(self._node(resource, parent, opened=opened) for resource in resources)
        return f'<ul class="tree">{items}</ul>'

    def _node(self, resource: Resource, parent: str, *, opened: bool) -> str:
        children = self._children.get(resource.urn, ())
        facts = self._facts(resource)
        if children:
            if facts:
                facts = f'<details class="own"><summary>Inputs and more</summary>{facts}</details>'
            facts += self._list(children, resource.name)
        name = "room" if children else "leaf"
        return (
            f'<li class="node" id="{self._anchors[resource.urn]}" data-type="{escape(resource.type)}">'
            f'<details class="{name}"{" open" if opened and children else ""}>'
            f'<summary>{self._head(resource, parent)}</summary><div class="body">{facts}</div></details></li>'
        )

    def _head(self, resource: Resource, parent: str) -> str:
        prefix, own = split_name(resource.name, parent)
        name = (f'<span class="prefix">{escape(prefix)}</span>' if prefix else "") + escape(own)
        inside = self._plan.inside(resource.urn) if resource.urn in self._children else []
        said = [*([str(len(inside))] if inside else ()), *marks(resource)]
        shown = [f'<span class="mark">{text}</span>' for text in said]
        shown += _badges(self._found.get(resource.urn, ()), "")
        shown += _badges([hit for one in inside for hit in self._found.get(one.urn, ())], " inside")
        return (
            f'<span class="kind {colour(package(resource.type))}">{escape(kind(resource))}</span> '
            f'<span class="name">{name}</span>{"".join(shown)}'
        )

    def _links(self, urns: Sequence[str]) -> str:
        links = "<br>".join(self._link(urn) for urn in urns)
        if len(urns) <= _FEW:
            return links
        return f"<details><summary>{len(urns)} resources</summary>{links}</details>"

    def _facts(self, resource: Resource) -> str:
        findings = "".join(
            f'<p class="finding {level_mark([hit])}"><strong>{escape(hit.policy)}</strong> '
            f"({escape(hit.label)}) {prose(chr(10).join(hit.explanation))}</p>"
            for hit in self._found.get(resource.urn, ())
        )
        inputs = f'<pre class="inputs">{pretty(resource.inputs)}</pre>' if resource.inputs else ""
        rows = [("type", f"<code>{escape(resource.type)}</code>")]
        if resource.source:
            rows.append(("declared at", f"<code>{escape(resource.source)}</code>"))
        if resource.provider:
            rows.append(("provider", self._link(resource.provider)))
        if resource.dependencies:
            rows.append(("waits for", self._links(resource.dependencies)))
        if resource.ignore_changes:
            rows.append(("ignores changes of", escape(", ".join(resource.ignore_changes))))
        facts = "".join(f"<div><dt>{name}</dt><dd>{text}</dd></div>" for name, text in rows)
        return f'{findings}{inputs}<dl class="facts">{facts}</dl>'


def _by_resource(violations: Iterable[Violation]) -> dict[str, list[Violation]]:
    found: dict[str, list[Violation]] = {}
    for violation in violations:
        found.setdefault(violation.resource, []).append(violation)
    return found


def _badges(violations: Sequence[Violation], where: str) -> list[str]:
    levels = Counter((level_mark([violation]), violation.level) for violation in violations)
    return [
        f'<span class="badge {mark}">{count} {escape(level)}{where}</span>'
        for (mark, level), count in sorted(levels.items())
    ]
