"""The price lines of every backend, against those kept in golden/.

After a wanted change write them anew: ``BERTH_WRITE_GOLDEN=1 uv run pytest tests/cost``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from berth.cost.amounts import exact, money, quantity
from berth.cost.estimate_view import not_priced
from berth.cost.estimator import Estimate, estimate
from berth.cost.pricelist import load_prices, region_of
from berth.plan import Plan
from tests.cost.conftest import STACKS

GOLDEN = Path(__file__).parent / "golden"


def written(result: Estimate) -> str:
    lines = [
        " | ".join(
            (
                line.component,
                line.resource,
                line.what,
                f"{quantity(line.quantity)} {line.unit}",
                exact(line.unit_price),
                money(line.amount),
                "confirmed" if line.confirmed else "not confirmed",
            )
        )
        for line in result.lines
    ]
    lines += [f"not in the total | {text}" for text in not_priced(result)]
    return "\n".join([*lines, f"total | {money(result.total)}"]) + "\n"


@pytest.mark.parametrize("stack", STACKS)
def test_lines(plans: dict[str, Plan], stack: str) -> None:
    text = written(estimate(plans[stack], load_prices(region_of(plans[stack]))))
    file = GOLDEN / f"{stack}.txt"
    if os.environ.get("BERTH_WRITE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("stack", STACKS)
def test_every_type_is_known(plans: dict[str, Plan], stack: str) -> None:
    assert estimate(plans[stack], load_prices("us-east-1")).unknown == {}
