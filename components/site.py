"""Where the stack stands: account, partition and region, and the names and ARNs that follow from them.

Names are made here and never read from an output, so that whatever a policy needs is known at preview.
"""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass


def bounded(name: str, longest: int) -> str:
    """Return a name as it is, or its beginning and a hash of all of it where it is too long."""
    if len(name) <= longest:
        return name
    return f"{name[: longest - 9].rstrip('-')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Site:
    """One stack's place in AWS."""

    name: str
    """``<project>-<stack>``, or what ``berth:name`` says: prefix of every name."""
    account: str
    """12 digits."""
    partition: str
    """``aws``, ``aws-cn`` or ``aws-us-gov``."""
    region: str
    profile: str | None = None
    """Named profile of the AWS CLI that the stack is deployed with; None for the environment's own credentials."""

    @property
    def cli_options(self) -> str:
        """Return what a command of the AWS CLI needs to reach the stack, e.g. ``--region eu-west-1``."""
        return f"--region {self.region}" + (f" --profile {shlex.quote(self.profile)}" if self.profile else "")

    @property
    def dns_suffix(self) -> str:
        """Domain of AWS endpoints in this partition."""
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a regional resource, e.g. ``arn("logs", "log-group:/ecs/x")``."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def managed_policy(self, name: str) -> str:
        """Return the ARN of a policy that AWS manages, e.g. ``AmazonSSMManagedInstanceCore``."""
        return f"arn:{self.partition}:iam::aws:policy/{name}"

    def bucket_arn(self, name: str) -> str:
        """Return the ARN of a bucket."""
        return f"arn:{self.partition}:s3:::{name}"
