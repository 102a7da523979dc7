"""What a user gives to rehearsed services: plain values in place of planned ones, and secrets that AWS holds."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from berth.rehearse.errors import RehearsalError


def assignments(texts: Iterable[str]) -> dict[str, str]:
    """Read ``NAME=VALUE`` and ``SERVICE.NAME=VALUE``.

    Raises:
        RehearsalError: One is neither.
    """
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise RehearsalError(f"--env {text!r} is no assignment: SERVICE.NAME=VALUE, e.g. mailer.LOG_LEVEL=debug")
        found[name] = value
    return found


def read_secrets(path: Path) -> dict[str, str]:
    """Read a file of secrets in dotenv's form: by variable or path of a file; ``SERVICE.`` may stand before either.

    Raises:
        RehearsalError: It cannot be read. The message has nothing of a value.
    """
    try:
        found = dotenv_values(stream=path.open(), interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise RehearsalError(f"the file of secrets {path} cannot be read: {error}") from None
    if unset := [name for name, value in found.items() if value is None]:
        raise RehearsalError(
            f"{path} gives no value to {', '.join(unset)}: a line is NAME=VALUE or SERVICE.NAME=VALUE\n"
            "  a value of several lines stands in quotes"
        )
    return {name: value for name, value in found.items() if value is not None}


def split(name: str) -> tuple[str | None, str]:
    """Return the service that a name is for, None for all, and the variable or path."""
    service, dot, rest = name.partition(".")
    return (service, rest) if dot and "/" not in service else (None, name)


def for_service(values: Mapping[str, str], service: str | None) -> dict[str, str]:
    """Return what is given to one service; what is given to it alone goes before what all are given."""
    parted = {split(name): value for name, value in values.items()}
    return {name: value for of in (None, service) for (whose, name), value in parted.items() if whose == of}


def check_services(values: Iterable[str], services: Collection[str]) -> None:
    """Refuse names that are given to a service that is not there.

    Raises:
        RehearsalError: There is one.
    """
    for name in values:
        service, variable = split(name)
        if service is not None and service not in services:
            there = ", ".join(sorted(services)) or "none with a name"
            raise RehearsalError(
                f"{name}: there is no service {service!r}; there are: {there}\n"
                f"  {variable} alone is given to every service"
            )


@dataclass
class MadeUp:
    """Random values in place of secrets that exist in AWS only: the same wherever a name is the same."""

    values: dict[str, str] = field(default_factory=dict, repr=False)
    places: list[str] = field(default_factory=list)

    def value(self, name: str, place: str) -> str:
        """Return the value of a variable or file, and note where it is used."""
        self.places.append(place)
        return self.values.setdefault(name, secrets.token_hex(16))
