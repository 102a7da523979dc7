"""The function's image: the service's own with the adapter in it, built from the folder ``image``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.ground import Ground
from components.iam import policy
from components.rooms.image.image import Image, repository_name
from components.service.spec import Architecture, ServiceSpec

CONTEXT = Path(__file__).parent / "image"
ARGUMENT = "SERVICE_IMAGE"
"""Build argument that names the image it starts from."""


@dataclass(frozen=True)
class _FunctionImage:
    """What the image is made from; see ``components.rooms.image.image.Built``."""

    name: str
    architecture: Architecture
    build_args: Mapping[str, str]
    image: None = None
    # Relative to Pulumi.yaml, like that of a service: it stands in the plan, which is the same on every machine.
    context: str = field(default=CONTEXT.relative_to(Path(__file__).parents[3]).as_posix())
    dockerfile: str = "Dockerfile"


def function_image(ground: Ground, berth: str, spec: ServiceSpec, opts: pulumi.ResourceOptions) -> Image:
    """Create the image, in a repository that Lambda may pull from.

    Lambda takes images of ECR in its own region alone, so that one of another registry gets there in this way, too.

    Args:
        ground: what every room and berth stands on.
        berth: the berth's name.
        spec: the service.
        opts: resource options.
    """
    # The slash keeps the repository apart from any service's.
    built = _FunctionImage(f"{berth}/{spec.name}", spec.architecture, {ARGUMENT: spec.image})
    image = Image(ground.registry, built, production=False, after=spec.ready, opts=opts)
    site = ground.site
    admitted = aws.ecr.RepositoryPolicy(
        f"{site.name}-{berth}-{spec.name}-pull",
        repository=repository_name(site, built.name),
        policy=policy(
            {
                "Sid": "LambdaPulls",
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                "Condition": {
                    "ArnLike": {
                        "aws:SourceArn": site.arn("lambda", f"function:{site.name}-{berth}-{spec.name}*"),
                    }
                },
            }
        ),
        opts=opts.merge(pulumi.ResourceOptions(depends_on=image.ready)),
    )
    image.ready = [*image.ready, admitted]
    return image
