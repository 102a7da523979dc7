"""What an image and its source say together: kind, port, paths and database, each with where it was found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from berth.moving_in import routes
from berth.moving_in.folder import Folder
from berth.moving_in.image import Image, Placed
from berth.moving_in.project import Project

DEFAULT_PORT: Final = 8080
LOWEST_PORT: Final = 1024
"""A process that is not root can bind none below."""
_TOLD: Final = ("PORT", "SERVER_PORT", "UVICORN_PORT", "FLASK_RUN_PORT", "HTTP_PORT", "ASPNETCORE_HTTP_PORTS")
_OPTION: Final = re.compile(r"(?:^|\s)(?:--?(?:port|server\.port|listen)|-p)[= ](\d{2,5})\b")
_BOUND: Final = re.compile(
    r"(?:^|\s)(?:--?(?:bind|addr|address|listen|http)|-b)[= ](?:https?://)?[\w.*\[\]:]*?:?(\d{2,5})\b"
)
_OWN_PORTS: Final = {"uvicorn": "8000", "flask": "5000", "fastapi": "8000", "hypercorn": "8000", "puma": "9292"}
"""Where servers listen that are not told otherwise, and do not look at PORT."""
_QUEUES: Final = re.compile(r"\b(celery|dramatiq|sidekiq|resque|rq|arq|bullmq|huey)\b(?!.*\b(flower|beat)\b)")
_STATIC: Final = re.compile(r"(^|/)(nginx|httpd|caddy|nginx-unprivileged)([:@]|$)")


@dataclass(frozen=True)
class Findings:
    """What was found; None for what nothing says."""

    kind: Placed
    """``web`` or ``worker``."""
    kind_is_known: bool
    """Whether something says so; what is only likely is asked."""
    port: Placed | None = None
    health: Placed | None = None
    ready: Placed | None = None
    database: Placed | None = None


def port_in(words: str) -> str | None:
    """Return the port that a command's own options name."""
    found = _OPTION.search(words) or _BOUND.search(words)
    return found[1] if found else None


def find(image: Image, project: Project | None, folder: Folder, file: str = "Dockerfile") -> Findings:
    """Put together what is known.

    Args:
        image: what the Dockerfile says.
        project: what the source is; None where that is not known.
        folder: the source.
        file: the Dockerfile's name, for where something was found.
    """
    port = _port(image, folder, file)
    health = _health(image, project, folder)
    serves = bool(project and project.serves) or port is not None or (health is not None and health.value != "/")
    words = " ".join(image.command)
    works = None if image.ports or not (found := _QUEUES.search(words)) else found[1]
    evidence = port or health
    if works:
        kind = Placed("worker", f"{file}:{image.command_line}: {works}")
    elif serves or not project:
        kind = Placed("web", evidence.place if evidence else project.name if project else "")
    else:
        kind = Placed("worker", "nothing in the source listens")
    return Findings(
        kind=kind,
        kind_is_known=bool(works or serves),
        port=port,
        health=health,
        ready=routes.ready(folder),
        database=project.driver if project else None,
    )


def _port(image: Image, folder: Folder, file: str) -> Placed | None:
    asked = image.asked and re.match(r"\d+", image.asked.value)
    if image.asked and asked:
        return Placed(asked[0], image.asked.place)
    words = " ".join(image.command)
    at = f"{file}:{image.command_line}"
    if own := port_in(words):
        return Placed(own, f"{at}: {words[:60]}")
    for name in _TOLD:
        if image.environment.get(name, "").isdecimal():
            return Placed(image.environment[name], f"{file}: ENV {name}")
    told = routes.reads_port(folder)
    if image.ports and not (told and all(int(one.value) < LOWEST_PORT for one in image.ports)):
        return next((one for one in image.ports if int(one.value) >= LOWEST_PORT), image.ports[0])
    if "PORT" in words:
        return Placed(str(DEFAULT_PORT), f"{at}: PORT")
    if own := next((own for name, own in _OWN_PORTS.items() if re.search(rf"(^|[\s/]){name}(\s|$)", words)), None):
        return Placed(own, f"{at}: {words[:60]}")
    return Placed(str(DEFAULT_PORT), f"{told.place}: PORT") if told else routes.fixed_port(folder)


def _health(image: Image, project: Project | None, folder: Folder) -> Placed | None:
    if image.asked and "/" in image.asked.value:
        return Placed(image.asked.value[image.asked.value.index("/") :], image.asked.place)
    if found := routes.alive(folder):
        return found
    if project and project.health:
        return project.health
    if _STATIC.search(image.base):
        return Placed("/", f"{image.base} serves files")
    return routes.ready(folder) or routes.root(folder)
