"""The figures and chances of every option: from its statement, or as columns where NumPy is installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from joulebook.account.carbon import carbon
from joulebook.account.embodied import embodied
from joulebook.account.money import hire, money
from joulebook.account.overhead import overhead
from joulebook.account.terms import IT_ENERGY, WHOLE_RUN, Statement
from joulebook.account.water import WUE, water
from joulebook.draws import N_DRAWS
from joulebook.errors import ConfigError, MissingExtra
from joulebook.estimate.stated import Part, Place, Work, accounted
from joulebook.estimate.train.door import training
from joulebook.plan.asked import Where
from joulebook.plan.budget import Budget
from joulebook.plan.option import COST, EMBODIED, Option, Priced, figures_of, shown
from joulebook.plan.works import Made, Said
from joulebook.quantity import Quantity

if TYPE_CHECKING:
    from joulebook.plan.columns import Column

ONE_BY_ONE: Final = 2_000
"""Options that are stated one by one where there is no NumPy: some 5 ms each."""
RATES: Final = ("pue", "carbon_intensity", WUE, "water_intensity", "price")
"""What a place is priced with, by the names under which a statement lists it."""
_PROBE: Final = Work(
    name="probe",
    duration=Quantity.exact(1.0, "s"),
    device_hours=Quantity.exact(1.0, "device-h"),
    parts=(Part("probe", "gpu", Quantity.exact(1.0, "J"), ""),),
)
"""The rates of a place do not depend on the work: that of this one cost no draws."""
_UNKNOWN: Final = ": unknown; "


class Rated(NamedTuple):
    """A place with its rates; None is not known."""

    where: Where
    place: Place
    rates: Mapping[str, Quantity | None]
    remarks: Sequence[str]


class Ask(NamedTuple):
    """What holds for all options."""

    budgets: Sequence[Budget]
    owned: bool
    said: Said


def rated(where: Where, place: Place) -> Rated:
    """The rates that the rules of the account find for a place. Raises as `stated` does."""
    statement = accounted(_PROBE, place, (overhead, carbon, water, money))
    found = {name: statement.assumption(name) for name in RATES}
    return Rated(where, place, {name: one and one.quantity for name, one in found.items()}, _remarks(statement))


def quick() -> AbstractContextManager[None]:
    """Quantities are worked through by NumPy where it is installed."""
    if find_spec("numpy") is None:
        return nullcontext()
    from joulebook.plan import columns  # NumPy is an extra, and is loaded for plans alone

    return columns.quick()


def options_of(works: Sequence[Made], places: Sequence[Rated], ask: Ask) -> list[Option]:
    """Every work in every place. Raises `MissingExtra` for a long plan without NumPy."""
    if ask.owned and any(one.place.get("price") is not None and one.rates["price"] is None for one in places):
        raise ConfigError("the price is that of a device-hour, and the hardware is owned: give that of electricity")
    if find_spec("numpy") is not None:
        return list(_at_once(works, places, ask))
    if len(works) * len(places) > ONE_BY_ONE:
        raise MissingExtra.of("plan", f"of {len(works) * len(places):,} options", "arrays")
    return [_option(work, one, stated_alone(work, one, ask)) for work in works for one in places]


def stated_alone(made: Made, rated: Rated, ask: Ask) -> Priced:
    """One option from its account."""
    statement = accounted(made.work, rated.place)
    for text in _remarks(statement):
        if text not in rated.remarks:
            ask.said.say(text, made.name)
    figures = figures_of(statement, owned=ask.owned)
    kept = [_kept(figures[one.figure], one.most) for one in ask.budgets]
    chances = tuple(None if one is None else sum(one) / N_DRAWS for one in kept)
    meets = 0.0 if None in chances else sum(map(all, zip(*filter(None, kept), strict=True))) / N_DRAWS
    amounts = {name: shown(name, quantity) for name, quantity in figures.items()}
    return Priced(amounts, chances, meets if kept else 1.0)


def _kept(quantity: Quantity | None, most: Quantity) -> list[bool] | None:
    """By draw, whether no more than the most is taken."""
    if quantity is None:
        return None
    limit = most.to(quantity.unit).value
    return [draw <= limit for draw in quantity.draws]


def _at_once(works: Sequence[Made], places: Sequence[Rated], ask: Ask) -> Iterator[Option]:
    """The options as columns: places in pieces that have the same rates, in the same units."""
    from joulebook.plan import columns  # as above

    limits = [(one.figure, one.most) for one in ask.budgets]
    pieces = [(piece, _columns(piece, ask)) for piece in _pieces(places, columns.ROWS)]
    for made in works:
        fixed: dict[str, Statement] = {}
        found: dict[int, Option] = {}
        for piece, rates in pieces:
            provider = piece[0][1].where.provider
            if provider not in fixed:
                fixed[provider] = accounted(made.work, piece[0][1].place, (embodied, hire))
            alone = fixed[provider]
            lines = [line.quantity for line in alone.of_kind(IT_ENERGY, WHOLE_RUN)]
            figures = figures_of(alone)
            kept = {name: figures[name] for name in ("time", EMBODIED, *(() if ask.owned else (COST,)))}
            rows = columns.priced(columns.Costed(kept, lines), rates, limits, len(piece))
            found |= {at: _option(made, one, row) for (at, one), row in zip(piece, rows, strict=True)}
        for text in dict.fromkeys(text for one in fixed.values() for text in _remarks(one)):
            ask.said.say(text, made.name)
        yield from (found[at] for at in range(len(places)))


def _pieces(places: Sequence[Rated], rows: int) -> Iterator[list[tuple[int, Rated]]]:
    """Places whose rates are known in the same units, with their numbers, at most so many together."""
    alike: dict[object, list[tuple[int, Rated]]] = {}
    for at, one in enumerate(places):
        units = tuple(None if rate is None else rate.unit for rate in one.rates.values())
        alike.setdefault((one.where.provider, units), []).append((at, one))
    for group in alike.values():
        rest = iter(group)
        while piece := list(islice(rest, rows)):
            yield piece


def _columns(piece: Sequence[tuple[int, Rated]], ask: Ask) -> dict[str, Column | None]:
    """The rates of some places, below each other; the price of electricity where that is the cost."""
    from joulebook.plan import columns  # as above

    found: dict[str, Column | None] = {}
    for name in RATES:
        rates = [rate for _, one in piece if (rate := one.rates[name]) is not None]
        found[name] = columns.column(rates) if rates and (ask.owned or name != "price") else None
    return found


def _option(made: Made, rated: Rated, priced: Priced) -> Option:
    figures: dict[str, Any] = dict(priced.figures)
    return Option(
        device=made.held.word,
        label=made.held.chip.label,
        number=made.number,
        place=rated.where.word or rated.place.get("site", "") or rated.place.get("region", ""),
        meets=priced.meets,
        chances=priced.chances,
        opened=partial(training, **made.told, **rated.place),
        **figures,
    )


def _remarks(statement: Statement) -> list[str]:
    """The warnings of an account by some of the rules: not those about what the others would have found."""
    return [text for text in statement.warnings if _UNKNOWN not in text]
