"""Variables that a stack file may set: the service's environment, and the build's arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from components.config.errors import is_secret_value, names_secret
from components.config.keys import Rule

SET_BY_THE_PROGRAM: Final = {
    "PORT": "berth:service.port sets it, there and in the load balancer.",
    "SHUTDOWN_SECONDS": "berth:service.shutdownSeconds sets it, there and in what stops the container.",
    "MAX_REPLICAS": "berth:service.maxReplicas sets it, there and in the autoscaling; the greatest of its schedules.",
    "RESPONSES_BUFFERED": "It follows from the API's kind, and no key sets it.",
    "PGSSLROOTCERT": "berth:database.rootCertificates sets it, with how the database is verified.",
}
"""What the service is told of its surroundings; another value here would leave the surroundings as they are."""
BINDINGS: Final = "DATABASE_"
"""First letters of what the database's bindings set."""


def is_taken(name: str) -> bool:
    """Return whether the program sets a variable itself."""
    return name in SET_BY_THE_PROGRAM or name.startswith(BINDINGS)


def _named(values: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            yield f'"{name}" is no name of a variable: letters, digits and underscores, first no digit.'
        elif names_secret(name) or is_secret_value(value):
            yield f"{name} looks like a secret, and everyone who may read the stack can read it here."


def _free(values: Mapping[str, str]) -> Iterator[str]:
    for name in values:
        if name in SET_BY_THE_PROGRAM:
            yield f"{name} is the program's own. {SET_BY_THE_PROGRAM[name]}"
        elif name.startswith(BINDINGS):
            yield f"{name} would shadow a binding of the database, which sets {BINDINGS}* itself."
    yield from _named({name: value for name, value in values.items() if not name.startswith(BINDINGS)})


environment: Final = Rule(
    "names of letters, digits and underscores, to text in quotes; no secrets, and nothing that the program sets: "
    f"{', '.join(SET_BY_THE_PROGRAM)} and {BINDINGS}*",
    _free,
)
build_arguments: Final = Rule(
    "names of letters, digits and underscores, to text in quotes; no secrets: they stay in the image's history",
    _named,
)
