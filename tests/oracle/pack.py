"""The pack's verdict on a pod, next to upstream's: not only whether, but by which check it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from policy.judge import judge
from policy.rules.registry import RULES
from policy.rules.rule import Level

from ..policy.support import Planned
from .upstream import Answer, Question

Pod = dict[str, Any]

_STANDARD: Final = "Pod Security Standards: "

BASELINE: Final = frozenset(
    rule.id for rule in RULES.values() if any(name.startswith(f"{_STANDARD}baseline/") for name in rule.frameworks)
)
# By default the pack holds to `restricted`: what that includes of `baseline` in a stricter form is off.
RESTRICTED: Final = frozenset(
    rule.id
    for rule in RULES.values()
    if rule.level is not Level.OFF and any(name.startswith(_STANDARD) for name in rule.frameworks)
)
PROFILES: Final = {"baseline": BASELINE, "restricted": RESTRICTED}

_CONFINED: Final = frozenset({"kubernetes-capabilities", "kubernetes-capabilities-baseline"})
RULES_OF: Final[dict[str, frozenset[str]]] = {
    "allowPrivilegeEscalation != false": frozenset({"kubernetes-no-privilege-escalation"}),
    "forbidden AppArmor profile": frozenset({"kubernetes-app-armor"}),
    "forbidden AppArmor profiles": frozenset({"kubernetes-app-armor"}),
    "forbidden sysctls": frozenset({"kubernetes-sysctls"}),
    "host namespaces": frozenset({"kubernetes-no-host-namespaces"}),
    "hostPath volumes": frozenset({"kubernetes-no-host-path"}),
    "hostPort": frozenset({"kubernetes-no-host-ports"}),
    "hostProcess": frozenset({"kubernetes-no-host-process"}),
    "non-default capabilities": _CONFINED,
    "privileged": frozenset({"kubernetes-not-privileged"}),
    "probe or lifecycle host": frozenset({"kubernetes-no-host-probes"}),
    "procMount": frozenset({"kubernetes-proc-mount", "kubernetes-proc-mount-baseline"}),
    "restricted volume types": frozenset({"kubernetes-volume-types"}),
    "runAsNonRoot != true": frozenset({"kubernetes-run-as-non-root"}),
    "runAsUser=0": frozenset({"kubernetes-run-as-user"}),
    "seLinuxOptions": frozenset({"kubernetes-selinux"}),
    "seccompProfile": frozenset({"kubernetes-seccomp", "kubernetes-seccomp-baseline"}),
    "unrestricted capabilities": frozenset({"kubernetes-capabilities"}),
}
"""The rules that answer to each of upstream's reasons; of two, one is of ``baseline`` and one of ``restricted``."""


def expected(reasons: Iterable[str], profile: str) -> frozenset[str]:
    """Return the rules of a profile that have to find what upstream found."""
    return frozenset[str]().union(*(RULES_OF[reason] for reason in reasons)) & PROFILES[profile]


def broken(resource: Planned, profile: str, version: str) -> frozenset[str]:
    """Return the rules of a profile that a resource breaks."""
    rules = PROFILES[profile]
    levels = {rule: Level.MANDATORY if rule in rules else Level.OFF for rule in RULES}
    found = judge([resource], levels=levels, config={rule: {"version": version} for rule in rules})
    return frozenset(one.policy for one in found)


def _in_template(pod: Pod) -> dict[str, Any]:
    return {"spec": {"template": pod}}


def _in_job_template(pod: Pod) -> dict[str, Any]:
    return {"spec": {"jobTemplate": {"spec": {"template": pod}}}}


KINDS: Final[dict[str, Callable[[Pod], dict[str, Any]]]] = {
    "kubernetes:core/v1:Pod": lambda pod: pod,
    "kubernetes:core/v1:PodTemplate": lambda pod: {"template": pod},
    "kubernetes:core/v1:ReplicationController": _in_template,
    "kubernetes:apps/v1:ReplicaSet": _in_template,
    "kubernetes:apps/v1:Deployment": _in_template,
    "kubernetes:apps/v1:DaemonSet": _in_template,
    "kubernetes:apps/v1:StatefulSet": _in_template,
    "kubernetes:batch/v1:Job": _in_template,
    "kubernetes:batch/v1:CronJob": _in_job_template,
}
"""Every kind that bears pods, with what stands around the pod."""


def planned(kind: str, pod: Pod) -> Planned:
    """Return a resource of a kind around a pod."""
    return Planned(kind, KINDS[kind](pod))


def differences(question: Question, answer: Answer, kinds: Iterable[str] = KINDS) -> list[str]:
    """Judge a pod in several kinds and say where the pack disagrees with upstream."""
    wanted = expected(answer.reasons, question.level)
    found = []
    for kind in kinds:
        got = broken(planned(kind, question.pod), question.level, question.version)
        if got != wanted:
            found.append(f"{kind}: the pack says {sorted(got)}, upstream {answer.reasons} {answer.details}")
    return found
