"""The cases of the rules on rights, clusters and machines."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations

from policy.rules.values import UNKNOWN

from ..support import REMOVED, Inputs, Planned
from ..table import TOPIC, Cases, each_of
from .aws import INSTANCE, TEMPLATE, WORLDS, allow, either_spelling, policy, referring, variations
from .data import bucket

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
EKS = "aws:eks/cluster:Cluster"
EKS_COMPONENT = "eks:index:Cluster"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
own_policy = Planned(POLICY, {"policy": json.dumps(policy(allow()))}, name="own")
EVERYTHING: Inputs = {"Action": "*", "Resource": "*"}


def _inline(document: Inputs) -> Planned:
    return Planned(ROLE, {"inlinePolicies": [{"name": "it", "policy": json.dumps(document)}]})


IDENTITIES = {
    "aws-iam-no-star": Cases(
        good=[
            *either_spelling(
                ROLE_POLICY,
                policy(allow(), {"Effect": "Deny"} | EVERYTHING),
                policy(allow(Action="ecr:GetAuthorizationToken", Resource="*")),
                policy(allow(Action="*", Resource="arn:aws:s3:::it/*")),
                policy(allow(Action="s3:*", Resource="*")),
                policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::it"}),
            ),
            _inline(policy(allow())),
        ],
        bad=[
            *either_spelling(
                ROLE_POLICY,
                policy(allow(), allow(**EVERYTHING)),
                {"Statement": allow(**EVERYTHING)},
                policy(allow(Action=["s3:GetObject", "*"], Resource=["arn:aws:s3:::it", "*"])),
                policy(allow(Action="*:*", Resource="arn:aws:*:*:*:*")),
                policy(allow(Action="**", Resource="arn:*")),
                policy({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}),
                policy({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::it"}),
                policy(allow(**EVERYTHING, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
                policy({"Effect": "Allowed", **EVERYTHING}),
                policy(allow(Action=[1], Resource="*")),
            ),
            *(
                Planned(token, {"policy": json.dumps(policy(allow(**EVERYTHING)))})
                for token in (POLICY, "aws:iam/userPolicy:UserPolicy", "aws:iam/groupPolicy:GroupPolicy")
            ),
            _inline(policy(allow(**EVERYTHING))),
            Planned(ROLE_POLICY, {"policy": '{"statement": {"effect": "Allow", "action": "*", "resource": "*"}}'}),
            Planned(ROLE_POLICY, {"policy": '{"Statement": [{"effect": "Allow", "Action": "*", "resource": "*"}]}'}),
            Planned(ROLE_POLICY, {"policy": "{"}),
        ],
        foreign=[TOPIC, Planned(ROLE, {"assumeRolePolicy": "{}"})],
    ),
    "aws-iam-no-service-star": Cases(
        good=[
            *either_spelling(ROLE_POLICY, policy(allow(), {"Effect": "Deny", "Action": "s3:*", "Resource": "*"})),
            *either_spelling(POLICY, policy(allow(Action=["s3:Get*", "*"]))),
        ],
        bad=[
            *either_spelling(ROLE_POLICY, policy(allow(), allow(Action=["s3:GetObject", "s3:*"]))),
            *either_spelling(POLICY, policy(allow(Action="IAM:*")), policy(allow(Action="execute-api:**"))),
            _inline(policy(allow(Action="s3:*"))),
        ],
        foreign=[TOPIC, Planned(ROLE)],
    ),
    "aws-iam-no-administrator": Cases(
        good=[
            Planned(ATTACHMENT, {"policyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}),
            Planned(ATTACHMENT, {"policyArn": "arn:aws:iam::123456789012:policy/AdministratorAccess"}),
            replace(referring(ATTACHMENT, "policyArn", own_policy), beside=(own_policy,)),
            replace(
                referring(ROLE, "managedPolicyArns", own_policy),
                inputs={"managedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess", UNKNOWN]},
                beside=(own_policy,),
            ),
        ],
        bad=[
            *(
                Planned(f"aws:iam/{kind}", {"policyArn": ADMIN})
                for kind in (
                    "rolePolicyAttachment:RolePolicyAttachment",
                    "userPolicyAttachment:UserPolicyAttachment",
                    "groupPolicyAttachment:GroupPolicyAttachment",
                    "policyAttachment:PolicyAttachment",
                )
            ),
            Planned(ATTACHMENT, {"policyArn": "arn:aws-us-gov:iam::aws:policy/IAMFullAccess"}),
            Planned(ROLE, {"managedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess", ADMIN]}),
            Planned("aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", {"policyArns": [ADMIN]}),
            Planned(ATTACHMENT, {"policyArn": UNKNOWN}, beside=(own_policy,)),
            referring(ATTACHMENT, "policyArn", bucket),
            replace(referring(ATTACHMENT, "policyArn", bucket), beside=(bucket, own_policy)),
        ],
        foreign=[TOPIC, Planned(ROLE, {"name": "it"})],
    ),
}

component = Planned(
    EKS_COMPONENT,
    {
        "endpointPublicAccess": False,
        "enabledClusterLogTypes": ["scheduler", "api", "audit", "authenticator"],
        "encryptionConfigKeyArn": UNKNOWN,
    },
)

cluster = Planned(
    EKS,
    {
        "vpcConfig": {"subnetIds": ["subnet-1"], "endpointPublicAccess": False},
        "enabledClusterLogTypes": ["api", "audit", "authenticator"],
        "encryptionConfig": {"provider": {"keyArn": "arn:it"}, "resources": ["secrets"]},
    },
)

CLUSTERS = {
    "aws-eks-no-world-endpoint": Cases(
        good=[
            cluster,
            component,
            Planned(EKS_COMPONENT, {"publicAccessCidrs": ["203.0.113.7/32"]}),
            Planned(EKS_COMPONENT, {"endpointPublicAccess": False, "publicAccessCidrs": ["0.0.0.0/0"]}),
            Planned(EKS, {"vpcConfig": {"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.7/32"]}}),
        ],
        bad=[
            Planned(EKS),
            Planned(EKS_COMPONENT),
            Planned(EKS, {"vpcConfig": {"endpointPublicAccess": True}}),
            Planned(EKS, {"vpcConfig": {"endpointPrivateAccess": True, "publicAccessCidrs": []}}),
            Planned(EKS_COMPONENT, {"endpointPublicAccess": "false"}),
            *(
                Planned(EKS_COMPONENT, {"endpointPublicAccess": True, "publicAccessCidrs": ["203.0.113.7/32", world]})
                for world in WORLDS
            ),
        ],
    ),
    "aws-eks-logs": Cases(
        good=[cluster, component],
        bad=[
            Planned(EKS),
            Planned(EKS_COMPONENT),
            *variations(
                component,
                {
                    "enabledClusterLogTypes": [
                        *(list(two) for two in combinations(("api", "audit", "authenticator"), 2))
                    ]
                },
            ),
            *variations(cluster, {"enabledClusterLogTypes": [["audit"], [None]]}),
        ],
    ),
    "aws-eks-secrets-encrypted": Cases(
        good=[cluster, component, *variations(cluster, {"encryptionConfig.provider.keyArn": [UNKNOWN]})],
        bad=[
            Planned(EKS),
            Planned(EKS_COMPONENT),
            *variations(
                cluster, {"encryptionConfig.provider": [{}], "encryptionConfig.resources": [[], ["configmaps"]]}
            ),
        ],
    ),
}

template = Planned(
    TEMPLATE, {"metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1.0}}
)

no_metadata = Planned(TEMPLATE, {"metadataOptions": {"httpEndpoint": "disabled"}})
from_template = Planned(INSTANCE, {"launchTemplate": {"id": UNKNOWN}})

MACHINES = {
    "aws-imds-v2": Cases(
        good=[template, no_metadata, replace(template, type=INSTANCE)],
        bad=[
            Planned(TEMPLATE),
            Planned(INSTANCE),
            Planned("aws:ec2/launchConfiguration:LaunchConfiguration"),
            Planned("aws:ec2/spotInstanceRequest:SpotInstanceRequest"),
            *variations(
                template,
                {
                    "metadataOptions": [{}, {"httpTokens": "optional"}],
                    "metadataOptions.httpTokens": ["optional", REMOVED],
                },
            ),
            *variations(from_template, {"metadataOptions": [{"httpTokens": "optional"}]}),
        ],
        foreign=[TOPIC, from_template],
    ),
    "aws-imds-hop-limit": Cases(
        good=[template, no_metadata],
        bad=[
            Planned(TEMPLATE),
            Planned(INSTANCE),
            *variations(template, {"metadataOptions.httpPutResponseHopLimit": [2, REMOVED, "1"]}),
        ],
        foreign=[TOPIC, from_template],
    ),
    "aws-log-retention": Cases(
        good=[Planned(LOG_GROUP, {"retentionInDays": days}) for days in (1, 30.0, 3653)],
        bad=each_of(LOG_GROUP, {}, {"retentionInDays": 0}, {"retentionInDays": ""}),
        foreign=[TOPIC, Planned(LOG_GROUP, {"logGroupClass": "DELIVERY"})],
    ),
}
