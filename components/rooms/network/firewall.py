"""Security groups, and the chain that they make: VPC link -> load balancer -> service -> what the service uses.

Each link of the chain admits the one before it, by group and never by address range, and each group
may only speak to the next. Creates (``berth:firewall:Firewall``) the groups of the VPC link and the load balancer; each
berth asks for the groups of what runs the services there, and each room makes its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pulumi
import pulumi_aws as aws

from components.offer import Reach
from components.service.spec import ServiceSpec

INTERNAL_PORT = 81
"""Port of the load balancer's listener for internal services, which no group of the API's may use. Below 1024, where no
service can listen: a pod that may leave to this port, wherever it is, reaches the load balancer and no other pod."""


def listener_port(encrypted: bool) -> int:
    """Return the port of the load balancer's listener for the API."""
    return 443 if encrypted else 80


class Firewall(pulumi.ComponentResource):
    """The security groups that belong to no berth, and the ways between groups."""

    link_id: pulumi.Output[str]
    """The API's VPC link."""
    load_balancer_id: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        vpc_id: pulumi.Input[str],
        *,
        encrypted: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Create the groups and their rules.

        Args:
            name: prefix of every name.
            vpc_id: the VPC.
            encrypted: whether the API speaks TLS to the load balancer.
            opts: resource options.
        """
        super().__init__("berth:firewall:Firewall", name, {"vpcId": vpc_id}, opts)
        self._name, self._vpc_id = name, vpc_id
        child = pulumi.ResourceOptions(parent=self)
        link = self.group(f"{name}-link", "VPC link of the API", child)
        balancer = self.group(f"{name}-alb", "Internal load balancer", child)
        chain(name, "link", link.id, "alb", balancer.id, listener_port(encrypted), child)
        self.link_id, self.load_balancer_id = link.id, balancer.id
        self.register_outputs({"linkId": self.link_id, "loadBalancerId": self.load_balancer_id})

    def group(self, name: str, description: str, opts: pulumi.ResourceOptions) -> aws.ec2.SecurityGroup:
        """Create a group without any rule."""
        # No name: a description or VPC that changes replaces the group, and a fixed name would collide.
        return aws.ec2.SecurityGroup(name, vpc_id=self._vpc_id, description=description, tags={"Name": name}, opts=opts)

    def host_group(
        self, name: str, services: Sequence[ServiceSpec], opts: pulumi.ResourceOptions
    ) -> tuple[aws.ec2.SecurityGroup, list[pulumi.Resource]]:
        """Create the group of what runs services: the load balancer's requests come in, what they use is reached.

        Args:
            name: prefix of every name.
            services: the services that run there.
            opts: resource options.

        Returns:
            The group, and what must exist before a service there can reach anything.
        """
        group = self.group(f"{name}-service", "What runs the service", opts)
        why = "AWS APIs: image layers, logs, parameters"
        ready: list[pulumi.Resource] = [https_out(f"{name}-service-https", group.id, why, opts)]
        for port in sorted({endpoint.port for service in services for endpoint in service.endpoints}):
            ready += chain(name, "alb", self.load_balancer_id, f"service-{port}", group.id, port, opts)
        for reach in _each_once(reach for service in services for reach in service.reach):
            ready += chain(name, "service", group.id, reach.name, reach.group_id, reach.port, opts)
        return group, ready


def _each_once(reaches: Iterable[Reach]) -> list[Reach]:
    """Return each reach once: two services that use one thing have one way to it.

    By name and port: of two that have one name by mistake, none is lost, and the engine refuses their rules' names.
    """
    return list({(reach.name, reach.port): reach for reach in reaches}.values())


def chain(
    name: str,
    source_name: str,
    source_id: pulumi.Input[str],
    target_name: str,
    target_id: pulumi.Input[str],
    port: int,
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Let one group speak to another on one TCP port: an egress rule and its ingress twin."""
    leaves = aws.vpc.SecurityGroupEgressRule(
        f"{name}-{source_name}-to-{target_name}",
        security_group_id=source_id,
        description=f"to {target_name}",
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        referenced_security_group_id=target_id,
        opts=opts,
    )
    enters = aws.vpc.SecurityGroupIngressRule(
        f"{name}-{target_name}-from-{source_name}",
        security_group_id=target_id,
        description=f"from {source_name}",
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        referenced_security_group_id=source_id,
        opts=opts,
    )
    return [leaves, enters]


def https_out(
    name: str, group_id: pulumi.Input[str], description: str, opts: pulumi.ResourceOptions
) -> aws.vpc.SecurityGroupEgressRule:
    """Let what is in a group call AWS's APIs, wherever they answer."""
    return aws.vpc.SecurityGroupEgressRule(
        name,
        security_group_id=group_id,
        description=description,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        cidr_ipv4="0.0.0.0/0",
        opts=opts,
    )
