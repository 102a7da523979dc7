"""The values that only exist after a deployment, as this machine provides them: addresses and passwords."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from berth.plan import UNKNOWN
from berth.rehearse.errors import RehearsalError
from berth.rehearse.given import MadeUp

OVERRIDE_PREFIX = "BERTH_REHEARSE_"
"""``BERTH_REHEARSE_API_KEY=...`` gives the rehearsed ``API_KEY`` its value."""

HOST = "127.0.0.1"
"""This machine, seen from itself: all that a rehearsal opens is on the loopback."""
HOST_INSIDE = "10.0.2.2"
"""The same loopback, seen from the rehearsal's containers: the gateway of slirp4netns."""
ALWAYS_LOCAL = frozenset({"DATABASE_HOST", "DATABASE_PORT", "DATABASE_PASSWORD", "DATABASE_ADMIN_PASSWORD"})
"""What exists on this machine only, even where the Plan knows a value: it might be that of a real database."""


ELSEWHERE: Final = object()
"""In place of the planned value of a secret that exists in AWS already, and that the Plan only names."""


@dataclass(frozen=True)
class LocalDatabase:
    """What the rehearsal's PostgreSQL is set up with."""

    password: str = field(repr=False)
    port: int = 5432
    name: str = "rehearsal"
    user: str = "rehearsal"
    admin_user: str = ""
    """Who owns the database and creates ``user``; empty where ``user`` is there from the start and owns it itself."""
    admin_password: str = field(default="", repr=False)

    def values(self) -> dict[str, str]:
        """Return the value of each environment variable of the database's bindings."""
        return {
            "DATABASE_HOST": HOST_INSIDE,
            "DATABASE_PORT": str(self.port),
            "DATABASE_NAME": self.name,
            "DATABASE_USER": self.user,
            "DATABASE_PASSWORD": self.password,
            "DATABASE_SSLMODE": "require",
            "DATABASE_ADMIN_USER": self.admin_user,
            "DATABASE_ADMIN_PASSWORD": self.admin_password,
        }


def database_for(
    declared: Mapping[str, str], asked: Collection[str], password: str, admin_password: str
) -> LocalDatabase:
    """Return a database that fits the bindings whose value the Plan already knows.

    Args:
        declared: Environment variables with values known at preview.
        asked: Environment variables whose values come from beside the workload, known or not.
        password: The one made for this rehearsal.
        admin_password: The same of the administrator, if one is declared.

    Raises:
        RehearsalError: The declared port is no number.
    """
    port = declared.get("DATABASE_PORT", "5432")
    if not port.isdigit() or not 1024 <= int(port) <= 65535:
        raise RehearsalError(f"DATABASE_PORT is {port!r}: expected a port from 1024 to 65535, e.g. 5432")
    return LocalDatabase(
        password=password,
        port=int(port),
        name=declared.get("DATABASE_NAME", "rehearsal"),
        user=declared.get("DATABASE_USER", "rehearsal"),
        admin_user=declared.get("DATABASE_ADMIN_USER", "rehearsal_owner" if "DATABASE_ADMIN_USER" in asked else ""),
        admin_password=admin_password,
    )


@dataclass(frozen=True)
class Local:
    """What this machine gives to one workload."""

    database: LocalDatabase | None
    urls: Mapping[str, str]
    """Addresses of internal services, by variable."""
    environ: Mapping[str, str]
    """This machine's environment, for overrides."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the user gives, by the variable or the path of a file."""
    made_up: MadeUp = field(default_factory=MadeUp)

    def fill(self, variable: str, place: str, planned: Any) -> str:
        """Return what a variable holds in the rehearsal: what is planned, unless it exists after creation only.

        Args:
            variable: Name of the environment variable, or path of the file.
            place: Where it is declared, for the message.
            planned: Its value in the Plan, ``UNKNOWN``, or ``ELSEWHERE``.

        Raises:
            RehearsalError: Nothing here can provide it.
        """
        if variable in self.secrets:
            return self.secrets[variable]
        is_known = planned is not UNKNOWN and planned is not ELSEWHERE
        if is_known and variable not in ALWAYS_LOCAL and variable not in self.urls:
            return str(planned)
        values = {**(self.database.values() if self.database else {}), **self.urls}
        value = self.environ.get(OVERRIDE_PREFIX + variable, values.get(variable))
        if value is None and planned is ELSEWHERE:
            return self.made_up.value(variable, place)
        if value is None:
            raise RehearsalError(
                f"{place}: the value of {variable} is only known after creation, and it is neither the database's nor"
                f" the address of an internal service\n"
                f"  give it one for the rehearsal: export {OVERRIDE_PREFIX}{variable}=..."
            )
        return value


def uses_database(asked: Collection[str]) -> bool:
    """Return whether a workload is given a database, by the variables that come from beside it."""
    return not ALWAYS_LOCAL.isdisjoint(asked)
