"""What a stack costs in a month, before it exists: prices, estimates and views of them.

Everything but ``pricelist``, ``refresh`` and ``run`` is pure: a Plan, a price list and the usage assumed go in,
an Estimate or Candidates come out, and the views turn those into sections.
"""
