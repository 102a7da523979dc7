"""Berth: containerised services at the berths that the stack's config names, behind one API."""

import pulumi
import pulumi_aws as aws

from components.berths.registry import open_host
from components.ground import Ground
from components.rooms.edge.edge import ENVIRONMENT, Edge
from components.rooms.image.image import Image
from components.rooms.image.registry import Registry
from components.rooms.network.firewall import Firewall
from components.rooms.network.network import Network
from components.rooms.network.zones import choose_zones, zone_filters
from components.rooms.registry import furnish
from components.service.spec import service_spec
from components.settings import load
from components.site import Site

settings = load()
caller = aws.get_caller_identity()
site = Site(
    name=settings.site_name,
    account=caller.account_id,
    partition=aws.get_partition().partition,
    region=settings.region,
    profile=settings.profile,
)
zones = aws.get_availability_zones(filters=zone_filters(site.region))
network = Network(site, settings.network, choose_zones(zones.names, settings.network.zones, site.region))
firewall = Firewall(site.name, network.vpc_id, encrypted=settings.api.internal_tls is not None)
ground = Ground(site, network, firewall, Registry(site), settings.production, settings.accept)
edge = Edge(ground, settings.api) if settings.answers else None  # nobody calls a worker or a job

offers = {room: furnish(room, ground, settings.of(room)) for room in settings.rooms}
offers |= {name: edge.offer(one) for name, one in settings.services.items() if edge and one.is_internal}
services = [
    service_spec(
        one,
        Image(ground.registry, one, production=settings.production),
        [offers[use] for use in one.uses or ()],
        ENVIRONMENT,
    )
    for one in settings.services.values()
]

hosts = {name: open_host(name, ground, settings.of(name), services, weight) for name, weight in settings.berths.items()}
first = settings.first_berth
moorings = [
    host.moor(one, settings.berths[name], leads=name == first, deployment=settings.deployment)
    for one in services
    for name, host in hosts.items()
]
if edge:
    edge.route(moorings)
for mooring in moorings:
    mooring.moored(hosts[mooring.berth].run(mooring))

if edge:
    pulumi.export("url", edge.url)
pulumi.export("images", {one.name: one.image for one in services})
pulumi.export("access", {one.name: {m.berth: m.access for m in moorings if m.spec is one} for one in services})
