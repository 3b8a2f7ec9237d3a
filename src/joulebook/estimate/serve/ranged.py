"""`product`: a formula of uncertain inputs, cheap enough for 1010 draws and for every cause of a range."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log

from joulebook.quantity import Quantity, derived


class Powers:
    """A formula at the values of its inputs, times what the range of each does to it alone: a power below and above."""

    __slots__ = ("_result", "_terms", "formula", "said")

    def __init__(
        self, formula: Callable[..., float], result: float, terms: Sequence[tuple[int, float, float, float]], said: str
    ) -> None:
        """`terms` has the place of each uncertain input, its value, and the exponents below and above it.

        `said` is the formula in words, for whoever unfolds the result.
        """
        self.formula, self._result, self._terms, self.said = formula, result, terms, said

    def __call__(self, *draws: float) -> float:
        """The result at one draw of each input."""
        result = self._result
        for at, value, below, above in self._terms:
            draw = draws[at]
            result *= (draw / value) ** (below if draw < value else above)
        return result


def product(function: Callable[..., float], inputs: Sequence[Quantity], unit_: str, said: str) -> Quantity:
    """The function at the values of its inputs, times what each input's range does to it alone.

    `said` is the function in words. Between its ends an input acts as a power, so that 1010 draws cost little.
    """
    values = [one.value for one in inputs]
    result = function(*values)
    terms = []
    for at, one in enumerate(inputs):
        if not one.is_exact:
            ends = [function(*values[:at], end, *values[at + 1 :]) / result for end in (one.low, one.high)]
            below, above = (
                log(ratio) / log(end / one.value) if end != one.value else 1.0
                for ratio, end in zip(ends, (one.low, one.high), strict=True)
            )
            terms.append((at, one.value, below, above))
    return derived("formula", Powers(function, result, tuple(terms), said), inputs, result, unit_)
