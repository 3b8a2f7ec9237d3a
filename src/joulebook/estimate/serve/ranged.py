"""`product`: a formula of uncertain inputs, cheap enough for 1010 draws and for every cause of a range."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log

from joulebook.quantity import Quantity, derived


def product(function: Callable[..., float], inputs: Sequence[Quantity], unit_: str) -> Quantity:
    """The function at the values of its inputs, times what each input's range does to it alone.

    Between its ends an input acts as a power, so that 1010 draws cost little.
    """
    at = [one.value for one in inputs]
    result = Quantity.exact(function(*at), unit_)
    for index, one in enumerate(inputs):
        if one.is_exact:
            result = Quantity(result.value, result.unit, min(result.basis, one.basis), result.trace)
            continue
        ends = [function(*at[:index], end, *at[index + 1 :]) / function(*at) for end in (one.low, one.high)]
        below, above = (
            log(ratio) / log(end / one.value) if end != one.value else 1.0
            for ratio, end in zip(ends, (one.low, one.high), strict=True)
        )
        result = result * _power(one, below, above)
    return result


def _power(one: Quantity, below: float, above: float) -> Quantity:
    value = one.value

    def ratio(draw: float) -> float:
        return float((draw / value) ** (below if draw < value else above))

    return derived("what it does", ratio, (one,), 1.0, "1")
