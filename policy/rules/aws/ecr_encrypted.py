"""Images are encrypted with a key whose use is recorded."""

from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, Resource, Rule, Severity

_KMS: Final = ("KMS", "KMS_DSSE")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    configurations = resource.inputs.at("encryptionConfigurations")
    if not configurations.items():
        yield Finding.at(configurations, 'one with encryptionType "KMS"')
    for one in configurations.items():
        kind = one.at("encryptionType")
        if kind.text() not in _KMS:
            yield Finding.at(kind, '"KMS"')


RULE = Rule(
    id="aws-ecr-encrypted",
    description="Every ECR repository is encrypted with a KMS key.",
    remediation='Set "encryptionConfigurations" with encryptionType "KMS"; it cannot be changed later.',
    # Without it S3's own key encrypts the images, and nothing tells who read them.
    level=Level.ADVISORY,
    severity=Severity.LOW,
    frameworks=("Well-Architected: Security (SEC 8)",),
    applies="aws:ecr/repository:Repository".__eq__,
    check=_check,
)
