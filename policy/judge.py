"""Judge the resources of a plan by the rules, with the verdict that the Pulumi CLI's preview gives."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from .rules.bench import Bench
from .rules.config import ConfigError, setting_problems
from .rules.registry import rules_for
from .rules.rule import Config, Level, Resource, Rule, Stack, StackRule
from .rules.values import UNKNOWN, Field, Secret

__all__ = ["Planned", "Violation", "judge"]


class Planned(Protocol):
    """What is judged of a resource."""

    @property
    def urn(self) -> str:
        """Its URN; a violation carries it on."""

    @property
    def type(self) -> str:
        """Its type token, e.g. ``kubernetes:apps/v1:Deployment``."""

    @property
    def name(self) -> str:
        """Its name, as messages call it."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Its inputs as plain data."""

    @property
    def parent(self) -> str | None:
        """Its parent's URN, if it has one."""

    @property
    def property_dependencies(self) -> Mapping[str, Collection[str]]:
        """For each input, the URNs of the resources whose outputs it is made of."""


@dataclass(frozen=True)
class Violation:
    """One broken promise."""

    policy: str
    """The rule's id."""
    resource: str
    """The resource's URN; empty where it is the configuration that breaks it."""
    level: str
    """``mandatory`` or ``advisory``."""
    message: str
    """Names resource, container, place, what stands there and what to write; holds no secret."""
    severity: str
    """How bad it is: ``low``, ``medium``, ``high`` or ``critical``."""
    remediation: str
    """How a breach of the rule is mended, wherever it is."""
    frameworks: tuple[str, ...]
    """The published controls that the rule answers to, e.g. ``AWS Security Hub: RDS.5``."""


def judge(
    resources: Iterable[Planned],
    *,
    unknown: object = UNKNOWN,
    secret: type[Any] = Secret,
    root: Path | None = None,
    config: Mapping[str, Config] | None = None,
    levels: Mapping[str, Level] | None = None,
    production: bool = False,
    preview: bool = False,
    today: date = date.max,
) -> list[Violation]:
    """Judge each resource by every rule that looks at its type.

    An input that a rule needs and that is unknown breaks the rule, at the rule's own level; elsewhere it is not looked
    at. The answer depends on nothing but the arguments and the files that the resources name.

    Args:
        resources: All that is planned; anything with the attributes of ``Planned``.
        unknown: The object that stands for an unknown value in the inputs, compared by identity.
        secret: The class that wraps secrets in the inputs, with the secret in ``value``.
        root: The program's working directory, where relative paths start; by default the current one.
        config: Each rule's configuration, by id.
        levels: Levels that differ from the rules' own, by id.
        production: Whether the stack's own config marks it as one that holds what must not be lost; a rule's
            configuration may say otherwise.
        preview: Whether the inputs are a preview's, which the configuration may let pass with unknown values.
        today: The day, in UTC, that ends exemptions; without it none of them holds.

    Returns:
        The violations, sorted by resource, rule and message.

    Raises:
        ConfigError: ``config`` or ``levels`` says what no rule knows.
    """
    config, levels = config or {}, levels or {}
    problems = [one for name in sorted({*config, *levels}) for one in setting_problems(name, config.get(name, {}))]
    if problems:
        raise ConfigError(problems)
    roots = (root or Path.cwd(),)

    def seen(one: Planned) -> Resource:
        inputs = Field(_normal(one.inputs, unknown, secret))
        return Resource(one.type, one.name, inputs, roots, one.urn, one.parent or "", one.property_dependencies)

    stack = Stack(seen(one) for one in resources)
    bench = Bench(levels, config, production=production, preview=preview, today=today)
    said = [
        one
        for resource in stack.resources
        for kind in (Rule, StackRule)
        for one in bench.judge(resource, [rule for rule in rules_for(resource.type) if isinstance(rule, kind)], stack)[
            0
        ]
    ]
    violations = [
        Violation(
            one.rule.id,
            one.urn,
            one.level.value,
            one.text,
            one.rule.severity.value,
            one.rule.remediation,
            one.rule.frameworks,
        )
        for one in (*said, *bench.stale())
    ]
    return sorted(violations, key=lambda one: (one.resource, one.policy, one.message))


def _normal(value: Any, unknown: object, secret: type[Any]) -> Any:
    """Copy inputs with the caller's unknowns and secrets replaced by those of the rules."""
    if value is unknown:
        return UNKNOWN
    if isinstance(value, str):
        return value
    if isinstance(value, secret):
        return Secret(_normal(value.value, unknown, secret))
    if isinstance(value, Mapping):
        return {key: _normal(member, unknown, secret) for key, member in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_normal(member, unknown, secret) for member in value]
    return value
