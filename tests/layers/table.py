"""The table: each promise, weakened at each layer, and who finds it; or why that layer cannot know of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from berth.rehearse.workload import Promise

from ..policy.support import REMOVED, edited
from . import judging
from .judging import Found, rehearsal
from .rows import Blind, Caught, Layer, Row, Weakened

USER_LINE: Final = "USER 10001:10001"
VIEWS: Final[Mapping[Layer, tuple[Callable[[], Any], Callable[[Any], Found]]]] = {
    Layer.DOCKERFILE: (judging.good_dockerfile, judging.judge_dockerfile),
    Layer.IMAGE: (judging.good_image, judging.judge_image),
    Layer.ECS_EC2: (lambda: judging.good_definition("EC2"), lambda one: judging.judge_definition(one, "EC2")),
    Layer.ECS_FARGATE: (
        lambda: judging.good_definition("FARGATE"),
        lambda one: judging.judge_definition(one, "FARGATE"),
    ),
    Layer.POD: (judging.good_pod, judging.judge_pod),
    Layer.RUN: (judging.good_proc, judging.judge_proc),
}
"""The good workload as each layer sees it, and who looks at it there."""


def _caught(*ways: Weakened) -> Caught:
    return Caught(ways)


def _replaced(text: str, old: str, new: str, found_by: frozenset[str], saying: str = "") -> Weakened:
    def change(good: str) -> str:
        assert old in good, f"{old!r} is not there any more: an edit that edits nothing proves nothing"
        return good.replace(old, new)

    return Weakened(text, change, found_by, saying)


def _user(line: str, saying: str) -> Weakened:
    return _replaced(line or "no USER", USER_LINE, line, frozenset({"docker-image-non-root"}), saying)


def _no_line(promise: str, closest: str) -> Blind:
    """Say that a Dockerfile knows nothing of a promise."""
    tried = _replaced(closest, USER_LINE, f"{closest}\n{USER_LINE}", frozenset())
    return Blind(f"a Dockerfile has no instruction for {promise}", tried)


def _no_field(promise: str, closest: str) -> Blind:
    """Say that an image knows nothing of a promise; a label of that name is only a label."""
    tried = Weakened(f"Labels: {{{closest}}}", lambda good: edited(good, "Labels", {closest: "true"}))
    return Blind(f"an image has no {promise}: whoever starts it decides", tried)


def _at(path: str, value: Any, saying: str, *found_by: str | Promise) -> Weakened:
    """Return an edit of one place of an object, and who finds it: rules of the pack, promises of the rehearsal."""
    text = f"no {path}" if value is REMOVED else f"{path}: {json.dumps(value)}"
    who = frozenset(rehearsal(one) if isinstance(one, Promise) else one for one in found_by)
    return Weakened(text, lambda good: edited(good, path, value), who, saying)


def _seen(text: str, old: str, new: str, saying: str, *promises: Promise) -> Weakened:
    return _replaced(text, old, new, frozenset(rehearsal(one) for one in promises), saying)


POD: Final = "spec.securityContext"
APP: Final = "spec.containers[0].securityContext"
# Where the pack's messages say that the first container is.
DEFINITION: Final = "containerDefinitions[0]"
CONTAINER: Final = f"spec.template.{APP}"


def _both_ecs(cell: Caught) -> dict[Layer, Caught | Blind]:
    """Return one cell for both launch types."""
    return {Layer.ECS_EC2: cell, Layer.ECS_FARGATE: cell}


TABLE: Final = (
    Row(
        "uid",
        {
            Layer.DOCKERFILE: _caught(
                _user("USER root", 'is "USER root", which is not a non-root user'),
                _user("USER 0:0", 'is "USER 0:0", which is not a non-root user'),
                _user("", "the base image decides"),
            ),
            Layer.IMAGE: _caught(
                Weakened(
                    'User: "0"', lambda good: good | {"User": "0"}, frozenset({"kubelet"}), 'runs as root (USER is "0")'
                ),
                Weakened(
                    "no User", lambda good: good | {"User": ""}, frozenset({"kubelet"}), "runs as root (USER is absent)"
                ),
                Weakened(
                    'User: "app"',
                    lambda good: good | {"User": "app"},
                    frozenset({"kubelet"}),
                    "a kubelet cannot tell that it is not root",
                ),
            ),
            **_both_ecs(
                _caught(
                    _at("user", "0", f'{DEFINITION}.user is "0"', "ecs-non-root", Promise.USER),
                    _at("user", REMOVED, f"{DEFINITION}.user is absent", "ecs-non-root", Promise.USER),
                )
            ),
            Layer.POD: _caught(
                _at(
                    f"{POD}.runAsNonRoot",
                    False,
                    f"spec.template.{POD}.runAsNonRoot is false",
                    "kubernetes-run-as-non-root",
                ),
                _at(
                    f"{APP}.runAsNonRoot",
                    False,
                    f"{CONTAINER}.runAsNonRoot is false",
                    "kubernetes-run-as-non-root",
                    Promise.USER,
                ),
                _at(f"{APP}.runAsUser", 0, f"{CONTAINER}.runAsUser is 0", "kubernetes-run-as-user", Promise.USER),
            ),
            Layer.RUN: _caught(
                _seen("Uid: 0", "Uid:\t10001\t10001", "Uid:\t0\t0", "0/10001:10001 in python", Promise.USER),
                _seen("Groups: 0", "Groups:\t10001", "Groups:\t0", "groups 0 in python", Promise.USER),
            ),
        },
        options=("--user=0:0",),
        without=("--user=10001:10001",),
    ),
    Row(
        "privileged",
        {
            Layer.DOCKERFILE: _no_line("it", "RUN --security=insecure true"),
            Layer.IMAGE: _no_field("such switch", "privileged"),
            **_both_ecs(
                _caught(
                    _at(
                        "privileged",
                        True,
                        f"{DEFINITION}.privileged is true",
                        "ecs-not-privileged",
                        Promise.CAPABILITIES,
                    )
                )
            ),
            Layer.POD: _caught(
                _at(
                    f"{APP}.privileged",
                    True,
                    f"{CONTAINER}.privileged is true",
                    "kubernetes-not-privileged",
                    Promise.CAPABILITIES,
                )
            ),
            Layer.RUN: _caught(
                _replaced(
                    "all of CapBnd, Seccomp: 0",
                    f"CapBnd:\t{0:016x}\nCapAmb:\t{0:016x}\nNoNewPrivs:\t1\nSeccomp:\t2",
                    f"CapBnd:\t000001ffffffffff\nCapAmb:\t{0:016x}\nNoNewPrivs:\t1\nSeccomp:\t0",
                    frozenset({rehearsal(Promise.CAPABILITIES), rehearsal(Promise.SECCOMP)}),
                    "CapBnd 1ffffffffff in python",
                )
            ),
        },
        options=("--privileged",),
    ),
    Row(
        "no new privileges",
        {
            Layer.DOCKERFILE: _no_line("it", "RUN chmod u+s /usr/bin/env"),
            Layer.IMAGE: _no_field("such switch", "no-new-privileges"),
            Layer.ECS_EC2: _caught(
                *(
                    _at(
                        "dockerSecurityOptions",
                        value,
                        f"{DEFINITION}.dockerSecurityOptions is",
                        "ecs-no-new-privileges",
                        Promise.NO_NEW_PRIVILEGES,
                    )
                    for value in (REMOVED, [])
                )
            ),
            Layer.ECS_FARGATE: Blind(
                "Fargate has no field for it", Weakened("no dockerSecurityOptions", lambda good: dict(good))
            ),
            Layer.POD: _caught(
                *(
                    _at(
                        f"{APP}.allowPrivilegeEscalation",
                        value,
                        f"{CONTAINER}.allowPrivilegeEscalation is",
                        "kubernetes-no-privilege-escalation",
                        Promise.NO_NEW_PRIVILEGES,
                    )
                    for value in (True, REMOVED)
                )
            ),
            Layer.RUN: _caught(
                _seen("NoNewPrivs: 0", "NoNewPrivs:\t1", "NoNewPrivs:\t0", "not set", Promise.NO_NEW_PRIVILEGES)
            ),
        },
        options=(),
        without=("--security-opt=no-new-privileges",),
    ),
    Row(
        "capabilities",
        {
            Layer.DOCKERFILE: _no_line("a container's capabilities", "RUN setcap cap_net_raw+ep /usr/bin/python3"),
            Layer.IMAGE: _no_field("capabilities", "capabilities"),
            **_both_ecs(
                _caught(
                    _at(
                        "linuxParameters.capabilities.add",
                        ["NET_RAW"],
                        f'{DEFINITION}.linuxParameters.capabilities.add[0] is "NET_RAW"',
                        "ecs-no-added-capabilities",
                        Promise.CAPABILITIES,
                    ),
                    _at(
                        "linuxParameters.capabilities.drop",
                        REMOVED,
                        f"{DEFINITION}.linuxParameters.capabilities.drop is absent",
                        "ecs-drop-capabilities",
                        Promise.CAPABILITIES,
                    ),
                )
            ),
            Layer.POD: _caught(
                _at(
                    f"{APP}.capabilities.add",
                    ["NET_RAW"],
                    f'{CONTAINER}.capabilities.add[0] is "NET_RAW"',
                    "kubernetes-capabilities",
                    Promise.CAPABILITIES,
                ),
                _at(
                    f"{APP}.capabilities.drop",
                    REMOVED,
                    f"{CONTAINER}.capabilities.drop is absent",
                    "kubernetes-capabilities",
                    Promise.CAPABILITIES,
                ),
            ),
            Layer.RUN: _caught(
                *(
                    _seen(
                        f"{name}: CAP_NET_RAW",
                        f"{name}:\t{0:016x}",
                        f"{name}:\t{1 << 13:016x}",
                        f"{name} 2000",
                        Promise.CAPABILITIES,
                    )
                    for name in ("CapEff", "CapBnd", "CapAmb")
                )
            ),
        },
        options=(),
        without=("--cap-drop=ALL",),
    ),
    Row(
        "root file system",
        {
            Layer.DOCKERFILE: _no_line("how its root is mounted", "RUN chmod -R a+w /srv"),
            Layer.IMAGE: _no_field("say on how its root is mounted", "read-only"),
            **_both_ecs(
                _caught(
                    *(
                        _at(
                            "readonlyRootFilesystem",
                            value,
                            f"{DEFINITION}.readonlyRootFilesystem is",
                            "ecs-read-only-root",
                            Promise.READ_ONLY_ROOT,
                        )
                        for value in (False, REMOVED)
                    )
                )
            ),
            Layer.POD: _caught(
                *(
                    _at(
                        f"{APP}.readOnlyRootFilesystem",
                        value,
                        f"{CONTAINER}.readOnlyRootFilesystem is",
                        "kubernetes-read-only-root",
                        Promise.READ_ONLY_ROOT,
                    )
                    for value in (False, REMOVED)
                )
            ),
            Layer.RUN: _caught(
                _seen("/ is mounted rw", "/ / ro,relatime", "/ / rw,relatime", "writable", Promise.READ_ONLY_ROOT)
            ),
        },
        options=(),
        without=("--read-only", "--read-only-tmpfs=false"),
    ),
    Row(
        "seccomp",
        {
            Layer.DOCKERFILE: _no_line("it", "ENV SECCOMP=unconfined"),
            Layer.IMAGE: _no_field("seccomp profile", "seccomp"),
            Layer.ECS_EC2: _caught(
                _at(
                    "dockerSecurityOptions",
                    ["no-new-privileges", "seccomp=unconfined"],
                    f'{DEFINITION}.dockerSecurityOptions[1] is "seccomp=unconfined"',
                    "ecs-confined",
                    Promise.SECCOMP,
                )
            ),
            Layer.ECS_FARGATE: _caught(
                _at(
                    "dockerSecurityOptions",
                    ["seccomp=unconfined"],
                    f'{DEFINITION}.dockerSecurityOptions[0] is "seccomp=unconfined"',
                    "ecs-confined",
                    Promise.SECCOMP,
                )
            ),
            Layer.POD: _caught(
                _at(
                    f"{POD}.seccompProfile.type",
                    "Unconfined",
                    f'spec.template.{POD}.seccompProfile.type is "Unconfined"',
                    "kubernetes-seccomp",
                    Promise.SECCOMP,
                ),
                _at(
                    f"{POD}.seccompProfile",
                    REMOVED,
                    f"{CONTAINER}.seccompProfile.type is absent",
                    "kubernetes-seccomp",
                    Promise.SECCOMP,
                ),
            ),
            Layer.RUN: _caught(_seen("Seccomp: 0", "Seccomp:\t2", "Seccomp:\t0", "no filter", Promise.SECCOMP)),
        },
        options=("--security-opt=seccomp=unconfined",),
    ),
)
