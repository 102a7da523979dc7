"""All rules, by id. A rule whose module is not listed here does not exist."""

from __future__ import annotations

from functools import cache
from typing import Final

from . import nothing_unjudged
from .aws import beanstalk, edge, eks, functions, iam, images, machines, network, rds, s3, storage
from .docker import compose, image_non_root
from .docker import containers as docker_containers
from .ecs import containers as ecs_containers
from .ecs import tasks
from .kubernetes import cluster, confinement, host, identity, opaque, privileges
from .machines import containers as machine_containers
from .rule import AnyRule

_MODULES: Final = (
    *(beanstalk, edge, eks, functions, iam, images, machines, network, rds, s3, storage),
    *(docker_containers, compose, image_non_root),
    *(ecs_containers, tasks),
    *(cluster, confinement, host, identity, opaque, privileges),
    machine_containers,
    nothing_unjudged,
)
_ALL: Final = [one for module in _MODULES for one in vars(module).values() if isinstance(one, AnyRule)]

RULES: Final[dict[str, AnyRule]] = {rule.id: rule for rule in sorted(_ALL, key=lambda rule: rule.id)}
"""Every rule by its id, sorted."""


@cache
def rules_for(type_token: str) -> tuple[AnyRule, ...]:
    """Return the rules that look at resources of this type token."""
    return tuple(rule for rule in RULES.values() if rule.applies(type_token))
