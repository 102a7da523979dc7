"""Elastic Load Balancing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context, unpriced
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import In, Minutes, ResourceType, Way, both, forces, free

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


_of_balancer = partial(free, "part of the load balancer", look=both("alb"))

TYPES: Final = (
    _of_balancer(
        "aws:lb/listener:Listener",
        replaced_by=forces("loadBalancerArn", "elbv2:ModifyListener"),
        calls="elasticloadbalancing: AddTags CreateListener DeleteListener ModifyListener ModifyListenerAttributes "
        "RemoveTags",
    ),
    _of_balancer(
        "aws:lb/listenerRule:ListenerRule",
        replaced_by=forces("listenerArn", "elbv2:ModifyRule"),
        calls="elasticloadbalancing: AddTags CreateRule DeleteRule ModifyRule RemoveTags SetRulePriorities",
    ),
    ResourceType(
        "aws:lb/loadBalancer:LoadBalancer",
        load_balancer,
        both("alb"),
        minutes=Minutes(2, 3),
        replaced_by=forces("internal loadBalancerType name namePrefix"),
        calls="ec2: DeleteNetworkInterface DetachNetworkInterface; elasticloadbalancing: AddTags CreateLoadBalancer "
        "DeleteLoadBalancer ModifyLoadBalancerAttributes RemoveTags SetSecurityGroups SetSubnets; iam: "
        "CreateServiceLinkedRole",
    ),
    _of_balancer(
        "aws:lb/targetGroup:TargetGroup",
        look=In("alb", "target-group"),
        replaced_by=forces(
            "ipAddressType name namePrefix port protocol protocolVersion targetType vpcId", _TARGET_GROUP
        ),
        calls="elasticloadbalancing: AddTags CreateTargetGroup DeleteTargetGroup ModifyTargetGroup "
        "ModifyTargetGroupAttributes RemoveTags",
    ),
    _of_balancer(
        "aws:lb/targetGroupAttachment:TargetGroupAttachment",
        look=In("alb", "target-group"),
        replaced_by=forces("availabilityZone port quicServerId targetGroupArn targetId"),
        ways={"targetId": Way("calls", style="call")},
        calls="elasticloadbalancing: DeregisterTargets RegisterTargets",
    ),
)

PRICES: Final[Mapping[str, Selector]] = {
    "alb.hour": selector(("AWSELB", "AmazonEC2"), "LoadBalancerUsage", operation="LoadBalancing:Application"),
    "alb.lcu": selector(("AWSELB", "AmazonEC2"), "LCUUsage", operation="LoadBalancing:Application"),
}
