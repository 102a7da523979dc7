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
from components.berths.parameters import parameter_names, parameters
from components.berths.rights import to_pull, to_read_parameters
from components.berths.rollout import bindings_revision, secrets_revision
from components.iam import LONGEST_NAME, Role, assumed_by, granted, policy, statement
from components.mooring import Mooring
from components.rooms.image.image import repository_of
from components.secret_rights import rights
from components.service.spec import Architecture, ServiceSpec
from components.site import Site, bounded

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
        own = self._own_role(mooring) if spec.grants else None
        role, profile = self._machine_role(mooring, log_group, own)
        firewall, ways = self.ground.firewall.host_group(name, [spec], mooring.child)
        names = parameter_names(mooring)
        text = user_data(
            spec,
            Place(secret_names(spec, names), names, site.region),
            group=group_name(mooring, self.settings),
            log_group=log_group,
            registries=_registries(spec, site.partition),
            role=_role_arn(site, own.name) if own else "",
        )
        template = self._launch_template(mooring, profile, firewall, encoded(text))
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

    def _own_role(self, mooring: Mooring) -> Role:
        """The service's own role: what it is granted; its machines alone assume it."""
        site = self.ground.site
        machine = _role_arn(site, bounded(f"{mooring.name}-machine", LONGEST_NAME))
        trust = {
            "Effect": "Allow",
            # The account's principals are narrowed to one: naming it would need it to exist, and break with a new one.
            "Principal": {"AWS": f"arn:{site.partition}:iam::{site.account}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": machine}},
        }
        name = f"{mooring.name}-service"
        return Role(name, policy(trust), statements=granted(mooring.spec.grants), opts=mooring.child)

    def _machine_role(self, mooring: Mooring, log_group: str, own: Role | None) -> tuple[Role, aws.iam.InstanceProfile]:
        """The machine's role: pull images, read parameters and secrets, write logs, say that the service runs."""
        name, spec, site = mooring.name, mooring.spec, self.ground.site
        group = f"autoScalingGroup:*:autoScalingGroupName/{group_name(mooring, self.settings)}"
        statements = [
            statement(["logs:CreateLogStream", "logs:PutLogEvents"], [site.arn("logs", f"log-group:{log_group}:*")]),
            statement(["autoscaling:CompleteLifecycleAction"], [site.arn("autoscaling", group)]),
            *to_read_parameters(site, parameter_names(mooring).values()),
            *rights(site, spec.sources),
            *to_pull(site, spec),
        ]
        if own:
            statements.append(statement(["sts:AssumeRole"], [_role_arn(site, own.name)]))
        role = Role(
            f"{name}-machine",
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

    def _launch_template(
        self, mooring: Mooring, profile: aws.iam.InstanceProfile, firewall: aws.ec2.SecurityGroup, data: str
    ) -> aws.ec2.LaunchTemplate:
        tags = {"Name": mooring.name}
        return aws.ec2.LaunchTemplate(
            f"{mooring.name}-machine",
            name=mooring.name,
            update_default_version=True,
            image_id=self._amis[mooring.spec.architecture],
            instance_type=self.settings.instance_type,
            iam_instance_profile={"arn": profile.arn},
            user_data=data,
            vpc_security_group_ids=[firewall.id],
            metadata_options={
                "http_endpoint": "enabled",
                "http_tokens": "required",
                "http_put_response_hop_limit": 1,  # containers are one hop further
            },
            block_device_mappings=[
                {
                    "device_name": "/dev/xvda",
                    "ebs": {
                        "volume_size": ROOT_VOLUME_GIB,
                        "volume_type": "gp3",
                        "encrypted": "true",
                        "delete_on_termination": "true",
                    },
                }
            ],
            monitoring={"enabled": True},
            # The provider's default tags do not reach what an auto scaling group launches.
            tag_specifications=[
                {"resource_type": "instance", "tags": tags},
                {"resource_type": "volume", "tags": tags},
            ],
            opts=mooring.child,
        )

    def _access(self, mooring: Mooring) -> str:
        options, group = self.ground.site.cli_options, group_name(mooring, self.settings)
        first = (
            f"$(aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names {group} {options}"
            " --query 'AutoScalingGroups[0].Instances[0].InstanceId' --output text)"
        )
        return f"aws ssm start-session --target {first} {options}"


def _role_arn(site: Site, name: str) -> str:
    return f"arn:{site.partition}:iam::{site.account}:role/{name}"


def _registries(spec: ServiceSpec, partition: str) -> list[str]:
    """Return the hosts of ECR that the images come from."""
    images = [spec.image, *(sidecar.image for sidecar in spec.sidecars)]
    return sorted({image.partition("/")[0] for image in images if repository_of(image, partition)})
