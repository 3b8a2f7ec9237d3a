"""`Printed`: a figure as it stands in print, with what its digits allow."""

from __future__ import annotations

import re
from decimal import Decimal
from math import floor, log10, sqrt
from typing import Final, NamedTuple

from joulebook.errors import ConfigError
from joulebook.quantity import Basis, Quantity, Source
from joulebook.units import Unit, unit

_NUMBER: Final = r"[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_FORM: Final = re.compile(rf"(=?)({_NUMBER})(?:\.\.({_NUMBER}))?(?:\.\.({_NUMBER}))?(?: (\S.*))?")
_PREFIXED: Final = {"mL": ("L", 1e-3), "GtCO2e": ("tCO2e", 1e9), "cent": ("USD", 1e-2), "GW": ("MW", 1e3)}
_PREFIXED_MORE: Final = {"TW": ("MW", 1e6), "kW/device": ("W/device", 1e3), "mgCO2e": ("gCO2e", 1e-3)}
_COUNTED: Final = (unit("1"), unit("device"))
_UNIFORM_90: Final = 0.9
"""Of the rounding, in which everything is equally likely, 90 % lie within so much of half a step."""


class Printed(NamedTuple):
    """A figure in print; `low` and `high` are the ends of what is rounded to it, or of a printed range."""

    text: str
    value: float
    low: float
    high: float
    step: float
    """Of the last printed digit; 0 of a count and of what is exact by definition."""
    unit: Unit
    symbol: str
    """Of the unit as it is printed."""
    size: float
    """Of the printed unit in `unit`; `value`, `low`, `high` and `step` are in `unit`."""

    @property
    def is_range(self) -> bool:
        """Whether two ends are printed."""
        return ".." in self.text

    def covers(self, amount: float) -> bool:
        """Whether an amount in `unit` is printed so when it is rounded; a tie may go either way."""
        slack = 1e-9 * max(abs(self.low), abs(self.high), abs(amount))
        return self.low - slack <= amount <= self.high + slack

    def cuts(self, amount: float) -> bool:
        """Whether an amount in `unit` is printed so when further digits are cut off instead."""
        return self.value <= amount < self.value + self.step if amount > 0 else False

    def quantity(self, source: Source, name: str = "", basis: Basis = Basis.REPORTED) -> Quantity:
        """The figure as a leaf: rounding as an interval of 90 %, a printed range as it is."""
        if self.is_range:
            low, high = self.low, self.high
        else:
            low, high = (self.value + _UNIFORM_90 * (end - self.value) for end in (self.low, self.high))
        return Quantity.of(self.value, self.unit, low=low, high=high, basis=basis, source=source, name=name)

    def exact(self, name: str = "") -> Quantity:
        """The figure as if all further digits were 0."""
        return Quantity.of(self.value, self.unit, basis=Basis.REPORTED, source=Source(self.text), name=name)

    def shown(self, amount: float | None = None, digits: int = 0) -> str:
        """An amount in `unit` (the figure itself) as it is printed, with so many digits more."""
        if amount is None and self.is_range:
            return f"{self.shown(self.low)} to {self.shown(self.high)}"
        wanted = self.value if amount is None else amount
        number = decimals(wanted / self.size, self.step / self.size, digits)
        return f"{number} {self.symbol}" if self.symbol not in ("1", "") else number


_LARGE: Final = 1e15
"""From here on figures are written with a power of ten, as publications do."""


def decimals(value: float, step: float, digits: int = 0) -> str:
    """A number to the decimals of a step and so many more; to six significant digits where there is no step."""
    if not step:
        return f"{value:,.0f}" if value == round(value) else f"{value:,.6g}"
    power = Decimal(f"{step:.3e}").normalize().adjusted()
    if abs(value) >= _LARGE:
        return f"{value:.{max(0, floor(log10(abs(value))) - power + digits)}e}".replace("e+", "e")
    return f"{value:,.{max(0, digits - power)}f}"


def printed(text: str, *, counted: bool = True) -> Printed:
    """The figure of "27 kWh", "103e3 USD" (to the thousand), "2..3 h" (a range) or "=8 device" (exact).

    A range may have its middle between its ends: "2..2.2..3 h". Plain whole numbers without a unit and of devices are
    counts, unless not `counted`. Raises `ConfigError` for anything else.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ConfigError.bad("a printed figure", text, "a number or two with .. between them, and a unit")
    exact, first, middle, last, symbol = found[1], found[2], found[3], found[4] or found[3], found[5] or "1"
    base, size = (_PREFIXED | _PREFIXED_MORE).get(symbol, (symbol, 1.0))
    in_unit = unit(base)
    step = float(Decimal(1).scaleb(int(Decimal(first).as_tuple().exponent))) * size
    if exact or (counted and in_unit in _COUNTED and first.isdigit()):
        step = 0.0
    value = low = high = float(first) * size
    if last is not None:
        high = float(last) * size
        between = sqrt(low * high) if low > 0 else (low + high) / 2
        value = float(middle) * size if found[4] else between
    else:
        low, high = value - step / 2, value + step / 2
    return Printed(text, value, low, high, step, in_unit, symbol, size)
