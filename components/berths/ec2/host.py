"""EC2: each service on machines of its own, one for each replica, whose containers systemd and podman run.

Creates for each mooring: log group, one SSM parameter for each binding, the machines' role and instance profile, the
service's role where it has rights, security group, launch template (IMDSv2 with one hop, encrypted gp3, the newest
Amazon Linux 2023 when `up` runs), auto scaling group. The host itself has nothing: no two services share a machine.

A container is on podman's bridge, two hops away from the machine's metadata service, and its unit may not speak to it
either: the machine's role is out of its reach. What the service itself may do is a role of its own, whose credentials
the machine hands out where AWS's SDKs ask for those of a container (``machine/credentials.py``).

Machines have no SSH key: Systems Manager's Session Manager reaches them. They are not patched but replaced: after
``maxInstanceDays``, and by an `up` after a newer image of Amazon Linux came out.
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from components.berths.ec2.group import group_name, machines
from components.berths.ec2.machine import encoded, user_data
from components.berths.ec2.settings import Ec2Settings
from components.berths.ec2.units import Place, secret_names
from components.berths.host import Host
from components.berths.launch_template import launch_template
from components.berths.own_role import machine_name, own_role, own_role_arn
from components.berths.parameters import parameter_names, parameters
from components.berths.rights import to_pull, to_read_parameters, to_write_logs
from components.berths.rollout import bindings_revision, secrets_revision
from components.iam import Role, assumed_by, statement
from components.mooring import Mooring
from components.rooms.image.image import repository_of
from components.secret_rights import rights
from components.service.spec import Architecture, ServiceSpec

ROOT_VOLUME_GIB: Final = 20
"""The AMI's 8 GiB, images, and two logs of 64 MiB for each container."""
_AMIS: Final = "/aws/service/ami-amazon-linux-latest"


def ami_parameter(architecture: Architecture) -> str:
    """Return the public parameter that holds the newest image of Amazon Linux 2023."""
    return f"{_AMIS}/al2023-ami-kernel-default-{'arm64' if architecture == 'arm64' else 'x86_64'}"


class Ec2(Host[Ec2Settings]):
    """Machines, without an orchestrator."""

    shape = "instance"

    def build(self) -> None:
        """Look up the machines' images: another one is a new version of the launch template."""
        looking = pulumi.InvokeOutputOptions(parent=self)
        self._amis = {
            architecture: aws.ssm.get_parameter_output(name=ami_parameter(architecture), opts=looking).insecure_value
            for architecture in sorted({service.architecture for service in self.services})
        }

    def run(self, mooring: Mooring) -> str:
        """Create the service's machines."""
        name, spec, site = mooring.name, mooring.spec, self.ground.site
        log_group = f"/berth/{name}"
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs", name=log_group, retention_in_days=spec.log_retention_days, opts=mooring.child
        )
        bound = parameters(mooring)
        own = own_role(site, mooring)
        role, profile = self._machine_role(mooring, log_group)
        firewall, ways = self.ground.firewall.host_group(name, [spec], mooring.child)
        names = parameter_names(mooring)
        text = user_data(
            spec,
            Place(secret_names(spec, names), names, site.region),
            group=group_name(mooring, self.settings),
            log_group=log_group,
            registries=_registries(spec, site.partition),
            role=own_role_arn(site, mooring) or "",
        )
        template = launch_template(
            name,
            image=self._amis[spec.architecture],
            instance_type=self.settings.instance_type,
            profile=profile,
            user_data=encoded(text),
            group=firewall,
            volume_gib=ROOT_VOLUME_GIB,
            opts=mooring.child,
        )
        looking = pulumi.InvokeOutputOptions(parent=mooring)
        revision = {"bindings": bindings_revision(name, spec.bindings, mooring.child)}
        if spec.sources:
            revision["secrets"] = secrets_revision(spec.sources, looking)
        ready = [
            *self.ground.network.ready,
            *ways,
            *spec.ready,
            *bound,
            *role.ready,
            *(own.ready if own else ()),
            logs,
        ]
        machines(self.ground, mooring, self.settings, template, revision, ready)
        return self._access(mooring)

    def _machine_role(self, mooring: Mooring, log_group: str) -> tuple[Role, aws.iam.InstanceProfile]:
        """The machine's role: pull images, read parameters and secrets, write logs, say that the service runs."""
        name, spec, site = mooring.name, mooring.spec, self.ground.site
        group = f"autoScalingGroup:*:autoScalingGroupName/{group_name(mooring, self.settings)}"
        statements = [
            to_write_logs(site, log_group),
            statement(["autoscaling:CompleteLifecycleAction"], [site.arn("autoscaling", group)]),
            *to_read_parameters(site, parameter_names(mooring).values()),
            *rights(site, spec.sources),
            *to_pull(site, spec),
        ]
        if own := own_role_arn(site, mooring):
            statements.append(statement(["sts:AssumeRole"], [own]))
        role = Role(
            machine_name(mooring),
            assumed_by("ec2.amazonaws.com"),
            statements=statements,
            managed=[site.managed_policy("AmazonSSMManagedInstanceCore")],
            opts=mooring.child,
        )
        profile = aws.iam.InstanceProfile(
            f"{name}-machine",
            name=f"{name}-machine",
            role=role.role_name,
            # A machine that starts before its rights are attached cannot start the service.
            opts=mooring.child.merge(pulumi.ResourceOptions(depends_on=role.ready)),
        )
        return role, profile

    def _access(self, mooring: Mooring) -> str:
        options, group = self.ground.site.cli_options, group_name(mooring, self.settings)
        first = (
            f"$(aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names {group} {options}"
            " --query 'AutoScalingGroups[0].Instances[0].InstanceId' --output text)"
        )
        return f"aws ssm start-session --target {first} {options}"


def _registries(spec: ServiceSpec, partition: str) -> list[str]:
    """Return the hosts of ECR that the images come from."""
    images = [spec.image, *(sidecar.image for sidecar in spec.sidecars)]
    return sorted({image.partition("/")[0] for image in images if repository_of(image, partition)})
