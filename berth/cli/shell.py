"""``berth shell``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from berth.cli.live_options import BerthName, Service, note, recorded
from berth.cli.options import Stack


def shell(
    stack: Stack,
    service: Service,
    root: Path,
    command: Annotated[
        str, typer.Option("--command", metavar="COMMAND", help="What to run instead, e.g. 'python3 -V'.")
    ] = "/bin/sh",
    container: Annotated[
        str | None,
        typer.Option("--container", metavar="NAME", help="Of a sidecar; the service's own without it."),
    ] = None,
    berth: BerthName = None,
) -> None:
    """Open a shell in a running task, pod or machine of SERVICE, at the berth with the highest weight.

    On ECS by ECS Exec (berth:ecs-fargate.exec or berth:ecs-ec2.exec must be true), with aws and session-manager-plugin,
    as root of the container; on EKS by kubectl exec, with aws and kubectl, on EC2 and Elastic Beanstalk by Session
    Manager, with aws and session-manager-plugin, as the container's own user. A function has none.
    """
    from berth.live.aws import Aws
    from berth.live.image_base import shell_less_base
    from berth.live.place import access, places
    from berth.live.shell import INTO, SHELL, shell_place

    plan = recorded(stack, root)
    place, name = shell_place(places(plan, service, berth), container)
    aws = Aws(access(plan))
    # On Kubernetes a look into the container tells, before anything is opened.
    bare = shell_less_base(plan, place, root) if (command, name) == (SHELL, service) else None
    if place.orchestrator == "ecs" and place.exec and bare:
        note(f"The image of {service} starts from {bare}, so it may have no shell. If this ends at once, run a program")
        note("that it has, e.g. --command 'python3 -V'.")
    if code := INTO[place.orchestrator](aws, place, name, command, note):
        raise typer.Exit(code)
