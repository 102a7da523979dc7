"""The values that only exist after a deployment, as this machine provides them: the database's bindings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from berth.rehearse.errors import RehearsalError

OVERRIDE_PREFIX = "BERTH_REHEARSE_"
"""``BERTH_REHEARSE_API_KEY=...`` gives the rehearsed ``API_KEY`` its value."""

# The service and PostgreSQL share one network namespace, as the containers of one ECS task or one pod do.
HOST = "127.0.0.1"
ALWAYS_LOCAL = frozenset({"DATABASE_HOST", "DATABASE_PASSWORD", "DATABASE_ADMIN_PASSWORD"})
"""What exists on this machine only, even where the Plan knows a value: it might be that of a real database."""


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
            "DATABASE_HOST": HOST,
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


def local_value(variable: str, place: str, database: LocalDatabase, environ: Mapping[str, str]) -> str:
    """Return what a variable holds in the rehearsal when the Plan does not say.

    Args:
        variable: Name of the environment variable.
        place: Where it is declared, for the message.
        database: The rehearsal's database.
        environ: This machine's environment, for overrides.

    Raises:
        RehearsalError: Nothing here can provide it.
    """
    override = environ.get(OVERRIDE_PREFIX + variable)
    if override is not None:
        return override
    values = database.values()
    if variable not in values:
        raise RehearsalError(
            f"{place}: the value of {variable} is only known after creation, and it is none of the database's\n"
            f"  give it one for the rehearsal: export {OVERRIDE_PREFIX}{variable}=..."
        )
    return values[variable]
