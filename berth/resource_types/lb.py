"""Elastic Load Balancing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context, unpriced
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import Free, In, Minutes, ResourceType, actions, both, forces

CONNECTIONS_AN_LCU_HOUR: Final = Decimal(25 * 3600)
"""New connections that one load balancer capacity unit covers in an hour: 25 a second."""
_TARGET_GROUP: Final = "terraform-provider-aws: internal/service/elbv2/target_group.go"


def load_balancer(resource: Resource, context: Context) -> Charges:
    """Charge the hours and the capacity units of an Application Load Balancer.

    The units are those of the larger of two dimensions, connections and data, with a connection a
    request: keep-alive makes it less.
    """
    if resource.inputs.get("loadBalancerType", "application") != "application":
        yield unpriced(resource, "load balancer", "only Application Load Balancers are in the price list")
        return
    usage = context.usage
    yield Charge("hours", "alb.hour", usage.hours)
    share = context.count(resource.type)
    units = max(usage.requests / CONNECTIONS_AN_LCU_HOUR, usage.traffic_gb) / share
    yield Charge("capacity units", "alb.lcu", units)


TYPES: Final = (
    ResourceType(
        "aws:lb/listener:Listener",
        Free("part of the load balancer"),
        both("alb"),
        replaced_by=forces("loadBalancerArn", "elbv2:ModifyListener"),
        calls=actions(
            "elasticloadbalancing: AddTags CreateListener DeleteListener ModifyListener "
            "ModifyListenerAttributes RemoveTags"
        ),
    ),
    ResourceType("aws:lb/listenerRule:ListenerRule", Free("part of the load balancer"), None),
    ResourceType(
        "aws:lb/loadBalancer:LoadBalancer",
        load_balancer,
        both("alb"),
        minutes=Minutes(2, 3),
        replaced_by=forces("internal loadBalancerType name namePrefix"),
        calls=actions(
            "ec2: DeleteNetworkInterface DetachNetworkInterface",
            "elasticloadbalancing: AddTags CreateLoadBalancer DeleteLoadBalancer "
            "ModifyLoadBalancerAttributes RemoveTags SetSecurityGroups SetSubnets",
            "iam: CreateServiceLinkedRole",
        ),
    ),
    ResourceType(
        "aws:lb/targetGroup:TargetGroup",
        Free("part of the load balancer"),
        In("alb", "target-group"),
        replaced_by=forces(
            "ipAddressType name namePrefix port protocol protocolVersion targetType vpcId", _TARGET_GROUP
        ),
        calls=actions(
            "elasticloadbalancing: AddTags CreateTargetGroup DeleteTargetGroup ModifyTargetGroup "
            "ModifyTargetGroupAttributes RemoveTags"
        ),
    ),
)

PRICES: Final[Mapping[str, Selector]] = {
    "alb.hour": selector(("AWSELB", "AmazonEC2"), "LoadBalancerUsage", operation="LoadBalancing:Application"),
    "alb.lcu": selector(("AWSELB", "AmazonEC2"), "LCUUsage", operation="LoadBalancing:Application"),
}
