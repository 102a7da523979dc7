"""The kernel's account of a process is read right, and every promise is judged by it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from berth.rehearse.checks import Check, Observation, judge
from berth.rehearse.drivers.ecs.task import extract
from berth.rehearse.proc import (
    IdMap,
    Mount,
    Process,
    descendants,
    leaves,
    parse_mounts,
    parse_parent,
    parse_status,
    writable_paths,
)
from berth.rehearse.workload import Container, Promise
from components.service.spec import ContainerSecurity

from . import plans

SECURITY = ContainerSecurity()
SAME = IdMap.parse("         0          0 4294967295\n")
ROOTLESS = IdMap.parse("         0       1000          1\n         1     100000      65536\n")
STATUS = """\
Name:\tpython
Umask:\t0022
State:\tS (sleeping)
Pid:\t4711
Uid:\t10001\t10001\t10001\t10001
Gid:\t10001\t10001\t10001\t10001
Groups:\t10001 
NStgid:\t4711\t1
CapInh:\t0000000000000000
CapPrm:\t0000000000000000
CapEff:\t0000000000000000
CapBnd:\t00000000a80425fb
CapAmb:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
Seccomp_filters:\t1
"""
MOUNTINFO = r"""
123 65 0:53 / / ro,relatime - overlay overlay rw,lowerdir=/a
124 123 0:46 / /sys ro,nosuid - sysfs sysfs ro
125 123 0:56 / /dev rw,nosuid - tmpfs tmpfs rw
126 125 0:39 / /dev/shm rw,nosuid - tmpfs shm rw
127 123 254:0 /x/_data /tmp rw,nosuid - ext4 /dev/vda rw
128 123 254:0 /x /with\040space rw shared:1 - ext4 /dev/vda rw
129 123 254:0 /hosts /etc/hosts rw - ext4 /dev/vda rw
130 123 254:0 /y /data ro - ext4 /dev/vda rw
131 123 254:0 /y /data rw - ext4 /dev/vda rw
"""


def test_status_is_read() -> None:
    process = parse_status(STATUS, SAME, SAME)
    assert (process.pid, process.command, process.seccomp) == (4711, "python", 2)
    assert process.uids == process.gids == (10001,) * 4
    assert process.groups == (10001,)
    assert process.no_new_privileges
    assert process.capabilities == {"CapInh": 0, "CapPrm": 0, "CapEff": 0, "CapBnd": 0xA80425FB, "CapAmb": 0}


def test_ids_of_rootless_podman_are_those_inside() -> None:
    text = STATUS.replace("10001", "110000")
    assert parse_status(text, ROOTLESS, ROOTLESS).uids == (10001,) * 4
    assert ROOTLESS.inside(1000) == 0
    assert ROOTLESS.inside(5) == -1


def test_half_a_status_is_no_process() -> None:
    with pytest.raises(ValueError, match="Uid"):
        parse_status("Name:\tx\nPid:\t1\n", SAME, SAME)


def test_mounts_are_read_and_the_last_of_a_path_counts() -> None:
    mounts = parse_mounts(MOUNTINFO)
    assert mounts[0] == Mount("/", True, "overlay")
    assert writable_paths(mounts) == ["/data", "/tmp", "/with space"]


def test_parent_is_found_behind_any_name() -> None:
    assert parse_parent("42 (a) b (c) S 7 42 42 0") == 7


def test_descendants_of_any_depth() -> None:
    assert descendants(10, {10: 1, 11: 10, 12: 11, 13: 12, 20: 1, 21: 20}) == [10, 11, 12, 13]


def test_leaves_are_what_has_no_children() -> None:
    assert leaves(10, {10: 1, 11: 10, 12: 11, 13: 11, 14: 10, 20: 1}) == [12, 13, 14]
    assert leaves(10, {10: 1}) == []


GOOD = Process(1, "python", (10001,) * 4, (10001,) * 4, (10001,), dict.fromkeys(("CapEff", "CapBnd"), 0), True, 2)
MOUNTS = (Mount("/", True, "overlay"), Mount("/tmp", False, "tmpfs"))
SEEN = Observation((GOOD, replace(GOOD, pid=2)), MOUNTS, ("/tmp",))


def service(fargate: bool = False, **changes: object) -> Container:
    """The toy service, as declared."""
    plan = plans.edit_definition(plans.ecs(fargate), lambda one: one.update(changes))
    return extract(plan, plan.of_type(plans.TASK)[0], SECURITY, "p-").containers[-1].container


def broken(seen: Observation | None, container: Container | None = None) -> dict[str, Check]:
    """The promises that are not kept."""
    checks = judge(container or service(), seen, SECURITY)
    assert [check.promise for check in checks] == list(Promise)
    return {check.promise: check for check in checks if not check.kept}


def test_all_promises_kept() -> None:
    assert broken(SEEN) == {}


@pytest.mark.parametrize(
    ("process", "promise", "seen"),
    [
        (replace(GOOD, uids=(0,) * 4), Promise.USER, "0:10001 in python"),
        (replace(GOOD, uids=(10001, 0, 10001, 10001)), Promise.USER, "10001/0:10001"),
        (replace(GOOD, gids=(0,) * 4), Promise.USER, "10001:0"),
        (replace(GOOD, groups=(0, 10001)), Promise.USER, "groups 0"),
        (replace(GOOD, capabilities={"CapEff": 0, "CapBnd": 0x400}), Promise.CAPABILITIES, "CapBnd 400"),
        (replace(GOOD, no_new_privileges=False), Promise.NO_NEW_PRIVILEGES, "not set"),
        (replace(GOOD, seccomp=0), Promise.SECCOMP, "no filter"),
    ],
)
def test_one_process_of_several_breaks_a_promise(process: Process, promise: Promise, seen: str) -> None:
    found = broken(replace(SEEN, processes=(GOOD, process)))
    assert set(found) == {promise}
    assert seen in found[promise].seen
    assert "and yet it is not so" in found[promise].place


@pytest.mark.parametrize(
    ("seen", "promise"),
    [
        (replace(SEEN, mounts=(Mount("/", False, "overlay"), MOUNTS[1])), Promise.READ_ONLY_ROOT),
        (replace(SEEN, mounts=MOUNTS[1:]), Promise.READ_ONLY_ROOT),
        (replace(SEEN, written=("/", "/tmp")), Promise.READ_ONLY_ROOT),
        (replace(SEEN, mounts=MOUNTS[:1]), Promise.WRITABLE_PATHS),
        (replace(SEEN, mounts=(*MOUNTS, Mount("/run", False, "tmpfs"))), Promise.WRITABLE_PATHS),
        (replace(SEEN, written=()), Promise.WRITABLE_PATHS),
    ],
)
def test_mounts_break_a_promise(seen: Observation, promise: Promise) -> None:
    assert set(broken(seen)) == {promise}


@pytest.mark.parametrize(
    ("paths", "kept"),
    [(("/volumes/0",), True), (("/tmp", "/volumes/0"), True), ((), True), (("/run", "/volumes/0"), False)],
)
def test_who_fills_volumes_for_others_writes_there_and_nowhere_else(paths: tuple[str, ...], kept: bool) -> None:
    seen = replace(SEEN, mounts=(MOUNTS[0], *(Mount(path, False, "ext4") for path in paths)), written=None)
    writer = replace(service(), handed_on=("/volumes/0",))
    assert (Promise.WRITABLE_PATHS not in broken(seen, writer)) is kept


def test_declaration_counts_even_if_it_has_no_effect_here() -> None:
    found = broken(SEEN, service(user="10001"))
    assert found[Promise.USER].place == 'containerDefinitions[toy].user is "10001"'
    assert found[Promise.USER].seen.endswith("but not by declaration")


def test_container_that_was_not_seen_is_judged_by_its_declaration() -> None:
    assert broken(None) == {}
    assert set(broken(None, service(user="0"))) == {Promise.USER}


def test_no_process_is_no_proof() -> None:
    assert {Promise.USER, Promise.CAPABILITIES} <= set(broken(replace(SEEN, processes=())))


def test_what_a_backend_cannot_declare_is_shown_and_never_broken() -> None:
    seen = replace(SEEN, processes=(replace(GOOD, no_new_privileges=False),))
    checks = judge(service(fargate=True), seen, SECURITY, "no field")
    found = next(check for check in checks if check.promise is Promise.NO_NEW_PRIVILEGES)
    assert (found.promised, found.seen, found.kept, found.binding) == (
        "no field",
        "not set in python (pid 1)",
        True,
        False,
    )
