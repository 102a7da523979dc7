"""Rules on volumes, file systems, keys and logs."""

from __future__ import annotations

from collections.abc import Iterator

from ..parts import Part, all_of, must_be, must_be_on, of_resource
from ..rule import Config, Finding, Level, NotApplicable, Resource, Rule, Severity, controls

EBS_ENCRYPTED = Rule(
    id="aws-ebs-encrypted",
    description="Every EBS volume encrypts what it holds.",
    remediation='Set "encrypted" to true; changed later, it replaces the volume.',
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="encrypted-volumes", hub="EC2.3", well="SEC8"),
    applies="aws:ebs/volume:Volume".__eq__,
    check=of_resource(must_be_on("encrypted")),
)

EFS_ENCRYPTED = Rule(
    id="aws-efs-encrypted",
    description="Every EFS file system encrypts what it holds.",
    remediation='Set "encrypted" to true; changed later, it replaces the file system.',
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="efs-encrypted-check", hub="EFS.1", cis="2.3.1", well="SEC8"),
    applies="aws:efs/fileSystem:FileSystem".__eq__,
    check=of_resource(must_be_on("encrypted")),
)


_user = [must_be(lambda id: not id.number(), "a number other than 0", "posixUser", key) for key in ("uid", "gid")]

EFS_USER = Rule(
    id="aws-efs-user",
    description="Every EFS access point makes its clients a user that is not root.",
    remediation='Set "posixUser" with a uid and a gid other than 0.',
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    frameworks=controls(config="efs-access-point-enforce-user-identity", hub="EFS.4"),
    applies="aws:efs/accessPoint:AccessPoint".__eq__,
    check=of_resource(all_of(*_user)),
)


def _rotation(resource: Resource, config: Config) -> Iterator[Finding]:
    # KMS rotates no asymmetric and no HMAC key: AWS KMS Developer Guide, "Rotating KMS keys".
    spec = resource.inputs.at("customerMasterKeySpec").text() or "SYMMETRIC_DEFAULT"
    if spec != "SYMMETRIC_DEFAULT" or resource.inputs.at("customKeyStoreId").exists():
        raise NotApplicable
    yield from must_be_on("enableKeyRotation")(Part(resource.inputs))


KMS_ROTATION = Rule(
    id="aws-kms-rotation",
    description="Every symmetric KMS key for encryption rotates.",
    remediation='Set "enableKeyRotation" to true.',
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=controls(config="cmk-backing-key-rotation-enabled", hub="KMS.4", cis="3.6", well="SEC8"),
    applies="aws:kms/key:Key".__eq__,
    check=_rotation,
)


def _retention(resource: Resource, config: Config) -> Iterator[Finding]:
    days = resource.inputs.at("retentionInDays")
    least = config.get("minimumDays", 1)
    # Nothing and 0 both mean for ever, which is long enough for any minimum and chosen by nobody.
    if (days.number() or 0) >= least:
        return
    if resource.inputs.at("logGroupClass").text() == "DELIVERY":
        raise NotApplicable  # AWS keeps these for a fixed time
    yield Finding.at(days, f"{least:g} or more")


LOG_RETENTION = Rule(
    id="aws-log-retention",
    description="Every log group lets its logs expire, after a time that is set.",
    remediation='Set "retentionInDays".',
    # Logs that never expire cost money, and keep personal data longer than anybody may.
    level=Level.ADVISORY,
    severity=Severity.LOW,
    # Security Hub's control asks for a year, which minimumDays 365 does.
    frameworks=controls(config="cw-loggroup-retention-period-check", hub="CloudWatch.16", well="COST4"),
    applies="aws:cloudwatch/logGroup:LogGroup".__eq__,
    check=_retention,
    config={
        "minimumDays": {
            "type": "integer",
            "minimum": 1,
            "description": "Days that logs are kept at least.",
            "default": 1,
        }
    },
)
