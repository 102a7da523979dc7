"""The estimator: nothing is silently zero, and what the load shares out adds up again."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from berth.cost.estimate_json import estimates_text
from berth.cost.estimator import estimate
from berth.cost.pricelist import load_prices
from berth.cost.usage import Usage, decimal_option
from berth.errors import ConfigError
from berth.plan import UNKNOWN, Plan
from tests.cost.support import database, fargate, machines, made, network, prices, resource

EAST = load_prices("us-east-1")


def test_unknown_type_is_listed_not_zero() -> None:
    result = estimate(made(resource("aws:sqs/queue:Queue", "a"), resource("aws:sqs/queue:Queue", "b")), EAST)
    assert result.unknown == {"aws:sqs/queue:Queue": 2}
    assert not result.complete
    assert result.free == 0


def test_missing_price_is_listed_with_its_key_and_region() -> None:
    result = estimate(machines(type_="x9.huge"), EAST)
    (missing,) = result.unpriced
    assert missing.reason == "no price known for ec2.x9.huge in us-east-1"
    assert not result.complete
    assert all("x9" not in line.what for line in result.lines)


def test_unknown_inputs_are_listed() -> None:
    service = fargate(cpu=UNKNOWN)  # type: ignore[arg-type]
    assert [item.what for item in estimate(service, EAST).unpriced] == ["tasks"]
    group = made(resource("aws:autoscaling/group:Group", "machines", {"minSize": 2}))
    assert [item.what for item in estimate(group, EAST).unpriced] == ["machines"]


def test_free_and_external_and_components() -> None:
    plan = made(
        resource("aws:ec2/vpc:Vpc", "vpc"),
        resource("aws:ec2/natGateway:NatGateway", "read", external=True),
        resource("berth:network:Network", "network", custom=False),
        resource("kubernetes:core/v1:ConfigMap", "map"),
    )
    result = estimate(plan, EAST)
    assert (result.lines, result.free, result.complete) == ((), 2, True)


def test_tasks_on_machines_cost_nothing_themselves() -> None:
    service = resource(
        "aws:ecs/service:Service",
        "service",
        {"desiredCount": 2, "capacityProviderStrategies": [{"capacityProvider": "machines"}]},
    )
    result = estimate(made(service), EAST)
    assert (list(result.lines), result.complete, result.free) == ([], True, 1)


@pytest.mark.parametrize(("architecture", "key"), [("ARM64", "arm"), ("X86_64", "x86")])
def test_processor(architecture: str, key: str) -> None:
    result = estimate(fargate(runtimePlatform={"cpuArchitecture": architecture}), EAST)
    vcpu = EAST.prices[f"fargate.vcpu.{key}"].amount
    assert vcpu in [line.unit_price for line in result.lines]


def test_replicas_and_hours_scale() -> None:
    whole = estimate(fargate(), EAST)
    assert estimate(fargate(), EAST, Usage(replicas=4)).total == 2 * whole.total
    assert estimate(fargate(), EAST, Usage(hours=Decimal(73))).total == whole.total / 10


def test_storage_beyond_20_gb() -> None:
    more = estimate(fargate(ephemeralStorage={"sizeInGib": 30}), EAST).total - estimate(fargate(), EAST).total
    assert more == Decimal("0.000111") * 10 * 2 * 730


def test_shared_load_adds_up() -> None:
    names = ("a", "b", "c")
    groups = made(*(resource("aws:cloudwatch/logGroup:LogGroup", name, {"retentionInDays": 30}) for name in names))
    gateways = made(*(resource("aws:ec2/natGateway:NatGateway", name) for name in names))
    taken_in = [line.quantity for line in estimate(groups, EAST).lines if line.what == "logs taken in"]
    through = [line.quantity for line in estimate(gateways, EAST).lines if line.what == "data through it"]
    assert len(taken_in) == len(through) == 3
    assert round(sum(taken_in), 9) == Usage().log_gb
    assert round(sum(through), 9) == Usage().nat_gb


def test_interface_endpoint_is_charged_a_zone_and_gateway_endpoint_is_free() -> None:
    type_ = "aws:ec2/vpcEndpoint:VpcEndpoint"
    interface = resource(type_, "logs", {"vpcEndpointType": "Interface", "subnetIds": [UNKNOWN, UNKNOWN]})
    gateway = resource(type_, "s3", {"vpcEndpointType": "Gateway"})
    result = estimate(made(interface, gateway), prices(endpoint_hour="0.01", endpoint_data="0.01"))
    assert {line.resource for line in result.lines} == {"logs"}
    assert result.total == Decimal("14.61")


def test_large_requests_are_metered_in_steps() -> None:
    plan = made(resource("aws:apigatewayv2/stage:Stage", "stage"))
    usage = Usage(requests=1_000_000, gb_per_request=Decimal("0.0006"))
    (line,) = (line for line in estimate(plan, EAST, usage).lines if line.what == "requests")
    assert line.quantity == 2


def test_unconfirmed_part_is_summed() -> None:
    result = estimate(network(), load_prices("eu-west-1"))
    assert result.unconfirmed == result.total > 0
    assert estimate(database(), EAST).unconfirmed == 0


def test_component_is_the_outermost() -> None:
    outer = resource("berth:edge:Edge", "edge", custom=False)
    inner = resource("berth:edge:AccessLogs", "logs", custom=False, parent=outer.urn)
    bucket = resource("aws:s3/bucket:Bucket", "logs", parent=inner.urn)
    assert list(estimate(made(outer, inner, bucket), EAST).subtotals) == ["Edge"]
    assert list(estimate(made(resource("aws:s3/bucket:Bucket", "own")), EAST).subtotals) == ["Stack"]


def test_order_of_resources_does_not_matter() -> None:
    resources = [*fargate().resources, *machines().resources, *database().resources, *network().resources]
    expected = estimates_text([estimate(made(*resources), EAST)])
    random.Random(1).shuffle(resources)
    assert estimates_text([estimate(made(*resources), EAST)]) == expected


def test_subtotals_add_up() -> None:
    plan: Plan = made(*fargate().resources, *database().resources)
    result = estimate(plan, EAST)
    assert sum(result.subtotals.values()) == result.total == sum(line.amount for line in result.lines)


def test_impossible_usage_is_refused_all_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        Usage(requests=-1, hours=Decimal(800))
    assert "requests" in str(caught.value)
    assert "744" in str(caught.value)


def test_options_are_exact_and_bad_ones_refused_by_the_command_line() -> None:
    app = typer.Typer()
    seen: list[Decimal] = []

    @app.command()
    def cost(hours: Annotated[Decimal, typer.Option(parser=decimal_option)] = Usage.hours) -> None:
        seen.append(hours)

    assert CliRunner().invoke(app, ["--hours", "0.1"]).exit_code == 0
    assert CliRunner().invoke(app, []).exit_code == 0
    assert seen == [Decimal("0.1"), Decimal(730)]
    assert [CliRunner().invoke(app, ["--hours", text]).exit_code for text in ("many", "nan", "inf")] == [2, 2, 2]
