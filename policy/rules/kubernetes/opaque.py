"""Rules on what hides its objects, and the list of what was reviewed by other means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..rule import Config, Finding, Level, Resource, Rule, Severity, Stack, StackRule
from .release import RELEASE, rendered

REVIEWED: Final[Mapping[str, Mapping[str, Any]]] = {
    "reviewed": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Names of resources whose objects were reviewed by other means.",
        "default": [],
    }
}


def is_reviewed(resource: Resource, config: Config) -> bool:
    """Tell whether the config says that the resource was reviewed."""
    return resource.name in config.get("reviewed", ())


def _release(resource: Resource, config: Config) -> Iterator[Finding]:
    if not is_reviewed(resource, config):
        # What it renders is the other rules' business; that it can be rendered is this one's.
        rendered(resource)
    return iter(())


OPAQUE = Rule(
    id="kubernetes-nothing-opaque",
    description="Every object that a Helm release installs can be seen by the other rules.",
    remediation="Install a local chart with known values, or render it in the program and register each object.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=RELEASE.__eq__,
    check=_release,
    config=REVIEWED,
)

# Components that turn a chart or manifests into objects, with the input that says which.
_COMPONENTS: Final = {
    "kubernetes:helm.sh/v2:Chart": "chart",
    "kubernetes:helm.sh/v3:Chart": "chart",
    "kubernetes:helm.sh/v4:Chart": "chart",
    "kubernetes:yaml:ConfigGroup": "yaml",
    "kubernetes:yaml:ConfigFile": "file",
    "kubernetes:yaml/v2:ConfigGroup": "yaml",
    "kubernetes:yaml/v2:ConfigFile": "file",
    "kubernetes:kustomize:Directory": "directory",
    "kubernetes:kustomize/v2:Directory": "directory",
}


def _component(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    objects = (one for one in stack.descendants(resource) if one.type not in _COMPONENTS)
    if not any(one.type.startswith("kubernetes:") for one in objects) and not is_reviewed(resource, config):
        # The engine does not construct it while its cluster's kubeconfig is unknown, and tells nobody.
        found = "turned into no object in this stack, so nothing of it was judged"
        yield Finding(_COMPONENTS[resource.type], found, "its rendered objects as resources of the program")


OPAQUE_COMPONENTS = StackRule(
    id="kubernetes-no-opaque-components",
    description="Every chart and manifest is in the stack object by object, where the other rules can judge it.",
    remediation="Render it in the program and register each object, or create the cluster in a stack before this one.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=_COMPONENTS.__contains__,
    check=_component,
    config=REVIEWED,
)
