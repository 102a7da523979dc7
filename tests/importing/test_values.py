"""Values of other tools, read exactly or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from berth.importing.schedules import five_fields
from berth.importing.table import SAME, Already, Left, NotCarried, Table
from berth.importing.values import (
    check_command,
    cpu_units,
    megabytes,
    merged,
    one_among,
    port,
    seconds,
    secret_of,
    secrets_manager,
    variable,
    words,
)


@pytest.mark.parametrize(
    ("read", "given", "meant"),
    [
        (five_fields, "@daily", "0 0 * * *"),
        (five_fields, "@weekly", "0 0 * * 0"),
        (five_fields, "@yearly", "0 0 1 1 *"),
        (five_fields, "@every 1m", "* * * * *"),
        (five_fields, "@every 15m", "*/15 * * * *"),
        (five_fields, "@every 1h", "0 * * * *"),
        (five_fields, "@every 120m", "0 */2 * * *"),
        (five_fields, "@every 24h", "0 0 * * *"),
        (five_fields, "rate(5 minutes)", "*/5 * * * *"),
        (five_fields, "rate(1 day)", "0 0 * * *"),
        (five_fields, "cron(0 9 ? * 2-6 *)", "0 9 * * MON-FRI"),
        (five_fields, "cron(0 9 ? * 1,7 *)", "0 9 * * SUN,SAT"),
        (five_fields, "cron(0/15 8-18 1 * ? *)", "0/15 8-18 1 * *"),
        (five_fields, "5 4 * * ?", "5 4 * * *"),
        (five_fields, "none", None),
        (seconds, "1h30m", 5400),
        (seconds, "90s", 90),
        (seconds, 45, 45),
        (seconds, "0.5m", 30),
        (words, "sh -c 'a b'", ["sh", "-c", "a b"]),
        (words, ["a", 1], ["a", "1"]),
        (check_command, ["CMD", "ping", "x"], ["ping", "x"]),
        (check_command, ["CMD-SHELL", "curl x || exit 1"], ["/bin/sh", "-c", "curl x || exit 1"]),
        (check_command, "curl x", ["/bin/sh", "-c", "curl x"]),
        (secret_of, "TOKEN", {"parameter": "TOKEN"}),
        (secret_of, "/shop/token", {"parameter": "/shop/token"}),
        (secret_of, "arn:aws:ssm:eu-central-1:123456789012:parameter/shop/token", {"parameter": "/shop/token"}),
        (secret_of, "arn:aws:ssm:eu-central-1:123456789012:parameter/TOKEN", {"parameter": "TOKEN"}),
        (
            secret_of,
            "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf:password::",
            {"secret": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf", "field": "password"},
        ),
        (secrets_manager, "mysql", {"secret": "mysql"}),
        (secrets_manager, "mysql:password::", {"secret": "mysql", "field": "password"}),
        (secrets_manager, "mysql:password:AWSCURRENT:", {"secret": "mysql", "field": "password"}),
        (megabytes, "512m", 512),
        (megabytes, "1.5Gi", 1536),
        (megabytes, "1G", 1024),
        (megabytes, "512", 1),
        (megabytes, 1073741824, 1024),
        (cpu_units, "0.5", 512),
        (cpu_units, "250m", 256),
        (cpu_units, 2, 2048),
        (port, 8080, (8080, None)),
        (lambda value: port(value)[0], 80, 8080),
        (lambda value: port(value)[0], 25, 8025),
        (one_among((1, 3)), "3", 3),
    ],
)
def test_a_value_is_read(read: Callable[[Any], Any], given: Any, meant: Any) -> None:
    assert read(given) == meant


@pytest.mark.parametrize(
    ("read", "given"),
    [
        (five_fields, "@every 7h"),
        (five_fields, "@every 30s"),
        (five_fields, "rate(2 days)"),
        (five_fields, "cron(0 9 L * ? *)"),
        (five_fields, "cron(0 9 ? * 2#1 *)"),
        (five_fields, "cron(0 9 * * ? 2027)"),
        (five_fields, "cron(0 9 * * ?)"),
        (five_fields, "at noon"),
        (seconds, "250ms"),
        (seconds, "soon"),
        (seconds, True),
        (words, "a 'b"),
        (words, []),
        (check_command, ["NONE"]),
        (secret_of, "arn:aws:s3:::bucket"),
        (secrets_manager, "mysql:password:AWSPREVIOUS:"),
        (secrets_manager, "mysql:password::5f3a"),
        (megabytes, "much"),
        (cpu_units, "some"),
        (port, 70000),
        (one_among((1, 3)), 2),
        (lambda value: variable("API_TOKEN", value), "x"),
        (lambda value: variable("DATABASE_HOST", value), "x"),
        (lambda value: variable("PORT", value), "80"),
        (lambda value: variable("HOME_PAGE", value), "https://me:secret@example.com"),
    ],
)
def test_a_value_that_cannot_be_said_exactly_is_not_carried(read: Callable[[Any], Any], given: Any) -> None:
    with pytest.raises(NotCarried):
        read(given)


def test_a_secret_is_never_quoted() -> None:
    def refuse(draft: None, value: Any, names: tuple[str, ...]) -> None:
        variable(names[0], value)

    table = Table[None]("a test", {"variables.*": refuse})
    (remark,) = table.walk({"variables": {"API_TOKEN": "hidden"}}, None, "file")
    assert "hidden" not in str(remark) and "secrets: {API_TOKEN" in remark.instead


def test_an_override_lies_over_the_keys_of_an_object_and_replaces_all_else() -> None:
    base = {"a": {"b": 1, "c": [1, 2]}, "d": 1, "e": 5}
    assert merged(base, {"a": {"c": [3], "x": 1}, "d": {"y": 1}, "e": None}) == {
        "a": {"b": 1, "c": [3], "x": 1},
        "d": {"y": 1},
        "e": 5,
    }


def test_a_table_takes_keys_in_its_own_order_and_single_values_beside_objects() -> None:
    taken: list[Any] = []

    def take(draft: None, value: Any, names: tuple[str, ...]) -> str | None:
        taken.append((value, names))
        return "otherwise" if value == 3 else None

    table = Table[None](
        "a test",
        {
            "first": take,
            "many": take,
            "many.*.x": take,
            "same": SAME,
            "set": Already((1,), Left("No.")),
            "gone": Left("N"),
        },
    )
    tree = {"many": {"k": {"x": 2}}, "first": 1, "same": 9, "set": 1, "gone": {"a": 1}, "never": 0, "nothing": None}
    said = list(table.walk(tree, None, "file"))
    assert taken == [(1, ()), (2, ("k",))]
    assert [(one.key, one.kind) for one in said] == [("gone", "left"), ("never", "left")]
    assert [one.kind for one in table.walk({"many": 3, "set": 2}, None, "file")] == ["changed", "left"]
