"""What people type becomes a `Quantity`: numbers, texts with units, ranges."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from math import isfinite, nan, sqrt
from numbers import Real
from typing import Final, TypeAlias

from joulebook.errors import ConfigError, UnitMismatch
from joulebook.estimate.written import like, written
from joulebook.quantity import Basis, Quantity, Source
from joulebook.units import unit

Asked: TypeAlias = float | str | tuple[float, float] | Quantity
"""A number in the unit that goes without saying, a text ("84 h", "0.43..1.46", "65B"), both ends, or a quantity.

A range is the 90 % interval. NumPy's numbers, decimals, fractions and lists of two are taken as what they mean.
"""

_MOST: Final = 1e29
"""No amount is larger in any unit that is asked for."""


def amount(name: str, asked: Asked, symbol: str, *, least: float = 0.0, most: float = _MOST) -> Quantity:
    """The amount of that name in a unit, reported by whoever asks; `least` and `most` are in that unit.

    The value of a range is its geometric mean where both ends are positive, otherwise the middle. Raises `ConfigError`
    for what is no amount, not finite, not within `least` and `most` (`least` 0: above nothing), or in another unit.
    """
    if isinstance(asked, Quantity):
        return _within(name, _in_unit(name, asked, symbol), least, most)
    if isinstance(asked, str):
        text, (ends, own) = asked.strip(), written(asked, symbol, name)
    else:
        ends, own = _numbers(asked), symbol
        text = "..".join(f"{end:g}" for end in ends)
    if not 1 <= len(ends) <= 2 or not all(map(isfinite, ends)) or sorted(ends) != list(ends):
        raise ConfigError.bad(name, asked, _expected(symbol, ends))
    try:
        found = unit(own)
    except UnitMismatch as error:
        units = "" if symbol == "1" else f"; units are {', '.join(like(symbol))}"
        raise ConfigError.bad(name, asked, f"{_expected(symbol, ends)}: {own!r} is no unit{units}") from error
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


def untold(name: str, value: float, symbol: str, words: str, basis: Basis = Basis.ASSUMED) -> Quantity:
    """What is taken where nobody gave an amount of that name, with `words` for why."""
    source = Source(f"untold {name} {value:g}", f"joulebook: {words}; give {name}")
    return Quantity.of(value, symbol, basis=basis, source=source, name=name)


def only(asked: Iterable[str], known: Iterable[str]) -> None:
    """Raise a `ConfigError` for a name that is none of those known, with the nearest ones."""
    names = sorted(known)
    for name in asked:
        if name not in names:
            from difflib import get_close_matches  # only on the way to an error

            close = get_close_matches(name, names, 3)
            others = f"did you mean: {', '.join(close)}?" if close else f"known are {', '.join(names)}"
            raise ConfigError(f"nothing that can be said here is called {name}; {others}")


def _numbers(asked: object) -> tuple[float, ...]:
    """The ends of what is no text; NaN for what is no number."""
    return tuple(_number(end) for end in asked) if isinstance(asked, tuple | list) else (_number(asked),)


def _number(asked: object) -> float:
    if isinstance(asked, bool) or not isinstance(asked, Real | Decimal | str):
        return nan
    try:
        return float(asked)
    except (ValueError, OverflowError):
        return nan


def _expected(symbol: str, ends: tuple[float, ...]) -> str:
    """What would be an amount."""
    if len(ends) == 2 and all(map(isfinite, ends)):
        return "the lower end of a range first, such as 0.5..2"
    if symbol == "1":
        return "a number, such as 65B or 65e9, or a range such as 0.5..2"
    return f"a number of {symbol}, a text with its unit, or a range such as 0.5..2"


def _in_unit(name: str, found: Quantity, symbol: str) -> Quantity:
    try:
        return found.to(symbol)
    except UnitMismatch as error:
        what = "a number without a unit" if symbol == "1" else f"a unit such as {', '.join(like(symbol))}"
        raise ConfigError.bad(name, f"{found.value:g} {found.unit.symbol}", what) from error


def _within(name: str, found: Quantity, least: float, most: float) -> Quantity:
    low = found.low > 0 if least == 0 else found.low >= least
    if low and found.high <= most:
        return found
    symbol = found.unit.symbol.removesuffix("1")
    at_least = "above 0" if least == 0 else "of 0 or more" if least < 0 else f"of at least {least:.3g}"
    bound = f"of at most {most:.3g}" if low else at_least
    given = found.low if not low else found.high
    raise ConfigError.bad(name, f"{given:g} {symbol}".strip(), f"an amount {bound}")
