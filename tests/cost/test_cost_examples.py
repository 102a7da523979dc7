"""The worked examples of docs/cost.md: each formula gives its amount, and the estimator gives it too."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from berth.cost.amounts import money
from berth.cost.estimator import estimate
from berth.cost.pricelist import load_prices
from berth.cost.usage import Usage
from berth.plan import Plan
from tests.cost.support import cluster, database, fargate, machines, made, network, resource

DOCUMENT = Path(__file__).parents[2] / "docs" / "cost.md"
ROW = re.compile(r"^\| (?P<name>[^|]+) \| (?P<formula>[0-9.*+/ ]+) \| (?P<amount>[0-9.]+) \|$", re.MULTILINE)
USAGE = Usage(requests=10_000_000, nat_gb=Decimal(100), log_gb=Decimal(5))

PLANS: dict[str, Plan] = {
    "Fargate service, 2 tasks of 0.5 vCPU and 1 GB": fargate(),
    "NAT gateway with its address and 100 GB": network(),
    "Application Load Balancer": made(resource("aws:lb/loadBalancer:LoadBalancer", "alb")),
    "HTTP API": made(resource("aws:apigatewayv2/stage:Stage", "stage")),
    "Web ACL with 4 rules": made(resource("aws:wafv2/webAcl:WebAcl", "waf", {"rules": [{}, {}, {}, {}]})),
    "Machines, 2 t3.small with 30 GB and monitoring": machines(),
    "EKS Auto Mode, 2 m5.large with 40 GB": cluster(),
    "Database, db.t4g.micro with 20 GB": database(),
    "Database in two zones, db.t4g.micro with 20 GB": database(multi=True),
    "Log group, 5 GB kept 30 days": made(resource("aws:cloudwatch/logGroup:LogGroup", "logs", {"retentionInDays": 30})),
}
OPERATORS: dict[type, Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def examples() -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["formula"], row["amount"]) for row in ROW.finditer(DOCUMENT.read_text("utf-8"))}


def worked_out(formula: str) -> Decimal:
    def value(node: ast.expr) -> Decimal:
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](value(node.left), value(node.right))
        assert isinstance(node, ast.Constant)
        return Decimal(ast.get_source_segment(formula, node) or "")

    return value(ast.parse(formula, mode="eval").body)


def test_every_example_is_tested() -> None:
    assert examples().keys() == PLANS.keys()


@pytest.mark.parametrize("name", PLANS)
def test_example(name: str) -> None:
    formula, amount = examples()[name]
    result = estimate(PLANS[name], load_prices("us-east-1"), USAGE)
    assert money(worked_out(formula.strip())) == amount
    assert money(result.total) == amount
    assert result.complete


def test_every_option_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `--([a-z-]+)` \| ([^|]+) \|", DOCUMENT.read_text("utf-8"), re.MULTILINE))
    defaults = {name.replace("_", "-"): value for name, value in vars(Usage()).items()}
    assert rows.keys() == defaults.keys()
    assert rows.pop("replicas") == "the stack's minimum"
    assert rows.pop("eks-nodes") == "what the pods' requests need"
    assert rows.pop("eks-node-type") == Usage(eks_nodes=1).node_type
    assert all(
        rows[name] == (f"{value:f}" if isinstance(value, Decimal) else f"{value}")
        for name, value in defaults.items()
        if name in rows
    )
