"""From a Compose file to a stack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from berth.importing import calls
from berth.importing.compose.file import Composition
from berth.importing.compose.service import MANAGED, POSTGRES, Composed, asked_port, image_name
from berth.importing.compose.table import FILE, SERVICES
from berth.importing.draft import Stack
from berth.importing.names import short
from berth.importing.sizes import fitted
from berth.importing.table import NotCarried, Remark
from berth.importing.values import LOWEST_PORT
from components.config.errors import ABSENT, shown
from components.service.settings import DATABASE


def carried(composition: Composition, project: Path, name: str, backend: str, region: str) -> Stack:
    """Return the services of a Compose file as a stack.

    Args:
        composition: what the file holds.
        project: the folder of ``Pulumi.yaml``.
        name: the stack's name.
        backend: the berth.
        region: AWS region.
    """
    file = composition.path.name
    stack = Stack(name, region, backend, file)
    stack.remarks += FILE.walk(composition.tree, None, file)
    stack.remarks += [
        Remark(file, key, f"${{{variable}}}", "left", "Nobody knows this variable.", f"set {variable} and import again")
        for key, variable in composition.missing
    ]
    left_out = {one: _left_out(one, tree, composition) for one, tree in composition.services.items()}
    names = {one: short(one) for one, remark in left_out.items() if remark is None}
    for one, tree in composition.services.items():
        if remark := left_out[one]:
            stack.remarks.append(remark)
            if image_name(tree.get("image")) in POSTGRES:
                stack.remarks += _database(stack, one, tree, file)
            continue
        service = Composed(short(one), file, composition=composition, project=project, stack=stack, names=names)
        stack.services.append(service)
        stack.remarks += _service(service, one, tree)
    services = [service for service in stack.services if isinstance(service, Composed)]
    stack.remarks += calls.separated(services, "ports")
    for service in services:
        _used(service, services)
    stack.remarks += calls.settled(services)
    return stack


def _service(service: Composed, name: str, tree: Mapping[str, Any]) -> Iterator[Remark]:
    """Carry one service; yield what is to be said of its keys."""
    at = f"services.{name}."
    if service.name != name:
        yield Remark(service.file, at.rstrip("."), name, "changed", f"Its name is {service.name} here.")
    service.put(1, "minReplicas")
    service.put(1, "maxReplicas")
    yield from SERVICES.walk(tree, service, service.file, at)
    if isinstance(tree.get("build"), Mapping) and "context" not in service.keys:
        with suppress(NotCarried):  # which is said of the key that leads out of the project
            service.put(service.path("."), "context")
    if "context" in service.keys and (image := service.keys.pop("image", None)):
        why = "It is built, and its image has the hash of what it is built from for a tag."
        yield Remark(service.file, f"{at}image", image, "changed", why)
    if "port" not in service.keys:
        others = {one: each.get("environment") for one, each in service.composition.services.items() if one != name}
        number = asked_port(service, tree, str(others))
        if number is None:
            service.put("worker", "kind")
            why = "It publishes no port and nobody asks it: it is a worker."
            yield Remark(service.file, at.rstrip("."), "", "changed", why)
        else:
            service.put("internal", "exposure")
            own = number if number >= LOWEST_PORT else 8080
            service.put(own, "port")
            why = f"It publishes no port and is asked at {number}: it is internal, and listens on {own}."
            yield Remark(service.file, at.rstrip("."), "", "changed", why)
    if service.answers:
        why = (
            "A service with a port is asked for its health by HTTP, at /healthz and /readyz: write healthPath and "
            "readyPath if it answers elsewhere."
        )
        yield Remark(service.file, f"{at}healthcheck", "", "changed", why)
    yield from fitted(service, service.stack.backend)


def _left_out(name: str, tree: Mapping[str, Any], composition: Composition) -> Remark | None:
    """Return why a service is no service here, if so."""
    file, key = composition.path.name, f"services.{name}"
    image = image_name(tree.get("image"))
    if image in POSTGRES:
        why = "It is the database: `uses: [database]` of who depends on it, a new and empty PostgreSQL of RDS."
        return Remark(file, key, str(tree.get("image")), "changed", why, "move the rows by pg_dump and psql")
    if image in MANAGED:
        why = "It keeps data, or speaks no HTTP, and is no service here."
        instead = f"{MANAGED[image]}, with its address in environment and its password in secrets"
        return Remark(file, key, str(tree.get("image")), "left", why, instead)
    if tree.get("profiles"):
        why = "It runs only if its profile is asked for."
        return Remark(
            file, f"{key}.profiles", str(tree["profiles"]), "left", why, "take profiles away and import again"
        )
    awaited = [
        other
        for other, one in composition.services.items()
        if isinstance(waits := one.get("depends_on"), Mapping)
        and isinstance(waits.get(name), Mapping)
        and waits[name].get("condition") == "service_completed_successfully"
    ]
    if awaited:
        why = f"{', '.join(awaited)} starts when it has ended: it is a part of that service here."
        given = shown(tree.get("command", ABSENT))
        return Remark(file, key, given, "left", why, f"initCommand of {', '.join(awaited)}")
    return None


def _database(stack: Stack, name: str, tree: Mapping[str, Any], file: str) -> Iterator[Remark]:
    """Give the room what the container of PostgreSQL was told; yield what is not taken of it."""
    database: dict[str, Any] = stack.keys.setdefault("database", {})
    if version := re.search(r":(\d+)", str(tree.get("image"))):
        database["engineVersion"] = version[1]
    environment = tree.get("environment")
    for variable, value in environment.items() if isinstance(environment, Mapping) else ():
        key = {"POSTGRES_DB": "name", "POSTGRES_USER": "user"}.get(str(variable))
        if key:
            database[key] = str(value)
        else:
            why = "The program makes the password, and RDS is told by berth:database."
            yield Remark(file, f"services.{name}.environment.{variable}", "", "left", why, "docs/configuration.md")
    for key in sorted(tree.keys() - {"image", "environment"}):
        why = "RDS keeps, starts and watches the database."
        yield Remark(file, f"services.{name}.{key}", "", "left", why, "berth:database, where it says the same")


def _used(service: Composed, services: list[Composed]) -> None:
    """Let a service use what it waits for: the database, and internal services."""
    there = service.composition.services
    for name in service.waits_for:
        other = there.get(name, {})
        if image_name(other.get("image")) in POSTGRES:
            service.use(DATABASE)
        elif any(one.name == service.names.get(name) and one.is_internal for one in services):
            service.use(service.names[name])
