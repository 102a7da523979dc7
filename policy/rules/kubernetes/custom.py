"""Pods in objects of kinds that Kubernetes itself does not have: whatever is shaped like one.

A list of containers makes a pod wherever it stands, and so does a single container that says what it runs. What only
carries a pod's security settings, as many operators' kinds do, is judged by what it says: the operator adds the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..values import UNKNOWN, Field

_TOKEN: Final = re.compile(r"kubernetes:([\w-]+(?:\.[\w-]+)+)/\w+:(\w+)")
_WITHOUT: Final = re.compile(
    # Kubernetes' own groups whose kinds start no pod, and components of the provider.
    r"(admissionregistration|apiextensions|apiregistration|authentication|authorization|certificates|coordination"
    r"|discovery|events|flowcontrol\.apiserver|internal\.apiserver|networking|node|rbac\.authorization|resource|scheduling"
    r"|storage|storagemigration)\.k8s\.io|helm\.sh"
    # Rules about pods, which speak of them and start none.
    r"|(\w+\.)*gatekeeper\.sh|security\.openshift\.io"
)

_PODS_OWN: Final = ("initContainers", "containers", "ephemeralContainers")
_LISTS: Final = (*_PODS_OWN, "sidecars", "sidecarContainers", "steps")
_SINGLE: Final = frozenset({"container", "script", "initContainer", "sidecarContainer"})
_SPARK: Final = frozenset({"driver", "executor"})
_RUNS: Final = frozenset({"command", "args", "script", "source"})
_CONTEXTS: Final = ("podSecurityContext", "securityContext", "containerSecurityContext")
_NAMESPACES: Final = ("hostNetwork", "hostPID", "hostIPC")
_WHOLE: Final = frozenset({"template", "podTemplate", "podSpec", "jobTemplate", "podSpecPatch"})
"""What holds a pod as a whole; as a text, or unknown, it cannot be judged."""
_SPOKEN_OF: Final = frozenset({"validate", "mutate", "match", "exclude", "preconditions", "openAPIV3Schema"})
"""What speaks of pods, such as a Kyverno policy's pattern or a schema."""
_OF_CONTAINERS: Final[dict[str, Any]] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "privileged": False,
    "procMount": "Default",
    "readOnlyRootFilesystem": True,
}
_OF_PODS: Final[dict[str, Any]] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}

# Kinds whose pods take a security context from further out, with its place.
_INHERITED: Final = {
    **dict.fromkeys(("Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate"), (("spec", "securityContext"),)),
    "CronWorkflow": (("spec", "workflowSpec", "securityContext"),),
    "TaskRun": (("spec", "podTemplate", "securityContext"),),
    "PipelineRun": (
        ("spec", "taskRunTemplate", "podTemplate", "securityContext"),
        ("spec", "podTemplate", "securityContext"),
    ),
}


def is_custom(token: str) -> bool:
    """Tell whether resources of this type are of a kind that Kubernetes does not have and that may hold pods."""
    match = _TOKEN.fullmatch(token)
    return match is not None and not _WITHOUT.fullmatch(match[1])


def pod_templates(token: str, inputs: Field) -> Iterator[Field]:
    """Yield what is shaped like a pod in a custom object, each as a field with a ``spec``."""
    match = _TOKEN.fullmatch(token)
    kind = match[2] if match and match[1] in ("argoproj.io", "tekton.dev") else ""
    contexts = [_down(inputs, keys) for keys in _INHERITED.get(kind, ())]
    outer = next((one for one in contexts if one is not None), None)
    if inputs.at("spec").peek() is UNKNOWN:
        yield inputs
    yield from _walk(inputs, "", outer, outer, nearest="Workflow" in kind)


def _down(field: Field, keys: tuple[str, ...]) -> Field | None:
    for key in keys:
        if not _mapping(field).get(key):
            return None
        field = field.at(key)
    return field


def _walk(field: Field, key: str, outer: Field | None, around: Field | None, *, nearest: bool) -> Iterator[Field]:
    """Yield the pods in a field that stands under ``key``.

    ``outer`` is the security context that all pods of the object have, ``around`` that of a container by itself, which
    is its surrounding's where ``nearest`` says so.
    """
    raw = field.peek()
    if isinstance(raw, list):
        for item in field.items():
            yield from _walk(item, key, outer, around, nearest=nearest)
        return
    if key in _WHOLE and (raw is UNKNOWN or (key == "podSpecPatch" and raw)):
        yield field.made({"spec": field})
    if not isinstance(raw, dict):
        return
    taken: set[str] = set()
    lists = [name for name in _LISTS if name in raw and _holds_containers(name, field.at(name))]
    if lists:
        taken = {*lists, "securityContext"}
        yield _pod(field, lists, outer)
    elif _is_container(raw, key):
        taken = set(_CONTEXTS)
        own = field.at("podSecurityContext")
        pods_own = own if own.peek() is not None else around
        yield _spec(field, {"containers": field.listed([field]), "securityContext": pods_own})
    if not lists and _says_something(field):
        yield from _said(field, [one for one in _CONTEXTS if raw.get(one) is not None and one not in taken])
        taken |= set(_CONTEXTS)
    inner = field.at("securityContext") if nearest and "securityContext" in raw else outer
    for name in raw:
        if name not in taken and name not in _SPOKEN_OF:
            yield from _walk(field.at(name), name, outer, inner, nearest=nearest)


def _holds_containers(name: str, field: Field) -> bool:
    raw = field.peek()
    if raw is UNKNOWN:
        return name in _PODS_OWN
    return isinstance(raw, list) and any(
        one is UNKNOWN or (isinstance(one, dict) and bool({"image", "securityContext", *_RUNS} & one.keys()))
        for one in map(Field.peek, field.items())
    )


def _is_container(raw: dict[str, Any], key: str) -> bool:
    runs = any(raw[name] is UNKNOWN or isinstance(raw[name], str | list) for name in _RUNS & raw.keys())
    if key in _SINGLE:
        return runs or "image" in raw
    # Spark's two take their image from above.
    return (runs and "image" in raw) or (key in _SPARK and bool({"cores", "memory", "image"} & raw.keys()))


def _pod(field: Field, lists: list[str], outer: Field | None) -> Field:
    own: dict[str, Field | None] = {name: field.at(name) for name in _mapping(field) if name not in _LISTS}
    own |= {name: field.at(name) for name in lists if name in _PODS_OWN}
    # It does not matter which of a pod's lists a container stands in.
    others = [one for name in lists if name not in _PODS_OWN for one in field.at(name).items()]
    if others:
        first = own.get("initContainers")
        own["initContainers"] = field.listed([*(first.items() if first else ()), *others])
    contexts = (_down(field, ("securityContext",)), _down(field, ("stepTemplate", "securityContext")), outer)
    return _spec(field, own | {"securityContext": next((one for one in contexts if one is not None), None)})


def _says_something(field: Field) -> bool:
    raw = _mapping(field)
    return any(raw.get(name) is not None for name in _CONTEXTS) or bool(_namespaces(field) or _host_paths(field))


def _namespaces(field: Field) -> list[str]:
    raw = _mapping(field)
    # Values of a chart may have an object of this name.
    return [name for name in _NAMESPACES if name in raw and not isinstance(raw[name], dict)]


def _host_paths(field: Field) -> list[Field]:
    volumes = field.at("volumes")
    if not isinstance(volumes.peek(), list):
        return []
    return [one for one in volumes.items() if isinstance(raw := one.peek(), dict) and raw.get("hostPath") is not None]


def _said(field: Field, names: list[str]) -> Iterator[Field]:
    shared = {name: field.at(name) for name in _namespaces(field)}
    yield _spec(field, {"volumes": field.listed(_host_paths(field)), **shared})
    for name in names:
        context = field.at(name)
        raw = context.peek()
        if isinstance(raw, dict):
            container = context.changed(lambda value: {**_OF_CONTAINERS, **_only(value, _OF_CONTAINERS)})
            context = context.changed(lambda value: {**_OF_PODS, **value})
        else:
            container = context
        containers = field.listed([field.made({"securityContext": container})])
        yield _spec(field, {"securityContext": context, "containers": containers})


def _only(value: dict[str, Any], keys: dict[str, Any]) -> dict[str, Any]:
    said = {key: member for key, member in value.items() if key in keys and member is not None}
    if isinstance(said.get("capabilities"), dict):
        said["capabilities"] = keys["capabilities"] | said["capabilities"]
    return said


def _mapping(field: Field) -> dict[str, Any]:
    raw = field.peek()
    return raw if isinstance(raw, dict) else {}


def _spec(field: Field, members: Mapping[str, Field | None]) -> Field:
    return field.made({"spec": field.made(members)})
