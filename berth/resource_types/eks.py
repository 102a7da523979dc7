"""EKS."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context, mapping, number, unpriced
from berth.resource_types.nodes import BASE, nodes
from berth.resource_types.prices import Selector, selector
from berth.resource_types.resource_type import Free, In, Look, Minutes, ResourceType, Way, forces

GIB_A_NODE: Final = Decimal(80)
"""Data volume of a node where the node class does not say: the default of EKS Auto Mode."""


def eks_cluster(resource: Resource, context: Context) -> Charges:
    """Charge a cluster's control plane, and in Auto Mode the nodes that its pods need and its fee on them."""
    usage = context.usage
    yield Charge("control plane", "eks.cluster", usage.hours)
    auto = resource.inputs.get("autoMode")
    if not mapping(auto).get("enabled"):
        return
    if usage.eks_nodes is not None:
        count, type_, label = (usage.eks_nodes, usage.node_type, f"{usage.eks_nodes} x {usage.node_type}, assumed")
        machines = Decimal(count)
    elif fitting := nodes(context.plan, usage.replicas):
        # Counted in the family's smallest, whose price the list has.
        count, type_, machines = fitting.count, BASE, fitting.bases
        label = f"{count} x {fitting.type}, by the pods' requests"
    else:
        yield unpriced(resource, "nodes", "the size of its pods is not known, or no m5 holds one: give --eks-nodes")
        return
    yield Charge(label, f"ec2.{type_}", machines * usage.hours)
    yield Charge(f"Auto Mode on {label}", f"ec2.{type_}", machines * usage.hours, factor_key="eks.auto")
    size = _node_disk(context)
    yield Charge(f"{count} disks of {size} GB", "ebs.gp3", count * size * usage.months)


def _node_disk(context: Context) -> Decimal:
    """Return the GiB of a node's data volume: what the stack's node class says, or the default."""
    for resource in context.plan.resources:
        if resource.type.endswith(":NodeClass"):
            size = mapping(mapping(resource.inputs.get("spec")).get("ephemeralStorage")).get("size")
            if isinstance(size, str) and size.endswith("Gi"):
                return number(size.removesuffix("Gi")) or GIB_A_NODE
    return GIB_A_NODE


TYPES: Final = (
    ResourceType("aws:eks/accessEntry:AccessEntry", Free("part of the cluster"), None),
    ResourceType(
        "aws:eks/addon:Addon",
        Free("AWS's own add-ons are free"),
        In("cluster", None),
        minutes=Minutes(0.5, 2),
        replaced_by=forces("addonName clusterName", "eks:UpdateAddon"),
        calls="eks: CreateAddon DeleteAddon TagResource UntagResource UpdateAddon",
    ),
    ResourceType(
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        Free("part of the cluster"),
        In("workload", None),
        replaced_by=forces("clusterName namespace serviceAccount", "eks:UpdatePodIdentityAssociation"),
        calls="eks: CreatePodIdentityAssociation DeletePodIdentityAssociation TagResource UntagResource "
        "UpdatePodIdentityAssociation; iam: PassRole",
    ),
    ResourceType(
        "eks:index:Cluster",
        eks_cluster,
        In("cluster", None),
        minutes=Minutes(10, 15, "https://pulumi.com/registry/packages/aws/how-to-guides/aws-cs-eks/"),
        title=Look("EKS cluster", "eks"),
        ways={"autoMode": Way("assumes")},
        calls="eks: AssociateAccessPolicy CreateAccessEntry CreateCluster DeleteAccessEntry DeleteCluster "
        "DisassociateAccessPolicy TagResource UntagResource UpdateAccessEntry UpdateClusterConfig "
        "UpdateClusterVersion; iam: AttachRolePolicy CreateRole CreateServiceLinkedRole DeleteRole DetachRolePolicy "
        "PassRole TagRole; kms: CreateGrant",
    ),
)

PRICES: Final[Mapping[str, Selector]] = {"eks.cluster": selector("AmazonEKS", "AmazonEKS-Hours:perCluster")}
