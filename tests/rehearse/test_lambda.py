"""A function on this machine: what of it is run, and what the stand-in of the load balancer makes of a request."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from berth.plan import UNKNOWN, Plan, Resource
from berth.rehearse.drivers.claims import left_out, units
from berth.rehearse.drivers.lambda_ import tools
from berth.rehearse.drivers.lambda_.driver import LambdaDriver
from berth.rehearse.drivers.lambda_.function import concurrency, extract, initial
from berth.rehearse.drivers.lambda_.standin import MOST_BYTES, answer, event
from berth.rehearse.errors import RehearsalError
from berth.rehearse.local import ELSEWHERE
from berth.rehearse.workload import Promise, find_builds
from tests.programs import recorder


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return recorder(tmp_path_factory)("lambda")


def functions(plan: Plan) -> dict[str, Resource]:
    return {one.name.rpartition("-")[2]: one for one in plan.of_type("aws:lambda/function:Function")}


@pytest.fixture(autouse=True)
def go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "lacks", lambda: "")


def test_the_services_function_is_run_with_the_one_of_its_init_command(plan: Plan) -> None:
    [unit] = units(plan)
    assert unit.name == "biometric at lambda" and not unit.workload.name.endswith("-init")
    first = initial(unit.workload, unit.surroundings)
    assert first and first.name.endswith("-init")
    assert concurrency(unit.workload) == 10
    assert left_out(plan) == []


def test_what_cannot_be_run_here_is_said_with_the_reason(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LambdaDriver, "lacks", classmethod(lambda cls: "there is no go"))
    assert list(units(plan)) == []
    assert left_out(plan)[0] == "biometric at lambda (there is no go)"


def test_a_functions_values_are_those_of_the_plan(plan: Plan) -> None:
    place = "/berth/berth-same-lambda-biometric/database-password"
    own = extract(functions(plan)["biometric"], {place: UNKNOWN})
    assert own.entry_points == ("/opt/berth/start", "serve") and own.commands == ("python", "-m", "biometric")
    assert own.secrets == {"DATABASE_PASSWORD": (f"ssm:{place}", UNKNOWN)}
    assert own.environment["DATABASE_HOST"] is UNKNOWN and own.environment["MAX_REPLICAS"] == "10"
    assert (own.memory_mb, own.timeout_seconds, own.port) == (512, 29, 8080)
    assert all(not one.possible for one in own.declared.values())
    assert extract(functions(plan)["biometric"], {}).secrets["DATABASE_PASSWORD"][1] is ELSEWHERE


def test_a_word_that_becomes_somebody_else_breaks_the_promise(plan: Plan) -> None:
    inputs = {**functions(plan)["biometric"].inputs, "imageConfig": {"entryPoints": ["/usr/bin/sudo", "shop"]}}
    broken = extract(replace(functions(plan)["biometric"], inputs=inputs), {}).declared[Promise.USER]
    assert broken.possible and not broken.kept and "starts it by sudo" in broken.text


def test_only_images_are_run(plan: Plan) -> None:
    handler = replace(functions(plan)["biometric"], inputs={"runtime": "python3.13"})
    assert not LambdaDriver.takes(handler)
    with pytest.raises(RehearsalError, match="packageType is not Image"):
        extract(handler, {})


def test_the_image_that_it_starts_from_is_built_first(plan: Plan) -> None:
    image = functions(plan)["biometric"].inputs["imageUri"]
    [build] = find_builds(plan, {image}).values()
    assert build.name == image and build.starts_from is build.own
    assert build.own.context == "services/biometric" and build.context == "components/berths/lambda_/image"


def test_a_request_becomes_an_event_with_lists_of_values() -> None:
    headers = [("Cookie", "a=1"), ("cookie", "b=2")]
    made = event("POST", "/shop/a%20b?x=1&x=%202&y", headers, b"\xff\x00")
    assert (made["path"], made["httpMethod"]) == ("/shop/a%20b", "POST")
    assert made["multiValueQueryStringParameters"] == {"x": ["1", "%202"], "y": [""]}
    assert made["multiValueHeaders"] == {"cookie": ["a=1", "b=2"]}
    assert made["isBase64Encoded"] and base64.b64decode(made["body"]) == b"\xff\x00"
    assert event("GET", "/", [], b"{}")["body"] == "{}"


def said(**parts: Any) -> bytes:
    return json.dumps({"statusCode": 200, **parts}).encode()


def test_an_answer_keeps_every_cookie() -> None:
    given = said(multiValueHeaders={"set-cookie": ["a=1", "b=2"]}, body="aGk=", isBase64Encoded=True)
    assert answer(given) == (200, [("set-cookie", "a=1"), ("set-cookie", "b=2")], b"hi")


@pytest.mark.parametrize("given", [b"", b"null", b'{"errorType": "Runtime.ExitError"}', said(body="x" * MOST_BYTES)])
def test_what_a_load_balancer_does_not_take_is_502(given: bytes) -> None:
    assert answer(given)[0] == 502
