"""The SDK's end of the analyzer protocol, with what it leaves out.

It takes a configuration with unknown names in silence, never looks at the stack's config, forgets which values are
secret, and reads every resource anew for every policy, which takes longer than all rules together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import grpc  # type: ignore[import-untyped]
import pulumi_policy as crossguard
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import policy as sdk

from .config import ConfigError, is_production, setting_problems
from .crossguard import Session, policies
from .registry import rules_for
from .wire import properties


def serve(name: str) -> None:
    """Serve the rules as a policy pack of this name, for good."""
    session = Session()

    class Bound(Servicer):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(session, *args, **kwargs)

    # The SDK has no other way in.
    sdk._PolicyAnalyzerServicer = Bound  # type: ignore[misc]
    crossguard.PolicyPack(name=name, policies=policies(session))


class Servicer(sdk._PolicyAnalyzerServicer):
    """Answers the engine."""

    def __init__(self, session: Session, name: str, version: str, policies: list[Any], *args: Any, **kw: Any) -> None:
        super().__init__(name, version, policies, *args, **kw)
        self._session: Final = session
        self._all: Final = policies

    def Configure(self, request: Any, context: Any) -> Any:
        """Take the pack's configuration, or refuse one that says what no rule knows."""
        given = {name: json_format.MessageToDict(one.properties) for name, one in request.policyConfig.items()}
        found = [problem for name in sorted(given) for problem in setting_problems(name, given[name])]
        if found:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(ConfigError(found)))
        return super().Configure(request, context)  # type: ignore[no-untyped-call]

    def ConfigureStack(self, request: Any, context: Any) -> Any:
        """Learn what the stack's own config says."""
        self._session.production = is_production(request.project, request.config)
        return super().ConfigureStack(request, context)

    def Analyze(self, request: Any, context: Any) -> Any:
        """Judge one resource."""
        response = analyzer_pb2.AnalyzeResponse()
        props, options = properties(request.properties), self._get_resource_options(request)
        # The stack's rules need it later, whether or not a rule looks at it now.
        self._session.inputs[request.urn] = props
        looking = {rule.id for rule in rules_for(request.type)}

        def arguments(config: Any) -> Any:
            return crossguard.ResourceValidationArgs(
                request.type, props, request.urn, request.name, options, None, config
            )

        for policy in self._policies(crossguard.ResourceValidationPolicy):
            if policy.name in looking:
                self._judge(policy, arguments, response)
            elif self._get_enforcement_level(policy) is not crossguard.EnforcementLevel.DISABLED:
                response.not_applicable.add(policy_name=policy.name)
        return response

    def AnalyzeStack(self, request: Any, context: Any) -> Any:
        """Judge a whole stack."""
        response = analyzer_pb2.AnalyzeResponse()
        resources = self._resources(request)
        for policy in self._policies(crossguard.StackValidationPolicy):
            self._judge(policy, lambda config: crossguard.StackValidationArgs(resources, config), response)
        return response

    def Remediate(self, request: Any, context: Any) -> Any:
        """Change nothing: a rule says what to write, and leaves writing it to who answers for it."""
        return analyzer_pb2.RemediateResponse()

    def _policies(self, kind: type[Any]) -> Iterator[Any]:
        return (one for one in self._all if isinstance(one, kind))

    def _judge(self, policy: Any, arguments: Callable[[Any], Any], response: Any) -> None:
        level = self._get_enforcement_level(policy)
        if level is crossguard.EnforcementLevel.DISABLED:
            return
        if level is crossguard.EnforcementLevel.REMEDIATE:
            level = crossguard.EnforcementLevel.MANDATORY
        report = self._create_report_violation(response, policy.name, policy.description, level, policy.severity)
        try:
            policy.validate(arguments(self._get_policy_config(policy.name)), report)
        except sdk._NotApplicableError as error:
            response.not_applicable.add(policy_name=policy.name, reason=error.reason or "")

    def _resources(self, request: Any) -> list[Any]:
        """Return the stack's resources, each linked to its parent and to what its inputs are made of."""
        found = {
            one.urn: crossguard.PolicyResource(
                one.type,
                properties(one.properties),
                one.urn,
                one.name,
                self._get_resource_options(one),
                provider=None,
                parent=None,
                dependencies=[],
                property_dependencies={},
            )
            for one in request.resources
        }
        for one in request.resources:
            linked = found[one.urn]
            linked.parent = found.get(one.parent)
            linked.property_dependencies = {
                key: [found[urn] for urn in made_of.urns if urn in found]
                for key, made_of in one.propertyDependencies.items()
            }
        return list(found.values())
