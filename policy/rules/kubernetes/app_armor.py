"""No pod switches AppArmor off."""

from collections.abc import Iterator
from typing import Final

from ..model import Finding, Level, Severity
from ..values import Field
from .podrule import each_context, pod_rule
from .pods import Pod

_ANNOTATION: Final = "container.apparmor.security.beta.kubernetes.io/"


def _profile(container: str, profile: Field) -> Iterator[Finding]:
    if profile.exists() and profile.at("type").text() not in ("RuntimeDefault", "Localhost"):
        yield Finding.at(profile.at("type"), '"RuntimeDefault" or "Localhost"', container=container)


def _annotations(pod: Pod) -> Iterator[Finding]:
    for name, field in pod.annotations():
        value = (field.text() or "") if name.startswith(_ANNOTATION) else ""
        if value not in ("", "runtime/default") and not value.startswith("localhost/"):
            yield Finding.at(field, '"runtime/default", or leave it out')


def _check(pod: Pod, version: int) -> Iterator[Finding]:
    yield from each_context(pod, _profile, "appArmorProfile")
    yield from _annotations(pod)


RULE = pod_rule(
    _check,
    id="kubernetes-app-armor",
    description="No pod and no container switches its AppArmor profile off.",
    remediation="Leave securityContext.appArmorProfile and the AppArmor annotations out.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Pod Security Standards: baseline/appArmorProfile", "Well-Architected: Security"),
)
