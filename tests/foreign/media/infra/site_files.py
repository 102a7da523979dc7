"""A component of the program's own."""

import pulumi
import pulumi_aws as aws


class Site(pulumi.ComponentResource):
    """A static site behind CloudFront."""

    def __init__(self, name: str, origin: pulumi.Input[str]) -> None:
        super().__init__("media:index:Site", name)
        here = pulumi.ResourceOptions(parent=self)
        self.bucket = aws.s3.Bucket(f"{name}-files", tags={"origin": origin}, opts=here)
        self.access = aws.cloudfront.OriginAccessControl(
            f"{name}-access",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=here,
        )
        self.distribution = aws.cloudfront.Distribution(
            f"{name}-cdn",
            enabled=True,
            default_root_object="index.html",
            origins=[
                {
                    "origin_id": "files",
                    "domain_name": self.bucket.bucket_regional_domain_name,
                    "origin_access_control_id": self.access.id,
                }
            ],
            default_cache_behavior={
                "target_origin_id": "files",
                "viewer_protocol_policy": "redirect-to-https",
                "allowed_methods": ["GET", "HEAD"],
                "cached_methods": ["GET", "HEAD"],
            },
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            viewer_certificate={"cloudfront_default_certificate": True},
            opts=here,
        )
        self.domain = self.distribution.domain_name
        self.register_outputs({"domain": self.domain})
