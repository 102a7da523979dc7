"""What a task definition and a service of ECS hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.berths.ecs.settings import FILES_BYTES
from components.settings import parse
from tests.settings.judging import Judge

IMAGE = {"image": "registry.example/shop:1.4.2"}


def found(judge: Judge, backend: str, **service: Any) -> dict[str, str]:
    sizes = {"cpu": 1024, "memory": 2048} | IMAGE
    problems = judge(backend=backend, service={**sizes, **service})
    return {problem.key.removeprefix("berth:service."): problem.problem for problem in problems}


def sidecars(number: int) -> dict[str, Any]:
    return {f"agent-{one}": {"image": "registry.example/agent:1"} for one in range(number)}


def test_a_task_has_ten_containers(judge: Judge) -> None:
    assert found(judge, "ecs-fargate", sidecars=sidecars(8), initCommand=None) == {}
    assert "too many" in found(judge, "ecs-fargate", sidecars=sidecars(9))["sidecars"]
    assert "too many" in found(judge, "ecs-fargate", sidecars=sidecars(8), initCommand=["migrate"])["sidecars"]
    assert "sidecars" not in found(judge, "eks", sidecars=sidecars(9))


def test_a_service_fills_five_target_groups(judge: Judge) -> None:
    ports = {f"port-{one}": {"port": 9000 + one, "path": f"/{one}"} for one in range(5)}
    assert "fills 5 target groups" in found(judge, "ecs-ec2", ports=ports)["ports"]
    del ports["port-4"]
    assert found(judge, "ecs-fargate", ports=ports) == {}


@pytest.mark.parametrize(("backend", "fits"), [("ecs-fargate", False), ("eks", True)])
def test_files_are_in_the_definition(tmp_path: Path, backend: str, fits: bool) -> None:
    (tmp_path / "app.yaml").write_text("x" * FILES_BYTES)
    (tmp_path / "more.yaml").write_text("x")
    files = [{"path": f"/etc/shop/{name}", "source": name} for name in ("app.yaml", "more.yaml")]
    config: dict[str, Any] = {"berth:backend": backend, "aws:region": "eu-central-1"}
    parse("dev", {**config, "berth:service": {**IMAGE, "files": files[:1]}}, tmp_path)
    whole = {**config, "berth:service": {**IMAGE, "files": files}}
    if fits:
        parse("dev", whole, tmp_path)
        return
    with pytest.raises(Exception, match=f"Together they have {FILES_BYTES + 1} bytes"):
        parse("dev", whole, tmp_path)


@pytest.mark.parametrize("place", ["secrets", "files", "sidecars.agent.secrets"])
def test_a_name_that_ends_as_an_arn_is_not_looked_for_in_vain(judge: Judge, place: str) -> None:
    def config(secret: str) -> dict[str, Any]:
        if place == "secrets":
            return {"secrets": {"KEY": {"secret": secret}}}
        if place == "files":
            return {"files": [{"path": "/etc/shop/key.pem", "secret": secret}]}
        return {"sidecars": {"agent": {"image": "registry.example/agent:1", "secrets": {"KEY": {"secret": secret}}}}}

    assert (
        "would look for one that is called shop/api."
        in found(judge, "ecs-ec2", memory=512, **config("shop/api-secret"))[place]
    )
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/api-secret-a1B2c3"
    for right in ("shop/api-key", "shop/api_secret", arn):
        assert found(judge, "ecs-fargate", **config(right)) == {}
    assert found(judge, "eks", **config("shop/api-secret")) == {}
