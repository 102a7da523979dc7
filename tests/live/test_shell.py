"""``berth shell``: which task or pod it opens, by which command, and why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import berth.live.place
from berth.live.errors import LiveError
from berth.live.image_base import shell_less_base
from berth.live.place import Place, places
from berth.live.shell import task_for
from berth.plan import Plan, Resource
from berth.record import record_plan
from tests.live import ecs_world
from tests.live.conftest import Commands, Run
from tests.programs import ROOT

Cloud = Callable[[str], Any]


@pytest.fixture
def exec_on(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack with ECS Exec switched on, and a job beside its services."""
    changed = [replace(one, exec=True, containers=("shop", "proxy")) for one in places(plan)]
    monkeypatch.setattr(
        berth.live.place, "places", lambda plan, service, at: [
            one for one in changed if one.service == service and at in (None, one.berth)
        ],
    )  # fmt: skip


def running(cloud: Cloud, place: Place, started_at: int = 0) -> str:
    """Start a task in which a shell can be opened, and return its id."""
    arn = ecs_world.task(cloud, place)
    task = ecs_world.memory(place, arn)
    task.last_status, task.started_at = "RUNNING", started_at
    task.advance = lambda: None  # moto would take it on at each look
    agents = [{"name": "ExecuteCommandAgent", "lastStatus": "RUNNING"}]
    task.containers = [{"name": name, "managedAgents": agents} for name in ("shop", "proxy")]
    return arn


@pytest.fixture
def up(cloud: Cloud, named: dict[str, Place]) -> Place:
    place = named["shop@ecs-fargate"]
    ecs_world.cluster(cloud, place)
    ecs_world.service(cloud, place, "registry.example.com/shop:1.4.2")
    return place


def test_on_ecs_the_aws_command_opens_it_in_the_newest_task(
    run: Run, cloud: Cloud, commands: Commands, exec_on: None, up: Place
) -> None:
    running(cloud, up, started_at=1000)
    newest = running(cloud, up, started_at=2000)
    result = run("shell", "live", "shop")
    assert result.exit_code == 0, result.output
    (call,) = commands.calls
    assert call[:9] == [
        "aws",
        "ecs",
        "execute-command",
        "--cluster",
        up.cluster,
        "--task",
        newest,
        "--container",
        "shop",
    ]
    assert call[9:] == ["--region", "eu-central-1", "--interactive", "--command", "/bin/sh"]
    assert f"shop at ecs-fargate, task {newest.rpartition('/')[2]}, container shop" in result.stderr


def test_another_command_in_another_container(
    run: Run, cloud: Cloud, commands: Commands, exec_on: None, up: Place
) -> None:
    running(cloud, up)
    run("shell", "live", "shop", "--container", "proxy", "--command", "ls -l '/my files'")
    assert commands.calls[0][7:9] == ["--container", "proxy"]
    assert commands.calls[0][-1] == "ls -l '/my files'"


def test_what_ecs_refuses_is_explained(run: Run, cloud: Cloud, commands: Commands, exec_on: None, up: Place) -> None:
    running(cloud, up)
    refused = "An error occurred (AccessDeniedException) when calling the ExecuteCommand operation: User: a is not"
    commands.answer(
        "execute-command", err=f"\n{refused} authorized to perform: ecs:ExecuteCommand on resource\n", code=254
    )
    result = run("shell", "live", "shop")
    assert result.exit_code == 2
    assert "may not call ecs:ExecuteCommand" in result.stderr


def test_where_ecs_exec_is_switched_off_the_key_is_named(run: Run, cloud: Cloud, commands: Commands) -> None:
    result = run("shell", "live", "shop")
    assert result.exit_code == 2
    assert "Write `berth:ecs-fargate: {exec: true}` into Pulumi.live.yaml" in result.stderr
    assert commands.calls == []


def test_without_the_plugin_its_page_is_named(run: Run, cloud: Cloud, commands: Commands, exec_on: None) -> None:
    (commands.folder / "session-manager-plugin").unlink()
    result = run("shell", "live", "shop")
    assert result.exit_code == 2
    assert result.stderr.startswith("session-manager-plugin is not installed, or not on the PATH: https://docs.aws.")


def test_without_a_task_it_says_where_to_look(run: Run, commands: Commands, exec_on: None, up: Place) -> None:
    result = run("shell", "live", "shop")
    assert result.exit_code == 2
    assert "No task of shop at ecs-fargate runs now; `berth status` says why." in result.stderr


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"enableExecuteCommand": False, "containers": [{"name": "shop"}]}, "began before ECS Exec was switched on"),
        ({"enableExecuteCommand": True, "containers": [{"name": "shop"}]}, "agent does not run in the container shop"),
    ],
)
def test_a_task_without_the_agent_is_explained(named: dict[str, Place], task: dict[str, Any], said: str) -> None:
    with pytest.raises(LiveError, match=said):
        task_for([{"taskArn": "x/y", "lastStatus": "RUNNING", **task}], named["shop@ecs-fargate"], "shop")


def pod(name: str, hour: int, ready: bool = True, phase: str = "Running") -> dict[str, Any]:
    return {
        "kind": "Pod",
        "metadata": {"name": name, "creationTimestamp": f"2026-11-25T0{hour}:00:00Z"},
        "status": {"phase": phase, "conditions": [{"type": "Ready", "status": str(ready)}]},
    }


@pytest.fixture
def pods(cloud: Cloud, commands: Commands) -> Commands:
    found = [pod("old", 1), pod("chosen", 2), pod("starting", 3, ready=False), pod("gone", 4, phase="Succeeded")]
    commands.answer("kubectl", "get", "pods", out={"kind": "List", "items": found})
    return commands


def test_on_eks_kubectl_opens_it_in_the_newest_ready_pod_and_the_exit_code_is_its_own(run: Run, pods: Commands) -> None:
    pods.answer("kubectl", "exec", "--stdin", code=7)
    result = run("shell", "live", "shop", "--berth", "eks")
    assert result.exit_code == 7
    probe, session = pods.calls[-2:]
    assert probe[3:] == ["exec", "chosen", "--container=shop", "--", "/bin/sh", "-c", ":"]
    assert session[2:] == ["--namespace=shop", "exec", "chosen", "--container=shop", "--stdin", "--", "/bin/sh"]
    kubeconfig = Path(session[1].removeprefix("--kubeconfig="))
    assert not kubeconfig.exists(), "nothing of the login stays"


def test_on_eks_an_image_without_a_shell_is_found_out_before_it_is_opened(run: Run, pods: Commands) -> None:
    complaint = 'error: exec failed: unable to start container process: exec: "/bin/sh": no such file or directory'
    pods.answer("kubectl", "exec", err=complaint, code=1)
    result = run("shell", "live", "shop", "--berth", "eks")
    assert result.exit_code == 2
    assert "There is no /bin/sh in the container shop of chosen: its image brings no shell." in result.stderr
    assert "--command 'python3 -V'" in result.stderr


def test_on_eks_another_command_is_run_as_its_words(run: Run, pods: Commands) -> None:
    run("shell", "live", "shop", "--berth", "eks", "--command", "python3 -c 'print(1)'")
    assert pods.calls[-1][-3:] == ["python3", "-c", "print(1)"]
    assert sum("exec" in call for call in pods.calls) == 1, "a program that is named is not looked for first"


def test_on_eks_without_a_pod(run: Run, cloud: Cloud, commands: Commands) -> None:
    commands.answer("kubectl", "get", "pods", out={"kind": "List", "items": [pod("x", 1, phase="Pending")]})
    result = run("shell", "live", "shop", "--berth", "eks")
    assert (result.exit_code, "No pod of shop at eks runs now" in result.stderr) == (2, True)


def test_a_container_that_is_not_there(run: Run, commands: Commands) -> None:
    result = run("shell", "live", "shop", "--container", "prxy")
    assert result.exit_code == 2
    assert 'shop has no container "prxy".\nAllowed: shop\n' in result.stderr


@pytest.mark.parametrize(
    ("dockerfile", "base"),
    [
        ("FROM golang AS build\nFROM scratch\nCOPY --from=build /shop /shop\n", "scratch"),
        ("ARG OF=gcr.io/distroless/static\nFROM $OF AS base\nFROM base\nCOPY . /app\n", "gcr.io/distroless/static"),
        ("FROM debian AS build\nFROM scratch\nCOPY --from=build / /\n", None),
        ("FROM python:3.13\nCOPY . /app\n", None),
        ("FROM $NOWHERE\n", None),
        ("FRM x\n", None),
    ],
)
def test_a_built_image_is_known_by_its_dockerfile(
    plan: Plan, named: dict[str, Place], tmp_path: Path, dockerfile: str, base: str | None
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "Dockerfile").write_text(dockerfile)
    inputs = {"imageName": "shop:1", "build": {"context": "shop", "args": {}}}
    image = Resource("urn", "docker:index/image:Image", "shop", None, inputs)
    built = replace(plan, resources=[*plan.resources, image])
    assert shell_less_base(built, replace(named["shop@eks"], image="shop:1"), tmp_path) == base


def test_the_sample_has_a_shell_whatever_it_starts_from() -> None:
    plan = record_plan("dev", ROOT)
    (place,) = places(plan)
    assert place.image.startswith("123456789012.dkr.ecr.")
    assert shell_less_base(plan, place, ROOT) is None


@pytest.mark.parametrize(
    ("image", "base"),
    [("gcr.io/distroless/python3:nonroot", "gcr.io/distroless/python3:nonroot"), ("python:3.13", None)],
)
def test_a_prebuilt_image_is_known_by_its_name(plan: Plan, named: dict[str, Place], image: str, base: str) -> None:
    assert shell_less_base(plan, replace(named["shop@eks"], image=image), ROOT) == base


def test_the_hint_is_told_before_the_shell(
    run: Run, cloud: Cloud, commands: Commands, exec_on: None, up: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(cloud, up)
    monkeypatch.setattr("berth.live.image_base.shell_less_base", lambda *_: "scratch")
    assert "starts from scratch, so it may have no shell" in run("shell", "live", "shop").stderr
    assert "no shell" not in run("shell", "live", "shop", "--command", "env").stderr
