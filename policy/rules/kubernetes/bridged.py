"""Objects under the names that Terraform's Kubernetes provider gives them, where Pulumi bridges it at run time."""

from __future__ import annotations

import re
from typing import Any, Final

from ..values import Field, Malformed, Secret

_TOKEN: Final = re.compile(r"kubernetes:index/(\w+?)(?:V[0-9]\w*)?:\w+")
_KINDS: Final = {
    "pod": "core/v1:Pod",
    "podtemplate": "core/v1:PodTemplate",
    "replicationcontroller": "core/v1:ReplicationController",
    "replicaset": "apps/v1:ReplicaSet",
    "deployment": "apps/v1:Deployment",
    "daemonset": "apps/v1:DaemonSet",
    "statefulset": "apps/v1:StatefulSet",
    "job": "batch/v1:Job",
    "cronjob": "batch/v1:CronJob",
}
_NAMES: Final = {
    "adds": "add",
    "drops": "drop",
    "container": "containers",
    "initContainer": "initContainers",
    "volume": "volumes",
    "port": "ports",
    "sysctl": "sysctls",
    "hostIpc": "hostIPC",
    "hostPid": "hostPID",
}
_OBJECTS: Final = frozenset(
    {
        "spec",
        "template",
        "jobTemplate",
        "metadata",
        "securityContext",
        "capabilities",
        "seccompProfile",
        "seLinuxOptions",
    }
    | {"windowsOptions", "appArmorProfile", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe", "postStart"}
    | {"preStop", "httpGet", "tcpSocket", "os", "hostPath", "emptyDir"}
)
"""What Terraform has as a list of one."""


def is_bridged(token: str) -> bool:
    """Tell whether a resource of this type is such an object that may hold a pod."""
    match = _TOKEN.fullmatch(token)
    return match is not None and match[1].lower() in (*_KINDS, "manifest")


def unbridged(token: str, inputs: Field) -> tuple[str, Field]:
    """Return an object's token and fields as Kubernetes has them.

    Raises:
        Unreadable: It is unknown what it is, or it says one thing by two names.
    """
    match = _TOKEN.fullmatch(token)
    name = match[1].lower() if match else ""
    if name in _KINDS:
        return f"kubernetes:{_KINDS[name]}", inputs.changed(lambda value: _normal(value, "", inputs.path))
    manifest = inputs.at("manifest")
    group, kind = manifest.at("apiVersion").text() or "", manifest.at("kind").text() or ""
    return f"kubernetes:{group if '/' in group else f'core/{group}'}:{kind}", manifest


def _normal(value: Any, key: str, path: str) -> Any:
    if isinstance(value, Secret):
        return Secret(_normal(value.value, key, path))
    if isinstance(value, list):
        if len(value) == 1 and key in _OBJECTS:
            return _normal(value[0], key, path)
        return [_normal(item, "", path) for item in value]
    if key == "runAsUser" and isinstance(value, str) and re.fullmatch("[0-9]+", value):
        # Terraform has it as a text.
        return int(value)
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for given, member in value.items():
        singular = str(given).removesuffix("s")
        one = singular if singular in _OBJECTS else _NAMES.get(given, str(given))
        if one in found:
            raise Malformed(path or "inputs", f"an object with {one} by two names", "each key once")
        found[one] = _normal(member, one, path)
    return found
