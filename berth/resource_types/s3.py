"""S3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context
from berth.resource_types.model import Free, In, ResourceType, Way, actions, forces
from berth.resource_types.prices import Selector, selector


def bucket(resource: Resource, context: Context) -> Charges:
    """Charge the objects kept; the requests that write access logs are fractions of a cent."""
    yield Charge("objects kept", "s3.standard", context.usage.object_gb)


TYPES: Final = (
    ResourceType(
        "aws:s3/bucket:Bucket",
        bucket,
        In("bucket", None),
        replaced_by=forces("bucket bucketPrefix"),
        calls=actions(
            "s3: CreateBucket DeleteBucket DeleteObject DeleteObjectVersion PutBucketTagging TagResource UntagResource"
        ),
    ),
    ResourceType(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        Free("part of the bucket"),
        In("bucket", None),
        replaced_by=forces("bucket", "s3:PutBucketLifecycleConfiguration"),
        calls=actions("s3: PutLifecycleConfiguration"),
    ),
    ResourceType(
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        Free("part of the bucket"),
        In("bucket", None),
        replaced_by=forces("bucket", "s3:PutBucketOwnershipControls"),
        calls=actions("s3: PutBucketOwnershipControls"),
    ),
    ResourceType(
        "aws:s3/bucketPolicy:BucketPolicy",
        Free("part of the bucket"),
        In("bucket", None),
        replaced_by=forces("bucket", "s3:PutBucketPolicy"),
        awaited=Way("writes"),
        calls=actions("s3: DeleteBucketPolicy PutBucketPolicy"),
    ),
    ResourceType(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        Free("part of the bucket"),
        In("bucket", None),
        replaced_by=forces("bucket", "s3:PutPublicAccessBlock"),
        calls=actions("s3: PutBucketPublicAccessBlock"),
    ),
    ResourceType(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        Free("part of the bucket"),
        In("bucket", None),
        replaced_by=forces("bucket", "s3:PutBucketEncryption"),
        calls=actions("s3: PutEncryptionConfiguration"),
    ),
    ResourceType("aws:s3/bucketVersioning:BucketVersioning", Free("part of the bucket; versions are objects"), None),
)

PRICES: Final[Mapping[str, Selector]] = {
    "s3.standard": selector("AmazonS3", "TimedStorage-ByteHrs"),
}
