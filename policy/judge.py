"""Judge the resources of a plan by the rules, with the verdict that the Pulumi CLI's preview gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from .rules.evaluate import evaluate
from .rules.model import Config, Level, Resource, message
from .rules.registry import RULES, rules_for
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


@dataclass(frozen=True)
class Violation:
    """One broken promise."""

    policy: str
    """The rule's id."""
    resource: str
    """The resource's URN."""
    level: str
    """``mandatory`` or ``advisory``."""
    message: str
    """Names resource, container, place, what stands there and what to write; holds no secret."""


def judge(
    resources: Iterable[Planned],
    *,
    unknown: object = UNKNOWN,
    secret: type[Any] = Secret,
    root: Path | None = None,
    config: Mapping[str, Config] | None = None,
    levels: Mapping[str, Level] | None = None,
) -> list[Violation]:
    """Judge each resource by every rule that looks at its type.

    An input that a rule needs and that is unknown breaks the rule, at the rule's own level; elsewhere it is not looked
    at. The answer depends on nothing but the arguments and the Dockerfiles that the resources name.

    Args:
        resources: What is planned; anything with ``urn``, ``type``, ``name`` and ``inputs``.
        unknown: The object that stands for an unknown value in the inputs, compared by identity.
        secret: The class that wraps secrets in the inputs, with the secret in ``value``.
        root: The program's working directory, where relative paths start; by default the current one.
        config: Each rule's configuration, by id.
        levels: Levels that differ from the rules' own, by id.

    Returns:
        The violations, sorted by resource, rule and message.

    Raises:
        ValueError: ``config`` or ``levels`` names a rule that does not exist.
    """
    config, levels = config or {}, levels or {}
    strangers = sorted({*config, *levels} - RULES.keys())
    if strangers:
        raise ValueError(f"no such rule: {', '.join(strangers)}; the rules are {', '.join(RULES)}")
    root = root or Path.cwd()
    violations: list[Violation] = []
    for resource in resources:
        active = [rule for rule in rules_for(resource.type) if levels.get(rule.id, rule.level) is not Level.OFF]
        if not active:
            continue
        seen = Resource(resource.type, resource.name, Field(_normal(resource.inputs, unknown, secret)), root)
        for rule in active:
            level = levels.get(rule.id, rule.level).value
            for finding in evaluate(rule, seen, config.get(rule.id, {})).findings:
                violations.append(Violation(rule.id, resource.urn, level, message(seen, finding)))
    return sorted(violations, key=lambda one: (one.resource, one.policy, one.message))


def _normal(value: Any, unknown: object, secret: type[Any]) -> Any:
    """Copy inputs with the caller's unknowns and secrets replaced by those of the rules."""
    if value is unknown:
        return UNKNOWN
    if isinstance(value, secret):
        return Secret(_normal(value.value, unknown, secret))
    if isinstance(value, Mapping):
        return {key: _normal(member, unknown, secret) for key, member in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_normal(member, unknown, secret) for member in value]
    return value
