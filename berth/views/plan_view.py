"""What a Plan holds and what the policies say to it, as sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final, Literal

from berth.plan import Mooring, Plan, Resource
from berth.render import markdown
from berth.views.common import MANDATORY, Violation, by_level, created, kind, ordered, package, plural, summary, verdict
from berth.views.forest import children_of, marks, split_name
from berth.views.section import Line, Mark, Notes, Section, Span, Table, Text, Tree, Values

_COLOURED: Final[Mapping[str, Mark]] = {"kubernetes": "p-kubernetes", "docker": "p-docker", "random": "p-random"}
"""Packages whose resources a terminal tells apart; the others are in its own colour."""

_LEVELS: Final[tuple[Literal["error", "warning", "info"], ...]] = ("error", "warning", "info")


def places(plan: Plan) -> list[str]:
    """Return where each service runs: ``shop: 90 % ecs-fargate, 10 % eks``."""
    return [
        _place(plan, service, list(found)) for service, found in groupby(plan.moorings, key=lambda one: one.service)
    ]


def _place(plan: Plan, service: str, moorings: Sequence[Mooring]) -> str:
    kind = moorings[0].kind
    if kind == "job":
        leading = sorted(moorings, key=lambda one: not one.leads)
        berths, note = [one.berth for one in leading], f" (job, {leading[0].when})"
    elif kind == "worker":
        berths, note = [one.berth for one in moorings], " (worker)"
    else:
        shares = [(one.berth, plan.share(one)) for one in sorted(moorings, key=lambda one: -one.weight)]
        berths = [berth if share is None else f"{share:.3g} % {berth}" for berth, share in shares]
        note = " (internal)" if moorings[0].exposure == "internal" else ""
    return f"{service}: {moorings[0].berth if len(moorings) == 1 else ', '.join(berths)}{note}"


def comment(plan: Plan, violations: Sequence[Violation], rules: int = 0, judged: int = 0) -> str:
    """Return the preview as a comment on a pull request; for the arguments see ``policies``."""
    passed = all(one.level != MANDATORY for one in violations)
    said = policies(plan, violations, rules, judged).headline
    parts = sections(plan, violations, rules, judged)
    rest = f": `berth preview {plan.stack}` shows all"
    return markdown.comment(f"preview {plan.stack}", passed, [Span(plan.stack, "code"), f": {said}"], parts, rest=rest)


def sections(plan: Plan, violations: Sequence[Violation], rules: int = 0, judged: int = 0) -> list[Section]:
    """Return all that ``berth preview`` says; for the arguments see ``policies``."""
    said = policies(plan, violations, rules, judged)
    return [*services(plan), said, *outputs(plan), *notices(plan), resources(plan, violations)]


def services(plan: Plan) -> list[Section]:
    """Return where each service runs, if the Plan says so."""
    return [Section("", [Text(line) for line in places(plan)], weight=0)] if plan.moorings else []


def policies(plan: Plan, violations: Sequence[Violation], rules: int = 0, judged: int = 0) -> Section:
    """Return every violation with the resource's place in the program, or that there is none.

    ``rules`` and ``judged`` are how many rules looked at how many resources: no violations of nothing says little.
    """
    looked = f"{plural(rules, 'rule')} on {plural(judged, 'resource')}" if rules else ""
    facts = [Span(str(len(violations)) if violations else "None", level_mark(violations))]
    for level, count in by_level(violations).items():
        facts += [Span(f"{count} {level}", "bad" if level == MANDATORY else "warn")] if count else []
    return Section(
        "Policies",
        [findings(violations, plan.resources)] if violations else [],
        headline=f"{verdict(violations)} ({looked})" if looked else verdict(violations),
        mark="" if violations else "ok",
        anchor="policies",
        weight=2,
        facts=[*facts, Span(looked, "muted")] if looked else facts,
    )


def level_mark(violations: Sequence[Violation]) -> Mark:
    """Return how bad it is in whole."""
    return "bad" if any(one.level == MANDATORY for one in violations) else "warn" if violations else "ok"


def findings(violations: Sequence[Violation], resources: Sequence[Resource] = ()) -> Table:
    """Return violations, the worst first: a row each, with the resource's place in the program."""
    known = {resource.urn: resource for resource in resources}

    def row(one: Violation) -> Sequence[Line]:
        resource = known.get(one.resource)
        name = f"{kind(resource)} {resource.name}" if resource else one.resource.rsplit("::", 1)[-1]
        where: list[str | Span] = [Span(name, "code", one.resource)]
        if resource and resource.source:
            where += ["\n", Span(resource.source, "code")]
        level = Span(one.label, level_mark([one]))
        return [level], [Span(one.policy, "code")], where, "\n".join(one.explanation)

    return Table(("level", "policy", "resource", "what to change"), list(map(row, ordered(violations))), heads=2)


def outputs(plan: Plan) -> list[Section]:
    """Return the stack's outputs, if there are any."""
    title = f"Outputs ({len(plan.outputs)})"
    return [Section(title, [Values(plan.outputs)], anchor="outputs")] if plan.outputs else []


def notices(plan: Plan) -> list[Section]:
    """Return what the program and its config had to say, the worst first."""
    by_urn = {resource.urn: resource for resource in plan.resources}
    blocks = []
    for level in _LEVELS:
        found = [one for one in plan.notices if one.level == level]
        lines: list[Line] = []
        for one in found:
            about = by_urn.get(one.resource or "")
            link: Line = [" (", Span(about.name, "code", about.urn), ")"] if about else ""
            lines.append([one.message, *link])
        blocks += [Notes(level, lines)] if lines else []
    return [Section("Notices", blocks, anchor="notices", weight=3)] if blocks else []


def resources(plan: Plan, violations: Sequence[Violation]) -> Section:
    """Return the resources under their components, each with its marks, and the counts a package."""
    children = children_of(plan)
    worst = {violation.resource: violation for violation in reversed(ordered(violations))}
    rows: list[tuple[int, Line]] = []
    waiting = [(one, 0, "") for one in reversed(children.get(None, ()))]
    while waiting:
        resource, depth, parent = waiting.pop()
        rows.append((depth, _label(resource, parent, worst.get(resource.urn))))
        waiting += [(child, depth + 1, resource.name) for child in reversed(children.get(resource.urn, ()))]
    return Section(
        "Resources",
        [Tree(plan.stack, rows)],
        headline=summary(plan.resources),
        folded=True,
        anchor="resources",
        weight=9,
        facts=[Span(str(len(created(plan.resources))))],
    )


def _label(resource: Resource, parent: str, worst: Violation | None) -> Line:
    prefix, own = split_name(resource.name, parent)
    found = [Span("✗ " if worst.level == MANDATORY else "! ", level_mark([worst]))] if worst else []
    said = marks(resource)
    return [
        *found,
        Span(kind(resource), _COLOURED.get(package(resource.type), "") if resource.custom else "strong"),
        " ",
        Span(prefix, "muted"),
        Span(own, "" if resource.custom else "strong"),
        *([Span(f" ({', '.join(said)})", "muted")] if said else []),
    ]
