"""The SDK's end of the analyzer protocol, with what it leaves out.

It takes a configuration with unknown names in silence, never looks at the stack's config, forgets which values are
secret, and reads every resource anew for every policy, which takes longer than all rules together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final

import grpc  # type: ignore[import-untyped]
import pulumi_policy as crossguard
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import policy as sdk

from .bench import Bench, Said
from .config import CONFIGURABLE, ConfigError, is_production, setting_problems
from .crossguard import LEVELS, guided, policies, program_roots
from .exemptions import EXEMPTIONS
from .registry import RULES, rules_for
from .rule import Config, Level, Resource, Rule, Stack, StackRule
from .values import Field
from .wire import Properties, properties

_LEVELS: Final = {level: ours for ours, level in LEVELS.items()} | {
    crossguard.EnforcementLevel.REMEDIATE: Level.MANDATORY
}


def serve(name: str) -> None:
    """Serve the rules as a policy pack of this name, for good."""

    class Bound(Servicer):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(lambda: datetime.now(UTC).date(), *args, **kwargs)

    # The SDK has no other way in.
    sdk._PolicyAnalyzerServicer = Bound  # type: ignore[misc]
    crossguard.PolicyPack(name=name, policies=policies())


class Servicer(sdk._PolicyAnalyzerServicer):
    """Answers the engine."""

    def __init__(
        self, today: Callable[[], date], name: str, version: str, policies: list[Any], *args: Any, **kw: Any
    ) -> None:
        super().__init__(name, version, policies, *args, **kw)
        self._today: Final = today
        self._policies: Final = {policy.name: policy for policy in policies}
        self._settings: Mapping[str, Config] = {}
        self._production = False
        self._preview = False
        self._inputs: Final[dict[str, Properties]] = {}
        self._bench = self._new_bench()

    def _new_bench(self) -> Bench:
        return Bench(
            {name: _LEVELS[self._get_enforcement_level(policy)] for name, policy in self._policies.items()},
            self._settings,
            production=self._production,
            preview=self._preview,
            today=self._today(),
        )

    def Configure(self, request: Any, context: Any) -> Any:
        """Take the pack's configuration, or refuse one that says what no rule knows."""
        given = {name: json_format.MessageToDict(one.properties) for name, one in request.policyConfig.items()}
        found = [problem for name in sorted(given) for problem in setting_problems(name, given[name])]
        if found:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(ConfigError(found)))
        answer = super().Configure(request, context)  # type: ignore[no-untyped-call]
        self._settings = given
        self._bench = self._new_bench()
        return answer

    def ConfigureStack(self, request: Any, context: Any) -> Any:
        """Learn what the stack's own config says, and whether this is only a preview."""
        self._production = is_production(request.project, request.config)
        self._preview = request.dry_run
        self._bench = self._new_bench()
        return super().ConfigureStack(request, context)

    def Analyze(self, request: Any, context: Any) -> Any:
        """Judge one resource."""
        response = analyzer_pb2.AnalyzeResponse()
        # The stack's rules need them later, whether or not a rule looks at them now.
        inputs = self._inputs[request.urn] = properties(request.properties)
        resource = Resource(request.type, request.name, Field(inputs), program_roots(), request.urn)
        looking, others = _resource_rules(request.type)
        said, not_applicable = self._bench.judge(resource, looking)
        self._answer(response, said, [*not_applicable, *others])
        return response

    def AnalyzeStack(self, request: Any, context: Any) -> Any:
        """Judge a whole stack."""
        response = analyzer_pb2.AnalyzeResponse()
        stack = Stack(map(self._member, request.resources))
        said: list[Said] = []
        looked: set[str] = set()
        for resource in stack.resources:
            rules = [rule for rule in rules_for(resource.type) if isinstance(rule, StackRule)]
            looked.update(rule.id for rule in rules)
            said += self._bench.judge(resource, rules, stack)[0]
        if self._settings.get(EXEMPTIONS.id, {}).get("exemptions"):
            looked.add(EXEMPTIONS.id)
            said += self._bench.stale()
        stack_rules = (rule.id for rule in CONFIGURABLE.values() if isinstance(rule, StackRule))
        self._answer(response, said, (one for one in stack_rules if one not in looked))
        return response

    def Remediate(self, request: Any, context: Any) -> Any:
        """Change nothing: a rule says what to write, and leaves writing it to who answers for it."""
        return analyzer_pb2.RemediateResponse()

    def _answer(self, response: Any, said: Iterable[Said], not_applicable: Iterable[str]) -> None:
        for one in said:
            policy = self._policies[one.rule.id]
            level = LEVELS[one.level]
            report = self._create_report_violation(response, policy.name, policy.description, level, policy.severity)
            report(guided(one.rule, one.text), one.urn)
        for name in not_applicable:
            if self._bench.level(CONFIGURABLE[name]) is not Level.OFF:
                response.not_applicable.add(policy_name=name)

    def _member(self, one: Any) -> Resource:
        """Return a resource of the stack with its inputs, which the engine has shown before.

        What it shows of a stack are outputs: before a first ``pulumi up``, what a program leaves out is unknown.
        """
        inputs = self._inputs.get(one.urn)
        return Resource(
            one.type,
            one.name,
            Field(properties(one.properties) if inputs is None else inputs),
            program_roots(),
            one.urn,
            one.parent,
            {key: list(made_of.urns) for key, made_of in one.propertyDependencies.items()},
        )


@cache
def _resource_rules(type_token: str) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """Return the rules on resources that look at this type, and the ids of the others."""
    looking = tuple(rule for rule in rules_for(type_token) if isinstance(rule, Rule))
    return looking, tuple(rule.id for rule in RULES.values() if isinstance(rule, Rule) and rule not in looking)
