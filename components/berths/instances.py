"""What an EC2 instance holds, by its type. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Architecture = Literal["amd64", "arm64"]

UNITS_PER_VCPU: Final = 1024
"""ECS's CPU units in a vCPU."""


@dataclass(frozen=True)
class InstanceSize:
    """What an EC2 instance has for tasks."""

    cpu: int
    """CPU units."""
    memory: int
    """MiB that the ECS agent registers, estimated from below: kernel and agent take their share."""
    interfaces: int
    """Network interfaces it can have."""

    def tasks(self, cpu: int, memory: int) -> int:
        """Return how many tasks of this size fit on one instance.

        Each takes a network interface (``awsvpc``), and the first is the instance's own. An account that
        has switched ``awsvpcTrunking`` on fits more on the types that support it; that is not counted on.
        """
        return min(self.cpu // cpu, self.memory // memory, self.interfaces - 1)


_TYPE: Final = re.compile(
    r"(?P<family>[a-z]+(?:-[a-z0-9]+)?)(?P<generation>\d+)(?P<options>[a-z-]*)\.(?P<size>[a-z0-9-]+)"
)

INSTANCE_TYPE: Final = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9][a-z0-9-]*")
"""How an EC2 instance type looks, e.g. ``t4g.small``."""

_REGISTERED: Final = 0.92
"""Part of an instance's memory that is left for tasks; the ECS-optimised AMI registers 93 % of a
t3.small's (1,913 of 2,048 MiB) and more of a larger one's."""
_SYSTEM_MIB: Final = 128
"""What the smallest instances keep for themselves, more than 8 %."""

_BURSTABLE_MIB: Final = {"nano": 512, "micro": 1024, "small": 2048, "medium": 4096, "large": 8192}
_GIB_PER_VCPU: Final = {"c": 2, "m": 4, "r": 8}
_INTERFACES: Final = ((1, 2), (2, 3), (8, 4), (48, 8))
"""vCPUs up to a number, and the interfaces such an instance has; 15 beyond (EC2 user guide, maximum network
interfaces per instance type). The two smallest burstable sizes have two."""


def instance_architecture(instance_type: str) -> Architecture | None:
    """Return the processor of an EC2 instance type, or None where the name does not tell.

    Graviton types carry a ``g`` right after the generation (``t4g``, ``c7gn``, ``im4gn``); ``a1`` is
    the first of them (Amazon EC2 instance types guide, "Naming conventions").
    """
    match = _TYPE.fullmatch(instance_type)
    if not match or match["family"].startswith("mac"):  # Macs come with either, and run no Linux
        return None
    family, generation, options = match["family"], match["generation"], match["options"]
    # is4gen is storage of the fourth generation on Graviton: still a g right after the number.
    return "arm64" if options.startswith("g") or family + generation == "a1" else "amd64"


def instance_size(instance_type: str) -> InstanceSize | None:
    """Return what an instance of a common type has for tasks, or None for a type not known here.

    Known are the burstable t3, t3a and t4g and the families c, m and r from the fifth generation,
    whose sizes follow one rule: ``large`` has 2 vCPU, ``Nxlarge`` 4 * N, with 2, 4 or 8 GiB each.
    """
    match = _TYPE.fullmatch(instance_type)
    if not match:
        return None
    family, generation, options = match["family"], int(match["generation"]), match["options"]
    vcpus = _vcpus(match["size"])
    if family == "t" and generation in (3, 4):
        burstable = _BURSTABLE_MIB.get(match["size"])
        if burstable:
            return _size(2, burstable, 2 if burstable <= 1024 else None)
        return _size(vcpus, vcpus * 4096) if vcpus else None
    if family in _GIB_PER_VCPU and generation >= 5 and vcpus and (generation, options) != (5, "n"):
        # c5n alone breaks the rule, with 2.6 GiB to a vCPU; m5n and r5n are left out with it.
        return _size(vcpus, vcpus * _GIB_PER_VCPU[family] * 1024)
    return None


def _size(vcpus: int, mebibytes: int, interfaces: int | None = None) -> InstanceSize:
    return InstanceSize(
        vcpus * UNITS_PER_VCPU,
        min(int(mebibytes * _REGISTERED), mebibytes - _SYSTEM_MIB),
        interfaces or next((number for limit, number in _INTERFACES if vcpus <= limit), 15),
    )


def _vcpus(size: str) -> int | None:
    if size in {"medium", "large"}:
        return 1 if size == "medium" else 2
    match = re.fullmatch(r"(\d*)xlarge", size)
    return 4 * int(match[1] or 1) if match else None
