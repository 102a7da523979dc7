"""A stack with two services at two berths: each berth and each service at it has a row of its own."""

from __future__ import annotations

from decimal import Decimal

from berth.cost.candidates import compare
from berth.cost.candidates_view import sections as compared
from berth.cost.estimate_view import sections as priced
from berth.cost.estimator import estimate
from berth.cost.pricelist import load_prices
from berth.plan import HOST, MOORING, Plan, Resource
from berth.render.markdown import body
from berth.report import StackReport, page, summary
from berth.views.plan_view import comment, places
from tests.cost.support import fargate, made, resource

EAST = load_prices("us-east-1")
LIMIT = {"what": "tmpfs", "instead": "a disk"}


def host(berth: str, *limits: dict[str, str]) -> Resource:
    return resource(HOST, berth, {"berth": berth, "limits": list(limits)}, custom=False)


def moored(service: str, berth: str, weight: int, **more: object) -> Resource:
    inputs = {"service": service, "berth": berth, "weight": weight, **more}
    return resource(MOORING, f"{service}-{berth}", inputs, custom=False)


def plan() -> Plan:
    eks, ecs = host("eks"), host("ecs-fargate", LIMIT)
    shop = moored("shop", "ecs-fargate", 90)
    key, log = "aws:kms/key:Key", "aws:cloudwatch/logGroup:LogGroup"
    task, service = fargate().resources
    inside = (
        # As the program nests them: a room inside of a mooring is still the mooring's.
        room := resource("berth:rollout:Rollout", "room", custom=False, parent=shop.urn),
        Resource(**{**vars(task), "parent": shop.urn}),
        Resource(**{**vars(service), "parent": room.urn}),
        resource(key, "secrets", parent=eks.urn),
        resource(log, "cluster", {"retentionInDays": 30}, parent=ecs.urn),
    )
    others = (moored("shop", "eks", 10), moored("worker", "eks", 1, ways=[{"port": 80, "exposure": "internal"}]))
    return made(eks, ecs, shop, *others, *inside)


def test_a_place_is_said_by_service_and_share() -> None:
    assert places(plan()) == ["shop: 90 % ecs-fargate, 10 % eks", "worker: eks (internal)"]
    assert places(made(moored("mail", "eks", 1, kind="worker"))) == ["mail: eks (worker)"]
    job = {"kind": "job", "schedule": "0 3 * * *", "timezone": "Europe/Berlin"}
    both = [moored("night", "ecs-ec2", 1, leads=False, **job), moored("night", "eks", 2, **job)]
    assert places(made(*both)) == ["night: eks, ecs-ec2 (job, 0 3 * * * Europe/Berlin)"]
    assert places(made(both[0])) == ["night: ecs-ec2 (job, on demand)"]
    assert places(made(moored("shop", "eks", 0), moored("shop", "ecs-ec2", 0))) == ["shop: ecs-ec2, eks"]
    assert places(made(moored("shop", "eks", 1), moored("shop", "ecs-ec2", 2))) == ["shop: 66.7 % ecs-ec2, 33.3 % eks"]
    assert places(made()) == []


def test_each_berth_and_each_service_at_it_is_charged_by_itself() -> None:
    found = estimate(plan(), EAST)
    assert set(found.subtotals) == {"eks", "ecs-fargate", "shop at ecs-fargate"}
    assert found.subtotals["shop at ecs-fargate"] == estimate(fargate(), EAST).total
    assert found.subtotals["eks"] == Decimal(1)
    assert found.complete, "neither a host nor a mooring is a resource that could cost something"


def test_stacks_beside_each_other_have_a_row_a_berth_and_a_row_a_mooring() -> None:
    text = body(priced([estimate(plan(), EAST), estimate(fargate(), EAST)]))
    rows = [line.split(" | ")[0].strip("| ") for line in text.splitlines()[2:8]]
    assert rows == ["part", "---", "Stack", "shop at ecs-fargate", "ecs-fargate", "eks"]
    assert "Backend" not in text


def test_a_comparison_says_where_each_service_runs_and_what_each_berth_cannot_do() -> None:
    text = body(compared(compare([plan()], {"made": ()}, {"made": EAST})))
    assert "| services | shop: 90 % ecs-fargate, 10 % eks<br>worker: eks (internal) |" in text
    assert "What ecs-fargate cannot do:\n\n- tmpfs: a disk" in text
    assert "What eks cannot do" not in text


def test_every_view_begins_with_where_the_services_run() -> None:
    report = StackReport(plan())
    for text in (comment(plan(), ()), summary([report]), page([report])):
        assert "shop: 90 % ecs-fargate, 10 % eks" in text and "worker: eks (internal)" in text
