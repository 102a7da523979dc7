"""Small and large Plans, by hand: a report needs no program."""

from __future__ import annotations

from berth.plan import UNKNOWN, Notice, Plan, Resource, Secret
from berth.report import StackReport
from berth.views.common import Violation
from berth.views.section import Changed, Changes, Entry, Picture, Section, Table, Text

EVIL = "<script>document.title='ran'</script>"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100"><rect id="a" width="300" height="100"'
    ' fill="teal"/></svg>'
)


def urn(name: str, stack: str = "dev") -> str:
    return f"urn:pulumi:{stack}::berth::t::{name}"


def resource(name: str, type: str = "aws:s3/bucket:Bucket", **more: object) -> Resource:
    values: dict[str, object] = {"urn": urn(name), "parent": None, "inputs": {}, **more}
    return Resource(type=type, name=name, **values)  # type: ignore[arg-type]


def small(stack: str = "dev") -> StackReport:
    """A network with two subnets, and a service that waits for one; a name that would run."""
    resources = (
        resource("shop", "berth:components:Service", custom=False),
        resource("shop-net", "berth:components:Network", custom=False, parent=urn("shop"), inputs={"zones": 2}),
        resource("shop-net-a", "aws:ec2/subnet:Subnet", parent=urn("shop-net"), inputs={"cidrBlock": "10.0.1.0/24"}),
        resource("shop-net-b", "aws:ec2/subnet:Subnet", parent=urn("shop-net"), inputs={"cidrBlock": "10.0.2.0/24"}),
        resource(
            "shop-task",
            "aws:ecs/taskDefinition:TaskDefinition",
            parent=urn("shop"),
            inputs={
                "containerDefinitions": '[{"name":"web","user":"10001:10001"}]',
                "password": Secret("hunter2"),
                "vpc": UNKNOWN,
                "tags": {"deep": [Secret("hunter3"), {"later": UNKNOWN}], "html": "<b>&amp;"},
            },
            dependencies=(urn("shop-net-a"),),
            source="components/task.py:7",
        ),
        resource(EVIL, inputs={EVIL: EVIL}, parent=urn("gone")),
    )
    hits = (
        Violation(
            "no-root", urn("shop-task"), "mandatory", f"Say `user`, not {EVIL} @team", "critical", "Mend it.", ("C: 4",)
        ),
        Violation("tags", urn("shop-net-b"), "advisory", "Add a tag | or two"),
        Violation("odd", urn("elsewhere"), "advisory", "About a resource that the Plan does not have"),
    )
    plan = Plan(
        stack,
        resources,
        {"url": UNKNOWN, "key": Secret("hunter4"), "many": {"a": [1, 2.0]}, "evil": EVIL},
        (Notice("warning", f"Mind {EVIL}", urn("shop-task")),),
    )
    return StackReport(plan, hits, rules=9, resources=5)


def sections() -> tuple[Section, ...]:
    table = Table(
        ("item", "a month"), (("NAT gateway", "32.85"), (EVIL, "1.00")), frozenset({1}), ("Total", "33.85"), "Prices"
    )
    entry = Entry("+", "1 created", "ok", "s3.Bucket", EVIL, properties=[Changed("+", EVIL, None, EVIL)])
    return (
        Section("Price", (Text("What a month costs."), table), headline="$ 33.85 a month", folded=True, anchor="price"),
        Section("Diagrams", [Picture(SVG, "The network")], folded=True, anchor="diagrams"),
        Section("Difference", [Changes([entry])], folded=True, anchor="difference"),
    )


def large(count: int, stack: str = "large", *, hits: int = 0) -> StackReport:
    """One room with as many resources, each with a long name and some inputs."""
    room = resource("room", "berth:components:Room", custom=False)
    inside = tuple(
        resource(f"resource-{'x' * 40}-{index}", parent=room.urn, inputs={"index": index, "arn": UNKNOWN})
        for index in range(count)
    )
    found = tuple(
        Violation("policy", one.urn, "mandatory" if index % 2 else "advisory", "What to change, at length. " * 10)
        for index, one in enumerate(inside[:hits])
    )
    return StackReport(Plan(stack, (room, *inside), {}), found, rules=1, resources=count)
