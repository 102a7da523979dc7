"""A machine for each service, which the load balancer reaches by its instance id."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
from components.berths.raft.settings import RaftSettings

from components.berths.host import Host
from components.mooring import Mooring


class Raft(Host[RaftSettings]):
    """What all machines share: nothing."""

    shape = "instance"

    def build(self) -> None:
        """Need nothing but the ground."""

    def run(self, mooring: Mooring) -> str:
        """Create the service's machine."""
        name, spec, ground = mooring.name, mooring.spec, self.ground
        group, ways = ground.firewall.host_group(name, [spec], mooring.child)
        port = spec.endpoints[0].port
        machine = aws.ec2.Instance(
            name,
            ami="ami-0123456789abcdef0",
            instance_type=self.settings.timber,
            subnet_id=ground.network.private_subnet_ids[0],
            vpc_security_group_ids=[group.id],
            metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 1},
            root_block_device={"encrypted": True},
            user_data=f"#!/bin/sh\npodman run --user {spec.security.uid} --publish {port} {spec.image}\n",
            tags={"Name": name},
            opts=mooring.child.merge(
                pulumi.ResourceOptions(depends_on=[*mooring.arrivals, *ground.network.ready, *ways, *spec.ready])
            ),
        )
        aws.lb.TargetGroupAttachment(
            name, target_group_arn=mooring.target_groups[""].arn, target_id=machine.id, opts=mooring.child
        )
        return f"aws ssm start-session --target {name} {ground.site.cli_options}"
