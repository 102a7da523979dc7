"""What a Deployment or a CronJob of the Plan runs: one pod of its template, with the values that it reads. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from berth.plan import UNKNOWN, Plan, Resource
from berth.rehearse.drivers.driver import CRON_JOB
from berth.rehearse.drivers.kubernetes.probes import NAMES as PROBES
from berth.rehearse.drivers.kubernetes.probes import probes_of
from berth.rehearse.drivers.kubernetes.security import declarations
from berth.rehearse.errors import RehearsalError
from berth.rehearse.workload import Container, known, plain
from components.service.spec import ContainerSecurity

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
TEMPLATES = {DEPLOYMENT: ("template",), CRON_JOB: ("jobTemplate", "spec", "template")}
"""Where in the spec of a workload the template of its pods stands."""
READ = {"ConfigMap": "kubernetes:core/v1:ConfigMap", "Secret": "kubernetes:core/v1:Secret"}
"""What a pod's environment takes values from, by kind."""
Objects = dict[tuple[str, str], Resource]
"""ConfigMaps and Secrets by kind and name."""
GRACE_SECONDS = 30
VOLUMES = ("projected", "configMap", "secret")
"""Kinds of volume that show values of ConfigMaps and Secrets."""
FILE_SOURCES = {"configMap": ("ConfigMap", "name"), "secret": ("Secret", "secretName")}
"""What such a volume, or a projected one's source, names; a projected source says ``name`` in any case."""
DEFAULT_MODE = 0o644
"""Kubernetes' own of such files."""

# Why fields of a pod's spec mean nothing to one pod on one machine.
REASONS_POD = {
    "one pod, one machine": "affinity nodeSelector preemptionPolicy priorityClassName schedulerName tolerations"
    " topologySpreadConstraints",
    "no API server": "automountServiceAccountToken serviceAccount serviceAccountName",
    "the pod's network is this machine's": "dnsPolicy",
    "no Services": "enableServiceLinks",
    "images are local": "imagePullSecrets",
    "a restart would hide a failure": "restartPolicy",
}
NOT_REHEARSED_POD = {key: why for why, keys in REASONS_POD.items() for key in keys.split()}
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
HANDLED_CONTAINER = {*COPIED_CONTAINER, "env", "envFrom", "ports", "resources", "restartPolicy", *PROBES}
HANDLED_POD = frozenset(
    {"containers", "initContainers", "volumes", "securityContext", "terminationGracePeriodSeconds"}
    | {"hostNetwork", "hostPID", "hostIPC", "activeDeadlineSeconds"}
)


@dataclass(frozen=True)
class Reference:
    """A value of a ConfigMap or Secret as the pod uses it."""

    kind: str
    name: str
    key: str


@dataclass(frozen=True)
class VolumeFile:
    """A file of a volume that shows values of ConfigMaps and Secrets."""

    path: str
    """In the volume."""
    mounted: str
    """Where a container finds it."""
    kind: str
    """Of the object that holds it."""
    value: Any
    """May be ``UNKNOWN``."""
    mode: int


@dataclass(frozen=True)
class Pod:
    """A workload's pod and what it reads, before this machine's values are filled in."""

    name: str
    """The workload's name."""
    place: str
    template: Mapping[str, Any]
    data: Mapping[Reference, Any]
    """Every value of the ConfigMaps and Secrets that the pod refers to; may be ``UNKNOWN``."""
    variables: Mapping[Reference, str]
    """Name of the environment variable that each of them becomes."""
    containers: tuple[Container, ...]
    files: Mapping[str, tuple[VolumeFile, ...]] = field(default_factory=dict)
    """What is in each volume that shows values of ConfigMaps and Secrets, by its name."""
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


def extract(plan: Plan, workload: Resource, security: ContainerSecurity) -> Pod:
    """Read a Deployment or a CronJob, and what it refers to.

    Args:
        plan: The stack's Plan.
        workload: The Deployment or CronJob in it.
        security: What is promised of every container.

    Raises:
        RehearsalError: It is not known, or what it refers to is not planned.
    """
    metadata = plain(workload.inputs.get("metadata") or {}, f"{workload.name}.metadata")
    name = str(metadata.get("name", workload.name))
    steps = TEMPLATES[workload.type]
    said = f"{workload.type.rpartition(':')[2]}/{name}"
    where = f"{said} spec.{'.'.join(steps)}"
    place = f"{where}.spec"
    raw = known(workload.inputs.get("spec"))
    for step in steps:
        raw = known(raw[step]) if isinstance(raw, Mapping) else UNKNOWN
    template, unread = _without_unknown_annotations(raw) if isinstance(raw, Mapping) else (raw, [])
    template = plain(template, where)
    objects = _objects(plan, metadata.get("namespace"))
    variables = _references(template["spec"], objects)
    return Pod(
        name=name,
        place=place,
        template=template,
        data={reference: _planned(objects, reference) for reference in variables},
        variables=variables,
        containers=tuple(_describe(template["spec"], place, security)),
        files=_files(template["spec"], objects),
        not_rehearsed=(
            *_skipped(plan, template["spec"], place),
            *(f"{said} annotation {key}: only known after creation" for key in unread),
        ),
    )


def timeout_seconds(workload: Resource) -> float | None:
    """Return how long a CronJob lets an attempt run, None if it does not say; its pod's limit before its job's."""
    job = known(workload.inputs.get("spec"))
    for step in ("jobTemplate", "spec"):
        job = known(job.get(step)) if isinstance(job, Mapping) else None
    pod = job
    for step in ("template", "spec"):
        pod = known(pod.get(step)) if isinstance(pod, Mapping) else None
    limits = [known(spec.get("activeDeadlineSeconds")) for spec in (pod, job) if isinstance(spec, Mapping)]
    return next((float(one) for one in limits if isinstance(one, int | float)), None)


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
    """Describe each container to whoever waits for it and checks it.

    An init container that is always restarted is Kubernetes' native sidecar: it stays, and the next ones start once its
    startup probe has succeeded.
    """
    inits = len(spec.get("initContainers") or [])
    return [
        Container(
            name=container["name"],
            place=where,
            image=container["image"],
            init=index < inits and container.get("restartPolicy") != "Always",
            sidecar=index < inits and container.get("restartPolicy") == "Always",
            declared=declarations(spec, container, where, place, security),
            probes=tuple(probes_of(container, where)),
            ports=tuple(int(port["containerPort"]) for port in container.get("ports") or []),
            stop_seconds=int(spec.get("terminationGracePeriodSeconds", GRACE_SECONDS)),
        )
        for index, (container, where) in enumerate(places(spec, place))
    ]


def _objects(plan: Plan, namespace: Any) -> Objects:
    """Return the ConfigMaps and Secrets that pods of a namespace can read."""
    found: Objects = {}
    for kind, token in READ.items():
        for resource in plan.of_type(token):
            metadata = known(resource.inputs.get("metadata")) or {}
            if known(metadata.get("namespace")) == namespace:
                found[kind, str(known(metadata.get("name")))] = resource
    return found


def _references(spec: Mapping[str, Any], objects: Objects) -> dict[Reference, str]:
    """Find every value that the pod's environment takes from a ConfigMap or Secret, and the variable it becomes."""
    found: dict[Reference, str] = {}
    for container in _containers(spec):
        for source in container.get("envFrom") or []:
            for field_name, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                if field_name in source:
                    name = source[field_name]["name"]
                    for key in _object_data(objects, kind, name):
                        found[Reference(kind, name, key)] = source.get("prefix", "") + key
        for entry in container.get("env") or []:
            origin = entry.get("valueFrom") or {}
            for field_name, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                if field_name in origin:
                    target = origin[field_name]
                    found[Reference(kind, target["name"], target["key"])] = entry["name"]
    return found


def _files(spec: Mapping[str, Any], objects: Objects) -> dict[str, tuple[VolumeFile, ...]]:
    """Read the volumes that show values of ConfigMaps and Secrets, by their names."""
    mounts: dict[str, str] = {}
    for container in _containers(spec):
        for mount in container.get("volumeMounts") or []:
            mounts.setdefault(mount["name"], mount["mountPath"])
    found = {}
    for volume in spec.get("volumes") or []:
        projected = volume.get("projected") or {}
        sources = projected.get("sources") or [volume]
        default = next((volume[key].get("defaultMode") for key in VOLUMES if key in volume), None)
        files = []
        for source in sources:
            for key, (kind, name_key) in FILE_SOURCES.items():
                if key in source:
                    name = source[key].get(name_key) or source[key].get("name")
                    data = _object_data(objects, kind, name)
                    items = source[key].get("items") or [{"key": one, "path": one} for one in data]
                    for item in items:
                        if item["key"] not in data:
                            raise RehearsalError(f"{kind}/{name} has no key {item['key']!r}, which the pod mounts")
                        mode = item.get("mode") or default or DEFAULT_MODE
                        place = f"{mounts.get(volume['name'], '')}/{item['path']}"
                        files.append(VolumeFile(item["path"], place, kind, data[item["key"]], int(mode)))
        if files:
            found[volume["name"]] = tuple(files)
    return found


def _object_data(objects: Objects, kind: str, name: str) -> Mapping[str, Any]:
    """Return the data of a planned ConfigMap or Secret.

    Raises:
        RehearsalError: The Plan has none of that name, or its keys are not known.
    """
    if (kind, name) not in objects:
        raise RehearsalError(f"the pod reads the {kind} {name!r}, which the plan does not have: it would never start")
    return _decoded(objects[kind, name], kind)


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


def _planned(objects: Objects, reference: Reference) -> Any:
    """Return one value, ``UNKNOWN`` included."""
    data = _object_data(objects, reference.kind, reference.name)
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
        if resource.type.startswith("kubernetes:") and resource.type not in (*TEMPLATES, *READ.values())
    ]
    reasons: list[tuple[str, Mapping[str, Any], frozenset[str] | set[str], Mapping[str, str]]] = [
        (place, spec, HANDLED_POD, NOT_REHEARSED_POD),
        (f"{place}.securityContext", spec.get("securityContext") or {}, POD_CONTEXT, NOT_REHEARSED_CONTEXT),
    ]
    for container, where in places(spec, place):
        reasons.append((where, container, HANDLED_CONTAINER, NOT_REHEARSED_CONTAINER))
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
