from __future__ import annotations

import json

import pytest

from berth.difference.codec import sealed
from berth.difference.outcome import MISSING
from berth.difference.values import compare
from berth.plan import UNKNOWN, Secret, Value

SALT = b"salt" * 8


def lines(before: Value, after: Value) -> list[tuple[str, str]]:
    return [(change.kind, change.where) for change in compare(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": True}, [("changed", "a")]),
        ({"a": 1}, {"b": 1}, [("removed", "a"), ("added", "b")]),
        ({"a.b": 1}, {"a.b": 2}, [("changed", "[a.b]")]),
        (["x", "y"], ["y"], [("removed", "[0]")]),
        (["x"], ["w", "x"], [("added", "[0]")]),
        ([{"name": "a", "v": 1}, {"name": "b"}], [{"name": "b"}, {"name": "a", "v": 2}],
         [("changed", "[a].v"), ("changed", "")]),
        ([{"name": "a"}, {"name": "a"}], [{"name": "a"}], [("removed", "[1]")]),
        ([UNKNOWN, UNKNOWN], [UNKNOWN], [("unknown", "[0]"), ("removed", "[1]")]),
        ({"a": UNKNOWN}, {"a": "known"}, [("changed", "a")]),
        ({"a": "{not json"}, {"a": "{nor this"}, [("changed", "a")]),
        ({"a": '{"x": 1}'}, {"a": "text"}, [("changed", "a")]),
        ({"a": '{"x": 1, "y": 2}'}, {"a": '{"y":2,"x":1}'}, []),
    ],
)  # fmt: skip
def test_compare(before: Value, after: Value, expected: list[tuple[str, str]]) -> None:
    assert lines(before, after) == expected


def test_json_is_compared_inside() -> None:
    def policy(actions: list[str]) -> dict[str, str]:
        return {"policy": json.dumps({"Statement": [{"Sid": "Logs", "Effect": "Allow", "Action": actions}]})}

    (change,) = compare(policy(["logs:Put"]), policy(["logs:Put", "logs:Create"]))
    assert (change.where, change.before, change.after) == ("policy.Statement[Logs].Action[1]", MISSING, "logs:Create")


@pytest.mark.parametrize("seals", [False, True])
def test_secrets_are_compared_sealed_or_not(seals: bool) -> None:
    def found(before: Value, after: Value) -> list[tuple[str, str]]:
        return lines(*(sealed(Secret(side), SALT) if seals else Secret(side) for side in (before, after)))

    assert found("a", "a") == []
    assert found("a", "b") == [("changed", "")]
    assert found(UNKNOWN, UNKNOWN) == [("unknown", "")]
    assert found({"a": UNKNOWN}, {"a": UNKNOWN}) == [("unknown", "")]
    assert found({"a": UNKNOWN, "b": 1}, {"a": UNKNOWN, "b": 2}) == [("changed", "")]


@pytest.mark.parametrize(("before", "after"), [("plain", Secret("plain")), (Secret("plain"), "plain")])
def test_what_was_or_becomes_secret_is_masked_on_both_sides(before: Value, after: Value) -> None:
    (change,) = compare({"a": before}, {"a": after})
    assert isinstance(change.before, Secret) and isinstance(change.after, Secret)
    assert "secret" in change.note
