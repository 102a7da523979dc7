"""Pods in kinds that Kubernetes does not have, each broken at one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from policy.rules.values import UNKNOWN

from ..cases.kubernetes import container, pod
from ..support import REMOVED, Inputs, Planned, edited
from .attack import Attack, Harmless

POD_CONTEXT: Final = pod()["spec"]["securityContext"]


def _template(template: Inputs) -> Inputs:
    return {"spec": {"replicas": 1, "template": template}}


_AROUND_A_POD: Final[dict[str, Callable[[Inputs], Inputs]]] = {
    "argoproj.io/v1alpha1:Rollout": _template,
    "argoproj.io/v1alpha1:AnalysisTemplate": lambda one: {
        "spec": {"metrics": [{"name": "m", "provider": {"job": {"spec": {"template": one}}}}]}
    },
    "serving.knative.dev/v1:Service": _template,
    "serving.knative.dev/v1:Configuration": _template,
    "keda.sh/v1alpha1:ScaledJob": lambda one: {"spec": {"jobTargetRef": {"template": one}, "triggers": []}},
    "jobset.x-k8s.io/v1alpha2:JobSet": lambda one: {
        "spec": {"replicatedJobs": [{"name": "a", "template": {"spec": {"template": one}}}]}
    },
    "leaderworkerset.x-k8s.io/v1:LeaderWorkerSet": lambda one: {
        "spec": {"leaderWorkerTemplate": {"workerTemplate": one}}
    },
    "kubeflow.org/v1:PyTorchJob": lambda one: {"spec": {"pytorchReplicaSpecs": {"Master": {"template": one}}}},
    "batch.volcano.sh/v1alpha1:Job": lambda one: {"spec": {"tasks": [{"replicas": 1, "template": one}]}},
    "ray.io/v1:RayCluster": lambda one: {"spec": {"headGroupSpec": {"template": one}}},
    "apps.kruise.io/v1alpha1:CloneSet": _template,
    "apps.openshift.io/v1:DeploymentConfig": _template,
    "agents.x-k8s.io/v1alpha1:Sandbox": lambda one: {"spec": {"podTemplate": one}},
    "work.open-cluster-management.io/v1:ManifestWork": lambda one: {
        "spec": {"workload": {"manifests": [{"kind": "Deployment", **_template(one)}]}}
    },
    "kubernetes.crossplane.io/v1alpha2:Object": lambda one: {"spec": {"forProvider": {"manifest": _template(one)}}},
    "sparkoperator.k8s.io/v1beta2:SparkApplication": lambda one: {"spec": {"driver": {"template": one}}},
    "elasticsearch.k8s.elastic.co/v1:Elasticsearch": lambda one: {"spec": {"nodeSets": [{"podTemplate": one}]}},
    "example.com/v1:Anything": lambda one: {"deep": [{"below": [one]}]},
    "example.com/v1:AnythingPatch": lambda one: {"spec": {"podSpec": one["spec"]}},
}
_BREACHES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("kubernetes-run-as-non-root", "spec.securityContext.runAsNonRoot", REMOVED),
    ("kubernetes-run-as-user", "spec.containers[1].securityContext.runAsUser", 0),
    ("kubernetes-not-privileged", "spec.initContainers[0].securityContext.privileged", True),
    ("kubernetes-no-host-namespaces", "spec.hostPID", True),
    ("kubernetes-volume-types", "spec.volumes", [{"name": "host", "hostPath": {"path": "/"}}]),
)

_SECURE: Final = container("app")["securityContext"]


def _one(**more: Any) -> Inputs:
    return {"image": "example/app:1", "command": ["run"], "securityContext": _SECURE, **more}


def _workflow(template: Inputs, **more: Any) -> Inputs:
    return {
        "spec": {"entrypoint": "a", "securityContext": POD_CONTEXT, "templates": [{"name": "a", **template}], **more}
    }


def _task_run(**more: Any) -> Inputs:
    spec = {"podTemplate": {"securityContext": POD_CONTEXT}, "taskSpec": {"steps": [_one(name="a")]}}
    return {"spec": spec | more}


def _spark(**driver: Any) -> Inputs:
    good = {"cores": 1, "memory": "1g", "podSecurityContext": POD_CONTEXT, "securityContext": _SECURE}
    return {"spec": {"image": "example/spark:1", "driver": good | driver, "executor": good}}


def _custom(kind: str, inputs: Inputs) -> Planned:
    return Planned(f"kubernetes:{kind}", inputs)


WORKFLOW: Final = "argoproj.io/v1alpha1:Workflow"
TASK_RUN: Final = "tekton.dev/v1:TaskRun"
SPARK: Final = "sparkoperator.k8s.io/v1beta2:SparkApplication"
ROOT: Final = _SECURE | {"runAsUser": 0}

_SINGLES: Final[tuple[tuple[str, str, str, Inputs], ...]] = (
    ("a workflow's container", "run-as-user", WORKFLOW, _workflow({"container": _one(securityContext=ROOT)})),
    ("a workflow's script", "run-as-user", WORKFLOW, _workflow({"script": {"source": "x", "securityContext": ROOT}})),
    ("a workflow's sidecar", "run-as-user", WORKFLOW, _workflow({"sidecars": [_one(securityContext=ROOT)]})),
    (
        "a workflow's set",
        "run-as-user",
        WORKFLOW,
        _workflow({"containerSet": {"containers": [_one(securityContext=ROOT)]}}),
    ),
    (
        "a workflow without a context",
        "run-as-non-root",
        WORKFLOW,
        _workflow({"container": _one()}, securityContext=None),
    ),
    (
        "a template's own context",
        "run-as-non-root",
        WORKFLOW,
        _workflow({"container": _one(), "securityContext": {"runAsNonRoot": False}}),
    ),
    (
        "an inline template",
        "run-as-user",
        WORKFLOW,
        _workflow({"dag": {"tasks": [{"name": "b", "inline": {"container": _one(securityContext=ROOT)}}]}}),
    ),
    (
        "a patch as a text",
        "run-as-user",
        WORKFLOW,
        _workflow({"container": _one(), "podSpecPatch": '{"runAsUser": 0}'}),
    ),
    (
        "a workflow by the clock",
        "run-as-user",
        "argoproj.io/v1alpha1:CronWorkflow",
        {"spec": {"workflowSpec": _workflow({"container": _one(securityContext=ROOT)})["spec"]}},
    ),
    ("a task", "run-as-non-root", "tekton.dev/v1:Task", {"spec": {"steps": [_one(name="a")]}}),
    ("a step", "run-as-user", TASK_RUN, _task_run(taskSpec={"steps": [_one(securityContext=ROOT)]})),
    ("a step's script", "no-privilege-escalation", TASK_RUN, _task_run(taskSpec={"steps": [{"script": "id"}]})),
    ("a task's sidecar", "run-as-user", TASK_RUN, _task_run(taskSpec={"sidecars": [_one(securityContext=ROOT)]})),
    (
        "a template of steps",
        "run-as-non-root",
        TASK_RUN,
        _task_run(taskSpec={"steps": [_one()], "stepTemplate": {"securityContext": {"runAsNonRoot": False}}}),
    ),
    (
        "a pipeline",
        "run-as-non-root",
        "tekton.dev/v1:PipelineRun",
        {"spec": {"pipelineSpec": {"tasks": [_task_run()["spec"]]}}},
    ),
    ("Spark's driver", "run-as-non-root", SPARK, _spark(podSecurityContext=None)),
    ("Spark's driver without a word", "run-as-non-root", SPARK, {"spec": {"driver": {"cores": 1}}}),
    ("a container's image alone", "no-privilege-escalation", WORKFLOW, _workflow({"container": {"image": "a"}})),
    ("Spark's driver as root", "run-as-user", SPARK, _spark(podSecurityContext=POD_CONTEXT | {"runAsUser": 0})),
    ("Spark's driver with rights", "not-privileged", SPARK, _spark(securityContext=_SECURE | {"privileged": True})),
    ("Spark's host", "no-host-namespaces", SPARK, _spark(hostNetwork=True)),
    (
        "a context further out that nobody reads",
        "run-as-non-root",
        "argoproj.io/v1alpha1:Rollout",
        {"spec": {"securityContext": POD_CONTEXT, "template": edited(pod(), "spec.securityContext", REMOVED)}},
    ),
    (
        "an operator's kind",
        "run-as-user",
        "monitoring.coreos.com/v1:Prometheus",
        {"spec": {"securityContext": {"runAsUser": 0}}},
    ),
    (
        "an operator that says no",
        "run-as-non-root",
        "db.example.com/v1:Db",
        {"spec": {"podSecurityContext": {"runAsNonRoot": False}}},
    ),
    (
        "an operator's rights",
        "not-privileged",
        "db.example.com/v1:Db",
        {"spec": {"containerSecurityContext": {"privileged": True}}},
    ),
    (
        "an operator's capabilities",
        "capabilities",
        "db.example.com/v1:Db",
        {"spec": {"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}},
    ),
    ("an operator's network", "no-host-namespaces", "db.example.com/v1:Db", {"spec": {"hostNetwork": True}}),
    (
        "an operator's volume",
        "volume-types",
        "db.example.com/v1:Db",
        {"spec": {"volumes": [{"hostPath": {"path": "/"}}]}},
    ),
    ("a container alone", "run-as-non-root", "db.example.com/v1:Db", {"spec": {"image": "a", "command": ["b"]}}),
    ("unknown containers", "run-as-non-root", "db.example.com/v1:Db", {"spec": {"containers": UNKNOWN}}),
    ("an unknown template", "run-as-non-root", "argoproj.io/v1alpha1:Rollout", {"spec": {"template": UNKNOWN}}),
    ("an unknown spec", "run-as-non-root", "argoproj.io/v1alpha1:Rollout", {"spec": UNKNOWN}),
    ("an unknown context", "run-as-user", "db.example.com/v1:Db", {"spec": {"securityContext": UNKNOWN}}),
    (
        "what a policy makes",
        "run-as-user",
        "kyverno.io/v1:ClusterPolicy",
        {"spec": {"rules": [{"generate": {"data": edited(pod(), "spec.securityContext.runAsUser", 0)}}]}},
    ),
)

ATTACKS: Final = [
    *(
        Attack(f"{kind}: {path}", rule, _custom(kind, around(edited(pod(), path, value))))
        for kind, around in _AROUND_A_POD.items()
        for rule, path, value in _BREACHES
    ),
    *(Attack(name, f"kubernetes-{rule}", _custom(kind, inputs)) for name, rule, kind, inputs in _SINGLES),
]

_SCHEMA: Final = {
    "properties": {"containers": {"type": "array", "items": {"properties": {"image": {"type": "string"}}}}}
}
HARMLESS: Final = [
    *(Harmless(f"a good {kind}", _custom(kind, around(pod()))) for kind, around in _AROUND_A_POD.items()),
    *(
        Harmless(name, _custom(kind, inputs))
        for name, kind, inputs in (
            ("a good workflow", WORKFLOW, _workflow({"container": _one()})),
            ("a good template", WORKFLOW, _workflow({"script": _one(source="x"), "securityContext": POD_CONTEXT})),
            (
                "a template's own",
                WORKFLOW,
                _workflow({"container": _one(), "securityContext": POD_CONTEXT}, securityContext=None),
            ),
            (
                "a template of steps that is good",
                "tekton.dev/v1:Task",
                {"spec": {"steps": [_one()], "stepTemplate": {"securityContext": POD_CONTEXT}}},
            ),
            ("a good run", TASK_RUN, _task_run()),
            ("a good job of Spark", SPARK, _spark()),
            (
                "a good operator's kind",
                "db.example.com/v1:Db",
                {"spec": {"image": "a", "securityContext": {"runAsUser": 5}}},
            ),
            ("names of containers", "example.com/v1:Filter", {"spec": {"containers": ["istio-proxy"]}}),
            (
                "limits by container",
                "autoscaling.k8s.io/v1:VerticalPodAutoscaler",
                {"spec": {"resourcePolicy": {"containerPolicies": [{"containerName": "*"}]}}},
            ),
            (
                "a machine's disk",
                "kubevirt.io/v1:VirtualMachine",
                {
                    "spec": {
                        "template": {
                            "spec": {"domain": {}, "volumes": [{"name": "d", "containerDisk": {"image": "a"}}]}
                        }
                    }
                },
            ),
            (
                "a policy's pattern",
                "kyverno.io/v1:ClusterPolicy",
                {"spec": {"rules": [{"validate": {"pattern": {"spec": {"containers": [{"image": "*:*"}]}}}}]}},
            ),
            (
                "a constraint",
                "constraints.gatekeeper.sh/v1beta1:K8sPSPCapabilities",
                {"spec": {"parameters": {"containers": [{"image": "a"}]}}},
            ),
            (
                "values of a chart",
                "helm.toolkit.fluxcd.io/v2:HelmRelease",
                {"spec": {"values": {"hostNetwork": {"enabled": False}}}},
            ),
            (
                "a definition",
                "apiextensions.k8s.io/v1:CustomResourceDefinition",
                {"spec": {"versions": [{"schema": {"openAPIV3Schema": _SCHEMA}}]}},
            ),
            (
                "a route",
                "gateway.networking.k8s.io/v1:HTTPRoute",
                {"spec": {"rules": [{"backendRefs": [{"name": "a"}]}]}},
            ),
            ("a binding", "eks.amazonaws.com/v1:TargetGroupBinding", {"spec": {"targetGroupARN": UNKNOWN}}),
        )
    ),
]
