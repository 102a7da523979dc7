"""The load balancer's access logs: a bucket that takes them, and lets them go.

Creates (``berth:edge:AccessLogs``): bucket (no public access, no access lists, encrypted, HTTPS only),
its lifecycle rule, and the policy that lets Elastic Load Balancing write. The load balancer refuses to
log into a bucket it cannot write to yet, and knows no encryption but S3's own key (user guide, access
logs).
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.iam import policy
from components.site import Site

LOG_DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"


def bucket_name(site: Site) -> str:
    """Return the bucket's name, which must be free in all of AWS: at most 63 characters."""
    return f"{site.name}-alb-{site.account}-{site.region}"


def bucket_policy(site: Site) -> str:
    """Return the bucket's policy: the load balancers of this account may write, and nobody comes without TLS.

    The path names the account. No ``aws:SourceArn`` beside it: a load balancer's first write, which tries the bucket,
    was refused under that condition ("Access Denied for bucket").
    """
    arn = site.bucket_arn(bucket_name(site))
    return policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": LOG_DELIVERY},
            "Action": ["s3:PutObject"],
            "Resource": [f"{arn}/AWSLogs/{site.account}/*"],
        },
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:*"],
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )


class AccessLogs(pulumi.ComponentResource):
    """Where the load balancer's access logs go."""

    bucket: str
    """Name of the bucket, known at preview."""
    ready: list[pulumi.Resource]
    """What must exist before a load balancer can log here."""

    def __init__(
        self, site: Site, *, retention_days: int, keep: bool, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the bucket.

        Args:
            site: where the stack stands.
            retention_days: days until a log is deleted.
            keep: whether ``destroy`` stops at a bucket that still holds logs.
            opts: resource options.
        """
        name = f"{site.name}-access-logs"
        # Inputs of a component become outputs of the same name that wait for all its children: not "bucket" here.
        super().__init__("berth:edge:AccessLogs", name, {"retentionDays": retention_days}, opts)
        self.bucket = bucket_name(site)
        child = pulumi.ResourceOptions(parent=self)
        bucket = aws.s3.Bucket(name, bucket=self.bucket, force_destroy=not keep, opts=child)
        closed = aws.s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketOwnershipControls(
            name, bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, opts=child
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=bucket.id,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=child,
        )
        aws.s3.BucketLifecycleConfiguration(
            name,
            bucket=bucket.id,
            rules=[{"id": "expire", "status": "Enabled", "filter": {}, "expiration": {"days": retention_days}}],
            opts=child,
        )
        written = aws.s3.BucketPolicy(
            name,
            bucket=bucket.id,
            policy=bucket_policy(site),
            # Both change what the bucket lets anyone do; S3 answers a conflict when they come together.
            opts=child.merge(pulumi.ResourceOptions(depends_on=[closed])),
        )
        self.ready = [written]
        self.register_outputs({"bucket": self.bucket})
