"""How a release takes over on ECS: what the service is told of it, and what is left to ECS from then on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import pulumi

from components.alarms import alarm_names
from components.ground import Ground
from components.iam import Role, assumed_by
from components.mooring import Mooring

START_MINUTES: Final = 40
"""Minutes that the replicas of a release may take to start and the old ones to stop, beside what it is told to wait."""


@dataclass(frozen=True)
class Release:
    """What differs between the ways of releasing."""

    name: str
    """Of the ECS service. Who shifts has one of its own: ECS refuses two services of one name, and the way of releasing
    changes by a second one beside the first. Two hyphens: no other service's name has them."""
    resource: str
    """Pulumi name of the ECS service."""
    alarms: Any = None
    configuration: Any = None
    """How requests are shifted."""
    shift: Any = field(default_factory=dict)
    """What the service's load balancer is told in addition."""
    left_to_ecs: list[str] = field(default_factory=list)
    """Inputs of the service that ECS changes, and whose changes are therefore ignored."""
    ready: list[pulumi.Resource] = field(default_factory=list)
    timeouts: pulumi.CustomTimeouts | None = None


def release(ground: Ground, mooring: Mooring) -> Release:
    """Return how a mooring's releases take over; creates the role that ECS shifts requests with, where it does.

    Args:
        ground: what every room and berth stands on.
        mooring: the service, with what forwards to it.
    """
    settings, spec = mooring.deployment, mooring.spec
    errors, _ = alarm_names(mooring.name)
    # The other alarm is on while a service is made for the first time.
    watched = {"alarm_names": [errors], "enable": True, "rollback": True}
    alarms = watched if settings.takes_back and mooring.alarms else None
    ready: list[pulumi.Resource] = [*mooring.alarms] if alarms else []
    if not mooring.alternates:
        return Release(spec.name, f"{mooring.name}-service", alarms, ready=ready)
    [(endpoint, alternate)] = mooring.alternates.items()
    role = Role(
        f"{mooring.name}-shift",
        assumed_by("ecs.amazonaws.com"),
        managed=[ground.site.managed_policy("AmazonECSInfrastructureRolePolicyForLoadBalancers")],
        opts=mooring.child,
    )
    steps = {"step_percent": settings.percent, "step_bake_time_in_minutes": str(settings.step_minutes)}
    canary = {"canary_percent": settings.percent, "canary_bake_time_in_minutes": str(settings.step_minutes)}
    configuration = {
        "strategy": settings.strategy.upper().replace("-", "_"),
        "bake_time_in_minutes": str(settings.bake_minutes),
        **({"canary_configuration": canary} if settings.strategy == "canary" else {}),
        **({"linear_configuration": steps} if settings.strategy == "linear" else {}),
    }
    port = next(one.port for one in spec.endpoints if one.name == endpoint)
    wait = f"{START_MINUTES + settings.waiting_minutes}m"
    return Release(
        # With its port, as ECS is told of the port but once.
        f"{spec.name}--{port}",
        f"{mooring.name}-service-{port}",
        alarms,
        configuration,
        {
            "advanced_configuration": {
                "alternate_target_group_arn": alternate.arn,
                "production_listener_rule": mooring.rules[endpoint].arn,
                "role_arn": role.arn,
            }
        },
        # ECS swaps the two groups at each release; told of them again, it would release into the one that is live
        # (terraform-provider-aws 45678).
        ["loadBalancers"],
        [*ready, *role.ready],
        pulumi.CustomTimeouts(create=wait, update=wait),
    )
