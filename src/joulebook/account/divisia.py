"""Logarithmic mean Divisia decomposition (LMDI-I): what each factor of a product contributes to its change.

B. W. Ang. The LMDI approach to decomposition analysis: a practical guide. Energy Policy 33 (2005) 867-871,
doi:10.1016/j.enpol.2003.10.010. Zeros by their analytical limits: B. W. Ang, N. Liu. Handling zero values in the
logarithmic mean Divisia index decomposition approach. Energy Policy 35 (2007) 238-246,
doi:10.1016/j.enpol.2005.11.001. Plain floats only; docs/methods/comparing.md has the whole method.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import atanh, fsum, log, prod
from typing import Final

_NEAR: Final = 0.5
"""Up to this relative distance of two numbers their logarithms are compared by a series that loses no digits."""


def log_ratio(before: float, after: float) -> float:
    """ln(after / before) of two positive numbers; exchanging them turns the sign and changes no digit."""
    distance = (after - before) / (after + before)
    return 2 * atanh(distance) if abs(distance) < _NEAR else log(after) - log(before)


def log_mean(left: float, right: float) -> float:
    """The logarithmic mean (left - right) / ln(left / right); 0 where either is not positive.

    It lies between the geometric and the arithmetic mean and is the common value where both are equal.
    """
    if left <= 0 or right <= 0:
        return 0.0
    distance = (left - right) / (left + right)
    if abs(distance) >= _NEAR:
        return (left - right) / (log(left) - log(right))
    return (left + right) / 2 * (distance / atanh(distance) if distance else 1.0)


def split(
    before: Sequence[float],
    after: Sequence[float],
    ends: tuple[float, float] | None = None,
    yielding: Sequence[int] = (),
) -> list[float]:
    """What each factor adds to the change of the product of non-negative factors, in the unit of the product.

    Factor k adds L(V', V) ln(x_k' / x_k), with V the product and L the logarithmic mean; the parts sum to V' - V.
    In the limit of zeros (Ang and Liu 2007) the factors that appear or vanish share the whole change equally.

    `ends` are V and V' where they are known otherwise: medians of uncertain products are not the products of
    the medians. What is left goes to the factors at the places `yielding` in proportion to their own change, so
    that a factor that did not change still adds nothing; to the first of them where none of them changed.
    """
    start, end = ends or (prod(before), prod(after))
    size = len(before)
    turned = [k for k in range(size) if (before[k] > 0) != (after[k] > 0)]
    if turned:
        return [(end - start) / len(turned) if k in turned else 0.0 for k in range(size)]
    if start <= 0 or end <= 0:
        first = yielding[0] if yielding else 0
        return [end - start if k == first else 0.0 for k in range(size)]
    mean = log_mean(start, end)
    logs = [log_ratio(*pair) if pair[0] > 0 else 0.0 for pair in zip(before, after, strict=True)]
    if yielding:
        left = log_ratio(start, end) - fsum(logs)
        weights = {k: abs(logs[k]) for k in yielding}
        whole = sum(weights.values()) or None
        for place, k in enumerate(yielding):
            logs[k] += left * (weights[k] / whole if whole else float(place == 0))
    return [mean * part for part in logs]


def closed(parts: Sequence[float], whole: float) -> tuple[list[float], float]:
    """The parts, made to sum to `whole` in floating point, and what even then is left (almost always 0).

    A rounding residue goes to the largest part, then to the next smaller ones, never to a part that is 0. What is
    left is less than the last digit of the largest part: two large parts of opposite sign can hold no less.
    """
    sums = list(parts)
    for k in sorted(range(len(sums)), key=lambda k: -abs(sums[k])):
        residue = _left(sums, whole)
        if not residue or not sums[k]:
            break
        sums[k] += residue
    return sums, _left(sums, whole)


def _left(parts: Sequence[float], whole: float) -> float:
    """`whole` less the parts, rounded once."""
    return fsum([whole, *(-part for part in parts)])
