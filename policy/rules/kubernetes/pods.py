"""Finding the pods in a Kubernetes resource."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from ..guises import has_jobs, job_pods
from ..parts import Part
from ..rule import NotApplicable, Resource
from ..values import Field, Unreadable
from .bridged import is_bridged, unbridged
from .custom import is_custom, pod_templates
from .release import RELEASE, rendered

# Where each kind keeps its pod; the empty path is the object itself.
_POD_PATHS: Final[dict[str, tuple[str, ...]]] = {
    "Pod": (),
    "PodTemplate": ("template",),
    "ReplicationController": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "Deployment": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}

# `kubernetes:v1:Pod` is how a CustomResource spells a core object. Other groups have kinds of the same names.
_TOKEN: Final = re.compile(r"kubernetes:(?:(?:core|apps|batch|extensions)/)?v[0-9a-z]+:([A-Za-z]+)")


CONTAINER_LISTS: Final = ("initContainers", "containers", "ephemeralContainers")
"""A pod's lists of containers; a container in any of them counts as much as one in the others."""


@cache
def _kind(token: str) -> tuple[tuple[str, ...], bool] | None:
    """Return where the token's kind keeps its pod and whether it is a list, or None when it bears no pod."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    kind = match[1].removesuffix("Patch")
    is_list = kind.endswith("List")
    path = _POD_PATHS.get(kind.removesuffix("List"))
    return None if path is None else (path, is_list)


def bears_pods(token: str) -> bool:
    """Tell whether resources of this type token start pods."""
    return token == RELEASE or _kind(token) is not None or is_custom(token) or is_bridged(token) or has_jobs(token)


@dataclass(frozen=True)
class Pod:
    """A pod, or the template of one."""

    field: Field

    def annotations(self) -> list[tuple[str, Field]]:
        """Return the pod's annotations by name."""
        return self.field.at("metadata", "annotations").entries()

    def spec(self, *keys: str) -> Field:
        """Return a field of the pod's spec."""
        return self.field.at("spec", *keys)

    def security(self, *keys: str) -> Field:
        """Return a field of the pod's security context."""
        return self.field.at("spec", "securityContext", *keys)

    def containers(self, kind: str) -> list[Part]:
        """Return the containers of one of ``CONTAINER_LISTS``."""
        return [Part.named(field, f"{kind}[{i}]") for i, field in enumerate(self.spec(kind).items())]


def pods(resource: Resource) -> list[Pod]:
    """Return the pods that the resource declares, or that a Helm release installs.

    A patch is judged by what it says: one that touches no pod has none, and containers that it names must be safe by
    what stands in the patch, as what it is merged into cannot be seen.
    """
    if resource.type == RELEASE:
        found = list(_of_release(resource))
    elif has_jobs(resource.type):
        found = [Pod(field) for field in job_pods(resource)]
    else:
        found = list(_of_object(resource.type, resource.inputs))
    if not found:
        raise NotApplicable
    return found


def _of_object(token: str, inputs: Field) -> Iterator[Pod]:
    kind = _kind(token)
    if kind is not None:
        path, is_list = kind
        for one in inputs.at("items").items() if is_list else [inputs]:
            template = one.at(*path)
            if template.at("spec").exists():
                yield Pod(template)
    elif is_bridged(token):
        yield from _of_object(*unbridged(token, inputs))
    elif is_custom(token):
        yield from map(Pod, pod_templates(token, inputs))


def _of_release(release: Resource) -> Iterator[Pod]:
    try:
        objects = rendered(release)
    except Unreadable:
        # That nothing of it can be seen is one finding, of the rule that is about just this.
        return
    for one in objects:
        yield from _of_object(one.type, one.field)
