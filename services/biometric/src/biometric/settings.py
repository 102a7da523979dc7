"""The environment, read once into a frozen, validated model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from sqlalchemy import URL

SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error", "critical"],
    BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
]


class SettingsError(Exception):
    """The environment cannot be used; the message lists every problem, one a line."""


class Model(BaseModel):
    """Base of the settings: frozen, and a message never repeats a value, which may be a secret."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Database(Model):
    """Where PostgreSQL is; ``DATABASE_*``."""

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    name: str = Field(min_length=1)
    user: str = Field(min_length=1)
    password: SecretStr = Field(min_length=1)
    sslmode: SslMode = "require"


class Settings(Model):
    """Everything that the environment decides."""

    listen_host: str = Field(default="0.0.0.0", min_length=1)
    """Address to listen on; a container is reached from outside, so all of them."""
    port: int = Field(default=8080, ge=1, le=65535)
    log_level: LogLevel = "info"
    shutdown_seconds: int = Field(default=30, ge=1)
    """Seconds between SIGTERM and the orchestrator's SIGKILL."""
    sqlite_path: str = Field(default="/tmp/biometric.db", min_length=1)
    """File used when there is no ``database``."""
    database: Database | None = None

    @property
    def url(self) -> URL:
        """The database's address for SQLAlchemy's asyncio engine; built from parts, so any password is fine."""
        if self.database is None:
            return URL.create("sqlite+aiosqlite", database=self.sqlite_path)
        return URL.create(
            "postgresql+psycopg",
            username=self.database.user,
            password=self.database.password.get_secret_value(),
            host=self.database.host,
            port=self.database.port,
            database=self.database.name,
            query={"sslmode": self.database.sslmode},
        )


TOP_LEVEL = ("listen_host", "port", "log_level", "shutdown_seconds", "sqlite_path")
DATABASE_PREFIX = "DATABASE_"
NEEDED = tuple(f"{DATABASE_PREFIX}{name.upper()}" for name, info in Database.model_fields.items() if info.is_required())
PLAIN = {"missing": "missing", "string_too_short": "set, but empty", "too_short": "set, but empty"}
"""What pydantic says of fields, said of variables."""


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Args:
        environ: The process's environment.

    Returns:
        The settings; without any ``DATABASE_`` variable they name an SQLite file.

    Raises:
        SettingsError: A variable is missing or wrong; all such variables are listed.
    """
    values: dict[str, object] = {key: environ[key.upper()] for key in TOP_LEVEL if key.upper() in environ}
    database = {
        field: environ[variable]
        for field in Database.model_fields
        if (variable := f"{DATABASE_PREFIX}{field.upper()}") in environ
    }
    # One of them is enough to ask for all: a lost DATABASE_HOST must not end in a file that dies with the container.
    if database:
        values["database"] = database
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = [
            f"  {_variable(detail['loc'])}: {PLAIN.get(detail['type'], detail['msg'])}" for detail in error.errors()
        ]
        hint = f"\nset all of {', '.join(NEEDED)}, or none of them to use SQLite" if database else ""
        raise SettingsError("the environment cannot be used:\n" + "\n".join(problems) + hint) from None


def _variable(location: tuple[int | str, ...]) -> str:
    """Name the environment variable behind a field, e.g. ``("database", "host")`` is ``DATABASE_HOST``."""
    return "_".join(str(part) for part in location).upper()
