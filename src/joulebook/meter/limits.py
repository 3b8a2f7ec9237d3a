"""Budgets: what a run may use as somebody said it, and where it stands. Pure: no clock, no sensor, no fact."""

from __future__ import annotations

from collections.abc import Sequence
from math import erf, isfinite, sqrt
from typing import Final, NamedTuple

from joulebook.errors import ConfigError
from joulebook.units import UNITS, Unit, convert, unit

ALMOST: Final = 0.8
"""Part of a budget from which on it is likely to be spent, where nothing is forecast."""
_KINDS: Final = {"J": "energy", "gCO2e": "carbon", "USD": "cost", "EUR": "cost", "s": "duration"}
KINDS: Final = ("energy", "carbon", "cost", "duration")
_EXAMPLES: Final = "5 Wh, 0.5 kWh, 200 gCO2e, 3 USD or 2 h"
_NUMBER: Final = "0123456789.+-_eE"
_Z90: Final = 1.6448536269514722
"""Standard deviations of a normal distribution between its middle and its 95th percentile."""


class Limit(NamedTuple):
    """One amount that a run may use."""

    kind: str
    """energy, carbon, cost or duration."""
    amount: float
    """In `unit`."""
    unit: str
    """J, gCO2e, s, USD or EUR."""
    text: str
    """As it was said."""
    shown: str
    """The unit in which it was said."""

    def words(self, amount: float) -> str:
        """An amount of this kind in the unit of the limit: "4.2 Wh"."""
        rounded = float(f"{convert(amount, UNITS[self.unit], UNITS[self.shown]):.3g}")
        return f"{rounded:g} {self.shown}"


def limits_of(value: object, origin: str = "", name: str = "budget") -> tuple[Limit, ...]:
    """The limits in a text such as "0.5 kWh, 2 h" or a list of such texts.

    Raises `ConfigError` where one is no positive amount of energy, carbon, money or time, or two are of one kind.
    """
    words = value if isinstance(value, list | tuple) else [value]
    parts: list[Limit] = []
    for word in words:
        if not isinstance(word, str) or not word.strip(" ,"):
            shown = word if word is None or isinstance(word, str | int | float) else type(word).__name__
            raise ConfigError.bad(name, shown, f"an amount with its unit, such as {_EXAMPLES}", origin)
        parts += [limit_of(part, origin, name) for part in word.split(",") if part.strip()]
    for kind in KINDS:
        twice = [limit.text for limit in parts if limit.kind == kind]
        if len(twice) > 1:
            raise ConfigError.bad(
                name, ", ".join(twice), f"each kind once; {' and '.join(twice)} are both {kind}", origin
            )
    return tuple(parts)


def limit_of(text: str, origin: str = "", name: str = "budget") -> Limit:
    """One limit, such as "0.5 kWh". Raises `ConfigError`."""
    text = " ".join(text.split())
    size = next((at for at, letter in enumerate(text) if letter not in _NUMBER), len(text))
    head = text[:size].rstrip("eE")
    symbol = text[len(head) :].strip()
    try:
        number = float(head)
    except ValueError:
        raise ConfigError.bad(name, text, f"a number and its unit, such as {_EXAMPLES}", origin) from None
    if not number > 0 or not isfinite(number):
        raise ConfigError.bad(name, text, f"an amount above zero, such as {_EXAMPLES}", origin)
    if not symbol:
        raise ConfigError.bad(name, text, f"a unit after the number, such as {_EXAMPLES}", origin)
    given, base = _unit(symbol, text, origin, name)
    amount = convert(number, given, UNITS[base])
    if not amount > 0 or not isfinite(amount):
        raise ConfigError.bad(name, text, f"an amount that a run can use, such as {_EXAMPLES}", origin)
    return Limit(_KINDS[base], amount, base, text, given.symbol)


def _unit(symbol: str, text: str, origin: str, name: str) -> tuple[Unit, str]:
    """The unit and that in which amounts of its kind are compared. "CO2eq" is another way to write CO2e."""
    known = UNITS.get(symbol.replace("CO2eq", "CO2e")) or (unit(symbol) if symbol in ("g", "kg", "t") else None)
    base = next((one for one in _KINDS if known is not None and UNITS[one].dims == known.dims), "")
    if known is None or not base:
        units = "J, Wh, kWh, gCO2e, kgCO2e, USD, EUR, s, min, h or d"
        hint = "; CO2 alone is not what is counted: write CO2e" if symbol.endswith("CO2") else ""
        raise ConfigError.bad(name, text, f"a unit such as {units}{hint}", origin)
    return known, base


def share_above(limit: float, ends: Sequence[float]) -> float:
    """Probability that an amount exceeds the limit, from its value and the 5th and 95th percentile.

    Each side of the value is half a normal distribution with that percentile.
    """
    value, low, high = ends
    sd = ((high - value) if limit > value else (value - low)) / _Z90
    if sd <= 0:
        return 1.0 if value > limit else 0.0
    return 0.5 * (1 + erf((value - limit) / sd / sqrt(2)))


def likely(limit: Limit, ends: Sequence[float], probability: float) -> str:
    """The line that warns of a forecast above the limit."""
    low, high = (limit.words(end) for end in ends[1:])
    return (
        f"the budget of {limit.text} will not do: forecast {limit.words(ends[0])} ({low} to {high}),"
        f" above it with a probability of {_percent(probability)}"
    )


def almost(limit: Limit, spent: float) -> str:
    """The line that warns of what has been spent, where nothing is forecast."""
    return f"{100 * spent / limit.amount:.0f} % of the budget of {limit.text} is spent"


def spent(limit: Limit) -> str:
    """The reason with which a run ends that has used up a limit."""
    return f"budget {limit.text} spent"


def _percent(share: float) -> str:
    if share >= 0.995:
        return "more than 99 %"
    return "less than 1 %" if share < 0.01 else f"{100 * share:.0f} %"
