"""A service on an ECS cluster, Fargate or EC2: roles, parameters, logs, task, service, scaling.

Creates, as children of the mooring: security group, log group, one SSM parameter for each binding, execution and task
role, task definition, service with circuit breaker and rollback, and target tracking on CPU and on
requests per target. What differs between the two berths comes in as ``Capacity``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.berths.ecs.definition import EcsPlace, LaunchType, container_definitions, volumes
from components.berths.rollout import bindings_revision
from components.ground import Ground
from components.iam import Role, assumed_by, granted, statement
from components.mooring import Mooring

HEALTH_GRACE_SECONDS = 60
"""Time a starting task has before the load balancer's opinion counts."""
SCALE_IN_COOLDOWN = 300
SCALE_OUT_COOLDOWN = 60


@dataclass(frozen=True)
class Capacity:
    """Where an ECS cluster gets its machines: all that tells the two berths apart."""

    launch_type: LaunchType
    cluster: aws.ecs.Cluster
    cluster_name: str
    strategies: Sequence[Any]
    """Capacity provider strategy of the service."""
    ready: Sequence[pulumi.Resource]
    """What must exist before the cluster can place a task."""
    exec: bool
    """Whether ECS Exec is switched on."""
    placement: Sequence[Any] = field(default_factory=list)
    """Placement strategies; Fargate spreads over zones by itself and takes none."""


class Workload:
    """What runs one mooring's service on ECS."""

    access: str
    """Command that opens a shell where ECS Exec is on, and follows the logs elsewhere."""

    def __init__(self, ground: Ground, mooring: Mooring, capacity: Capacity) -> None:
        """Create it.

        Args:
            ground: what every room and berth stands on.
            mooring: the service, its target group and what forwards to it.
            capacity: where the tasks run.
        """
        self._ground, self._mooring, self._capacity = ground, mooring, capacity
        self._name, self._spec, self._child = mooring.name, mooring.spec, mooring.child
        service = mooring.spec

        log_group = f"/berth/{self._name}"
        logs = aws.cloudwatch.LogGroup(
            f"{self._name}-logs", name=log_group, retention_in_days=service.log_retention_days, opts=self._child
        )
        parameter_names = {binding.variable: f"/berth/{self._name}/{binding.slug}" for binding in service.bindings}
        parameters = self._parameters(parameter_names)
        place = EcsPlace(
            launch_type=capacity.launch_type,
            region=ground.site.region,
            log_group=log_group,
            parameters=parameter_names,
            exec=capacity.exec,
        )
        execution = self._execution_role(place)
        task_role = self._task_role()
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
        self.access = self._access_command(log_group)

    def _parameters(self, names: dict[str, str]) -> list[pulumi.Resource]:
        return [
            aws.ssm.Parameter(
                f"{self._name}-{binding.slug}",
                name=names[binding.variable],
                type="SecureString" if binding.secret else "String",
                value=binding.value,
                opts=self._child,
            )
            for binding in self._spec.bindings
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
        if self._spec.repository_arn:
            pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
            statements.append(statement(pull, [self._spec.repository_arn]))
            statements.append(statement(["ecr:GetAuthorizationToken"], ["*"]))  # takes no narrower resource
        return Role(f"{self._name}-execution", self._trust(), statements=statements, opts=self._child)

    def _task_role(self) -> Role:
        """The service's own role: what it is granted, and the four calls of an ECS Exec session where that is on."""
        session = [
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ]
        statements = granted(self._spec.grants)
        if self._capacity.exec:
            statements.append(statement(session, ["*"]))  # they take no narrower resource
        return Role(f"{self._name}-task", self._trust(), statements=statements, opts=self._child)

    def _trust(self) -> str:
        """Only tasks of this account may assume the roles (the confused-deputy guard of the ECS guide)."""
        return assumed_by(
            "ecs-tasks.amazonaws.com",
            condition={"StringEquals": {"aws:SourceAccount": self._ground.site.account}},
        )

    def _service(self, task: aws.ecs.TaskDefinition, ready: Sequence[pulumi.Resource]) -> aws.ecs.Service:
        ground, capacity = self._ground, self._capacity
        group, ways = ground.firewall.host_group(self._name, [self._spec], self._child)
        return aws.ecs.Service(
            f"{self._name}-service",
            name=self._spec.name,
            cluster=capacity.cluster.arn,
            task_definition=task.arn,
            desired_count=self._spec.scale.fewest,
            capacity_provider_strategies=list(capacity.strategies),
            ordered_placement_strategies=list(capacity.placement) or None,
            network_configuration={
                "subnets": ground.network.private_subnet_ids,
                "security_groups": [group.id],
                "assign_public_ip": False,
            },
            load_balancers=[
                {
                    "target_group_arn": self._mooring.target_groups[one.name].arn,
                    "container_name": self._spec.name,
                    "container_port": one.port,
                }
                for one in self._spec.endpoints
            ]
            or None,
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_circuit_breaker={"enable": True, "rollback": True},
            availability_zone_rebalancing="ENABLED",
            health_check_grace_period_seconds=HEALTH_GRACE_SECONDS if self._spec.endpoints else None,
            enable_execute_command=capacity.exec,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            triggers={"bindings": bindings_revision(self._name, self._spec.bindings, self._child)},
            # For the triggers; and without it a change of the capacity provider strategy is refused.
            force_new_deployment=True,
            wait_for_steady_state=True,  # an `up` whose tasks never get healthy fails instead of looking done
            opts=pulumi.ResourceOptions(
                parent=self._mooring,
                ignore_changes=["desiredCount"],  # autoscaling's business after the first start
                depends_on=[
                    *self._mooring.arrivals,
                    *ground.network.ready,
                    *ways,
                    *self._spec.ready,
                    *capacity.ready,
                    *ready,
                ],
            ),
        )

    def _scaling(self, service: aws.ecs.Service) -> None:
        target = aws.appautoscaling.Target(
            f"{self._name}-scaling",
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=f"service/{self._capacity.cluster_name}/{self._spec.name}",
            min_capacity=self._spec.scale.fewest,
            max_capacity=self._spec.scale.most,
            opts=self._child.merge(pulumi.ResourceOptions(depends_on=[service])),
        )
        scale = self._spec.scale
        self._track(target, "cpu", scale.cpu_percent, {"predefined_metric_type": "ECSServiceAverageCPUUtilization"})
        balancer = self._mooring.load_balancer
        if balancer is None:
            return
        label = pulumi.Output.concat(balancer.arn_suffix, "/", self._mooring.target_groups[""].arn_suffix)
        self._track(
            target,
            "requests",
            scale.requests,
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

    def _access_command(self, log_group: str) -> str:
        options, cluster = self._ground.site.cli_options, self._capacity.cluster_name
        if not self._capacity.exec:
            return f"aws logs tail {log_group} --follow {options}"
        task = (
            f"$(aws ecs list-tasks --cluster {cluster} --service-name {self._spec.name} {options}"
            " --query 'taskArns[0]' --output text)"
        )
        return (
            f"aws ecs execute-command --cluster {cluster} --task {task} --container {self._spec.name}"
            f" {options} --interactive --command /bin/sh"
        )
