"""Run one rule on one resource, so that nothing passes which was not judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from .rule import AnyRule, Config, Finding, NotApplicable, Outcome, Resource, Stack, StackRule, Verdict
from .values import Unreadable

Item = TypeVar("Item")


def evaluate(rule: AnyRule, resource: Resource, config: Config, stack: Stack | None = None) -> Verdict:
    """Judge a resource by one rule; without ``stack`` it stands alone.

    An input that is unknown or malformed, and a rule that throws, are findings: the rule's verdict would be a guess.
    """
    if not rule.applies(resource.type):
        return Verdict(Outcome.NOT_APPLICABLE)
    findings: set[Finding] = set()
    try:
        for finding in _check(rule, resource, config, stack):
            findings.add(finding)
    except NotApplicable:
        return Verdict(Outcome.NOT_APPLICABLE)
    except Unreadable as error:
        findings.add(Finding.unreadable(error))
    except Exception as error:
        # The exception's text may quote an input, so only its type is told.
        found = f"something that the rule could not judge ({type(error).__name__})"
        place = resource.inputs.last_read()
        findings.add(Finding(place, found, f"a value that rule {rule.id} can read"))
    if not findings:
        return Verdict(Outcome.COMPLIANT)
    return Verdict(Outcome.NON_COMPLIANT, tuple(sorted(findings)))


def _check(rule: AnyRule, resource: Resource, config: Config, stack: Stack | None) -> Iterable[Finding]:
    if isinstance(rule, StackRule):
        return rule.check(resource, stack or Stack([resource]), config)
    return rule.check(resource, config)


def each(
    items: Iterable[Item], check: Callable[[Item], Iterable[Finding]], name: Callable[[Item], str] = lambda _: ""
) -> Iterator[Finding]:
    """Check every item; one that cannot be read is a finding and does not hide the others."""
    for item in items:
        try:
            yield from check(item)
        except Unreadable as error:
            yield Finding.unreadable(error, container=name(item))
