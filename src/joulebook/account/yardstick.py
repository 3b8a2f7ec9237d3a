"""One everyday yardstick of a fitting size, so that an energy can be pictured."""

from __future__ import annotations

from typing import Final, NamedTuple

from joulebook.account.knowledge import FoundFact
from joulebook.account.overhead import cite
from joulebook.account.terms import Additions, Context, Statement, Yardstick
from joulebook.errors import FactNotFound
from joulebook.quantity import Quantity


class _Candidate(NamedTuple):
    subject: str
    one: str
    many: str


CANDIDATES: Final = (
    _Candidate("yardstick.smartphone_charge", "smartphone charge", "smartphone charges"),
    _Candidate("yardstick.kettle_boil", "kettle boiled", "kettles boiled"),
    _Candidate("yardstick.human_day", "day of a person's metabolism", "days of a person's metabolism"),
    _Candidate(
        "yardstick.household_year_eu", "year of an EU household's electricity", "years of an EU household's electricity"
    ),
    _Candidate(
        "yardstick.household_year_us", "year of a US household's electricity", "years of a US household's electricity"
    ),
)
"""In order of preference; the first of which there are 0.1 to 1000 is taken."""
LAMP: Final = "yardstick.led_hour"
"""Energy of a 10 W lamp in one hour: for what is too small for anything else."""
_FEWEST, _MOST = 0.1, 1000.0
_TOO_WIDE = 3.0


def yardstick(statement: Statement, context: Context) -> Additions:
    """The yardstick of the energy; nothing where the energy is unknown or zero, or the catalogue has none."""
    energy = statement.energy
    if energy is None or energy.value <= 0:
        return Additions()
    largest = None
    for candidate in CANDIDATES:
        if (fact := _find(candidate.subject, context)) is None:
            continue
        unit = fact.quantity()
        ratio = energy.value / unit.to("J").value
        if _FEWEST <= ratio <= _MOST:
            return Additions(yardstick=_many(energy, candidate, fact))
        if ratio > _MOST:
            largest = candidate, fact
    if largest is not None:
        return Additions(yardstick=_many(energy, *largest))
    lamp = _find(LAMP, context)
    return Additions(yardstick=_lamp(energy, lamp)) if lamp is not None else Additions()


def _find(subject: str, context: Context) -> FoundFact | None:
    try:
        return context.catalog.find(subject, "energy", on=context.on, edition=context.edition or None)
    except FactNotFound:
        return None


def _many(energy: Quantity, candidate: _Candidate, fact: FoundFact) -> Yardstick:
    unit = fact.quantity()
    count = (energy / unit).named(candidate.many)
    number = _count(count)
    noun = candidate.one if number == "1" else candidate.many
    return Yardstick(f"about {number} {noun} of {_watt_hours(unit)}", count, cite(unit, fact), fact.valid_from[:4])


def _lamp(energy: Quantity, fact: FoundFact) -> Yardstick:
    hour = fact.quantity()
    watts = hour.to("Wh").value
    seconds = (energy / (hour / Quantity.exact(1.0, "h"))).to("s").named("seconds of light")
    return Yardstick(
        f"about a {watts:.2g} W lamp lit for {_count(seconds)} s", seconds, cite(hour, fact), fact.valid_from[:4]
    )


def _count(quantity: Quantity) -> str:
    """Two digits; the range where the interval is wider than a factor of three."""
    low, high = quantity.low, quantity.high
    if low <= 0 or high > _TOO_WIDE * low:
        return f"{_short(max(low, 0.0))}-{_short(high)}"
    return _short(quantity.value)


def _short(value: float) -> str:
    return f"{float(f'{value:.2g}'):.10g}" if value >= 1e-3 else f"{value:.1g}"


def _watt_hours(quantity: Quantity) -> str:
    watt_hours = quantity.to("Wh").value
    for size, symbol in ((1e6, "MWh"), (1e3, "kWh")):
        if watt_hours >= size:
            return f"{watt_hours / size:.3g} {symbol}"
    return f"{watt_hours:.3g} Wh"
