"""Carbon by market and at the margin: two figures beside the location-based one, never mixed with it or each other.

    market = sum over contracts of E_c x CI_c  +  (E - sum E_c) x CI_rest

`CI_rest` is the residual mix, what is left of a grid when everything that was sold by contract is taken out of it;
where none is known it is the factor of the location, and the account says so. These are the rungs of the GHG
Protocol's Scope 2 guidance: contracts and certificates, the supplier's own rate, residual mix, location.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from joulebook.account.bought import CERTIFICATES, CONTRACTS, HOURS, Contract
from joulebook.account.carbon import multiplied
from joulebook.account.given import Given, amount_of
from joulebook.account.hours import by_hour_of_day
from joulebook.account.knowledge import FoundFact
from joulebook.account.mix import mean, mixed
from joulebook.account.overhead import cite, fact_or_none
from joulebook.account.terms import (
    CARBON,
    CARBON_MARGINAL,
    CARBON_MARKET,
    WHOLE_RUN,
    Additions,
    Assumption,
    Context,
    Statement,
)
from joulebook.errors import ConfigError, FactNotFound
from joulebook.quantity import Basis, Quantity, Source

RESIDUAL: Final = (
    ("carbon_intensity.lifecycle.residual", "life cycle"),
    ("carbon_intensity.direct.residual", "direct"),
)
MARGINAL: Final = ("carbon_intensity.lifecycle.marginal", "carbon_intensity.direct.marginal")
RATE: Final = "carbon_intensity_market"
_WHOLE: Final = 1 + 1e-9
_ALL: Final = 1 - 1e-9
"""What is covered from here on is everything: shares that sum to 1 do so within rounding."""
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_KEYS: Final = (
    *("name", "kind", "zone", "share", "energy", "consumption", "intensity", "mix", "vintage", "matching", "hours"),
    *("start", "end", "price", "source"),
)


class _Used(NamedTuple):
    contract: Contract
    share: float
    """Of the energy of the run."""


# -- rules ------------------------------------------------------------------------------------------------------


def market(statement: Statement, context: Context) -> Additions:
    """Operational carbon by contracts and residual mix; exactly the location-based one where neither is known."""
    location = statement.assumption("carbon_intensity")
    if statement.carbon is None or location is None:
        return Additions()
    subject = _subject(context)
    used, said = _used(context, subject)
    residual = _residual(subject, context)
    if not used and residual is None:
        source = f"no contract and no residual mix is known: as location-based; {location.source}"
        lines = tuple(line._replace(kind=CARBON_MARKET) for line in statement.of_kind(CARBON, WHOLE_RUN))
        return Additions(
            totals={"carbon_market": statement.carbon.named("carbon_market")},
            lines=lines,
            assumptions=(Assumption(RATE, location.quantity.named(RATE), source, location.note),),
            warnings=tuple(said),
        )
    covered = sum(one.share for one in used)
    shares, parts = [one.share for one in used], [one.contract.intensity for one in used]
    told = [f"{one.contract.name} {100 * one.share:.3g} % [{one.contract.source}]" for one in used]
    if covered < _ALL:
        rest = residual or location
        shares.append(1 - covered)
        parts.append(rest.quantity)
        told.append(f"{'residual mix' if residual else 'location'} {100 * (1 - covered):.3g} % [{rest.source}]")
        if residual is not None and residual.note != "life cycle":
            said.append(
                f"carbon_market: the residual mix of {context.region} is {residual.note}: nothing upstream is in it"
            )
        if residual is None:
            said.append(
                f"carbon_market: no residual mix is known for {context.region or 'this region'}: what no contract "
                "covers has the factor of the location, which counts again what others bought"
            )
    names = [*(one.contract.name for one in used), "residual mix" if residual else "location"][: len(parts)]
    words = ", ".join(f"{100 * share:.3g} % {name}" for share, name in zip(shares, names, strict=True))
    rate = (parts[0] if len(parts) == 1 else mean(shares, parts, f"mean by energy: {words}")).named(RATE)
    lines, amount = multiplied(statement, CARBON_MARKET, rate, "gCO2e")
    return Additions(
        totals={"carbon_market": amount.named("carbon_market")} if amount is not None else {},
        lines=lines,
        assumptions=(Assumption(RATE, rate, "; ".join(told), words),),
        warnings=tuple(said),
    )


def marginal(statement: Statement, context: Context) -> Additions:
    """What the plants emit that follow a change of load; nothing where no factor is known."""
    if context.marginal is not None:
        rate = context.marginal.named("carbon_intensity_marginal")
        assumption = Assumption(rate.name, rate, cite(rate), "marginal, in no other figure")
    else:
        subject = _subject(context)
        found = _first(subject, MARGINAL, context) if subject else None
        if found is None:
            return Additions()
        fact, prop = found
        rate = fact.quantity().named("carbon_intensity_marginal")
        source = f"{subject} {prop} {fact.valid_from[:4]}: {cite(rate, fact)}"
        assumption = Assumption(rate.name, rate, source, "marginal, in no other figure")
    lines, amount = multiplied(statement, CARBON_MARGINAL, rate, "gCO2e")
    if amount is None:
        return Additions()
    return Additions(
        totals={"carbon_marginal": amount.named("carbon_marginal")}, lines=lines, assumptions=(assumption,)
    )


def _subject(context: Context) -> str:
    return context.catalog.resolve(context.region, "grid").subject if context.region else ""


def _residual(subject: str, context: Context) -> Assumption | None:
    for prop, boundary in RESIDUAL if subject else ():
        found = _first(subject, (prop,), context)
        if found is not None:
            rate = found[0].quantity().named("residual mix")
            year = found[0].valid_from[:4]
            return Assumption("residual mix", rate, f"{subject} {prop} {year}: {cite(rate, found[0])}", boundary)
    return None


def _first(subject: str, properties: Sequence[str], context: Context) -> tuple[FoundFact, str] | None:
    for prop in properties:
        if (fact := fact_or_none(subject, prop, context)) is not None:
            return fact, prop
    return None


def _used(context: Context, subject: str) -> tuple[list[_Used], list[str]]:
    """The contracts that hold for this run with their shares of its energy, and why the others do not."""
    used, said = [], []
    hourly = by_hour_of_day(context) if any(len(one.hours) < HOURS for one in context.bought.contracts) else {}
    for one in context.bought.contracts:
        why = _obstacle(one, subject, context.on)
        if why:
            said.append(f"carbon_market: contract {one.name} ({one.place}) is not used: {why}")
            continue
        within = sum(hourly.get(hour, 0.0) for hour in one.hours) if len(one.hours) < HOURS else 1.0
        used.append(_Used(one, one.share * within))
    return used, said


def _obstacle(one: Contract, subject: str, on: str) -> str:
    if not subject:
        return f"it is for {one.zone.partition('.')[2].upper()}, and the region of this run is unknown"
    if not _holds_in(one.zone, subject):
        return f"it is for {one.zone.partition('.')[2].upper()}, not for {subject.partition('.')[2].upper()}"
    if on[:4] != str(one.vintage):
        return f"its vintage is {one.vintage}, and the run is of {on[:4]}"
    if (one.start and on < one.start) or (one.end and on > one.end):
        return f"it holds from {one.start or 'the beginning'} to {one.end or 'the end'} of {one.vintage}"
    return ""


# -- reading [[contract]] ---------------------------------------------------------------------------------------


def contracts(tables: Sequence[Given], context: Context) -> tuple[Contract, ...]:
    """The contracts of a file. Raises `ConfigError` with file and line for one that cannot be, or for too many."""
    found = [_contract(table, context) for table in tables]
    for at, one in enumerate(found, 1):
        covered, zone = max(
            _covered(found[:at], one.zone, day, hour) for day in _starts(found) for hour in range(HOURS)
        )
        if covered > _WHOLE:
            raise ConfigError(
                f"[[contract]] {one.name} (from {one.place}): the contracts for {zone.partition('.')[2].upper()} in "
                f"{one.vintage} cover {100 * covered:.4g} % of the consumption; lower a share, or leave one out"
            )
    return tuple(found)


def _starts(found: Sequence[Contract]) -> set[str]:
    """Days from which what is covered may be more than before."""
    return {one.start or f"{one.vintage}-01-01" for one in found}


def _covered(found: Sequence[Contract], zone: str, day: str, hour: int) -> tuple[float, str]:
    """The largest share that is covered on that day at that hour, in the zone or in a part of it."""
    zones = {one.zone for one in found if _holds_in(zone, one.zone)} | {zone}
    held = [one for one in found if not _obstacle(one, one.zone, day) and hour in one.hours]
    return max((sum(one.share for one in held if _holds_in(one.zone, part)), part) for part in zones)


def _holds_in(zone: str, part: str) -> bool:
    """Whether a contract of a zone holds in another one: the same, or a part of it."""
    return part == zone or part.startswith(f"{zone}-")


def _contract(table: Given, context: Context) -> Contract:
    table.only(*_KEYS)
    table.needs("kind", "zone", "vintage", "source")
    kind = table.text("kind", one_of=CONTRACTS)
    name = table.text("name", default=f"{kind} {table.at + 1}")
    vintage = table.whole(
        "vintage", _FIRST_YEAR, _LAST_YEAR, "the year in which the electricity was made, such as 2026"
    )
    start, end = (_day(table, key) for key in ("start", "end"))
    if (start and start[:4] > str(vintage)) or (end and end[:4] < str(vintage)) or (start and end and end < start):
        table.refuse("vintage", f"a year between start and end ({start or '...'} to {end or '...'})")
    share, energy = _share(table)
    price = table.amount("price", "USD/MWh", "a price such as 2 EUR/MWh") if "price" in table.values else None
    return Contract(
        name=name,
        kind=kind,
        zone=_zone(table, context),
        share=share,
        intensity=_intensity(table, name, context),
        vintage=vintage,
        hours=_hours(table),
        start=start,
        end=end,
        energy=energy,
        price=price,
        source=table.text("source"),
        place=table.place(),
    )


def _zone(table: Given, context: Context) -> str:
    try:
        return context.catalog.resolve(table.text("zone"), "grid").subject
    except FactNotFound as error:
        table.refuse("zone", f"a grid that the catalogue knows ({error})")


def _share(table: Given) -> tuple[float, Quantity | None]:
    """The part of the consumption that a contract covers, and its energy if that was given."""
    if ("share" in table.values) == ("energy" in table.values):
        table.refuse("share", 'either share = 0.6, or energy = "12 MWh" and consumption = "20 MWh"')
    if "share" in table.values:
        return table.number("share", 0.0, 1.0, "a share of the consumption, from 0 to 1"), None
    table.needs("consumption")
    energy = _exactly(table, "energy", "the energy of the contract, such as 12 MWh")
    consumption = _exactly(table, "consumption", "what was consumed in that zone and year, such as 20 MWh")
    if consumption.value <= 0 or energy.value > consumption.value * _WHOLE:
        table.refuse(
            "energy", f"at most the consumption, {consumption.value:g} kWh: a contract covers no more than that"
        )
    return energy.value / consumption.value, energy


def _exactly(table: Given, key: str, expected: str) -> Quantity:
    """An energy in kWh; a range is refused, since a share of the consumption is one number."""
    found = table.amount(key, "kWh", expected).to("kWh")
    if not found.is_exact:
        table.refuse(key, f"{expected}, and no range")
    return found


def _intensity(table: Given, name: str, context: Context) -> Quantity:
    if ("intensity" in table.values) == ("mix" in table.values):
        table.refuse("intensity", 'either intensity = "12 g/kWh", or mix = "wind"')
    if "mix" in table.values:
        return mixed(table.text("mix"), context, "contract.mix", table.place("mix"))
    value = table.values["intensity"]
    found = amount_of(value, "gCO2e/kWh")
    if found is None:
        table.refuse("intensity", "zero or more, with its unit, such as 12 g/kWh or 8..15 g/kWh")
    source = Source(f"contract {name}", f"{table.text('source')} ({table.place('intensity')})")
    ends = (found.low, found.high) if not found.is_exact else (None, None)
    return Quantity.of(
        found.value, found.unit, low=ends[0], high=ends[1], basis=Basis.REPORTED, source=source, name=name
    ).to("gCO2e/kWh")


def _hours(table: Given) -> frozenset[int]:
    matching = table.text("matching", "year", one_of=("hour", "year"))
    if (matching == "hour") != ("hours" in table.values):
        table.refuse("hours", 'hours = "8-18" (UTC) with matching = "hour", and no hours with matching = "year"')
    return hours_of(table, "hours") if matching == "hour" else frozenset(range(HOURS))


def hours_of(table: Given, key: str) -> frozenset[int]:
    """Hours of the day from "8-18" (the last one is not within) or "22-6"."""
    ends = [end.strip() for end in table.text(key).split("-")]
    expected = "hours of the day such as 8-18, or 22-6 over midnight"
    if len(ends) != 2 or not all(end.isascii() and end.isdigit() and int(end) <= HOURS for end in ends):
        table.refuse(key, expected)
    first, last = (int(end) for end in ends)
    if first == last or (first, last) == (HOURS, 0):
        table.refuse(key, expected)
    return frozenset(range(first, last)) if first < last else frozenset((*range(first, HOURS), *range(last)))


def _day(table: Given, key: str) -> str:
    if key not in table.values:
        return ""
    text = str(table.values[key])  # a date of TOML, or a text
    try:
        known = str(date.fromisoformat(text)) == text
    except ValueError:
        known = False
    if not known:
        table.refuse(key, "a day such as 2026-01-31")
    return text


def is_certificate(contract: Contract) -> bool:
    """Whether it was traded apart from the electricity."""
    return contract.kind in CERTIFICATES
