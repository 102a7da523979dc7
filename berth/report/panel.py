"""Everything the page says about one stack."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from berth.report.inputs import pretty, scalar
from berth.report.model import Fact, StackReport
from berth.report.sections import block, prose, section, table
from berth.report.tree import Tree, colour
from berth.views.common import counts, created, ordered, plural, verdict
from berth.views.losses import warnings


def level(report: StackReport) -> str:
    """Return the class that colours a stack's verdict."""
    return "mandatory" if report.stops else "advisory" if report.violations else "fine"


def tab(report: StackReport, anchor: str) -> str:
    """Return what a stack is chosen by: its name, its verdict, and what a reviewer wants first of each section."""
    lines = "".join(_line(extra.facts) for extra in report.sections if extra.facts)
    # A verdict of the policies alone would be too good where data is lost.
    lost = _line([Fact(f"loses data of {plural(len(report.losses), 'resource')}", "bad")]) if report.losses else ""
    return (
        f'<a class="tab {level(report)}" href="#{anchor}" id="{anchor}-tab">'
        f"<strong>{escape(report.plan.stack)}</strong>"
        f'{lost}<span class="verdict"><span class="dot"></span>{escape(verdict(report.violations))}</span>{lines}'
        f'<span class="size">{plural(len(created(report.plan.resources)), "resource")}</span></a>'
    )


def _line(facts: Sequence[Fact]) -> str:
    texts = " ".join(f'<span class="{fact.tone}">{escape(fact.text)}</span>' for fact in facts)
    return f'<span class="facts-line">{texts}</span>'


def panel(report: StackReport, anchor: str) -> str:
    """Return one stack: cards, findings, optional sections, outputs and the tree."""
    tree = Tree(report.plan, report.violations, anchor)
    blocks = []
    if report.losses:
        blocks.append(("losses", "Data loss", _losses(report, f"{anchor}-losses")))
    blocks += [("findings", "Findings", _findings(report, tree, f"{anchor}-findings"))]
    if report.plan.notices:
        blocks.append(("notices", "Notices", _notices(report, tree, f"{anchor}-notices")))
    for extra in report.sections:
        name = f"x-{escape(extra.id)}"
        blocks.append((name, extra.title, section(f"{anchor}-{name}", extra)))
    if report.plan.outputs:
        blocks.append(("outputs", "Outputs", _outputs(report, f"{anchor}-outputs")))
    blocks.append(("resources", "Resources", _resources(report, tree, f"{anchor}-resources")))
    links = "".join(f'<a href="#{anchor}-{name}">{escape(title)}</a>' for name, title, _ in blocks)
    return (
        f'<section class="panel" id="{anchor}" aria-labelledby="{anchor}-title" data-tab="{anchor}-tab">'
        f'<h2 id="{anchor}-title">{escape(report.plan.stack)}</h2>{_cards(report)}'
        f'<nav class="local" aria-label="Sections of {escape(report.plan.stack)}">{links}</nav>'
        f"{''.join(markup for _, _, markup in blocks)}</section>"
    )


def _cards(report: StackReport) -> str:
    packages = counts(report.plan.resources)
    bar = "".join(f'<i class="{colour(name)}" style="flex:{count}"></i>' for name, count in packages)
    legend = "".join(
        f'<li><i class="{colour(name)}"></i>{escape(name)} <b>{count}</b></li>' for name, count in packages
    )
    judged = f"{plural(report.rules, 'rule')} on {plural(report.resources, 'resource')}" if report.rules else ""
    cards = [
        _card(
            "Findings",
            str(len(report.violations)) if report.violations else "None",
            f'<ul class="legend"><li class="mandatory"><i></i>mandatory <b>{report.mandatory}</b></li>'
            f'<li class="advisory"><i></i>advisory <b>{report.advisory}</b></li></ul><p>{judged}</p>',
            "mandatory" if report.mandatory else "advisory" if report.violations else "fine",
        )
    ]
    if report.losses:
        cards.insert(0, _card("Data loss", str(len(report.losses)), "", "bad"))
    for extra in report.sections:
        if extra.facts:
            first, *rest = extra.facts
            cards.append(_card(extra.title, escape(first.text), _line(rest), f"headline {first.tone}"))
        elif extra.headline:
            cards.append(_card(extra.title, escape(extra.headline), "", "headline"))
    bars = f'<div class="bar" aria-hidden="true">{bar}</div><ul class="legend">{legend}</ul>'
    cards.append(_card("Resources", str(len(created(report.plan.resources))), bars))
    return f'<div class="cards">{"".join(cards)}</div>'


def _card(title: str, figure: str, below: str, name: str = "") -> str:
    return f'<div class="card {name}"><p class="label">{escape(title)}</p><p class="figure">{figure}</p>{below}</div>'


def _findings(report: StackReport, tree: Tree, anchor: str) -> str:
    if not report.violations:
        looked = f" {plural(report.rules, 'rule')} looked at {plural(report.resources, 'resource')}."
        return block(anchor, "Findings", f'<p class="empty">No violations.{looked if report.rules else ""}</p>')
    rows = []
    for hit in ordered(report.violations):
        source = tree.source(hit.resource)
        where = tree.link(hit.resource) + (f"<br><code>{escape(source)}</code>" if source else "")
        badge = f'<span class="badge {escape(hit.level)}">{escape(hit.label)}</span>'
        lines = "<br>".join(map(prose, hit.explanation))
        rows.append([badge, f"<strong>{escape(hit.policy)}</strong><br>{lines}", where])
    body = table(["Level", "Policy and what to change", "Resource"], rows, name="rows findings")
    return block(anchor, "Findings", body, str(len(rows)))


def _losses(report: StackReport, anchor: str) -> str:
    items = "".join(f'<li class="notice error">{prose(line)}</li>' for line in warnings(report.losses))
    return block(anchor, "Data loss", f'<ul class="notices">{items}</ul>', str(len(report.losses)))


def _notices(report: StackReport, tree: Tree, anchor: str) -> str:
    items = "".join(
        f'<li class="notice {escape(notice.level)}"><strong>{escape(notice.level)}</strong> {prose(notice.message)}'
        f"{f' {tree.link(notice.resource)}' if notice.resource else ''}</li>"
        for notice in report.plan.notices
    )
    return block(anchor, "Notices", f'<ul class="notices">{items}</ul>', str(len(report.plan.notices)))


def _outputs(report: StackReport, anchor: str) -> str:
    values = report.plan.outputs
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{_output(values[name])}</dd></div>" for name in sorted(values))
    return block(anchor, "Outputs", f'<dl class="outputs">{items}</dl>', str(len(values)))


def _output(value: object) -> str:
    if isinstance(value, dict | list | tuple) and value:
        return f'<pre class="inputs">{pretty(value)}</pre>'
    return f"<code>{scalar(value)}</code>"


def _resources(report: StackReport, tree: Tree, anchor: str) -> str:
    total = len(report.plan.resources)
    # Shown by the script, which does what they promise; printed, they are of no use.
    tools = (
        f'<div class="tools" role="search" hidden><label class="sr" for="{anchor}-q">Search resources</label>'
        f'<input type="search" id="{anchor}-q" placeholder="Search names, types and inputs" autocomplete="off" '
        f'spellcheck="false" aria-describedby="{anchor}-n"><kbd aria-hidden="true">/</kbd>'
        f'<span class="matches" id="{anchor}-n" role="status">{plural(total, "resource")}</span>'
        '<button type="button" data-do="open">Unfold all</button>'
        '<button type="button" data-do="close">Fold all</button></div>'
    )
    return block(anchor, "Resources", f"{tools}{tree.html()}", str(len(created(report.plan.resources))))
