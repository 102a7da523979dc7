"""The network: a VPC over two or three zones, or one that is already there.

Creates (``berth:network:Network``): VPC with its default security group closed, public, private and
isolated data subnets in each zone, internet gateway, NAT gateways (never a NAT instance), route
tables, an S3 gateway endpoint, interface endpoints where config names them, and flow logs to
CloudWatch. With ``network.existing`` it creates nothing and hands the given ids on.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.iam import Role, assumed_by, statement
from components.rooms.network.settings import NetworkSettings
from components.rooms.network.subnets import plan_subnets
from components.site import Site


class Network(pulumi.ComponentResource):
    """VPC and subnets, by id."""

    vpc_id: pulumi.Output[str]
    private_subnet_ids: list[pulumi.Output[str]]
    """One a zone, with a way out through NAT: load balancer, VPC link, tasks, pods."""
    data_subnet_ids: list[pulumi.Output[str]]
    """One a zone, with no way out: the database."""
    load_balancer_cidrs: list[str]
    """Ranges that the load balancer's requests come from, the private subnets; none if they are not known."""
    ready: list[pulumi.Resource]
    """The way out of the private subnets: must exist before a machine there pulls an image, and go after it."""

    def __init__(
        self,
        site: Site,
        settings: NetworkSettings,
        zones: Sequence[str],
        *,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Create the network, or adopt the one that config names.

        Args:
            site: where the stack stands.
            settings: ``berth:network``.
            zones: names of the availability zones, as many as ``settings.zones``.
            opts: resource options.
        """
        name = site.name
        super().__init__("berth:network:Network", name, {"cidr": settings.cidr, "zones": list(zones)}, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        self.ready = []
        # The load balancer's addresses are not known of a VPC that is already there.
        known = () if settings.existing else plan_subnets(settings.cidr, settings.zones).private
        self.load_balancer_cidrs = list(known)
        if settings.existing:
            existing = settings.existing
            self.vpc_id = pulumi.Output.from_input(existing.vpc_id)
            self.private_subnet_ids = [pulumi.Output.from_input(id) for id in existing.private_subnet_ids]
            self.data_subnet_ids = [pulumi.Output.from_input(id) for id in existing.data_subnet_ids]
        else:
            self._build(site, settings, zones)
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "privateSubnetIds": self.private_subnet_ids,
                "dataSubnetIds": self.data_subnet_ids,
            }
        )

    def _build(self, site: Site, settings: NetworkSettings, zones: Sequence[str]) -> None:
        name, child = site.name, self._child
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=settings.cidr,
            enable_dns_hostnames=True,  # interface endpoints answer under AWS's own names only with both
            enable_dns_support=True,
            tags={"Name": name},
            opts=child,
        )
        self.vpc_id = vpc.id
        # Declared with no rule at all, which takes away AWS's own allow-all rules.
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default-closed", vpc_id=vpc.id, tags={"Name": f"{name}-closed"}, opts=child
        )

        plan = plan_subnets(settings.cidr, settings.zones)
        public = self._subnets(name, "public", zones, plan.public)
        private = self._subnets(name, "private", zones, plan.private)
        data = self._subnets(name, "data", zones, plan.data)
        self.private_subnet_ids = [subnet.id for subnet in private]
        self.data_subnet_ids = [subnet.id for subnet in data]

        gateway = aws.ec2.InternetGateway(f"{name}-internet", vpc_id=vpc.id, tags={"Name": name}, opts=child)
        public_table = self._route_table(name, "public", public)
        aws.ec2.Route(
            f"{name}-public-internet",
            route_table_id=public_table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=child,
        )

        nat_zones = range(1 if settings.nat_gateways == "one" else settings.zones)
        gateways = [self._nat_gateway(f"{name}-nat-{zones[i]}", public[i], gateway) for i in nat_zones]
        private_tables = []
        for i, zone in enumerate(zones):
            table = self._route_table(name, f"private-{zone}", [private[i]])
            private_tables.append(table)
            way_out = aws.ec2.Route(
                f"{name}-private-{zone}-nat",
                route_table_id=table.id,
                destination_cidr_block="0.0.0.0/0",
                nat_gateway_id=gateways[min(i, len(gateways) - 1)].id,
                opts=child,
            )
            self.ready.append(way_out)
        data_table = self._route_table(name, "data", data)  # no route but the VPC's own

        aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{site.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in [*private_tables, data_table]],
            tags={"Name": f"{name}-s3"},
            opts=child,
        )
        if settings.interface_endpoints:
            self._interface_endpoints(site, settings)
        self._flow_logs(site, settings.flow_log_retention_days)

    def _subnets(self, name: str, tier: str, zones: Sequence[str], cidrs: Sequence[str]) -> list[aws.ec2.Subnet]:
        """One subnet a zone; none gives its hosts a public address, not even the public ones."""
        return [
            aws.ec2.Subnet(
                f"{name}-{tier}-{zone}",
                vpc_id=self.vpc_id,
                availability_zone=zone,
                cidr_block=cidr,
                map_public_ip_on_launch=False,
                tags={"Name": f"{name}-{tier}-{zone}", "berth:tier": tier},
                opts=self._child,
            )
            for zone, cidr in zip(zones, cidrs, strict=True)
        ]

    def _route_table(self, name: str, suffix: str, subnets: Sequence[aws.ec2.Subnet]) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(
            f"{name}-{suffix}", vpc_id=self.vpc_id, tags={"Name": f"{name}-{suffix}"}, opts=self._child
        )
        for subnet in subnets:
            association = aws.ec2.RouteTableAssociation(
                f"{subnet._name}-routes", route_table_id=table.id, subnet_id=subnet.id, opts=self._child
            )
            self.ready.append(association)
        return table

    def _nat_gateway(self, name: str, subnet: aws.ec2.Subnet, internet: aws.ec2.InternetGateway) -> aws.ec2.NatGateway:
        address = aws.ec2.Eip(name, domain="vpc", tags={"Name": name}, opts=self._child)
        return aws.ec2.NatGateway(
            name,
            allocation_id=address.id,
            subnet_id=subnet.id,
            tags={"Name": name},
            # EC2 refuses a NAT gateway in a VPC whose internet gateway is not attached yet.
            opts=self._child.merge(pulumi.ResourceOptions(depends_on=[internet])),
        )

    def _interface_endpoints(self, site: Site, settings: NetworkSettings) -> None:
        name = f"{site.name}-endpoints"
        group = aws.ec2.SecurityGroup(
            name,
            vpc_id=self.vpc_id,
            description="Interface endpoints: HTTPS from within the VPC",
            tags={"Name": name},
            opts=self._child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-https",
            security_group_id=group.id,
            description="HTTPS from the VPC",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4=settings.cidr,
            opts=self._child,
        )
        for service in settings.interface_endpoints:
            aws.ec2.VpcEndpoint(
                f"{site.name}-{service}",
                vpc_id=self.vpc_id,
                service_name=f"com.amazonaws.{site.region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=self.private_subnet_ids,
                security_group_ids=[group.id],
                tags={"Name": f"{site.name}-{service}"},
                opts=self._child,
            )

    def _flow_logs(self, site: Site, retention_days: int) -> None:
        name = f"{site.name}-flow-logs"
        log_group = f"/berth/{site.name}/vpc-flow-logs"
        group = aws.cloudwatch.LogGroup(name, name=log_group, retention_in_days=retention_days, opts=self._child)
        role = Role(
            name,
            assumed_by("vpc-flow-logs.amazonaws.com", condition={"StringEquals": {"aws:SourceAccount": site.account}}),
            statements=[
                statement(
                    ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                    [site.arn("logs", f"log-group:{log_group}:*")],
                ),
                statement(["logs:DescribeLogGroups"], ["*"]),  # takes no narrower resource
            ],
            opts=self._child,
        )
        aws.ec2.FlowLog(
            name,
            vpc_id=self.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=60,
            tags={"Name": name},
            opts=self._child.merge(pulumi.ResourceOptions(depends_on=role.ready)),
        )
