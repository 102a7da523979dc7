"""The bucket that bundles lie in: closed, encrypted, TLS only."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.iam import policy
from components.site import Site


class Bundles(pulumi.ComponentResource):
    """Where the platform takes bundles from."""

    arn: str
    bucket: aws.s3.Bucket
    ready: list[pulumi.Resource]
    """What must exist before anything is put there."""

    def __init__(self, site: Site, *, opts: pulumi.ResourceOptions | None = None) -> None:
        """Create the bucket; its objects are made anew by any `up`, so that nothing is lost with it.

        Args:
            site: where the stack stands.
            opts: resource options.
        """
        name = f"{site.name}-eb"  # short: a bucket has 63 characters
        super().__init__("berth:beanstalk:Bundles", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket_name = f"{name}-{site.account}-{site.region}"
        self.arn = site.bucket_arn(bucket_name)
        self.bucket = bucket = aws.s3.Bucket(name, bucket=bucket_name, force_destroy=True, opts=child)
        closed = aws.s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        owned = aws.s3.BucketOwnershipControls(
            name, bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, opts=child
        )
        encrypted = aws.s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=bucket.id,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=child,
        )
        insecure = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:*"],
            "Resource": [self.arn, f"{self.arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        written = aws.s3.BucketPolicy(
            name,
            bucket=bucket.id,
            policy=policy(insecure),
            # Both change what the bucket lets anyone do; S3 answers a conflict when they come together.
            opts=child.merge(pulumi.ResourceOptions(depends_on=[closed])),
        )
        self.ready = [owned, encrypted, written]
        self.register_outputs({})
