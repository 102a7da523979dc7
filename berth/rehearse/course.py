"""What is done with one workload while it is there: waited for, run to its end, looked at, and stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from berth.rehearse import health
from berth.rehearse.checks import Check, Observation, judge
from berth.rehearse.drivers.driver import Driver
from berth.rehearse.errors import RehearsalError
from berth.rehearse.observe import observe
from berth.rehearse.podman import Podman
from berth.rehearse.workload import Container, Probe
from components.service.spec import ContainerSecurity

STAY_SECONDS = 5.0
"""How long a worker has to stay up to be called well: it has no port to be asked at."""
LOOK_SECONDS = 0.5
AGAIN_SECONDS = 30.0
KILLED = 137
"""Exit status of a process that SIGKILL ended."""


@dataclass
class Asked:
    """Who was asked whether a workload is well, and what could not be asked."""

    names: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def until_well(podman: Podman, driver: Driver, deadline: float, say: Callable[[str], None]) -> Asked:
    """Wait until every container and the load balancer say that all is well, and a worker has stayed up.

    Args:
        podman: Knows the containers.
        driver: What runs the workload, which is no job.
        deadline: By the monotonic clock.
        say: Is told what is wrong meanwhile.

    Raises:
        RehearsalError: A container ended, or is not well in time.
    """
    asked = Asked()

    def wait(container: Container, probe: Probe) -> None:
        health.wait(podman, driver.podman_name(container), probe, driver.published, deadline, say)

    for container in driver.containers:
        for probe in container.probes if not container.init else ():
            if probe.kind != "exec" and (container != driver.service or probe.port not in driver.published):
                asked.notes.append(f"{container.place}.{probe.name} was not asked: port {probe.port}")
                continue
            wait(container, probe)
            asked.names.append(probe.name if container == driver.service else f"{container.name}'s {probe.name}")
    for port, balancer in driver.balancers.items():
        name = f"target group {balancer.path}" + (f" at port {port}" if len(driver.published) > 1 else "")
        wait(driver.service, Probe("target group", "http", balancer.path, port, (), 5.0, 300.0, balancer.statuses))
        asked.names.append(name)
    if driver.kind == "worker":
        until_stayed(podman, driver, time.monotonic() + STAY_SECONDS)
        asked.names.append(f"stayed up for {STAY_SECONDS:g} s")
    elif not asked.names:
        port = next(iter(driver.published))
        wait(driver.service, Probe("port", "tcp", port=port, patience=300.0))
        asked.names.append("port")
    asked.notes += ended(podman, driver)
    return asked


def until_stayed(podman: Podman, driver: Driver, until: float) -> None:
    """Wait, and see that the containers do not end meanwhile.

    Raises:
        RehearsalError: One did.
    """
    while time.monotonic() < until:
        ended(podman, driver)
        time.sleep(LOOK_SECONDS)


def ended(podman: Podman, driver: Driver) -> list[str]:
    """Return which containers have ended that may; init containers are not looked at.

    Raises:
        RehearsalError: One has ended that must not: carries its last lines.
    """
    found = []
    for container in driver.containers:
        if container.init:
            continue
        name = driver.podman_name(container)
        status, code = health.state(podman, name)
        if status == "running":
            continue
        if container.essential:
            raise RehearsalError(
                f"{container.place} ended with exit status {code}, and it has to stay; its last lines:\n"
                + health.logs(podman, name)
            )
        found.append(f"{container.place} ended with exit status {code}; it is not essential")
    return found


def run_to_end(podman: Podman, driver: Driver, timeout: float) -> Asked:
    """Let a job that was just started run to its end, and look at it and at what stands beside it.

    Args:
        podman: Knows the containers.
        driver: What runs the job.
        timeout: Seconds that it may take; the Plan's own limit if that is shorter.

    Returns:
        How it ended, and what else had ended by then.

    Raises:
        RehearsalError: It failed, or took too long; carries its last lines.
    """
    started = time.monotonic()
    timeout = min(timeout, driver.timeout_seconds or timeout)
    driver.watch(driver.service, started + timeout, driver.writable_paths)
    seconds = time.monotonic() - started
    asked = Asked([f"ended with exit status 0 after {seconds:.1f} s"])
    for container in driver.beside:
        name = driver.podman_name(container)
        status, code = health.state(podman, name)
        if status != "running":
            asked.notes.append(f"{container.place} ended with exit status {code} before the job did")
        driver.observations[container.name] = observe(podman, name, driver.writable_paths)
    for container in driver.beside:
        seconds = container.stop_seconds
        podman.attempt("stop", f"--time={seconds}", driver.podman_name(container), timeout=seconds + 30)
    return asked


def judge_containers(podman: Podman, driver: Driver, security: ContainerSecurity, *, look: bool = True) -> list[Check]:
    """Judge every container by what is declared and what is seen; a job's were looked at while it ran.

    Args:
        podman: Knows the containers.
        driver: What runs them.
        security: What is promised.
        look: Whether those that stay are looked at now.
    """
    checks = []
    for container in driver.containers:
        seen = driver.observations.get(container.name)
        if look and not container.init and driver.kind != "job":
            seen = observe(podman, driver.podman_name(container), security.writable_paths)
        if seen and container.handed_on:
            seen = _without_unused(podman, container, seen)
        checks += judge(container, seen, security, driver.backend_note)
    return checks


def _without_unused(podman: Podman, container: Container, seen: Observation) -> Observation:
    """Leave out the volumes that an image has for others' files and this task has no use for.

    They hold nothing, nobody else mounts them, and they go with the container, which ends before the others start.
    """
    declared = podman.json("image", "inspect", "--format={{json .Config.Volumes}}", container.image) or {}
    unused = set(declared) - set(container.handed_on)
    return replace(seen, mounts=tuple(mount for mount in seen.mounts if mount.path not in unused))


def stop(podman: Podman, driver: Driver) -> Check:
    """Stop the workload's own container as its backend would, and see whether it obeys."""
    service = driver.service
    name = driver.podman_name(service)
    started = time.monotonic()
    podman.run("stop", f"--time={service.stop_seconds}", name, timeout=service.stop_seconds + 30)
    seconds = time.monotonic() - started
    code = health.state(podman, name)[1]
    killed = code == KILLED
    return Check(
        service.name,
        "stop",
        f"within {service.stop_seconds} s of SIGTERM",
        "killed" if killed else f"after {seconds:.1f} s, exit status {code}",
        not killed,
        f"{service.place} did not end within {service.stop_seconds} s of SIGTERM and was killed: what it had under way"
        " would be lost",
    )


def start_again(podman: Podman, driver: Driver) -> None:
    """Start those of a workload's containers that stay once more, where they have ended; its init containers ran.

    A pod that podman made of Kubernetes' objects stops with its last container, and takes none until it has.
    """
    names = [driver.podman_name(one) for one in driver.containers if not one.init]
    deadline = time.monotonic() + AGAIN_SECONDS
    while down := [name for name in names if health.state(podman, name)[0] != "running"]:
        output = podman.attempt("start", *down)
        if not output.status:
            return
        if time.monotonic() > deadline:
            raise RehearsalError(f"{driver.unit.name} did not start again: {output.last_error}")
        time.sleep(LOOK_SECONDS)
