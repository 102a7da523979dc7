"""Exemptions: what need not keep a rule, why, and until when; and what a preview may leave to the engine's own check.

Both are settings of one entry of the pack's configuration, as the CLI takes settings only under a policy's name.
An exemption is narrow on purpose: it names what it excuses, says why, and ends. It excuses only what it surely matches.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, Final

from .rule import Config, Finding, Level, Resource, Severity, StackRule
from .values import Field, Unreadable

_TEXT: Final = {"type": "string", "pattern": r"\S"}
_SELECTORS: Final = {
    "resource": "A URN, or a type and a name: kubernetes:apps/v1:DaemonSet::aws-node.",
    "namespace": "A namespace of Kubernetes that the resource itself names.",
    "image": "A container's image; * stands for any text.",
    "container": "A container's name.",
}

EXEMPTIONS: Final = StackRule(
    id="pack-exemptions",
    description="Every exemption is in force and needed; those that are, are listed.",
    remediation="Mend what is exempt and remove the exemption, or set a new date with someone who answers for it.",
    level=Level.ADVISORY,
    severity=Severity.LOW,
    frameworks=("Well-Architected: Security",),
    applies=lambda _: False,
    check=lambda resource, stack, config: (),
    config={
        "exemptions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "rules": {
                        "type": "array",
                        "items": _TEXT,
                        "description": "Ids of rules; * stands for any text: kubernetes-*.",
                    },
                    **{key: _TEXT | {"description": text} for key, text in _SELECTORS.items()},
                    "reason": _TEXT | {"description": "Why it is needed; each report shows it."},
                    "expires": {
                        "type": "string",
                        "pattern": r"^\d{4}-\d{2}-\d{2}$",
                        "description": "The last day on which it holds, in UTC, such as 2027-01-31.",
                    },
                },
                "required": ["rules", "reason", "expires"],
                "additionalProperties": False,
            },
            "description": "What need not keep a rule, why, and until when.",
            "default": [],
        },
        "unknownAtPreview": {
            "type": "string",
            "enum": ["mandatory", "advisory"],
            "description": "What a mandatory rule does at a preview where it needs a value that is not known yet. "
            "With advisory, the engine's check before creation decides.",
            "default": "mandatory",
        },
    },
)


@dataclass(frozen=True)
class Exemption:
    """One exemption as the configuration writes it."""

    rules: tuple[str, ...]
    reason: str
    expires: date
    resource: str = ""
    namespace: str = ""
    image: str = ""
    container: str = ""

    def __str__(self) -> str:
        """Name it by what it selects: ``ecs-non-root of container 'router'``."""
        selectors = " and ".join(f"{key} {getattr(self, key)!r}" for key in _SELECTORS if getattr(self, key))
        return f"the exemption from {', '.join(self.rules)} of {selectors}"

    def excuses(self, rule: str, resource: Resource, finding: Finding) -> bool:
        """Tell whether it excuses a finding; where it cannot tell, it does not."""
        return (
            any(fnmatchcase(rule, pattern) for pattern in self.rules)
            and self.resource in ("", resource.urn, f"{resource.type}::{resource.name}")
            and self.container in ("", finding.container)
            and (not self.namespace or _namespace(resource) == self.namespace)
            and (not self.image or _runs(resource.inputs, finding.path, self.image))
        )


def exemptions(settings: Config) -> tuple[Exemption, ...]:
    """Read the exemptions of a configuration without problems."""
    return tuple(
        Exemption(**{**one, "rules": tuple(one["rules"]), "expires": date.fromisoformat(one["expires"])})
        for one in settings.get("exemptions", ())
    )


def exemption_problems(settings: Mapping[str, Any], rules: Collection[str]) -> Iterator[str]:
    """Yield what a schema cannot see in settings that fit it: days that do not exist, rules that nobody has."""
    for index, one in enumerate(settings.get("exemptions", ())):
        where = f"{EXEMPTIONS.id}: exemptions [{index}]"
        try:
            date.fromisoformat(one["expires"])
        except ValueError:
            yield f"{where} expires must be a day such as 2027-01-31"
        if not one["rules"]:
            yield f"{where} rules must name at least one rule"
        for pattern in one["rules"]:
            if not any(fnmatchcase(rule, pattern) for rule in rules):
                yield f"{where} rules: no such rule: {pattern}; policy/RULES.md lists all"
        if not one.keys() & _SELECTORS.keys():
            yield f"{where} must say of what: {', '.join(_SELECTORS)}; a rule's level is for a whole stack"


def _namespace(resource: Resource) -> str | None:
    """Return the namespace that an object of Kubernetes or a Helm release names; the provider's default is not seen."""
    try:
        if not resource.type.startswith("kubernetes:"):
            return None
        return resource.inputs.at("metadata", "namespace").text() or resource.inputs.at("namespace").text()
    except Unreadable:
        return None


def _runs(inputs: Field, path: str, image: str) -> bool:
    """Tell whether the innermost object around a place that names an image, so the container, names this one."""
    found, here = "", inputs
    try:
        for step in re.findall(r"\[\d+\]|[^.\[]+", path):
            if here.is_text():
                here = here.parsed(json.loads)
            if step[0] == "[":
                here = here.items()[int(step[1:-1])]
            else:
                found = here.at("image").text() or found
                here = here.at(step)
    except (Unreadable, ValueError, IndexError):
        return False
    return bool(found) and fnmatchcase(found, image)
