"""The registry of berths: which component runs the service where.

A module is imported only when its backend is chosen, so a stack on Fargate never pays for EKS. A new
backend is a module with a ComponentResource that takes a ``Ground``, and one line here.
"""

from __future__ import annotations

from importlib import import_module

import pulumi

from components.backends.base import BackendComponent, Ground
from components.settings import Backend
from components.site import Site

BACKENDS: dict[Backend, str] = {
    Backend.EKS: "components.backends.eks:Eks",
    Backend.ECS_FARGATE: "components.backends.ecs_fargate:EcsFargate",
    Backend.ECS_EC2: "components.backends.ecs_ec2:EcsEc2",
}
"""Backend to ``module:class``."""


def create_backend(backend: Backend, ground: Ground, opts: pulumi.ResourceOptions | None = None) -> BackendComponent:
    """Create the component of the chosen backend."""
    module, _, name = BACKENDS[backend].partition(":")
    component: BackendComponent = getattr(import_module(module), name)(ground, opts=opts)
    return component


def target_group_tags(backend: Backend, site: Site) -> dict[str, str]:
    """Return the tags a backend needs on its target group: EKS Auto Mode fills only its own cluster's."""
    return {"eks:eks-cluster-name": site.berth_name(backend)} if backend is Backend.EKS else {}
