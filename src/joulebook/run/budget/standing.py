"""Where a run's budget stands, as quantities: what is spent, left and forecast, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from joulebook.meter.limits import Limit, share_above
from joulebook.quantity import Basis, Quantity, Source
from joulebook.run.budget.spending import Ends, Spending

_METHOD: Final = "docs/methods/budgets.md"


class Standing(NamedTuple):
    """One limit and where the run stands. What is not known is None."""

    kind: str
    """energy, carbon, cost or duration."""
    limit: Quantity
    spent: Quantity | None = None
    left: Quantity | None = None
    forecast: Quantity | None = None
    """At the end of the loop."""
    probability: float | None = None
    """That the forecast's loop ends above the limit."""


class Budget(NamedTuple):
    """The budget of a run at this moment; `spent`, `left`, ... are those of the limit that is nearest to its end."""

    limits: tuple[Standing, ...]
    over: str = ""
    """Why the run's loops end now; "" while nothing is spent."""

    @property
    def nearest(self) -> Standing:
        """The limit of which the largest part is spent."""
        return max(self.limits, key=lambda one: one.spent.value / one.limit.value if one.spent else 0.0)

    @property
    def spent(self) -> Quantity | None:
        """What has been used so far."""
        return self.nearest.spent

    @property
    def left(self) -> Quantity | None:
        """What may still be used; below zero where it was more than the limit."""
        return self.nearest.left

    @property
    def forecast(self) -> Quantity | None:
        """What will have been used at the end of the loop."""
        return self.nearest.forecast

    @property
    def probability(self) -> float | None:
        """Probability that this is above the limit."""
        return self.nearest.probability


def standing_of(spending: Spending, limits: Sequence[Limit], forecasts: Mapping[str, Ends | None], over: str) -> Budget:
    """The budget now, priced by the rules of the statement."""
    statement = spending.statement()
    found = []
    for limit in limits:
        whole = Quantity.exact(limit.amount, limit.unit)
        total, ends = getattr(statement, limit.kind), forecasts[limit.kind]
        spent = total if total is not None and total.unit.symbol == limit.unit else None
        found.append(
            Standing(
                limit.kind,
                whole.to(limit.shown),
                spent.to(limit.shown) if spent is not None else None,
                (whole - spent).to(limit.shown) if spent is not None else None,
                _quantity(ends, limit).to(limit.shown) if ends is not None else None,
                share_above(limit.amount, ends) if ends is not None else None,
            )
        )
    return Budget(tuple(found), over)


def _quantity(ends: Ends, limit: Limit) -> Quantity:
    source = Source(f"forecast of {limit.kind} for a budget", _METHOD)
    return Quantity.of(ends[0], limit.unit, low=ends[1], high=ends[2], basis=Basis.MODELLED, source=source)
