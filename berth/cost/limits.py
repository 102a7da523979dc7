"""What each backend cannot do, as AWS builds it; what this program merely does not do yet is not here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from berth.plan import HOST, Plan


@dataclass(frozen=True)
class Limit:
    """Something a backend cannot do."""

    what: str
    instead: str
    """What is done about it here, or what remains."""


_ECS: Final = (
    Limit("Seccomp profiles of one's own", "the runtime's default profile applies"),
    Limit("Network policies between tasks", "security groups, one for each kind of task"),
)

LIMITS: Final[Mapping[str, Sequence[Limit]]] = {
    "ecs-fargate": (
        Limit("no-new-privileges", "no setuid program gains anything without capabilities, and all are dropped"),
        Limit("tmpfs", "/tmp is an ephemeral volume, which is on disk"),
        Limit("Privileged containers, devices, GPUs", "not needed by a web service"),
        Limit("CPU and memory in any ratio", "only certain pairs exist; the config refuses others"),
        Limit("Images cached on a machine", "each task pulls its image when it starts"),
        *_ECS,
    ),
    "ecs-ec2": (
        *_ECS,
        Limit("Machines without upkeep", "they are patched by replacing them, with an instance refresh"),
        Limit("Scaling in seconds", "a new machine takes minutes to join before a task can start on it"),
    ),
    "eks": (
        Limit("Scale to nothing", "the control plane is billed by the hour, whatever runs"),
        Limit("Stay on one version", "Kubernetes versions end their standard support after 14 months"),
        Limit("A shell by AWS's own command", "kubectl exec, which needs a way to the cluster's endpoint"),
        Limit("SSH to the nodes", "Auto Mode's nodes are sealed; debug containers instead"),
    ),
}
"""Backend to its limits."""


def limits_of(plan: Plan) -> dict[str, Sequence[Limit]]:
    """Return what the berths of a stack cannot do, by a berth's name; one without limits is left out."""
    # A Plan without hosts is one of an older revision, whose outputs name its only backend.
    name = str(plan.outputs.get("backend"))
    hosts = {str(host.inputs["berth"]): host.inputs.get("limits") or () for host in plan.of_type(HOST)}
    found: dict[str, Sequence[Limit]] = {
        berth: [Limit(one["what"], one["instead"]) for one in limits] for berth, limits in hosts.items() if limits
    }
    return found if hosts else {name: LIMITS[name]} if name in LIMITS else {}
