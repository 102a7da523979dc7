"""IAM."""

from __future__ import annotations

from functools import partial
from typing import Final

from berth.resource_types.resource_type import In, Minutes, forces, free

_iam = partial(free, "IAM is free", look=In("roles", None))

TYPES: Final = (
    _iam(
        "aws:iam/instanceProfile:InstanceProfile",
        minutes=Minutes(0.1, 0.3),
        replaced_by=forces("name namePrefix path"),
        calls="iam: AddRoleToInstanceProfile CreateInstanceProfile DeleteInstanceProfile PassRole "
        "RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile",
    ),
    _iam("aws:iam/policy:Policy", look=None),
    _iam(
        "aws:iam/role:Role",
        replaced_by=forces("name namePrefix path", "iam:UpdateRole"),
        calls="iam: CreateRole DeleteRole TagRole UntagRole UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription",
    ),
    _iam(
        "aws:iam/rolePolicy:RolePolicy",
        replaced_by=forces("name namePrefix role", "iam:PutRolePolicy"),
        calls="iam: DeleteRolePolicy PutRolePolicy",
    ),
    _iam(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        replaced_by=forces("*"),
        calls="iam: AttachRolePolicy DetachRolePolicy",
    ),
)
