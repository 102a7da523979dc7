"""What every view shares: what a violation is, how values are masked and how types are shortened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from berth.plan import UNKNOWN, Resource, Secret, Value

SECRET: Final = "[secret]"
UNKNOWN_TEXT: Final = "[unknown]"
MANDATORY: Final = "mandatory"
SEVERITIES: Final = ("critical", "high", "medium", "low", "")
"""The worst first; empty where a pack does not say."""


@dataclass(frozen=True)
class Violation:
    """What a policy pack says against one resource."""

    policy: str
    """Name of the policy."""
    resource: str
    """URN of the resource."""
    level: str
    """``mandatory`` or ``advisory``."""
    message: str
    """What is wrong and what to write instead."""
    severity: str = ""
    """How bad it is, one of ``SEVERITIES``."""
    remediation: str = ""
    """How a breach of the policy is mended, wherever it is."""
    frameworks: tuple[str, ...] = ()
    """The published controls that the policy answers to."""
    answer: str = ""
    """The key of the stack's config that mends it, with what to write; empty where only the program can."""

    @property
    def advice(self) -> str:
        """How to mend it: by the stack's config if that can, else in the program."""
        return self.answer or self.remediation

    @property
    def explanation(self) -> list[str]:
        """What is wrong, how to mend it, and what the policy answers to: a line each."""
        controls = f"Answers to: {'; '.join(self.frameworks)}" if self.frameworks else ""
        return [line for line in (self.message, self.advice, controls) if line]

    @property
    def label(self) -> str:
        """Level and severity: ``mandatory, critical``."""
        return f"{self.level}, {self.severity}" if self.severity else self.level


def masked(value: Value) -> Any:
    """Return ``value`` as JSON can hold it, with every secret and unknown replaced by its mark."""
    if isinstance(value, Secret):
        return SECRET
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Mapping):
        return {str(key): masked(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value


def ordered(violations: Iterable[Violation]) -> list[Violation]:
    """Sort violations as the engine does: mandatory first, the worst first, then by policy and resource."""
    return sorted(violations, key=lambda item: (*rank(item), item.policy, item.resource, item.message))


def by_severity(violations: Iterable[Violation]) -> dict[str, int]:
    """Count violations by how bad they are, the worst first."""
    counter = Counter(violation.severity for violation in violations)
    return {severity: counter[severity] for severity in SEVERITIES if counter[severity]}


def rank(violation: Violation) -> tuple[bool, int]:
    """Return what a violation sorts by: the least is the worst."""
    return violation.level != MANDATORY, SEVERITIES.index(violation.severity)


def package(type_token: str) -> str:
    """Return the package a type belongs to: ``aws``; an explicit provider belongs to its own package."""
    parts = type_token.split(":")
    return parts[2] if parts[:2] == ["pulumi", "providers"] and len(parts) > 2 else parts[0]


def short_type(type_token: str) -> str:
    """Return a type as a reader says it.

    ``aws:ecs/taskDefinition:TaskDefinition`` is ``ecs.TaskDefinition``, ``kubernetes:apps/v1:Deployment`` is
    ``apps/v1.Deployment``, ``docker:index/image:Image`` is ``docker.Image`` and ``pulumi:providers:aws`` is
    ``aws.Provider``.
    """
    parts = type_token.split(":")
    if len(parts) < 3:
        return type_token
    if parts[:2] == ["pulumi", "providers"]:
        return f"{parts[2]}.Provider"
    module, name = parts[1], parts[2]
    # A bridged provider names the type in the module again: ecs/taskDefinition. An API group's version stays.
    head, _, tail = module.partition("/")
    if tail.lower() == name.lower():
        module = head
    return f"{parts[0] if module in ('index', '') else module}.{name}"


def kind(resource: Resource) -> str:
    """Return what a resource is called in front of its name: a component just by its class."""
    if resource.custom or resource.remote:
        return short_type(resource.type)
    return resource.type.rsplit(":", 1)[-1]


def created(resources: Iterable[Resource]) -> list[Resource]:
    """Return what a deployment creates: neither components, which only hold others, nor what is read."""
    return [resource for resource in resources if not resource.external and (resource.custom or resource.remote)]


def counts(resources: Iterable[Resource]) -> list[tuple[str, int]]:
    """Count the resources that are created a package, most first."""
    counter = Counter(package(resource.type) for resource in created(resources))
    return sorted(counter.items(), key=lambda item: (-item[1], item[0]))


def plural(count: int, noun: str) -> str:
    """Return ``1 resource`` or ``2 resources``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def summary(resources: Sequence[Resource]) -> str:
    """Return ``54 resources in 5 components: 45 aws, 9 kubernetes``; what is only read comes last."""
    parts = [f"{count} {name}" for name, count in counts(resources)]
    read = sum(resource.external for resource in resources)
    components = len(resources) - read - len(created(resources))
    text = plural(len(created(resources)), "resource")
    text += f" in {plural(components, 'component')}" if components else ""
    text += f": {', '.join(parts)}" if parts else ""
    return f"{text}; {read} only read" if read else text


def by_level(violations: Sequence[Violation]) -> dict[str, int]:
    """Count violations by what they do: the mandatory ones stop a stack, the advisory ones do not."""
    mandatory = sum(item.level == MANDATORY for item in violations)
    return {MANDATORY: mandatory, "advisory": len(violations) - mandatory}


def verdict(violations: Sequence[Violation]) -> str:
    """Return ``no violations`` or how many there are of which level."""
    parts = [f"{count} {level}" for level, count in by_level(violations).items() if count]
    if not parts:
        return "no violations"
    return f"{' and '.join(parts)} {'violation' if len(violations) == 1 else 'violations'}"
