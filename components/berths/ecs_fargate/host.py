"""ECS on Fargate: no machines to keep.

Creates: cluster with container insights, and its two capacity providers FARGATE and FARGATE_SPOT with a base on demand.
"""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws

from components.berths.ecs.capacity import Capacity
from components.berths.ecs.cluster import ecs_cluster
from components.berths.ecs.files_image import files_images
from components.berths.ecs.workload import run
from components.berths.ecs_fargate.settings import EcsFargateSettings
from components.berths.host import Host
from components.mooring import Mooring


def strategies(settings: EcsFargateSettings) -> list[Any]:
    """Return the capacity provider strategy: a base on demand, the rest by weight.

    A service can name a base on one provider only.
    """
    on_demand = {"capacity_provider": "FARGATE", "base": settings.on_demand_base, "weight": 1}
    if settings.spot_weight == 0:
        return [on_demand]
    return [on_demand, {"capacity_provider": "FARGATE_SPOT", "weight": settings.spot_weight}]


class EcsFargate(Host[EcsFargateSettings]):
    """A cluster on Fargate."""

    def build(self) -> None:
        """Create the cluster."""
        cluster = ecs_cluster(self.name, self.log_retention_days, self.child)
        chosen = strategies(self.settings)
        providers = aws.ecs.ClusterCapacityProviders(
            f"{self.name}-capacity",
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategies=chosen,
            opts=self.child,
        )
        files = files_images(self.ground, self.berth.name, self.services, "FARGATE", self.child)
        self._capacity = Capacity("FARGATE", cluster, self.name, chosen, [providers], self.settings.exec, files=files)

    def run(self, mooring: Mooring) -> str:
        """Create the service's tasks."""
        return run(self.ground, mooring, self._capacity)
