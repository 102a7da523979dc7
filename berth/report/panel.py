"""Everything the page says about one stack."""

from __future__ import annotations

from html import escape

from berth.render.html import facts, line, section, under
from berth.report.stack_report import StackReport
from berth.report.tree import Tree, colour
from berth.views.common import counts, created, plural, verdict
from berth.views.plan_view import places
from berth.views.section import Section


def tab(report: StackReport, anchor: str) -> str:
    """Return what a stack is chosen by: its name, its verdict, and what a reviewer wants first of each section."""
    shown = [one for one in report.sections if one.anchor not in ("policies", "resources")]
    # A verdict of the policies alone would be too good where data is lost: that stands first.
    lost = "".join(facts(one.facts) for one in shown if one.anchor == "losses")
    lines = "".join(facts(one.facts) for one in shown if one.anchor != "losses")
    where = "".join(f'<span class="where">{escape(place)}</span>' for place in places(report.plan))
    return (
        f'<a class="tab {report.mark}" href="#{anchor}" id="{anchor}-tab">'
        f"<strong>{escape(report.plan.stack)}</strong>{where}"
        f'{lost}<span class="verdict"><span class="dot"></span>{escape(verdict(report.violations))}</span>{lines}'
        f'<span class="size">{plural(len(created(report.plan.resources)), "resource")}</span></a>'
    )


def panel(report: StackReport, anchor: str) -> str:
    """Return one stack: cards, then all of its sections, of which the resources can be searched."""
    tree = Tree(report.plan, report.violations, anchor)
    shown = [one for one in report.sections if one.anchor]
    blocks = [
        _resources(one, report, tree, f"{anchor}-resources")
        if one.anchor == "resources"
        else section(one, f"{anchor}-{escape(one.anchor)}", tree.place)
        for one in shown
    ]
    links = "".join(f'<a href="#{anchor}-{escape(one.anchor)}">{escape(one.title)}</a>' for one in shown)
    where = "".join(f'<p class="where">{line(place)}</p>' for place in places(report.plan))
    return (
        f'<section class="panel" id="{anchor}" aria-labelledby="{anchor}-title" data-tab="{anchor}-tab">'
        f'<h2 id="{anchor}-title">{escape(report.plan.stack)}</h2>{where}'
        f'<div class="cards">{"".join(_card(one, report) for one in shown if one.facts or one.headline)}</div>'
        f'<nav class="local" aria-label="Sections of {escape(report.plan.stack)}">{links}</nav>'
        f"{''.join(blocks)}</section>"
    )


def _card(content: Section, report: StackReport) -> str:
    below = facts(content.facts[1:])
    figure, name = content.headline, "headline"
    if content.facts:
        figure, name = content.facts[0].text, content.facts[0].mark
        # Words need more room than a number.
        name += "" if figure.isdigit() or figure == "None" else " headline"
    if content.anchor == "resources":
        packages = counts(report.plan.resources)
        bar = "".join(f'<i class="{colour(name)}" style="flex:{count}"></i>' for name, count in packages)
        legend = "".join(
            f'<li><i class="{colour(name)}"></i>{escape(name)} <b>{count}</b></li>' for name, count in packages
        )
        below = f'<div class="bar" aria-hidden="true">{bar}</div><ul class="legend">{legend}</ul>'
    return (
        f'<div class="card {name}"><p class="label">{escape(content.title)}</p>'
        f'<p class="figure">{escape(figure)}</p>{below}</div>'
    )


def _resources(content: Section, report: StackReport, tree: Tree, anchor: str) -> str:
    # Shown by the script, which does what they promise; printed, they are of no use.
    tools = (
        f'<div class="tools" role="search" hidden><label class="sr" for="{anchor}-q">Search resources</label>'
        f'<input type="search" id="{anchor}-q" placeholder="Search names, types and inputs" autocomplete="off" '
        f'spellcheck="false" aria-describedby="{anchor}-n"><kbd aria-hidden="true">/</kbd>'
        f'<span class="matches" id="{anchor}-n" role="status">{plural(len(report.plan.resources), "resource")}</span>'
        '<button type="button" data-do="open">Unfold all</button>'
        '<button type="button" data-do="close">Fold all</button></div>'
    )
    return under(anchor, content, f"{tools}{tree.html()}")
