"""What a stack costs in a month, before it exists: prices, estimates and views of them.

Everything but ``pricelist`` and ``refresh`` is pure: a Plan, a price list and the usage assumed go in,
an Estimate or Candidates come out, and the views turn those into sections.
"""

from berth.cost.candidates import Candidate, compare
from berth.cost.estimator import Estimate, estimate
from berth.cost.pricelist import Price, PriceList, load_prices, region_of
from berth.cost.usage import Usage

__all__ = [
    "Candidate",
    "Estimate",
    "Price",
    "PriceList",
    "Usage",
    "compare",
    "estimate",
    "load_prices",
    "region_of",
]
