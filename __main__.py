"""Berth: one containerised service on the backend that the stack's config names."""

import pulumi
import pulumi_aws as aws

from components.backends import create_backend, target_group_tags
from components.backends.base import Ground
from components.database import Database
from components.edge import ENVIRONMENT, Edge, WeightedTarget
from components.firewall import Firewall, listener_port
from components.image import Image
from components.network import Network
from components.service import service_spec
from components.settings import load
from components.site import Site
from components.target import target_group
from components.zones import choose_zones, zone_filters

settings = load()
caller = aws.get_caller_identity()
site = Site(
    name=f"{settings.service.name}-{settings.stack}",
    account=caller.account_id,
    partition=aws.get_partition().partition,
    region=settings.region,
    profile=settings.profile,
)
zones = aws.get_availability_zones(filters=zone_filters(site.region))

network = Network(site, settings.network, choose_zones(zones.names, settings.network.zones, site.region))
firewall = Firewall(
    site.name,
    network.vpc_id,
    settings.service.port,
    listener_port=listener_port(encrypted=settings.api.internal_tls is not None),
)
image = Image(site, settings.service, production=settings.production)
database = Database(
    site,
    settings.database,
    subnet_ids=network.data_subnet_ids,
    security_group_id=firewall.database_id,
    accept=settings.accept,
)
service = service_spec(
    settings.service, image.reference, bindings=database.bindings, environment={**ENVIRONMENT, **database.environment}
)

target = target_group(
    site.name, settings.backend, service, network.vpc_id, tags=target_group_tags(settings.backend, site)
)
edge = Edge(
    site,
    settings.api,
    network=network,
    firewall=firewall,
    targets=[WeightedTarget(target)],
    production=settings.production,
)
backend = create_backend(
    settings.backend,
    Ground(
        site=site,
        settings=settings,
        service=service,
        network=network,
        firewall=firewall,
        target_group=target,
        load_balancer=edge.load_balancer,
        listener=edge.listener,
        repository_arn=image.repository_arn,
        waits_for=[*network.ready, *firewall.ready, *image.ready, *database.ready],
    ),
)

pulumi.export("url", edge.url)
pulumi.export("image", service.image)
pulumi.export("backend", str(settings.backend))
pulumi.export("access", backend.access)
