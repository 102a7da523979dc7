"""What a stack costs in a month, before it exists.

All but ``pricelist``, ``refresh`` and ``run`` is pure: a Plan, a price list and the assumed usage make an Estimate or
Candidates, and these make sections.
"""
