"""S3."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import Free, In, ResourceType, Way, forces, free


def bucket(resource: Resource, context: Context) -> Charges:
    """Charge the objects kept; the requests that write access logs are fractions of a cent."""
    yield Charge("objects kept", "s3.standard", context.usage.object_gb)


_of_bucket = partial(free, "part of the bucket", look=In("bucket", None))

TYPES: Final = (
    ResourceType(
        "aws:s3/bucket:Bucket",
        bucket,
        In("bucket", None),
        replaced_by=forces("bucket bucketPrefix"),
        calls="s3: CreateBucket DeleteBucket DeleteObject DeleteObjectVersion PutBucketTagging TagResource "
        "UntagResource",
    ),
    _of_bucket(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        replaced_by=forces("bucket", "s3:PutBucketLifecycleConfiguration"),
        calls="s3: PutLifecycleConfiguration",
    ),
    _of_bucket(
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        replaced_by=forces("bucket", "s3:PutBucketOwnershipControls"),
        calls="s3: PutBucketOwnershipControls",
    ),
    _of_bucket(
        "aws:s3/bucketPolicy:BucketPolicy",
        replaced_by=forces("bucket", "s3:PutBucketPolicy"),
        awaited=Way("writes"),
        calls="s3: DeleteBucketPolicy PutBucketPolicy",
    ),
    _of_bucket(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        replaced_by=forces("bucket", "s3:PutPublicAccessBlock"),
        calls="s3: PutBucketPublicAccessBlock",
    ),
    _of_bucket(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        replaced_by=forces("bucket", "s3:PutBucketEncryption"),
        calls="s3: PutEncryptionConfiguration",
    ),
    _of_bucket(
        "aws:s3/bucketObjectv2:BucketObjectv2",
        moored=In("workload", "version"),
        replaced_by=forces("bucket key", "s3:PutObject"),
        calls="s3: DeleteObject DeleteObjectVersion PutObject PutObjectTagging",
    ),
    ResourceType("aws:s3/bucketVersioning:BucketVersioning", Free("part of the bucket; versions are objects"), None),
)

PRICES: Final[Mapping[str, Selector]] = {"s3.standard": selector("AmazonS3", "TimedStorage-ByteHrs")}
