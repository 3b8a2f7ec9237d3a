"""Whether a printed figure looks like another one with a slip of the pen: a digit, two exchanged, a power of ten."""

from __future__ import annotations

import re
from math import floor, isclose, log10
from typing import Final

from joulebook.audit.reading.amount import Amount

_NUMBER: Final = re.compile(r"\d[\d.,\s  ’']*\d|\d")
_TEN: Final = 0.004
"""How closely a power of ten is met, as a logarithm."""
_FAR: Final = 0.5
"""Logarithm by which figures may differ in one digit."""
_MANY: Final = 3
"""Digits from which one that differs is a slip of the pen, and no chance."""


def alike(amount: Amount, computed: float) -> bool:
    """Whether a figure, as printed, differs from a computed number in one digit, in two exchanged, or in its power."""
    found = _NUMBER.search(amount.text)
    if found is None or computed <= 0:
        return False
    digits = re.sub(r"\D", "", found[0]).lstrip("0")
    significant = digits.rstrip("0")
    return any(_one_slip(one, computed) for one in {digits, significant} if len(one) >= 2) or _by_ten(digits, computed)


def _one_slip(printed: str, computed: float) -> bool:
    """Whether the digits differ by so many units of one place, or by two neighbours that are exchanged."""
    least = floor(log10(computed)) - len(printed)
    for power in range(least, least + 3):
        other = round(computed / 10.0**power)
        if not isclose(other * 10.0**power, computed, rel_tol=2e-3):
            continue
        off = str(abs(int(printed) - other))
        if len(printed) >= _MANY and len(off.rstrip("0")) == 1 and abs(log10(int(printed) / other)) < _FAR:
            return True
        if sorted(printed) == sorted(str(other)) and len(off.rstrip("0")) <= 2 and int(off) % 9 == 0 and int(off):
            return True
    return False


def _by_ten(digits: str, computed: float) -> bool:
    """Whether the digits are the same, at another power of ten."""
    mantissa = float(f"0.{digits}") * 10
    return len(digits.rstrip("0")) > 1 and abs(log10(mantissa) - log10(computed) % 1) < _TEN
