"""A bucket for one purpose: no public access, no access lists, encrypted with S3's own key, TLS only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.iam import policy


@dataclass(frozen=True)
class ClosedBucket:
    """The bucket, and what must exist before anything may come into it."""

    bucket: aws.s3.Bucket
    owned: aws.s3.BucketOwnershipControls
    encrypted: aws.s3.BucketServerSideEncryptionConfiguration
    written: aws.s3.BucketPolicy
    """Its policy."""


def tls_only(arn: str) -> dict[str, Any]:
    """Return the statement by which nobody comes to a bucket without TLS."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def closed_bucket(
    name: str, bucket_name: str, *statements: dict[str, Any], force_destroy: bool, opts: pulumi.ResourceOptions
) -> ClosedBucket:
    """Create a bucket.

    Args:
        name: Pulumi's name of it and of its parts.
        bucket_name: AWS's, free in all of AWS: at most 63 characters.
        statements: of its policy.
        force_destroy: whether it goes with what is in it.
        opts: resource options.
    """
    bucket = aws.s3.Bucket(name, bucket=bucket_name, force_destroy=force_destroy, opts=opts)
    closed = aws.s3.BucketPublicAccessBlock(
        name,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=opts,
    )
    return ClosedBucket(
        bucket,
        aws.s3.BucketOwnershipControls(
            name, bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, opts=opts
        ),
        aws.s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=bucket.id,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=opts,
        ),
        aws.s3.BucketPolicy(
            name,
            bucket=bucket.id,
            policy=policy(*statements),
            # Both change what the bucket lets anyone do; S3 answers a conflict when they come together.
            opts=opts.merge(pulumi.ResourceOptions(depends_on=[closed])),
        ),
    )
