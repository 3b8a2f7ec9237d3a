"""What a wrong cell looks like beside the value that it should have: a lost factor, exchanged digits, PUE once more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import log
from typing import Final, NamedTuple

from joulebook.audit.cells.grid import Grid, Key
from joulebook.audit.cells.law import Interval
from joulebook.audit.factors import slip
from joulebook.audit.reading.amount import Amount

_TENS: Final = (10.0, 100.0, 1e4, 1e5)
_CLOSE: Final = 0.012
_MOST_COUNTED: Final = 1e5
_WIDEST: Final = 0.02
"""Relative width within which exchanged digits are recognised; half of it for one wrong digit."""
_ONE_FIGURE: Final = re.compile(r"[\d][\d.,\s\u00a0\u2009\u202f'’]*")


class Likeness(NamedTuple):
    """The slip that a wrong figure looks like."""

    kind: str
    """units (a factor between them), ten (a power of ten), pue, count (of the row), digits (exchanged) or digit."""
    words: str

    @property
    def is_factor(self) -> bool:
        """Whether a factor was lost or added that people lose."""
        return self.kind in ("units", "ten")

    @property
    def is_digits(self) -> bool:
        """Whether digits are wrong."""
        return self.kind in ("digits", "digit")


def likeness(grid: Grid, pues: Iterable[float], key: Key, value: Interval) -> Likeness | None:
    """The slip between a printed cell and its value; None where it looks like none."""
    amount = grid.cells[key]
    middle = (value[0] + value[1]) / 2
    if middle <= 0 or amount.value <= 0:
        return None
    ratio = amount.value / middle
    close = min(_CLOSE, 1e-3 + (value[1] - value[0]) / middle + amount.slack / amount.value)

    def is_near(size: float, within: float = close) -> bool:
        return abs(abs(log(ratio)) - log(size)) < within

    if known := slip(ratio, within=close):
        return Likeness("units", known)
    for size in filter(is_near, _TENS):
        return Likeness("ten", f"a factor of {size:,.0f}")
    for pue in pues:
        if pue > 1.03 and is_near(pue, min(close, 0.2 * log(pue))):
            return Likeness("pue", f"the PUE of {pue:g} once {'more' if ratio > 1 else 'less'}")
    return _counted(grid, key, ratio, close / 2, value) or _digits(amount, value)


def _counted(grid: Grid, key: Key, ratio: float, close: float, value: Interval) -> Likeness | None:
    """Whether one is taken for all: the factor is a count of the row, or the cell is a count of 1."""
    for other in grid.row_of(key[0]):
        many = grid.cells[other].value
        bare = grid.cells[other].kind in ("number", "count") and many >= 2 and other != key
        if bare and many.is_integer() and many <= _MOST_COUNTED and abs(abs(log(ratio)) - log(many)) < close:
            return Likeness("count", f"the {grid.name(other)} ({many:g}): one taken for all, or all for one")
    amount, many = grid.cells[key], round((value[0] + value[1]) / 2)
    if amount.value == 1 and amount.slack == 0 and many > 1 and value[0] <= many <= value[1]:
        return Likeness("count", f"the {grid.name(key)}: one for all {many}")
    return None


def _digits(amount: Amount, value: Interval) -> Likeness | None:
    """Whether two neighbouring digits are exchanged, or one digit is another."""
    found = _ONE_FIGURE.search(amount.text)
    wide = (value[1] - value[0]) / abs(value[1]) if value[1] else 1.0
    if found is None or wide > _WIDEST:
        return None
    digits = re.sub(r"\D", "", found[0])
    unit = amount.value / float(digits) if float(digits or 0) else 0.0
    if len(digits) < 3 or not unit:
        return None
    slack = abs(unit) * 0.51

    def is_value(other: str) -> bool:
        return other != digits and value[0] - slack <= float(other) * unit <= value[1] + slack

    places = range(len(digits))
    if any(is_value(digits[:at] + digits[at + 1 : at + 2] + digits[at] + digits[at + 2 :]) for at in places[:-1]):
        return Likeness("digits", "two digits that are exchanged")
    if wide < _WIDEST / 2 and any(
        is_value(digits[:at] + digit + digits[at + 1 :]) for at in places for digit in "0123456789"
    ):
        return Likeness("digit", "one digit")
    return None
