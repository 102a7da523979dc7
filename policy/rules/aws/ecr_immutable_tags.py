"""An image's tag never comes to mean another image."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    mutability = resource.inputs.at("imageTagMutability")
    if mutability.text() != "IMMUTABLE":
        yield Finding.at(mutability, '"IMMUTABLE"')


RULE = Rule(
    id="aws-ecr-immutable-tags",
    description="Tags of every ECR repository are immutable.",
    remediation='Set "imageTagMutability" to "IMMUTABLE" and give each build a tag of its own.',
    # Who may push is decided elsewhere; this makes what was judged the same as what runs.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: ecr-private-tag-immutability-enabled",
        "AWS Security Hub: ECR.2",
        "Well-Architected: Security (SEC 6)",
    ),
    applies="aws:ecr/repository:Repository".__eq__,
    check=_check,
)
