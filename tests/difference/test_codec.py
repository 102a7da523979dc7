from __future__ import annotations

import pytest

from berth.difference.codec import canonical, dumps, holds_unknown, loads, seal
from berth.plan import UNKNOWN, Notice, Plan, Resource, Secret, Value

SALT = b"salt" * 8
URN = "urn:pulumi:dev::toy::aws:s3/bucket:Bucket::logs"


def plan_of(inputs: dict[str, Value]) -> Plan:
    resource = Resource(
        urn=URN,
        type="aws:s3/bucket:Bucket",
        name="logs",
        parent=None,
        inputs=inputs,
        dependencies=("a", "b"),
        property_dependencies={"bucket": ("a",)},
        provider="p",
        protect=True,
        ignore_changes=("tags",),
        source="components/room.py:3",
    )
    return Plan("dev", (resource,), {"url": UNKNOWN}, (Notice("info", "hello", URN),))


def test_everything_but_secrets_survives() -> None:
    plan = plan_of({"a": [1, 1.5, None, True, "text", UNKNOWN, {"b": {"u": 1, "m": {}}}], "c": {}, "d": []})
    back = loads(dumps(plan, SALT))
    assert back == plan
    assert back.resources[0].inputs["a"][5] is UNKNOWN


def test_a_secret_is_sealed_and_never_written() -> None:
    plan = plan_of({"password": Secret({"value": "hunter2", "later": UNKNOWN}), "later": Secret(UNKNOWN)})
    text = dumps(plan, SALT)
    assert "hunter2" not in text
    inputs = loads(text).resources[0].inputs
    assert inputs == seal(plan, SALT).resources[0].inputs
    assert holds_unknown(inputs["password"])
    assert inputs["later"].value is UNKNOWN
    assert inputs["password"] != seal(plan, b"another").resources[0].inputs["password"]
    assert not holds_unknown(seal(plan_of({"password": Secret("hunter2")}), SALT).resources[0].inputs)


@pytest.mark.parametrize(("left", "right"), [(1, 1.0), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ([1], (1,))])
def test_equal_values_have_one_text(left: Value, right: Value) -> None:
    assert canonical(left) == canonical(right)


@pytest.mark.parametrize(
    ("left", "right"), [(1, True), (0, False), ("1", 1), (UNKNOWN, {"u": 1}), ([], {}), ("", None)]
)
def test_other_values_have_other_texts(left: Value, right: Value) -> None:
    assert canonical(left) != canonical(right)
