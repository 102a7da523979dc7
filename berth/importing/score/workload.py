"""One Score workload on its way to a service, and the rules that need more than a table says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from berth.importing.draft import Service
from berth.importing.table import NotCarried
from berth.importing.values import port, text, variable, whole
from components.service.settings import DATABASE

Names = tuple[str, ...]
Rule = Callable[["Workload", Any, Names], str | None]

DATABASES: Final = ("postgres", "postgres-instance", "postgresql")
"""Types of resources that the program's database is."""
_VARIABLES: Final = {
    "host": "DATABASE_HOST",
    "port": "DATABASE_PORT",
    "name": "DATABASE_NAME",
    "database": "DATABASE_NAME",
    "username": "DATABASE_USER",
    "user": "DATABASE_USER",
    "password": "DATABASE_PASSWORD",
}
"""A database's outputs to the variables that a service is given."""
_PLACEHOLDER: Final = re.compile(r"(?<!\$)\$\{([^}]*)\}")


@dataclass
class Workload(Service):
    """A service that was a Score workload."""

    tree: Mapping[str, Any] = field(kw_only=True)
    folder: Path = field(kw_only=True)
    """What its paths are relative to."""
    project: Path = field(kw_only=True)
    """The folder of ``Pulumi.yaml``."""

    def path(self, value: str) -> str:
        """Return a path that is relative to the file, relative to the project."""
        try:
            return (self.folder / value).resolve().relative_to(self.project.resolve()).as_posix()
        except ValueError as error:
            raise NotCarried("It lies outside of the project.", f"move it into {self.project}") from error

    def filled(self, value: str) -> str:
        """Return a text with the placeholders filled in that are known: ``${metadata.name}``.

        Raises:
            NotCarried: one of them is a resource's, which only a deployment can tell.
        """

        def fill(match: re.Match[str]) -> str:
            first, *rest = match[1].split(".")
            if first == "metadata":
                tree: Any = self.tree.get("metadata")
                for part in rest:
                    tree = tree.get(part) if isinstance(tree, Mapping) else None
                return text(tree)
            resources = self.tree.get("resources")
            resource = resources.get(rest[0]) if isinstance(resources, Mapping) and rest else None
            kind = resource.get("type") if isinstance(resource, Mapping) else None
            if kind in DATABASES:
                given = _VARIABLES.get(rest[1] if len(rest) > 1 else "", "DATABASE_*")
                raise NotCarried("The database is given by variables of its own.", f"read {given}")
            raise NotCarried(
                f"{match[0]} is known to Score's provisioners only.", "write the value, or a secret's place"
            )

        return _PLACEHOLDER.sub(fill, value).replace("$${", "${")


# --- the workload ---


def port_of(service: Workload, value: Any, _: Names) -> str | None:
    """``service.ports.*``: the first one is the service's own."""
    if not isinstance(value, Mapping):
        raise NotCarried("It is no port.", "write it as an object of port and targetPort")
    if str(value.get("protocol", "TCP")) != "TCP":
        raise NotCarried("Only HTTP by TCP leads to a service.", "a load balancer beside this program")
    number, said = port(value.get("targetPort", value.get("port")))
    if "port" in service.keys:
        raise NotCarried(
            "Each further port has a way of its own.",
            f"ports: {{name: {{port: {number}, exposure: internal, path: /name}}}}",
        )
    service.put(number, "port")
    return said


def resource(service: Workload, value: Any, names: Names) -> str | None:
    """``resources.*``: of what it needs the program has the database, and ways for requests."""
    kind = value.get("type") if isinstance(value, Mapping) else None
    if not isinstance(kind, str):
        raise NotCarried("It is no resource.", "write it as an object of type and params")
    given = value.get("params")
    params = given if isinstance(given, Mapping) else {}
    lost = sorted(value.keys() - {"type", "params"}) + [f"params.{one}" for one in params if kind != "route"]
    left = f" Not carried of it: {', '.join(lost)}." if lost else ""
    if kind in DATABASES:
        service.use(DATABASE)
        return "`uses: [database]`: a new, empty PostgreSQL of RDS, told by the variables DATABASE_*." + left
    if kind == "route":
        path = "/" + text(params.get("path", "/")).strip("/")
        if path != "/":
            service.put(path, "path")
        service.put("public", "exposure")
        host = (
            f" Its host needs a domain: berth:api: {{domain: …}} and host: {params['host']}."
            if "host" in params
            else ""
        )
        return f"Requests reach it by the API, at {path}.{host}{left}"
    if kind == "dns":
        raise NotCarried(
            "The API has one domain for all services.", "berth:api: {domain: {name: …, certificateArn: …}}"
        )
    if kind in ("service", "service-port"):
        other = text(params.get("workload", names[-1]))
        raise NotCarried(
            "It is another workload, and services of one stack use each other.",
            f"put it beside this one into berth:services, and uses: [{other}]",
        )
    raise NotCarried(
        f"The program has no room for {kind} yet.",
        "name what exists in environment or secrets, and give the right by grants",
    )


# --- containers ---


def image(service: Workload, value: Any, names: Names) -> str | None:
    """``image``: ``.`` is what is built beside the file."""
    if text(value) != ".":
        service.put(text(value), *_place(names, "image"))
        return None
    if _place(names, "") != ("",):
        raise NotCarried("A sidecar's image is not built here.", "build and push it, and name it: image: …:tag")
    service.put(service.path("."), "context")
    return "It is built from the folder that the file lies in: context."


def set_variable(service: Workload, value: Any, names: Names) -> None:
    """``variables.*``."""
    service.put(variable(names[-1], service.filled(text(value))), *_place(names[:-1], "environment"), names[-1])


def file_at(service: Workload, value: Any, names: Names) -> str | None:
    """``files.*``: files of the project; in the older form a list, each with its target."""
    if not isinstance(value, Mapping):
        raise NotCarried("It is no file.", "write it as an object of source")
    target = text(value.get("target", names[-1]))
    if _place(names[:-1], "") != ("",):
        raise NotCarried("Sidecars have no files of their own.", "COPY it in its Dockerfile")
    if "source" not in value:
        raise NotCarried("A file comes from the project.", f"write it to a file: {{source: ./{Path(target).name}}}")
    source = service.path(text(value["source"]))
    place = service.project / source
    if value.get("noExpand") is not True and place.is_file() and b"${" in place.read_bytes():
        raise NotCarried("It has placeholders, which are not filled in here.", "noExpand: true; or a file without them")
    service.keys.setdefault("files", []).append({"path": target, "source": source})
    return "Its mode is that of all files here: everybody may read it." if "mode" in value else None


def asked(key: str) -> Rule:
    """Return a rule for a probe's path: ``healthPath`` or ``readyPath``."""

    def carry(service: Workload, value: Any, names: Names) -> None:
        if _place(names, "") != ("",):
            raise NotCarried("A sidecar is not asked by HTTP.", "healthCommand of the sidecar")
        service.put(text(value), key)

    return carry


def probe_port(service: Workload, value: Any, _: Names) -> None:
    """``httpGet.port``."""
    if whole(value) != service.keys.get("port"):
        raise NotCarried("Health is asked at the port that requests go to.", "answer the health path there as well")


def put(key: str, read: Callable[[Any], Any]) -> Rule:
    """Return a rule that writes a container's key, of the service or of the sidecar that it is."""

    def carry(service: Workload, value: Any, names: Names) -> None:
        service.put(read(value), *_place(names, key))

    return carry


def main_container(tree: Mapping[str, Any]) -> str | None:
    """Return the container that is the service: the first; the others are beside it."""
    containers = tree.get("containers")
    return next(iter(containers), None) if isinstance(containers, Mapping) else None


def _place(names: Names, key: str) -> Names:
    """Return where a container's key stands: the main one's name is empty."""
    return ("sidecars", names[0], key) if names and names[0] else (key,)
