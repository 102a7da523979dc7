"""What all rules on pods have in common: finding the pods, the standard's version, and who is exempt."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from ..evaluate import each
from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity
from ..values import Field, Unreadable
from .pods import CONTAINER_LISTS, Container, Pod, bears_pods, pods

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
    id: str,
    description: str,
    remediation: str,
    level: Level,
    severity: Severity,
    frameworks: tuple[str, ...],
    since: int = 0,
    until: int | None = None,
    windows_exempt_since: int | None = None,
    user_namespace_exempt_since: int | None = None,
) -> Rule:
    """Make a rule of a pod's check.

    ``since`` and ``until`` (not included) are the minor versions of the standard that have this check. From the two
    ``exempt`` versions on, a Windows pod, or a pod in a user namespace of its own, is excused. Excuses are looked at
    only when there is something to excuse, and an unknown one excuses nobody. A user namespace needs a version that is
    set: a cluster that does not know it, as none did by default before v1.33, leaves it out and runs the pod as root.
    """

    def judge(pod: Pod, version: int, namespaced_since: int | None) -> Iterator[Finding]:
        findings = list(_unreadable_as_finding(check, pod, version))
        if findings and _excused(pod, version, windows_exempt_since, namespaced_since):
            return
        yield from findings

    def run(resource: Resource, config: Config) -> Iterator[Finding]:
        version = minor(config)
        if version < since or (until is not None and version >= until):
            raise NotApplicable
        namespaced_since = user_namespace_exempt_since if "version" in config else None
        yield from each(pods(resource), lambda pod: judge(pod, version, namespaced_since))

    return Rule(id, description, remediation, level, severity, frameworks, bears_pods, run, CONFIG)


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


def each_container(pod: Pod, check: Callable[[Container], Iterable[Finding]]) -> Iterator[Finding]:
    """Check every container of the pod; one that cannot be read does not hide the others."""
    for kind in CONTAINER_LISTS:
        yield from each([kind], lambda kind: each(pod.containers(kind), check, lambda container: container.name))


def each_context(pod: Pod, check: Callable[[str, Field], Iterable[Finding]], *keys: str) -> Iterator[Finding]:
    """Check a field of the pod's security context and the same field of each container's.

    ``check`` gets the container's name, which is empty for the pod itself.
    """
    yield from each([pod], lambda pod: check("", pod.security(*keys)))
    yield from each_container(pod, lambda container: check(container.name, container.security(*keys)))
