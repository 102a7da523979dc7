"""Kubernetes objects."""

from __future__ import annotations

from typing import Any, Final

from berth.resource_types.resource_type import In, Look, Minutes, ResourceType, Way, both, forces, free

_DIFF: Final = "pulumi-kubernetes: provider/pkg/provider/diff.go"
_IDENTITY: Final = "metadata.name metadata.namespace"


def kubernetes_object(token: str, look: In | None = None, *, replaced_by: str = "", **known: Any) -> ResourceType:
    """Return the record of a Kubernetes object: name and namespace identify it, and its nodes are billed."""
    forced = forces(f"{_IDENTITY} {replaced_by}", _DIFF)
    return free("an object in the cluster; its nodes are billed", token, look, replaced_by=forced, **known)


TYPES: Final = (
    kubernetes_object(
        "kubernetes:apps/v1:Deployment",
        both("workload"),
        minutes=Minutes(1.5, 3),
        replaced_by="spec.selector",
        title=Look("Deployment", "deploy"),
        after={"kubernetes:karpenter.sh/v1:NodePool": Way("hosts", reverse=True)},
    ),
    kubernetes_object(
        "kubernetes:apps/v1:StatefulSet", both("workload"), minutes=Minutes(0.5, 1), replaced_by="spec.selector"
    ),
    kubernetes_object(
        "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
        In("workload", "scaling"),
        title=Look("Pod autoscaler", "hpa"),
    ),
    kubernetes_object(
        "kubernetes:batch/v1:CronJob",
        both("workload"),
        title=Look("Job", "deploy"),
        after={"kubernetes:karpenter.sh/v1:NodePool": Way("hosts", reverse=True)},
    ),
    kubernetes_object("kubernetes:core/v1:ConfigMap", In("workload", "config"), replaced_by="binaryData data"),
    kubernetes_object("kubernetes:core/v1:Namespace", both("workload")),
    kubernetes_object("kubernetes:core/v1:Secret", In("workload", "secret"), replaced_by="data stringData type"),
    kubernetes_object("kubernetes:core/v1:Service", In("workload", "service"), replaced_by="spec.clusterIP"),
    kubernetes_object("kubernetes:core/v1:ServiceAccount", both("workload")),
    kubernetes_object("kubernetes:eks.amazonaws.com/v1:NodeClass", In("machines", None), ways={"spec": None}),
    kubernetes_object(
        "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding",
        In("workload", "binding"),
        ways={"spec": Way("registers", reverse=True, style="call")},
    ),
    kubernetes_object("kubernetes:karpenter.sh/v1:NodePool", In("machines", None), title=Look("Node pool", "node")),
    kubernetes_object("kubernetes:networking.k8s.io/v1:NetworkPolicy", In("workload", "network-policy")),
    kubernetes_object("kubernetes:policy/v1:PodDisruptionBudget", both("workload")),
    kubernetes_object("kubernetes:rbac.authorization.k8s.io/v1:Role", both("workload")),
    kubernetes_object("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", both("workload"), replaced_by="roleRef"),
)
