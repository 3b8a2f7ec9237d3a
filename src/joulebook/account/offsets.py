"""Offsets and certificates: listed apart, with what has to be known about each kind. They lower no figure.

`Offset` is no `Quantity`, and what it holds is counted in credits and certificates, units that convert into nothing;
a rule can only put it beside the totals (`Additions.offsets`), never into one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from joulebook.account.bought import Contract, Offset
from joulebook.account.given import Given
from joulebook.account.market import is_certificate
from joulebook.account.money import in_currency
from joulebook.account.overhead import cite, fact_or_none
from joulebook.account.terms import Additions, Context, Statement
from joulebook.quantity import Quantity

DELIVERY: Final = "parameter.offset-delivery"


class Kind(NamedTuple):
    """What the tool says about a kind of offset."""

    subject: str
    """Of its price in the catalogue."""
    storage: str
    remark: str
    doubtful: bool = False
    """Whether only a part of such credits stands for what it says, as reviews of them found."""


KINDS: Final = {
    "avoidance": Kind(
        "offset.avoidance",
        "none: somebody else is said to emit less",
        "bought, not reduced: additionality, baselines and leakage are disputed",
        doubtful=True,
    ),
    "nature-removal": Kind(
        "offset.nature-removal",
        "decades, not centuries: fire, drought and felling reverse it",
        "not equivalent to carbon from fossil fuel, which stays for longer",
        doubtful=True,
    ),
    "biochar": Kind("offset.biochar", "centuries", "durable; supply is small, and co-claims occur"),
    "beccs": Kind("offset.beccs", "millennia in rock", "count what has been delivered; it needs land and energy"),
    "enhanced-weathering": Kind(
        "offset.enhanced-weathering", "millennia as carbonate", "how much was taken up is hard to measure"
    ),
    "direct-air-capture": Kind(
        "offset.direct-air-capture",
        "millennia in rock",
        "count what has been delivered: most of it is sold ahead, and it needs much energy",
    ),
    "other": Kind("", "unknown", "nothing is known of this kind: ask what it stands for"),
}
_CERTIFICATE: Final = "an attribute bought beside the electricity: it changes the market-based figure alone"
_KEYS: Final = ("name", "kind", "tonnes", "price", "delivery", "storage", "vintage", "source")


def offsets(_statement: Statement, context: Context) -> Additions:
    """What was bought apart, beside the totals."""
    certificates = (_certificate(one) for one in context.bought.contracts if is_certificate(one))
    return Additions(offsets=tuple(_priced(one, context) for one in (*context.bought.offsets, *certificates)))


def _priced(one: Offset, context: Context) -> Offset:
    return one if one.cost is None else one._replace(cost=in_currency(one.cost, context)[0])


def offsets_of(tables: Sequence[Given], context: Context) -> tuple[Offset, ...]:
    """The offsets of a file. Raises `ConfigError` with file and line."""
    return tuple(_offset(table, context) for table in tables)


def _offset(table: Given, context: Context) -> Offset:
    table.only(*_KEYS)
    table.needs("kind", "tonnes", "source")
    word = table.text("kind", one_of=tuple(KINDS))
    kind = KINDS[word]
    tonnes = table.number("tonnes", 0, 1e12, "tonnes of CO2e that were bought, such as 100")
    vintage = table.whole("vintage", 1990, 2100, "a year") if "vintage" in table.values else 0
    price = table.amount("price", "USD/tCO2e", "a price such as 15 USD/t") if "price" in table.values else None
    price = price or _fact(kind.subject, "price.offset", context)
    bought = Quantity.exact(tonnes, "credit", name="bought")
    delivery = _delivery(table, kind, context)
    cost = None
    if price is not None:
        cost = (price * Quantity.exact(tonnes, "tCO2e")).to(price.unit.symbol.partition("/")[0])
    told = [table.text("source")]
    told += [f"price: {cite(price)}"] if price is not None and "price" not in table.values else []
    told += [f"delivery: {cite(delivery)}"] if delivery is not None and "delivery" not in table.values else []
    return Offset(
        name=table.text("name", default=f"{word} {table.at + 1}"),
        kind=word,
        bought=bought,
        delivered=(bought * delivery).to("credit") if delivery is not None else None,
        price=price,
        cost=cost,
        storage=table.text("storage", default=kind.storage),
        vintage=vintage,
        remark=kind.remark,
        source=f"{'; '.join(told)} ({table.place()})",
    )


def _delivery(table: Given, kind: Kind, context: Context) -> Quantity | None:
    """The share that stands for what it says: as given, else of a review where the kind has one."""
    if "delivery" in table.values:
        share = table.number("delivery", 0, 1, "the share that was delivered, from 0 to 1")
        return Quantity.exact(share, "1", name="delivery")
    return _fact(DELIVERY, "value", context) if kind.doubtful else None


def _fact(subject: str, prop: str, context: Context) -> Quantity | None:
    fact = fact_or_none(subject, prop, context)
    return None if fact is None else fact.quantity()


def _certificate(one: Contract) -> Offset:
    number = None if one.energy is None else Quantity.exact(one.energy.to("MWh").value, "certificate")
    cost = None
    if one.price is not None and one.energy is not None:
        cost = (one.price * one.energy).to(one.price.unit.symbol.partition("/")[0])
    zone = one.zone.partition(".")[2].upper()
    return Offset(
        name=one.name,
        kind=f"certificate ({one.kind}, {zone})",
        bought=number,
        delivered=None,
        price=one.price,
        cost=cost,
        storage="",
        vintage=one.vintage,
        remark=_CERTIFICATE,
        source=f"{one.source} ({one.place})",
    )
