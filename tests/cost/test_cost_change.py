"""What a change of program does to the price."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from berth.cost.amounts import money
from berth.cost.change import price_change
from berth.cost.estimator import estimate
from berth.cost.pricelist import load_prices
from berth.difference.codec import dumps, loads
from berth.plan import Plan
from berth.record import record_plan
from tests.cost.support import cluster, database, fargate, machines, network
from tests.programs import ROOT, recorder


def test_each_side_of_a_change_is_priced_in_its_own_region(tmp_path_factory: pytest.TempPathFactory) -> None:
    east, west = (recorder(tmp_path_factory, region=region)("ecs-fargate") for region in ("us-east-1", "eu-west-1"))
    totals = [estimate(plan, load_prices(plan.config["aws:region"])).total for plan in (east, west)]
    assert totals[0] != totals[1]
    assert price_change(east, west).startswith(f"{money(totals[0])} → {money(totals[1])} USD a month (+")
    # The base's way here: from another process.
    assert price_change(loads(dumps(east, b"salt")), west) == price_change(east, west)
    assert price_change(Plan("new", (), {}), west).startswith(f"0.00 → {money(totals[1])}")


def test_the_readme_s_example_has_a_price() -> None:
    """Its region, and a database in two zones, since one of its stacks is in production."""
    (region,) = set(re.findall(r"aws:region: (\S+)", (ROOT / "README.md").read_text()))
    prices = load_prices(region)
    for plan in (fargate(), machines(), cluster(), network(), database(), database(multi=True)):
        assert estimate(plan, prices).complete


def test_no_secret_of_the_config_is_in_a_plan(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: toy\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {'toy:a': b, 'toy:key': {secure: xyz}}\n")
    (tmp_path / "__main__.py").write_text("")
    assert record_plan("dev", tmp_path).config == {"toy:a": "b", "toy:key": "***"}
