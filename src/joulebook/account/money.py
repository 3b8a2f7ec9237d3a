"""Money: what the electricity costs. Hire and purchase of hardware are other rules."""

from __future__ import annotations

from typing import Final

from joulebook.account.carbon import multiplied
from joulebook.account.overhead import cite
from joulebook.account.terms import MONEY, Additions, Assumption, Context, Statement
from joulebook.errors import FactNotFound

ANYWHERE: Final = "price.any"
PROPERTY: Final = "price.electricity"


def money(statement: Statement, context: Context) -> Additions:
    """Energy times the price of electricity of the country, or the range of prices where that is unknown."""
    assumption = _price(context)
    price = assumption.quantity
    lines, amount = multiplied(statement, MONEY, price, price.unit.symbol.split("/")[0])
    if amount is None:
        return Additions()
    return Additions(totals={"cost": amount.named("cost")}, lines=lines, assumptions=(assumption,))


def _price(context: Context) -> Assumption:
    if context.price is not None:
        given = context.price.named("price")
        return Assumption("price", given, cite(given), "given")
    edition = context.edition or None
    if context.region:
        subject = context.catalog.resolve(context.region, "grid").subject
        country = subject.partition(".")[2].partition("-")[0]
        try:
            fact = context.catalog.find(f"price.{country}", PROPERTY, on=context.on, edition=edition)
        except FactNotFound:
            pass  # the range below stands in, and names itself in the assumptions
        else:
            price = fact.quantity().named("price")
            note = f"{country.upper()} {fact.valid_from[:4]}"
            return Assumption("price", price, f"price.{country}: {cite(price, fact)}", note)
    fact = context.catalog.find(ANYWHERE, PROPERTY, on=context.on, edition=edition)
    price = fact.quantity().named("price")
    return Assumption("price", price, f"{ANYWHERE}: {cite(price, fact)}", "")
