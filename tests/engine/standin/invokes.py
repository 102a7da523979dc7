"""Functions of the providers that a program may call; one that is not here is an error, never an empty answer."""

import base64
import json
from collections.abc import Callable

from berth.lookups import Cloud, answer

from . import registry
from .values import ACCOUNT
from .wire import Properties

# On AWS it is a different one every time; here it is easy to look for in what is printed and stored. As on AWS, the
# answer is not marked as secret: that is left to the program.
REGISTRY_PASSWORD = "stand-in-registry-password"
# What a secret and an encrypted parameter hold: easy to look for, too.
SECRET_VALUE = "stand-in-secret-value"

Answer = Callable[[Properties, str], Properties]


class UnknownFunctionError(Exception):
    """The program calls a function that the stand-in does not know."""


def invoke(token: str, arguments: Properties, region: str) -> Properties:
    """Answer a function call.

    Raises:
        UnknownFunctionError: if the function is not known here.
    """
    function = _ANSWERS.get(token)
    if function is None:
        raise UnknownFunctionError(f"the stand-in provider has no answer for {token}")
    return function(arguments, region)


def _caller(arguments: Properties, region: str) -> Properties:
    return {
        "accountId": ACCOUNT,
        "arn": f"arn:aws:iam::{ACCOUNT}:user/stand-in",
        "id": ACCOUNT,
        "userId": "AIDASTANDIN",
    }


def _region(arguments: Properties, region: str) -> Properties:
    name = str(arguments.get("region") or arguments.get("name") or region)
    return {"description": name, "endpoint": f"ec2.{name}.amazonaws.com", "id": name, "name": name, "region": name}


def _partition(arguments: Properties, region: str) -> Properties:
    return {"dnsSuffix": "amazonaws.com", "id": "aws", "partition": "aws", "reverseDnsPrefix": "com.amazonaws"}


def _zones(arguments: Properties, region: str) -> Properties:
    """As the preview answers: filters and letters would only be written down twice."""
    return answer("aws:index/getAvailabilityZones:getAvailabilityZones", arguments, Cloud({"region": region}))


def _registry_token(arguments: Properties, region: str) -> Properties:
    return {
        "authorizationToken": base64.b64encode(f"AWS:{REGISTRY_PASSWORD}".encode()).decode(),
        "expiresAt": "2030-01-01T00:00:00Z",
        "id": region,
        "password": REGISTRY_PASSWORD,
        "proxyEndpoint": f"https://{ACCOUNT}.dkr.ecr.{region}.amazonaws.com",
        "region": region,
        "userName": "AWS",
    }


def _repositories(arguments: Properties, region: str) -> Properties:
    return {"id": region, "names": registry.repositories(), "region": region}


def _images(arguments: Properties, region: str) -> Properties:
    repository = str(arguments["repositoryName"])
    images = [{"imageDigest": f"sha256:{tag:0>64}", "imageTag": tag} for tag in registry.tags(repository)]
    return {"id": repository, "imageIds": images, "region": region, "repositoryName": repository}


def _policy_document(arguments: Properties, region: str) -> Properties:
    statements = [_statement(statement) for statement in arguments.get("statements", [])]
    document = json.dumps({"Version": arguments.get("version", "2012-10-17"), "Statement": statements}, indent=2)
    return {**arguments, "id": "0", "json": document, "minifiedJson": json.dumps(json.loads(document))}


def _statement(statement: Properties) -> Properties:
    rendered: Properties = {"Effect": statement.get("effect", "Allow")}
    if "sid" in statement:
        rendered["Sid"] = statement["sid"]
    for wire, name in (("actions", "Action"), ("notActions", "NotAction"), ("resources", "Resource")):
        if statement.get(wire):
            rendered[name] = statement[wire]
    if statement.get("principals"):
        rendered["Principal"] = {item["type"]: item["identifiers"] for item in statement["principals"]}
    conditions: dict[str, Properties] = {}
    for condition in statement.get("conditions", []):
        conditions.setdefault(condition["test"], {})[condition["variable"]] = condition["values"]
    if conditions:
        rendered["Condition"] = conditions
    return rendered


def _parameter(arguments: Properties, region: str) -> Properties:
    name = str(arguments["name"])
    arn = f"arn:aws:ssm:{region}:{ACCOUNT}:parameter/{name.lstrip('/')}"
    kept = {"arn": arn, "id": name, "name": name, "version": 1}
    if arguments.get("withDecryption"):
        return {**kept, "type": "SecureString", "value": SECRET_VALUE}
    return {**kept, "type": "String", "value": "ami-0123456789abcdef0"}


def _secret_version(arguments: Properties, region: str) -> Properties:
    """As JSON with one key, and without the engine's mark of a secret: that is left to the program."""
    name = str(arguments["secretId"])
    arn = f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{name}-AbCdEf"
    value = json.dumps({"password": SECRET_VALUE})
    return {"arn": arn, "id": f"{arn}|AWSCURRENT", "secretId": name, "secretString": value, "versionId": "1"}


def _secret_versions(arguments: Properties, region: str) -> Properties:
    """Two versions, as after a rotation; of none the value."""
    name = str(arguments["secretId"])
    versions = [
        {"createdTime": "2026-01-01T00:00:00Z", "versionId": "old", "versionStages": ["AWSPREVIOUS"]},
        {"createdTime": "2026-02-01T00:00:00Z", "versionId": f"{name}-new", "versionStages": ["AWSCURRENT"]},
    ]
    arn = f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:{name}-AbCdEf"
    return {"arn": arn, "id": name, "name": name, "region": region, "secretId": name, "versions": versions}


def _addon_version(arguments: Properties, region: str) -> Properties:
    return {**arguments, "id": str(arguments["addonName"]), "version": "v1.0.0-eksbuild.1"}


def _prefix_list(arguments: Properties, region: str) -> Properties:
    name = str(arguments.get("name", f"com.amazonaws.{region}.s3"))
    return {"cidrBlocks": ["198.51.100.0/24"], "id": "pl-0123456789abcdef0", "name": name}


def _vpc(arguments: Properties, region: str) -> Properties:
    vpc = str(arguments.get("id", "vpc-0123456789abcdef0"))
    arn = f"arn:aws:ec2:{region}:{ACCOUNT}:vpc/{vpc}"
    return {"arn": arn, "cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True, "enableDnsSupport": True, "id": vpc}


_ANSWERS: dict[str, Answer] = {
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _prefix_list,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": _registry_token,
    "aws:ecr/getImages:getImages": _images,
    "aws:ecr/getRepositories:getRepositories": _repositories,
    "aws:eks/getAddonVersion:getAddonVersion": _addon_version,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:secretsmanager/getSecretVersion:getSecretVersion": _secret_version,
    "aws:secretsmanager/getSecretVersions:getSecretVersions": _secret_versions,
    "aws:ssm/getParameter:getParameter": _parameter,
}
