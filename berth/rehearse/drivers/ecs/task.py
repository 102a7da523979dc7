"""From an ECS task definition to what podman is asked to run. Pure: no podman, no files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from berth.plan import UNKNOWN, Plan, Resource
from berth.rehearse.drivers.ecs.security import AGENT_PATHS, declarations
from berth.rehearse.drivers.pod import START_SECONDS, Dependency, Entry, ordered, planned, planned_parameters
from berth.rehearse.errors import RehearsalError
from berth.rehearse.workload import Container, Probe, known, plain, show
from components.service.spec import ContainerSecurity

TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"

# Why fields of a container definition have no meaning on this machine.
REASONS = {
    "logs stay with podman": "logConfiguration firelensConfiguration",
    "a restart would hide a failure": "restartPolicy",
    "images are local": "repositoryCredentials versionConsistency",
    "no accelerators": "resourceRequirements",
    "no directory": "credentialSpecs",
    "they lie in S3": "environmentFiles",
    "the pod's network is this machine's": "dnsServers dnsSearchDomains",
    "the pod's hosts file is shared": "extraHosts",
    "the pod's host name is shared": "hostname",
    "containers of one task share localhost": "links",
    "the pod's kernel settings are shared": "systemControls",
    "volumes are mounted by name only": "volumesFrom",
    "the pod's network is shared": "disableNetworking",
    "there is no terminal": "interactive pseudoTerminal",
}
NOT_REHEARSED = {key: why for why, keys in REASONS.items() for key in keys.split()}
TRANSLATED = frozenset(
    {"name", "image", "essential", "cpu", "memory", "memoryReservation", "portMappings", "entryPoint", "command"}
    | {"workingDirectory", "environment", "secrets", "mountPoints", "linuxParameters", "user", "privileged"}
    | {"readonlyRootFilesystem", "dockerSecurityOptions", "dockerLabels", "ulimits", "healthCheck", "dependsOn"}
    | {"startTimeout", "stopTimeout"}
)
TRANSLATED_LINUX = frozenset({"capabilities", "initProcessEnabled", "sharedMemorySize", "tmpfs"})
# Of the task itself; what is neither here nor below is listed as not rehearsed.
TRANSLATED_TASK = frozenset({"containerDefinitions", "volumes", "cpu", "memory", "requiresCompatibilities"})
IRRELEVANT_TASK = frozenset(
    {"family", "tags", "region", "skipDestroy", "trackLatest", "networkMode", "runtimePlatform"}
)
# ECS's own defaults, used where a definition leaves a field out.
HEALTH_DEFAULTS = {"interval": 30, "timeout": 5, "retries": 3, "startPeriod": 0}
STOP_SECONDS = 30
FILE_PATH = re.compile(r"FILE_\d+_PATH")
"""What tells the container that writes a task's files, as ECS mounts none, where the service finds the file."""


@dataclass(frozen=True)
class EcsTask:
    """A task definition, ready to be run."""

    fargate: bool
    containers: tuple[Entry, ...]
    """In the order in which they are started."""
    volumes: tuple[str, ...]
    not_rehearsed: tuple[str, ...] = field(default_factory=tuple)


def extract(plan: Plan, task: Resource, security: ContainerSecurity, volume_prefix: str) -> EcsTask:
    """Read a task definition.

    Args:
        plan: The stack's Plan.
        task: The task definition in it.
        security: What is promised of every container.
        volume_prefix: Put before the names of volumes, so that they are this rehearsal's own.

    Raises:
        RehearsalError: It is not known, or it cannot be run here.
    """
    definitions = _definitions(task)
    fargate = "FARGATE" in (known(task.inputs.get("requiresCompatibilities")) or ())
    skipped = [
        f"{task.name}.{key}: "
        + ("no AWS credentials here" if key.endswith("RoleArn") else "berth has no translation for it")
        for key, value in sorted(task.inputs.items())
        if key not in TRANSLATED_TASK | IRRELEVANT_TASK and known(value) not in (None, [], {})
    ]
    volumes = _volumes(task, volume_prefix)
    limits = _task_limits(task)
    parameters = planned_parameters(plan)
    containers = []
    for definition in definitions:
        place = f"containerDefinitions[{definition['name']}]"
        skipped += _skipped(definition, place)
        handed_on = _handed_on(definition, definitions, security)
        containers.append(_container(definition, place, fargate, security, volumes, limits, parameters, handed_on))
    return EcsTask(fargate, tuple(ordered(containers, "dependsOn")), tuple(volumes.values()), tuple(skipped))


def _definitions(task: Resource) -> list[dict[str, Any]]:
    """Read the JSON in a task definition and check the little that everything below relies on."""
    text = known(task.inputs.get("containerDefinitions"))
    where = f"{task.name}.containerDefinitions"
    if text is UNKNOWN:
        plain(text, where)
    try:
        definitions = json.loads(text)
    except (TypeError, ValueError):
        raise RehearsalError(f"{where} is not JSON text: a list of container definitions is expected") from None
    if not isinstance(definitions, list) or not definitions:
        raise RehearsalError(f"{where} is not a list with at least one container definition")
    for index, definition in enumerate(definitions):
        for key in ("name", "image"):
            if not isinstance(definition, dict) or not isinstance(definition.get(key), str):
                raise RehearsalError(f"{where}[{index}].{key} is missing: expected a string")
    return definitions


def _handed_on(
    definition: Mapping[str, Any], definitions: Iterable[Mapping[str, Any]], security: ContainerSecurity
) -> tuple[str, ...]:
    """Return the paths at which a container that ends first has volumes of those that wait for its success."""
    waiting = [
        other
        for other in definitions
        if {"containerName": definition["name"], "condition": "SUCCESS"} in (other.get("dependsOn") or [])
    ]
    theirs = {mount.get("sourceVolume") for other in waiting for mount in other.get("mountPoints") or []}
    return tuple(
        mount["containerPath"]
        for mount in definition.get("mountPoints") or []
        if mount.get("sourceVolume") in theirs
        and not mount.get("readOnly")
        and mount["containerPath"] not in (*security.writable_paths, *AGENT_PATHS)
    )


def _skipped(definition: Mapping[str, Any], place: str) -> list[str]:
    """Name every field that is declared and not translated: nothing is dropped in silence."""
    linux = definition.get("linuxParameters") or {}
    fields = [(place, key, definition[key], TRANSLATED) for key in definition]
    fields += [(f"{place}.linuxParameters", key, linux[key], TRANSLATED_LINUX) for key in linux]
    return [
        f"{where}.{key}: {NOT_REHEARSED.get(key, 'berth has no translation for it')}"
        for where, key, value, translated in fields
        if key not in translated and value not in (None, [], {}, "", False)
    ]


def _volumes(task: Resource, prefix: str) -> dict[str, str]:
    """Map each declared volume to the podman volume that stands for it."""
    volumes: dict[str, str] = {}
    for volume in plain(task.inputs.get("volumes") or [], f"{task.name}.volumes"):
        kinds = [key for key, value in volume.items() if key not in ("name", "configureAtLaunch") and value]
        if kinds:
            raise RehearsalError(
                f"{task.name}.volumes[{volume['name']}].{kinds[0]}: only a task's own ephemeral volumes are rehearsed;"
                " this one lies outside the task"
            )
        volumes[volume["name"]] = prefix + re.sub(r"[^a-zA-Z0-9_.-]", "-", volume["name"])
    return volumes


def _task_limits(task: Resource) -> list[str]:
    """Return the task's own size as upper bounds of each container; ECS holds all of them together to it."""
    options = []
    cpu, memory = (str(plain(task.inputs.get(key) or "", f"{task.name}.{key}")) for key in ("cpu", "memory"))
    if cpu.isdigit():
        options.append(f"--cpus={int(cpu) / 1024:g}")
    if memory.isdigit():
        options.append(f"--memory={memory}m")
    return options


def _container(
    definition: Mapping[str, Any],
    place: str,
    fargate: bool,
    security: ContainerSecurity,
    volumes: Mapping[str, str],
    limits: Sequence[str],
    parameters: Mapping[str, Any],
    handed_on: tuple[str, ...],
) -> Entry:
    """Translate one container definition."""
    environment = {entry["name"]: str(entry["value"]) for entry in definition.get("environment") or []}
    health = definition.get("healthCheck")
    stop_seconds = int(definition.get("stopTimeout") or STOP_SECONDS)
    container = Container(
        name=definition["name"],
        place=place,
        image=definition["image"],
        declared=declarations(definition, place, fargate, security, handed_on),
        probes=(_probe(health, place),) if health else (),
        ports=tuple(int(mapping["containerPort"]) for mapping in definition.get("portMappings") or []),
        stop_seconds=stop_seconds,
        essential=definition.get("essential", True) is not False,
        handed_on=handed_on,
    )
    entry_point = definition.get("entryPoint")
    options = [
        *([f"--user={definition['user']}"] if definition.get("user") else []),
        *(["--privileged"] if definition.get("privileged") else []),
        # Without the second option podman mounts writable directories that nobody declared.
        *(["--read-only", "--read-only-tmpfs=false"] if definition.get("readonlyRootFilesystem") else []),
        *([f"--workdir={definition['workingDirectory']}"] if definition.get("workingDirectory") else []),
        *([f"--entrypoint={json.dumps(entry_point)}"] if entry_point else []),
        *[f"--env={name}={value}" for name, value in environment.items()],
        *[f"--label={name}={value}" for name, value in (definition.get("dockerLabels") or {}).items()],
        *[_ulimit(limit) for limit in definition.get("ulimits") or []],
        *[_security_option(option, place) for option in definition.get("dockerSecurityOptions") or []],
        *_mounts(definition, place, volumes),
        *_linux(definition.get("linuxParameters") or {}),
        *_size(definition, limits),
        # ECS heeds the definition's check only, never the image's own; berth asks it in the agent's place.
        "--no-healthcheck",
        f"--stop-timeout={stop_seconds}",
    ]
    return Entry(
        container=container,
        options=tuple(options),
        command=tuple(definition.get("command") or ()),
        secrets={
            entry["name"]: (entry["valueFrom"], planned(entry["valueFrom"], parameters))
            for entry in definition.get("secrets") or []
        },
        environment=environment,
        files={name[: -len("_PATH")]: path for name, path in environment.items() if FILE_PATH.fullmatch(name)},
        dependencies=tuple(
            Dependency(entry["containerName"], entry["condition"]) for entry in definition.get("dependsOn") or []
        ),
        start_seconds=int(definition.get("startTimeout") or START_SECONDS),
    )


def _size(definition: Mapping[str, Any], limits: Sequence[str]) -> list[str]:
    """Return a container's own limits, and the task's where it has none."""
    memory = definition.get("memory")
    return [
        *[limit for limit in limits if not (memory and limit.startswith("--memory="))],
        *([f"--memory={int(memory)}m"] if memory else []),
        *([f"--memory-reservation={int(reserved)}m"] if (reserved := definition.get("memoryReservation")) else []),
        # The kernel's least is 2, and ECS passes 2 for a declared 0 or 1 as well.
        *([f"--cpu-shares={max(2, int(cpu))}"] if (cpu := definition.get("cpu")) else []),
    ]


def _ulimit(limit: Mapping[str, Any]) -> str:
    return f"--ulimit={limit['name']}={int(limit['softLimit'])}:{int(limit['hardLimit'])}"


def _security_option(option: str, place: str) -> str:
    """Translate one of Docker's security options."""
    if re.fullmatch(r"no-new-privileges([:=]true)?", option):
        return "--security-opt=no-new-privileges"
    raise RehearsalError(
        f"{place}.dockerSecurityOptions holds {option!r}: only no-new-privileges can be rehearsed, because AppArmor and"
        " SELinux profiles belong to a host"
    )


def _mounts(definition: Mapping[str, Any], place: str, volumes: Mapping[str, str]) -> list[str]:
    """Translate the mount points of the task's volumes."""
    options = []
    for mount in definition.get("mountPoints") or []:
        volume = volumes.get(mount.get("sourceVolume", ""))
        if volume is None:
            raise RehearsalError(
                f"{place}.mountPoints names the volume {mount.get('sourceVolume')!r}, which the task does not declare;"
                f" it declares: {', '.join(volumes) or 'none'}"
            )
        options.append(f"--volume={volume}:{mount['containerPath']}" + (":ro" if mount.get("readOnly") else ""))
    return options


def _linux(parameters: Mapping[str, Any]) -> list[str]:
    """Translate ``linuxParameters``."""
    capabilities = parameters.get("capabilities") or {}
    options = [f"--cap-drop={name}" for name in capabilities.get("drop") or []]
    options += [f"--cap-add={name}" for name in capabilities.get("add") or []]
    for tmpfs in parameters.get("tmpfs") or []:
        settings = [f"size={int(tmpfs['size'])}m", *(tmpfs.get("mountOptions") or [])]
        options.append(f"--tmpfs={tmpfs['containerPath']}:{','.join(settings)}")
    if parameters.get("initProcessEnabled"):
        options.append("--init")
    if parameters.get("sharedMemorySize"):
        options.append(f"--shm-size={int(parameters['sharedMemorySize'])}m")
    return options


def _probe(check: Mapping[str, Any], place: str) -> Probe:
    """Translate the health check.

    Raises:
        RehearsalError: Its command is none.
    """
    kind, *words = check.get("command") or [""]
    if kind == "CMD-SHELL" and len(words) == 1:
        words = ["/bin/sh", "-c", *words]
    elif kind != "CMD" or not words:
        raise RehearsalError(
            f"{place}.healthCheck.command is {show(check.get('command'))}: expected a list that starts with CMD or"
            ' CMD-SHELL, e.g. ["CMD", "python", "-m", "biometric.health"]'
        )
    numbers = {key: int(default if check.get(key) is None else check[key]) for key, default in HEALTH_DEFAULTS.items()}
    return Probe(
        "healthCheck",
        "exec",
        command=tuple(words),
        timeout=numbers["timeout"],
        patience=numbers["startPeriod"] + numbers["retries"] * numbers["interval"],
    )
