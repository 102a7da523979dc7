"""ECS on EC2: services on machines of one's own, where money is short.

Creates: cluster with container insights, instance role, a security group that
admits nobody, launch template (IMDSv2 only, encrypted gp3, the ECS-optimised AMI by SSM parameter),
auto scaling group, capacity provider with managed scaling and draining. Instances
have no SSH key: Systems Manager's Session Manager reaches them. They are not patched but replaced,
after ``MAX_INSTANCE_DAYS`` at most: a new one starts from the newest AMI, and the old one drains.

A task in ``awsvpc`` mode takes one network interface: a t3.small has three, one is the instance's own,
so it runs two tasks. Instance types that support trunking run more (account setting awsvpcTrunking).
"""

from __future__ import annotations

import base64
from typing import Any

import pulumi
import pulumi_aws as aws

from components.berths.ecs.capacity import Capacity
from components.berths.ecs.cluster import ecs_cluster
from components.berths.ecs.files_image import files_images
from components.berths.ecs.workload import run
from components.berths.ecs_ec2.settings import EcsEc2Settings
from components.berths.host import Host
from components.berths.launch_template import launch_template
from components.iam import Role, assumed_by
from components.mooring import Mooring
from components.rooms.network.firewall import https_out

ROOT_VOLUME_GIB = 30
"""Size of the ECS-optimised AMI's snapshot; a smaller volume is refused."""
MAX_INSTANCE_DAYS = 14
"""Age at which an instance is replaced; what EKS Auto Mode does with its nodes."""
LAUNCH_FIRST: Any = {"min_healthy_percentage": 100, "max_healthy_percentage": 150}
"""Replacing starts the new instance first, so that the tasks of the one that drains find room."""


def ami_parameter(architecture: str) -> str:
    """Return the launch template's image id: the newest ECS-optimised Amazon Linux 2023, when a machine starts."""
    folder = "amazon-linux-2023/arm64" if architecture == "arm64" else "amazon-linux-2023"
    return f"resolve:ssm:/aws/service/ecs/optimized-ami/{folder}/recommended/image_id"


def user_data(cluster: str) -> str:
    """Return the launch template's user data, base64: join the cluster, keep tasks from the instance's metadata."""
    lines = [
        "#!/bin/bash",
        "cat >>/etc/ecs/ecs.config <<'EOF'",
        f"ECS_CLUSTER={cluster}",
        "ECS_AWSVPC_BLOCK_IMDS=true",
        "EOF",
        "",
    ]
    return base64.b64encode("\n".join(lines).encode()).decode()


class EcsEc2(Host[EcsEc2Settings]):
    """A cluster on EC2 instances."""

    def build(self) -> None:
        """Create cluster and machines."""
        name, child = self.name, self.child
        cluster = ecs_cluster(name, self.log_retention_days, child)
        group = self._machines(self._launch_template(), cluster)
        provider = aws.ecs.CapacityProvider(
            f"{name}-capacity",
            name=f"berth-{name}",  # a name may not begin with aws, ecs or fargate, as a service's might
            auto_scaling_group_provider={
                "auto_scaling_group_arn": group.arn,
                "managed_scaling": {"status": "ENABLED", "target_capacity": 100},
                "managed_draining": "ENABLED",
                # An instance that is protected from scaling in outlives its maximum lifetime (EC2 Auto Scaling user
                # guide, "Replace Auto Scaling instances based on maximum instance lifetime"): draining protects tasks.
                "managed_termination_protection": "DISABLED",
            },
            opts=child,
        )
        strategy: Any = {"capacity_provider": provider.name, "base": 0, "weight": 1}
        attached = aws.ecs.ClusterCapacityProviders(
            f"{name}-capacity",
            cluster_name=cluster.name,
            capacity_providers=[provider.name],
            default_capacity_provider_strategies=[strategy],
            opts=child,
        )
        self._capacity = Capacity(
            "EC2",
            cluster,
            name,
            [strategy],
            [attached],
            exec=self.settings.exec,
            files=files_images(self.ground, self.berth.name, self.services, "EC2", child),
            placement=[
                {"type": "spread", "field": "attribute:ecs.availability-zone"},
                {"type": "spread", "field": "instanceId"},
            ],
        )

    def run(self, mooring: Mooring) -> str:
        """Create the service's tasks."""
        return run(self.ground, mooring, self._capacity)

    def _launch_template(self) -> aws.ec2.LaunchTemplate:
        name, site = self.name, self.ground.site
        role = Role(
            f"{name}-instance",
            assumed_by("ec2.amazonaws.com"),
            managed=[
                site.managed_policy("service-role/AmazonEC2ContainerServiceforEC2Role"),
                site.managed_policy("AmazonSSMManagedInstanceCore"),
            ],
            opts=self.child,
        )
        profile = aws.iam.InstanceProfile(
            f"{name}-instance",
            name=f"{name}-instance",
            role=role.role_name,
            # A machine that starts before its rights are attached cannot join the cluster.
            opts=self.child.merge(pulumi.ResourceOptions(depends_on=role.ready)),
        )
        return launch_template(
            name,
            image=ami_parameter(self.services[0].architecture),
            instance_type=self.settings.instance_type,
            profile=profile,
            user_data=user_data(name),
            group=self._security_group(),
            volume_gib=ROOT_VOLUME_GIB,
            opts=self.child,
        )

    def _security_group(self) -> aws.ec2.SecurityGroup:
        """The machines' own group: nobody comes in, and only HTTPS goes out (tasks have theirs)."""
        name = self.name
        group = self.ground.firewall.group(f"{name}-machine", "ECS machines: no way in, HTTPS out", self.child)
        https_out(f"{name}-machine-https", group.id, "AWS APIs and image layers", self.child)
        return group

    def _machines(self, template: aws.ec2.LaunchTemplate, cluster: aws.ecs.Cluster) -> aws.autoscaling.Group:
        settings = self.settings
        return aws.autoscaling.Group(
            f"{self.name}-machines",
            name=self.name,
            min_size=settings.min_instances,
            max_size=settings.max_instances,
            vpc_zone_identifiers=self.ground.network.private_subnet_ids,
            launch_template={"id": template.id, "version": template.latest_version.apply(str)},
            max_instance_lifetime=MAX_INSTANCE_DAYS * 24 * 60 * 60,
            instance_maintenance_policy=LAUNCH_FIRST,
            # A new launch template replaces the instances at once; the provider's own default is 90 % healthy.
            instance_refresh={"strategy": "Rolling", "preferences": LAUNCH_FIRST},
            force_delete=True,  # or `destroy` waits for machines that drain
            tags=[
                # ECS sets this one itself; left out, each plan would take it away again.
                {"key": "AmazonECSManaged", "value": "true", "propagate_at_launch": True},
                {"key": "Name", "value": self.name, "propagate_at_launch": True},
            ],
            opts=self.child.merge(
                pulumi.ResourceOptions(
                    ignore_changes=["desiredCapacity"],
                    # Only the user data names the cluster; and `destroy` must end the machines before it.
                    depends_on=[cluster, *self.ground.network.ready],
                )
            ),
        )
