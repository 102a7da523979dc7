"""A namespace does not let everything in."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    level = resource.inputs.at("metadata", "labels", "pod-security.kubernetes.io/enforce")
    if level.text() == "privileged":
        yield Finding.at(level, "restricted or baseline")


RULE = Rule(
    id="kubernetes-namespace-not-privileged",
    description="No namespace enforces the level privileged of the Pod Security Standards, which forbids nothing.",
    remediation='Set the label to "restricted", or leave it out where the cluster has a stricter default.',
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=("Well-Architected: Security",),
    applies=frozenset({"kubernetes:core/v1:Namespace", "kubernetes:core/v1:NamespacePatch"}).__contains__,
    check=_check,
)
