"""The values a cloud would answer with: made up, of the right shape, and the same on every run but for random ids."""

import hashlib
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import catalog
from .wire import Properties

ACCOUNT = "123456789012"
DEFAULT_REGION = "eu-central-1"

# Inputs that hold a resource's physical name, in the order in which they are looked for.
_NAME_INPUTS = ("name", "identifier", "family", "bucket", "clusterIdentifier", "namePrefix", "domainName")

_ID_PREFIXES = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "sg",
    "aws:ec2/eip:Eip": "eipalloc",
    "aws:ec2/eipAssociation:EipAssociation": "eipassoc",
    "aws:ec2/flowLog:FlowLog": "fl",
    "aws:ec2/instance:Instance": "i",
    "aws:ec2/internetGateway:InternetGateway": "igw",
    "aws:ec2/launchTemplate:LaunchTemplate": "lt",
    "aws:ec2/natGateway:NatGateway": "nat",
    "aws:ec2/networkAcl:NetworkAcl": "acl",
    "aws:ec2/routeTable:RouteTable": "rtb",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "rtbassoc",
    "aws:ec2/securityGroup:SecurityGroup": "sg",
    "aws:ec2/subnet:Subnet": "subnet",
    "aws:ec2/vpc:Vpc": "vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "sgr",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "sgr",
}

# Types whose id is their ARN.
_ID_IS_ARN = frozenset(
    {
        "aws:acm/certificate:Certificate",
        "aws:alb/listener:Listener",
        "aws:alb/loadBalancer:LoadBalancer",
        "aws:alb/targetGroup:TargetGroup",
        "aws:ecs/capacityProvider:CapacityProvider",
        "aws:ecs/cluster:Cluster",
        "aws:ecs/service:Service",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "aws:iam/policy:Policy",
        "aws:lb/listener:Listener",
        "aws:lb/listenerRule:ListenerRule",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:lb/targetGroup:TargetGroup",
        "aws:secretsmanager/secret:Secret",
        "aws:sfn/stateMachine:StateMachine",
        "aws:sns/topic:Topic",
    }
)

# ARNs that are not `arn:aws:<module>:<region>:<account>:<kind>/<name>`; {r} is the region, {a} the account, {n} the
# physical name, {i} the id, {h} a hash of 16 digits.
_ARNS = {
    "acm/certificate": "arn:aws:acm:{r}:{a}:certificate/{u}",
    "apigatewayv2/api": "arn:aws:apigateway:{r}::/apis/{i}",
    "apigatewayv2/stage": "arn:aws:apigateway:{r}::/apis/{h}/stages/{n}",
    "apigatewayv2/vpcLink": "arn:aws:apigateway:{r}::/vpclinks/{i}",
    "autoscaling/group": "arn:aws:autoscaling:{r}:{a}:autoScalingGroup:{u}:autoScalingGroupName/{n}",
    "cloudwatch/logGroup": "arn:aws:logs:{r}:{a}:log-group:{n}",
    "ecs/capacityProvider": "arn:aws:ecs:{r}:{a}:capacity-provider/{n}",
    "ecs/taskDefinition": "arn:aws:ecs:{r}:{a}:task-definition/{n}:1",
    "eks/podIdentityAssociation": "arn:aws:eks:{r}:{a}:podidentityassociation/{n}/a-{h}",
    "iam/instanceProfile": "arn:aws:iam::{a}:instance-profile/{n}",
    "iam/openIdConnectProvider": "arn:aws:iam::{a}:oidc-provider/{n}",
    "iam/policy": "arn:aws:iam::{a}:policy/{n}",
    "iam/role": "arn:aws:iam::{a}:role/{n}",
    "kms/alias": "arn:aws:kms:{r}:{a}:{n}",
    "kms/key": "arn:aws:kms:{r}:{a}:key/{i}",
    "lb/listener": "arn:aws:elasticloadbalancing:{r}:{a}:listener/app/{n}/{h}/{h}",
    "lb/listenerRule": "arn:aws:elasticloadbalancing:{r}:{a}:listener-rule/app/{n}/{h}/{h}/{h}",
    "lb/loadBalancer": "arn:aws:elasticloadbalancing:{r}:{a}:loadbalancer/app/{n}/{h}",
    "lb/targetGroup": "arn:aws:elasticloadbalancing:{r}:{a}:targetgroup/{n}/{h}",
    "rds/instance": "arn:aws:rds:{r}:{a}:db:{n}",
    "rds/parameterGroup": "arn:aws:rds:{r}:{a}:pg:{n}",
    "rds/subnetGroup": "arn:aws:rds:{r}:{a}:subgrp:{n}",
    "s3/bucket": "arn:aws:s3:::{n}",
    "scheduler/schedule": "arn:aws:scheduler:{r}:{a}:schedule/default/{n}",
    "secretsmanager/secret": "arn:aws:secretsmanager:{r}:{a}:secret:{n}-Ab1cD2",
    "sfn/stateMachine": "arn:aws:states:{r}:{a}:stateMachine:{n}",
    "ssm/parameter": "arn:aws:ssm:{r}:{a}:parameter/{n}",
    "wafv2/webAcl": "arn:aws:wafv2:{r}:{a}:regional/webacl/{n}/{u}",
}


@dataclass(frozen=True)
class Made:
    """One resource that is being made: what its made-up values are derived from."""

    token: str
    urn: str
    inputs: Properties
    region: str = DEFAULT_REGION

    @property
    def logical_name(self) -> str:
        """The name at the end of the URN."""
        return self.urn.rsplit("::", maxsplit=1)[-1]

    @property
    def name(self) -> str:
        """The physical name: the one that was given, else the logical one."""
        given = (self.inputs.get(key) for key in _NAME_INPUTS)
        return next((str(name) for name in given if name), self.logical_name)

    def digits(self, length: int, salt: str = "") -> str:
        """Return hexadecimal digits that belong to this resource alone."""
        return hashlib.sha256(f"{self.urn}{salt}".encode()).hexdigest()[:length]

    @property
    def kind(self) -> str:
        """The middle of the token, `ec2/vpc` of `aws:ec2/vpc:Vpc`; the old `alb` names mean the same as `lb`."""
        middle = self.token.split(":")[1]
        return "lb/" + middle.removeprefix("alb/") if middle.startswith("alb/") else middle

    @property
    def id(self) -> str:
        """The id that the provider would give back."""
        if self.token in _ID_PREFIXES:
            return f"{_ID_PREFIXES[self.token]}-{self.digits(17)}"
        if self.token in _ID_IS_ARN:
            return self.arn
        if self.kind.startswith("apigatewayv2/") and self.kind != "apigatewayv2/stage":
            return self.digits(10)
        if self.kind == "kms/key":
            return self.uuid
        return self.name

    @property
    def uuid(self) -> str:
        """A UUID that belongs to this resource alone."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, self.urn))

    @property
    def arn(self) -> str:
        """The ARN."""
        service, _, kind = self.kind.partition("/")
        by_name = f"arn:aws:{service}:{{r}}:{{a}}:{kind}/{{n}}"
        template = _ARNS.get(self.kind, by_name.replace("{n}", "{i}") if self.token in _ID_PREFIXES else by_name)
        # A name may begin with a slash (SSM parameters do): a path has one slash all the same.
        name = self.name.removeprefix("/") if self.kind == "ssm/parameter" else self.name
        own_id = "" if self.token in _ID_IS_ARN or "{i}" not in template else self.id
        return template.format(r=self.region, a=ACCOUNT, n=name, i=own_id, h=self.digits(16), u=self.uuid)


def made_up(made: Made, name: str, type_: Any) -> Any:
    """Make up the value of one output property."""
    if catalog.is_nested(type_):
        return {key: made_up(made, key, member) for key, member in catalog.members_of(type_).items()}
    element = catalog.element_of(type_)
    if element is not None:
        return [made_up(made, name, element)]
    if catalog.is_mapping(type_):
        return {}
    if type_ is bool:
        return False
    if type_ in (int, float):
        return 1
    return _string(made, name)


def _string(made: Made, name: str) -> str:
    exact = _STRINGS.get((made.kind, name)) or _STRINGS.get(("", name))
    if exact:
        return exact(made)
    if name.endswith("Arn"):
        return f"arn:aws:{made.kind.split('/')[0]}:{made.region}:{ACCOUNT}:{name[:-3].lower()}/{made.digits(16, name)}"
    if name.lower().endswith("securitygroupid"):
        return f"sg-{made.digits(17, name)}"
    if name == "vpcId":
        return f"vpc-{made.digits(17, name)}"
    return f"{name}-{made.digits(12, name)}"


# Strings that a program or a policy may look into, for one type or (with an empty type) for all.
_STRINGS: dict[tuple[str, str], Callable[[Made], str]] = {
    ("", "accountId"): lambda made: ACCOUNT,
    ("", "arn"): lambda made: made.arn,
    ("", "ownerId"): lambda made: ACCOUNT,
    ("", "region"): lambda made: made.region,
    ("", "registryId"): lambda made: ACCOUNT,
    ("", "status"): lambda made: "ACTIVE",
    ("apigatewayv2/api", "apiEndpoint"): lambda made: _api_host(made),
    ("apigatewayv2/api", "executionArn"): lambda made: f"arn:aws:execute-api:{made.region}:{ACCOUNT}:{made.id}",
    ("apigatewayv2/stage", "executionArn"): lambda made: f"arn:aws:execute-api:{made.region}:{ACCOUNT}:{_api(made)}",
    ("apigatewayv2/stage", "invokeUrl"): lambda made: _stage_url(made),
    ("ec2/eip", "publicIp"): lambda made: "203.0.113.10",
    ("ec2/vpc", "cidrBlock"): lambda made: "10.0.0.0/16",
    ("ecr/repository", "repositoryUrl"): lambda made: f"{ACCOUNT}.dkr.ecr.{made.region}.amazonaws.com/{made.name}",
    ("eks/cluster", "data"): lambda made: "c3RhbmQtaW4gY2VydGlmaWNhdGU=",
    ("eks/cluster", "endpoint"): lambda made: f"https://{made.digits(32).upper()}.gr7.{made.region}.eks.amazonaws.com",
    ("eks/cluster", "issuer"): lambda made: (
        f"https://oidc.eks.{made.region}.amazonaws.com/id/{made.digits(32).upper()}"
    ),
    ("iam/role", "uniqueId"): lambda made: f"AROA{made.digits(17).upper()}",
    ("kms/key", "keyId"): lambda made: made.id,
    ("lb/loadBalancer", "arnSuffix"): lambda made: f"app/{made.name}/{made.digits(16)}",
    ("lb/loadBalancer", "dnsName"): lambda made: f"internal-{made.name}-1.{made.region}.elb.amazonaws.com",
    ("lb/targetGroup", "arnSuffix"): lambda made: f"targetgroup/{made.name}/{made.digits(16)}",
    ("rds/instance", "address"): lambda made: _database_host(made),
    ("rds/instance", "endpoint"): lambda made: f"{_database_host(made)}:5432",
    ("rds/instance", "secretArn"): lambda made: (
        f"arn:aws:secretsmanager:{made.region}:{ACCOUNT}:secret:rds!db-{made.uuid}-Ab1cD2"
    ),
    ("index/image", "repoDigest"): lambda made: _digest(made),
    ("index/randomId", "hex"): lambda made: secrets.token_hex(int(made.inputs.get("byteLength", 8))),
    ("index/randomPassword", "bcryptHash"): lambda made: f"$2a$10${made.digits(53)}",
    ("index/randomPassword", "result"): lambda made: made.digits(int(made.inputs.get("length", 32))),
    ("index/image", "baseImageName"): lambda made: str(made.inputs.get("imageName", "")),
    ("index/image", "context"): lambda made: _part(made, "build", "context"),
    ("index/image", "dockerfile"): lambda made: _part(made, "build", "dockerfile"),
    ("index/image", "platform"): lambda made: _part(made, "build", "platform"),
    ("index/image", "registryServer"): lambda made: _part(made, "registry", "server"),
}


def _api(made: Made) -> str:
    return str(made.inputs.get("apiId", made.digits(10)))


def _api_host(made: Made) -> str:
    return f"https://{made.id}.execute-api.{made.region}.amazonaws.com"


def _stage_url(made: Made) -> str:
    stage = "" if made.name == "$default" else made.name
    return f"https://{_api(made)}.execute-api.{made.region}.amazonaws.com/{stage}"


def _database_host(made: Made) -> str:
    return f"{made.name}.{made.digits(12)}.{made.region}.rds.amazonaws.com"


def _digest(made: Made) -> str:
    repository = str(made.inputs.get("imageName", "image")).rsplit(":", maxsplit=1)[0]
    return f"{repository}@sha256:{hashlib.sha256(made.urn.encode()).hexdigest()}"


def _part(made: Made, name: str, key: str) -> str:
    part = made.inputs.get(name)
    return str(part.get(key, "")) if isinstance(part, dict) else ""
