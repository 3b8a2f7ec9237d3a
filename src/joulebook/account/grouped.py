"""Many runs priced at once: one unit of energy is stated for each group that has the same facts, and multiplied.

The rules are those of a statement. Figures of single runs are plain numbers; sums over all of them are quantities
whose draws keep what the runs have in common.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from math import fsum, nan
from operator import itemgetter
from typing import Final, NamedTuple

from joulebook.account.bought import NOTHING, Bought
from joulebook.account.carbon import carbon
from joulebook.account.knowledge import FoundFact, Resolved
from joulebook.account.machine import Machine
from joulebook.account.market import marginal, market
from joulebook.account.money import carbon_price, hire, money
from joulebook.account.overhead import overhead
from joulebook.account.terms import IT_ENERGY, Context, Line, Statement
from joulebook.entry import Held
from joulebook.errors import ConfigError
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Quantity, total

BY_ENERGY: Final = ("energy", "carbon", "carbon_market", "carbon_marginal", "cost", "cost_carbon")
"""Figures that are so much by joule of IT energy."""
BY_DEVICE: Final = "cost_hire"
"""The one that is so much by device-hour."""
FIGURES: Final = (*BY_ENERGY, BY_DEVICE)
RULES: Final = (overhead, carbon, market, marginal, money, carbon_price)
_Key = tuple[str, str, str]
_PLACE: Final = itemgetter(0, 1, 2)
"""Region, site and day of an activity: what the figures by energy depend on."""
_HIRED: Final = itemgetter(3, 1, 2)
"""Card, site and day."""


class Activity(NamedTuple):
    """What is known of one run."""

    region: str
    site: str
    day: str
    """YYYY-MM-DD."""
    card: str
    """Subject of its accelerators, "accelerator.v100-family"; "" where it had none or they are not known."""
    joules: float
    device_hours: float = 0.0


class Priced(NamedTuple):
    """The figures of runs in J, gCO2e and the currency."""

    columns: Mapping[str, array[float]]
    """One number for each run, in their order; nan where it is not known."""
    sums: Mapping[str, Quantity | None]
    """Of all runs with its interval; None where it is not known of one, or in several currencies."""
    groups: int
    """How many times anything was priced."""


class _Rates(NamedTuple):
    """What one unit is in each figure, for the days on which it holds."""

    begin: str
    end: str
    """The first day on which it no longer holds."""
    by_figure: Mapping[str, Quantity | None]


class _Once(NamedTuple):
    """A fact whose draws are made once, however many groups it is in."""

    source: str
    valid_from: str
    known: Quantity

    def quantity(self) -> Quantity:
        """Its value with range, basis and source."""
        return self.known


_Made = dict[tuple[str, str, str, str], _Once]


class _Watched:
    """A catalogue that remembers between which days everything that was found in it is the same."""

    def __init__(self, catalog: Catalog, day: str, made: _Made, turns: Iterable[str] = ()) -> None:
        self._catalog = catalog
        self._made = made
        self.edition = catalog.edition
        self.begin, self.end = f"{day[:4]}-01-01", f"{int(day[:4]) + 1:04}-01-01"
        for turn in turns:  # days from which another contract may hold
            if turn <= day:
                self.begin = max(self.begin, turn)
            else:
                self.end = min(self.end, turn)

    def find(self, subject: str, prop: str, *, on: str, edition: str | None = None) -> FoundFact:
        """As the catalogue has it."""
        found = self._catalog.find(subject, prop, on=on, edition=edition)
        for fact in self._catalog.history(subject, prop):
            if fact.valid_from <= on:
                self.begin = max(self.begin, fact.valid_from)
            else:
                self.end = min(self.end, fact.valid_from)
        once = self._made.get((subject, prop, found.valid_from, found.source))
        if once is None:
            once = _Once(found.source, found.valid_from, found.quantity())
            _ = once.known.draws
            self._made[subject, prop, found.valid_from, found.source] = once
        return once

    def resolve(self, name: str, kind: str) -> Resolved:
        """As the catalogue has it."""
        return self._catalog.resolve(name, kind)

    def properties(self, subject: str) -> list[str]:
        """As the catalogue has it."""
        return self._catalog.properties(subject)


def price(runs: Iterable[Activity], catalog: Catalog, *, edition: str = "", bought: Bought = NOTHING) -> Priced:
    """The figures of many runs.

    Raises `FactNotFound` for a region or site that the catalogue does not know, and `ConfigError` where what was
    bought depends on the hour: that needs the power of each run over time.
    """
    if bought.by_hour:
        raise ConfigError("runs cannot be priced in groups by a tariff or contract of hours: price each by itself")
    rows = list(runs)
    context = Context(catalog, "", edition, bought=bought)
    columns = {name: array("d", [nan]) * len(rows) for name in FIGURES}
    sums: dict[str, Quantity | None] = {}
    count = 0
    for names, key, units in (
        (BY_ENERGY, _PLACE, [row.joules for row in rows]),
        ((BY_DEVICE,), _HIRED, [row.device_hours for row in rows]),
    ):
        groups = _grouped(rows, key, context, catalog)
        count += len(groups)
        for name in names:
            for rates, some in groups:
                quantity = rates.by_figure[name]
                if quantity is not None:
                    column, value = columns[name], quantity.value
                    for at in some:
                        column[at] = units[at] * value
            sums[name] = _sum(name, groups, units)
    return Priced(columns, sums, count)


def _grouped(
    rows: Sequence[Activity], key: Callable[[Activity], _Key], context: Context, catalog: Catalog
) -> list[tuple[_Rates, list[int]]]:
    """Runs for which a unit is the same in all figures, by their places in the list."""
    same: defaultdict[_Key, list[int]] = defaultdict(list)
    for at, one in enumerate(map(key, rows)):
        same[one].append(at)
    known: dict[tuple[str, str], list[tuple[_Rates, list[int]]]] = {}
    made: _Made = {}
    for (word, site, day), some in same.items():
        kept = known.setdefault((word, site), [])
        group = next((rated for rated in kept if rated[0].begin <= day < rated[0].end), None)
        if group is None:
            here = context._replace(on=day, site=site)
            unit = _hire if key is _HIRED else _rates
            group = unit(here, catalog, made, word), []
            kept.append(group)
        group[1].extend(some)
    return [group for kept in known.values() for group in kept]


def _rates(context: Context, catalog: Catalog, made: _Made, region: str) -> _Rates:
    """What a joule is in each figure."""
    watched, amount = _Watched(catalog, context.on, made, _turns(context.bought)), Quantity.exact(1.0, "J")
    unit = Statement("unit", watched.edition, it_energy=amount, lines=(Line("", "unit", IT_ENERGY, amount),))
    context = context._replace(catalog=watched, region=region)
    for rule in RULES:
        unit = rule(unit, context).to(unit)
    return _Rates(watched.begin, watched.end, {name: getattr(unit, name) for name in BY_ENERGY})


def _turns(bought: Bought) -> Iterator[str]:
    """The first days on which a contract holds, and those on which it no longer does."""
    for one in bought.contracts:
        if one.start:
            yield one.start
        if one.end:
            yield str(date.fromisoformat(one.end) + timedelta(days=1))


def _hire(context: Context, catalog: Catalog, made: _Made, card: str) -> _Rates:
    """What an hour of a card is hired for."""
    watched = _Watched(catalog, context.on, made)
    unit = Statement("unit", watched.edition, device_hours=Quantity.exact(1.0, "device-h"))
    machine = Machine(held=(Held("unit", "gpu", card, 3600.0),), cards={card: card})
    unit = hire(unit, context._replace(catalog=watched, machine=machine)).to(unit)
    return _Rates(watched.begin, watched.end, {BY_DEVICE: unit.cost_hire})


def _sum(name: str, groups: Iterable[tuple[_Rates, list[int]]], units: Sequence[float]) -> Quantity | None:
    parts: list[Quantity] = []
    for rates, some in groups:
        rate = rates.by_figure[name]
        if rate is None or (parts and rate.unit.dims != parts[0].unit.dims):
            return None
        parts.append(rate * fsum(units[at] for at in some))
    return total(parts, parts[0].unit, name) if parts else None
