"""IAM documents as plain JSON strings: pure, sorted, known at preview.

A service's rights are its ``grants`` (``service/spec.py``); its role is made by its berth (``berths/*/workload.py``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.offer import Grant
from components.site import Site, bounded

LONGEST_NAME = 64
"""Characters of a role's name (IAM API reference, ``CreateRole``)."""


def statement(actions: Sequence[str], resources: Sequence[str], **more: Any) -> dict[str, Any]:
    """Return one Allow statement.

    ``more`` adds elements such as ``Condition``. A wildcard action is refused: a role carries what
    it needs by name.

    Raises:
        ValueError: an action is ``*`` or ends in ``:*``.
    """
    for action in actions:
        if action == "*" or action.endswith(":*"):
            raise ValueError(f"IAM action {action!r}: name the actions that are needed, e.g. 'ssm:GetParameters'")
    return {"Effect": "Allow", "Action": sorted(actions), "Resource": sorted(resources), **more}


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy document of these statements as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def assumed_by(service: str, *actions: str, condition: dict[str, Any] | None = None) -> str:
    """Return the trust policy that lets an AWS service assume a role, e.g. ``ecs-tasks.amazonaws.com``.

    ``actions`` are what it may do beside ``sts:AssumeRole``.
    """
    document: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": sorted({"sts:AssumeRole", *actions}),
    }
    if condition:
        document["Condition"] = condition
    return policy(document)


def role_arn(site: Site, name: str) -> str:
    """Return the ARN of the role that ``Role`` makes under a name, known before it exists."""
    return f"arn:{site.partition}:iam::{site.account}:role/{bounded(name, LONGEST_NAME)}"


def passing(site: Site, roles: Iterable[Role], service: str) -> dict[str, Any]:
    """Return the statement that lets roles be passed to an AWS service, e.g. ``ecs-tasks.amazonaws.com``, alone."""
    arns = [role_arn(site, role.name) for role in roles]
    return statement(["iam:PassRole"], arns, Condition={"StringEquals": {"iam:PassedToService": service}})


def granted(grants: Iterable[Grant]) -> list[dict[str, Any]]:
    """Return the statements that give a service its rights, each once."""
    return [statement(grant.actions, grant.resources) for grant in dict.fromkeys(grants)]


class Role(pulumi.ComponentResource):
    """One IAM role with its inline policy and its AWS managed policies.

    Creates an ``aws.iam.Role`` named ``<name>`` (so its ARN is known before it exists; shortened where IAM's 64
    characters do not hold it), a ``RolePolicy`` where statements are given, and a ``RolePolicyAttachment`` for
    each managed policy.
    """

    name: str
    """The role's name, known before it exists."""
    arn: pulumi.Output[str]
    """ARN of the role, known only once it exists."""
    role_name: pulumi.Output[str]
    ready: list[pulumi.Resource]
    """What must exist before something that assumes the role can work."""

    def __init__(
        self,
        name: str,
        trust: str,
        *,
        statements: Sequence[dict[str, Any]] = (),
        managed: Sequence[str] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Create the role.

        Args:
            name: name of the role; also the Pulumi name.
            trust: trust policy, JSON.
            statements: of the inline policy; none, no policy.
            managed: ARNs of managed policies.
            opts: resource options.
        """
        super().__init__("berth:iam:Role", name, {"trust": trust, "managed": list(managed)}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.name = bounded(name, LONGEST_NAME)
        role = aws.iam.Role(name, name=self.name, assume_role_policy=trust, opts=child)
        self.ready = [role]
        if statements:
            inline = aws.iam.RolePolicy(
                f"{name}-policy", name=f"{name}-policy", role=role.name, policy=policy(*statements), opts=child
            )
            self.ready.append(inline)
        for arn in managed:
            attachment = aws.iam.RolePolicyAttachment(
                f"{name}-{arn.rsplit('/', 1)[-1]}", role=role.name, policy_arn=arn, opts=child
            )
            self.ready.append(attachment)
        self.arn = role.arn
        self.role_name = role.name
        self.register_outputs({"arn": self.arn})
