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
    """All that is to be known of a service, each with where it was found; nowhere for what was given or answered."""

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
    # What was not found is asked last, in the order in which people think of it.
    if given.kind or found.kind_is_known:
        kind = Placed(given.kind, "") if given.kind else found.kind
    else:
        kind = Placed(ask("What is it: web, worker or job", "web"), "")
    driver = None if given.database is False else found.database
    database = Placed("PostgreSQL", f"{driver.place}: {driver.value}") if driver else None
    if given.database and not driver:
        database = Placed("PostgreSQL", "")
    if kind.value != "web":
        return Answers(kind, database)
    usable = found.port if found.port and int(found.port.value) >= LOWEST_PORT else None
    port = Placed(str(given.port), "") if given.port is not None else usable
    health = Placed(given.health_path, "") if given.health_path else found.health
    ready = Placed(given.ready_path, "") if given.ready_path else found.ready or health
    port = port or Placed(ask("Where does it listen (1024 or more)", str(DEFAULT_PORT)), "")
    health = health or Placed(ask("Which path answers 200 while it is alive", DEFAULTS["healthPath"]), "")
    if ready is None:
        usual = DEFAULTS["readyPath"] if health.value == DEFAULTS["healthPath"] else health.value
        ready = Placed(usual, "")
    path = given.path
    if path is None and any(map(_has_all_paths, others.values())):
        path = ask("Beginning of its paths", f"/{name}")
    return Answers(kind, database, port, health, ready, path, given.internal)


def _has_all_paths(service: Mapping[str, Any]) -> bool:
    return service.get("kind", "web") == "web" and not (service.get("path") or service.get("host"))


def keys(answers: Answers, survey: Survey) -> dict[str, Any]:
    """Return the keys of ``berth:services.<name>``, without those that say what is the default."""
    said = {
        "kind": answers.kind.value,
        "context": survey.context.as_posix(),
        "dockerfile": survey.dockerfile,
        "port": answers.listens_on if answers.is_web else None,
        "healthPath": answers.health.value if answers.health else None,
        "readyPath": answers.ready.value if answers.ready else None,
        "uses": ["database"] if answers.database else None,
        "exposure": "internal" if answers.internal else None,
        "path": answers.path,
        **(survey.project.size if survey.project else {}),
    }
    return {key: value for key, value in said.items() if value is not None and value != DEFAULTS.get(key)}
