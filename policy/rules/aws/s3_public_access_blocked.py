"""Nobody can open a bucket to the public by mistake."""

from collections.abc import Iterator
from typing import Final

from ..evaluate import each
from ..model import Config, Finding, Level, Resource, Rule, Severity
from ..values import Field

_BLOCKS: Final = frozenset(
    {
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    }
)
_SWITCHES: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _switch(switch: Field) -> Iterator[Finding]:
    # Left out it is false, and takes away the block that AWS puts on every new bucket.
    if not switch.boolean():
        yield Finding.at(switch, "true")


def _check(resource: Resource, config: Config) -> Iterator[Finding]:
    yield from each([resource.inputs.at(switch) for switch in _SWITCHES], _switch)


RULE = Rule(
    id="aws-s3-public-access-blocked",
    description="Every S3 public access block blocks all four ways to make a bucket public.",
    remediation=f"Set {', '.join(_SWITCHES)} to true.",
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    frameworks=(
        "AWS Config: s3-bucket-level-public-access-prohibited",
        "AWS Security Hub: S3.1",
        "AWS Security Hub: S3.8",
        "CIS AWS Foundations 5.0.0: 2.1.4",
        "Well-Architected: Security (SEC 3)",
    ),
    applies=_BLOCKS.__contains__,
    check=_check,
)
