"""The judge's bench: what the rules find, as a configuration has it count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from .config import in_stack
from .evaluate import evaluate
from .exemptions import EXEMPTIONS, Exemption, exemptions
from .rule import AnyRule, Config, Finding, Level, Outcome, Resource, Rule, Severity, Stack, message

PUT_OFF: Final = f"; only advisory at preview, by unknownAtPreview of {EXEMPTIONS.id}: the engine's check decides"
"""What is said of a finding that the engine's check before creation will decide."""

_SEVERITIES: Final = list(Severity)


@dataclass(frozen=True)
class Said:
    """One thing that is said against a resource, or without one against the configuration."""

    rule: AnyRule
    level: Level
    urn: str
    text: str


class Bench:
    """Judges one stack's resources one by one; keeps in mind which exemptions were needed."""

    def __init__(
        self,
        levels: Mapping[str, Level],
        settings: Mapping[str, Config],
        *,
        production: bool = False,
        preview: bool = False,
        today: date = date.max,
    ) -> None:
        """Take what the configuration says, and what decides on its use; without ``today`` no exemption holds."""
        own = settings.get(EXEMPTIONS.id, {})
        self._levels = levels
        self._settings = settings
        self._production = production
        self._puts_off: Final = preview and own.get("unknownAtPreview") == "advisory"
        self._today = today
        self._exemptions = exemptions(own)
        self._needed: set[Exemption] = set()

    def level(self, rule: AnyRule) -> Level:
        """Return the level that a rule has here."""
        return self._levels.get(rule.id, rule.level)

    def judge(
        self, resource: Resource, rules: Iterable[AnyRule], stack: Stack | None = None
    ) -> tuple[list[Said], list[str]]:
        """Judge a resource by rules of one kind; return what is said, and the rules that do not apply."""
        found: list[tuple[AnyRule, Level, Finding]] = []
        excused: dict[Exemption, list[str]] = {}
        not_applicable = []
        for rule in rules:
            level = self.level(rule)
            if level is Level.OFF:
                continue
            config = in_stack(rule, self._settings.get(rule.id, {}), self._production)
            verdict = evaluate(rule, resource, config, stack)
            if verdict.outcome is Outcome.NOT_APPLICABLE:
                not_applicable.append(rule.id)
            for finding in verdict.findings:
                exemption = self._exemption(rule, resource, finding)
                if exemption:
                    excused.setdefault(exemption, []).append(rule.id)
                else:
                    found.append((rule, level, finding))
        said = [self._said(resource, *one) for one in _once(found)]
        return said + [_excused(resource, one, ids) for one, ids in excused.items()], not_applicable

    def stale(self) -> Iterator[Said]:
        """Say, once all is judged, which exemptions are over or were needed by nothing."""
        level = self.level(EXEMPTIONS)
        for one in dict.fromkeys(self._exemptions):
            if level is not Level.OFF and one not in self._needed:
                why = "matches nothing that a rule found" if self._holds(one) else f"ended on {one.expires}"
                yield Said(EXEMPTIONS, level, "", f"{one} {why}; its reason was: {one.reason}")

    def _holds(self, exemption: Exemption) -> bool:
        return self._today <= exemption.expires

    def _exemption(self, rule: AnyRule, resource: Resource, finding: Finding) -> Exemption | None:
        """Return the first exemption that excuses a finding; every one that would is needed."""
        holding = [one for one in self._exemptions if self._holds(one) and one.excuses(rule.id, resource, finding)]
        self._needed.update(holding)
        return holding[0] if holding else None

    def _said(self, resource: Resource, rule: AnyRule, level: Level, finding: Finding, also: str) -> Said:
        # The engine judges a whole stack only when it is there: too late for a rule on stacks to decide then.
        put_off = self._puts_off and finding.unknown and level is Level.MANDATORY and isinstance(rule, Rule)
        text = message(resource, finding) + also + (PUT_OFF if put_off else "")
        return Said(rule, Level.ADVISORY if put_off else level, resource.urn, text)


def _excused(resource: Resource, exemption: Exemption, ids: list[str]) -> Said:
    kind = resource.type.rsplit(":", 1)[-1]
    broken = ", ".join(sorted(set(ids)))
    text = f"{kind} '{resource.name}' breaks {broken} and is exempt until {exemption.expires}: {exemption.reason}"
    return Said(EXEMPTIONS, Level.ADVISORY, resource.urn, text)


def _once(found: list[tuple[AnyRule, Level, Finding]]) -> Iterator[tuple[AnyRule, Level, Finding, str]]:
    """Yield each finding, but one input that several rules cannot read once, under the rule that matters most."""
    malformed: dict[str, list[tuple[AnyRule, Level, Finding]]] = {}
    for one in found:
        if one[2].malformed and isinstance(one[0], Rule):
            malformed.setdefault(one[2].path, []).append(one)
        else:
            yield *one, ""
    for group in malformed.values():
        group.sort(key=lambda one: (one[1] is not Level.MANDATORY, -_SEVERITIES.index(one[0].severity), one[0].id))
        others = sorted({rule.id for rule, _, _ in group} - {group[0][0].id})
        yield *group[0], f"; {', '.join(others)} cannot read it either" if others else ""
