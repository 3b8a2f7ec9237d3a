"""Water used up: at the site to cool the machine, and at the power plants for its electricity.

    W = IT energy x (WUE + PUE x EWIF)

WUE is the water of the site per IT energy, EWIF that of the grid per energy of the site. Where one of the two has no
sourced factor the other stands alone, and that is said.
"""

from __future__ import annotations

from typing import Final

from joulebook.account.carbon import multiplied
from joulebook.account.overhead import as_assumed, cite, fact_or_none
from joulebook.account.terms import (
    IT_ENERGY,
    WATER_GRID,
    WATER_SITE,
    WHOLE_RUN,
    Additions,
    Assumption,
    Context,
    Line,
    Statement,
)
from joulebook.quantity import total

WUE: Final = "wue"
EWIF: Final = "water_intensity.consumption"
ANYWHERE: Final = ("parameter.ewif-grid", "value")
"""Range over grids where the region is not known."""


def water(statement: Statement, context: Context) -> Additions:
    """Water of the site and of the grid as far as either is known; one line of each for every device."""
    site, grid = _site(context), _grid(context)
    missing = [word for word, rate in (("water of the site", site), ("water of the grid", grid)) if rate is None]
    if statement.it_energy is None or len(missing) > 1:
        return Additions(not_included=("water",))
    lines: list[Line] = []
    if site is not None:
        rate = site.quantity
        lines += [
            line._replace(kind=WATER_SITE, quantity=(line.quantity * rate).to("L").named(line.device), energy_uj=None)
            for line in statement.of_kind(IT_ENERGY, WHOLE_RUN)
        ]
    if grid is not None:
        lines += multiplied(statement, WATER_GRID, grid.quantity, "L")[0]
    return Additions(
        totals={"water": total([line.quantity for line in lines], "L", "water")},
        lines=tuple(lines),
        assumptions=tuple(rate for rate in (site, grid) if rate is not None),
        not_included=tuple(missing),
    )


def _site(context: Context) -> Assumption | None:
    if context.wue is not None:
        return Assumption(WUE, context.wue.named(WUE), cite(context.wue), "given")
    if not context.site:
        return None
    subject = context.catalog.resolve(context.site, "site")
    fact = fact_or_none(subject.subject, WUE, context)
    if fact is None:
        return None
    quantity = fact.quantity().named(WUE)
    return Assumption(WUE, quantity, cite(quantity, fact), f"{subject.label}, {fact.valid_from[:4]}")


def _grid(context: Context) -> Assumption | None:
    """Of the zone, or of its country; over all grids where the region is not known."""
    name = "water_intensity"
    if not context.region:
        anywhere = fact_or_none(*ANYWHERE, context)
        if anywhere is None:
            return None
        spanned = as_assumed(anywhere).named(name)
        return Assumption(name, spanned, cite(spanned, anywhere), "")
    zone = context.catalog.resolve(context.region, "grid")
    for subject in dict.fromkeys((zone.subject, zone.subject.partition("-")[0])):
        fact = fact_or_none(subject, EWIF, context)
        if fact is not None:
            quantity = fact.quantity().named(name)
            return Assumption(name, quantity, f"{subject} {EWIF}: {cite(quantity, fact)}", fact.valid_from[:4])
    return None
