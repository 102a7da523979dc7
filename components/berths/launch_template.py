"""What every machine of the stack's own is made from, whoever runs containers on it."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws


def launch_template(
    name: str,
    *,
    image: pulumi.Input[str],
    instance_type: str,
    profile: aws.iam.InstanceProfile,
    user_data: str,
    group: aws.ec2.SecurityGroup,
    volume_gib: int,
    opts: pulumi.ResourceOptions,
) -> aws.ec2.LaunchTemplate:
    """Create a launch template: metadata by session only and one hop far, an encrypted disk, detailed monitoring.

    Args:
        name: of the template and of the machines.
        image: id of the AMI, or the parameter that holds it.
        instance_type: EC2's.
        profile: the machines' role.
        user_data: what a machine does at its start, base64.
        group: the machines' security group.
        volume_gib: size of the disk.
        opts: resource options.
    """
    tags = {"Name": name}
    return aws.ec2.LaunchTemplate(
        f"{name}-machine",
        name=name,
        update_default_version=True,
        image_id=image,
        instance_type=instance_type,
        iam_instance_profile={"arn": profile.arn},
        user_data=user_data,
        vpc_security_group_ids=[group.id],
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,  # containers behind a bridge are one hop further
        },
        block_device_mappings=[
            {
                "device_name": "/dev/xvda",
                "ebs": {
                    "volume_size": volume_gib,
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
        opts=opts,
    )
