"""Rules on where images are built and kept."""

from __future__ import annotations

from collections.abc import Iterator

from ..parts import must_be, must_be_off, must_be_on, of_resource
from ..rule import Config, Finding, Level, Resource, Rule, Severity, controls

ECR_IMMUTABLE_TAGS = Rule(
    id="aws-ecr-immutable-tags",
    description="Tags of every ECR repository are immutable.",
    remediation='Set "imageTagMutability" to "IMMUTABLE" and give each build a tag of its own.',
    # Who may push is decided elsewhere; this makes what was judged the same as what runs.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="ecr-private-tag-immutability-enabled", hub="ECR.2", well="SEC6"),
    applies="aws:ecr/repository:Repository".__eq__,
    check=of_resource(must_be(lambda tags: tags.text() != "IMMUTABLE", '"IMMUTABLE"', "imageTagMutability")),
)

ECR_SCAN_ON_PUSH = Rule(
    id="aws-ecr-scan-on-push",
    description="Every ECR repository scans images on push.",
    remediation='Set "imageScanningConfiguration" with scanOnPush true.',
    # A scan tells; and a registry whose own scanning covers all repositories does not need it.
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=controls(config="ecr-private-image-scanning-enabled", hub="ECR.1", well="SEC6"),
    applies="aws:ecr/repository:Repository".__eq__,
    check=of_resource(must_be_on("imageScanningConfiguration", "scanOnPush")),
)


def _encrypted(resource: Resource, config: Config) -> Iterator[Finding]:
    configurations = resource.inputs.at("encryptionConfigurations")
    if not configurations.items():
        yield Finding.at(configurations, 'one with encryptionType "KMS"')
    for one in configurations.items():
        kind = one.at("encryptionType")
        if kind.text() not in ("KMS", "KMS_DSSE"):
            yield Finding.at(kind, '"KMS"')


ECR_ENCRYPTED = Rule(
    id="aws-ecr-encrypted",
    description="Every ECR repository is encrypted with a KMS key.",
    remediation='Set "encryptionConfigurations" with encryptionType "KMS"; it cannot be changed later.',
    # Without it S3's own key encrypts the images, and nothing tells who read them.
    level=Level.ADVISORY,
    severity=Severity.LOW,
    frameworks=controls(well="SEC8"),
    applies="aws:ecr/repository:Repository".__eq__,
    check=_encrypted,
)

CODEBUILD_NOT_PRIVILEGED = Rule(
    id="aws-codebuild-not-privileged",
    description="No CodeBuild project runs its builds in a privileged container.",
    remediation='Leave "environment.privilegedMode" out; only building images with Docker needs it.',
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=controls(config="codebuild-project-environment-privileged-check"),
    applies="aws:codebuild/project:Project".__eq__,
    check=of_resource(must_be_off("environment", "privilegedMode")),
)
