"""The rules as CrossGuard policies, for the Pulumi CLI."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import pulumi_policy as crossguard
from pulumi_policy.proxy import UnknownValueError

from .config import CONFIGURABLE, in_stack
from .evaluate import evaluate
from .program import language_host_directory, program_directories
from .rule import AnyRule, Level, Outcome, Resource, Rule, Stack, StackRule, message
from .values import UNKNOWN, Field
from .wire import Properties

LEVELS: Final = {
    Level.MANDATORY: crossguard.EnforcementLevel.MANDATORY,
    Level.ADVISORY: crossguard.EnforcementLevel.ADVISORY,
    Level.OFF: crossguard.EnforcementLevel.DISABLED,
}


class Session:
    """What the policies of one pack know together, beside the resource that they are asked about."""

    def __init__(self) -> None:
        self.inputs: dict[str, Mapping[str, Any]] = {}
        """The inputs of the resources that were judged so far, by URN."""


def policies(session: Session | None = None) -> list[crossguard.Policy]:
    """Return one policy a rule; any pack may hold them beside its own."""
    known = session or Session()
    return [_policy(rule, known) for rule in CONFIGURABLE.values()]


def _policy(rule: AnyRule, session: Session) -> crossguard.Policy:
    about: dict[str, Any] = {
        "name": rule.id,
        "description": rule.description,
        "enforcement_level": LEVELS[rule.level],
        "config_schema": _schema(rule),
        "severity": crossguard.Severity(rule.severity.value),
        "framework": framework(rule.frameworks[0]),
        "tags": list(rule.frameworks),
        "remediation_steps": rule.remediation,
    }
    if isinstance(rule, StackRule):
        return crossguard.StackValidationPolicy(validate=_validate_stack(rule, session), **about)
    return crossguard.ResourceValidationPolicy(validate=_validate(rule, session), **about)


def framework(control: str) -> crossguard.PolicyComplianceFramework:
    """Return a control as the protocol has it: ``CIS AWS Foundations 5.0.0: 2.2.4`` is a name, a version, a reference.

    The protocol has room for one control; the tags name all of them.
    """
    title, _, reference = control.partition(": ")
    name, _, version = title.rpartition(" ")
    if not version[:1].isdigit():
        name, version = title, ""
    return crossguard.PolicyComplianceFramework(name, version or None, reference or None)


def _schema(rule: AnyRule) -> crossguard.PolicyConfigSchema | None:
    if not rule.config:
        return None
    # The CLI sends defaults as if they had been written: the stack's own config would never be asked.
    schemas = {
        key: {word: value for word, value in schema.items() if word != "default"} for key, schema in rule.config.items()
    }
    return crossguard.PolicyConfigSchema(properties=schemas)


def _validate(
    rule: Rule, session: Session
) -> Callable[[crossguard.ResourceValidationArgs, crossguard.ReportViolation], None]:
    def validate(args: crossguard.ResourceValidationArgs, report: crossguard.ReportViolation) -> None:
        session.inputs[args.urn] = args.props
        if not rule.applies(args.resource_type):
            args.not_applicable()
        # The SDK turns an unknown that escapes into an advisory note, and any other exception ends the whole run.
        inputs = Field(plain(args.props))
        resource = Resource(args.resource_type, args.name, inputs, program_roots(), args.urn)
        verdict = evaluate(rule, resource, in_stack(rule, args.get_config(), False))
        if verdict.outcome is Outcome.NOT_APPLICABLE:
            args.not_applicable()
        for finding in verdict.findings:
            report(guided(rule, message(resource, finding)), args.urn)

    return validate


def _validate_stack(
    rule: StackRule, session: Session
) -> Callable[[crossguard.StackValidationArgs, crossguard.ReportViolation], None]:
    def validate(args: crossguard.StackValidationArgs, report: crossguard.ReportViolation) -> None:
        if not any(rule.applies(one.resource_type) for one in args.resources):
            args.not_applicable()
        config = in_stack(rule, args.get_config(), False)
        stack = Stack(_member_of_stack(one, session.inputs) for one in args.resources)
        for resource in stack.resources:
            for finding in evaluate(rule, resource, config, stack).findings:
                report(guided(rule, message(resource, finding)), resource.urn)

    return validate


def guided(rule: AnyRule, text: str) -> str:
    """Return what the CLI prints below the rule's description.

    It prints a diagnostic's severity and message, and of the rule itself nothing: what is not in the message is only
    seen in Pulumi Cloud (pulumi: pkg/backend/display/diff.go, renderDiffPolicyViolationEvent).
    """
    return f"{text}\n{rule.guidance}"


def _member_of_stack(one: crossguard.PolicyResource, inputs: Mapping[str, Mapping[str, Any]]) -> Resource:
    """Return a resource with its inputs, which the engine has shown before.

    What it shows of a stack are outputs: before a first ``pulumi up``, what the program leaves out is unknown in them.
    """
    return Resource(
        one.resource_type,
        one.name,
        Field(plain(inputs.get(one.urn, one.props))),
        program_roots(),
        one.urn,
        one.parent.urn if one.parent else "",
        {key: [other.urn for other in others] for key, others in one.property_dependencies.items()},
    )


def plain(value: Any) -> Any:
    """Turn the SDK's proxies, which throw at an unknown, into plain data with ``UNKNOWN`` in its place."""
    if isinstance(value, Properties):
        return value
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
def program_roots() -> tuple[Path, ...]:
    """Return the directory, or each directory that it may be, where the program's relative paths start."""
    return program_directories(
        project=os.environ.get("PULUMI_PROJECT"),
        shell=Path(os.environ.get("PWD") or "."),
        pack=Path(__file__).parent,
        host=language_host_directory(os.getpid()),
    )
