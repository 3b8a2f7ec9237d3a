"""The terms whose products the figures of a statement are, side by side for two runs."""

from __future__ import annotations

from math import inf, nan
from typing import Final, NamedTuple

from joulebook.account.causes import kind_word
from joulebook.account.terms import EMBODIED, IT_ENERGY, WHOLE_RUN, Line, Statement
from joulebook.quantity import Quantity, derived, total

DURATION, POWER, MADE, OVERHEAD, PRICE = "duration", "power", "embodied_rate", "overhead", "price"
INTENSITY, MARKET, WATER = "carbon_intensity", "carbon_intensity_market", "water_rate"
_SHARED: Final = (OVERHEAD, INTENSITY, MARKET, WATER, PRICE)


class Term(NamedTuple):
    """One term in both runs; None where it is not known there."""

    name: str
    """duration, power, embodied_rate, overhead, carbon_intensity, carbon_intensity_market, water_rate, price."""
    kind: str
    """Device kind of a power or an embodied rate; "" is the power of all devices, which is no factor by itself."""
    before: Quantity | None
    after: Quantity | None

    @property
    def ratio(self) -> Quantity | None:
        """B / A; None where one of them is not known or A is zero."""
        return ratio(self.before, self.after)

    @property
    def word(self) -> str:
        """What the term is called."""
        if self.name == POWER:
            return f"{kind_word(self.kind)} power" if self.kind else "mean power"
        if self.name == MADE:
            return f"making of {kind_word(self.kind)}"
        words = {
            OVERHEAD: "site overhead",
            INTENSITY: "grid intensity",
            MARKET: "market intensity",
            WATER: "water rate",
        }
        return words.get(self.name, self.name)


def terms_of(a: Statement, b: Statement) -> list[Term]:
    """Duration, power and embodied carbon by kind, and the rates of both runs."""
    sides = (a, b)
    kinds, parts = (
        list(dict.fromkeys(line.device_kind for side in sides for line in whole(side, kind)))
        for kind in (IT_ENERGY, EMBODIED)
    )
    terms = [Term(DURATION, "", *(_in(side.duration, "h") for side in sides))]
    terms.append(Term(POWER, "", *(_power(side, side.it_energy) for side in sides)))
    terms += [Term(POWER, kind, *(_power(side, _energy(side, kind)) for side in sides)) for kind in kinds]
    terms += [Term(MADE, kind, *(_made(side, kind) for side in sides)) for kind in parts]
    return [*terms, *(Term(name, "", *(_rate(side, name) for side in sides)) for name in _SHARED)]


def ratio(before: Quantity | None, after: Quantity | None) -> Quantity | None:
    """B / A draw by draw, with the quotient of the values as its value; None where that has no meaning."""
    if before is None or after is None or before.value <= 0 or before.unit.dims != after.unit.dims:
        return None
    pair = before, after.to(before.unit)
    return derived("ratio", _quotient, pair, pair[1].value / pair[0].value, "1")


def _quotient(before: float, after: float) -> float:
    return after / before if before > 0 else inf if after > 0 else nan


def whole(statement: Statement, kind: str) -> list[Line]:
    """The lines of a kind of the whole run."""
    return statement.of_kind(kind, WHOLE_RUN)


def _in(quantity: Quantity | None, unit: str) -> Quantity | None:
    return None if quantity is None else quantity.to(unit)


def _energy(statement: Statement, kind: str) -> Quantity | None:
    """The IT energy of the devices of a kind; None where there is none of that kind."""
    parts = [line.quantity for line in whole(statement, IT_ENERGY) if line.device_kind == kind]
    return total(parts, "J") if parts else None


def _power(statement: Statement, energy: Quantity | None) -> Quantity | None:
    if energy is None or statement.duration is None or statement.duration.value <= 0:
        return None
    return (energy / statement.duration).to("W")


def _made(statement: Statement, kind: str) -> Quantity | None:
    """The embodied carbon of the parts of a kind for an hour of the run; None where there is none of that kind."""
    parts = [line.quantity for line in whole(statement, EMBODIED) if line.device_kind == kind]
    if not parts or statement.duration is None or statement.duration.value <= 0:
        return None
    return (total(parts, "gCO2e") / statement.duration).to("kgCO2e/h")


def _water(statement: Statement) -> Quantity | None:
    """The water of site and grid for the IT energy."""
    if statement.water is None or statement.it_energy is None or statement.it_energy.value <= 0:
        return None
    return (statement.water / statement.it_energy).to("L/kWh")


def _rate(statement: Statement, name: str) -> Quantity | None:
    if name == WATER:
        return _water(statement)
    found = statement.assumption("pue" if name == OVERHEAD else name)
    if found is None:
        return None
    currency = found.quantity.unit.symbol.partition("/")[0]
    units = {OVERHEAD: "1", INTENSITY: "kgCO2e/kWh", MARKET: "kgCO2e/kWh"}
    return found.quantity.to(units.get(name, f"{currency}/kWh"))
