"""``berth:service.sidecars``: further containers beside the service's own, in one task or pod, confined as it is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.config.keys import Int, Key, Model, between
from components.service import variables
from components.service.rules import image_reference, port_number, words
from components.service.sources import SourceSettings, secret_variables


class SidecarSettings(Model):
    """One of ``berth:service.sidecars``."""

    image: Annotated[
        str,
        Key(
            "A prebuilt image's reference. It runs as uid 10001 on a read-only root with a writable /tmp.",
            image_reference,
            "public.ecr.aws/nginx/nginx-unprivileged:1.29",
        ),
    ]
    entrypoint: Annotated[
        list[str] | None, Key("In place of the image's ENTRYPOINT.", words, ["/bin/agent"], default="the image's")
    ] = None
    command: Annotated[
        list[str] | None, Key("In place of the image's CMD.", words, ["--quiet"], default="the image's")
    ] = None
    port: Annotated[
        Int | None,
        Key("TCP port it listens on, for the containers beside it.", port_number, 9000, default="none"),
    ] = None
    cpu: Annotated[Int, Key("CPU units, of those of the service, 1024 to a vCPU.", between(1, 196608), 64)] = 64
    memory: Annotated[Int, Key("Memory in MiB, of that of the service, a hard limit.", between(6, 25_165_824), 128)] = (
        128
    )
    environment: Annotated[
        dict[str, str], Key("Plain environment variables.", variables.environment, {"LOG_LEVEL": "info"})
    ] = Field(default_factory=dict)
    secrets: Annotated[
        dict[str, SourceSettings],
        Key("Secrets as environment variables.", secret_variables, {"TOKEN": {"parameter": "/shop/token"}}),
    ] = Field(default_factory=dict)
    essential: Annotated[
        bool,
        Key("Whether the whole task ends when it does. ECS only; a pod starts it again.", example=False),
    ] = True
    health_command: Annotated[
        list[str] | None,
        Key(
            "Command run inside the container that ends with 0 while it is healthy; the service starts after it.",
            words,
            ["/bin/agent", "--check"],
            default="none",
        ),
    ] = None
