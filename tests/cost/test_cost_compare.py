"""Comparison, creation times and views."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from berth.cost import candidates_view, estimate_view, run
from berth.cost.candidates import Candidate, compare
from berth.cost.estimate_json import candidates_text, estimates_text
from berth.cost.estimator import estimate
from berth.cost.pricelist import load_prices
from berth.cost.times import longest_chain
from berth.errors import ConfigError
from berth.judgement import judge_plan
from berth.plan import Plan
from berth.render.markdown import body
from berth.render.terminal import drawn
from berth.views.common import Violation
from berth.views.section import Section
from components.berths.registry import BERTHS
from tests.cost.conftest import ROOT
from tests.cost.support import made, resource

EAST = load_prices("us-east-1")


def shown(*sections: Section) -> str:
    file = io.StringIO()
    Console(file=file, width=140, no_color=True).print(drawn(sections))
    return file.getvalue()


@pytest.fixture(scope="module")
def comparison(plans: dict[str, Plan]) -> list[Candidate]:
    violations = {stack: judge_plan(plan, ROOT).violations for stack, plan in plans.items()}
    return compare(list(plans.values()), violations, dict.fromkeys(plans, EAST))


def test_every_backend_has_limits() -> None:
    assert [name for name, berth in BERTHS.items() if not berth.limits] == []


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


def test_comparison(comparison: list[Candidate]) -> None:
    by_backend = {candidate.plan.stack.removesuffix("-dev"): candidate for candidate in comparison}
    assert [[host.berth for host in one.plan.hosts] for one in comparison] == [["ecs-fargate"], ["ecs-ec2"], ["eks"]]
    assert all(hit.level == "advisory" for candidate in comparison for hit in candidate.violations)
    for stack in json.loads(candidates_text(comparison))["stacks"]:
        assert sum(stack["packages"].values()) == stack["resources"]
    assert by_backend["eks"].chain.low >= 10
    assert "eks.Cluster" in candidates_view.chain_text(by_backend["eks"])
    assert by_backend["eks"].estimate.total > by_backend["ecs-fargate"].estimate.total


def test_comparison_views(comparison: list[Candidate]) -> None:
    text = shown(*candidates_view.sections(comparison))
    assert "no-new-privileges" in text
    assert "minutes of `up`" in text
    document = json.loads(candidates_text(comparison))
    assert [stack["limits"][0]["berth"] for stack in document["stacks"]] == ["ecs-fargate", "ecs-ec2", "eks"]
    page = body(candidates_view.sections(comparison))
    assert "|  | ecs-fargate-dev | ecs-ec2-dev | eks-dev |" in page
    assert "What eks cannot do:\n\n- " in page


def test_a_comparison_says_how_bad_the_findings_are() -> None:
    found = [Violation("p", "u", "advisory", "m", severity) for severity in ("low", "critical", "low")]
    result = compare([made()], {made().stack: found}, {made().stack: EAST})
    assert "1 critical, 2 low" in shown(*candidates_view.sections(result))
    assert "1 critical, 2 low" in body(candidates_view.sections(result))
    (stack,) = json.loads(candidates_text(result))["stacks"]
    assert stack["findings"] == {"mandatory": 0, "advisory": 3, "severities": {"critical": 1, "low": 2}}


def test_cost_views(plans: dict[str, Plan]) -> None:
    results = [estimate(plan, EAST) for plan in plans.values()]
    text = shown(*estimate_view.sections(results[:1], sources=True))
    for part in ("Total", "not confirmed", "Not in the total", "Container Insights", "Assumed", "1,000,000 requests"):
        assert part in text
    assert "https://" in text
    beside = shown(*estimate_view.sections(results))
    assert all(plan in beside for plan in plans)
    assert "Backend" not in beside
    document = json.loads(estimates_text(results))
    assert [item["stack"] for item in document["estimates"]] == list(plans)
    assert estimates_text(results) == estimates_text([estimate(plan, EAST) for plan in plans.values()])
    page = body(estimate_view.sections(results))
    assert page.count("<details>") == page.count("</details>") == 3
    assert "| **Total** |" in page and "(https://" in page


def test_one_stack_has_lines_and_several_have_columns(plans: dict[str, Plan]) -> None:
    results = [estimate(plan, EAST) for plan in plans.values()]
    one, several = estimate_view.sections(results[:1]), estimate_view.sections(results)
    # Of several a terminal shows what is not folded.
    beside = shown(*(section for section in several if not section.folded))
    assert "control plane" not in beside and "control plane" in shown(*several)
    assert "Not in the total of eks-dev" in beside
    # In words: a sign behind an amount could be read as a change.
    assert "at least" in shown(*one) and "at least" in beside


def test_run_by_names() -> None:
    (result,) = run.estimates(["dev"], ROOT)
    assert (result.stack, result.region) == ("dev", "us-east-1")
    (candidate,) = run.candidates(["dev"], ROOT)
    assert candidate.estimate == result
    with pytest.raises(ConfigError, match="more than once: dev"):
        run.estimates(["dev", "dev"], ROOT)


def test_unknown_types_are_shown() -> None:
    result = estimate(made(resource("aws:sqs/queue:Queue", "q")), EAST)
    assert "sqs.Queue (1 resource): not known to the price list" in shown(*estimate_view.sections([result]))
    assert "sqs.Queue (1 resource): not known to the price list" in body(estimate_view.sections([result]))
