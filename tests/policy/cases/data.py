"""The cases of the rules on databases and buckets."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from policy.rules.values import UNKNOWN

from ..support import REMOVED, Inputs, Planned
from ..table import TOPIC, Cases
from .aws import allow, either_spelling, policy, referring, variations

DATABASE = "aws:rds/instance:Instance"
DB_CLUSTER = "aws:rds/cluster:Cluster"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_ACL = "aws:s3/bucketAcl:BucketAcl"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BUCKET_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
BUCKET_ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"

database = Planned(
    DATABASE,
    {
        "engine": "postgres",
        "engineVersion": "17",
        "storageEncrypted": True,
        "publiclyAccessible": False,
        "backupRetentionPeriod": 7,
        "multiAz": True,
        "deletionProtection": True,
    },
)

db_cluster = replace(database, type=DB_CLUSTER)


def _parameters(family: str, *parameters: tuple[str, str]) -> Planned:
    listed = [{"name": name, "value": value} for name, value in parameters]
    return Planned(PARAMETERS, {"family": family, "parameters": [{"name": "work_mem", "value": "0"}, *listed]})


def _engine(engine: str, version: str | None, **more: Any) -> Planned:
    return Planned(DATABASE, {"engine": engine, "engineVersion": version, **more})


DATABASES = {
    "aws-rds-encrypted": Cases(
        good=[database, db_cluster],
        bad=variations(database, {"storageEncrypted": [False, REMOVED, "true"]})
        + variations(db_cluster, {"storageEncrypted": [False]}),
    ),
    "aws-rds-not-public": Cases(
        good=[database, *variations(database, {"publiclyAccessible": [REMOVED]})],
        bad=[
            *variations(database, {"publiclyAccessible": [True, "false"]}),
            Planned("aws:rds/clusterInstance:ClusterInstance", {"publiclyAccessible": True}),
        ],
    ),
    "aws-rds-tls": Cases(
        good=[
            database,
            _engine("postgres", None),
            _engine("postgres", "14.12", parameterGroupName=UNKNOWN),
            _engine("mariadb", "11.8.3"),
            Planned(DB_CLUSTER, {"engine": "aurora-mysql", "dbClusterParameterGroupName": "it"}),
            _parameters("postgres17"),
            _parameters("postgres15"),
            _parameters("postgres17", ("rds.force_ssl", "1")),
            _parameters("postgres14", ("rds.force_ssl", "1")),
            _parameters("mysql8.0", ("require_secure_transport", "ON")),
            _parameters("aurora-mysql8.0", ("require_secure_transport", "true")),
            _parameters("sqlserver-ex-15.0", ("rds.force_ssl", "1")),
            _parameters("mariadb11.8"),
        ],
        bad=[
            _engine("postgres", "14.12"),
            _engine("mariadb", "10.11.6"),
            _engine("mysql", "8.4.3"),
            _engine("mysql", None),
            _engine("sqlserver-ex", "15.00.4365.2.v1"),
            Planned(DB_CLUSTER, {"engine": "aurora-postgresql", "engineVersion": "16.4", "parameterGroupName": "it"}),
            _parameters("postgres17", ("rds.force_ssl", "0")),
            _parameters("postgres14"),
            _parameters("postgres14", ("RDS.FORCE_SSL", "off")),
            _parameters("mysql8.0"),
            _parameters("mysql8.4", ("require_secure_transport", "0")),
            _parameters("mariadb11.4"),
            _parameters("sqlserver-ex-15.0"),
            replace(_parameters("aurora-postgresql16"), type="aws:rds/clusterParameterGroup:ClusterParameterGroup"),
        ],
        foreign=[TOPIC, _engine("oracle-ee", "19"), _parameters("oracle-ee-19"), _parameters("docdb5.0")],
    ),
    "aws-rds-backups": Cases(
        good=[database, *variations(database, {"backupRetentionPeriod": [35.0]})],
        bad=[*variations(database, {"backupRetentionPeriod": [*(REMOVED, 0, 6, "7")]}), Planned(DB_CLUSTER)],
        foreign=[TOPIC, Planned(DATABASE, {"replicateSourceDb": UNKNOWN})],
    ),
    "aws-rds-multi-az": Cases(
        good=[database],
        bad=variations(database, {"multiAz": [False, REMOVED]}),
        foreign=[TOPIC, db_cluster],
        config={"production": True},
    ),
    "aws-rds-deletion-protection": Cases(
        good=[database, db_cluster],
        bad=[
            *variations(database, {"deletionProtection": [False, REMOVED]}),
            *variations(db_cluster, {"deletionProtection": [False]}),
        ],
        config={"production": True},
    ),
}

bucket = Planned(BUCKET, {"bucket": "it"})

block = Planned(
    BUCKET_BLOCK,
    {
        "bucket": "it",
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    },
)

encryption = Planned(BUCKET_ENCRYPTION, {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]})

https_only: Inputs = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": ["s3:*"],
    "Resource": ["arn:aws:s3:::it", "arn:aws:s3:::it/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}

service = allow(Principal={"Service": "logs.amazonaws.com"})
EQUALS = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike")

NARROWING = (
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:userid",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
)

LOOPHOLES: list[Inputs] = [
    {"Effect": "Allow"},
    {"Principal": {"AWS": "arn:it"}},
    {"Action": "s3:GetObject"},
    {"Resource": "arn:aws:s3:::it"},
    {"Condition": {}},
    {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    {"Condition": {"Bool": {"aws:ViaAWSService": "false"}}},
    {"Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}},
    {"Condition": {"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}}},
    {"Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
]


def _if(operator: str, key: str, value: Any, principal: Any = "*") -> Inputs:
    return allow(Principal=principal, Condition={operator: {key: value}})


BUCKETS = {
    "aws-s3-public-access-blocked": Cases(
        good=[block, Planned("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", block.inputs)],
        bad=[
            changed
            for switch in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
            for changed in variations(block, {switch: [False, REMOVED, "true"]})
        ],
    ),
    "aws-s3-public-access-block-kept": Cases(
        good=[
            replace(bucket, beside=(referring(BUCKET_BLOCK, "bucket", bucket),)),
            replace(bucket, beside=(Planned(BUCKET_BLOCK, {"bucket": "it"}, "other"),)),
        ],
        bad=[
            bucket,
            Planned(BUCKET),
            replace(bucket, beside=(referring(BUCKET_BLOCK, "bucket", replace(bucket, name="another")),)),
            replace(bucket, beside=(Planned(BUCKET_BLOCK, {"bucket": "another"}),)),
            Planned(BUCKET, beside=(Planned(BUCKET_BLOCK),)),
        ],
    ),
    "aws-s3-not-public": Cases(
        good=[
            *either_spelling(
                BUCKET_POLICY,
                policy(service, https_only),
                policy(allow(Principal={"AWS": ["arn:aws:iam::123456789012:root"]})),
                *(policy(_if("StringEquals", key, "it")) for key in NARROWING),
                *(policy(_if(operator, "aws:SourceArn", "arn:it")) for operator in EQUALS),
                policy(_if("StringEquals", "aws:sourcevpce", ["vpce-1", "vpce-2"], {"AWS": "*"})),
                policy(_if("IpAddress", "aws:SourceIp", "203.0.113.0/24")),
                policy({"Effect": "Deny", "NotPrincipal": {"AWS": "arn:it"}, "Action": "*", "Resource": "*"}),
            ),
            Planned(BUCKET_ACL, {"acl": "private"}),
            Planned("aws:s3/bucketAclV2:BucketAclV2", {"acl": "private"}),
            Planned(BUCKET_ACL, {"accessControlPolicy": {"grants": [{"grantee": {"id": "1"}, "permission": "READ"}]}}),
            Planned(BUCKET, {"acl": "log-delivery-write"}),
        ],
        bad=[
            *either_spelling(
                BUCKET_POLICY,
                policy(service, allow(Principal="*")),
                policy(allow(Principal={"AWS": "*"})),
                policy(allow(Principal={"AWS": ["arn:it", "*"]})),
                {"Statement": allow(Principal="*")},
                policy(allow(NotPrincipal={"AWS": "arn:it"})),
                policy(_if("StringNotEquals", "aws:SourceVpc", "vpc-1")),
                policy(_if("StringEqualsIfExists", "aws:SourceVpc", "vpc-1")),
                policy(_if("StringLike", "aws:PrincipalOrgID", "*")),
                policy(_if("Bool", "aws:SecureTransport", "true")),
                policy(_if("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "0.0.0.0/0"])),
                policy({"Effect": "allow", "Principal": "*"}),
            ),
            Planned(BUCKET_POLICY, {"policy": '{"statement": [{"effect": "Allow", "principal": "*"}]}'}),
            Planned(BUCKET_POLICY, {"policy": '{"Statement": [{"Effect": "Allow", "Effect": "Deny"}]}'}),
            *(Planned(BUCKET_POLICY, {"policy": text}) for text in ("not JSON", "[]", "{}", '{"Statement": "Allow"}')),
            *(Planned(BUCKET_ACL, {"acl": acl}) for acl in ("public-read", "public-read-write", "authenticated-read")),
            Planned(
                BUCKET_ACL,
                {
                    "accessControlPolicy": {
                        "grants": [
                            {"grantee": {"id": "1"}},
                            {"grantee": {"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}},
                        ]
                    }
                },
            ),
            Planned(BUCKET, {"acl": "public-read"}),
            Planned(BUCKET, {"policy": json.dumps(policy(allow(Principal="*")))}),
            Planned(BUCKET, {"grants": [{"uri": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}]}),
        ],
        foreign=[TOPIC, bucket],
    ),
    "aws-s3-tls-only": Cases(
        good=[
            replace(bucket, beside=(referring(BUCKET_POLICY, "bucket", bucket),)),
            Planned(BUCKET, {"policy": json.dumps(policy(https_only))}),
            *either_spelling(
                BUCKET_POLICY,
                policy(service, https_only),
                {"Statement": https_only | {"Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"}},
                policy(https_only | {"Condition": {"bool": {"AWS:SecureTransport": False}}}),
                policy(https_only | {"Condition": {"Bool": {"aws:SecureTransport": ["false"]}}}),
            ),
        ],
        bad=[
            bucket,
            replace(bucket, beside=(referring(BUCKET_POLICY, "bucket", replace(bucket, name="another")),)),
            Planned(BUCKET, {"policy": json.dumps(policy(service))}),
            Planned(BUCKET_POLICY),
            *either_spelling(
                BUCKET_POLICY,
                policy(service),
                *(policy(https_only | change) for change in LOOPHOLES),
                policy({key: https_only[key] for key in https_only if key != "Principal"} | {"NotPrincipal": "*"}),
            ),
        ],
    ),
    "aws-s3-encrypted": Cases(
        good=[
            encryption,
            replace(encryption, type=BUCKET_ENCRYPTION.replace("Configuration", "ConfigurationV2")),
            *variations(
                encryption, {"rules[0].applyServerSideEncryptionByDefault.sseAlgorithm": [*("aws:kms", "aws:kms:dsse")]}
            ),
        ],
        bad=variations(
            encryption,
            {
                "rules": [REMOVED, []],
                "rules[0].applyServerSideEncryptionByDefault": [REMOVED],
                "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm": ["none"],
            },
        ),
    ),
}
