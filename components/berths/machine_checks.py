"""What a machine has to be for the services that run there: shared by the berths that have machines of their own."""

from __future__ import annotations

from collections.abc import Iterator

from components.berths.instances import instance_architecture, instance_size
from components.config.checks import Case
from components.config.errors import Problem
from components.service.settings import services_of


def wrong_processors(case: Case, key: str, kind: str) -> Iterator[Problem]:
    """Report the services whose images are built for another processor than an instance type has.

    Args:
        case: the stack.
        key: where the type stands, e.g. ``ec2.instanceType``.
        kind: the type.
    """
    has = instance_architecture(kind)
    for path, service in services_of(case, "architecture"):
        if has and has != service.architecture:
            yield case.reading.problem(
                key,
                f"{kind} is {has}, and {path}.architecture is {service.architecture}.",
                given=kind,
                allowed=f"a type of {service.architecture}, or {path}.architecture: {has}",
                example="t3.small" if service.architecture == "amd64" else "t4g.small",
            )


def too_large(case: Case, key: str, kind: str, kept_mib: int = 0) -> Iterator[Problem]:
    """Report the services of which a machine of an instance type does not hold one replica; none for an unknown type.

    Args:
        case: the stack.
        key: where the type stands.
        kind: the type.
        kept_mib: memory that the machine keeps for other things.
    """
    size = instance_size(kind)
    if size is None:
        return
    memory = size.memory - kept_mib
    for path, service in services_of(case, "cpu", "memory"):
        if service.memory > memory or service.cpu > size.cpu:
            part, most = ("memory", memory // 64 * 64) if service.memory > memory else ("cpu", size.cpu)
            yield case.reading.problem(
                f"{path}.{part}",
                f"A replica of {service.cpu} CPU units and {service.memory} MiB does not fit on a {kind}.",
                given=getattr(service, part),
                allowed=f"about {memory} MiB and {size.cpu} CPU units with this {key}; or a larger one",
                example=most,
            )
