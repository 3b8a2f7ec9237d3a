"""Overhead: from the energy of the machine to that of the building that powers and cools it."""

from __future__ import annotations

from joulebook.account.knowledge import FoundFact
from joulebook.account.terms import FACILITY, IT_ENERGY, WHOLE_RUN, Additions, Assumption, Context, Statement
from joulebook.errors import FactNotFound
from joulebook.quantity import Basis, Quantity, total


def cite(quantity: Quantity, fact: FoundFact | None = None) -> str:
    """The text by which a reader finds the source of a quantity again."""
    texts = [source.text or source.id for source in quantity.sources().values()]
    text = "; ".join(dict.fromkeys(texts)) or "given"
    if fact is not None and fact.source and fact.source not in text:
        text = f"{text} ({fact.source})"
    return text


def fact_or_none(subject: str, prop: str, context: Context) -> FoundFact | None:
    """The fact, or None; unlike `find` it looks for no names that are near."""
    if prop not in context.catalog.properties(subject):
        return None
    try:
        return context.catalog.find(subject, prop, on=context.on, edition=context.edition or None)
    except FactNotFound:  # not yet, in that edition
        return None


def as_assumed(fact: FoundFact) -> Quantity:
    """A fact as it stands in for another one of which nothing is known: assumed, however well it is known itself."""
    known = fact.quantity()
    source = next(iter(known.sources().values()))
    low, high = (None, None) if known.is_exact else (known.low, known.high)
    return Quantity.of(known.value, known.unit, low=low, high=high, basis=Basis.ASSUMED, source=source)


def overhead(statement: Statement, context: Context) -> Additions:
    """Energy = IT energy x PUE where the site is known; otherwise the IT energy, and that is said.

    Raises `FactNotFound` for a site that the catalogue does not know.
    """
    pue, assumption = _pue(context)
    if statement.it_energy is None:
        return Additions(not_included=() if pue else ("site overhead",))
    if pue is None or assumption is None:
        return Additions(
            totals={"energy": statement.it_energy.named("energy")},
            not_included=("site overhead",),
        )
    lines = tuple(
        line._replace(kind=FACILITY, quantity=(line.quantity * pue).named(line.device), energy_uj=None)
        for line in statement.of_kind(IT_ENERGY, WHOLE_RUN)
    )
    energy = total([line.quantity for line in lines], "J", "energy")
    return Additions(totals={"energy": energy}, lines=lines, assumptions=(assumption,))


def _pue(context: Context) -> tuple[Quantity | None, Assumption | None]:
    if context.pue is not None:
        pue = context.pue.named("pue")
        return pue, Assumption("pue", pue, cite(pue), "given")
    if not context.site:
        return None, None
    subject = context.catalog.resolve(context.site, "site")
    fact = context.catalog.find(subject.subject, "pue", on=context.on, edition=context.edition or None)
    pue = fact.quantity().named("pue")
    return pue, Assumption("pue", pue, cite(pue, fact), f"{subject.label}, {fact.valid_from[:4]}")
