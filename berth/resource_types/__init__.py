"""All that is known of resource types, one module a service: what a Plan's views look up.

A view never has a table of its own by resource type; a new type is one record here. What has no record is still
shown everywhere: as a node of its own, with an unknown price, in seconds, changed in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from berth.resource_types import (
    apigateway,
    autoscaling,
    cloudwatch,
    ec2,
    ecr,
    ecs,
    eks,
    elasticbeanstalk,
    iam,
    kms,
    kubernetes,
    lambda_,
    lb,
    providers,
    rds,
    route53,
    s3,
    scheduler,
    secretsmanager,
    sfn,
    ssm,
    wafv2,
)
from berth.resource_types.prices import Selector
from berth.resource_types.resource_type import ResourceType

_SERVICES: Final = (
    *(apigateway, autoscaling, cloudwatch, ec2, ecr, ecs, eks, elasticbeanstalk, iam, kms, kubernetes, lambda_, lb),
    providers,
    *(rds, route53, s3, scheduler, secretsmanager, sfn, ssm, wafv2),
)

RESOURCE_TYPES: Final[Mapping[str, ResourceType]] = {kind.token: kind for module in _SERVICES for kind in module.TYPES}
"""Type token to its record."""
PRICES: Final[Mapping[str, Selector]] = {
    key: selector
    for module in (apigateway, autoscaling, cloudwatch, ec2, ecr, ecs, eks, kms, lambda_, lb, rds, s3, sfn, wafv2)
    for key, selector in module.PRICES.items()
}
"""Key of a price to where it stands; a usage type that AWS renames is reported as not found, never guessed."""
_PACKAGES: Final = {"kubernetes": kubernetes.kubernetes_object, **providers.PACKAGES}


def known(token: str) -> ResourceType | None:
    """Return the record of a type, else what holds for its whole package, or None where nothing is known."""
    record = RESOURCE_TYPES.get(token)
    if record is None and (of_package := _PACKAGES.get(token.split(":", 1)[0])):
        record = of_package(token)
    return record
