"""Write the IAM policies of the role that deploys, docs/deployer/*.json, from what is known of each resource type.

python scripts/deployer_policy.py           writes them
python scripts/deployer_policy.py --check   writes nothing; ends with 1 if one is not up to date
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from berth.resource_types import RESOURCE_TYPES  # noqa: E402
from scripts.generated import write  # noqa: E402

FOLDER: Final = ROOT / "docs" / "deployer"
PROJECT: Final = "berth"
"""The project's name, or the beginning of ``berth:name``; to be replaced by your own."""
POLICIES: Final = {
    "network": ("ec2",),
    "edge": ("acm", "apigateway", "elasticloadbalancing", "logs", "route53", "s3", "wafv2"),
    "data": ("ecr", "kms", "rds", "secretsmanager", "ssm"),
    "platform": ("cloudformation", "dynamodb", "elasticbeanstalk", "sqs"),
    "compute": (
        "application-autoscaling",
        "autoscaling",
        "cloudwatch",
        "ecs",
        "eks",
        "iam",
        "lambda",
        "scheduler",
        "states",
    ),
}
"""Several, because a managed policy has 6,144 characters at most, white space not counted (IAM user guide, quotas)."""
READS: Final = {
    "acm": "DescribeCertificate",
    "apigateway": "GET",
    "application-autoscaling": "Describe* ListTagsForResource",
    "autoscaling": "Describe*",
    "cloudformation": "Describe* GetTemplate ListStackResources",
    "cloudwatch": "Describe* ListTagsForResource",
    "dynamodb": "DescribeTable",
    "ec2": "Describe*",
    "ecr": "BatchGetImage Describe* DescribeRepositories GetAuthorizationToken GetDownloadUrlForLayer"
    " GetLifecyclePolicy GetRepositoryPolicy ListImages ListTagsForResource",
    "ecs": "Describe* List*",
    "eks": "Describe* List*",
    "elasticbeanstalk": "Describe* ListAvailableSolutionStacks ListPlatformVersions ListTagsForResource"
    " RequestEnvironmentInfo RetrieveEnvironmentInfo ValidateConfigurationSettings",
    "elasticloadbalancing": "Describe*",
    "iam": "Get* List*",
    "kms": "DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags",
    "lambda": "GetAlias GetFunction* GetPolicy GetProvisionedConcurrencyConfig ListTags ListVersionsByFunction",
    "logs": "Describe* ListLogDeliveries ListTagsForResource",
    "rds": "Describe* ListTagsForResource",
    "route53": "GetChange GetHostedZone ListHostedZones ListResourceRecordSets ListTagsForResource",
    "s3": "Get*Configuration GetBucket* ListBucket* ListTagsForResource",
    "scheduler": "GetSchedule",
    "secretsmanager": "ListSecretVersionIds",
    "sqs": "GetQueueAttributes GetQueueUrl",
    "ssm": "DescribeParameters GetParameter GetParameters ListTagsForResource",
    "states": "DescribeStateMachine ListStateMachineVersions ListTagsForResource ValidateStateMachineDefinition",
    "wafv2": "Get* List*",
}
"""What the providers and the program read, by service; no object, record or log line is among it."""
RESOURCES: Final = {
    "cloudformation": ("arn:*:cloudformation:*:*:stack/awseb-*",),
    "dynamodb": ("arn:*:dynamodb:*:*:table/awseb-*",),
    "ecr": ("arn:*:ecr:*:*:repository/berth/*",),
    "iam": (
        f"arn:*:iam::*:instance-profile/{PROJECT}-*",
        f"arn:*:iam::*:role/{PROJECT}-*",
        "arn:*:iam::*:role/aws-service-role/*",
    ),
    "lambda": (f"arn:*:lambda:*:*:function:{PROJECT}-*",),
    "s3": (f"arn:*:s3:::{PROJECT}-*", "arn:*:s3:::elasticbeanstalk-*"),
    "scheduler": (f"arn:*:scheduler:*:*:schedule/default/{PROJECT}-*",),
    "sqs": ("arn:*:sqs:*:*:awseb-*",),
    "ssm": ("arn:*:ssm:*:*:parameter/berth/*", "arn:*:ssm:*::parameter/aws/service/*"),
    "states": (f"arn:*:states:*:*:stateMachine:{PROJECT}-*",),
}
"""What a service's actions are held to, where names are computed; all resources elsewhere."""
UNSCOPED: Final = {
    *("ecr:DescribeRepositories", "ecr:GetAuthorizationToken", "ssm:DescribeParameters"),
    "states:ValidateStateMachineDefinition",
}
"""Actions that take no narrower resource, or are asked for a list of all."""


def statements(services: tuple[str, ...], actions: set[str]) -> Iterator[dict[str, Any]]:
    """Yield a statement for all that is held to nothing, then one a service."""

    def allow(chosen: set[str], resources: tuple[str, ...]) -> dict[str, Any]:
        return {"Effect": "Allow", "Action": sorted(chosen), "Resource": sorted(resources)}

    wide = {action for action in actions if action.split(":")[0] not in RESOURCES or action in UNSCOPED}
    if wide:
        yield allow(wide, ("*",))
    for service in services:
        if service in RESOURCES:
            yield allow({a for a in actions - wide if a.startswith(f"{service}:")}, RESOURCES[service])


def outputs() -> dict[Path, str]:
    """Return the files that are written, with what they should hold."""
    writes = {action for kind in RESOURCE_TYPES.values() for action in kind.actions}
    reads = {f"{service}:{name}" for service, names in READS.items() for name in names.split()}
    found = {}
    for name, services in POLICIES.items():
        actions = {action for action in writes | reads if action.split(":")[0] in services}
        document = {"Version": "2012-10-17", "Statement": list(statements(services, actions))}
        found[FOLDER / f"{name}.json"] = json.dumps(document, indent=2) + "\n"
    return found


def main() -> int:
    """Write or check the files; return the exit status."""
    return write(outputs, ROOT, (__doc__ or "").splitlines()[0])


if __name__ == "__main__":
    sys.exit(main())
