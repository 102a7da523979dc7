"""The image of the container that writes a task's files: built here, as ECS mounts none, from the folder ``files``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pulumi

from components.berths.ecs.definition import LaunchType, needs_files
from components.ground import Ground
from components.rooms.image.image import Image
from components.service.spec import Architecture, ServiceSpec

CONTEXT = Path(__file__).parent / "files"


@dataclass(frozen=True)
class _FilesImage:
    """What the image is made from; see ``components.rooms.image.image.Built``."""

    name: str
    architecture: Architecture
    image: None = None
    # Relative to Pulumi.yaml, like that of a service: it stands in the plan, which is the same on every machine.
    context: str = CONTEXT.relative_to(Path(__file__).parents[3]).as_posix()
    dockerfile: str = "Dockerfile"
    build_args: Mapping[str, str] = field(default_factory=dict)


def files_images(
    ground: Ground,
    berth: str,
    services: Sequence[ServiceSpec],
    launch_type: LaunchType,
    opts: pulumi.ResourceOptions,
) -> dict[Architecture, Image]:
    """Create the image for each processor of the services that need it; none where no service does.

    Args:
        ground: what every room and berth stands on.
        berth: the berth's name; each has a repository of its own, since a berth knows no other.
        services: what will run there.
        launch_type: the berth's.
        opts: resource options.
    """
    needed = sorted({service.architecture for service in services if needs_files(service, launch_type)})
    return {
        # The slash keeps the repository apart from any service's.
        processor: Image(
            ground.registry, _FilesImage(f"{berth}/files-{processor}", processor), production=False, opts=opts
        )
        for processor in needed
    }
