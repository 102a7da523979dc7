"""What a room gives to a service that uses it: values, rights and a way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi


@dataclass(frozen=True)
class Binding:
    """One value of another component that reaches the service as an environment variable.

    The value may be known only after creation; so a task definition names an SSM parameter and a pod
    names a ConfigMap or Secret, which the berth makes, and neither ever holds the value itself.
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
class Grant:
    """Rights on AWS: the actions, each by its whole name, on the ARNs."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True)
class Reach:
    """A way of the service to a security group's members, on one TCP port."""

    name: str
    """What is there, e.g. ``database``; part of the names of the rules, so each port of a thing has one of its own."""
    group_id: pulumi.Input[str]
    port: int


@dataclass(frozen=True)
class Offer:
    """All that a room gives to a service. Roles, security groups and network policies follow from it on every berth."""

    environment: Mapping[str, str] = field(default_factory=dict)
    """Plain environment variables, all known at preview."""
    bindings: tuple[Binding, ...] = ()
    grants: tuple[Grant, ...] = ()
    reach: tuple[Reach, ...] = ()
    ready: tuple[pulumi.Resource, ...] = ()
    """What must exist before a service that uses the room can start."""
