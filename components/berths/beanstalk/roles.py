"""Who may do what: the platform, a machine, and a service's containers, which are given no rights of the machine's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.berths.rights import to_pull, to_read_parameters
from components.iam import LONGEST_NAME, Role, assumed_by, granted, policy, statement
from components.mooring import Mooring
from components.secret_rights import rights
from components.site import Site, bounded


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


def service_role_arn(site: Site, mooring: Mooring) -> str | None:
    """Return the ARN of the service's own role; None where it has no rights on AWS."""
    return _arn(site, f"{mooring.name}-service") if mooring.spec.grants else None


def service_role(site: Site, mooring: Mooring) -> Role | None:
    """Create the service's own role, which its machines assume for it; none where it has no rights on AWS."""
    if not mooring.spec.grants:
        return None
    trust = {
        "Effect": "Allow",
        # The account, narrowed below: a role that is not there yet cannot be named as a principal.
        "Principal": {"AWS": f"arn:{site.partition}:iam::{site.account}:root"},
        "Action": ["sts:AssumeRole"],
        "Condition": {"ArnEquals": {"aws:PrincipalArn": _arn(site, _machine(mooring))}},
    }
    return Role(f"{mooring.name}-service", policy(trust), statements=granted(mooring.spec.grants), opts=mooring.child)


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
        statement(["logs:CreateLogStream", "logs:PutLogEvents"], [site.arn("logs", f"log-group:{log_group}:*")]),
        statement(["s3:GetObject"], [f"{bundles}/{spec.name}/*"]),
        # What closes the machine's metadata to the containers.
        statement(["ec2:ModifyInstanceMetadataOptions"], [site.arn("ec2", "instance/*")], Condition=tagged),
        *to_read_parameters(site, parameters.values()),
        *rights(site, spec.sources),
        *to_pull(site, spec),
    ]
    if own := service_role_arn(site, mooring):
        statements.append(statement(["sts:AssumeRole"], [own]))
    return Role(
        _machine(mooring),
        assumed_by("ec2.amazonaws.com"),
        statements=statements,
        managed=[
            # Health, the tier's own queue, and the platform's bucket (user guide, "Instance profiles").
            site.managed_policy("AWSElasticBeanstalkWorkerTier"),
            site.managed_policy("AmazonSSMManagedInstanceCore"),
        ],
        opts=mooring.child,
    )


def _machine(mooring: Mooring) -> str:
    return f"{mooring.name}-machine"


def _arn(site: Site, name: str) -> str:
    return f"arn:{site.partition}:iam::{site.account}:role/{bounded(name, LONGEST_NAME)}"
