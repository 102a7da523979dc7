"""Rules on what a pod has of its node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ..evaluate import each
from ..parts import Part, all_of, must_be, must_be_off
from ..rule import Finding, Level, Severity
from ..values import Field
from .podrule import PodCheck, in_containers, pod_rule

_namespaces = all_of(*map(must_be_off, ("hostNetwork", "hostPID", "hostIPC")))

HOST_NAMESPACES = pod_rule(
    lambda pod, version: _namespaces(Part(pod.spec())),
    id="kubernetes-no-host-namespaces",
    description="No pod uses its node's network, process or IPC namespace.",
    remediation="Leave hostNetwork, hostPID and hostIPC out.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/hostNamespaces", "Well-Architected: Security"),
)


def _ports(container: Part) -> Iterator[Finding]:
    for port in container.at("ports").items():
        yield from must_be(Field.number, "no hostPort; use a Service", "hostPort")(Part(port, container.name))


HOST_PORTS = pod_rule(
    in_containers(_ports),
    id="kubernetes-no-host-ports",
    description="No container takes a port of its node.",
    remediation="Leave hostPort out of every container port and reach the pod through a Service.",
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    frameworks=("Pod Security Standards: baseline/hostPorts", "Well-Architected: Security"),
)

_HANDLERS: Final = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)


def _probes(container: Part) -> Iterator[Finding]:
    for handler in _HANDLERS:
        for action in ("httpGet", "tcpSocket"):
            no_host = must_be(Field.text, "no host; the pod itself is then asked", *handler, action, "host")
            yield from no_host(container)


HOST_PROBES = pod_rule(
    in_containers(_probes),
    id="kubernetes-no-host-probes",
    description="No probe and no lifecycle hook names a host.",
    remediation="Leave host out of every httpGet and tcpSocket: the node would send the request from its own network.",
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    frameworks=("Pod Security Standards: baseline/hostProbesAndHostLifecycle", "Well-Architected: Security"),
    since=34,
)

_VOLUMES: Final = (
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected"),
    "secret",
)
_INSTEAD: Final = "a volume such as emptyDir or persistentVolumeClaim"


def _volumes(check: Callable[[Field], Iterable[Finding]]) -> PodCheck:
    return lambda pod, version: each(pod.spec("volumes").items(), check)


def _volume(volume: Field) -> Iterator[Finding]:
    sources = [(key, source) for key, source in volume.entries() if key != "name"]
    if any(source.exists() for key, source in sources if key in _VOLUMES):
        return
    # A volume without any source is no finding: the API server makes it an emptyDir.
    for key, source in sources:
        if source.exists():
            yield Finding.at(source, _INSTEAD, found=f"a {key} volume")


VOLUME_TYPES = pod_rule(
    _volumes(_volume),
    id="kubernetes-volume-types",
    description="A pod mounts only volumes of kinds that cannot reach into its node.",
    remediation="Use emptyDir, configMap, secret, projected, persistentVolumeClaim, csi or ephemeral volumes.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: restricted/restrictedVolumes", "Well-Architected: Security"),
)


def _host_path(volume: Field) -> Iterator[Finding]:
    host_path = volume.at("hostPath")
    if host_path.exists():
        yield Finding.at(host_path, _INSTEAD, found="a hostPath volume")


HOST_PATH_VOLUMES = pod_rule(
    _volumes(_host_path),
    id="kubernetes-no-host-path",
    description="No pod mounts a directory of its node.",
    remediation="Replace the hostPath volume by an emptyDir or a persistentVolumeClaim.",
    # For those who hold to the baseline standard: kubernetes-volume-types includes it.
    level=Level.OFF,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/hostPathVolumes", "Well-Architected: Security"),
)
