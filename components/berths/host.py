"""A host: a berth's own ground, such as its cluster, made once however many services are moored there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import pulumi

from components.berths.contract import Berth
from components.config.keys import Model
from components.deployment import ROLLING, DeploymentSettings
from components.ground import Ground
from components.mooring import Mooring, TargetShape
from components.service.spec import ServiceSpec

S = TypeVar("S", bound=Model)


class Host(pulumi.ComponentResource, Generic[S]):
    """Base of every berth's host. A host knows no other berth."""

    shape: TargetShape = "ip"
    """What it registers as targets."""

    def __init__(
        self,
        ground: Ground,
        berth: Berth,
        settings: S,
        services: Sequence[ServiceSpec],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Create the component; ``build`` creates what is in it.

        Args:
            ground: what every room and berth stands on.
            berth: the berth's record.
            settings: the berth's own.
            services: what will be moored there.
            opts: resource options.
        """
        self.name = f"{ground.site.name}-{berth.name}"
        limits = [{"what": limit.what, "instead": limit.instead} for limit in berth.limits]
        inputs = {"berth": berth.name, "title": berth.title, "limits": limits}
        aliases = [pulumi.Alias(type_=berth.formerly)] if berth.formerly else []
        opts = pulumi.ResourceOptions(aliases=aliases).merge(opts or pulumi.ResourceOptions())
        super().__init__("berth:berths:Host", self.name, inputs, opts)
        # Not before: an input of a component becomes an output of it, in the attribute of the same name.
        self.berth, self.ground, self.settings, self.services = berth, ground, settings, services
        self.child = pulumi.ResourceOptions(parent=self)
        self.build()
        self.register_outputs({})

    @property
    def log_retention_days(self) -> int:
        """Return the days that the host's own logs are kept: as long as those of any service there."""
        return max(service.log_retention_days for service in self.services)

    def build(self) -> None:
        """Create what all services there share."""
        raise NotImplementedError

    def run(self, mooring: Mooring) -> str:
        """Create what runs the mooring's service and fills its target group, as children of the mooring.

        Returns:
            One command that opens a shell in, or follows the logs of, the running service.
        """
        raise NotImplementedError

    def target_tags(self) -> dict[str, Any]:
        """Return the tags that the target groups need."""
        return {}

    def moor(
        self, spec: ServiceSpec, weight: int, *, leads: bool = True, deployment: DeploymentSettings = ROLLING
    ) -> Mooring:
        """Create a service's mooring here, with its target groups. ``run`` is next, when the edge leads to it.

        Args:
            spec: the service.
            weight: its share of the requests, relative to that of its other moorings.
            leads: whether a job runs by its schedule here; it is only there at the other berths.
            deployment: how its releases take over.
        """
        return Mooring(
            self.ground,
            spec,
            berth=self.berth.name,
            weight=weight,
            leads=leads,
            shape=self.shape,
            tags=self.target_tags(),
            deployment=deployment,
        )
