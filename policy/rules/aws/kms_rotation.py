"""A symmetric key changes its material by itself."""

from collections.abc import Iterator

from ..model import Config, Finding, Level, NotApplicable, Resource, Rule, Severity


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    # KMS rotates no asymmetric and no HMAC key: AWS KMS Developer Guide, "Rotating KMS keys".
    spec = resource.inputs.at("customerMasterKeySpec").text() or "SYMMETRIC_DEFAULT"
    if spec != "SYMMETRIC_DEFAULT" or resource.inputs.at("customKeyStoreId").exists():
        raise NotApplicable
    rotates = resource.inputs.at("enableKeyRotation")
    if not rotates.boolean():
        yield Finding.at(rotates, "true")


RULE = Rule(
    id="aws-kms-rotation",
    description="Every symmetric KMS key for encryption rotates.",
    remediation='Set "enableKeyRotation" to true.',
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: cmk-backing-key-rotation-enabled",
        "AWS Security Hub: KMS.4",
        "CIS AWS Foundations 5.0.0: 3.6",
        "Well-Architected: Security (SEC 8)",
    ),
    applies=frozenset({"aws:kms/key:Key"}).__contains__,
    check=_check,
)
