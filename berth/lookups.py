"""Answers to what a program looks up in the cloud, made up the same way every time.

A preview has no account to ask. These lookups are answered from the stack's config alone, so that two previews of one
commit are equal:

========================  ======================================================================
caller identity           account 123456789012, or the first of ``aws:allowedAccountIds``
region, partition         from the explicit provider, else ``aws:region``
availability zones        those that an account is likely to have in the region, filtered as asked
prefix lists              an id derived from the list's name and the region
VPC, subnets, AMI         ids derived from what is asked for and the region; a subnet a zone
policy document           the document itself: it hangs on nothing but its arguments
ECR token                 user ``AWS`` and a placeholder marked secret
log groups                none: an account where the stack has never been
ECR repositories          none, as before the first ``up``
secrets, parameters       not known: what depends on them is known after ``up`` only
========================  ======================================================================

Every other lookup is an error that names it: a made-up empty answer would let a preview pass that
``pulumi up`` refuses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from berth.config import SECRET_PLACEHOLDER
from berth.errors import UnsupportedError
from berth.plan import Secret, Value

DEFAULT_ACCOUNT: Final = "123456789012"
"""The account of AWS's own documentation; nobody's."""


@dataclass(frozen=True)
class Cloud:
    """What is known of the cloud a lookup is sent to: its provider's settings."""

    settings: Mapping[str, Value]
    """``region`` and ``allowedAccountIds``, as the provider or the config has them."""

    @property
    def region(self) -> str:
        """The region.

        Raises:
            UnsupportedError: If no region is known.
        """
        region = self.settings.get("region")
        if not isinstance(region, str) or not region:
            raise UnsupportedError("The region is not known.\nSet it in the stack's file, e.g. aws:region: eu-west-1")
        return region

    @property
    def account(self) -> str:
        """The account's number."""
        allowed = self.settings.get("allowedAccountIds")
        if isinstance(allowed, str):
            # A list inside a provider's settings or the config travels as JSON.
            allowed = json.loads(allowed) if allowed.startswith("[") else [allowed]
        return str(allowed[0]) if isinstance(allowed, list) and allowed else DEFAULT_ACCOUNT

    @property
    def partition(self) -> str:
        """``aws`` or one of the two partitions that are not part of it."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def dns_suffix(self) -> str:
        """The domain of the partition's services."""
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"


def answer(token: str, args: Mapping[str, Any], cloud: Cloud) -> dict[str, Value]:
    """Return the stand-in for the result of the function ``token``.

    Raises:
        UnsupportedError: If there is no stand-in for it.
    """
    function = _ANSWERS.get(token)
    if function is None:
        raise UnsupportedError(
            f"The program looks up {token}, which only a cloud can answer, and berth has no stand-in for it.\n"
            f"It has one for: {', '.join(sorted(token.rsplit(':', 1)[-1] for token in _ANSWERS))}."
        )
    if isinstance(region := args.get("region"), str):
        cloud = Cloud({**cloud.settings, "region": region})
    return function(args, cloud)


def _caller_identity(_args: Mapping[str, Any], cloud: Cloud) -> dict[str, Value]:
    return {
        "accountId": cloud.account,
        "arn": f"arn:{cloud.partition}:iam::{cloud.account}:user/preview",
        "id": cloud.account,
        "userId": "AIDACKCEVSQ6C2EXAMPLE",
    }


def _in_region(cloud: Cloud, **more: Value) -> dict[str, Value]:
    return {"id": cloud.region, "region": cloud.region, **more}


def _region(_args: Mapping[str, Any], cloud: Cloud) -> dict[str, Value]:
    endpoint = f"ec2.{cloud.region}.{cloud.dns_suffix}"
    return _in_region(cloud, name=cloud.region, description=cloud.region, endpoint=endpoint)


def _partition(_args: Mapping[str, Any], cloud: Cloud) -> dict[str, Value]:
    return {
        "partition": cloud.partition,
        "id": cloud.partition,
        "dnsSuffix": cloud.dns_suffix,
        "reverseDnsPrefix": ".".join(reversed(cloud.dns_suffix.split("."))),
    }


_ZONES: Final[Mapping[str, str]] = {
    "ap-northeast-1": "a4 c1 d2",
    "ap-northeast-2": "a1 b2 c3 d4",
    "ap-south-1": "a1 b3 c2",
    "ap-southeast-2": "a1 b3 c2",
    "ca-central-1": "a1 b2 d4",
    "cn-north-1": "a1 b2",
    "eu-west-1": "a3 b1 c2",
    "eu-west-2": "a2 b3 c1",
    "us-east-1": "a6 b1 c2 d4 e3 f5",
    "us-west-1": "a3 b1",
    "us-west-2": "a2 b1 c3 d4",
}
"""Letters and numbers of the zones that one account sees, where they are not a1, b2 and c3 (moto's own table). Another
account's letters may be others; how many there are, and which numbers, is the same for all."""


def _availability_zones(args: Mapping[str, Any], cloud: Cloud) -> dict[str, Value]:
    area, *rest = cloud.region.split("-")
    # us-east-1 -> use1, ap-southeast-2 -> apse2: every word by the initials of its points of the compass.
    short = {"southeast": "se", "southwest": "sw", "northeast": "ne", "northwest": "nw"}
    prefix = area + "".join(short.get(part, part[0]) for part in rest)
    zones = [
        {
            "opt-in-status": "opt-in-not-required",
            "region-name": cloud.region,
            "state": "available",
            "zone-id": f"{prefix}-az{zone[1]}",
            "zone-name": f"{cloud.region}{zone[0]}",
            "zone-type": "availability-zone",
        }
        for zone in _ZONES.get(cloud.region, "a1 b2 c3").split()
    ]
    excluded = {*(args.get("excludeNames") or ()), *(args.get("excludeZoneIds") or ())}
    filters = [{"name": "state", "values": [args.get("state") or "available"]}, *(args.get("filters") or ())]
    for asked in filters:
        if asked["name"] not in zones[0]:
            raise UnsupportedError(
                f"The program filters availability zones by {asked['name']}, and berth knows nothing of that.\n"
                f"It knows: {', '.join(sorted(zones[0]))}."
            )
    kept = [
        zone
        for zone in zones
        if not excluded.intersection(zone.values()) and all(zone[asked["name"]] in asked["values"] for asked in filters)
    ]
    return _in_region(
        cloud,
        names=[zone["zone-name"] for zone in kept],
        zoneIds=[zone["zone-id"] for zone in kept],
        groupNames=[cloud.region],
        state=args.get("state") or "available",
    )


def _prefix_list(args: Mapping[str, Any], cloud: Cloud) -> dict[str, Value]:
    named = args.get("name") or args.get("id") or args.get("prefixListId")
    name = str(named or json.dumps(args.get("filters"), sort_keys=True))
    prefix_list = f"pl-{hashlib.sha256(f'{cloud.region}/{name}'.encode()).hexdigest()[:17]}"
    return {
        "id": prefix_list,
        "name": name,
        "region": cloud.region,
        "arn": f"arn:{cloud.partition}:ec2:{cloud.region}:aws:prefix-list/{prefix_list}",
        "ownerId": "AWS",
        "addressFamily": "IPv4",
        "cidrBlocks": [],
        "entries": [],
        "maxEntries": 0,
        "tags": {},
        "version": 1,
    }


def _ecr_token(args: Mapping[str, Any], cloud: Cloud) -> dict[str, Value]:
    registry = args.get("registryId") or cloud.account
    return _in_region(
        cloud,
        registryId=registry,
        userName="AWS",
        password=Secret(SECRET_PLACEHOLDER),
        authorizationToken=Secret(SECRET_PLACEHOLDER),
        proxyEndpoint=f"https://{registry}.dkr.ecr.{cloud.region}.{cloud.dns_suffix}",
        expiresAt="",
    )


def _vpc(args: Mapping[str, Any], cloud: Cloud) -> dict[str, Value]:
    vpc = args.get("id") or _identifier("vpc", args, cloud)
    return {
        "id": vpc,
        "arn": f"arn:{cloud.partition}:ec2:{cloud.region}:{cloud.account}:vpc/{vpc}",
        # That of the VPC that AWS makes in each region of an account.
        "cidrBlock": args.get("cidrBlock") or "172.31.0.0/16",
        "cidrBlockAssociations": [],
        "default": bool(args.get("default")),
        "dhcpOptionsId": _identifier("dopt", args, cloud),
        "enableDnsHostnames": True,
        "enableDnsSupport": True,
        "enableNetworkAddressUsageMetrics": False,
        "instanceTenancy": "default",
        "ipv6AssociationId": "",
        "ipv6CidrBlock": "",
        "ipv6CidrBlockAssociations": [],
        "mainRouteTableId": _identifier("rtb", args, cloud),
        "ownerId": cloud.account,
        "region": cloud.region,
        "state": "available",
        "tags": args.get("tags") or {},
    }


def _subnets(args: Mapping[str, Any], cloud: Cloud) -> dict[str, Value]:
    zones = _availability_zones({}, cloud)["names"]
    found = [_identifier("subnet", {**args, "zone": zone}, cloud) for zone in zones]
    return _in_region(cloud, ids=found, filters=args.get("filters") or [], tags=args.get("tags") or {})


def _image(args: Mapping[str, Any], cloud: Cloud) -> dict[str, Value]:
    image = _identifier("ami", args, cloud)
    # What a program asks for it may well read again: names and owners are not made up.
    return {**args, "id": image, "imageId": image, "region": cloud.region, "rootDeviceName": "/dev/xvda"}


def _policy_document(args: Mapping[str, Any], _cloud: Cloud) -> dict[str, Value]:
    """Build the document as the provider does: one value of a list stands alone, an empty one is left out.

    Raises:
        UnsupportedError: If other documents are to be merged into it.
    """
    if merged := sorted(name for name in args if name.startswith(("source", "override")) and args[name]):
        raise UnsupportedError(
            f"The program merges policy documents by {', '.join(merged)}, which berth cannot.\n"
            "Write the statements into one document."
        )
    document: dict[str, Any] = {"Version": args.get("version") or "2012-10-17"}
    if args.get("policyId"):
        document["Id"] = args["policyId"]
    document["Statement"] = [_statement(item) for item in args.get("statements") or ()]
    text = json.dumps(document, indent=2)
    minified = json.dumps(document, separators=(",", ":"))
    identifier = hashlib.sha256(minified.encode()).hexdigest()[:10]
    return {**args, "id": identifier, "json": text, "minifiedJson": minified, "version": document["Version"]}


def _statement(item: Mapping[str, Any]) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": item["sid"]} if item.get("sid") else {}
    statement["Effect"] = item.get("effect") or "Allow"
    for ours, theirs in (("actions", "Action"), ("resources", "Resource")):
        for prefix, name in (("", ours), ("Not", f"not{theirs}s")):
            if item.get(name):
                statement[f"{prefix}{theirs}"] = _one_or_all(item[name])
    for name, key in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if item.get(name):
            named = {entry["type"]: _one_or_all(entry["identifiers"]) for entry in item[name]}
            statement[key] = "*" if named == {"*": "*"} else named
    for entry in item.get("conditions") or ():
        tests = statement.setdefault("Condition", {}).setdefault(entry["test"], {})
        tests[entry["variable"]] = _one_or_all(entry["values"])
    return statement


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _identifier(kind: str, args: Mapping[str, Any], cloud: Cloud) -> str:
    """Return an id such as AWS gives, the same for the same question."""
    asked = json.dumps(args, sort_keys=True, default=str)
    return f"{kind}-{hashlib.sha256(f'{cloud.region}/{asked}'.encode()).hexdigest()[:17]}"


def _log_groups(args: Mapping[str, Any], cloud: Cloud) -> dict[str, Value]:
    return _in_region(cloud, logGroupNamePrefix=args.get("logGroupNamePrefix"), arns=[], logGroupNames=[])


def _ecr_repositories(_args: Mapping[str, Any], cloud: Cloud) -> dict[str, Value]:
    return _in_region(cloud, names=[])


NOT_KNOWN: Final = frozenset(
    {
        "aws:secretsmanager/getSecretVersion:getSecretVersion",
        "aws:secretsmanager/getSecretVersions:getSecretVersions",
        "aws:ssm/getParameter:getParameter",
    }
)
"""Lookups whose answer nothing stands in for, but which are no mistake."""

_ANSWERS: Final[Mapping[str, Callable[[Mapping[str, Any], Cloud], dict[str, Value]]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:ec2/getAmi:getAmi": _image,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:cloudwatch/getLogGroups:getLogGroups": _log_groups,
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": _prefix_list,
    "aws:ec2/getPrefixList:getPrefixList": _prefix_list,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": _ecr_token,
    "aws:ecr/getRepositories:getRepositories": _ecr_repositories,
}
