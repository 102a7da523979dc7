"""The image: an ECR repository and the image built into it, or a prebuilt one.

Creates (``berth:image:Image``): repository (immutable tags, scanned on push, encrypted), lifecycle
policy, and the image itself, built and pushed on ``up``. The reference is computed, not read from
an output: it is known at preview, and policies see the whole container definition.

ECR refuses a tag that it has (containers-roadmap 2179, 2380), and the provider pushes whenever it creates or updates an
image (pulumi-docker: provider/image.go, ``dockerBuild``). So each change replaces the image, and what is in the
repository already, after a ``git revert`` or an ``up`` that broke off, is built but not pushed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pulumi
import pulumi_aws as aws

from components.rooms.image.registry import Registry
from components.rooms.image.tag import context_tag
from components.site import Site

if TYPE_CHECKING:
    from components.service.spec import Architecture

KEPT_IMAGES = 30
"""Images the lifecycle policy keeps; older ones could not be rolled back to in practice."""


def repository_name(site: Site, service: str) -> str:
    """Return the ECR repository's name, e.g. ``berth/berth-dev/biometric``."""
    return f"berth/{site.name}/{service}"


def repository_of(reference: str, partition: str) -> str | None:
    """Return the ARN of the ECR repository that a prebuilt image is in; None for another registry's image.

    Args:
        reference: the image's, e.g. ``123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1.4.2``.
        partition: where the stack stands, e.g. ``aws``.
    """
    match = re.match(r"(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^:@]+)", reference)
    return f"arn:{partition}:ecr:{match[2]}:{match[1]}:repository/{match[3]}" if match else None


def lifecycle_policy() -> str:
    """Return the repository's lifecycle policy as JSON."""
    return json.dumps(
        {
            "rules": [
                {
                    "rulePriority": 1,
                    "description": "Untagged layers left by interrupted pushes",
                    "selection": {
                        "tagStatus": "untagged",
                        "countType": "sinceImagePushed",
                        "countUnit": "days",
                        "countNumber": 1,
                    },
                    "action": {"type": "expire"},
                },
                {
                    "rulePriority": 2,
                    "description": f"All but the newest {KEPT_IMAGES}",
                    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": KEPT_IMAGES},
                    "action": {"type": "expire"},
                },
            ]
        },
        sort_keys=True,
    )


class Built(Protocol):
    """What an image is made from: a service's settings, or the like."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def image(self) -> str | None: ...  # noqa: D102
    @property
    def context(self) -> str: ...  # noqa: D102
    @property
    def dockerfile(self) -> str: ...  # noqa: D102
    @property
    def build_args(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def architecture(self) -> Architecture: ...  # noqa: D102


class Image(pulumi.ComponentResource):
    """The service's image."""

    reference: str
    """Full reference with tag, known at preview."""
    repository_arn: str | None
    """ARN of the ECR repository, which a task needs a right on; None for an image of another registry."""
    ready: list[pulumi.Resource]
    """What must exist before the image can be pulled."""

    def __init__(
        self,
        registry: Registry,
        settings: Built,
        *,
        production: bool,
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Create the repository and the image, unless config names a prebuilt one.

        Args:
            registry: where it is pushed to.
            settings: the service's.
            production: keeps the repository when it still holds images.
            after: what must exist before it can be built: the image that it starts from.
            opts: resource options.
        """
        site = registry.site
        name = f"{site.name}-{settings.name}".replace("/", "-")
        super().__init__("berth:image:Image", name, {"prebuilt": settings.image}, opts)
        if settings.image:
            self.reference, self.ready = settings.image, []
            self.repository_arn = repository_of(settings.image, site.partition)
        else:
            self._build(registry, settings, production, after)
        self.register_outputs({"reference": self.reference})

    def _build(self, registry: Registry, settings: Built, production: bool, after: Sequence[pulumi.Resource]) -> None:
        import pulumi_docker as docker  # only a stack that builds needs it

        child, site = pulumi.ResourceOptions(parent=self), registry.site
        name = f"{site.name}-{settings.name}".replace("/", "-")
        repository_path = repository_name(site, settings.name)
        platform = f"linux/{settings.architecture}"
        tag = context_tag(Path(settings.context), settings.dockerfile, settings.build_args, platform)
        self.reference = f"{registry.host}/{repository_path}:{tag}"
        self.repository_arn = site.arn("ecr", f"repository/{repository_path}")

        repository = aws.ecr.Repository(
            f"{name}-repository",
            name=repository_path,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "KMS"}],  # AWS's own key for ECR
            force_delete=not production,
            opts=child,
        )
        lifecycle = aws.ecr.LifecyclePolicy(
            f"{name}-lifecycle", repository=repository.name, policy=lifecycle_policy(), opts=child
        )
        image = docker.Image(
            f"{name}-image",
            image_name=self.reference,
            build={
                "context": settings.context,
                # The provider reads this path from the program's folder, not from the context.
                "dockerfile": f"{settings.context}/{settings.dockerfile}",
                "platform": platform,
                "args": dict(settings.build_args),
            },
            registry={
                "server": registry.host,
                "username": registry.token.user_name,
                "password": pulumi.Output.secret(registry.token.password),
            },
            skip_push=registry.holds(repository_path, tag),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[repository, *after],
                # Never an update, whose push might be refused. The provider also hashes whole modes: the same tag from
                # another umask is replaced as well. Only a replacement heeds what is ignored otherwise.
                replace_on_changes=["*"],
                ignore_changes=["skipPush"],
            ),
        )
        self.ready = [repository, lifecycle, image]
