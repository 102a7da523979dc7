"""The environment, read once into a frozen, validated model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import URL

SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
UNENCRYPTED: tuple[SslMode, ...] = ("disable", "allow", "prefer")
"""Modes that do without TLS, or may."""
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error", "critical"],
    BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
]
PASSWORD_LENGTH = 12
"""Characters below which a password is refused outside development; those that berth generates have 40."""
WELL_KNOWN = ("password", "postgres", "changeme", "changethis", "change-me", "secret", "example", "biometric", "admin")
"""Words that a password may not be made of: the defaults of images, templates and tutorials."""


def _separated(value: object) -> object:
    """Read ``a, b`` as a list."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Separated = Annotated[tuple[str, ...], BeforeValidator(_separated)]


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
    admin_user: str | None = Field(default=None, min_length=1)
    """Whoever may create roles and tables; only the migrations are given it."""
    admin_password: SecretStr | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _admin_is_whole(self) -> Self:
        if (self.admin_user is None) != (self.admin_password is None):
            raise PydanticCustomError("settings", "DATABASE_ADMIN_USER, DATABASE_ADMIN_PASSWORD: set both or none")
        return self

    def as_admin(self) -> Self:
        """Return the same database, for whoever may create roles and tables where that is somebody else."""
        if self.admin_user is None:
            return self
        return self.model_copy(update={"user": self.admin_user, "password": self.admin_password})


class Jwt(Model):
    """Whose tokens are accepted; ``JWT_*``."""

    issuer: str = Field(pattern=r"^https?://")
    """The ``iss`` claim, letter by letter."""
    audience: Separated = Field(min_length=1)
    """Of these, a token's ``aud`` (or, as Amazon Cognito has it, ``client_id``) must name one."""
    jwks_url: str | None = Field(default=None, pattern=r"^https?://")
    """Where the issuer's public keys are; without it, the issuer's own discovery document says so."""


class Settings(Model):
    """Everything that the environment decides; README.md says what each variable means."""

    environment: Literal["production", "development"] = "production"
    listen_host: str = Field(default="0.0.0.0", min_length=1)
    port: int = Field(default=8080, ge=1, le=65535)
    log_level: LogLevel = "info"
    shutdown_seconds: int = Field(default=30, ge=1)
    drain_seconds: float = Field(default=2, ge=0)
    max_replicas: int = Field(default=1, ge=1)
    responses_buffered: bool = False
    cors_origins: Separated = ()
    sqlite_path: str = Field(default="/tmp/biometric.db", min_length=1)
    latest_store: Literal["relational", "dynamodb"] = "relational"
    dynamodb_table: str | None = Field(default=None, min_length=3)
    otel_exporter_otlp_endpoint: str | None = Field(default=None, pattern=r"^(https?://.+)?$")
    database: Database | None = None
    jwt: Jwt | None = None

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        """Refuse what single variables cannot show; all of it at once, and no value is repeated."""
        problems = list(_only_for_development(self)) if self.environment == "production" else []
        if self.latest_store == "dynamodb" and self.dynamodb_table is None:
            problems.append("DYNAMODB_TABLE: missing, and LATEST_STORE=dynamodb needs it")
        if problems:
            raise PydanticCustomError("settings", "{problems}", {"problems": "\n  ".join(problems)})
        return self

    @property
    def url(self) -> URL:
        """The database's address for SQLAlchemy's asyncio engine; built from parts, so any password is fine."""
        if self.database is None:
            return URL.create("sqlite+aiosqlite", database=self.sqlite_path)
        return URL.create(
            "postgresql+asyncpg",
            username=self.database.user,
            password=self.database.password.get_secret_value(),
            host=self.database.host,
            port=self.database.port,
            database=self.database.name,
            query={"ssl": self.database.sslmode},
        )


def _only_for_development(settings: Settings) -> Iterator[str]:
    """Yield what would be convenient on a laptop and a hole anywhere else, each with its variable."""
    unless = "or set ENVIRONMENT=development"
    if settings.database is None:
        yield f"{', '.join(NEEDED)}: missing; set them, {unless} to use SQLite"
    else:
        password = settings.database.password.get_secret_value()
        if len(password) < PASSWORD_LENGTH:
            yield f"DATABASE_PASSWORD: set one of {PASSWORD_LENGTH} characters or more, {unless}"
        elif _is_well_known(password, settings.database.user):
            yield f"DATABASE_PASSWORD: set one that not everybody knows, {unless}"
        if settings.database.sslmode in UNENCRYPTED:
            yield f"DATABASE_SSLMODE: set require, verify-ca or verify-full, {unless}"
    if settings.jwt is not None:
        for variable, url in (("JWT_ISSUER", settings.jwt.issuer), ("JWT_JWKS_URL", settings.jwt.jwks_url)):
            if url is not None and urlsplit(url).scheme != "https":
                yield f"{variable}: set an address that begins with https://, {unless}"


def _is_well_known(password: str, user: str) -> bool:
    """Tell whether nothing is left of a password without words that everybody tries, digits and signs."""
    rest = password.lower()
    for word in (*WELL_KNOWN, user.lower()):
        rest = rest.replace(word, "")
    return not any(character.isalpha() for character in rest)


SECTIONS: dict[str, type[BaseModel]] = {"database": Database, "jwt": Jwt}
"""Fields whose variables begin with the field's name."""
TOP_LEVEL = tuple(name for name in Settings.model_fields if name not in SECTIONS)
NEEDED = tuple(f"DATABASE_{name.upper()}" for name, info in Database.model_fields.items() if info.is_required())
PLAIN = {"missing": "missing", "string_too_short": "set, but empty", "too_short": "set, but empty"}
"""What pydantic says of fields, said of variables."""


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings from a process's environment.

    Raises:
        SettingsError: A variable is missing or wrong; all such variables are listed.
    """
    values: dict[str, object] = {key: environ[key.upper()] for key in TOP_LEVEL if key.upper() in environ}
    for section, model in SECTIONS.items():
        found = {
            field: environ[variable]
            for field in model.model_fields
            if (variable := f"{section}_{field}".upper()) in environ
        }
        # One of them asks for all: a lost DATABASE_HOST must not end in a file that dies with its container.
        if found:
            values[section] = found
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = [_line(detail["loc"], detail["type"], detail["msg"]) for detail in error.errors()]
        incomplete = any(detail["type"] == "missing" and detail["loc"][0] == "database" for detail in error.errors())
        hint = f"\nset all of {', '.join(NEEDED)}" if incomplete else ""
        raise SettingsError("the environment cannot be used:\n" + "\n".join(problems) + hint) from None


def _line(location: tuple[int | str, ...], kind: str, message: str) -> str:
    """Say what is wrong of which variable; ``("database", "host")`` is ``DATABASE_HOST``."""
    if not location:  # a rule over several variables names them itself
        return f"  {message}"
    return f"  {'_'.join(str(part) for part in location).upper()}: {PLAIN.get(kind, message)}"
