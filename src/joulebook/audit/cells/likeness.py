"""What a wrong cell looks like beside the value that it should have: a lost factor, exchanged digits, PUE once more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import log
from typing import Final

from joulebook.audit.cells.grid import Grid, Key
from joulebook.audit.cells.law import Interval
from joulebook.audit.factors import slip
from joulebook.audit.reading.amount import Amount

_TENS: Final = (10.0, 100.0, 1e4, 1e5)
_CLOSE: Final = 0.012
_ONE_FIGURE: Final = re.compile(r"[\d][\d.,\s\u00a0\u2009\u202f'’]*")


def natural(grid: Grid, pues: Mapping[float, str], key: Key, value: Interval) -> str:
    """Words for the slip between a printed cell and its value; empty where it looks like none."""
    amount = grid.cells[key]
    middle = (value[0] + value[1]) / 2
    if middle <= 0 or amount.value <= 0:
        return ""
    ratio = amount.value / middle
    close = min(_CLOSE, 1e-3 + (value[1] - value[0]) / middle + amount.slack / amount.value)
    known = slip(ratio, within=close)
    if known:
        return known
    for size in _TENS:
        if abs(abs(log(ratio)) - log(size)) < close:
            return f"a factor of {size:,.0f}"
    for pue in pues:
        if pue > 1.03 and abs(abs(log(ratio)) - log(pue)) < min(close, 0.2 * log(pue)):
            return f"the PUE of {pue:g} once {'more' if ratio > 1 else 'less'}"
    for column in range(len(grid.names)):
        other = grid.cells.get((key[0], column))
        if other is not None and other is not amount and other.kind in ("number", "count") and other.value >= 2:
            many = other.value
            if many.is_integer() and many <= 1e5 and abs(abs(log(ratio)) - log(many)) < close / 2:
                return f"the {grid.names[column]} ({many:g}): one taken for all, or all for one"
    return exchanged(amount, value)


def exchanged(amount: Amount, value: Interval) -> str:
    """Whether two neighbouring digits are exchanged, or one digit is another."""
    found = _ONE_FIGURE.search(amount.text)
    if found is None or value[1] - value[0] > 0.01 * abs(value[1]):
        return ""
    digits = re.sub(r"\D", "", found[0])
    unit = amount.value / float(digits) if float(digits or 0) else 0.0
    if len(digits) < 3 or not unit:
        return ""
    slack = abs(unit) * 0.51
    for at in range(len(digits) - 1):
        other = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
        if other != digits and value[0] - slack <= float(other) * unit <= value[1] + slack:
            return "two digits that are exchanged"
    for at in range(len(digits)):
        for digit in "0123456789":
            other = digits[:at] + digit + digits[at + 1 :]
            if other != digits and value[0] - slack <= float(other) * unit <= value[1] + slack:
                return "one digit"
    return ""
