"""A service's own role where its machine has another one: the machine assumes it for the containers, and nobody else.

What a container is granted is not the machine's, which reads secrets that the container must not have again.
"""

from __future__ import annotations

from components.iam import Role, granted, policy, role_arn
from components.mooring import Mooring
from components.site import Site


def machine_name(mooring: Mooring) -> str:
    """Return the name that the role of a service's machines is made from."""
    return f"{mooring.name}-machine"


def own_role_arn(site: Site, mooring: Mooring) -> str | None:
    """Return the ARN of a service's own role; None where it has no rights on AWS."""
    return role_arn(site, f"{mooring.name}-service") if mooring.spec.grants else None


def own_role(site: Site, mooring: Mooring) -> Role | None:
    """Create a service's own role with what it is granted; none where it has no rights on AWS."""
    if not mooring.spec.grants:
        return None
    trust = {
        "Effect": "Allow",
        # The account's principals are narrowed to one: naming it would need it to exist, and break with a new one.
        "Principal": {"AWS": f"arn:{site.partition}:iam::{site.account}:root"},
        "Action": ["sts:AssumeRole"],
        "Condition": {"ArnEquals": {"aws:PrincipalArn": role_arn(site, machine_name(mooring))}},
    }
    return Role(f"{mooring.name}-service", policy(trust), statements=granted(mooring.spec.grants), opts=mooring.child)
