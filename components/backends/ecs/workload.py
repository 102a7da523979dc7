"""The service on an ECS cluster, Fargate or EC2: roles, parameters, logs, task, service, scaling.

Creates (``berth:ecs:Workload``): log group, one SSM parameter for each binding, execution and task
role, task definition, service with circuit breaker and rollback, and target tracking on CPU and on
requests per target. What differs between the two backends comes in as ``Capacity``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.backends.base import Ground
from components.backends.ecs.definition import EcsPlace, LaunchType, container_definitions, volumes
from components.backends.rollout import bindings_revision
from components.iam import Role, assumed_by, statement

HEALTH_GRACE_SECONDS = 60
"""Time a starting task has before the load balancer's opinion counts."""
SCALE_IN_COOLDOWN = 300
SCALE_OUT_COOLDOWN = 60


@dataclass(frozen=True)
class Capacity:
    """Where an ECS cluster gets its machines: all that tells the two backends apart."""

    launch_type: LaunchType
    cluster: aws.ecs.Cluster
    cluster_name: str
    strategies: Sequence[Any]
    """Capacity provider strategy of the service."""
    ready: Sequence[pulumi.Resource]
    """What must exist before the cluster can place a task."""
    placement: Sequence[Any] = field(default_factory=list)
    """Placement strategies; Fargate spreads over zones by itself and takes none."""


class Workload(pulumi.ComponentResource):
    """The running service."""

    access: str
    """Command that opens a shell where ECS Exec is on, and follows the logs elsewhere."""

    def __init__(
        self, ground: Ground, capacity: Capacity, *, backend: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the service on the given capacity.

        Args:
            ground: what every backend is given.
            capacity: where the tasks run.
            backend: name of the backend, part of every name so that two can stand side by side.
            opts: resource options.
        """
        self._ground, self._capacity = ground, capacity
        self._name = ground.site.berth_name(backend)
        super().__init__("berth:ecs:Workload", self._name, {"image": ground.service.image}, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        service, settings = ground.service, ground.settings

        log_group = f"/berth/{self._name}"
        logs = aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=log_group,
            retention_in_days=settings.service.log_retention_days,
            opts=self._child,
        )
        parameter_names = {binding.variable: f"/berth/{self._name}/{binding.slug}" for binding in service.bindings}
        parameters = self._parameters(parameter_names)
        place = EcsPlace(
            launch_type=capacity.launch_type,
            region=ground.site.region,
            log_group=log_group,
            parameters=parameter_names,
            exec=settings.ecs.exec,
        )
        execution = self._execution_role(place)
        task_role = self._task_role(place)
        task = aws.ecs.TaskDefinition(
            f"{self._name}-task",
            family=self._name,
            requires_compatibilities=[capacity.launch_type],
            network_mode="awsvpc",
            cpu=str(service.cpu),
            memory=str(service.memory),
            runtime_platform={
                "cpu_architecture": "ARM64" if service.architecture == "arm64" else "X86_64",
                "operating_system_family": "LINUX",
            },
            execution_role_arn=execution.arn,
            task_role_arn=task_role.arn,
            volumes=volumes(service.security, place),
            container_definitions=container_definitions(service, place),
            opts=self._child.merge(pulumi.ResourceOptions(depends_on=[logs])),
        )
        running = self._service(task, [*parameters, *execution.ready, *task_role.ready])
        self._scaling(running)
        self.access = self._access_command(place)
        self.register_outputs({"access": self.access})

    def _parameters(self, names: dict[str, str]) -> list[pulumi.Resource]:
        return [
            aws.ssm.Parameter(
                f"{self._name}-{binding.slug}",
                name=names[binding.variable],
                type="SecureString" if binding.secret else "String",
                value=binding.value,
                opts=self._child,
            )
            for binding in self._ground.service.bindings
        ]

    def _execution_role(self, place: EcsPlace) -> Role:
        """The role of the agent that starts the task: pull the image, write logs, read parameters."""
        site = self._ground.site
        statements = [
            statement(
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                [site.arn("logs", f"log-group:{place.log_group}:*")],
            )
        ]
        if place.parameters:
            names = [site.arn("ssm", f"parameter{name}") for name in place.parameters.values()]
            # A SecureString under AWS's own key needs no right on the key.
            statements.append(statement(["ssm:GetParameters"], names))
        if self._ground.repository_arn:
            pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
            statements.append(statement(pull, [self._ground.repository_arn]))
            statements.append(statement(["ecr:GetAuthorizationToken"], ["*"]))  # takes no narrower resource
        return Role(f"{self._name}-execution", self._trust(), statements=statements, opts=self._child)

    def _task_role(self, place: EcsPlace) -> Role:
        """The service's own role: nothing, but the four calls of an ECS Exec session where that is on."""
        session = [
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ]
        statements = [statement(session, ["*"])] if place.exec else []  # they take no narrower resource
        return Role(f"{self._name}-task", self._trust(), statements=statements, opts=self._child)

    def _trust(self) -> str:
        """Only tasks of this account may assume the roles (the confused-deputy guard of the ECS guide)."""
        return assumed_by(
            "ecs-tasks.amazonaws.com",
            condition={"StringEquals": {"aws:SourceAccount": self._ground.site.account}},
        )

    def _service(self, task: aws.ecs.TaskDefinition, ready: Sequence[pulumi.Resource]) -> aws.ecs.Service:
        ground, capacity = self._ground, self._capacity
        return aws.ecs.Service(
            f"{self._name}-service",
            name=self._name,
            cluster=capacity.cluster.arn,
            task_definition=task.arn,
            desired_count=ground.service.min_replicas,
            capacity_provider_strategies=list(capacity.strategies),
            ordered_placement_strategies=list(capacity.placement) or None,
            network_configuration={
                "subnets": ground.network.private_subnet_ids,
                "security_groups": [ground.firewall.service_id],
                "assign_public_ip": False,
            },
            load_balancers=[
                {
                    "target_group_arn": ground.target_group.arn,
                    "container_name": ground.service.name,
                    "container_port": ground.service.port,
                }
            ],
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_circuit_breaker={"enable": True, "rollback": True},
            availability_zone_rebalancing="ENABLED",
            health_check_grace_period_seconds=HEALTH_GRACE_SECONDS,
            enable_execute_command=ground.settings.ecs.exec,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            triggers={"bindings": bindings_revision(self._name, ground.service.bindings, self._child)},
            # For the triggers; and without it a change of the capacity provider strategy is refused.
            force_new_deployment=True,
            wait_for_steady_state=True,  # an `up` whose tasks never get healthy fails instead of looking done
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["desiredCount"],  # autoscaling's business after the first start
                depends_on=[ground.listener, *ground.waits_for, *capacity.ready, *ready],
            ),
        )

    def _scaling(self, service: aws.ecs.Service) -> None:
        ground = self._ground
        target = aws.appautoscaling.Target(
            f"{self._name}-scaling",
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=f"service/{self._capacity.cluster_name}/{self._name}",
            min_capacity=ground.service.min_replicas,
            max_capacity=ground.service.max_replicas,
            opts=self._child.merge(pulumi.ResourceOptions(depends_on=[service])),
        )
        label = pulumi.Output.concat(ground.load_balancer.arn_suffix, "/", ground.target_group.arn_suffix)
        settings = ground.settings.service
        self._track(
            target, "cpu", settings.cpu_target_percent, {"predefined_metric_type": "ECSServiceAverageCPUUtilization"}
        )
        self._track(
            target,
            "requests",
            settings.requests_target,
            {"predefined_metric_type": "ALBRequestCountPerTarget", "resource_label": label},
        )

    def _track(self, target: aws.appautoscaling.Target, suffix: str, value: float, metric: Any) -> None:
        """Keep one metric at a value; the policy that asks for more tasks wins."""
        aws.appautoscaling.Policy(
            f"{self._name}-{suffix}",
            name=f"{self._name}-{suffix}",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration={
                "target_value": value,
                "scale_in_cooldown": SCALE_IN_COOLDOWN,
                "scale_out_cooldown": SCALE_OUT_COOLDOWN,
                "predefined_metric_specification": metric,
            },
            opts=self._child,
        )

    def _access_command(self, place: EcsPlace) -> str:
        options, cluster = self._ground.site.cli_options, self._capacity.cluster_name
        if not place.exec:
            return f"aws logs tail {place.log_group} --follow {options}"
        task = (
            f"$(aws ecs list-tasks --cluster {cluster} --service-name {self._name} {options}"
            " --query 'taskArns[0]' --output text)"
        )
        return (
            f"aws ecs execute-command --cluster {cluster} --task {task} --container {self._ground.service.name}"
            f" {options} --interactive --command /bin/sh"
        )
