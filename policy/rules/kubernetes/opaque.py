"""Nothing is installed in a cluster whose objects no rule can see."""

from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, Resource, Rule, Severity

# What each of them hides, by type token.
_OPAQUE: Final = {
    "kubernetes:helm.sh/v3:Release": "chart",
    "kubernetes:helm.sh/v4:Chart": "chart",
    "kubernetes:yaml/v2:ConfigGroup": "yaml",
    "kubernetes:yaml/v2:ConfigFile": "file",
    "kubernetes:kustomize/v2:Directory": "directory",
}


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    if resource.name not in config.get("reviewed", ()):
        found = "turned into objects where no rule sees them, so nothing of it was judged"
        yield Finding(_OPAQUE[resource.type], found, "its rendered objects as resources of the program")


RULE = Rule(
    id="kubernetes-nothing-opaque",
    description="Every object that reaches a cluster is a resource that the other rules can judge.",
    remediation="Render the chart or manifest in the program and register each object as a resource of its own.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=_OPAQUE.__contains__,
    check=_check,
    config={
        "reviewed": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Names of resources whose objects were reviewed by other means.",
            "default": [],
        }
    },
)
