"""A bucket says that it is not public."""

from collections.abc import Iterator
from typing import Final

from ..model import Config, Finding, Level, Resource, Severity, Stack, StackRule
from ..values import Unreadable
from .shared import BUCKETS

_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"


def _name(resource: Resource) -> str | None:
    try:
        return resource.inputs.at("bucket").text()
    except Unreadable:
        return None


def _check(bucket: Resource, stack: Stack, config: Config) -> Iterator[Finding]:
    name = _name(bucket)
    if stack.referring(bucket, "bucket", _BLOCK):
        return
    if name is None or all(_name(block) != name for block in stack.of_type(_BLOCK)):
        yield Finding("its public access block", "absent", "an aws.s3.BucketPublicAccessBlock for it")


RULE = StackRule(
    id="aws-s3-public-access-block-kept",
    description="Every S3 bucket of the stack has a public access block in the stack.",
    remediation="Add an aws.s3.BucketPublicAccessBlock whose bucket is this one, with all four switches true.",
    # AWS blocks public access to every new bucket by itself; the resource keeps anybody from taking that away.
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    frameworks=(
        "AWS Config: s3-bucket-level-public-access-prohibited",
        "AWS Security Hub: S3.8",
        "CIS AWS Foundations 5.0.0: 2.1.4",
        "Well-Architected: Security (SEC 3)",
    ),
    applies=BUCKETS.__contains__,
    check=_check,
)
