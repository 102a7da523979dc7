"""What runs: the service, its security and its bindings, said once and translated by every backend.

Nothing here knows where the service runs, and nothing here creates a resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pulumi

from components.settings import ServiceSettings

Architecture = Literal["amd64", "arm64"]


@dataclass(frozen=True)
class ContainerSecurity:
    """How a container is confined, whatever runs it.

    A backend translates each field; none may weaken one. The defaults are the house's promise and
    what Kubernetes calls Pod Security ``restricted``, plus a read-only root.
    """

    uid: int = 10001
    """User id of every process; above 10000, so it meets no account of a host."""
    gid: int = 10001
    """Group id of every process and of the files in the writable paths."""
    drop_capabilities: tuple[str, ...] = ("ALL",)
    """Linux capabilities taken away; exactly ``ALL`` under Pod Security ``restricted``."""
    read_only_root: bool = True
    """The root file system cannot be written."""
    no_new_privileges: bool = True
    """A set-uid program gains nothing."""
    seccomp_profile: str = "RuntimeDefault"
    """Kubernetes' name of the profile; ECS and podman always use their run time's default."""
    writable_paths: tuple[str, ...] = ("/tmp",)
    """The only paths that can be written; each is empty at the start and ends with the container."""


@dataclass(frozen=True)
class Binding:
    """One value of another component that reaches the service as an environment variable.

    The value may be known only after creation; so a task definition names an SSM parameter and a pod
    names a ConfigMap or Secret, which the backend makes, and neither ever holds the value itself.
    """

    variable: str
    """Name of the environment variable, e.g. ``DATABASE_HOST``."""
    value: pulumi.Input[str]
    """The value; a secret output where ``secret`` is true."""
    secret: bool = False
    """Whether the value must never be seen: SecureString on ECS, Secret on Kubernetes."""
    init_only: bool = False
    """Whether ``init_command`` alone is given it, and the running service never is."""

    @property
    def slug(self) -> str:
        """The variable as it appears in names, e.g. ``database-host``."""
        return self.variable.lower().replace("_", "-")


@dataclass(frozen=True)
class ServiceSpec:
    """One containerised service."""

    name: str
    """DNS label, used in the names of what a backend creates."""
    image: str
    """Full image reference, known at preview."""
    architecture: Architecture
    """Processor the image is built for."""
    port: int
    """TCP port the service listens on, above 1023: a non-root process can bind no lower one."""
    health_path: str
    """Path that answers 200 while the process is alive."""
    ready_path: str
    """Path that answers 200 while the service can take requests."""
    cpu: int
    """CPU units, 1024 to a vCPU."""
    memory: int
    """Memory in MiB, a hard limit."""
    min_replicas: int
    max_replicas: int
    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain environment variables, all known at preview."""
    bindings: tuple[Binding, ...] = ()
    health_command: tuple[str, ...] | None = None
    """Command run inside the container, exit 0 when healthy; ECS only, pods are asked by HTTP."""
    init_command: tuple[str, ...] | None = None
    """Command that must succeed before the service starts (migrations), in the same image."""
    shutdown_seconds: int = 30
    """Time between SIGTERM and SIGKILL."""
    security: ContainerSecurity = field(default_factory=ContainerSecurity)


def service_spec(
    settings: ServiceSettings, image: str, *, bindings: tuple[Binding, ...], environment: Mapping[str, str]
) -> ServiceSpec:
    """Return what runs, from config, the image and what other components bind to it.

    The service's own port, end and number of replicas come first, then ``environment``, then
    ``berth:service.environment``.
    """
    return ServiceSpec(
        name=settings.name,
        image=image,
        architecture=settings.architecture,
        port=settings.port,
        health_path=settings.health_path,
        ready_path=settings.ready_path,
        cpu=settings.cpu,
        memory=settings.memory,
        min_replicas=settings.min_replicas,
        max_replicas=settings.max_replicas,
        environment={
            "PORT": str(settings.port),
            "SHUTDOWN_SECONDS": str(settings.shutdown_seconds),
            "MAX_REPLICAS": str(settings.max_replicas),
            **environment,
            **settings.environment,
        },
        bindings=bindings,
        health_command=tuple(settings.health_command) if settings.health_command else None,
        init_command=tuple(settings.init_command) if settings.init_command else None,
        shutdown_seconds=settings.shutdown_seconds,
    )
