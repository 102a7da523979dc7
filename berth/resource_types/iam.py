"""IAM."""

from __future__ import annotations

from typing import Final

from berth.resource_types.resource_type import Free, In, Minutes, ResourceType, actions, forces

TYPES: Final = (
    ResourceType(
        "aws:iam/instanceProfile:InstanceProfile",
        Free("IAM is free"),
        In("roles", None),
        minutes=Minutes(0.1, 0.3),
        replaced_by=forces("name namePrefix path"),
        calls=actions(
            "iam: AddRoleToInstanceProfile CreateInstanceProfile DeleteInstanceProfile PassRole "
            "RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile"
        ),
    ),
    ResourceType("aws:iam/policy:Policy", Free("IAM is free"), None),
    ResourceType(
        "aws:iam/role:Role",
        Free("IAM is free"),
        In("roles", None),
        replaced_by=forces("name namePrefix path", "iam:UpdateRole"),
        calls=actions(
            "iam: CreateRole DeleteRole TagRole UntagRole UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription"
        ),
    ),
    ResourceType(
        "aws:iam/rolePolicy:RolePolicy",
        Free("IAM is free"),
        In("roles", None),
        replaced_by=forces("name namePrefix role", "iam:PutRolePolicy"),
        calls=actions("iam: DeleteRolePolicy PutRolePolicy"),
    ),
    ResourceType(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        Free("IAM is free"),
        In("roles", None),
        replaced_by=forces("*"),
        calls=actions("iam: AttachRolePolicy DetachRolePolicy"),
    ),
)
