from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.berths.ecs_fargate.sizes import (
    FARGATE_MEMORY_TEXT,
    FARGATE_SIZES,
    is_fargate_size,
    nearest_fargate_size,
)
from components.berths.instances import InstanceSize, instance_architecture, instance_size


@pytest.mark.parametrize(
    ("cpu", "first", "last", "step", "count"),
    [
        (256, 512, 2048, None, 3),
        (512, 1024, 4096, 1024, 4),
        (1024, 2048, 8192, 1024, 7),
        (2048, 4096, 16384, 1024, 13),
        (4096, 8192, 30720, 1024, 23),
        (8192, 16384, 61440, 4096, 12),
        (16384, 32768, 122880, 8192, 12),
    ],
)
def test_fargate_has_these_sizes(cpu: int, first: int, last: int, step: int | None, count: int) -> None:
    memories = FARGATE_SIZES[cpu]
    assert (memories[0], memories[-1], len(memories)) == (first, last, count)
    if step:
        assert {after - before for before, after in pairwise(memories)} == {step}


def test_fargate_has_no_other_sizes() -> None:
    assert len(FARGATE_SIZES) == 7
    assert is_fargate_size(256, 512)
    assert not is_fargate_size(256, 3072)
    assert not is_fargate_size(8192, 17408)
    assert not is_fargate_size(128, 512)


def test_sizes_in_words() -> None:
    assert FARGATE_MEMORY_TEXT[256] == "512, 1024 or 2048"
    assert FARGATE_MEMORY_TEXT[16384] == "32768 to 122880 in steps of 8192"


@given(st.integers(1, 16384), st.integers(1, 122880))
def test_the_suggested_size_exists_and_holds_what_was_wanted(cpu: int, memory: int) -> None:
    near_cpu, near_memory = nearest_fargate_size(cpu, memory)
    assert is_fargate_size(near_cpu, near_memory)
    assert near_cpu >= cpu
    assert near_memory >= memory


def test_beyond_the_largest_the_largest_is_suggested() -> None:
    assert nearest_fargate_size(20000, 1) == (16384, 122880)


@pytest.mark.parametrize(
    ("instance_type", "architecture"),
    [
        ("t3.small", "amd64"),
        ("t4g.nano", "arm64"),
        ("a1.large", "arm64"),
        ("c7gn.2xlarge", "arm64"),
        ("is4gen.large", "arm64"),
        ("g4dn.xlarge", "amd64"),
        ("g5g.xlarge", "arm64"),
        ("m7i-flex.large", "amd64"),
        ("u-6tb1.metal", "amd64"),
        ("mac2.metal", None),
        ("p6e-gb200.36xlarge", None),
        ("small", None),
    ],
)
def test_architectures(instance_type: str, architecture: str | None) -> None:
    assert instance_architecture(instance_type) == architecture


@pytest.mark.parametrize(
    ("instance_type", "vcpus", "gibibytes"),
    [
        ("t3.nano", 2, 0.5),
        ("t3.small", 2, 2),
        ("t4g.2xlarge", 8, 32),
        ("m6g.medium", 1, 4),
        ("m5.large", 2, 8),
        ("c7i.24xlarge", 96, 192),
        ("c5.18xlarge", 72, 144),
        ("r6i.xlarge", 4, 32),
    ],
)
def test_instances_hold_a_little_less_than_they_have(instance_type: str, vcpus: int, gibibytes: float) -> None:
    size = instance_size(instance_type)
    assert size is not None
    assert size.cpu == vcpus * 1024
    assert 0.7 * gibibytes * 1024 < size.memory < 0.93 * gibibytes * 1024


@pytest.mark.parametrize("instance_type", ["c5n.large", "r5.metal", "g5.xlarge", "t2.micro", "m4.large", "?"])
def test_sizes_that_are_not_known_are_not_guessed(instance_type: str) -> None:
    assert instance_size(instance_type) is None


def test_tasks_fit_by_cpu_and_by_memory() -> None:
    size = InstanceSize(cpu=2048, memory=1884, interfaces=8)
    assert size.tasks(256, 512) == 3
    assert size.tasks(1024, 512) == 2
    assert size.tasks(256, 2048) == 0


@pytest.mark.parametrize(
    ("instance_type", "tasks"),
    # Interfaces less the instance's own, as the EC2 user guide lists them.
    [
        *[("t3.nano", 1), ("t3.micro", 1), ("t3.small", 2), ("t3.large", 2), ("c6g.medium", 1), ("m5.large", 2)],
        *[("m5.xlarge", 3), ("m5.2xlarge", 3), ("m5.4xlarge", 7), ("m5.12xlarge", 7), ("m5.16xlarge", 14)],
    ],
)
def test_each_task_takes_a_network_interface(instance_type: str, tasks: int) -> None:
    size = instance_size(instance_type)
    assert size is not None
    assert size.tasks(1, 1) == tasks
