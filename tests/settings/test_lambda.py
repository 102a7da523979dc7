"""What a function holds, and how many may run beside one database."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from components.berths.lambda_.settings import (
    LAMBDA,
    LEAST_MEMORY,
    MOST_MEMORY,
    RESERVED_VARIABLES,
    memory_of,
    most_connections,
)
from tests.settings.judging import Judge

IMAGE = {"image": "registry.example/shop:1.4.2"}


def found(judge: Judge, own: dict[str, Any] | None = None, **service: Any) -> dict[str, str]:
    config: dict[str, Any] = {"backend": "lambda", "service": {**IMAGE, "uses": [], **service}}
    if own:
        config["lambda"] = own
    problems = judge(**config)
    return {problem.key.removeprefix("berth:"): problem.problem for problem in problems}


def test_only_what_answers_requests_runs_there(judge: Judge) -> None:
    assert found(judge) == {}
    assert "runs no worker" in found(judge, kind="worker")["service.kind"]
    files = [{"path": "/etc/shop/key.pem", "secret": "shop/tls"}]
    refused: dict[str, Any] = {"sidecars": {"agent": IMAGE}, "files": files}
    for key, value in refused.items():
        given: dict[str, Any] = {key: value}
        assert LAMBDA.without[key] in found(judge, **given)[f"service.{key}"]


@pytest.mark.parametrize(("memory", "fits"), [(127, False), (128, True), (10_240, True), (10_241, False)])
def test_memory(judge: Judge, memory: int, fits: bool) -> None:
    assert (found(judge, memory=memory) == {}) is fits
    shape = botocore.session.get_session().get_service_model("lambda").shape_for("MemorySize")
    assert shape.metadata["min"] == LEAST_MEMORY and shape.metadata["max"] >= MOST_MEMORY


def test_a_secret_takes_a_command(judge: Judge) -> None:
    """The image's own CMD is not known before it is there, and what starts in its place has to be told."""
    secrets = {"API_KEY": {"secret": "shop/api-key"}}
    assert "has to be told" in found(judge, secrets=secrets)["service.command"]
    assert found(judge, secrets=secrets, command=["shop"]) == {}
    assert "service.command" in found(judge, uses=["database"])
    assert judge(backend="lambda") == []  # the sample's is known


def test_names_that_lambda_keeps(judge: Judge) -> None:
    for name in ("AWS_REGION", "AWS_LAMBDA_EXEC_WRAPPER", "_HANDLER", "X", "BERTH_REVISION", "AWS_LWA_PORT"):
        assert f"no variable {name}." in found(judge, environment={name: "x"})["service.environment"]
    assert found(judge, environment={"LOG_LEVEL": "info", "AWS_LWA_ENABLE_COMPRESSION": "true"}) == {}
    assert not RESERVED_VARIABLES.fullmatch("AWS_LAMBDA")


def test_four_kilobytes_of_variables(judge: Judge) -> None:
    assert found(judge, environment={"TEXT": "x" * 3000}) == {}
    assert "4096 at most" in found(judge, environment={"TEXT": "x" * 3100})["service.environment"]


def test_instances_are_held_against_the_databases_connections(judge: Judge) -> None:
    sample = {"context": "services/biometric", "image": None, "uses": ["database"]}
    assert found(judge, {"reservedConcurrency": 13}, **sample) == {}
    problem = found(judge, {"reservedConcurrency": 14}, **sample)["lambda.reservedConcurrency"]
    assert "14 instances with 6 connections each" in problem and "db.t4g.micro allows about 84" in problem
    assert found(judge, {"reservedConcurrency": 39, "connections": 2}, **sample) == {}
    assert "lambda.reservedConcurrency" in found(judge, {"reservedConcurrency": 40, "connections": 2}, **sample)
    assert found(judge, {"reservedConcurrency": 1000}) == {}  # without a database


def test_more_cannot_be_kept_started_than_may_run(judge: Judge) -> None:
    own = {"reservedConcurrency": 5, "provisionedConcurrency": 6}
    assert "Only 5 may run" in found(judge, own)["lambda.provisionedConcurrency"]


@pytest.mark.parametrize(
    ("name", "gib"),
    [
        *(("db.t4g.micro", 1), ("db.t3.medium", 4), ("db.m7g.large", 8), ("db.r6g.xlarge", 32), ("db.x2g.large", 32)),
        *(("db.m7g.4xlarge", 64), ("db.serverless", None), ("db.m5.micro", None), ("db.z1d.large", None)),
    ],
)
def test_memory_of_a_database(name: str, gib: int | None) -> None:
    assert memory_of(name) == gib
    assert most_connections("db.r6g.32xlarge") == 5000
