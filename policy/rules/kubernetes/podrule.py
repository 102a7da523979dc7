"""What all rules on pods have in common: finding the pods, the standard's version, and who is exempt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Unpack

from ..evaluate import each
from ..parts import Part, PartCheck
from ..rule import Config, Finding, NotApplicable, Resource, Rule, Texts
from ..values import Unreadable
from .pods import CONTAINER_LISTS, Pod, bears_pods, pods

NEWEST: Final = 37
"""The minor version of the newest Pod Security Standards that the rules know."""

PodCheck = Callable[[Pod, int], Iterable[Finding]]
"""Judges one pod by the standard of a minor version."""

CONFIG: Final[Mapping[str, Mapping[str, Any]]] = {
    "version": {
        "type": "string",
        # A version that nobody knows would be judged as the newest one, and a mistyped one as well.
        "pattern": rf"^(latest|v1\.([0-9]|[1-{NEWEST // 10 - 1}][0-9]|{NEWEST // 10}[0-{NEWEST % 10}]))$",
        "description": "Version of the Pod Security Standards to judge by, such as v1.34. Unless it is set, "
        "`hostUsers: false` excuses nothing: an older cluster takes no notice of it.",
        "default": "latest",
    }
}


def minor(config: Config) -> int:
    """Return the minor version to judge by."""
    text = str(config.get("version", "latest"))
    if text == "latest":
        return NEWEST
    match = re.fullmatch(r"v?1\.([0-9]+)", text)
    if match is None:
        raise Unreadable("config.version", "not a version of Kubernetes", 'a version such as "v1.34"')
    return int(match[1])


def pod_rule(
    check: PodCheck,
    *,
    since: int = 0,
    windows_exempt_since: int | None = None,
    user_namespace_exempt_since: int | None = None,
    **texts: Unpack[Texts],
) -> Rule:
    """Make a rule of a pod's check.

    ``since`` is the first minor version of the standard that has this check. From the two ``exempt`` versions on, a
    Windows pod, or a pod in a user namespace of its own, is excused. Excuses are looked at only when there is something
    to excuse, and an unknown one excuses nobody. A user namespace needs a version that is set: a cluster that does not
    know it, as none did by default before v1.33, leaves it out and runs the pod as root.
    """

    def judge(pod: Pod, version: int, namespaced_since: int | None) -> Iterator[Finding]:
        findings = list(_unreadable_as_finding(check, pod, version))
        if findings and _excused(pod, version, windows_exempt_since, namespaced_since):
            return
        yield from findings

    def run(resource: Resource, config: Config) -> Iterator[Finding]:
        version = minor(config)
        if version < since:
            raise NotApplicable
        namespaced_since = user_namespace_exempt_since if "version" in config else None
        yield from each(pods(resource), lambda pod: judge(pod, version, namespaced_since))

    return Rule(**texts, applies=bears_pods, check=run, config=CONFIG)


def _unreadable_as_finding(check: PodCheck, pod: Pod, version: int) -> Iterator[Finding]:
    try:
        yield from check(pod, version)
    except Unreadable as error:
        yield Finding.unreadable(error)


def _excused(pod: Pod, version: int, windows_since: int | None, user_namespace_since: int | None) -> bool:
    if windows_since is not None and version >= windows_since:
        try:
            if pod.spec("os", "name").text() == "windows":
                return True
        except Unreadable:
            pass
    if user_namespace_since is not None and version >= user_namespace_since:
        try:
            return pod.spec("hostUsers").boolean() is False
        except Unreadable:
            pass
    return False


def each_container(pod: Pod, check: PartCheck) -> Iterator[Finding]:
    """Check every container of the pod; one that cannot be read does not hide the others."""
    for kind in CONTAINER_LISTS:
        yield from each([kind], lambda kind: each(pod.containers(kind), check, lambda container: container.name))


def in_containers(check: PartCheck) -> PodCheck:
    """Make a pod's check of one that looks at each container by itself."""
    return lambda pod, version: each_container(pod, check)


def in_contexts(check: PartCheck) -> PodCheck:
    """Make a pod's check of one that looks at the security context of the pod and that of each container."""

    def run(pod: Pod, version: int) -> Iterator[Finding]:
        yield from each([pod], lambda pod: check(Part(pod.security())))
        yield from each_container(pod, lambda container: check(Part(container.at("securityContext"), container.name)))

    return run
