"""From a Copilot application to its stacks: one for each environment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from berth.errors import ConfigError
from berth.importing import calls
from berth.importing.copilot import addons, environment
from berth.importing.copilot.application import FOLDER, Application, Manifest, interpolated
from berth.importing.copilot.tables import TYPES
from berth.importing.copilot.workload import Workload, extra_files, local_path, relative
from berth.importing.draft import Stack
from berth.importing.names import LONGEST, short
from berth.importing.sizes import fitted
from berth.importing.table import NotCarried, Remark
from components.rooms.image.tag import context_files
from components.service.settings import DATABASE

SITE: Final = "Static Site"
KINDS: Final = {"Worker Service": "worker", "Scheduled Job": "job"}
_APP_RUNNER: Final = {"cpu": 1024, "memory": 2048}
"""What a Request-Driven Web Service has by default; the other types' defaults are this program's."""
_INJECTED: Final = re.compile(rb"\bCOPILOT_[A-Z_]+\b")
_LARGEST_SOURCE: Final = 1 << 20
_PIPELINE: Final = (
    "A pipeline previews on each pull request and runs pulumi up on each commit.",
    ".github/workflows/preview.yml has the first; the second is: pulumi up --stack <stack> --policy-pack policy",
)


def stacks(
    application: Application,
    project: Path,
    chosen: Sequence[str],
    backend: str,
    region: str | None,
    otherwise: str | None,
) -> list[Stack]:
    """Return an application's environments as stacks.

    Args:
        application: what lies in the folder.
        project: the folder of ``Pulumi.yaml``.
        chosen: names of environments; none of them means all.
        backend: the berth.
        region: AWS region, if it was said.
        otherwise: the region of an environment whose manifest names none.

    Raises:
        ConfigError: there is no such environment, or nothing says in which region one is.
    """
    names = application.stacks()
    if names and (unknown := sorted(set(chosen) - set(names))):
        raise ConfigError(
            f"The application has no environment {', '.join(unknown)}.\nIt has {', '.join(names)}.\n"
            f"Example: --environment {names[0]}"
        )
    if not chosen and not names:
        raise ConfigError("The folder names no environment.\nExample: --environment test")
    manifests = {one.name: one.tree for one in application.environments}
    found = []
    for name in chosen or names:
        place = region or environment.region_of(manifests.get(name, {})) or otherwise
        if place is None:
            raise ConfigError(f"Nothing says in which region {name} is.\nExample: --region eu-central-1")
        found.append(carried(application, project, name, backend, place))
    return found


def carried(application: Application, project: Path, name: str, backend: str, region: str) -> Stack:
    """Return an environment of an application as a stack.

    Args:
        application: what lies in the folder.
        project: the folder of ``Pulumi.yaml``.
        name: the environment's name, and the stack's.
        backend: the berth.
        region: AWS region.
    """
    stack = Stack(name, region, backend, f"Copilot's application {application.name}, environment {name}")
    known = {"COPILOT_APPLICATION_NAME": application.name, "COPILOT_ENVIRONMENT_NAME": name}

    held = environment.Environment(stack)
    for manifest in application.environments:
        if manifest.name == name:
            file = relative(manifest.file, application.root)
            tree, missing = _filled(manifest.tree, known, file)
            stack.remarks += [*missing, *environment.TABLE.walk(tree, held, file)]

    answering = TYPES.keys() - KINDS.keys() - {SITE}
    names = {one.name: short(one.name) for one in application.workloads if one.type in answering}
    services = []
    for manifest in application.workloads:
        file = relative(manifest.file, application.root)
        tree, missing = _filled(manifest.at(name), known, file)
        service = Workload(
            short(manifest.name),
            file,
            application=application,
            environment=name,
            stack=stack,
            project=project,
            names=names,
        )
        said = [*missing, *_service(service, manifest, tree)]
        stack.remarks += [_placed(one, manifest.overrides(name), name) for one in said]
        if manifest.type in TYPES and manifest.type != SITE:
            services.append(service)
    stack.services += services
    stack.remarks += environment.domain(held, services)
    stack.remarks += calls.separated(services, "image.port")
    stack.remarks += calls.settled(services)
    stack.remarks += _others(application, services)
    return stack


def _filled(tree: Mapping[str, Any], known: Mapping[str, str], file: str) -> tuple[Mapping[str, Any], list[Remark]]:
    """Return a manifest with its variables filled in, and what is to be said of those that nobody knows."""
    missing: list[tuple[str, str]] = []
    filled = interpolated(tree, known, missing)
    why = "Nobody knows this variable."
    return filled, [
        Remark(file, key, f"${{{name}}}", "left", why, f"set {name} and import again") for key, name in missing
    ]


def _service(service: Workload, manifest: Manifest, tree: Mapping[str, Any]) -> Iterator[Remark]:
    """Carry one workload; yield what is to be said of its keys."""
    table = TYPES.get(manifest.type)
    if table is None:
        known = ", ".join(TYPES)
        yield Remark(
            service.file, "type", manifest.type, "left", "There is no such type of workload.", f"one of {known}"
        )
        return
    if service.name != manifest.name:
        why = f"A name has {LONGEST} characters at most: it is {service.name} here."
        yield Remark(service.file, "name", manifest.name, "changed", why)
    kind = KINDS.get(manifest.type)
    if kind:
        service.put(kind, "kind")
    if manifest.type == "Backend Service":
        service.put("internal", "exposure")
    if kind != "job" and manifest.type != SITE:
        service.put(1, "minReplicas")
        service.put(1, "maxReplicas")
    if manifest.type == "Request-Driven Web Service":
        service.keys.update(_APP_RUNNER)
    if kind is None and "Web Service" in manifest.type:
        service.put("/", "healthPath")
        service.put("/", "readyPath")
    yield from table.walk(tree, service, service.file)
    if not {"image", "context"} & service.keys.keys():
        with suppress(NotCarried):  # which is said of the key that leads out of the project
            service.put(service.path("."), "context")  # as Copilot takes it
    if manifest.type == "Backend Service":
        yield from _backend(service, tree)
    yield from fitted(service, service.stack.backend)
    yield from _told(service)


def _backend(service: Workload, tree: Mapping[str, Any]) -> Iterator[Remark]:
    """Make a service without a port a worker, and find out where one with a port is asked for its health."""
    if "port" not in service.keys:
        service.keys.pop("exposure")
        service.put("worker", "kind")
        return
    if "http" in tree:
        service.keys.setdefault("healthPath", "/")
        service.keys.setdefault("readyPath", "/")
        return
    path = local_path(service.keys.get("healthCommand", []))
    said = "as the container's own check asks it" if path else "write healthPath and readyPath if it answers elsewhere"
    if path:
        service.put(path, "healthPath")
        service.put(path, "readyPath")
    asked = path or "/healthz and /readyz"
    why = f"A service with a port is asked for its health by HTTP, at {asked}: {said}."
    yield Remark(service.file, "image.port", str(service.keys["port"]), "changed", why)


def _told(service: Workload) -> Iterator[Remark]:
    """Give a service those of Copilot's own variables that its source names, and yield those that nobody sets."""
    given = {
        "COPILOT_APPLICATION_NAME": service.application.name,
        "COPILOT_ENVIRONMENT_NAME": service.environment,
        "COPILOT_SERVICE_NAME": service.name,
    }
    instead = {
        "COPILOT_SERVICE_DISCOVERY_ENDPOINT": "`uses: [other]` of this service, and read OTHER_URL",
        "COPILOT_LB_DNS": "the API's address is the stack's output `url`",
    }
    written = service.keys.get("environment", {})
    for name in sorted(_named(service) - written.keys()):
        if name in given:
            service.put(given[name], "environment", name)
        else:
            what = instead.get(name, f"environment: {{{name}: …}} with the value that Copilot's stack has for it")
            yield Remark(
                service.file, "variables", name, "left", "The source reads it, and Copilot alone sets it.", what
            )


def _named(service: Workload) -> set[str]:
    """Return Copilot's variables that the files of the build context name."""
    folder = service.keys.get("context")
    if folder is None or not (context := service.project / folder).is_dir():
        return set()
    dockerfile = service.keys.get("dockerfile", "Dockerfile")
    files = (context / one for one in context_files(context, dockerfile) if FOLDER not in one.parts)
    small = (one for one in files if one.is_file() and one.stat().st_size <= _LARGEST_SOURCE)
    return {found.decode() for one in small for found in _INJECTED.findall(one.read_bytes())}


def _others(application: Application, services: Sequence[Workload]) -> Iterator[Remark]:
    """Yield what is to be said of addons, pipelines and whatever else lies in the folder."""
    by_name = {one.name: one for one in services}
    for manifest in (None, *application.workloads):
        for file in application.addons(manifest.name if manifest else None):
            if file.suffix not in (".yml", ".yaml") or "parameters" in file.name:
                continue  # parameters of the templates, which are gone with these
            found = addons.resources(file)
            users = [by_name[short(manifest.name)]] if manifest and short(manifest.name) in by_name else services
            if addons.has_postgres(found):
                for service in users:
                    service.use(DATABASE)
            whose = users[0].name if manifest and users else "every service; take it from those that do not ask it"
            yield from addons.remarks(relative(file, application.root), found, whose)
    for pipeline in application.pipelines:
        yield Remark(relative(pipeline.file, application.root), "", "", "left", *_PIPELINE)
    for file in extra_files(application):
        why = "It changes what Copilot makes, or belongs to it, and is not read."
        yield Remark(
            relative(file, application.root),
            "",
            "",
            "left",
            why,
            "look what it changes, and whether a key here says it",
        )


def _placed(remark: Remark, overrides: Mapping[str, Any], name: str) -> Remark:
    """Return a remark with its key below ``environments``, if it stands there."""
    tree: Any = overrides
    for part in remark.key.split("."):
        if isinstance(tree, Mapping) and part in tree:
            tree = tree[part]
        elif isinstance(tree, list) and part.isdigit() and int(part) < len(tree):
            tree = tree[int(part)]
        else:
            return remark
    return replace(remark, key=f"environments.{name}.{remark.key}")
