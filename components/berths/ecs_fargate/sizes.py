"""What sizes Fargate has: its pairs of CPU and memory. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FARGATE_SIZES: Final[Mapping[int, tuple[int, ...]]] = MappingProxyType(
    {
        256: (512, 1024, 2048),
        512: tuple(range(1024, 4096 + 1, 1024)),
        1024: tuple(range(2048, 8192 + 1, 1024)),
        2048: tuple(range(4096, 16384 + 1, 1024)),
        4096: tuple(range(8192, 30720 + 1, 1024)),
        8192: tuple(range(16384, 61440 + 1, 4096)),
        16384: tuple(range(32768, 122880 + 1, 8192)),
    }
)
"""CPU units of a Fargate task to the memory, in MiB, that it can have (Amazon ECS developer guide,
"Task CPU and memory"; the API's own words are in ``RegisterTaskDefinition``, ``memory``)."""

FARGATE_MEMORY_TEXT: Final[Mapping[int, str]] = MappingProxyType(
    {
        cpu: ", ".join(str(memory) for memory in memories[:-1]) + f" or {memories[-1]}"
        if len(memories) <= 7
        else f"{memories[0]} to {memories[-1]} in steps of {memories[1] - memories[0]}"
        for cpu, memories in FARGATE_SIZES.items()
    }
)
"""The same memories as a reader wants them."""


def is_fargate_size(cpu: int, memory: int) -> bool:
    """Say whether Fargate has a task of these CPU units and this memory in MiB."""
    return memory in FARGATE_SIZES.get(cpu, ())


def nearest_fargate_size(cpu: int, memory: int) -> tuple[int, int]:
    """Return the Fargate size to suggest: the smallest that holds both, else the largest there is.

    Args:
        cpu: CPU units wanted.
        memory: MiB wanted.

    Returns:
        CPU units and MiB.
    """
    fitting = (
        (size, option)
        for size, options in FARGATE_SIZES.items()
        if size >= cpu
        for option in options
        if option >= memory
    )
    largest = max(FARGATE_SIZES)
    return next(fitting, (largest, max(FARGATE_SIZES[largest])))
