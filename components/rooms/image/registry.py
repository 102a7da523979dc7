"""The account's registry, asked once for all images of a stack."""

from __future__ import annotations

from functools import cached_property

import pulumi
import pulumi_aws as aws

from components.site import Site


class Registry:
    """ECR of the stack's account and region."""

    def __init__(self, site: Site) -> None:
        """Ask nothing yet: a stack of prebuilt images never does."""
        self.site = site
        self.host = f"{site.account}.dkr.ecr.{site.region}.{site.dns_suffix}"

    @cached_property
    def token(self) -> pulumi.Output[aws.ecr.GetAuthorizationTokenResult]:
        """Who may push; valid for twelve hours."""
        return aws.ecr.get_authorization_token_output(registry_id=self.site.account)

    @cached_property
    def _repositories(self) -> frozenset[str]:
        return frozenset(aws.ecr.get_repositories().names)

    def holds(self, repository: str, tag: str) -> bool:
        """Say whether a repository has an image of this tag.

        Without a repository, as before the first ``up``, the list of its images is an error.
        """
        if repository not in self._repositories:
            return False
        return any(image.image_tag == tag for image in aws.ecr.get_images(repository_name=repository).image_ids)
