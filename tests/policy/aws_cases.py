"""The cases of the rules on AWS resources."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from typing import Any

from policy.rules.values import UNKNOWN

from .support import REMOVED, Inputs, Planned, edited
from .table import TOPIC, Cases

VPC = "aws:ec2/vpc:Vpc"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
ACL = "aws:ec2/networkAcl:NetworkAcl"
ACL_ENTRY = "aws:ec2/networkAclRule:NetworkAclRule"
INSTANCE = "aws:ec2/instance:Instance"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
REPOSITORY = "aws:ecr/repository:Repository"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
STAGE = "aws:apigatewayv2/stage:Stage"
ROUTE = "aws:apigatewayv2/route:Route"
DATABASE = "aws:rds/instance:Instance"
DB_CLUSTER = "aws:rds/cluster:Cluster"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_ACL = "aws:s3/bucketAcl:BucketAcl"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BUCKET_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
BUCKET_ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
EKS = "aws:eks/cluster:Cluster"
EKS_COMPONENT = "eks:index:Cluster"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"

WORLDS = ("0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "1.2.3.4/0", "2000::/3", " 0.0.0.0/0 ")
ALL_PORTS: Inputs = {"protocol": "-1", "fromPort": 0, "toPort": 0}


def referring(token: str, key: str, to: Planned, **more: Any) -> Planned:
    """Return a resource whose input ``key`` is an output of another resource, and is unknown for that."""
    return Planned(token, {key: UNKNOWN, **more}, name="other", property_dependencies={key: [to.urn]})


def variations(good: Planned, *edits: tuple[str, Any]) -> list[Planned]:
    """Return copies of a resource with one place edited in each."""
    return [replace(good, inputs=edited(good.inputs, path, value)) for path, value in edits]


def policy(*statements: Inputs) -> Inputs:
    """Return a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(**more: Any) -> Inputs:
    """Return a statement that allows what is named."""
    return {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::it/*"], **more}


def either_spelling(token: str, *documents: Inputs) -> list[Planned]:
    """Return resources with each policy as an object, and as the JSON that AWS takes."""
    return [Planned(token, {"policy": form}) for one in documents for form in (one, json.dumps(one))]


def _ingress(**more: Any) -> Planned:
    good = {"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, "referencedSecurityGroupId": "sg-1"}
    return Planned(INGRESS, good | more)


def _open(*ports: float, protocol: str = "tcp", world: str = "0.0.0.0/0") -> Inputs:
    return {"protocol": protocol, "fromPort": ports[0], "toPort": ports[-1], "cidrBlocks": ["10.0.0.0/8", world]}


vpc = Planned(VPC, {"cidrBlock": "10.0.0.0/16"})
closed = Planned(DEFAULT_GROUP, {"vpcId": "vpc-1", "ingress": [], "tags": {"Name": "closed"}})

NETWORK = {
    "aws-vpc-flow-logs": Cases(
        good=[
            replace(vpc, beside=(referring(FLOW_LOG, "vpcId", vpc, trafficType=kind),)) for kind in ("ALL", "REJECT")
        ],
        bad=[
            vpc,
            Planned("aws:ec2/defaultVpc:DefaultVpc"),
            replace(vpc, beside=(referring(FLOW_LOG, "vpcId", vpc, trafficType="ACCEPT"),)),
            replace(vpc, beside=(referring(FLOW_LOG, "vpcId", vpc, trafficType=UNKNOWN),)),
            replace(vpc, beside=(referring(FLOW_LOG, "vpcId", replace(vpc, name="another"), trafficType="ALL"),)),
        ],
    ),
    "aws-default-security-group-closed": Cases(
        good=[closed, Planned(DEFAULT_GROUP), replace(vpc, beside=(referring(DEFAULT_GROUP, "vpcId", vpc),))],
        bad=[
            vpc,
            replace(vpc, beside=(referring(DEFAULT_GROUP, "vpcId", replace(vpc, name="another")),)),
            *variations(
                closed,
                ("ingress", [{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": True}]),
                ("egress", [ALL_PORTS | {"cidrBlocks": ["0.0.0.0/0"]}]),
                ("egress", "none"),
            ),
            *(
                replace(closed, beside=(referring(kind, "securityGroupId", closed),))
                for kind in (INGRESS, EGRESS, OLD_RULE)
            ),
        ],
    ),
    "aws-no-world-ingress": Cases(
        good=[
            _ingress(),
            _ingress(cidrIpv4="10.0.0.0/8"),
            _ingress(cidrIpv4="172.16.0.0/12", cidrIpv6="fd00::/8"),
            _ingress(cidrIpv4="203.0.113.7/32"),
            _ingress(prefixListId="pl-1"),
            _ingress(cidrIpv4="0.0.0.0/0", fromPort=443.0, toPort=443.0),
            *(_ingress(cidrIpv6="::/0", ipProtocol=one, fromPort=443, toPort=443) for one in ("6", "udp", "17")),
            Planned(OLD_RULE, {"type": "ingress"} | _open(443)),
            Planned(OLD_RULE, {"type": "ingress", "protocol": "tcp", "fromPort": 1, "toPort": 2, "self": True}),
            Planned(GROUP, {"description": "nobody comes in", "egress": [_open(0, 65535)]}),
            Planned(GROUP, {"ingress": [_open(443), _open(22, world="192.168.0.0/16")]}),
        ],
        bad=[
            *(_ingress(cidrIpv4=world) for world in WORLDS),
            _ingress(cidrIpv6="::/0"),
            _ingress(cidrIpv4="anywhere"),
            _ingress(cidrIpv4="0.0.0.0/0", fromPort=80, toPort=80),
            _ingress(cidrIpv4="0.0.0.0/0", fromPort=22, toPort=443),
            _ingress(cidrIpv4="0.0.0.0/0", fromPort=443, toPort=8443),
            _ingress(cidrIpv4="0.0.0.0/0", ipProtocol="-1", fromPort=None, toPort=None),
            _ingress(cidrIpv4="0.0.0.0/0", ipProtocol="-1", fromPort=443, toPort=443),
            _ingress(cidrIpv4="0.0.0.0/0", ipProtocol="icmp", fromPort=443, toPort=443),
            Planned(OLD_RULE, {"type": "ingress"} | _open(22)),
            Planned(OLD_RULE, {"type": "ingress", "ipv6CidrBlocks": ["::/0"]} | ALL_PORTS),
            Planned(GROUP, {"ingress": [_open(443), _open(22)]}),
            Planned(GROUP, {"ingress": [_open(5432, world="0.0.0.0/1")]}),
            Planned(DEFAULT_GROUP, {"ingress": [_open(22)]}),
        ],
        foreign=[TOPIC, Planned(OLD_RULE, {"type": "egress"} | _open(0, 65535)), Planned(EGRESS)],
    ),
    "aws-network-acl-admin-ports": Cases(
        good=[
            Planned(ACL, {"egress": [ALL_PORTS | {"action": "allow", "cidrBlock": "0.0.0.0/0"}]}),
            *variations(
                Planned(ACL_ENTRY, {"ruleAction": "allow", "protocol": "tcp", "fromPort": 443, "toPort": 443}),
                ("cidrBlock", "0.0.0.0/0"),
                ("ipv6CidrBlock", "::/0"),
            ),
            Planned(ACL_ENTRY, {"ruleAction": "deny", "protocol": "-1", "cidrBlock": "0.0.0.0/0"}),
            Planned(ACL_ENTRY, {"ruleAction": "allow", "protocol": "-1", "cidrBlock": "10.0.0.0/8"}),
            Planned(
                ACL_ENTRY,
                {"ruleAction": "allow", "protocol": "icmp", "fromPort": 0, "toPort": 255, "cidrBlock": "0.0.0.0/0"},
            ),
        ],
        bad=[
            Planned(ACL_ENTRY, {"ruleAction": "allow", "protocol": protocol, "fromPort": first, "toPort": last} | world)
            for protocol, first, last in (
                ("tcp", 22, 22),
                ("6", 0, 65535),
                ("udp", 3389, 3389),
                ("17", 22, 22),
                ("-1", 0, 0),
                ("all", 0, 0),
            )
            for world in ({"cidrBlock": "0.0.0.0/0"}, {"ipv6CidrBlock": "::/0"})
        ]
        + [
            Planned(token, {"ingress": [ALL_PORTS | {"action": "allow", "cidrBlock": "0.0.0.0/0"}]})
            for token in (ACL, "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
        ],
        foreign=[TOPIC, Planned(ACL_ENTRY, {"egress": True, "protocol": "-1", "cidrBlock": "0.0.0.0/0"})],
    ),
    "aws-no-nat-instance": Cases(
        good=[Planned(INSTANCE), Planned(INSTANCE, {"sourceDestCheck": True})],
        bad=[
            Planned(INSTANCE, {"sourceDestCheck": False}),
            Planned(INSTANCE, {"sourceDestCheck": "false"}),
            Planned("aws:ec2/networkInterface:NetworkInterface", {"sourceDestCheck": False}),
        ],
        foreign=[TOPIC, Planned(TEMPLATE)],
    ),
}

repository = Planned(
    REPOSITORY,
    {
        "name": "it",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfigurations": [{"encryptionType": "KMS"}],
    },
)

REGISTRY = {
    "aws-ecr-immutable-tags": Cases(
        good=[repository],
        bad=variations(
            repository,
            ("imageTagMutability", "MUTABLE"),
            ("imageTagMutability", "IMMUTABLE_WITH_EXCLUSION"),
            ("imageTagMutability", REMOVED),
        ),
    ),
    "aws-ecr-scan-on-push": Cases(
        good=[repository],
        bad=variations(
            repository,
            ("imageScanningConfiguration", REMOVED),
            ("imageScanningConfiguration.scanOnPush", False),
            ("imageScanningConfiguration.scanOnPush", "true"),
        ),
    ),
    "aws-ecr-encrypted": Cases(
        good=[repository, *variations(repository, ("encryptionConfigurations[0].encryptionType", "KMS_DSSE"))],
        bad=variations(
            repository,
            ("encryptionConfigurations", REMOVED),
            ("encryptionConfigurations", []),
            ("encryptionConfigurations[0].encryptionType", "AES256"),
            ("encryptionConfigurations[0].encryptionType", REMOVED),
        ),
    ),
}

balancer = Planned(
    BALANCER,
    {"dropInvalidHeaderFields": True, "internal": True, "accessLogs": {"bucket": UNKNOWN, "enabled": True}},
)
network_balancer = Planned(BALANCER, {"loadBalancerType": "network"})
tls = Planned(LISTENER, {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"})
to_https: Inputs = {"type": "redirect", "redirect": {"protocol": "HTTPS", "statusCode": "HTTP_301"}}
stage = Planned(
    STAGE,
    {
        "accessLogSettings": {"destinationArn": UNKNOWN, "format": "{}"},
        "defaultRouteSettings": {"throttlingRateLimit": 100.0, "throttlingBurstLimit": 200.0},
    },
)


def _plain(on: Planned | None, **more: Any) -> Planned:
    """Return a listener that speaks HTTP, and forwards unless it is told otherwise."""
    inputs = {"protocol": "HTTP", "defaultActions": [{"type": "forward"}], "loadBalancerArn": UNKNOWN} | more
    if on is None:
        return Planned(LISTENER, inputs)
    return Planned(LISTENER, inputs, property_dependencies={"loadBalancerArn": [on.urn]}, beside=(on,))


EDGE = {
    "aws-alb-drops-invalid-headers": Cases(
        good=[balancer, replace(balancer, type="aws:alb/loadBalancer:LoadBalancer")],
        bad=variations(
            balancer,
            ("dropInvalidHeaderFields", REMOVED),
            ("dropInvalidHeaderFields", False),
            ("dropInvalidHeaderFields", "true"),
        ),
        foreign=[TOPIC, network_balancer],
    ),
    "aws-alb-access-logs": Cases(
        good=[balancer, *variations(balancer, ("accessLogs.bucket", "it"), ("loadBalancerType", "application"))],
        bad=variations(
            balancer,
            ("accessLogs", REMOVED),
            ("accessLogs.enabled", False),
            ("accessLogs.enabled", REMOVED),
            ("accessLogs", {"enabled": True}),
        ),
        foreign=[TOPIC, network_balancer],
    ),
    "aws-lb-tls-policy": Cases(
        good=[
            tls,
            *variations(
                tls,
                ("protocol", "TLS"),
                *(
                    ("sslPolicy", f"ELBSecurityPolicy-{name}")
                    for name in (
                        "TLS13-1-2-Res-PQ-2025-09",
                        "TLS13-1-3-2021-06",
                        "TLS13-1-2-Ext0-FIPS-2023-04",
                        "TLS-1-2-2017-01",
                        "TLS-1-2-Ext-2018-06",
                        "FS-1-2-Res-2020-10",
                    )
                ),
            ),
        ],
        bad=variations(
            tls,
            ("sslPolicy", REMOVED),
            *(
                ("sslPolicy", f"ELBSecurityPolicy-{name}")
                for name in (
                    "2016-08",
                    "2015-05",
                    "TLS-1-0-2015-04",
                    "TLS-1-1-2017-01",
                    "FS-2018-06",
                    "FS-1-1-2019-08",
                    "TLS13-1-1-2021-06",
                    "TLS13-1-0-FIPS-2023-04",
                )
            ),
            ("sslPolicy", "mine"),
        ),
        foreign=[TOPIC, Planned(LISTENER, {"protocol": "HTTP"}), Planned(LISTENER, {"protocol": "TCP"})],
    ),
    "aws-alb-http-redirects": Cases(
        good=[
            _plain(balancer),
            _plain(replace(balancer, inputs={}), defaultActions=[to_https]),
            _plain(None, defaultActions=[to_https]),
        ],
        bad=[
            _plain(replace(balancer, inputs={})),
            _plain(replace(balancer, inputs={"internal": False})),
            _plain(replace(balancer, inputs={"internal": UNKNOWN})),
            _plain(replace(balancer, inputs={}), defaultActions=[]),
            _plain(replace(balancer, inputs={}), defaultActions=[{"type": "redirect", "redirect": {"port": "81"}}]),
            _plain(replace(balancer, inputs={}), defaultActions=[to_https, {"type": "forward"}]),
            # Not the internal one, but another.
            replace(_plain(None), beside=(balancer,)),
        ],
        foreign=[TOPIC, tls, Planned(LISTENER, {"protocol": "TCP"})],
    ),
    "aws-api-stage-logs": Cases(
        good=[stage],
        bad=variations(
            stage,
            ("accessLogSettings", REMOVED),
            ("accessLogSettings.destinationArn", REMOVED),
            ("accessLogSettings", "arn:it"),
        ),
    ),
    "aws-api-stage-throttled": Cases(
        good=[stage, *variations(stage, ("defaultRouteSettings.throttlingRateLimit", 1))],
        bad=variations(
            stage,
            ("defaultRouteSettings", REMOVED),
            ("defaultRouteSettings.throttlingRateLimit", REMOVED),
            ("defaultRouteSettings.throttlingBurstLimit", 0),
            ("defaultRouteSettings.throttlingRateLimit", -1),
        ),
    ),
    "aws-api-route-authorized": Cases(
        good=[
            Planned(ROUTE, {"routeKey": "$default", "authorizationType": kind}) for kind in ("JWT", "AWS_IAM", "CUSTOM")
        ],
        bad=[
            Planned(ROUTE, {"routeKey": "$default", "authorizationType": "NONE"}),
            Planned(ROUTE, {"routeKey": "GET /OPTIONS "}),
        ],
        foreign=[
            TOPIC,
            Planned(ROUTE, {"routeKey": "OPTIONS /{proxy+}", "authorizationType": "NONE"}),
            Planned(ROUTE, {"routeKey": "$disconnect"}),
        ],
    ),
    "aws-waf-rate-limit": Cases(
        good=[
            Planned(
                WEB_ACL, {"rules": [{"statement": {"rateBasedStatement": {"limit": 2000}}, "action": {action: {}}}]}
            )
            for action in ("block", "challenge")
        ],
        bad=[
            Planned(WEB_ACL, {}),
            Planned(WEB_ACL, {"rules": [{"statement": {"managedRuleGroupStatement": {"name": "Common"}}}]}),
            Planned(
                WEB_ACL,
                {"rules": [{"statement": {"rateBasedStatement": {"limit": 2000}}, "action": {"count": {}}}]},
            ),
        ],
        foreign=[TOPIC, Planned(WEB_ACL, {"ruleJson": "[]"})],
    ),
}

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
        bad=variations(
            database, ("storageEncrypted", False), ("storageEncrypted", REMOVED), ("storageEncrypted", "true")
        )
        + variations(db_cluster, ("storageEncrypted", False)),
    ),
    "aws-rds-not-public": Cases(
        good=[database, *variations(database, ("publiclyAccessible", REMOVED))],
        bad=[
            *variations(database, ("publiclyAccessible", True), ("publiclyAccessible", "false")),
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
        good=[database, *variations(database, ("backupRetentionPeriod", 35.0))],
        bad=[
            *variations(database, *(("backupRetentionPeriod", days) for days in (REMOVED, 0, 6, "7"))),
            Planned(DB_CLUSTER),
        ],
        foreign=[TOPIC, Planned(DATABASE, {"replicateSourceDb": UNKNOWN})],
    ),
    "aws-rds-multi-az": Cases(
        good=[database],
        bad=variations(database, ("multiAz", False), ("multiAz", REMOVED)),
        foreign=[TOPIC, db_cluster],
        config={"production": True},
    ),
    "aws-rds-deletion-protection": Cases(
        good=[database, db_cluster],
        bad=[
            *variations(database, ("deletionProtection", False), ("deletionProtection", REMOVED)),
            *variations(db_cluster, ("deletionProtection", False)),
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
            for changed in variations(block, (switch, False), (switch, REMOVED), (switch, "true"))
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
                encryption,
                *(
                    ("rules[0].applyServerSideEncryptionByDefault.sseAlgorithm", one)
                    for one in ("aws:kms", "aws:kms:dsse")
                ),
            ),
        ],
        bad=variations(
            encryption,
            ("rules", REMOVED),
            ("rules", []),
            ("rules[0].applyServerSideEncryptionByDefault", REMOVED),
            ("rules[0].applyServerSideEncryptionByDefault.sseAlgorithm", "none"),
        ),
    ),
}

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
            Planned(
                "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
                {"policyArns": [ADMIN]},
            ),
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
                *(("enabledClusterLogTypes", list(two)) for two in combinations(("api", "audit", "authenticator"), 2)),
            ),
            *variations(cluster, ("enabledClusterLogTypes", ["audit"]), ("enabledClusterLogTypes", [None])),
        ],
    ),
    "aws-eks-secrets-encrypted": Cases(
        good=[cluster, component, *variations(cluster, ("encryptionConfig.provider.keyArn", UNKNOWN))],
        bad=[
            Planned(EKS),
            Planned(EKS_COMPONENT),
            *variations(
                cluster,
                ("encryptionConfig.provider", {}),
                ("encryptionConfig.resources", []),
                ("encryptionConfig.resources", ["configmaps"]),
            ),
        ],
    ),
}

template = Planned(
    TEMPLATE,
    {"metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1.0}},
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
                ("metadataOptions", {}),
                ("metadataOptions.httpTokens", "optional"),
                ("metadataOptions.httpTokens", REMOVED),
                ("metadataOptions", {"httpTokens": "optional"}),
            ),
            *variations(from_template, ("metadataOptions", {"httpTokens": "optional"})),
        ],
        foreign=[TOPIC, from_template],
    ),
    "aws-imds-hop-limit": Cases(
        good=[template, no_metadata],
        bad=[
            Planned(TEMPLATE),
            Planned(INSTANCE),
            *variations(
                template,
                ("metadataOptions.httpPutResponseHopLimit", 2),
                ("metadataOptions.httpPutResponseHopLimit", REMOVED),
                ("metadataOptions.httpPutResponseHopLimit", "1"),
            ),
        ],
        foreign=[TOPIC, from_template],
    ),
    "aws-log-retention": Cases(
        good=[Planned(LOG_GROUP, {"retentionInDays": days}) for days in (1, 30.0, 3653)],
        bad=[
            Planned(LOG_GROUP),
            Planned(LOG_GROUP, {"retentionInDays": 0}),
            Planned(LOG_GROUP, {"retentionInDays": ""}),
        ],
        foreign=[TOPIC, Planned(LOG_GROUP, {"logGroupClass": "DELIVERY"})],
    ),
}

AWS: dict[str, Cases] = NETWORK | REGISTRY | EDGE | DATABASES | BUCKETS | IDENTITIES | CLUSTERS | MACHINES
