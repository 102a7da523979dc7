"""Who refers to whom in a Plan: by the engine's edges, by name, and by a security group's rules."""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from berth.diagrams.table import WAYS
from berth.plan import Plan, Resource, Secret, Value
from berth.resource_types import known
from berth.resource_types.resource_type import Free, ResourceType, Way

AT_ITS_END: Final = "replacementSecurityGroupIds"
"""Groups that a function is in when it is deleted, and not before."""
GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS: Final = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
MACHINES: Final = "kubernetes:eks.amazonaws.com/v1:NodeClass"
"""What machines are of; pods are in the security groups of the machines that they run on."""
_ANYWHERE: Final = ("0.0.0.0/0", "::/0")

# Roles and their policies name everything they allow; that is permission, not use.
_NO_READER: Final = ("aws:iam/", "aws:ecr/", "pulumi:")

_KUBERNETES_KEYS: Final = {
    "configMapRef": ("ConfigMap", Way("environment")),
    "secretRef": ("Secret", Way("environment")),
    "serviceRef": ("Service", Way("binds", style="call")),
    "scaleTargetRef": ("Deployment", Way("scales")),
    "nodeClassRef": ("NodeClass", Way("class")),
}

_SHIELDS: Final = Way("shields")
_ROLE: Final = "aws:iam/role:Role"
_ASSUMES: Final = Way("assumes")


@dataclass(frozen=True, order=True)
class Reference:
    """One resource's reference to another, both by URN."""

    source: str
    target: str
    label: str
    style: Literal["call", "use"] = "use"
    firewall: bool = False
    """Whether only a security group's rule says it: what may pass, not what does."""


def references(plan: Plan) -> list[Reference]:
    """Return every reference between two resources of the Plan, sorted, each once."""
    found = {*_properties(plan), *_order(plan), *_clusters(plan), *_names(plan), *_kubernetes(plan), *_rules(plan)}
    return sorted(found)


def _along(way: Way, holder: str, held: str) -> Reference:
    source, target = (held, holder) if way.reverse else (holder, held)
    return Reference(source, target, way.label, way.style)


def _record(token: str) -> ResourceType:
    return known(token) or ResourceType(token, Free(""))


def _properties(plan: Plan) -> Iterator[Reference]:
    types = {resource.urn: resource.type for resource in plan.resources}
    for resource in plan.resources:
        for name, urns in resource.property_dependencies.items():
            ways = _record(resource.type).ways
            way = ways[name] if name in ways else WAYS.get(name, Way(name))
            if way is not None:
                # An object may hold a role beside what it is for.
                yield from (_along(_ASSUMES if types.get(one) == _ROLE else way, resource.urn, one) for one in urns)


def _clusters(plan: Plan) -> Iterator[Reference]:
    """A Kubernetes object is run by the cluster whose kubeconfig its provider has."""
    providers = {r.urn: r.property_dependencies.get("kubeconfig", ()) for r in plan.resources}
    for resource in plan.resources:
        if resource.type.startswith("kubernetes:"):
            for urn in providers.get(resource.provider or "", ()):
                yield _along(Way("runs"), urn, resource.urn)


def _order(plan: Plan) -> Iterator[Reference]:
    types = {resource.urn: resource.type for resource in plan.resources}
    for resource in plan.resources:
        in_properties = {urn for urns in resource.property_dependencies.values() for urn in urns}
        for urn in resource.dependencies:
            held = types.get(urn, "")
            way = _record(held).awaited or _record(resource.type).after.get(held)
            if way and urn not in in_properties:
                yield _along(way, resource.urn, urn)


def _names(plan: Plan) -> Iterator[Reference]:
    named = [(r, way, r.inputs.get("name")) for r in plan.resources if (way := _record(r.type).named)]
    patterns = [
        # A name ends where a path or another word would go on.
        (r, way, re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w/-])"))
        for r, way, name in named
        if isinstance(name, str)
    ]
    for reader in plan.resources:
        if reader.type.startswith(_NO_READER) or _record(reader.type).named:
            continue
        text = "\n".join([*strings(reader.inputs), *_user_data(reader)])
        for resource, way, pattern in patterns:
            if pattern.search(text):
                # The image is pushed by one and pulled by the others.
                pushes = reader.type == "docker:index/image:Image"
                used = Way("pushed to") if pushes else way
                yield _along(used, reader.urn, resource.urn)


def _user_data(machine: Resource) -> Iterator[str]:
    """Yield what a machine is told at its start, which is in base64."""
    if isinstance(data := machine.inputs.get("userData"), str):
        with suppress(ValueError):
            yield base64.b64decode(data, validate=True).decode(errors="replace")


def strings(value: Value) -> Iterator[str]:
    """Yield every text within a value, secret ones left out."""
    if isinstance(value, Secret):
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def _kubernetes(plan: Plan) -> Iterator[Reference]:
    objects = {
        (r.type.rsplit(":", 1)[-1], _text(r, "metadata", "namespace"), _text(r, "metadata", "name")): r.urn
        for r in plan.resources
        if r.type.startswith("kubernetes:")
    }
    labelled = [(r.urn, labels) for r in plan.resources if isinstance(labels := _pod(r, "metadata", "labels"), Mapping)]
    for resource in plan.resources:
        if not resource.type.startswith("kubernetes:"):
            continue
        namespace = _text(resource, "metadata", "namespace")
        for key, name in _named_references(resource.inputs):
            kind, way = _KUBERNETES_KEYS[key]
            if isinstance(name, str) and (target := objects.get((kind, namespace, name))):
                yield _along(way, resource.urn, target)
        for path, way in (
            (("spec", "selector"), Way("selects", style="call")),
            (("spec", "podSelector", "matchLabels"), _SHIELDS),
        ):
            wanted = _part(resource, *path)
            if not isinstance(wanted, Mapping) or not wanted:
                continue
            for urn, labels in labelled:
                if urn != resource.urn and wanted.items() <= labels.items():
                    yield _along(way, resource.urn, urn)


def _part(resource: Resource, *path: str) -> Value:
    value: Value = resource.inputs
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _pod(resource: Resource, *path: str) -> Value:
    """Return a part of what its pods are made from: a CronJob has it further in than all others."""
    return _part(resource, "spec", "template", *path) or _part(
        resource, "spec", "jobTemplate", "spec", "template", *path
    )


def _text(resource: Resource, *path: str) -> str | None:
    value = _part(resource, *path)
    return value if isinstance(value, str) else None


def _named_references(value: Value) -> Iterator[tuple[str, Value]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in _KUBERNETES_KEYS and isinstance(item, Mapping):
                yield key, item.get("name")
            yield from _named_references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _named_references(item)


def members(plan: Plan) -> dict[str, list[str]]:
    """Return the resources in each security group; by URN, the group's rules left out, for machines their pods."""
    groups = {resource.urn for resource in plan.of_type(GROUP)}
    pods: dict[str | None, list[str]] = defaultdict(list)
    for resource in plan.resources:
        if resource.type.startswith("kubernetes:") and _pod(resource, "spec", "containers"):
            pods[resource.provider].append(resource.urn)
    inside: dict[str, list[str]] = defaultdict(list)
    for resource in plan.resources:
        if resource.type in (INGRESS, EGRESS):
            continue
        for name, urns in resource.property_dependencies.items():
            for urn in urns if name != AT_ITS_END else ():
                if urn in groups:
                    inside[urn] += pods[resource.provider] if resource.type == MACHINES else [resource.urn]
    return inside


def _open_ports(plan: Plan, direction: Literal["ingress", "egress"]) -> dict[str, list[Value]]:
    """Return the ports that pods may call, or be called on, by URN; pods that no policy shields so are not there."""
    specs: dict[str, Value] = {resource.urn: resource.inputs.get("spec") for resource in plan.resources}
    found: dict[str, list[Value]] = defaultdict(list)
    for reference in _kubernetes(plan):
        if reference.label == _SHIELDS.label:
            # What is not written as expected shields nothing here.
            with suppress(KeyError, TypeError):
                spec = specs[reference.source]
                if direction.capitalize() in spec["policyTypes"]:
                    ports = [port["port"] for rule in spec.get(direction) or () for port in rule["ports"]]
                    found[reference.target] += ports
    return found


def _rules(plan: Plan) -> Iterator[Reference]:
    inside, calls, called = members(plan), _open_ports(plan, "egress"), _open_ports(plan, "ingress")
    for rule in plan.of_type(INGRESS):
        port = rule.inputs.get("fromPort")
        for source in rule.property_dependencies.get("referencedSecurityGroupId", ()):
            callers = [one for one in inside[source] if one not in calls or port in calls[one]]
            for target in rule.property_dependencies.get("securityGroupId", ()):
                reached = [one for one in inside[target] if one not in called or port in called[one]]
                yield from (Reference(a, b, _port(rule), "call", True) for a in callers for b in reached)
    gateways = [resource.urn for resource in plan.of_type("aws:ec2/natGateway:NatGateway")]
    ways_out = gateways or [resource.urn for resource in plan.of_type("aws:ec2/internetGateway:InternetGateway")]
    for rule in plan.of_type(EGRESS):
        if rule.inputs.get("cidrIpv4") in _ANYWHERE or rule.inputs.get("cidrIpv6") in _ANYWHERE:
            for source in rule.property_dependencies.get("securityGroupId", ()):
                for a in inside[source]:
                    yield from (Reference(a, b, _port(rule), "use", True) for b in ways_out)
    for route in plan.of_type("aws:ec2/route:Route"):
        for urn in route.property_dependencies.get("gatewayId", ()):
            yield from (Reference(gateway, urn, "", "use") for gateway in gateways)


def _port(rule: Resource) -> str:
    protocol, first, last = (rule.inputs.get(key) for key in ("ipProtocol", "fromPort", "toPort"))
    if not isinstance(protocol, str) or not isinstance(first, int | float) or not isinstance(last, int | float):
        return "any"
    return f"{protocol} {int(first)}" if first == last else f"{protocol} {int(first)}-{int(last)}"
