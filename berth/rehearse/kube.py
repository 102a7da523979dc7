"""From a Plan's Kubernetes objects to the manifest that ``podman kube play`` is given. Pure: no podman, no files.

A Deployment becomes one pod of its template, which is what its controller makes of it. Everything has names of this
rehearsal's own: podman's volumes and secrets know no namespaces.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from berth.plan import UNKNOWN, Plan, Resource
from berth.rehearse.errors import RehearsalError
from berth.rehearse.kube_probes import probes_of
from berth.rehearse.kube_security import declarations
from berth.rehearse.local import ALWAYS_LOCAL, HOST
from berth.rehearse.runner import AUTHORITIES, Fill
from berth.rehearse.workload import Container, known, only, plain
from components.service import ContainerSecurity

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
SECRET = "kubernetes:core/v1:Secret"
# podman removes an init container that has ended, and its log with it, unless told to keep it.
KEEP_INIT = {"io.podman.annotations.init.container.type": "always"}
GRACE_SECONDS = 30

# What a pod spec may hold that means nothing to one pod on one machine, and why.
NOT_REHEARSED_POD = {
    "affinity": "one pod, one machine",
    "automountServiceAccountToken": "no API server",
    "dnsPolicy": "the pod's network is this machine's",
    "enableServiceLinks": "no Services",
    "imagePullSecrets": "images are local",
    "nodeSelector": "one pod, one machine",
    "preemptionPolicy": "one pod, one machine",
    "priorityClassName": "one pod, one machine",
    "restartPolicy": "a restart would hide a failure",
    "schedulerName": "one pod, one machine",
    "serviceAccount": "no API server",
    "serviceAccountName": "no API server",
    "tolerations": "one pod, one machine",
    "topologySpreadConstraints": "one pod, one machine",
}
# podman knows these or ignores them harmlessly; the promises among them are checked on the running process.
POD_CONTEXT = frozenset({"runAsNonRoot", "runAsUser", "runAsGroup", "seccompProfile"})
CONTAINER_CONTEXT = POD_CONTEXT | {"allowPrivilegeEscalation", "readOnlyRootFilesystem", "capabilities", "privileged"}
NOT_REHEARSED_CONTEXT = {
    "fsGroup": "podman gives a new volume to the container's user itself",
    "fsGroupChangePolicy": "volumes are new",
}
NOT_REHEARSED_CONTAINER = {
    "imagePullPolicy": "images are local",
    "lifecycle": "podman knows no hooks",
    "terminationMessagePath": "no API server",
    "terminationMessagePolicy": "no API server",
}
COPIED_CONTAINER = ("name", "image", "command", "args", "workingDir", "securityContext", "stdin", "tty", "volumeMounts")
HANDLED_CONTAINER = {*COPIED_CONTAINER, "env", "envFrom", "ports", "resources"}
PROBES = frozenset({"livenessProbe", "readinessProbe", "startupProbe"})
HANDLED_POD = frozenset(
    {"containers", "initContainers", "volumes", "securityContext", "terminationGracePeriodSeconds"}
    | {"hostNetwork", "hostPID", "hostIPC"}
)


@dataclass(frozen=True)
class Reference:
    """A value of a ConfigMap or Secret as the pod uses it."""

    kind: str
    name: str
    key: str


@dataclass(frozen=True)
class KubeWorkload:
    """The one pod of a stack and what it reads, before this machine's values are filled in."""

    name: str
    """The Deployment's name."""
    place: str
    template: Mapping[str, Any]
    data: Mapping[Reference, Any]
    """Every value of the ConfigMaps and Secrets that the pod refers to; may be ``UNKNOWN``."""
    variables: Mapping[Reference, str]
    """Name of the environment variable that each of them becomes."""
    containers: tuple[Container, ...]
    not_rehearsed: tuple[str, ...] = field(default_factory=tuple)

    @property
    def spec(self) -> Mapping[str, Any]:
        """The pod's spec, as planned."""
        spec: Mapping[str, Any] = self.template["spec"]
        return spec

    def known_environment(self) -> dict[str, str]:
        """Return the variables whose value the Plan knows."""
        literal = {
            entry["name"]: str(entry["value"])
            for container in _containers(self.spec)
            for entry in container.get("env") or []
            if "value" in entry
        }
        referred = {
            self.variables[reference]: str(known(value))
            for reference, value in self.data.items()
            if known(value) is not UNKNOWN
        }
        return {**referred, **literal}


def extract(plan: Plan, security: ContainerSecurity) -> KubeWorkload:
    """Take the one Deployment and what it reads out of a Plan.

    Args:
        plan: The stack's Plan.
        security: What is promised of every container.

    Raises:
        RehearsalError: There is not exactly one, it is not known, or what it refers to is not planned.
    """
    deployment = only(plan.of_type(DEPLOYMENT), "Deployment", plan.stack)
    metadata = plain(deployment.inputs.get("metadata") or {}, f"{deployment.name}.metadata")
    name = str(metadata.get("name", deployment.name))
    place = f"Deployment/{name} spec.template.spec"
    spec = known(deployment.inputs.get("spec"))
    raw = known(spec["template"]) if isinstance(spec, Mapping) else UNKNOWN
    template, unread = _without_unknown_annotations(raw) if isinstance(raw, Mapping) else (raw, [])
    template = plain(template, f"Deployment/{name} spec.template")
    variables = _references(template["spec"], plan)
    return KubeWorkload(
        name=name,
        place=place,
        template=template,
        data={reference: _planned(plan, reference) for reference in variables},
        variables=variables,
        containers=tuple(_describe(template["spec"], place, security)),
        not_rehearsed=(
            *_skipped(plan, template["spec"], place),
            *(f"Deployment/{name} annotation {key}: only known after creation" for key in unread),
        ),
    )


def _without_unknown_annotations(template: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[str]]:
    """Return a pod's template and the keys of annotations it has lost; only a cluster's controllers read them."""
    metadata = known(template.get("metadata"))
    annotations = known(metadata.get("annotations")) if isinstance(metadata, Mapping) else None
    if not isinstance(annotations, Mapping):
        return template, []
    unread = [key for key, value in annotations.items() if known(value) is UNKNOWN]
    kept = {key: value for key, value in annotations.items() if key not in unread}
    return {**template, "metadata": {**metadata, "annotations": kept}}, unread


def _containers(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*(spec.get("initContainers") or []), *spec["containers"]]


def places(spec: Mapping[str, Any], place: str) -> list[tuple[Mapping[str, Any], str]]:
    """Return each container of a pod with how a message names it, init containers first."""
    return [
        (container, f"{place}.{kind}[{container['name']}]")
        for kind in ("initContainers", "containers")
        for container in spec.get(kind) or []
    ]


def _describe(spec: Mapping[str, Any], place: str, security: ContainerSecurity) -> list[Container]:
    """Describe each container to whoever waits for it and checks it."""
    inits = len(spec.get("initContainers") or [])
    return [
        Container(
            name=container["name"],
            place=where,
            image=container["image"],
            init=index < inits,
            declared=declarations(spec, container, where, place, security),
            probes=tuple(probes_of(container, where)),
            ports=tuple(int(port["containerPort"]) for port in container.get("ports") or []),
            stop_seconds=int(spec.get("terminationGracePeriodSeconds", GRACE_SECONDS)),
        )
        for index, (container, where) in enumerate(places(spec, place))
    ]


def _references(spec: Mapping[str, Any], plan: Plan) -> dict[Reference, str]:
    """Find every value that the pod's environment takes from a ConfigMap or Secret, and the variable it becomes."""
    found: dict[Reference, str] = {}
    for container in _containers(spec):
        for source in container.get("envFrom") or []:
            for field_name, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                if field_name in source:
                    name = source[field_name]["name"]
                    for key in _object_data(plan, kind, name):
                        found[Reference(kind, name, key)] = source.get("prefix", "") + key
        for entry in container.get("env") or []:
            origin = entry.get("valueFrom") or {}
            for field_name, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                if field_name in origin:
                    target = origin[field_name]
                    found[Reference(kind, target["name"], target["key"])] = entry["name"]
    return found


def _object_data(plan: Plan, kind: str, name: str) -> Mapping[str, Any]:
    """Return the data of a planned ConfigMap or Secret.

    Raises:
        RehearsalError: The Plan has none of that name, or its keys are not known.
    """
    for resource in plan.of_type(CONFIG_MAP if kind == "ConfigMap" else SECRET):
        metadata = known(resource.inputs.get("metadata")) or {}
        if known(metadata.get("name")) == name:
            return _decoded(resource, kind)
    raise RehearsalError(f"the pod reads the {kind} {name!r}, which the plan does not have: it would never start")


def _decoded(resource: Resource, kind: str) -> dict[str, Any]:
    """Return an object's data in clear text; a Secret's ``data`` is in base64 where it is known."""
    parts: dict[str, Any] = {}
    for key in ("data", "stringData"):
        part = known(resource.inputs.get(key))
        if part is None:
            continue
        if not isinstance(part, Mapping):
            raise RehearsalError(f"{kind}/{resource.name}.{key} is not known at preview, nor are the keys in it")
        for name, value in part.items():
            text = known(value)
            if kind == "Secret" and key == "data" and text is not UNKNOWN:
                text = base64.b64decode(str(text)).decode()
            parts[name] = text
    return parts


def _planned(plan: Plan, reference: Reference) -> Any:
    """Return one value, ``UNKNOWN`` included."""
    data = _object_data(plan, reference.kind, reference.name)
    if reference.key not in data:
        raise RehearsalError(
            f"the pod reads the key {reference.key!r} of the {reference.kind} {reference.name!r}, which has: "
            + ", ".join(sorted(data))
        )
    return data[reference.key]


def _skipped(plan: Plan, spec: Mapping[str, Any], place: str) -> list[str]:
    """Name everything that is declared and not rehearsed: nothing is dropped in silence."""
    found = [
        f"{resource.inputs.get('kind', resource.type.rpartition(':')[2])}/{resource.name}: needs a cluster"
        for resource in plan.resources
        if resource.type.startswith("kubernetes:") and resource.type not in (DEPLOYMENT, CONFIG_MAP, SECRET)
    ]
    reasons: list[tuple[str, Mapping[str, Any], frozenset[str] | set[str], Mapping[str, str]]] = [
        (place, spec, HANDLED_POD, NOT_REHEARSED_POD),
        (f"{place}.securityContext", spec.get("securityContext") or {}, POD_CONTEXT, NOT_REHEARSED_CONTEXT),
    ]
    for container, where in places(spec, place):
        handled = HANDLED_CONTAINER | PROBES
        reasons.append((where, container, handled, NOT_REHEARSED_CONTAINER))
        reasons.append((f"{where}.securityContext", container.get("securityContext") or {}, CONTAINER_CONTEXT, {}))
        reasons.append((f"{where}.resources", container.get("resources") or {}, {"limits"}, {"requests": "one pod"}))
    found += [
        f"{where}.{key}: {why.get(key, 'podman has no translation for it')}"
        for where, declared, handled, why in reasons
        for key, value in declared.items()
        if key not in handled and value not in (None, [], {}, "")
    ]
    return [
        *found,
        *(
            f"{place}.volumes[{volume['name']}].emptyDir.{key}: podman makes a plain directory"
            for volume in spec.get("volumes") or []
            for key in volume.get("emptyDir") or {}
        ),
    ]


@dataclass(frozen=True)
class Manifest:
    """What is handed to podman."""

    documents: tuple[Mapping[str, Any], ...]
    secrets: Mapping[str, str]
    """Contents of each podman secret, in the JSON form that every podman from 4.3 on reads."""


def manifest(
    workload: KubeWorkload,
    prefix: str,
    labels: Mapping[str, str],
    publish: tuple[int, int],
    fill: Fill,
    limits: bool = True,
    authorities: Path | None = None,
) -> Manifest:
    """Write the manifest, with this machine's values.

    Args:
        workload: The pod and what it reads.
        prefix: Put before the name of every object.
        labels: Added to the pod.
        publish: The container port that is published, and this machine's loopback port for it.
        fill: Gives the variables that only exist after creation their value.
        limits: Whether podman can hold a container to limits.
        authorities: File of this machine that containers find where ``PGSSLROOTCERT`` says.

    Raises:
        RehearsalError: A volume cannot be mounted here, or nothing here can provide a value.
    """
    values: dict[tuple[str, str], dict[str, str]] = {}
    for reference, value in workload.data.items():
        variable = workload.variables[reference]
        local = known(value) is UNKNOWN or variable in ALWAYS_LOCAL
        text = fill(variable, f"{reference.kind}/{reference.name}.{reference.key}") if local else str(known(value))
        values.setdefault((reference.kind, reference.name), {})[reference.key] = text
    config_maps = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": prefix + name}, "data": data}
        for (kind, name), data in values.items()
        if kind == "ConfigMap"
    ]
    metadata = workload.template.get("metadata") or {}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": prefix + workload.name,
            "labels": {**(metadata.get("labels") or {}), **labels},
            "annotations": {**(metadata.get("annotations") or {}), **KEEP_INIT},
        },
        "spec": _trusting(_pod_spec(workload, prefix, publish, limits), prefix, authorities),
    }
    return Manifest(
        documents=(*config_maps, pod),
        secrets={
            prefix + name: json.dumps({key: base64.b64encode(text.encode()).decode() for key, text in data.items()})
            for (kind, name), data in values.items()
            if kind == "Secret"
        },
    )


def _pod_spec(workload: KubeWorkload, prefix: str, publish: tuple[int, int], limited: bool) -> dict[str, Any]:
    """Return the pod's spec without what podman would misunderstand."""
    spec = workload.spec
    written: dict[str, Any] = {"restartPolicy": "Never"}
    if spec.get("securityContext"):
        written["securityContext"] = spec["securityContext"]
    for kind in ("initContainers", "containers"):
        if spec.get(kind):
            written[kind] = [_container(container, prefix, publish, limited) for container in spec[kind]]
    written["volumes"] = [_volume(volume, workload.place, prefix) for volume in spec.get("volumes") or []]
    return written


def _trusting(spec: dict[str, Any], prefix: str, authorities: Path | None) -> dict[str, Any]:
    """Mount the file of the database's authorities into each container that names a place for it."""
    name, mounted = f"{prefix}authorities", False
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        place = next((entry.get("value") for entry in container["env"] if entry["name"] == AUTHORITIES), None)
        if authorities and place:
            mounted = True
            mounts = container.get("volumeMounts") or []
            container["volumeMounts"] = [*mounts, {"name": name, "mountPath": place, "readOnly": True}]
    if mounted:
        spec["volumes"].append({"name": name, "hostPath": {"path": str(authorities), "type": "File"}})
    return spec


def _container(container: Mapping[str, Any], prefix: str, publish: tuple[int, int], limited: bool) -> dict[str, Any]:
    """Return one container; probes are asked by berth, because podman runs ``curl`` inside the container for them."""
    written = {key: container[key] for key in COPIED_CONTAINER if key in container}
    written["imagePullPolicy"] = "Never"
    if limited and (limits := (container.get("resources") or {}).get("limits")):
        written["resources"] = {"limits": limits}
    inside, outside = publish
    if any(int(port["containerPort"]) == inside for port in container.get("ports") or []):
        written["ports"] = [{"containerPort": inside, "hostPort": outside, "hostIP": HOST}]
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
    if kinds not in ([], ["emptyDir"]):
        raise RehearsalError(
            f"{place}.volumes[{volume['name']}].{kinds[0]} cannot be rehearsed: podman mounts only emptyDir as a"
            " cluster would"
        )
    return {"name": prefix + volume["name"], "emptyDir": {}}
