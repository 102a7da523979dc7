"""The estimate: a Plan, prices and usage in, priced lines out. No clock, no network, no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from berth.cost.pricelist import PriceList
from berth.cost.usage import Usage
from berth.plan import HOST, MOORING, Plan, Resource
from berth.resource_types import known
from berth.resource_types.charges import Charge, Context, Unpriced
from berth.resource_types.resource_type import Free

STACK: Final = "Stack"
"""Component of what belongs to none."""


@dataclass(frozen=True)
class PricedLine:
    """One price line of a resource."""

    resource: str
    """Name of the resource."""
    urn: str
    type: str
    component: str
    what: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    """US dollars a unit."""
    amount: Decimal
    """US dollars a month, not rounded."""
    confirmed: bool
    """Whether the price was read at its source."""
    sources: tuple[str, ...]
    """URLs of the pages the price is from."""


@dataclass(frozen=True)
class Estimate:
    """What one stack costs in a month, in US dollars; amounts are not rounded."""

    stack: str
    region: str
    prices_of: str
    """Day of the price list, as ``YYYY-MM-DD``."""
    usage: Usage
    lines: Sequence[PricedLine]
    """Sorted by component, then dearest first."""
    unpriced: Sequence[Unpriced]
    """What costs money, but no price is known for; sorted."""
    unknown: Mapping[str, int]
    """Types of which nothing is known, with how many resources; sorted."""
    free: int
    """How many resources cost nothing by themselves."""

    @property
    def total(self) -> Decimal:
        """US dollars a month; what has no price is not in it."""
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def subtotals(self) -> dict[str, Decimal]:
        """US dollars a month by component, sorted by name."""
        sums: dict[str, Decimal] = {}
        for line in self.lines:
            sums[line.component] = sums.get(line.component, Decimal(0)) + line.amount
        return dict(sorted(sums.items()))

    @property
    def unconfirmed(self) -> Decimal:
        """US dollars a month that rest on prices not read at their source."""
        return sum((line.amount for line in self.lines if not line.confirmed), Decimal(0))

    @property
    def complete(self) -> bool:
        """Whether everything that costs money has a price."""
        return not self.unpriced and not self.unknown


def estimate(plan: Plan, prices: PriceList, usage: Usage | None = None) -> Estimate:
    """Price every resource of ``plan`` that is not only read, by default under the documented load."""
    usage = usage or Usage()
    context = Context(plan, usage, {resource.urn: resource for resource in plan.resources})
    lines: list[PricedLine] = []
    unpriced: list[Unpriced] = []
    unknown: dict[str, int] = {}
    charged = counted = 0
    for resource in plan.resources:
        # A component is only its children, which are charged one by one; a remote one's are not seen.
        if resource.external or not (resource.custom or resource.remote):
            continue
        counted += 1
        kind = known(resource.type)
        if kind is None:  # never silently counted as zero
            unknown[resource.type] = unknown.get(resource.type, 0) + 1
            charged += 1
            continue
        if isinstance(kind.charges, Free):
            continue
        component = component_of(resource, context.by_urn)
        before = len(lines) + len(unpriced)
        for charge in kind.charges(resource, context):
            priced = charge if isinstance(charge, Unpriced) else _line(resource, component, charge, prices)
            if isinstance(priced, PricedLine):
                lines.append(priced)
            else:
                unpriced.append(replace(priced, component=component))
        charged += len(lines) + len(unpriced) > before
    return Estimate(
        stack=plan.stack,
        region=prices.region,
        prices_of=prices.date,
        usage=usage,
        lines=tuple(sorted(lines, key=lambda line: (line.component, -line.amount, line.resource, line.what))),
        unpriced=tuple(sorted(unpriced, key=lambda item: (item.component, item.resource, item.what))),
        unknown=dict(sorted(unknown.items())),
        free=counted - charged,
    )


def component_of(resource: Resource, by_urn: Mapping[str, Resource]) -> str:
    """Return the part of a stack that a resource is charged to.

    A service at a berth (``shop at eks``), the berth's own ground (``eks``), or else the class of the outermost
    component around it: ``Network``, ``Database``.
    """
    outermost = STACK
    current: Resource | None = resource
    while current is not None:
        if current.type == MOORING:
            return f"{current.inputs['service']} at {current.inputs['berth']}"
        if current.type == HOST:
            return str(current.inputs["berth"])
        if not current.custom and not current.remote:
            outermost = current.type.rsplit(":", 1)[-1]
        current = by_urn.get(current.parent) if current.parent else None
    return outermost


def _line(resource: Resource, component: str, charge: Charge, prices: PriceList) -> PricedLine | Unpriced:
    keys = [charge.key] if charge.factor_key is None else [charge.key, charge.factor_key]
    found = [prices.get(key) for key in keys]
    known = [price for price in found if price is not None]
    if len(known) < len(keys):
        missing = ", ".join(key for key, price in zip(keys, found, strict=True) if price is None)
        reason = f"no price known for {missing} in {prices.region}"
        return Unpriced(resource.name, resource.type, component, charge.what, reason)
    unit_price = Decimal(1)
    for price in known:
        unit_price *= price.amount
    return PricedLine(
        resource=resource.name,
        urn=resource.urn,
        type=resource.type,
        component=component,
        what=charge.what,
        quantity=charge.quantity,
        unit=known[0].unit,
        unit_price=unit_price,
        amount=unit_price * charge.quantity,
        sources=tuple(dict.fromkeys(price.source for price in known)),
        confirmed=all(price.confirmed for price in known),
    )
