"""One Compose service on its way, and the rules that need more than a table says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from berth.importing import env_files
from berth.importing.compose.file import Composition
from berth.importing.draft import Call, Service, Stack
from berth.importing.table import NotCarried
from berth.importing.values import port, text, variable, whole

Names = tuple[str, ...]

MANAGED: Final = {
    "mysql": "RDS for MySQL",
    "mariadb": "RDS for MariaDB",
    "redis": "ElastiCache",
    "valkey": "ElastiCache",
    "memcached": "ElastiCache",
    "mongo": "DocumentDB",
    "rabbitmq": "Amazon MQ",
    "kafka": "MSK",
    "zookeeper": "MSK",
    "elasticsearch": "OpenSearch Service",
    "opensearch": "OpenSearch Service",
    "minio": "S3",
    "localstack": "the services of AWS themselves",
}
"""Images of what keeps data or speaks no HTTP, and where AWS has it."""
POSTGRES: Final = ("postgres", "postgis", "timescaledb", "pgvector")
_ADDRESS: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^@/\s]*@)?([A-Za-z0-9_.-]+)(?::\d+)?(/[^?#\s]*)?")
_EXPOSED: Final = re.compile(r"^\s*EXPOSE\s+(\d+)", re.MULTILINE | re.IGNORECASE)


@dataclass
class Composed(Service):
    """A service that was a Compose service."""

    composition: Composition = field(kw_only=True)
    project: Path = field(kw_only=True)
    """The folder of ``Pulumi.yaml``."""
    stack: Stack = field(kw_only=True)
    names: Mapping[str, str] = field(kw_only=True)
    """Services that are carried, by their names in Compose and here."""
    waits_for: list[str] = field(default_factory=list)

    def path(self, value: str) -> str:
        """Return a path that is relative to the Compose file, relative to the project."""
        place = (self.composition.folder / value).resolve()
        try:
            return place.relative_to(self.project.resolve()).as_posix()
        except ValueError as error:
            raise NotCarried("It lies outside of the project.", f"move it into {self.project}") from error


def image_name(image: object) -> str:
    """Return the last part of an image's name, without its tag: ``postgres``."""
    return str(image).partition("@")[0].rpartition("/")[2].partition(":")[0]


# --- image ---


def build(service: Composed, value: Any, _: Names) -> None:
    """``build`` and ``build.context``."""
    given = text(value)
    if "://" in given or given.startswith("git@"):
        raise NotCarried("An image is built from a folder of the project.", "clone it into the project")
    service.put(service.path(given), "context")


def dockerfile(service: Composed, value: Any, _: Names) -> None:
    """``build.dockerfile``, relative to the context."""
    service.put(text(value), "dockerfile")


# --- variables ---


def plain_variable(service: Composed, value: Any, names: Names) -> None:
    """``environment``: plain ones; one that names another service is that service's address, or the database's."""
    name, content = names[-1], text(value)
    if "${" in content:
        raise NotCarried("A variable in it is not known.", "set it and import again, or write the value")
    match = _ADDRESS.fullmatch(content)
    other = match[1] if match else ""
    if match and other in service.composition.services and other != service.name:
        if other in service.names:
            if content.startswith("http"):
                key = f"services.{service.name}.environment.{name}"
                way = (match[2] or "").rstrip("/")
                service.calls.append(Call(key, name, content, other, way, service.names[other]))
                return
            raise NotCarried(f"The name {other} is known in Compose's network only.", "read the address as a URL: uses")
        image = image_name(service.composition.services[other].get("image"))
        if image in POSTGRES:
            raise NotCarried(
                "The database is given by variables of its own.",
                "read DATABASE_HOST, DATABASE_PORT, DATABASE_NAME, DATABASE_USER and DATABASE_PASSWORD",
            )
        raise NotCarried(f"{other} is not carried.", f"the address that {MANAGED.get(image, 'it')} has in AWS")
    service.put(variable(name, content), "environment", name)


def variable_files(service: Composed, value: Any, _: Names) -> str:
    """``env_file``: a file, or several."""
    said = []
    for one in value if isinstance(value, list) else [value]:
        file = text(one.get("path") if isinstance(one, Mapping) else one)
        said.append(env_files.taken(service, service.composition.folder / file, "environment"))
    return " ".join(said)


# --- ways ---


def published(service: Composed, value: Any, _: Names) -> str | None:
    """``ports``: the first one is the service's own."""
    if isinstance(value, Mapping):
        number, protocol, host = value.get("target"), str(value.get("protocol", "tcp")), str(value.get("host_ip", ""))
    else:
        given, _sign, protocol = text(value).partition("/")
        host, _sign, number = given.rpartition(":")
    if protocol not in ("", "tcp"):
        raise NotCarried("Only HTTP by TCP leads to a service.", "a load balancer beside this program")
    if "-" in str(number):
        raise NotCarried("Each port is named by itself.", "ports: {name: {port: 8081, exposure: public, path: /name}}")
    return _door(service, number, "internal" if host.startswith(("127.", "localhost", "[::1]")) else "public")


def exposed(service: Composed, value: Any, _: Names) -> str | None:
    """``expose``: asked by other services only."""
    return _door(service, text(value).partition("/")[0], "internal")


def _door(service: Composed, value: Any, exposure: str) -> str | None:
    number, said = port(value)
    if "port" in service.keys:
        if service.keys["port"] == number:
            return None
        raise NotCarried(
            "Each further port has a way of its own.",
            f"ports: {{name: {{port: {number}, exposure: {exposure}, path: /name}}}}",
        )
    service.put(number, "port")
    if exposure == "internal":
        service.put(exposure, "exposure")
    return said


def asked_port(service: Composed, tree: Mapping[str, Any], callers: str) -> int | None:
    """Return the port that others ask a service at that publishes none: by their variables, or by its Dockerfile.

    Args:
        service: the service.
        tree: its keys.
        callers: the environments of all others.
    """
    names = [str(tree.get("container_name", "")), service.name]
    for name in filter(None, names):
        if found := re.search(rf"https?://{re.escape(name)}(?::(\d+))?\b", callers):
            return int(found[1] or 80)
    context = service.keys.get("context")
    if context is None:
        return None
    file = service.project / context / service.keys.get("dockerfile", "Dockerfile")
    found_there = _EXPOSED.findall(file.read_text(errors="replace")) if file.is_file() else []
    return int(found_there[0]) if found_there else None


def waits(service: Composed, value: Any, names: Names) -> None:
    """``depends_on``: those that it may ask; what they are is known when all are read."""
    service.waits_for.append(names[-1])
    if isinstance(value, Mapping) and value.get("condition") == "service_completed_successfully":
        raise NotCarried("What must end first is a part of the service here.", "initCommand, in the service's image")
    raise NotCarried("Services start together, in no order.", "ask again until the other one answers")


# --- size and number ---


def replicas(service: Composed, value: Any, _: Names) -> None:
    """``scale`` and ``deploy.replicas``."""
    number = whole(value)
    if number == 0:
        raise NotCarried("Nothing runs with 0.", "leave the service out until it is needed")
    service.put(number, "minReplicas")
    service.put(number, "maxReplicas")


def processor(service: Composed, value: Any, _: Names) -> None:
    """``platform``."""
    parts = text(value).lower().split("/")
    known = {"amd64": "amd64", "x86_64": "amd64", "arm64": "arm64", "aarch64": "arm64"}
    if parts[0] not in ("linux", *known) or parts[-1] not in (*known, "v8"):
        raise NotCarried("It is no processor that is known here.", "architecture: amd64 or arm64")
    service.put(next(known[part] for part in parts if part in known), "architecture")


# --- files ---


def mounted(service: Composed, value: Any, _: Names) -> None:
    """``volumes``: a file of the project that is only read is a file here; nothing else lasts."""
    if isinstance(value, Mapping):
        source, target = str(value.get("source", "")), str(value.get("target", ""))
        kind = str(value.get("type"))
    else:
        parts = text(value).split(":")
        source, target = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
        kind = "bind" if source.startswith((".", "/", "~")) else "volume"
    if target.rstrip("/") == "/tmp" or (kind == "tmpfs" and target == "/tmp"):
        return
    if kind == "bind":
        if (service.composition.folder / source).is_file():
            service.keys.setdefault("files", []).append({"path": target, "source": service.path(source)})
            return
        raise NotCarried(
            "A folder is not mounted: the image holds what it needs.", "COPY it in the Dockerfile; or files"
        )
    raise NotCarried(
        "No service keeps files: the root is read-only, and /tmp is empty at each start.",
        "/tmp for what may be lost; S3 by grants; the database for the rest",
    )


def secret(service: Composed, value: Any, _: Names) -> str:
    """``secrets``: one that is external is in Secrets Manager here, and a file as there."""
    name, target, definition = _reference(service, value, "secrets")
    path = target if target.startswith("/") else f"/run/secrets/{target}"
    held = definition.get("name", name) if definition.get("external") else f"{service.stack.name}/{name}"
    service.keys.setdefault("files", []).append({"path": path, "secret": str(held)})
    what = "it has to be there" if definition.get("external") else "put its content there"
    return f"{path} comes from Secrets Manager's secret {held}: {what}."


def config(service: Composed, value: Any, _: Names) -> None:
    """``configs``: files of the project."""
    name, target, definition = _reference(service, value, "configs")
    if "file" not in definition:
        raise NotCarried("A file comes from the project.", "write it to a file: configs: {name: {file: ./name}}")
    path = target if target.startswith("/") else f"/{target}"
    source = service.path(text(definition["file"]))
    service.keys.setdefault("files", []).append({"path": path, "source": source})
    if path.count("/") < 2:
        service.keys["files"].pop()
        raise NotCarried(
            "A file lies in a folder of its own here.", f"files: [{{path: /etc/{name}/{name}, source: {source}}}]"
        )


def _reference(service: Composed, value: Any, kind: str) -> tuple[str, str, Mapping[str, Any]]:
    name = text(value.get("source") if isinstance(value, Mapping) else value)
    target = str(value.get("target") or name) if isinstance(value, Mapping) else name
    found = service.composition.tree.get(kind)
    definition = found.get(name) if isinstance(found, Mapping) else None
    return name, target, definition if isinstance(definition, Mapping) else {}
