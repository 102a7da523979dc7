"""What is known of a service that runs, and whether it is well. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from berth.live.place import Place


@dataclass(frozen=True)
class Deployment:
    """The version that a berth runs, or is on the way to."""

    id: str
    state: Literal["completed", "in progress", "failed"]
    image: str
    """Tag or digest of the service's own container."""
    since: datetime | None = None
    """When it began; on EKS, when it last got on."""
    reason: str = ""
    """What ECS or Kubernetes says to the state."""


@dataclass(frozen=True)
class Target:
    """One task, pod, machine or function as the load balancer sees it."""

    id: str
    """Its address."""
    state: str
    """``healthy``, ``unhealthy``, ``initial``, ``draining``, ``unused`` ... (``TargetHealth`` of the Elastic Load
    Balancing API reference)."""
    reason: str = ""


TOO_LONG: Final = "it took longer than timeoutSeconds"
"""Why a run failed that was ended by its limit."""


@dataclass(frozen=True)
class JobRun:
    """One run of a job."""

    name: str
    result: Literal["succeeded", "failed", "running"]
    started: datetime | None
    ended: datetime | None = None
    reason: str = ""
    """Why it failed."""


@dataclass(frozen=True)
class Status:
    """One service at one berth."""

    place: Place
    present: bool = True
    """Whether it is there at all."""
    desired: int = 0
    running: int = 0
    """Tasks that run, pods that are ready, or machines in service; a function has none."""
    pending: int = 0
    deployment: Deployment | None = None
    targets: tuple[Target, ...] = ()
    schedule: str = ""
    """A job's, with its time zone; empty where it runs on demand only."""
    runs: tuple[JobRun, ...] = ()
    """A job's last ones, the newest first."""
    events: tuple[str, ...] = ()
    """Why tasks or pods stopped or do not start, the newest first; only looked for where something is wrong."""


def problems(status: Status) -> list[str]:
    """Return what is wrong with it; nothing where it is well."""
    if not status.present:
        return ["It is not there: `pulumi up` has not made it yet, or made it elsewhere."]
    if status.place.kind == "job":
        last = next((run for run in status.runs if run.result != "running"), None)
        failed = last is not None and last.result == "failed"
        return [f"The last run failed: {last.reason or 'no reason is given'}"] if last and failed else []
    found = []
    if status.running < status.desired:
        found.append(f"{status.running} of {status.desired} {_instances(status.place)} run.")
    if status.deployment and status.deployment.state == "failed":
        found.append(f"The deployment failed: {status.deployment.reason}")
    sick = [one for one in status.targets if one.state.startswith(("unhealthy", "unavailable"))]
    found += [f"The load balancer finds {one.id} {one.state}: {one.reason or 'no reason is given'}" for one in sick]
    expected = status.place.kind == "web" and (status.desired or status.targets)
    if expected and not any(one.state == "healthy" for one in status.targets):
        found.append("The load balancer has no healthy target for it.")
    return found


def _instances(place: Place) -> str:
    return {"ecs": "tasks", "kubernetes": "pods"}.get(place.orchestrator, "machines")


def version(image: str) -> str:
    """Return what follows an image's name: its tag, or the beginning of its digest."""
    name, _, digest = image.partition("@")
    if digest:
        return digest[: len("sha256:") + 12]
    return name.rpartition("/")[2].partition(":")[2] or "latest"
