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
    assert (settings.listen_host, settings.port) == ("0.0.0.0", 8080)
    assert (settings.log_level, settings.shutdown_seconds) == ("info", 30)
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
            {"DATABASE_HOST": "", "DATABASE_PORT": "70000", "DATABASE_SSLMODE": "yes"}
            | {"PORT": "http", "LOG_LEVEL": "loud", "SHUTDOWN_SECONDS": "0"}
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


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"DATABASE_PASSWORD": "short"}, "DATABASE_PASSWORD: set one of 12 characters or more"),
        ({"DATABASE_PASSWORD": "changeme-changeme"}, "DATABASE_PASSWORD: set one that not everybody knows"),
        ({"DATABASE_PASSWORD": "Postgres123456!"}, "DATABASE_PASSWORD: set one that not everybody knows"),
        ({"DATABASE_PASSWORD": "1234567890123"}, "DATABASE_PASSWORD: set one that not everybody knows"),
        ({"DATABASE_PASSWORD": "some-one-2026", "DATABASE_USER": "some-one"}, "DATABASE_PASSWORD: set one that not"),
        ({"DATABASE_SSLMODE": "prefer"}, "DATABASE_SSLMODE: set require, verify-ca or verify-full"),
        ({"JWT_ISSUER": "http://id.example", "JWT_AUDIENCE": "a-shop"}, "JWT_ISSUER: set an address that begins with https://"),
        ({"JWT_ISSUER": "https://a.example", "JWT_AUDIENCE": "a-shop", "JWT_JWKS_URL": "http://id.example"},
         "JWT_JWKS_URL: set an address that begins with https://"),
    ],
)  # fmt: skip
def test_only_development_may_do_without(changed: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(POSTGRES | changed)
    assert said in str(caught.value)
    assert "ENVIRONMENT=development" in str(caught.value)
    assert changed.get("DATABASE_PASSWORD", "http://id") not in str(caught.value)
    load(POSTGRES | changed | {"ENVIRONMENT": "development"})


def test_without_a_database_it_does_not_start_outside_development() -> None:
    with pytest.raises(SettingsError, match=r"DATABASE_HOST, DATABASE_PORT, .*: missing"):
        load({})


def test_everything_that_does_not_fit_is_listed_at_once() -> None:
    wrong = {"DATABASE_PASSWORD": "short", "DATABASE_SSLMODE": "disable", "LATEST_STORE": "dynamodb"}
    with pytest.raises(SettingsError) as caught:
        load(POSTGRES | wrong)
    for name in ("DATABASE_PASSWORD", "DATABASE_SSLMODE", "DYNAMODB_TABLE"):
        assert f"\n  {name}: " in str(caught.value)


def test_lists_are_separated_by_commas() -> None:
    lists = {"CORS_ORIGINS": "https://a.example, https://b.example", "JWT_AUDIENCE": "shop,,app"}
    settings = load(POSTGRES | lists | {"JWT_ISSUER": "https://id.example"})
    assert settings.cors_origins == ("https://a.example", "https://b.example")
    assert settings.jwt is not None
    assert settings.jwt.audience == ("shop", "app")
    assert load(POSTGRES | {"CORS_ORIGINS": ""}).cors_origins == ()
