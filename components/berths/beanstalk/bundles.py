"""The bucket that bundles lie in: closed, encrypted, TLS only."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.closed_bucket import closed_bucket, tls_only
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
        made = closed_bucket(name, bucket_name, tls_only(self.arn), force_destroy=True, opts=child)
        self.bucket, self.ready = made.bucket, [made.owned, made.encrypted, made.written]
        self.register_outputs({})
