"""ECR: image repositories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import Free, ResourceType, Way, both, forces


def repository(resource: Resource, context: Context) -> Charges:
    """Charge the images kept."""
    yield Charge("images kept", "ecr.storage", context.usage.image_gb / context.count(resource.type))


TYPES: Final = (
    ResourceType(
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        Free("part of the repository"),
        both("repository"),
        replaced_by=forces("repository", "ecr:PutLifecyclePolicy"),
        calls="ecr: DeleteLifecyclePolicy PutLifecyclePolicy",
    ),
    ResourceType(
        "aws:ecr/repository:Repository",
        repository,
        both("repository"),
        replaced_by=forces("encryptionConfigurations name"),
        named=Way("image", reverse=True),
        calls="ecr: BatchDeleteImage CreateRepository DeleteRepository PutImageScanningConfiguration "
        "PutImageTagMutability TagResource UntagResource",
    ),
    ResourceType(
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        Free("part of the repository"),
        both("repository"),
        replaced_by=forces("repository", "ecr:SetRepositoryPolicy"),
        calls="ecr: DeleteRepositoryPolicy SetRepositoryPolicy",
    ),
)

PRICES: Final[Mapping[str, Selector]] = {"ecr.storage": selector("AmazonECR", "TimedStorage-ByteHrs")}
