"""Where an ECS cluster gets its machines: all that tells the two berths apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.berths.ecs.definition import LaunchType
from components.rooms.image.image import Image
from components.service.spec import Architecture


@dataclass(frozen=True)
class Capacity:
    """An ECS cluster, and how its tasks are placed."""

    launch_type: LaunchType
    cluster: aws.ecs.Cluster
    cluster_name: str
    strategies: Sequence[Any]
    """Capacity provider strategy of what runs there."""
    ready: Sequence[pulumi.Resource]
    """What must exist before the cluster can place a task."""
    exec: bool
    """Whether ECS Exec is switched on."""
    placement: Sequence[Any] = field(default_factory=list)
    """Placement strategies; Fargate spreads over zones by itself and takes none."""
    files: Mapping[Architecture, Image] = field(default_factory=dict)
    """What writes a task's files, for each processor that needs it."""
