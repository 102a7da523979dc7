"""From a pod to the manifest that ``podman kube play`` is given. Pure: no podman, no files.

Everything has names of this rehearsal's own: podman's volumes and secrets know no namespaces.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from berth.plan import UNKNOWN
from berth.rehearse.drivers.driver import AUTHORITIES, Fill
from berth.rehearse.drivers.kubernetes.pod import COPIED_CONTAINER, FILE_SOURCES, VOLUMES, Pod
from berth.rehearse.drivers.volumes import FileOf
from berth.rehearse.errors import RehearsalError
from berth.rehearse.local import ELSEWHERE, HOST
from berth.rehearse.workload import known


@dataclass(frozen=True)
class Manifest:
    """What is handed to podman."""

    documents: tuple[Mapping[str, Any], ...]
    secrets: Mapping[str, str]
    """Contents of each podman secret, in the JSON form that every podman from 4.3 on reads."""
    volumes: Mapping[str, tuple[FileOf, ...]] = field(default_factory=dict)
    """What is put into podman's volumes before they are mounted, by their name."""


def manifest(
    workload: Pod,
    prefix: str,
    labels: Mapping[str, str],
    publish: Mapping[int, int],
    fill: Fill,
    limits: bool = True,
    authorities: Path | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Manifest:
    """Write the manifest, with this machine's values.

    Args:
        workload: The pod and what it reads.
        prefix: Put before the name of every object.
        labels: Added to the pod.
        publish: This machine's loopback port for each container port that is published.
        fill: Gives the variables that only exist after creation their value.
        limits: Whether podman can hold a container to limits.
        authorities: File of this machine that containers find where ``PGSSLROOTCERT`` says.
        overrides: Variables with other values than planned.

    Raises:
        RehearsalError: A volume cannot be mounted here, or nothing here can provide a value.
    """
    values: dict[tuple[str, str], dict[str, str]] = {}
    for reference, value in workload.data.items():
        place = f"{reference.kind}/{reference.name}.{reference.key}"
        text = fill(workload.variables[reference], place, _planned(reference.kind, value))
        values.setdefault((reference.kind, reference.name), {})[reference.key] = text
    config_maps = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": prefix + name}, "data": data}
        for (kind, name), data in values.items()
        if kind == "ConfigMap"
    ]
    metadata = workload.template.get("metadata") or {}
    spec = _trusting(_pod_spec(workload, prefix, publish, limits), prefix, authorities)
    for container in spec["containers"]:
        _override(container, workload, prefix, overrides or {})
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": prefix + workload.name,
            "labels": {**(metadata.get("labels") or {}), **labels},
            "annotations": metadata.get("annotations") or {},
        },
        "spec": spec,
    }
    group = int((workload.spec.get("securityContext") or {}).get("fsGroup") or 0)
    return Manifest(
        documents=(*config_maps, pod),
        secrets={
            prefix + name: json.dumps({key: base64.b64encode(text.encode()).decode() for key, text in data.items()})
            for (kind, name), data in values.items()
            if kind == "Secret"
        },
        volumes={
            prefix + name: tuple(
                FileOf(one.path, fill(one.mounted, one.mounted, _planned(one.kind, one.value)), one.mode, group)
                for one in files
            )
            for name, files in workload.files.items()
        },
    )


def _planned(kind: str, value: Any) -> Any:
    """Return a planned value; what a Secret is to hold and nobody knows yet may lie in AWS already."""
    return ELSEWHERE if kind == "Secret" and known(value) is UNKNOWN else known(value)


def _override(container: dict[str, Any], workload: Pod, prefix: str, overrides: Mapping[str, str]) -> None:
    """Give a container other values than planned, if it has such a variable, or is of the service's own image."""
    sources = [ref["name"] for one in container["envFrom"] for ref in one.values() if isinstance(ref, Mapping)]
    read = {variable for one, variable in workload.variables.items() if prefix + one.name in sources}
    has = read | {entry["name"] for entry in container["env"]}
    own = container["image"] == workload.spec["containers"][0]["image"]
    given = {name: value for name, value in overrides.items() if own or name in has}
    kept = [entry for entry in container["env"] if entry["name"] not in given]
    container["env"] = [*kept, *({"name": name, "value": value} for name, value in given.items())]


def _pod_spec(workload: Pod, prefix: str, publish: Mapping[int, int], limited: bool) -> dict[str, Any]:
    """Return the pod's spec without what podman would misunderstand.

    All containers stand in one list, for the driver starts each in its turn: podman would wait for a sidecar's end.
    """
    spec = workload.spec
    written: dict[str, Any] = {"restartPolicy": "Never"}
    if spec.get("securityContext"):
        written["securityContext"] = spec["securityContext"]
    containers = [*(spec.get("initContainers") or []), *spec["containers"]]
    written["containers"] = [_container(container, prefix, publish, limited) for container in containers]
    written["volumes"] = [_volume(volume, workload.place, prefix) for volume in spec.get("volumes") or []]
    return written


def _trusting(spec: dict[str, Any], prefix: str, authorities: Path | None) -> dict[str, Any]:
    """Mount the file of the database's authorities into each container that names a place for it."""
    name, mounted = f"{prefix}authorities", False
    for container in spec["containers"]:
        place = next((entry.get("value") for entry in container["env"] if entry["name"] == AUTHORITIES), None)
        if authorities and place:
            mounted = True
            mounts = container.get("volumeMounts") or []
            container["volumeMounts"] = [*mounts, {"name": name, "mountPath": place, "readOnly": True}]
    if mounted:
        spec["volumes"].append({"name": name, "hostPath": {"path": str(authorities), "type": "File"}})
    return spec


def _container(container: Mapping[str, Any], prefix: str, publish: Mapping[int, int], limited: bool) -> dict[str, Any]:
    """Return one container; probes are asked by berth, because podman runs ``curl`` inside the container for them."""
    written = {key: container[key] for key in COPIED_CONTAINER if key in container}
    written["imagePullPolicy"] = "Never"
    if limited and (limits := (container.get("resources") or {}).get("limits")):
        written["resources"] = {"limits": limits}
    declared = [int(port["containerPort"]) for port in container.get("ports") or []]
    if ports := [port for port in declared if port in publish]:
        written["ports"] = [{"containerPort": port, "hostPort": publish[port], "hostIP": HOST} for port in ports]
    if "volumeMounts" in container:
        written["volumeMounts"] = [{**mount, "name": prefix + mount["name"]} for mount in container["volumeMounts"]]
    written["envFrom"] = [_env_from(source, prefix) for source in container.get("envFrom") or []]
    written["env"] = [_env(entry, prefix) for entry in container.get("env") or []]
    return written


def _env_from(source: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Point a whole-object reference at this rehearsal's object."""
    renamed = dict(source)
    for key in ("configMapRef", "secretRef"):
        if key in source:
            renamed[key] = {**source[key], "name": prefix + source[key]["name"]}
    return renamed


def _env(entry: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Point a reference at this rehearsal's object; write out what podman cannot look up."""
    origin = entry.get("valueFrom") or {}
    for key in ("configMapKeyRef", "secretKeyRef"):
        if key in origin:
            return {"name": entry["name"], "valueFrom": {key: {**origin[key], "name": prefix + origin[key]["name"]}}}
    path = (origin.get("fieldRef") or {}).get("fieldPath", "")
    if path in ("status.podIP", "status.hostIP"):
        return {"name": entry["name"], "value": HOST}
    if path in ("metadata.namespace", "spec.nodeName", "spec.serviceAccountName"):
        return {"name": entry["name"], "value": "rehearsal"}
    return dict(entry)


def _volume(volume: Mapping[str, Any], place: str, prefix: str) -> dict[str, Any]:
    """Return a volume of this rehearsal's own.

    Raises:
        RehearsalError: podman cannot mount it as a cluster would.
    """
    kinds = [key for key in volume if key != "name"]
    if kinds in ([], ["emptyDir"]):
        return {"name": prefix + volume["name"], "emptyDir": {}}
    parts = [part for source in (volume.get("projected") or {}).get("sources") or [volume] for part in source]
    if kinds[0] in VOLUMES and set(parts) <= {"name", *FILE_SOURCES}:
        # The driver fills it before; podman mounts the volume that a claim names.
        name = prefix + volume["name"]
        return {"name": name, "persistentVolumeClaim": {"claimName": name}}
    raise RehearsalError(
        f"{place}.volumes[{volume['name']}].{kinds[0]} cannot be rehearsed: podman mounts only emptyDir, ConfigMaps and"
        " Secrets as a cluster would"
    )
