"""EC2: networks, security groups, launch templates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context, items
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import HIDDEN, Free, In, Minutes, ResourceType, both, forces, free

_GROUP: Final = "pulumi_aws.ec2.SecurityGroup: Recreating a Security Group"


def nat_gateway(resource: Resource, context: Context) -> Charges:
    """Charge the hours, and this gateway's share of the traffic."""
    yield Charge("hours", "nat.hour", context.usage.hours)
    yield Charge("data through it", "nat.data", context.usage.nat_gb / context.count(resource.type))


def address(resource: Resource, context: Context) -> Charges:
    """Charge a public IPv4 address, which is billed whether it is in use or not."""
    yield Charge("public IPv4 address", "ipv4.hour", context.usage.hours)


def endpoint(resource: Resource, context: Context) -> Charges:
    """Charge an interface endpoint in each of its zones; a gateway endpoint is free."""
    if resource.inputs.get("vpcEndpointType") != "Interface":
        return
    zones = len(items(resource.inputs.get("subnetIds"))) or 1
    yield Charge(f"hours in {zones} zones", "endpoint.hour", context.usage.hours * zones)
    peers = context.count(resource.type, vpcEndpointType="Interface")
    yield Charge("data through it", "endpoint.data", context.usage.endpoint_gb / peers)


_of_vpc = partial(free, "part of the VPC", look=HIDDEN)

TYPES: Final = (
    _of_vpc(
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        replaced_by=forces("vpcId"),
        calls="ec2: AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateTags DeleteTags "
        "RevokeSecurityGroupEgress RevokeSecurityGroupIngress",
    ),
    ResourceType(
        "aws:ec2/eip:Eip",
        address,
        In("nat", None),
        replaced_by=forces("domain"),
        calls="ec2: AllocateAddress CreateTags DeleteTags DisassociateAddress ReleaseAddress",
    ),
    ResourceType(
        "aws:ec2/flowLog:FlowLog",
        Free("billed by what its log group takes in"),
        In("flow-log", None),
        replaced_by=forces("*", but="tags"),
        calls="ec2: CreateFlowLogs CreateTags DeleteFlowLogs DeleteTags; iam: PassRole; logs: CreateLogDelivery "
        "DeleteLogDelivery",
    ),
    ResourceType(
        "aws:ec2/internetGateway:InternetGateway",
        Free("part of the VPC; traffic is billed"),
        In("internet", None),
        calls="ec2: AttachInternetGateway CreateInternetGateway CreateTags DeleteInternetGateway DeleteTags "
        "DetachInternetGateway",
    ),
    ResourceType(
        "aws:ec2/launchTemplate:LaunchTemplate",
        Free("billed by the machines of its group"),
        In("machines", None),
        moored=both("workload"),
        replaced_by=forces("name namePrefix", "ec2:ModifyLaunchTemplate"),
        calls="ec2: CreateLaunchTemplate CreateLaunchTemplateVersion CreateTags DeleteLaunchTemplate DeleteTags "
        "ModifyLaunchTemplate",
    ),
    ResourceType(
        "aws:ec2/natGateway:NatGateway",
        nat_gateway,
        In("nat", None),
        minutes=Minutes(1.5, 2.5),
        replaced_by=forces("allocationId connectivityType subnetId"),
        calls="ec2: CreateNatGateway CreateTags DeleteNatGateway DeleteTags",
    ),
    ResourceType(
        "aws:ec2/placementGroup:PlacementGroup",
        Free("machines in it cost what others do"),
        In("machines", None),
        replaced_by=forces("name partitionCount spreadLevel strategy"),
        calls="ec2: CreatePlacementGroup CreateTags DeletePlacementGroup DeleteTags",
    ),
    _of_vpc(
        "aws:ec2/route:Route",
        replaced_by=forces("destinationCidrBlock destinationPrefixListId routeTableId", "ec2:ReplaceRoute"),
        calls="ec2: CreateRoute DeleteRoute ReplaceRoute",
    ),
    _of_vpc(
        "aws:ec2/routeTable:RouteTable",
        replaced_by=forces("vpcId"),
        calls="ec2: CreateRouteTable CreateTags DeleteRouteTable DeleteTags",
    ),
    _of_vpc(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        replaced_by=forces("gatewayId subnetId", "ec2:ReplaceRouteTableAssociation"),
        calls="ec2: AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation",
    ),
    _of_vpc(
        "aws:ec2/securityGroup:SecurityGroup",
        replaced_by=forces("description name namePrefix vpcId", _GROUP),
        calls="ec2: AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateSecurityGroup CreateTags "
        "DeleteNetworkInterface DeleteSecurityGroup DeleteTags DetachNetworkInterface RevokeSecurityGroupEgress "
        "RevokeSecurityGroupIngress",
    ),
    _of_vpc(
        "aws:ec2/subnet:Subnet",
        replaced_by=forces("availabilityZone cidrBlock vpcId", "ec2:ModifySubnetAttribute"),
        calls="ec2: CreateSubnet CreateTags DeleteNetworkInterface DeleteSubnet DeleteTags DetachNetworkInterface "
        "ModifySubnetAttribute",
    ),
    ResourceType(
        "aws:ec2/vpc:Vpc",
        Free("the VPC itself is free"),
        HIDDEN,
        replaced_by=forces("cidrBlock", "ec2:ModifyVpcAttribute"),
        calls="ec2: CreateTags CreateVpc DeleteTags DeleteVpc ModifyVpcAttribute",
    ),
    ResourceType(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        endpoint,
        In("endpoint", None),
        minutes=Minutes(0.2, 1.5),
        replaced_by=forces("serviceName vpcEndpointType vpcId", "ec2:ModifyVpcEndpoint"),
        calls="ec2: CreateTags CreateVpcEndpoint DeleteTags DeleteVpcEndpoints ModifyVpcEndpoint",
    ),
    _of_vpc(
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        replaced_by=forces("securityGroupId", "ec2:ModifySecurityGroupRules"),
        calls="ec2: AuthorizeSecurityGroupEgress CreateTags DeleteTags ModifySecurityGroupRules "
        "RevokeSecurityGroupEgress",
    ),
    _of_vpc(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        replaced_by=forces("securityGroupId", "ec2:ModifySecurityGroupRules"),
        calls="ec2: AuthorizeSecurityGroupIngress CreateTags DeleteTags ModifySecurityGroupRules "
        "RevokeSecurityGroupIngress",
    ),
)

PRICES: Final[Mapping[str, Selector]] = {
    "nat.hour": selector("AmazonEC2", "NatGateway-Hours", operation="NatGateway"),
    "nat.data": selector("AmazonEC2", "NatGateway-Bytes", operation="NatGateway"),
    "ipv4.hour": selector("AmazonVPC", "PublicIPv4:InUseAddress"),
    "endpoint.hour": selector("AmazonVPC", "VpcEndpoint-Hours", operation="VpcEndpoint"),
    "endpoint.data": selector("AmazonVPC", "VpcEndpoint-Bytes", operation="VpcEndpoint"),
}
