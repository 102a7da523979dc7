"""A cluster records what is asked of its API."""

from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..values import texts
from .shared import CLUSTERS

_TELLING: Final = ("api", "audit", "authenticator")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    enabled = resource.inputs.at("enabledClusterLogTypes")
    wanted = config.get("logTypes", _TELLING)
    missing = set(wanted) - {kind for _, kind in texts(enabled)}
    if missing:
        found = f"without {', '.join(sorted(missing))}"
        yield Finding.at(enabled, f"a list with {', '.join(wanted)}", found=found)


RULE = Rule(
    id="aws-eks-logs",
    description="Every EKS cluster logs its API's requests, who made them and how they logged in.",
    remediation='Set "enabledClusterLogTypes" to ["api", "audit", "authenticator"] or more.',
    # They show an attack afterwards; they stop none.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: eks-cluster-log-enabled",
        "AWS Security Hub: EKS.8",
        "Well-Architected: Security (SEC 4)",
    ),
    applies=CLUSTERS.__contains__,
    check=_check,
    config={
        "logTypes": {
            "type": "array",
            "items": {"type": "string", "enum": ["api", "audit", "authenticator", "controllerManager", "scheduler"]},
            "description": "Control-plane logs that must be enabled.",
            "default": list(_TELLING),
        }
    },
)
