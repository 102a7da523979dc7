"""The rules as CrossGuard policies, for the Pulumi CLI."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import pulumi_policy as crossguard
import yaml
from pulumi_policy.proxy import UnknownValueError

from .evaluate import evaluate
from .model import Level, Outcome, Resource, Rule, message
from .registry import RULES
from .values import UNKNOWN, Field

_LEVELS: Final = {
    Level.MANDATORY: crossguard.EnforcementLevel.MANDATORY,
    Level.ADVISORY: crossguard.EnforcementLevel.ADVISORY,
    Level.OFF: crossguard.EnforcementLevel.DISABLED,
}


def policies() -> list[crossguard.Policy]:
    """Return one policy a rule."""
    return [_policy(rule) for rule in RULES.values()]


def _policy(rule: Rule) -> crossguard.Policy:
    return crossguard.ResourceValidationPolicy(
        name=rule.id,
        description=rule.description,
        validate=_validate(rule),
        enforcement_level=_LEVELS[rule.level],
        config_schema=crossguard.PolicyConfigSchema(properties={k: dict(v) for k, v in rule.config.items()})
        if rule.config
        else None,
        severity=crossguard.Severity(rule.severity.value),
        framework=crossguard.PolicyComplianceFramework(name=rule.frameworks[0]),
        tags=list(rule.frameworks),
        remediation_steps=rule.remediation,
    )


def _validate(rule: Rule) -> Callable[[crossguard.ResourceValidationArgs, crossguard.ReportViolation], None]:
    def validate(args: crossguard.ResourceValidationArgs, report: crossguard.ReportViolation) -> None:
        if not rule.applies(args.resource_type):
            args.not_applicable()
        # The SDK turns an unknown that escapes into an advisory note, and any other exception ends the whole run.
        resource = Resource(args.resource_type, args.name, Field(plain(args.props)), program_directory())
        verdict = evaluate(rule, resource, args.get_config())
        if verdict.outcome is Outcome.NOT_APPLICABLE:
            args.not_applicable()
        for finding in verdict.findings:
            report(message(resource, finding), args.urn)

    return validate


def plain(value: Any) -> Any:
    """Turn the SDK's proxies, which throw at an unknown, into plain data with ``UNKNOWN`` in its place."""
    if isinstance(value, Mapping):
        return {key: _member(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_member(value, index) for index in range(len(value))]
    return value


def _member(container: Any, key: object) -> Any:
    try:
        return plain(container[key])
    except UnknownValueError:
        return UNKNOWN


@cache
def program_directory() -> Path:
    """Return the directory that the program runs in, where its relative paths start.

    The CLI runs a pack in the pack's own directory and does not tell the program's; the shell's and the pack's
    parents are searched for the project of the name that the CLI gives.
    """
    project = os.environ.get("PULUMI_PROJECT")
    fallback = Path(os.environ.get("PWD") or Path.cwd())
    for directory in _candidates():
        file = directory / "Pulumi.yaml"
        try:
            settings = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError):
            continue
        if isinstance(settings, dict) and project in (None, settings.get("name")):
            return directory / str(settings.get("main") or ".")
    return fallback


def _candidates() -> Iterator[Path]:
    for start in (Path(os.environ.get("PWD") or "."), Path(__file__).parent):
        directory = start.resolve()
        yield from (directory, *directory.parents)
