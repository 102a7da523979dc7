"""What a machine or an agent has to be allowed to start a service: its images, parameters and logs. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from components.iam import statement
from components.rooms.image.image import repository_of
from components.service.spec import ServiceSpec
from components.site import Site


def to_pull(site: Site, spec: ServiceSpec, *more: str | None) -> list[dict[str, Any]]:
    """Return what pulling the images of a service and its sidecars takes, where they lie in ECR.

    Args:
        site: where the stack stands.
        spec: the service.
        more: ARNs of further repositories.
    """
    prebuilt = [repository_of(sidecar.image, site.partition) for sidecar in spec.sidecars]
    if not (repositories := {arn for arn in (spec.repository_arn, *more, *prebuilt) if arn}):
        return []
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    return [
        statement(pull, list(repositories)),
        statement(["ecr:GetAuthorizationToken"], ["*"]),  # takes no narrower resource
    ]


def to_write_logs(site: Site, log_group: str) -> dict[str, Any]:
    """Return what writing into a log group takes, which exists already."""
    return statement(["logs:CreateLogStream", "logs:PutLogEvents"], [site.arn("logs", f"log-group:{log_group}:*")])


def to_read_parameters(site: Site, names: Iterable[str]) -> list[dict[str, Any]]:
    """Return what reading the parameters of a service's bindings takes, by their names.

    A SecureString under AWS's own key needs no right on the key.
    """
    arns = [site.arn("ssm", f"parameter{name}") for name in names]
    return [statement(["ssm:GetParameters"], arns)] if arns else []
