"""Plans made by hand, as small as they can be, for every backend; and ways to break them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from berth.plan import MOORING, UNKNOWN, Plan, Resource, Secret

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/berth/toy:0123456789abcdef"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
IMAGE_TOKEN = "docker:index/image:Image"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
CRON_JOB = "kubernetes:batch/v1:CronJob"
STATE_MACHINE = "aws:sfn/stateMachine:StateMachine"
BUNDLE = "aws:s3/bucketObjectv2:BucketObjectv2"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
VARIABLES = ("DATABASE_HOST", "DATABASE_NAME", "DATABASE_PASSWORD", "DATABASE_PORT", "DATABASE_USER")


def resource(token: str, name: str, inputs: Mapping[str, Any]) -> Resource:
    """A resource without parents."""
    return Resource(urn=f"urn:pulumi:toy::berth::{token}::{name}", type=token, name=name, parent=None, inputs=inputs)


def image() -> Resource:
    """The image, built from a folder."""
    build = {"context": "toy", "dockerfile": "toy/Dockerfile", "platform": "linux/arm64", "args": {}}
    return resource(IMAGE_TOKEN, "toy-image", {"imageName": IMAGE, "build": build})


def target_group() -> Resource:
    """What the load balancer asks."""
    check = {"path": "/healthz", "matcher": "200"}
    return resource(TARGET_GROUP, "toy", {"healthCheck": check})


def definitions(fargate: bool) -> list[dict[str, Any]]:
    """The container definitions that the program writes."""
    shared: dict[str, Any] = {
        "image": IMAGE,
        "user": "10001:10001",
        "readonlyRootFilesystem": True,
        "linuxParameters": {"capabilities": {"drop": ["ALL"]}},
        "environment": [{"name": "DATABASE_SSLMODE", "value": "require"}, {"name": "PORT", "value": "8080"}],
        "secrets": [{"name": name, "valueFrom": f"/berth/toy/{name}"} for name in VARIABLES],
        "logConfiguration": {"logDriver": "awslogs"},
        "stopTimeout": 20,
    }
    if fargate:
        shared["mountPoints"] = [{"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": False}]
    else:
        shared["dockerSecurityOptions"] = ["no-new-privileges"]
        shared["linuxParameters"]["tmpfs"] = [{"containerPath": "/tmp", "size": 64, "mountOptions": ["nosuid"]}]
    service = {
        **copy.deepcopy(shared),
        "name": "toy",
        "essential": True,
        "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
        "dependsOn": [{"containerName": "migrate", "condition": "SUCCESS"}],
        "healthCheck": {"command": ["CMD", "python", "-m", "toy.health"], "interval": 10, "retries": 3},
    }
    migrate = {**shared, "name": "migrate", "essential": False, "command": ["python", "-m", "toy.migrate"]}
    return [service, migrate]


def ecs(fargate: bool = True, stack: str = "toy") -> Plan:
    """A stack on ECS."""
    inputs = {
        "family": "toy",
        "containerDefinitions": json.dumps(definitions(fargate)),
        "requiresCompatibilities": ["FARGATE" if fargate else "EC2"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "volumes": [{"name": "tmp"}] if fargate else [],
        "taskRoleArn": UNKNOWN,
    }
    parameters = [
        resource("aws:ssm/parameter:Parameter", "name", {"name": "/berth/toy/DATABASE_NAME", "value": "toys"}),
        resource("aws:ssm/parameter:Parameter", "host", {"name": "/berth/toy/DATABASE_HOST", "value": UNKNOWN}),
    ]
    return Plan(stack, [image(), resource(TASK, "toy-task", inputs), *parameters, target_group()], {})


def pod_spec() -> dict[str, Any]:
    """The pod that the chart renders."""
    context = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    shared: dict[str, Any] = {
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "env": [{"name": "PORT", "value": "8080"}],
        "envFrom": [{"configMapRef": {"name": "bindings"}}, {"secretRef": {"name": "bindings"}}],
        "resources": {"requests": {"cpu": "250m"}, "limits": {"memory": "512Mi"}},
        "securityContext": context,
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }
    service = {
        **copy.deepcopy(shared),
        "name": "toy",
        "ports": [{"name": "http", "containerPort": 8080.0}],
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 10},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8080}, "failureThreshold": 6},
        "lifecycle": {"preStop": {"sleep": {"seconds": 15}}},
    }
    return {
        "serviceAccountName": "toy",
        "terminationGracePeriodSeconds": 45,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "initContainers": [{**shared, "name": "migrate", "args": ["python", "-m", "toy.migrate"]}],
        "containers": [service],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    }


def eks(spec: dict[str, Any] | None = None, stack: str = "toy") -> Plan:
    """A stack on EKS."""
    template = {"metadata": {"labels": {"app": "toy"}}, "spec": spec or pod_spec()}
    bindings = {"DATABASE_HOST": UNKNOWN, "DATABASE_NAME": "toys", "DATABASE_PORT": "6543", "DATABASE_USER": "toy"}
    return Plan(
        stack,
        [
            image(),
            resource(
                DEPLOYMENT,
                "deployment/toy",
                {"kind": "Deployment", "metadata": {"name": "toy"}, "spec": {"replicas": 2, "template": template}},
            ),
            resource(
                "kubernetes:core/v1:ConfigMap",
                "configmap/bindings",
                {"metadata": {"name": "bindings"}, "data": bindings},
            ),
            resource(
                "kubernetes:core/v1:Secret",
                "secret/bindings",
                {"metadata": {"name": "bindings"}, "stringData": Secret({"DATABASE_PASSWORD": Secret(UNKNOWN)})},
            ),
            resource(
                "kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "hpa/toy", {"kind": "HorizontalPodAutoscaler"}
            ),
            target_group(),
        ],
        {},
    )


def moored(
    plan: Plan, service: str, berth: str, weight: int = 1, kind: str = "web", ports: Sequence[Any] = (), **routes: str
) -> list[Resource]:
    """Return the resources of a plan with its workload and target groups in a mooring.

    Args:
        plan: The plan.
        service: Name of the service.
        berth: Name of the berth.
        weight: Its share.
        kind: What kind of service it is.
        ports: Ways beside the first.
        routes: Of the first way.
    """
    urn = f"urn:pulumi:toy::berth::{MOORING}::{service}-{berth}"
    ways = [{"name": "", "port": 8080, **routes}, *ports] if kind == "web" else []
    inputs = {"service": service, "berth": berth, "weight": weight, "kind": kind, "ways": ways}
    mooring = Resource(urn, MOORING, f"{service}-{berth}", None, inputs, custom=False)
    inside = (TASK, DEPLOYMENT, CRON_JOB, STATE_MACHINE, TARGET_GROUP)
    return [mooring, *(within(mooring, one) if one.type in inside else one for one in plan.resources)]


def within(mooring: Resource, one: Resource) -> Resource:
    """Return a resource as a mooring's own."""
    return replace(one, urn=f"{mooring.urn}${one.urn}", parent=mooring.urn)


def without_ports(plan: Plan) -> Plan:
    """Return the plan with a worker in the service's place: no port, no probe, no target group."""

    def of_task(definition: dict[str, Any]) -> None:
        definition.pop("portMappings", None)
        definition.pop("healthCheck", None)

    def of_pod(spec: dict[str, Any]) -> None:
        for key in ("ports", "livenessProbe", "readinessProbe", "lifecycle"):
            spec["containers"][0].pop(key, None)

    resources = [one for one in plan.resources if one.type != TARGET_GROUP]
    return edit_pod(edit_definition(replace(plan, resources=resources), of_task), of_pod)


def as_job(plan: Plan, seconds: int = 60) -> Plan:
    """Return the plan with a job in the service's place, that may run so long."""
    run = {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "TimeoutSeconds": seconds, "End": True}
    definition = json.dumps({"StartAt": "Run", "States": {"Run": run}})

    def scheduled(one: Resource) -> Resource:
        if one.type != DEPLOYMENT:
            return one
        template = one.inputs["spec"]["template"]
        job = {"template": template, "backoffLimit": 1, "activeDeadlineSeconds": seconds}
        spec = {"schedule": "0 3 * * *", "jobTemplate": {"spec": job}}
        return resource(CRON_JOB, one.name, {**one.inputs, "kind": "CronJob", "spec": spec})

    resources = [scheduled(one) for one in without_ports(plan).resources]
    if plan.of_type(TASK):
        resources.append(resource(STATE_MACHINE, "toy", {"definition": definition}))
    return replace(plan, resources=resources)


def edit(plan: Plan, token: str, change: Callable[[dict[str, Any]], None]) -> Plan:
    """Return the plan with the inputs of one type changed."""

    def changed(one: Resource) -> Resource:
        # A deep copy of UNKNOWN would be another object, and unknown no more.
        inputs = copy.deepcopy(dict(one.inputs), {id(UNKNOWN): UNKNOWN})
        change(inputs)
        return replace(one, inputs=inputs)

    return replace(plan, resources=[changed(one) if one.type == token else one for one in plan.resources])


def edit_definition(plan: Plan, change: Callable[[dict[str, Any]], None], name: str | None = None) -> Plan:
    """Return the plan with one container definition changed, or every one."""

    def changed(inputs: dict[str, Any]) -> None:
        found = json.loads(inputs["containerDefinitions"])
        for definition in found:
            if name in (None, definition["name"]):
                change(definition)
        inputs["containerDefinitions"] = json.dumps(found)

    return edit(plan, TASK, changed)


def edit_pod(plan: Plan, change: Callable[[dict[str, Any]], None]) -> Plan:
    """Return the plan with the pod's spec changed."""
    plan = edit(plan, DEPLOYMENT, lambda inputs: change(inputs["spec"]["template"]["spec"]))
    return edit(plan, CRON_JOB, lambda inputs: change(inputs["spec"]["jobTemplate"]["spec"]["template"]["spec"]))
