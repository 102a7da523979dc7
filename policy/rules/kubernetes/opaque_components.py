"""No component keeps its Kubernetes objects to itself."""

from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, Resource, Severity, Stack, StackRule
from .reviewed import REVIEWED, is_reviewed

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


def _check(resource: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    objects = (one for one in stack.descendants(resource) if one.type not in _COMPONENTS)
    if not any(one.type.startswith("kubernetes:") for one in objects) and not is_reviewed(resource, config):
        # The engine does not construct it while its cluster's kubeconfig is unknown, and tells nobody.
        found = "turned into no object in this stack, so nothing of it was judged"
        yield Finding(_COMPONENTS[resource.type], found, "its rendered objects as resources of the program")


RULE = StackRule(
    id="kubernetes-no-opaque-components",
    description="Every chart and manifest is in the stack object by object, where the other rules can judge it.",
    remediation="Render it in the program and register each object, or create the cluster in a stack before this one.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=_COMPONENTS.__contains__,
    check=_check,
    config=REVIEWED,
)
