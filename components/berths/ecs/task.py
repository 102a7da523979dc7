"""What runs once or always is one task definition: with its log group, parameters, roles and security group."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.berths.ecs.capacity import Capacity
from components.berths.ecs.definition import EcsPlace, container_definitions, needs_files, volumes
from components.berths.parameters import parameter_names, parameters
from components.berths.rights import to_pull, to_read_parameters, to_write_logs
from components.ground import Ground
from components.iam import Role, assumed_by, granted, statement
from components.mooring import Mooring
from components.rooms.image.image import Image
from components.secret_rights import rights


class Task:
    """The task definition of one mooring's service, whatever starts it.

    Creates, as children of the mooring: log group, one SSM parameter for each binding, execution and task role, task
    definition, security group.
    """

    name: str
    """The mooring's, which is the task definition's family."""
    log_group: str
    definition: aws.ecs.TaskDefinition
    group: aws.ec2.SecurityGroup
    """What the task may be reached by and reach."""
    roles: tuple[Role, Role]
    """Those that whoever starts the task passes to it."""
    ready: list[pulumi.Resource]
    """What must exist before a task can start."""

    def __init__(self, ground: Ground, mooring: Mooring, capacity: Capacity) -> None:
        """Create it.

        Args:
            ground: what every room and berth stands on.
            mooring: the service.
            capacity: where the tasks run.
        """
        self._ground, self._mooring, self._capacity = ground, mooring, capacity
        self._spec, self._child = mooring.spec, mooring.child
        self.name = mooring.name
        service = mooring.spec

        self.log_group = f"/berth/{self.name}"
        logs = aws.cloudwatch.LogGroup(
            f"{self.name}-logs", name=self.log_group, retention_in_days=service.log_retention_days, opts=self._child
        )
        bound = parameters(mooring)
        files = capacity.files[service.architecture] if needs_files(service, capacity.launch_type) else None
        place = EcsPlace(
            launch_type=capacity.launch_type,
            site=ground.site,
            log_group=self.log_group,
            parameters=parameter_names(mooring),
            exec=capacity.exec,
            files_image=files.reference if files else "",
        )
        self.roles = execution, own = self._execution_role(place, files), self._task_role()
        self.definition = aws.ecs.TaskDefinition(
            f"{self.name}-task",
            family=self.name,
            requires_compatibilities=[capacity.launch_type],
            network_mode="awsvpc",
            cpu=str(service.cpu),
            memory=str(service.memory),
            runtime_platform={
                "cpu_architecture": "ARM64" if service.architecture == "arm64" else "X86_64",
                "operating_system_family": "LINUX",
            },
            execution_role_arn=execution.arn,
            task_role_arn=own.arn,
            volumes=volumes(service, place),
            container_definitions=container_definitions(service, place),
            opts=self._child.merge(pulumi.ResourceOptions(depends_on=[logs])),
        )
        self.group, ways = ground.firewall.host_group(self.name, [service], self._child)
        self.ready = [
            *ground.network.ready,
            *ways,
            *service.ready,
            *(files.ready if files else ()),
            *capacity.ready,
            *bound,
            *execution.ready,
            *own.ready,
        ]

    def _execution_role(self, place: EcsPlace, files: Image | None) -> Role:
        """The role of the agent that starts the task: pull images, write logs, read parameters and secrets."""
        site = self._ground.site
        statements = [
            to_write_logs(site, place.log_group),
            *to_read_parameters(site, place.parameters.values()),
            *rights(site, self._spec.sources),
            *to_pull(site, self._spec, files.repository_arn if files else None),
        ]
        return Role(f"{self.name}-execution", self._trust(), statements=statements, opts=self._child)

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
        return Role(f"{self.name}-task", self._trust(), statements=statements, opts=self._child)

    def _trust(self) -> str:
        """Only tasks of this account may assume the roles (the confused-deputy guard of the ECS guide)."""
        return assumed_by(
            "ecs-tasks.amazonaws.com",
            condition={"StringEquals": {"aws:SourceAccount": self._ground.site.account}},
        )
