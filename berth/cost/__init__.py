"""What a stack costs in a month, before it exists: prices, estimates and views of them.

Everything but ``pricelist`` and ``refresh`` is pure: a Plan, a price list and the usage assumed go in,
an Estimate or a Comparison comes out, and the views turn those into text.
"""

from berth.cost.comparison import Candidate, Comparison, compare
from berth.cost.estimator import Estimate, estimate
from berth.cost.pricelist import Price, PriceList, load_prices, region_of
from berth.cost.usage import Usage

__all__ = [
    "Candidate",
    "Comparison",
    "Estimate",
    "Price",
    "PriceList",
    "Usage",
    "compare",
    "estimate",
    "load_prices",
    "region_of",
]
