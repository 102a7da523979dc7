"""Kubernetes objects."""

from __future__ import annotations

from typing import Any, Final

from berth.plan import Resource
from berth.resource_types.charges import Charge, Charges, Context, mapping, unpriced
from berth.resource_types.nodes import BASE, share
from berth.resource_types.resource_type import In, Look, Minutes, ResourceType, Way, both, forces, free

_DIFF: Final = "pulumi-kubernetes: provider/pkg/provider/diff.go"
_IDENTITY: Final = "metadata.name metadata.namespace"


def kubernetes_object(token: str, look: In | None = None, *, replaced_by: str = "", **known: Any) -> ResourceType:
    """Return the record of a Kubernetes object: name and namespace identify it, and its nodes are billed."""
    forced = forces(f"{_IDENTITY} {replaced_by}", _DIFF)
    return free("an object in the cluster; its nodes are billed", token, look, replaced_by=forced, **known)


def cron_job(resource: Resource, context: Context) -> Charges:
    """Charge a job's runs their share of the smallest machine: where there is no room, Auto Mode starts one.

    Nothing runs at a berth that does not lead, and what scales a service by the clock runs for a moment.
    """
    # Here, and not at the top: a revision that is compared has modules of that name of its own.
    from components.service.cron import times_a_month

    job = next((one for one in context.plan.moorings if one.urn == resource.parent and one.kind == "job"), None)
    if job is None or not job.leads or context.usage.eks_nodes is not None:
        return
    if job.schedule is None:
        yield unpriced(resource, "runs", "it runs on demand, nobody knows how often")
        return
    template = mapping(mapping(mapping(resource.inputs.get("spec")).get("jobTemplate")).get("spec")).get("template")
    part = share(mapping(template).get("spec"))
    if part is None:
        yield unpriced(resource, "runs", "the size of its pods is not known")
        return
    runs, minutes = times_a_month(job.schedule) * context.usage.months, context.usage.job_minutes
    label = f"{runs:.0f} runs of {minutes} minutes"
    hours = part * runs * minutes / 60
    yield Charge(f"a share of {BASE} for {label}", f"ec2.{BASE}", hours)
    yield Charge(f"Auto Mode on it for {label}", f"ec2.{BASE}", hours, factor_key="eks.auto")


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
    ResourceType(
        "kubernetes:batch/v1:CronJob",
        cron_job,
        both("workload"),
        replaced_by=forces(_IDENTITY, _DIFF),
        title=Look("CronJob", "job"),
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
