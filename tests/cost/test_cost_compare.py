"""Comparison, creation times and views."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from berth.cost import Comparison, compare, comparison_views, estimate, load_prices, markdown, run, views
from berth.cost.document import dumps
from berth.cost.limits import LIMITS
from berth.cost.times import longest_chain
from berth.errors import ConfigError
from berth.judgement import judge_plan
from berth.plan import Plan
from berth.views.common import Violation
from components.settings import Backend
from tests.cost.conftest import ROOT
from tests.cost.support import made, resource

EAST = load_prices("us-east-1")


def shown(renderable: object) -> str:
    file = io.StringIO()
    Console(file=file, width=140, no_color=True).print(renderable)
    return file.getvalue()


@pytest.fixture(scope="module")
def comparison(plans: dict[str, Plan]) -> Comparison:
    violations = {stack: judge_plan(plan, ROOT).violations for stack, plan in plans.items()}
    return compare(list(plans.values()), violations, dict.fromkeys(plans, EAST))


def test_every_backend_has_limits() -> None:
    assert LIMITS.keys() == {backend.value for backend in Backend}


def test_chain_follows_the_slow_branch_not_the_long_one() -> None:
    vpc = resource("aws:ec2/vpc:Vpc", "vpc")
    quick = [resource("aws:ec2/route:Route", f"r{number}", dependencies=(vpc.urn,)) for number in range(3)]
    database = resource("aws:rds/instance:Instance", "db", dependencies=(vpc.urn,))
    last = resource("aws:ecs/service:Service", "svc", dependencies=(*(item.urn for item in quick), database.urn))
    chain = longest_chain(made(vpc, *quick, database, last))
    assert [item.name for item in chain.resources] == ["vpc", "db", "svc"]
    assert (chain.low, chain.high) == pytest.approx((7.05, 14.2))


def test_long_chains_and_cycles_end() -> None:
    links = [resource("aws:ec2/route:Route", "0")]
    for number in range(1, 3000):
        links.append(resource("aws:ec2/route:Route", str(number), dependencies=(links[-1].urn,)))
    assert len(longest_chain(made(*links)).resources) == 3000
    first, second = resource("a:b:C", "x"), resource("a:b:C", "y")
    looped = made(resource("a:b:C", "x", dependencies=(second.urn,)), resource("a:b:C", "y", dependencies=(first.urn,)))
    assert longest_chain(looped).high > 0
    assert longest_chain(made()).resources == ()


def test_comparison(comparison: Comparison) -> None:
    by_backend = {candidate.backend: candidate for candidate in comparison.candidates}
    assert by_backend.keys() == {"ecs-fargate", "ecs-ec2", "eks"}
    assert all(candidate.mandatory == 0 for candidate in comparison.candidates)
    assert all(sum(item.packages.values()) == item.resources for item in comparison.candidates)
    assert by_backend["eks"].chain.low >= 10
    assert "eks.Cluster" in comparison_views.chain_text(by_backend["eks"])
    assert by_backend["eks"].estimate.total > by_backend["ecs-fargate"].estimate.total


def test_comparison_views(comparison: Comparison) -> None:
    text = shown(comparison_views.table(comparison))
    assert "no-new-privileges" in text
    assert "minutes of `up`" in text
    document = json.loads(comparison_views.dumps(comparison))
    assert [stack["backend"] for stack in document["stacks"]] == ["ecs-fargate", "ecs-ec2", "eks"]
    assert "| backend | ecs-fargate | ecs-ec2 | eks |" in comparison_views.markdown(comparison)


def test_a_comparison_says_how_bad_the_findings_are() -> None:
    found = [Violation("p", "u", "advisory", "m", severity) for severity in ("low", "critical", "low")]
    result = compare([made()], {made().stack: found}, {made().stack: EAST})
    assert "1 critical, 2 low" in shown(comparison_views.table(result))
    assert "1 critical, 2 low" in comparison_views.markdown(result)
    (stack,) = json.loads(comparison_views.dumps(result))["stacks"]
    assert stack["findings"] == {"mandatory": 0, "advisory": 3, "severities": {"critical": 1, "low": 2}}


def test_cost_views(plans: dict[str, Plan]) -> None:
    results = [estimate(plan, EAST) for plan in plans.values()]
    text = shown(views.table(results[0], sources=True))
    for part in ("Total", "not confirmed", "Not in the total", "Container Insights", "Assumed", "1,000,000 requests"):
        assert part in text
    assert "https://" in text
    beside = shown(views.side_by_side(results))
    assert all(plan in beside for plan in plans)
    assert "Backend" in beside
    document = json.loads(dumps(results))
    assert [item["stack"] for item in document["estimates"]] == list(plans)
    assert dumps(results) == dumps([estimate(plan, EAST) for plan in plans.values()])
    page = markdown.markdown(results)
    assert page.count("<details>") == page.count("</details>") == 3
    assert "| **Total** |" in page


def test_one_stack_has_lines_and_several_have_columns(plans: dict[str, Plan]) -> None:
    results = [estimate(plan, EAST) for plan in plans.values()]
    assert shown(views.view(results[:1])) == shown(views.table(results[0]))
    assert shown(views.view(results)) == shown(views.side_by_side(results))
    assert "Not in the total of eks-dev" in shown(views.view(results))
    # In words: a sign behind an amount could be read as a change.
    assert "at least" in shown(views.view(results)) and "at least" in shown(views.table(results[0]))


def test_run_by_names() -> None:
    (result,) = run.estimates(["dev"], ROOT)
    assert (result.stack, result.region) == ("dev", "us-east-1")
    (candidate,) = run.comparison(["dev"], ROOT).candidates
    assert candidate.estimate == result
    with pytest.raises(ConfigError, match="more than once: dev"):
        run.estimates(["dev", "dev"], ROOT)


def test_unknown_types_are_shown() -> None:
    result = estimate(made(resource("aws:sqs/queue:Queue", "q")), EAST)
    assert "sqs.Queue (1 resource): not known to the price list" in shown(views.table(result))
    assert "sqs.Queue (1 resource): not known to the price list" in markdown.markdown([result])
