"""When a training that watches a metric is likely to stop before its declared end.

Pure: from the values of the metric so far and the patience to draws of the number of values at the stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, isfinite, sqrt
from random import Random
from typing import Final, NamedTuple

from joulebook.meter.forecasting.shapes import Shape, fitted

_TEMPER: Final = 0.5
"""Weight of what the curve tells about its own shape: no curve is exactly of one of the shapes."""
_SHAPELESS: Final = 0.2
"""Part of the draws that believe in no shape: progress goes on for as long as it has lasted, as often as not."""
_BENT: Final = 0.5
"""Part of the values at the beginning that the curves need not go through."""
_POWERS: Final = (0.5, 1.0, 1.5, 2.0)
_SCALES: Final = (0.5, 2.0, 6.0)
_STEPS: Final = 400
"""No path is followed through more values than this; longer ones are followed in strides."""


class EarlyStop(NamedTuple):
    """The rule of a training: end after `patience` values of a metric without a better one by more than `least`."""

    metric: str
    patience: int
    mode: str = "min"
    """`min` where less is better, `max` where more is."""
    least: float = 0.0


def stops(values: Sequence[float], rule: EarlyStop, end: int, draws: int, random: Random) -> list[int]:
    """Draws of how many values of the metric there will be when the training ends, `end` at most.

    Too few values to see a shape: anything between the patience and the end is possible.
    """
    sign = -1.0 if rule.mode == "max" else 1.0
    known = [sign * value for value in values if isfinite(value)]
    seen = len(values)
    if seen >= end:
        return [end] * draws
    if len(known) < 4:
        soonest = min(max(seen + 1, rule.patience + 1), end)
        return [end if random.random() < 0.3 else random.randint(soonest, end) for _ in range(draws)]
    noise = _noise(known)
    skipped = min(len(known) - 4, round(_BENT * len(known)))
    shapes = _shapes(known, skipped, end)
    least = min(shape.error for shape in shapes)
    scale = max(noise * noise, 1e-18)
    weights = [exp(-_TEMPER * (shape.error - least) / (2 * scale)) for shape in shapes]
    shapeless = round(_SHAPELESS * draws)
    found = [_shapeless(known, rule, end, random) for _ in range(shapeless)]
    free = max(2, len(known) // 3)  # degrees of freedom of the noise, of which few values say little
    for shape in random.choices(shapes, weights, k=draws - shapeless):
        sd = sqrt(scale * free / 2 / random.gammavariate(free / 2, 1))
        found.append(_path(known, shape, sd, rule, end, random))
    return found


def _shapeless(values: Sequence[float], rule: EarlyStop, end: int, random: Random) -> int:
    """The end where the last better value comes at n times the place of the best so far with a chance of 1 / n."""
    best = values.index(min(values)) + 1
    if len(values) - best >= rule.patience:
        return len(values)
    return round(min(end, best / (1 - random.random()) + rule.patience))


def _noise(values: Sequence[float]) -> float:
    """Standard deviation of what is no trend, from second differences."""
    squares = [(a - 2 * b + c) ** 2 for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    kept = squares[len(squares) // 2 :]  # without the bend at the beginning
    return sqrt(sum(kept) / len(kept) / 6)


def _shapes(values: Sequence[float], skipped: int, end: int) -> list[Shape]:
    """Curves through the values: exponential and power laws of many time scales, each by least squares."""
    scales: list[float] = []
    scale = 0.7
    while scale < end:
        scales.append(scale)
        scale *= 1.35
    found = [fitted(values, skipped, 0.0, scale) for scale in scales]
    return found + [fitted(values, skipped, power, scale) for power in _POWERS for scale in _SCALES]


def _path(values: Sequence[float], shape: Shape, sd: float, rule: EarlyStop, end: int, random: Random) -> int:
    """One course of the metric from now to where the rule ends it."""
    best, waited = values[0], 0
    for value in values[1:]:
        best, waited = (value, 0) if value < best - rule.least else (best, waited + 1)
    place = len(values)
    stride = max(1, (end - place) // _STEPS)
    gauss = random.gauss
    while place < end:
        if waited >= rule.patience:
            return min(place, end)
        value = shape.at(place) + gauss(0.0, sd)
        best, waited = (value, 0) if value < best - rule.least else (best, waited + stride)
        place += stride
    return end
