"""What a machine's user data says it runs, before podman has a part in it."""

from __future__ import annotations

import base64
from functools import cache

import pytest

from berth.plan import Plan, Resource
from berth.rehearse.drivers.claims import left_out, units
from berth.rehearse.drivers.ec2.units import Machine, extract
from berth.rehearse.errors import RehearsalError
from berth.rehearse.workload import Promise
from components.service.spec import ContainerSecurity

from . import plans
from .running import planned

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
SECURITY = ContainerSecurity()


@cache
def template() -> tuple[Plan, Resource]:
    plan = planned("ec2-dev")
    [unit] = units(plan)
    return plan, unit.workload


def read(old: str = "", new: str = "") -> Machine:
    """Read the stack's machine, after a change of its user data."""
    plan, workload = template()
    text = base64.b64decode(workload.inputs["userData"]).decode()
    assert old in text
    data = base64.b64encode(text.replace(old, new).encode()).decode()
    changed = plans.edit(plan, TEMPLATE, lambda inputs: inputs.update(userData=data))
    [unit] = units(changed)
    return extract(changed, unit.workload, SECURITY, "biometric")


def test_the_planned_machine_is_run_as_it_is() -> None:
    init, own = read().entries
    assert (init.container.name, init.container.init) == ("biometric-init", True)
    assert (own.container.name, own.container.ports, own.container.stop_seconds) == ("biometric", (8080,), 30)
    assert [one.container for one in own.dependencies] == ["biometric-init"]
    assert all(one.kept for entry in (init, own) for one in entry.container.declared.values())
    assert own.secrets["DATABASE_HOST"][0] == "/berth/berth-ec2-dev-ec2-biometric/database-host"
    assert "DATABASE_ADMIN_PASSWORD" in init.secrets.keys() - own.secrets.keys()
    assert own.container.probes[0].command == ("python", "-m", "biometric.health")


@pytest.mark.parametrize(
    ("old", "new", "promise"),
    [
        ("User=10001", "User=0", Promise.USER),
        ("User=10001", "", Promise.USER),
        ("DropCapability=all", "", Promise.CAPABILITIES),
        ("PodmanArgs=", "PodmanArgs=--privileged ", Promise.CAPABILITIES),
        ("NoNewPrivileges=true", "NoNewPrivileges=false", Promise.NO_NEW_PRIVILEGES),
        ("ReadOnly=true", "ReadOnly=false", Promise.READ_ONLY_ROOT),
        ("ReadOnlyTmpfs=false", "", Promise.WRITABLE_PATHS),
        ("Tmpfs=/tmp", "Tmpfs=/app", Promise.WRITABLE_PATHS),
        ("ReadOnly=true", "ReadOnly=true\n    SeccompProfile=unconfined", Promise.SECCOMP),
    ],
)
def test_a_broken_promise_is_seen_where_it_is_declared(old: str, new: str, promise: Promise) -> None:
    for entry in read(old, new).entries:
        broken = [one for one, declared in entry.container.declared.items() if not declared.kept]
        assert broken == [promise]


def test_what_cannot_be_rehearsed_is_said() -> None:
    with pytest.raises(RehearsalError, match="only podman's own bridge"):
        read("Network=podman", "Network=host")
    noted = read("LogDriver=passthrough", "LogDriver=passthrough\n    ShmSize=1g").not_rehearsed
    assert "berth-biometric.container.ShmSize: berth has no translation for it" in noted


def test_machines_of_a_cluster_are_no_workload() -> None:
    assert all(unit.workload.type != TEMPLATE for unit in units(planned("ecs-ec2-dev")))
    assert left_out(planned("ecs-ec2-dev")) == []
