"""The draws of a source: 1010 stratified values of its shape in an order that belongs to its id.

Mid-point quantiles of the shape, permuted by a hash of the id: a range given as 289..981 comes back as exactly
289 and 981, on every platform and version. Pure Python on purpose (docs/decisions/0002).
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from hashlib import shake_128
from math import exp, fsum, isnan, log, nan
from statistics import NormalDist
from typing import Final, NamedTuple

N_DRAWS: Final = 1010
"""Number of draws: with Hazen positions (i + 0.5) / 1010 the 5 % and 95 % points fall on draws 50 and 959."""
LOW: Final = 50
"""Index of the 5th percentile among the draws in order."""
HIGH: Final = 959
"""Index of the 95th percentile."""
WIDEST: Final = 300.0
"""Beyond this ln(high / low) the outermost draws would not be floats."""
_Z95: Final = NormalDist().inv_cdf(0.95)


@cache
def _scores() -> array[float]:
    """The N_DRAWS mid-point quantiles of the standard normal, divided by its 95 % point."""
    inverse = NormalDist().inv_cdf
    scores = [inverse((i + 0.5) / N_DRAWS) / _Z95 for i in range(N_DRAWS)]
    scores[LOW], scores[HIGH] = -1.0, 1.0
    return array("d", scores)


@lru_cache(maxsize=4096)
def _order(source_id: str) -> array[int]:
    """A permutation of the draws that depends on the source id alone."""
    keys = array("Q")
    keys.frombytes(shake_128(source_id.encode()).digest(8 * N_DRAWS))
    if sys.byteorder == "big":
        keys.byteswap()
    return array("H", sorted(range(N_DRAWS), key=keys.__getitem__))


@lru_cache(maxsize=64)
def leaf_draws(value: float, low: float, high: float, source_id: str) -> array[float]:
    """Two-piece log-normal through low, value, high; two-piece normal where low is (as good as) not positive.

    Who gets them may not change them: a source that is used again has the same ones.
    """
    if low > 0 and log(high) - log(low) < WIDEST:
        down, up = log(value) - log(low), log(high) - log(value)
        shape = [value * exp(z * (down if z < 0 else up)) for z in _scores()]
    else:
        down, up = value - low, high - value
        shape = [value + z * (down if z < 0 else up) for z in _scores()]
    shape[LOW], shape[HIGH] = low, high
    return array("d", [shape[i] for i in _order(source_id)])


def in_order(draws: array[float]) -> list[float]:
    """The draws in order; all of them undefined where one is, since a comparison with NaN orders nothing."""
    return [nan] * N_DRAWS if any(map(isnan, draws)) else sorted(draws)


class Kernel(NamedTuple):
    """How whole columns of draws are worked through. Every kernel gives the same digits."""

    marks: Callable[[array[float]], tuple[float, float, float]]
    """5th percentile, median and 95th percentile."""
    total: Callable[[Sequence[array[float]]], array[float]]
    """Sums, each rounded once."""
    scaled: Callable[[array[float], int, int], array[float]]
    """Times num / den."""
    combined: Callable[[Callable[[float, float], float], Sequence[array[float]], int, int], array[float]]
    """Two columns by an operation of arithmetic, times num / den."""


def _marks(draws: array[float]) -> tuple[float, float, float]:
    ordered = in_order(draws)
    return ordered[LOW], (ordered[N_DRAWS // 2 - 1] + ordered[N_DRAWS // 2]) / 2, ordered[HIGH]


def _total(columns: Sequence[array[float]]) -> array[float]:
    return array("d", map(fsum, zip(*columns, strict=True)))


def _scaled(draws: array[float], num: int, den: int) -> array[float]:
    return array("d", [draw * num / den for draw in draws])


def _combined(
    apply: Callable[[float, float], float], columns: Sequence[array[float]], num: int, den: int
) -> array[float]:
    return array("d", [draw * num / den for draw in map(apply, *columns)])


_PLAIN: Final = Kernel(_marks, _total, _scaled, _combined)
_used: list[Kernel] = [_PLAIN]


def kernel() -> Kernel:
    """The kernel in use: that of plain Python unless a plan has NumPy at hand."""
    return _used[-1]


@contextmanager
def using(other: Kernel) -> Iterator[None]:
    """Work through columns by another kernel; which one it is nobody can tell from a result."""
    _used.append(other)
    try:
        yield
    finally:
        _used.remove(other)
