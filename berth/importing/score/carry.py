"""From a Score file to a stack; the table of its keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from berth.errors import ConfigError
from berth.importing.draft import Stack
from berth.importing.names import short
from berth.importing.score.workload import (
    Workload,
    asked,
    file_at,
    image,
    main_container,
    port_of,
    probe_port,
    put,
    resource,
    set_variable,
)
from berth.importing.sizes import fitted
from berth.importing.table import SAME, Already, Carry, Left, Remark, Table
from berth.importing.values import check_command, cpu_units, megabytes, words
from berth.yaml_file import read

_REQUESTED: Final = Left("A service has `cpu` and `memory`, both hard limits.", "resources.limits, or cpu and memory")
_PROBE: Final = Left("A probe is a GET by HTTP, and 200 is healthy.", "answer 200 to everybody inside the network")
_NOTES: Final = Left("Services have no annotations.")

_CONTAINER: Final[Mapping[str, Carry[Workload] | Left | Already]] = {
    "image": image,
    "command": put("entrypoint", words),
    "args": put("command", words),
    "variables.*": set_variable,
    "files.*": file_at,
    "volumes": Left("No service keeps files: /tmp is empty at each start.", "S3 by grants; the database for the rest"),
    "before": Left("Containers of a replica start together.", "initCommand, in the service's own image"),
    "resources.limits.cpu": put("cpu", cpu_units),
    "resources.limits.memory": put("memory", megabytes),
    "resources.requests": _REQUESTED,
    "livenessProbe.httpGet.path": asked("healthPath"),
    "readinessProbe.httpGet.path": asked("readyPath"),
    "livenessProbe.exec.command": put("healthCommand", check_command),
    "readinessProbe.exec.command": Left("Whether it can take requests is asked by HTTP.", "readyPath"),
    **dict.fromkeys(("livenessProbe.httpGet.port", "readinessProbe.httpGet.port"), probe_port),
    **dict.fromkeys(("livenessProbe.httpGet.scheme", "readinessProbe.httpGet.scheme"), Already(("HTTP",), _PROBE)),
    **dict.fromkeys(("livenessProbe.httpGet.host", "readinessProbe.httpGet.host"), _PROBE),
    **dict.fromkeys(("livenessProbe.httpGet.httpHeaders", "readinessProbe.httpGet.httpHeaders"), _PROBE),
}
TABLE: Final = Table[Workload](
    "a Score workload",
    {
        "apiVersion": Already(("score.dev/v1b1",), Left("Only score.dev/v1b1 is known here.", "score.dev/v1b1")),
        "metadata.name": SAME,
        "metadata.annotations": _NOTES,
        "metadata.*": _NOTES,
        "service.ports.*": port_of,
        **{f"containers.*.{key}": rule for key, rule in _CONTAINER.items()},
        "resources.*": resource,
    },
)


def carried(path: Path, project: Path, name: str, backend: str, region: str) -> Stack:
    """Return a Score workload as a stack of one service.

    Args:
        path: the file.
        project: the folder of ``Pulumi.yaml``.
        name: the stack's name.
        backend: the berth.
        region: AWS region.

    Raises:
        ConfigError: it is no Score file.
    """
    tree = read(path).value
    metadata = tree.get("metadata") if isinstance(tree, Mapping) else None
    given = metadata.get("name") if isinstance(metadata, Mapping) else None
    main = main_container(tree) if given else None
    if not isinstance(given, str) or main is None:
        raise ConfigError(f"{path.name} has no metadata.name or no container, and is no Score file.")
    stack = Stack(name, region, backend, path.name)
    service = Workload(short(given), path.name, tree=tree, folder=path.parent, project=project)
    stack.services.append(service)
    stack.remarks += _carry(service, tree, main, backend)
    return stack


def _carry(service: Workload, tree: Mapping[str, Any], main: str, backend: str) -> Iterator[Remark]:
    if service.name != tree["metadata"]["name"]:
        yield Remark(service.file, "metadata.name", service.name, "changed", f"Its name is {service.name} here.")
    service.put("internal", "exposure")  # until a route leads to it
    containers = tree["containers"]
    # The service's own container is known by an empty name, which no other can have.
    renamed = {"" if name == main else name: one for name, one in containers.items()}
    for remark in TABLE.walk({**tree, "containers": renamed}, service, service.file):
        yield _named(remark, main)
    if "port" not in service.keys:
        service.keys.pop("exposure")
        service.put("worker", "kind")
    elif service.is_internal:
        why = "No resource of type route leads to it: it is internal."
        yield Remark(service.file, "service.ports", "", "changed", f"{why} exposure: public makes the API lead to it.")
    yield from fitted(service, backend)


def _named(remark: Remark, main: str) -> Remark:
    return replace(remark, key=remark.key.replace("containers..", f"containers.{main}.", 1))
