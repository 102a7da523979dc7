"""What the images themselves promise: their own user, and their volumes where root would own what is mounted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from berth.rehearse.checks import Check
from berth.rehearse.drivers.driver import Driver
from berth.rehearse.errors import RehearsalError
from berth.rehearse.images import Images, find_dockerfile
from berth.rehearse.workload import ImageBuild, show
from components.service.spec import ContainerSecurity


def judge_images(
    drivers: Sequence[Driver],
    builds: Mapping[str, ImageBuild],
    images: Images,
    root: Path,
    security: ContainerSecurity,
) -> list[Check]:
    """Judge the images that the Plan builds, and refuse what a backend would refuse.

    Args:
        drivers: What runs the workloads.
        builds: How the Plan builds their images, by name.
        images: Knows them.
        root: The project's folder.
        security: What is promised of every container.

    Raises:
        RehearsalError: A backend would not start a container.
    """
    used = {container.image for driver in drivers for container in driver.containers}
    configs = {image: images.config(image) for image in used}
    users = {image: str(config.get("User") or "") for image, config in configs.items()}
    if refused := [line for driver in drivers for line in driver.refusals(users)]:
        raise RehearsalError("\n".join(refused))
    checks = []
    for build in builds.values():
        name = "image" if len(builds) == 1 else f"image of {build.context}"
        dockerfile = find_dockerfile(build, root).relative_to(root)
        user = users[build.name]
        kept = user.partition(":")[0] == str(security.uid)
        promised = str(security.uid)
        checks.append(
            Check(name, "user", promised, user or "root", kept, f"{dockerfile}: USER is {show(user or None)}")
        )
        on_fargate = [driver for driver in drivers if driver.needs_volumes]
        mounted = {
            path
            for driver in on_fargate
            for container in driver.containers
            if container.image == build.name
            for path in container.handed_on or security.writable_paths
        }
        if mounted:
            volumes = sorted(configs[build.name].get("Volumes") or {})
            lost = sorted(mounted.difference(volumes))
            place = f"{dockerfile}: no VOLUME {' '.join(lost)}; on Fargate root owns a volume mounted there"
            promised = ", ".join(sorted(mounted))
            checks.append(Check(name, "volumes", promised, ", ".join(volumes) or "none", not lost, place))
    return checks
