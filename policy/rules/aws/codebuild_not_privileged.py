"""A build is not root on its host."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, Resource, Rule, Severity


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    privileged = resource.inputs.at("environment", "privilegedMode")
    if privileged.boolean():
        yield Finding.at(privileged, "false, or leave it out")


RULE = Rule(
    id="aws-codebuild-not-privileged",
    description="No CodeBuild project runs its builds in a privileged container.",
    remediation='Leave "environment.privilegedMode" out; only building images with Docker needs it.',
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=(
        "AWS Config: codebuild-project-environment-privileged-check",
        "Well-Architected: Security",
    ),
    applies=frozenset({"aws:codebuild/project:Project"}).__contains__,
    check=_check,
)
