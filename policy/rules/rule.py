"""What a rule is, and what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final, TypedDict

from .values import Field, Malformed, UnknownInput, Unreadable

Config = Mapping[str, Any]
"""One rule's configuration, as the pack's config file gives it."""


class Level(Enum):
    """What a finding does to a deployment."""

    MANDATORY = "mandatory"
    """Stops it."""
    ADVISORY = "advisory"
    """Is printed."""
    OFF = "off"
    """The rule does not run unless a config turns it on."""


class Severity(Enum):
    """How bad a finding is; it sorts reports and stops nothing."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Outcome(Enum):
    """A rule's answer on one resource."""

    COMPLIANT = "compliant"
    NON_COMPLIANT = "non-compliant"
    NOT_APPLICABLE = "not applicable"


class NotApplicable(Exception):
    """Raised by a check when its rule has nothing to say on this resource."""


@dataclass(frozen=True, order=True)
class Finding:
    """One place in a resource that breaks a rule."""

    path: str
    """Where: ``spec.containers[0].securityContext.runAsUser``."""
    found: str
    """What stands there, fit to print."""
    write: str
    """What to write instead."""
    container: str = ""
    """The container it is about; empty for the whole pod, task or image."""
    unknown: bool = False
    """Whether the rule needs a value that exists only after ``pulumi up``."""
    malformed: bool = False
    """Whether the rule cannot read what stands there."""

    @classmethod
    def at(cls, place: Field, write: str, *, container: str = "", found: str = "") -> Finding:
        """Say that what stands at ``place`` is wrong."""
        return cls(place.path, found or place.shown(), write, container)

    @classmethod
    def unreadable(cls, error: Unreadable, *, container: str = "") -> Finding:
        """Say that the rule could not judge: a pass would be a guess."""
        kinds = isinstance(error, UnknownInput), isinstance(error, Malformed)
        return cls(error.path, error.found, error.write, container, *kinds)


@dataclass(frozen=True)
class Resource:
    """What a rule sees of a resource."""

    type: str
    """Type token, e.g. ``aws:ecs/taskDefinition:TaskDefinition``."""
    name: str
    inputs: Field
    roots: tuple[Path, ...] = (Path(),)
    """Where relative paths in the inputs start: the program's directory, or each that it may be."""
    urn: str = ""
    parent: str = ""
    """URN of the parent; empty where it is unknown or there is none."""
    references: Mapping[str, Collection[str]] = field(default_factory=dict)
    """For each input, the URNs of the resources whose outputs it is made of; known even where the value is not."""


class Stack:
    """All resources of a stack, as a rule sees them."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources: Final = tuple(resources)
        self._by_type: Final[dict[str, list[Resource]]] = {}
        self._by_parent: Final[dict[str, list[Resource]]] = {}
        for one in self.resources:
            self._by_type.setdefault(one.type, []).append(one)
            if one.parent:
                self._by_parent.setdefault(one.parent, []).append(one)

    def of_type(self, *tokens: str) -> list[Resource]:
        """Return the resources of these types."""
        return [one for token in tokens for one in self._by_type.get(token, ())]

    def descendants(self, resource: Resource) -> list[Resource]:
        """Return the resource's children, their children and so on."""
        found = list(self._by_parent.get(resource.urn, ()))
        for one in found:
            found += self._by_parent.get(one.urn, ())
        return found

    def referring(self, resource: Resource, key: str, *tokens: str) -> list[Resource]:
        """Return the resources of these types whose input ``key`` is made of an output of ``resource``.

        A flow log's ``vpcId`` is unknown before the VPC exists; that it is this VPC's is known all the same.
        """
        return [one for one in self.of_type(*tokens) if resource.urn in one.references.get(key, ())]


Check = Callable[[Resource, Config], Iterable[Finding]]
"""Pure but for reading files that the inputs name; may raise NotApplicable or Unreadable."""

StackCheck = Callable[[Resource, Stack, Config], Iterable[Finding]]
"""Judges one resource by what else is in its stack; otherwise like a Check."""


class Texts(TypedDict):
    """What a rule says about itself, for the functions that make rules of one kind; see ``BaseRule``."""

    id: str
    description: str
    remediation: str
    level: Level
    severity: Severity
    frameworks: tuple[str, ...]


_PILLARS: Final = {"SEC": "Security", "REL": "Reliability", "COST": "Cost Optimization"}


def controls(config: str = "", hub: str = "", cis: str = "", well: str = "") -> tuple[str, ...]:
    """Return the controls that a rule on AWS resources answers to, each argument a list with blanks between.

    Args:
        config: Rules of AWS Config.
        hub: Controls of AWS Security Hub.
        cis: Controls of the CIS AWS Foundations Benchmark 5.0.0.
        well: Questions of the Well-Architected Framework, such as ``SEC8``; of its security pillar without one.
    """
    questions = [re.fullmatch("([A-Z]+)([0-9]+)", one) for one in well.split()]
    return (
        *(f"AWS Config: {one}" for one in config.split()),
        *(f"AWS Security Hub: {one}" for one in hub.split()),
        *(f"CIS AWS Foundations 5.0.0: {one}" for one in cis.split()),
        *(f"Well-Architected: {_PILLARS[one[1]]} ({one[1]} {one[2]})" for one in questions if one),
        *(() if questions else ("Well-Architected: Security",)),
    )


@dataclass(frozen=True)
class BaseRule:
    """What a rule of either kind says about itself: how bad a breach is and how to mend it."""

    id: str
    description: str
    """What must be so, in one sentence."""
    remediation: str
    level: Level
    severity: Severity
    frameworks: tuple[str, ...]
    """The published controls that it answers to."""
    applies: Callable[[str], bool]
    """Whether it looks at resources of this type token."""

    @property
    def guidance(self) -> str:
        """How to mend a breach and what the rule answers to, a line each."""
        return f"To mend it: {self.remediation}\nAnswers to: {'; '.join(self.frameworks)}"


@dataclass(frozen=True)
class Rule(BaseRule):
    """A promise that a resource keeps or breaks by itself."""

    check: Check
    config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """JSON schema of each key that this rule's configuration may hold."""


@dataclass(frozen=True)
class StackRule(BaseRule):
    """A promise on each resource of a type that depends on what else is in the stack."""

    check: StackCheck
    config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """JSON schema of each key that this rule's configuration may hold."""


AnyRule = Rule | StackRule


@dataclass(frozen=True)
class Verdict:
    """A rule's answer with its reasons."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()


def message(resource: Resource, finding: Finding) -> str:
    """Put a finding into one line that names resource, container, place, what stands there and what to write."""
    kind = resource.type.rsplit(":", 1)[-1]
    where = f"{kind} '{resource.name}'" + (f", container '{finding.container}'" if finding.container else "")
    return f"{where}: {finding.path} is {finding.found}; write {finding.write}"
