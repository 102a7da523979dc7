"""The chain of security groups, in one place: VPC link -> load balancer -> service -> database.

Each link of the chain admits the one before it, by group and never by address range, and each group
may only speak to the next. Creates (``berth:firewall:Firewall``) four groups and their rules. The
groups belong to no backend, so moving the service to another berth changes none of them.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

DATABASE_PORT = 5432


def listener_port(encrypted: bool) -> int:
    """Return the port of the internal load balancer's listener."""
    return 443 if encrypted else 80


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


class Firewall(pulumi.ComponentResource):
    """Ids of the security groups."""

    link_id: pulumi.Output[str]
    """The API's VPC link."""
    load_balancer_id: pulumi.Output[str]
    service_id: pulumi.Output[str]
    """What runs the service: ECS tasks, or the nodes its pods live on."""
    database_id: pulumi.Output[str]
    ready: list[pulumi.Resource]
    """The rules: what must exist before the service can reach anything."""

    def __init__(
        self,
        name: str,
        vpc_id: pulumi.Input[str],
        service_port: int,
        *,
        listener_port: int = listener_port(encrypted=False),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Create the groups and their rules.

        Args:
            name: prefix of every name.
            vpc_id: the VPC.
            service_port: TCP port the service listens on.
            listener_port: TCP port the load balancer listens on.
            opts: resource options.
        """
        super().__init__("berth:firewall:Firewall", name, {"vpcId": vpc_id, "servicePort": service_port}, opts)
        self._name, self._vpc_id = name, vpc_id
        self._child = pulumi.ResourceOptions(parent=self)
        self.ready = []

        link = self._group("link", "VPC link of the API")
        balancer = self._group("alb", "Internal load balancer")
        service = self._group("service", "What runs the service")
        database = self._group("database", "Database")
        self._chain("link", link, "alb", balancer, listener_port)
        self._chain("alb", balancer, "service", service, service_port)
        self._chain("service", service, "database", database, DATABASE_PORT)
        why = "AWS APIs: image layers, logs, parameters"
        self.ready.append(https_out(f"{name}-service-https", service.id, why, self._child))

        self.link_id, self.load_balancer_id = link.id, balancer.id
        self.service_id, self.database_id = service.id, database.id
        self.register_outputs(
            {
                "linkId": self.link_id,
                "loadBalancerId": self.load_balancer_id,
                "serviceId": self.service_id,
                "databaseId": self.database_id,
            }
        )

    def _group(self, suffix: str, description: str) -> aws.ec2.SecurityGroup:
        # No name: a description or VPC that changes replaces the group, and a fixed name would collide.
        return aws.ec2.SecurityGroup(
            f"{self._name}-{suffix}",
            vpc_id=self._vpc_id,
            description=description,
            tags={"Name": f"{self._name}-{suffix}"},
            opts=self._child,
        )

    def _chain(
        self,
        source_name: str,
        source: aws.ec2.SecurityGroup,
        target_name: str,
        target: aws.ec2.SecurityGroup,
        port: int,
    ) -> None:
        """Let ``source`` speak to ``target`` on one TCP port: an egress rule and its ingress twin."""
        leaves = aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-{source_name}-to-{target_name}",
            security_group_id=source.id,
            description=f"to {target_name}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=target.id,
            opts=self._child,
        )
        enters = aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-{target_name}-from-{source_name}",
            security_group_id=target.id,
            description=f"from {source_name}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=source.id,
            opts=self._child,
        )
        self.ready += [leaves, enters]
