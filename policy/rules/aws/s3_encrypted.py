"""What a bucket's encryption is set to is encryption."""

from collections.abc import Iterator
from typing import Final

from ..evaluate import each
from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..values import Field

_CONFIGURATIONS: Final = frozenset(
    f"aws:s3/{name[0].lower()}{name[1:]}:{name}"
    for name in ("BucketServerSideEncryptionConfiguration", "BucketServerSideEncryptionConfigurationV2")
)
_ALGORITHMS: Final = ("AES256", "aws:kms", "aws:kms:dsse")


def _rule(rule: Field) -> Iterator[Finding]:
    algorithm = rule.at("applyServerSideEncryptionByDefault", "sseAlgorithm")
    if algorithm.text() not in _ALGORITHMS:
        yield Finding.at(algorithm, '"AES256" or "aws:kms"')


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    rules = resource.inputs.at("rules")
    if not rules.items():
        yield Finding.at(rules, "a rule with a default encryption")
    yield from each(rules.items(), _rule)


RULE = Rule(
    id="aws-s3-encrypted",
    description="Every encryption configuration of an S3 bucket names an algorithm.",
    remediation='Set "applyServerSideEncryptionByDefault" with sseAlgorithm "AES256" or "aws:kms" in each rule.',
    # S3 encrypts every object with a key of its own where nothing is said.
    level=Level.ADVISORY,
    severity=Severity.LOW,
    frameworks=("AWS Config: s3-bucket-server-side-encryption-enabled", "Well-Architected: Security (SEC 8)"),
    applies=_CONFIGURATIONS.__contains__,
    check=_check,
)
