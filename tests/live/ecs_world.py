"""An ECS berth of the test's stack, made in moto by ECS's own calls; what moto does not run is set in its memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ecs.models import ecs_backends
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus

from berth.live.place import Place

ACCOUNT = "123456789012"
"""The only one that moto has."""
Cloud = Callable[[str], Any]
REGION = "eu-central-1"


def cluster(cloud: Cloud, place: Place) -> None:
    cloud("ecs").create_cluster(clusterName=place.cluster)


def service(cloud: Cloud, place: Place, image: str, desired: int = 2, running: int = 2) -> Any:
    """Create a service that is up, and return moto's own object of it."""
    ecs = cloud("ecs")
    ecs.register_task_definition(
        family=place.name,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[
            {"name": f"{place.service}-init", "image": "registry.example.com/init:0", "memory": 100},
            {"name": place.service, "image": image, "memory": 100},
        ],
    )
    ecs.create_service(
        cluster=place.cluster, serviceName=place.service, taskDefinition=place.name, desiredCount=desired
    )
    made = next(one for one in ecs_backends[ACCOUNT][REGION].services.values() if one.name == place.service)
    made.running_count, made.pending_count = running, desired - running
    made.deployments[0]["rolloutState"] = "COMPLETED"
    return made


def task(cloud: Cloud, place: Place) -> str:
    """Start a task of a service and return its ARN."""
    ec2 = cloud("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    network = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": []}}
    started = cloud("ecs").run_task(
        cluster=place.cluster, taskDefinition=place.name, launchType="FARGATE", networkConfiguration=network
    )
    arn: str = started["tasks"][0]["taskArn"]
    return arn


def memory(place: Place, arn: str) -> Any:
    """Return moto's own object of a task."""
    return ecs_backends[ACCOUNT][REGION].tasks[place.cluster][arn]


def target_group(cloud: Cloud, place: Place) -> None:
    vpc = cloud("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    for name in place.target_groups:
        cloud("elbv2").create_target_group(Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")


def health(patch: Callable[..., None], *states: tuple[str, str]) -> None:
    """Have every target group hold targets in these states, each with a reason."""
    found = [
        FakeHealthStatus(f"10.0.0.{number}", "8080", "8080", state, reason and "Target.ResponseCodeMismatch", reason)
        for number, (state, reason) in enumerate(states, 1)
    ]
    patch(ELBv2Backend, "describe_target_health", lambda *_arguments, **_more: found)
