"""Who may do what: the platform, and a machine, whose rights no container is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.berths.own_role import machine_name, own_role_arn
from components.berths.rights import to_pull, to_read_parameters, to_write_logs
from components.iam import Role, assumed_by, statement
from components.mooring import Mooring
from components.secret_rights import rights
from components.site import Site


def platform_role(name: str, site: Site, opts: pulumi.ResourceOptions) -> Role:
    """Create the role that Elastic Beanstalk itself has in the account (user guide, "Service roles")."""
    return Role(
        f"{name}-platform",
        assumed_by(
            "elasticbeanstalk.amazonaws.com", condition={"StringEquals": {"sts:ExternalId": "elasticbeanstalk"}}
        ),
        managed=[
            site.managed_policy("service-role/AWSElasticBeanstalkEnhancedHealth"),
            site.managed_policy("AWSElasticBeanstalkManagedUpdatesCustomerRolePolicy"),
        ],
        opts=opts,
    )


def machine_role(
    site: Site, mooring: Mooring, *, log_group: str, parameters: Mapping[str, str], bundles: str, environment: str
) -> Role:
    """Create the role of a service's machines.

    Args:
        site: where the stack stands.
        mooring: the service.
        log_group: where its containers log to.
        parameters: environment variable to name of the parameter that holds its value.
        bundles: ARN of the bucket of the bundles.
        environment: name of the environment, which its machines have as a tag.
    """
    spec = mooring.spec
    tagged = {"StringEquals": {"aws:ResourceTag/elasticbeanstalk:environment-name": environment}}
    statements: list[dict[str, Any]] = [
        to_write_logs(site, log_group),
        statement(["s3:GetObject"], [f"{bundles}/{spec.name}/*"]),
        # What closes the machine's metadata to the containers.
        statement(["ec2:ModifyInstanceMetadataOptions"], [site.arn("ec2", "instance/*")], Condition=tagged),
        *to_read_parameters(site, parameters.values()),
        *rights(site, spec.sources),
        *to_pull(site, spec),
    ]
    if own := own_role_arn(site, mooring):
        statements.append(statement(["sts:AssumeRole"], [own]))
    return Role(
        machine_name(mooring),
        assumed_by("ec2.amazonaws.com"),
        statements=statements,
        managed=[
            # Health, the tier's own queue, and the platform's bucket (user guide, "Instance profiles").
            site.managed_policy("AWSElasticBeanstalkWorkerTier"),
            site.managed_policy("AmazonSSMManagedInstanceCore"),
        ],
        opts=mooring.child,
    )
