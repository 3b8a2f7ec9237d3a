"""`Budget`: the most that an option may take of one figure, from a text such as "10 kg", "50 USD" or "3 days"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite
from typing import Final, NamedTuple

from joulebook.errors import ConfigError, UnitMismatch
from joulebook.estimate.written import WEEKS, WORDS
from joulebook.plan.option import COST, EMBODIED
from joulebook.quantity import Quantity
from joulebook.units import UNITS, unit

_AMOUNT: Final = re.compile(r"([0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)\s*(\S.*)")
_CARBONS: Final = {"embodied": EMBODIED, "total": "carbon_total", "operational": "carbon"}
_BY_DIMENSION: Final = {UNITS[like].dims: figure for like, figure in (("J", "energy"), ("s", "time"), ("L", "water"))}
_EXPECTED: Final = (
    "the most of carbon (10 kg, 2 t, 500 lb), energy (300 kWh), money (50 USD, 50 EUR), time (12 h, 3 days) "
    "or water (900 L)"
)


class Budget(NamedTuple):
    """The most that may be taken of a figure."""

    text: str
    """As it was asked for: "10 kg"."""
    figure: str
    """time, energy, carbon, cost, water, embodied or carbon_total."""
    most: Quantity

    def as_dict(self) -> dict[str, object]:
        """Text, figure, and the amount with its unit."""
        return {"text": self.text, "figure": self.figure, "most": self.most.value, "unit": self.most.unit.symbol}


def budgets_of(asked: Sequence[str | Quantity] | str | Quantity) -> tuple[Budget, ...]:
    """The budgets that these mean. Carbon is operational; "10 kg embodied" and "10 kg total" are of the others.

    Raises `ConfigError` for what is no maximum, and for two of one figure.
    """
    found: dict[str, Budget] = {}
    for one in (asked,) if isinstance(asked, str | Quantity) else asked:
        budget = _budget(one)
        if budget.figure in found:
            other = found[budget.figure].text
            raise ConfigError.bad("max", one, f"one maximum of {budget.figure}: {other} is another")
        found[budget.figure] = budget
    return tuple(found.values())


def currency_of(budgets: Sequence[Budget]) -> str:
    """The currency of a maximum of money; "" where there is none."""
    return next((one.most.unit.symbol for one in budgets if one.figure == COST), "")


def _budget(asked: str | Quantity) -> Budget:
    if isinstance(asked, Quantity):
        if not asked.is_exact or asked.value <= 0:
            raise ConfigError.bad("max", repr(asked), f"one number above zero: {_EXPECTED}")
        return Budget(f"{asked.value:g} {asked.unit.symbol}", _figure(asked, asked, "carbon"), asked)
    if not isinstance(asked, str):
        raise ConfigError.bad("max", asked, f"a text with its unit: {_EXPECTED}")
    money, plain = asked.strip()[:1], asked.strip()[1:]
    read = _AMOUNT.fullmatch(f"{plain} {money}" if money in tuple("$€") else asked.strip())
    if read is None:
        raise ConfigError.bad("max", asked, _EXPECTED)
    number, word = float(read[1]), read[2].strip()
    named = next((last for last in _CARBONS if word.endswith(f" {last}")), "")
    word = word.removesuffix(named).strip().removesuffix("CO2e").removesuffix("CO2").strip() or word
    if word in WEEKS:
        number, word = number * 7, "d"
    try:
        most = Quantity.exact(number, unit(WORDS.get(word, word)))
    except UnitMismatch as error:
        raise ConfigError.bad("max", asked, _EXPECTED) from error
    if not isfinite(number) or number <= 0:
        raise ConfigError.bad("max", asked, f"more than nothing: {_EXPECTED}")
    figure = _figure(asked, most, _CARBONS.get(named, "carbon"))
    if named and figure != _CARBONS[named]:
        raise ConfigError.bad("max", asked, f"{named} of carbon alone, such as 10 kg {named}")
    return Budget(asked.strip(), figure, most)


def _figure(asked: object, most: Quantity, carbon: str) -> str:
    dims = most.unit.dims
    if dims == UNITS["gCO2e"].dims:
        return carbon
    if most.unit.symbol in ("USD", "EUR"):
        return COST
    if dims not in _BY_DIMENSION:
        raise ConfigError.bad("max", asked, _EXPECTED)
    return _BY_DIMENSION[dims]
