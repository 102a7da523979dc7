"""What the network, the edge and the firewall cost."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import Final

from berth.cost.model import Charge, Context, Unpriced, items, mapping
from berth.plan import Resource

MILLION: Final = Decimal(1_000_000)

CONNECTIONS_AN_LCU_HOUR: Final = Decimal(25 * 3600)
"""New connections that one load balancer capacity unit covers in an hour: 25 a second."""
METERED_GB: Final = Decimal(512) / (1024 * 1024)
"""GB that an HTTP API counts as one request: 512 KB."""

Charges = Iterator[Charge | Unpriced]


def nat_gateway(resource: Resource, context: Context) -> Charges:
    """Charge the hours, and this gateway's share of the traffic."""
    yield Charge("hours", "nat.hour", context.usage.hours)
    yield Charge("data through it", "nat.data", context.usage.nat_gb / context.count(resource.type))


def address(resource: Resource, context: Context) -> Charges:
    """Charge a public IPv4 address, which is billed whether it is in use or not."""
    yield Charge("public IPv4 address", "ipv4.hour", context.usage.hours)


def endpoint(resource: Resource, context: Context) -> Charges:
    """Charge an interface endpoint in each of its zones; a gateway endpoint is free."""
    if resource.inputs.get("vpcEndpointType") != "Interface":
        return
    zones = len(items(resource.inputs.get("subnetIds"))) or 1
    yield Charge(f"hours in {zones} zones", "endpoint.hour", context.usage.hours * zones)
    peers = context.count(resource.type, vpcEndpointType="Interface")
    yield Charge("data through it", "endpoint.data", context.usage.endpoint_gb / peers)


def load_balancer(resource: Resource, context: Context) -> Charges:
    """Charge the hours and the capacity units of an Application Load Balancer.

    The units are those of the larger of two dimensions, connections and data, with a connection a
    request: keep-alive makes it less.
    """
    if resource.inputs.get("loadBalancerType", "application") != "application":
        yield unpriced(resource, "load balancer", "only Application Load Balancers are in the price list")
        return
    usage = context.usage
    yield Charge("hours", "alb.hour", usage.hours)
    share = context.count(resource.type)
    units = max(usage.requests / CONNECTIONS_AN_LCU_HOUR, usage.traffic_gb) / share
    yield Charge("capacity units", "alb.lcu", units)


def stage(resource: Resource, context: Context) -> Charges:
    """Charge the API's requests and the traffic out."""
    usage = context.usage
    share = context.count(resource.type)
    metered = max((usage.gb_per_request / METERED_GB).to_integral_value(ROUND_CEILING), Decimal(1))
    yield Charge("requests", "api.http", usage.requests * metered / MILLION / share)
    yield Charge("data sent out", "transfer.out", usage.traffic_gb / share)
    if mapping(resource.inputs.get("defaultRouteSettings")).get("detailedMetricsEnabled"):
        yield unpriced(resource, "detailed metrics", "the number of metrics depends on the routes called")


def web_acl(resource: Resource, context: Context) -> Charges:
    """Charge a web ACL, its rules and the requests it inspects; AWS's basic rule groups count as a rule each."""
    usage = context.usage
    rules = len(items(resource.inputs.get("rules")))
    yield Charge("web ACL", "waf.acl", usage.months)
    if rules:
        yield Charge(f"{rules} rules", "waf.rule", rules * usage.months)
    yield Charge("requests", "waf.requests", usage.requests / MILLION / context.count(resource.type))


def unpriced(resource: Resource, what: str, reason: str) -> Unpriced:
    """Return the note that a part of a resource costs an unknown amount; its component is filled in later."""
    return Unpriced(resource.name, resource.type, "", what, reason)
