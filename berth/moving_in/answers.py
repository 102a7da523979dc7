"""What a service's stack file says, from what was given, found and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from berth.moving_in.findings import DEFAULT_PORT, LOWEST_PORT
from berth.moving_in.image import Placed
from berth.moving_in.survey import Survey

DEFAULTS: Final[dict[str, Any]] = {
    "kind": "web",
    "dockerfile": "Dockerfile",
    "port": DEFAULT_PORT,
    "healthPath": "/healthz",
    "readyPath": "/readyz",
}
"""What the program takes for a key that does not stand there."""

TOLD: Final = "told"
DEFAULT: Final = "the default"
"""Places of what was not found anywhere."""

Ask = Callable[[str, str], str]
"""Puts a question with its default, and returns the answer."""


@dataclass(frozen=True)
class Given:
    """What the command's options say; None for what is to be found out."""

    kind: str | None = None
    port: int | None = None
    health_path: str | None = None
    ready_path: str | None = None
    database: bool | None = None
    path: str | None = None
    internal: bool = False


@dataclass(frozen=True)
class Answers:
    """All that is to be known of a service, each with where it was found."""

    kind: Placed
    database: Placed | None = None
    port: Placed | None = None
    health: Placed | None = None
    ready: Placed | None = None
    path: str | None = None
    internal: bool = False

    @property
    def is_web(self) -> bool:
        """Whether it listens."""
        return self.kind.value == "web"

    @property
    def listens_on(self) -> int:
        """Return its port."""
        return int(self.port.value) if self.port else DEFAULT_PORT


def answered(survey: Survey, given: Given, ask: Ask, others: Mapping[str, Any], name: str) -> Answers:
    """Return what was given, else what was found, else what is answered.

    Args:
        survey: what was found.
        given: what the options say.
        ask: puts a question.
        others: the stack's other services, by name, with their keys.
        name: of the service.
    """
    found = survey.findings

    def asked(question: str, default: str) -> Placed:
        answer = ask(question, default)
        return Placed(answer, DEFAULT if answer == default else TOLD)

    kind = _told(given.kind) or found.kind
    if not given.kind and not found.kind_is_known:
        likely = asked("What is it: web, worker or job", kind.value)
        kind = likely if likely.value != kind.value else Placed(kind.value, kind.place or DEFAULT)
    port, health, ready = _told(given.port), _told(given.health_path), _told(given.ready_path)
    driver = None if given.database is False else found.database
    database = Placed("PostgreSQL", f"{driver.place}: {driver.value}") if driver else None
    if given.database and not driver:
        database = Placed("PostgreSQL", TOLD)
    if kind.value != "web":
        # What is given has no place there, which the program says better.
        return Answers(kind, database, port, health, ready, given.path, given.internal)
    if port is None and found.port and int(found.port.value) >= LOWEST_PORT:
        port = found.port
    port = port or asked("Where does it listen (1024 or more)", str(DEFAULT_PORT))
    health = health or found.health
    ready = ready or found.ready or health
    health = health or asked("Which path answers 200 while it is alive", DEFAULTS["healthPath"])
    if ready is None:
        usual = health.value == DEFAULTS["healthPath"]
        ready = Placed(DEFAULTS["readyPath"], DEFAULT) if usual else health
    path = given.path
    if path is None and any(map(_has_all_paths, others.values())):
        path = ask("Beginning of its paths", f"/{name}")
    return Answers(kind, database, port, health, ready, path, given.internal)


def _told(given: object) -> Placed | None:
    return None if given is None else Placed(str(given), TOLD)


def _has_all_paths(service: Mapping[str, Any]) -> bool:
    return service.get("kind", "web") == "web" and not (service.get("path") or service.get("host"))


def keys(answers: Answers, survey: Survey) -> dict[str, Any]:
    """Return the keys of ``berth:services.<name>``, without those that say what is the default."""
    said = {
        "kind": answers.kind.value,
        "context": survey.context.as_posix(),
        "dockerfile": survey.dockerfile,
        "port": answers.listens_on if answers.port else None,
        "healthPath": answers.health.value if answers.health else None,
        "readyPath": answers.ready.value if answers.ready else None,
        "uses": ["database"] if answers.database else None,
        "exposure": "internal" if answers.internal else None,
        "path": answers.path,
        **(survey.project.size if survey.project else {}),
    }
    return {key: value for key, value in said.items() if value is not None and value != DEFAULTS.get(key)}
