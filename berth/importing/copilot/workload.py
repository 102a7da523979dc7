"""One Copilot workload on its way to a service, and the rules that need more than a table says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from berth.importing import env_files, schedules
from berth.importing.copilot.application import FOLDER, Application
from berth.importing.draft import Call, Service, Stack
from berth.importing.table import NotCarried
from berth.importing.values import LOWEST_PORT, port, secret_of, secrets_manager, text, variable, whole, within

_HOST: Final = re.compile(r"https?://([A-Za-z0-9.-]+)(?::\d+)?(/[^?#]*)?")
_LOCAL: Final = re.compile(r"https?://(?:localhost|127\.0\.0\.1)(?::\d+)?(/[^\s'\"?#]*)?")


@dataclass
class Workload(Service):
    """A service that was a Copilot workload."""

    application: Application = field(kw_only=True)
    environment: str = field(kw_only=True)
    stack: Stack = field(kw_only=True)
    project: Path = field(kw_only=True)
    """The folder of ``Pulumi.yaml``."""
    names: Mapping[str, str] = field(kw_only=True)
    """Workloads of the application that answer requests of others, by their names in Copilot and here."""
    aliases: list[tuple[str, str | None]] = field(default_factory=list)
    """Host names that lead to it, each with its hosted zone."""

    def path(self, value: str | PurePosixPath) -> str:
        """Return a path of the workspace, relative to the project."""
        place = (self.application.root / value).resolve()
        try:
            return place.relative_to(self.project.resolve()).as_posix()
        except ValueError as error:
            raise NotCarried("It lies outside of the project.", f"move the application into {self.project}") from error


Names = tuple[str, ...]


# --- image ---


def build_file(service: Workload, value: Any, _: Names) -> None:
    """``image.build: path/to/Dockerfile``: the context is the folder it lies in."""
    file = PurePosixPath(text(value))
    service.put(service.path(file.parent), "context")
    service.put(file.name, "dockerfile")


def build_context(service: Workload, value: Any, _: Names) -> None:
    """``image.build.context``."""
    service.put(service.path(text(value)), "context")


def build_dockerfile(service: Workload, value: Any, _: Names) -> None:
    """``image.build.dockerfile``, relative to the workspace there and to the context here."""
    file = PurePosixPath(service.path(text(value)))
    context = PurePosixPath(service.keys.setdefault("context", file.parent.as_posix()))
    if not file.is_relative_to(context):
        raise NotCarried(f"It lies outside of its context, {context}.", "move it into the context")
    service.put(file.relative_to(context).as_posix(), "dockerfile")


def listening(service: Workload, value: Any, _: Names) -> str | None:
    """``image.port``."""
    number, said = port(value)
    service.put(number, "port")
    return said


def target_port(service: Workload, value: Any, _: Names) -> str | None:
    """``http.target_port``: the port that requests go to, instead of the image's."""
    number, said = port(value)
    before = service.keys.get("port")
    service.put(number, "port")
    if before not in (None, number):
        other = f"ports: {{other: {{port: {before}, exposure: internal, path: /other}}}}"
        return f"{said or ''} Nothing asks at image.port here; if something should: {other}".strip()
    return said


def environment_file(service: Workload, value: Any, names: Names) -> str:
    """``env_file``: its variables stand in the stack file."""
    target = ("sidecars", names[0], "environment") if names else ("environment",)
    return env_files.taken(service, service.application.root / text(value), *target)


# --- variables and secrets ---


def plain_variable(service: Workload, value: Any, names: Names) -> None:
    """``variables``: plain ones; what becomes of another service's address is decided when all ways are known."""
    name = names[-1]
    content = text(value)
    if (match := _HOST.fullmatch(content)) and (called := _called(service, match[1])):
        key = f"sidecars.{names[0]}.variables.{name}" if len(names) > 1 else f"variables.{name}"
        service.calls.append(Call(key, name, content, match[1], (match[2] or "").rstrip("/"), called))
        return
    where = ("sidecars", names[0], "environment", name) if len(names) > 1 else ("environment", name)
    service.put(variable(name, content), *where)


def _called(service: Workload, host: str) -> str | None:
    """Return the service of the stack that a host name of Copilot's network means."""
    first, _, rest = host.partition(".")
    app, env = service.application.name, service.environment
    here = service.names.get(first)
    spaces = ("", f"{env}.{app}.local", f"{app}.local", f"{env}.{app}.internal")
    return here if here and here != service.name and rest in spaces else None


def secret(service: Workload, value: Any, names: Names) -> None:
    """``secrets``: a parameter of SSM, or a secret's ARN."""
    found = secret_of(value)
    if "parameter" in found and text(value).startswith("arn:") and text(value).split(":")[3] != service.stack.region:
        raise NotCarried("A parameter is read in the stack's own region.", f"copy it to {service.stack.region}")
    service.put(found, *_secret_place(names))


def named_secret(service: Workload, value: Any, names: Names) -> None:
    """``secrets.*.secretsmanager``: a secret by its name, with a key of its JSON behind it."""
    service.put(secrets_manager(value), *_secret_place(names))


def _secret_place(names: Names) -> Names:
    return ("sidecars", names[0], "secrets", names[1]) if len(names) > 1 else ("secrets", names[0])


# --- size and number ---


def processor(service: Workload, value: Any, _: Names) -> None:
    """``platform``: ``linux/arm64`` and the like."""
    system, slash, architecture = text(value).lower().rpartition("/")
    if slash and system != "linux":
        raise NotCarried("Windows containers run at no berth.", "build the image for Linux")
    known = {"x86_64": "amd64", "amd64": "amd64", "arm64": "arm64", "arm": "arm64"}
    if architecture not in known:
        raise NotCarried("It is no processor that is known here.", "architecture: amd64 or arm64")
    service.put(known[architecture], "architecture")


def fixed_count(service: Workload, value: Any, _: Names) -> str | None:
    """``count: 3``, and ``count.spot``."""
    number = whole(value)
    if number == 0:
        _replicas(service, 1, 1)
        raise NotCarried("Nothing runs with 0, and 1 is written.", "leave the service out until it is needed")
    _replicas(service, number, number)
    return None


def count_range(service: Workload, value: Any, _: Names) -> None:
    """``count.range: 1-10``."""
    match = re.fullmatch(r"(\d+)-(\d+)", text(value))
    if not match:
        raise NotCarried("It is no range.", "write it like 1-10")
    _replicas(service, int(match[1]), int(match[2]))


def _replicas(service: Workload, low: int, high: int) -> None:
    service.put(low, "minReplicas")
    service.put(high, "maxReplicas")


def opens_shells(service: Workload, value: Any, _: Names) -> str | None:
    """``exec``: a key of the berth here, not of the service."""
    if value is True:
        if service.stack.backend == "eks":
            return "kubectl exec needs no switch: who may use it is in the cluster's access entries."
        service.stack.keys.setdefault(service.stack.backend, {})["exec"] = True
        return f"It is one switch for all services: berth:{service.stack.backend}: {{exec: true}}."
    return None


# --- ways ---


def way(service: Workload, value: Any, _: Names) -> str | None:
    """``http.path``: the beginning of the paths that lead to it; of ``/`` nothing has to be said."""
    path = "/" + text(value).strip("/")
    if path == "/":
        return None
    if "*" in path or "?" in path:
        raise NotCarried("A path is the beginning of paths here, and has no wildcards.", "path: /beginning")
    service.put(path, "path")
    return None


def not_by_http(service: Workload, value: Any, _: Names) -> str | None:
    """``http: false``: what a network load balancer alone led to."""
    if value is False:
        service.put("internal", "exposure")
        return "Nothing leads to it from outside: it is internal, asked by HTTP by the services that use it."
    return None


def private(service: Workload, value: Any, _: Names) -> None:
    """``http.private``: asked from inside only."""
    if value is True:
        service.put("internal", "exposure")


def private_endpoint(service: Workload, value: Any, _: Names) -> None:
    """``http.private.endpoint``: asked from inside only, and by no endpoint."""
    service.put("internal", "exposure")
    raise NotCarried("An internal service has no endpoint of its own.", "`uses` in who calls it")


def hosts(service: Workload, value: Any, _: Names) -> None:
    """``http.alias``: names that lead to it; which of them the API has is decided for the whole stack."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, Mapping):
            service.aliases.append((text(one.get("name")), one.get("hosted_zone")))
        else:
            service.aliases.append((text(one), None))


def hosted_zone(service: Workload, value: Any, _: Names) -> None:
    """``http.hosted_zone``: the zone of the aliases that name none."""
    service.aliases = [(alias, zone or text(value)) for alias, zone in service.aliases]


def health_path(service: Workload, value: Any, _: Names) -> None:
    """``http.healthcheck``: one path for both questions, alive and ready, as the load balancer asked."""
    service.put(text(value), "healthPath")
    service.put(text(value), "readyPath")


def health_port(service: Workload, value: Any, _: Names) -> None:
    """``http.healthcheck.port``."""
    if whole(value) != service.keys.get("port"):
        raise NotCarried("Health is asked at the port that requests go to.", "answer the health path there as well")


def local_path(command: list[str]) -> str | None:
    """Return the path that a container's health check asks of its own service: ``curl -f http://localhost:8080/``."""
    found = _LOCAL.search(" ".join(command))
    return (found[1] or "/") if found else None


def further_port(service: Workload, value: Any, names: Names) -> str | None:
    """``http.additional_rules``: each is a port of its own here, with its way."""
    if not isinstance(value, Mapping):
        raise NotCarried("It is no rule.", "write it as an object of path and target_port")
    rule = dict(value)
    path = "/" + text(rule.get("path", "")).strip("/")
    if path == "/" or "*" in path:
        raise NotCarried("A further port has a path of its own, without wildcards.", "path: /beginning")
    name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or f"rule-{names[0]}"
    number, said = port(rule.get("target_port", service.keys.get("port", 8080)))
    if number == service.keys.get("port"):
        raise NotCarried(
            "A service has one path for its own port.",
            f"path: the beginning that all its paths share; or a service of its own for {path}",
        )
    check = rule.get("healthcheck", "/")
    settings = {"port": number, "exposure": service.keys.get("exposure", "public"), "path": path}
    settings["healthPath"] = text(check.get("path", "/") if isinstance(check, Mapping) else check)
    alias = rule.get("alias")
    if isinstance(alias, str):
        settings["host"] = alias
    service.put(settings, "ports", name)
    lost = sorted(rule.keys() - {"path", "target_port", "healthcheck", *(("alias",) if isinstance(alias, str) else ())})
    if isinstance(check, Mapping):
        lost += [f"healthcheck.{key}" for key in check if key != "path"]
    left = f" Not carried of it: {', '.join(lost)}; see the same keys of http." if lost else ""
    return f"{said or ''} It is `ports.{name}` here.{left}".strip()


# --- sidecars ---


def sidecar_port(service: Workload, value: Any, names: Names) -> str | None:
    """``sidecars.*.port``: with its protocol behind it, perhaps."""
    given, _, protocol = text(value).partition("/")
    if protocol.lower() not in ("", "tcp"):
        raise NotCarried("Only TCP is carried.", "ask the sidecar by TCP")
    number = within(1, 65535)(given)
    own = number if number >= LOWEST_PORT else 9000 + number
    service.put(own, "sidecars", names[0], "port")
    if own == number:
        return None
    return f"A process that is not root binds no port below {LOWEST_PORT}: let it listen on {own}, and ask it there."


# --- jobs ---


def schedule(service: Workload, value: Any, _: Names) -> None:
    """``on.schedule``."""
    fields = schedules.five_fields(value)
    if fields:
        service.put(fields, "schedule")


def percent(value: Any) -> int:
    """Return a target of autoscaling."""
    return within(10, 90)(value)


def relative(file: Path, root: Path) -> str:
    """Return a file's name as a remark has it: from the folder that is imported."""
    return file.relative_to(root).as_posix()


def extra_files(application: Application) -> Iterator[Path]:
    """Yield the files of the application that are neither manifests nor addons."""
    for file in application.others:
        if "addons" not in file.relative_to(application.root / FOLDER).parts:
            yield file
