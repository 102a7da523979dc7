"""The environment: what it means, and that every error names its variable."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from biometric.settings import Settings, SettingsError, load

HUNTER = "hunter2hunter2"
POSTGRES = {
    "DATABASE_HOST": "db.example",
    "DATABASE_PORT": "5432",
    "DATABASE_NAME": "biometric",
    "DATABASE_USER": "biometric",
    "DATABASE_PASSWORD": HUNTER,
}


def test_defaults() -> None:
    settings = load({"ENVIRONMENT": "development"})
    assert (settings.listen_host, settings.port, settings.log_level, settings.shutdown_seconds) == (
        "0.0.0.0",
        8080,
        "info",
        30,
    )
    assert settings.url.render_as_string() == "sqlite+aiosqlite:////tmp/biometric.db"


def test_postgresql_needs_tls_by_default() -> None:
    assert load(POSTGRES).url.query == {"ssl": "require"}
    assert load(POSTGRES | {"DATABASE_SSLMODE": "verify-full"}).url.query == {"ssl": "verify-full"}


@pytest.mark.parametrize("missing", [name for name in POSTGRES])
def test_a_missing_variable_is_named(missing: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({name: value for name, value in POSTGRES.items() if name != missing})
    assert f"{missing}: missing" in str(caught.value)
    assert str(caught.value).count(": missing") == 1


def test_everything_wrong_is_listed_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        load(
            {
                "DATABASE_HOST": "",
                "DATABASE_PORT": "70000",
                "DATABASE_SSLMODE": "yes",
                "PORT": "http",
                "LOG_LEVEL": "loud",
                "SHUTDOWN_SECONDS": "0",
            }
        )
    message = str(caught.value)
    for line in ("DATABASE_HOST: set, but empty", "DATABASE_NAME: missing", "DATABASE_USER: missing"):
        assert line in message
    for name in ("DATABASE_PORT", "DATABASE_PASSWORD", "DATABASE_SSLMODE", "PORT", "LOG_LEVEL", "SHUTDOWN_SECONDS"):
        assert f"  {name}: " in message
    assert "'verify-full'" in message, "what is allowed is said"


def test_the_password_is_never_shown() -> None:
    settings = load(POSTGRES)
    assert HUNTER not in repr(settings) + str(settings) + str(settings.url) + repr(settings.url)
    with pytest.raises(SettingsError) as caught:
        load(POSTGRES | {"DATABASE_PASSWORD": HUNTER, "DATABASE_PORT": HUNTER})
    assert HUNTER not in str(caught.value)
    with pytest.raises(ValidationError) as invalid:
        Settings.model_validate({"database": HUNTER})
    assert HUNTER not in str(invalid.value)


def test_the_log_level_is_read_in_any_case() -> None:
    assert load(POSTGRES | {"LOG_LEVEL": "WARNING"}).log_level == "warning"
