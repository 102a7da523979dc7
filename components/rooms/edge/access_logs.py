"""The load balancer's access logs: a bucket that takes them, and lets them go.

Creates (``berth:edge:AccessLogs``): bucket (no public access, no access lists, encrypted, HTTPS only),
its lifecycle rule, and the policy that lets Elastic Load Balancing write. The load balancer refuses to
log into a bucket it cannot write to yet, and knows no encryption but S3's own key (user guide, access
logs).
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from components.closed_bucket import closed_bucket, tls_only
from components.site import Site

LOG_DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"


def bucket_name(site: Site) -> str:
    """Return the bucket's name, which must be free in all of AWS: at most 63 characters."""
    return f"{site.name}-alb-{site.account}-{site.region}"


def statements(site: Site) -> list[dict[str, Any]]:
    """Return the bucket's policy: the load balancers of this account may write, and nobody comes without TLS.

    The path names the account. No ``aws:SourceArn`` beside it: a load balancer's first write, which tries the bucket,
    was refused under that condition ("Access Denied for bucket").
    """
    arn = site.bucket_arn(bucket_name(site))
    writing = {
        "Effect": "Allow",
        "Principal": {"Service": LOG_DELIVERY},
        "Action": ["s3:PutObject"],
        "Resource": [f"{arn}/AWSLogs/{site.account}/*"],
    }
    return [writing, tls_only(arn)]


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
        made = closed_bucket(name, self.bucket, *statements(site), force_destroy=not keep, opts=child)
        aws.s3.BucketLifecycleConfiguration(
            name,
            bucket=made.bucket.id,
            rules=[{"id": "expire", "status": "Enabled", "filter": {}, "expiration": {"days": retention_days}}],
            opts=child,
        )
        self.ready = [made.written]
        self.register_outputs({"bucket": self.bucket})
