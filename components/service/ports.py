"""``berth:service.ports``: further ports of a service, each reached as the service itself is."""

from __future__ import annotations

from typing import Annotated, Literal, Protocol

from components.config.keys import Int, Key, Model
from components.service.rules import host_name, http_path, path_prefix, port_number


class Door(Protocol):
    """A port that requests reach: the service's own, or one of its further ports."""

    @property
    def port(self) -> int: ...  # noqa: D102
    @property
    def exposure(self) -> Literal["public", "internal"]: ...  # noqa: D102
    @property
    def path(self) -> str | None: ...  # noqa: D102
    @property
    def host(self) -> str | None: ...  # noqa: D102
    @property
    def strip_path(self) -> bool: ...  # noqa: D102
    @property
    def health_path(self) -> str: ...  # noqa: D102


class PortSettings(Model):
    """One of ``berth:service.ports``."""

    port: Annotated[Int, Key("TCP port the service listens on.", port_number, 9000)]
    exposure: Annotated[
        Literal["public", "internal"],
        Key("Whether the API leads to it, or only the stack's services that use it reach it.", example="public"),
    ] = "internal"
    path: Annotated[
        str | None, Key("Beginning of the paths that lead to it.", path_prefix, "/admin", default="all")
    ] = None
    strip_path: Annotated[
        bool, Key("Whether it is sent what comes after path, instead of the whole path.", example=True)
    ] = False
    host: Annotated[
        str | None,
        Key("Host name that leads to it. Public ports only.", host_name, "admin.example.com", default="all"),
    ] = None
    health_path: Annotated[
        str, Key("Path of this port that answers 200 while the process is alive.", http_path, "/healthz")
    ] = "/healthz"
