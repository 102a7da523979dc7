"""Workers and jobs: what is published, waited for and run of each kind."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from berth.plan import Plan, Resource
from berth.rehearse import course
from berth.rehearse.drivers.claims import choose_drivers, left_out
from berth.rehearse.drivers.driver import Driver
from berth.rehearse.errors import RehearsalError
from berth.rehearse.podman import Output, Podman
from berth.rehearse.session import Session
from components.service.spec import ContainerSecurity

from . import plans

SECURITY = ContainerSecurity()


class Machine:
    """In podman's place: each container is in the state that it is said to be in."""

    controllers = frozenset({"cpu", "memory"})

    def __init__(self, **states: str) -> None:
        self.states = states
        self.scratch = Path("/none")
        self.commands: list[tuple[str, ...]] = []
        self.given: list[str] = []

    def network(self) -> tuple[str, ...]:
        return ()

    def attempt(self, command: str, *arguments: str, stdin: str = "", **_: Any) -> Output:
        self.commands.append((command, *arguments))
        self.given.append(stdin)
        if command == "logs":
            return Output(0, "the last line\n", "")
        container = arguments[-1].rpartition("-")[2]
        return Output(0, self.states.get(container, "running 0"), "")

    run = attempt


def drivers(*resources: Resource, machine: Machine | None = None) -> list[Driver]:
    """What runs these resources."""
    podman = cast(Podman, machine or Machine())
    return choose_drivers(podman, Session(podman, "toy"), Plan("toy", resources, {}), SECURITY)


BERTHS = [pytest.param(plans.ecs, id="ecs"), pytest.param(plans.eks, id="eks")]


@pytest.mark.parametrize("plan", BERTHS)
def test_a_worker_publishes_nothing_and_is_asked_nothing(plan: Any) -> None:
    [worker] = drivers(*plans.moored(plans.without_ports(plan()), "toy", "one", kind="worker"))
    assert (worker.kind, worker.published, worker.balancers, worker.url) == ("worker", {}, {}, None)
    assert worker.service.name == "toy"
    # By its ports alone in a Plan that has no moorings.
    assert [one.kind for one in drivers(*plan().resources)] == ["web"]
    assert [one.kind for one in drivers(*plans.without_ports(plan()).resources)] == ["worker"]


@pytest.mark.parametrize("plan", BERTHS)
def test_a_job_has_the_plans_limit_and_its_own_container_comes_last(plan: Any) -> None:
    [job] = drivers(*plans.moored(plans.as_job(plan(), 90), "toy", "one", kind="job"))
    assert (job.kind, job.published, job.timeout_seconds) == ("job", {}, 90)
    assert [(one.name, one.init) for one in job.containers] == [("migrate", True), ("toy", False)]


def test_a_state_machine_that_is_not_known_leaves_the_limit_to_the_rehearsal() -> None:
    plan = plans.edit(plans.as_job(plans.ecs()), plans.STATE_MACHINE, lambda inputs: inputs.update(definition="{"))
    [job] = drivers(*plans.moored(plan, "toy", "one", kind="job"))
    assert job.timeout_seconds is None
    # As it is before anything exists: it names subnets. The mooring says how long all the same.
    [mooring, *others] = plans.moored(plan, "toy", "one", kind="job")
    mooring = replace(mooring, inputs={**mooring.inputs, "timeoutSeconds": 120})
    [job] = drivers(mooring, *others)
    assert job.timeout_seconds == 120


def test_a_cron_job_that_scales_a_service_is_named_and_not_run() -> None:
    scaling = [one for one in plans.as_job(plans.eks()).resources if one.type == plans.CRON_JOB]
    web = plans.moored(plans.eks(), "toy", "eks")
    plan = Plan("toy", [*web, *(plans.within(web[0], one) for one in scaling)], {})
    assert [one.unit.workload.type for one in drivers(*plan.resources)] == [plans.DEPLOYMENT]
    assert left_out(plan) == ["CronJob toy"]


def test_each_port_has_its_own_target_group_and_one_for_another_port_means_the_first() -> None:
    def more(definition: dict[str, Any]) -> None:
        definition["portMappings"].append({"containerPort": 9000})

    def group(port: int, path: str) -> Resource:
        inputs = {"port": port, "healthCheck": {"path": path}}
        return plans.resource(plans.TARGET_GROUP, path, inputs)

    plan = plans.edit_definition(plans.ecs(), more, "toy")
    resources = [one for one in plan.resources if one.type != plans.TARGET_GROUP]
    [web] = drivers(*resources, group(9000, "/admin"), group(8080, "/own"))
    assert {port: one.path for port, one in web.balancers.items()} == {8080: "/own", 9000: "/admin"}
    assert list(web.published) == [8080, 9000]
    [other] = drivers(*resources, group(80, "/foreign"))
    assert {port: one.path for port, one in other.balancers.items()} == {8080: "/foreign"}


def sidecar(spec: dict[str, Any]) -> None:
    """Put a native sidecar before the init container."""
    proxy = {**spec["containers"][0], "name": "proxy", "restartPolicy": "Always"}
    spec["initContainers"].insert(0, proxy)


def test_a_native_sidecar_stays_and_does_not_hold_up_what_follows() -> None:
    [driver] = drivers(*plans.edit_pod(plans.without_ports(plans.eks()), sidecar).resources)
    assert [(one.name, one.init, one.sidecar) for one in driver.containers] == [
        ("proxy", False, True),
        ("migrate", True, False),
        ("toy", False, False),
    ]
    assert (driver.service.name, [one.name for one in driver.beside]) == ("toy", ["proxy"])


def with_sidecar(essential: bool) -> Driver:
    """A worker whose sidecar has ended."""

    def double(inputs: dict[str, Any]) -> None:
        found = json.loads(inputs["containerDefinitions"])
        found.append({**found[0], "name": "proxy", "essential": essential, "dependsOn": []})
        inputs["containerDefinitions"] = json.dumps(found)

    plan = plans.edit(plans.without_ports(plans.ecs()), plans.TASK, double)
    [driver] = drivers(*plan.resources, machine=Machine(proxy="exited 3"))
    return driver


def test_a_sidecar_that_ends_is_an_error_if_it_is_essential() -> None:
    driver = with_sidecar(essential=True)
    with pytest.raises(RehearsalError, match=r"\[proxy\] ended with exit status 3(.|\n)*the last line"):
        course.ended(driver.podman, driver)
    driver = with_sidecar(essential=False)
    assert course.ended(driver.podman, driver) == [
        "containerDefinitions[proxy] ended with exit status 3; it is not essential"
    ]


def test_a_worker_that_ends_while_it_is_to_stay_up_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "STAY_SECONDS", 0.1)
    plan = plans.without_ports(plans.ecs())
    [well] = drivers(*plan.resources)
    assert course.until_well(well.podman, well, 0, print).names == ["stayed up for 0.1 s"]
    [ended] = drivers(*plan.resources, machine=Machine(toy="exited 0"))
    with pytest.raises(RehearsalError, match=r"\[toy\] ended with exit status 0"):
        course.until_well(ended.podman, ended, 0, print)


@pytest.mark.parametrize(
    ("state", "seen", "kept"), [("exited 143", "exit status 143", True), ("exited 137", "killed", False)]
)
def test_a_worker_that_is_killed_breaks_a_promise(state: str, seen: str, kept: bool) -> None:
    [driver] = drivers(*plans.without_ports(plans.ecs()).resources, machine=Machine(toy=state))
    check = course.stop(driver.podman, driver)
    assert seen in check.seen and check.kept is kept
    assert check.promised == "within 20 s of SIGTERM"


@pytest.mark.parametrize("plan", BERTHS)
def test_a_job_that_fails_or_takes_too_long_says_so_with_its_last_lines(plan: Any) -> None:
    resources = plans.moored(plans.as_job(plan(), 90), "toy", "one", kind="job")
    [failed] = drivers(*resources, machine=Machine(toy="exited 4"))
    failed.observations["toy"] = cast(Any, "seen")
    with pytest.raises(RehearsalError, match=r"\[toy\] ended with exit status 4; its last lines:\n *the last line"):
        course.run_to_end(failed.podman, failed, 60)
    [slow] = drivers(*resources)
    slow.observations["toy"] = cast(Any, "seen")
    with pytest.raises(RehearsalError, match=r"\[toy\] has not ended within 0 s"):
        course.run_to_end(slow.podman, slow, 0)
    [done] = drivers(*resources, machine=Machine(toy="exited 0"))
    done.observations["toy"] = cast(Any, "seen")
    asked = course.run_to_end(done.podman, done, 60)
    assert asked.names[0].startswith("ended with exit status 0") and asked.notes == []


def test_a_sidecar_that_ends_before_its_job_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plans.edit_pod(plans.as_job(plans.eks()), sidecar)
    [job] = drivers(*plans.moored(plan, "toy", "eks", kind="job"), machine=Machine(toy="exited 0", proxy="exited 3"))
    job.observations["toy"] = cast(Any, "seen")
    [note] = course.run_to_end(job.podman, job, 60).notes
    assert note.endswith("[proxy] ended with exit status 3 before the job did")


OVERRIDES = {"PORT": "9", "DATABASE_HOST": "here", "MORE": "x"}


def test_values_in_place_of_planned_ones_reach_a_tasks_containers() -> None:
    def foreign(inputs: dict[str, Any]) -> None:
        found = json.loads(inputs["containerDefinitions"])
        other = {"name": "proxy", "image": "another", "environment": [{"name": "PORT", "value": "1"}]}
        inputs["containerDefinitions"] = json.dumps([*found, other])

    machine = Machine(migrate="exited 0")
    [driver] = drivers(*plans.edit(plans.ecs(), plans.TASK, foreign).resources, machine=machine)
    driver.observations["migrate"] = cast(Any, "seen")
    driver.create(lambda variable, *_: f"of {variable}", Path("/none"), OVERRIDES)
    driver.start(time.monotonic() + 5)
    runs = {command[2].rpartition("-")[2]: command for command in machine.commands if command[0] == "run"}
    for own in ("toy", "migrate"):
        values = dict(one.removeprefix("--env=").split("=") for one in runs[own] if one.startswith("--env="))
        assert OVERRIDES.items() <= values.items()
        secrets = [one.rpartition("=")[2] for one in runs[own] if one.startswith("--secret=")]
        assert secrets == [one for one in plans.VARIABLES if one != "DATABASE_HOST"]
    # Another image's container has only what it had before.
    assert [one for one in runs["proxy"] if one.startswith("--env=")] == ["--env=PORT=1", "--env=PORT=9"]
    assert "of DATABASE_HOST" not in machine.given and "of DATABASE_USER" in machine.given
