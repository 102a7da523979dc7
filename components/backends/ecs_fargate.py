"""ECS on Fargate: no machines to keep.

Creates (``berth:ecs:Fargate``): cluster with container insights, its two capacity providers FARGATE
and FARGATE_SPOT with a base on demand, and the workload.
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from components.backends.base import Ground
from components.backends.ecs.cluster import ecs_cluster
from components.backends.ecs.workload import Capacity, Workload
from components.settings import Backend, EcsSettings


def strategies(settings: EcsSettings) -> list[Any]:
    """Return the capacity provider strategy: a base on demand, the rest by weight.

    A service can name a base on one provider only.
    """
    on_demand = {"capacity_provider": "FARGATE", "base": settings.on_demand_base, "weight": 1}
    if settings.spot_weight == 0:
        return [on_demand]
    return [on_demand, {"capacity_provider": "FARGATE_SPOT", "weight": settings.spot_weight}]


class EcsFargate(pulumi.ComponentResource):
    """The service on ECS Fargate."""

    access: str

    def __init__(self, ground: Ground, *, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create cluster and workload on the given ground."""
        name = ground.site.berth_name(Backend.ECS_FARGATE)
        super().__init__("berth:ecs:Fargate", name, {"spotWeight": ground.settings.ecs.spot_weight}, opts)
        child = pulumi.ResourceOptions(parent=self)
        cluster = ecs_cluster(name, ground.settings.service.log_retention_days, child)
        chosen = strategies(ground.settings.ecs)
        providers = aws.ecs.ClusterCapacityProviders(
            f"{name}-capacity",
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategies=chosen,
            opts=child,
        )
        capacity = Capacity(
            launch_type="FARGATE", cluster=cluster, cluster_name=name, strategies=chosen, ready=[providers]
        )
        self.access = Workload(ground, capacity, backend=Backend.ECS_FARGATE, opts=child).access
        self.register_outputs({"access": self.access})
