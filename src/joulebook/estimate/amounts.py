"""What people type becomes a `Quantity`: numbers, texts with units, ranges."""

from __future__ import annotations

from math import isfinite, sqrt
from typing import Final, TypeAlias

from joulebook.errors import ConfigError, UnitMismatch
from joulebook.quantity import Basis, Quantity, Source
from joulebook.units import unit

Asked: TypeAlias = float | str | tuple[float, float] | Quantity
"""A number in the unit that goes without saying, a text ("84 h", "0.43..1.46", "65B"), both ends, or a quantity.

A range is the 90 % interval.
"""

_MULTIPLES: Final = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "G": 1e9, "T": 1e12}
_MOST: Final = 1e29
"""No amount is larger in any unit that is asked for."""


def amount(name: str, asked: Asked, symbol: str, *, least: float = 0.0, most: float = _MOST) -> Quantity:
    """The amount of that name in a unit, reported by whoever asks; `least` and `most` are in that unit.

    The value of a range is its geometric mean where both ends are positive, otherwise the middle. Raises `ConfigError`
    for what is no amount, not finite, not within `least` and `most`, or in another unit.
    """
    expected = f"a number of {symbol}, a text with its unit, or a range such as 0.5..2"
    if isinstance(asked, Quantity):
        return _within(name, _in_unit(name, asked, symbol), least, most)
    if isinstance(asked, bool) or not isinstance(asked, int | float | str | tuple):
        raise ConfigError.bad(name, asked, expected)
    text, own = str(asked), symbol
    if isinstance(asked, str):
        amounts, _, written = asked.strip().partition(" ")
        own = written.strip() or symbol
        ends = [_number(end) for end in amounts.split("..")]
    else:
        ends = [float(end) for end in (asked if isinstance(asked, tuple) else (asked,))]
        text = "..".join(f"{end:g}" for end in ends)
    if not 1 <= len(ends) <= 2 or not all(map(isfinite, ends)) or sorted(ends) != ends:
        raise ConfigError.bad(name, asked, expected)
    try:
        found = unit(own)
    except UnitMismatch as error:
        raise ConfigError.bad(name, asked, f"{expected}: {error}") from error
    value = ends[0] if len(ends) == 1 else sqrt(ends[0] * ends[1]) if ends[0] > 0 else sum(ends) / 2
    source = Source(f"given {name} {text}", f"given, {name} {text}")
    low, high = (ends[0], ends[1]) if len(ends) == 2 and ends[0] < ends[1] else (None, None)
    given = Quantity.of(value, found, low=low, high=high, basis=Basis.REPORTED, source=source, name=name)
    return _within(name, _in_unit(name, given, symbol), least, most).named(name)


def amount_or_none(
    name: str, asked: Asked | None, symbol: str, *, least: float = 0.0, most: float = _MOST
) -> Quantity | None:
    """The amount; None where nothing was asked. Raises `ConfigError` as `amount` does."""
    return None if asked is None else amount(name, asked, symbol, least=least, most=most)


def _number(text: str) -> float:
    """A number, with the multiple that people write behind it: "65B" is 65e9; NaN for anything else."""
    scale = _MULTIPLES.get(text[-1:], 1.0)
    try:
        return float(text[:-1] if text[-1:] in _MULTIPLES else text) * scale
    except ValueError:
        return float("nan")


def _in_unit(name: str, found: Quantity, symbol: str) -> Quantity:
    try:
        return found.to(symbol)
    except UnitMismatch as error:
        raise ConfigError.bad(name, found.unit.symbol, f"a unit of {symbol}") from error


def _within(name: str, found: Quantity, least: float, most: float) -> Quantity:
    inside = (found.low > 0 if least == 0 else found.low >= least) and found.high <= most
    if not inside:
        bound = f"above {least:g}" if found.low <= least else f"at most {most:g}"
        raise ConfigError.bad(name, f"{found.value:g} {found.unit.symbol}".strip(), f"an amount {bound}")
    return found
