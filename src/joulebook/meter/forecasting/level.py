"""The usual step of a loop as it is now, how sure that is, and whether steps still get faster or slower.

Pure: from the sums of blocks of usual steps to their level.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import exp, log, sqrt
from typing import Final, NamedTuple

from joulebook.meter.forecasting.shapes import fitted

_BATCHES: Final = 7
_DIFFERS: Final = 3.5
"""Standard errors by which one part must differ from another to be believed,"""
_HINTS: Final = 1.8
"""and from which on the interval reckons with it."""
_FEW: Final = {1: 0.14, 2: 0.08, 3: 0.05}
"""Relative sd of the usual step's time where only so many have been seen."""
_FIRST: Final = 0.93
"""What the others are expected to take where only the first one has been seen, which has mostly more to do."""
_SCALES: Final = (0.1, 0.2, 0.33, 0.5, 0.7, 1.0, 1.5)
"""Time scales on which steps may settle, in parts of what has been seen."""
_TEMPER: Final = 0.3
"""Weight of what the blocks tell about that scale."""


class Block(NamedTuple):
    """Usual steps that follow each other: places from `at` on, how many of them are usual, their sums."""

    at: int
    steps: int
    seconds: float
    joules: float


class Level(NamedTuple):
    """The usual step as it is now: its mean, the error of that mean, and the scatter of what is still to come."""

    seconds: float
    joules: float
    error: float
    """Standard error of `seconds`, of so many degrees of freedom as `free`."""
    free: int
    scatter: float
    """Standard deviation of the sum of n steps, divided by sqrt(n): neighbours that are alike are in it."""
    power_error: float
    seen: int = 1
    """Steps that the mean is made of."""
    growth: float = 0.0
    """By how much of their mean these steps got slower from the first to the last; 0 where nothing points to it."""
    growth_error: float = 0.0
    grows: bool = False
    """Whether that is beyond doubt."""

    def slower(self, growth: float, times: float, steps: int) -> float:
        """The mean of so many steps to come, in parts of `seconds`, if they grow for `times` as long as so far."""
        ahead = steps / self.seen
        lasts = min(times, ahead)
        return 1 + growth * (0.5 + lasts - lasts**2 / (2 * ahead)) if ahead else 1.0


def level_of(blocks: Sequence[Block], warm: int = 0) -> Level:
    """The usual step after the beginning that differs from the rest has been left out (MSER, up to one half)."""
    if not blocks:
        return Level(0.0, 0.0, 0.0, 1, 0.0, 0.0)
    kept = list(blocks[steady_from(blocks) :])
    count = sum(block.steps for block in kept)
    seconds = sum(block.seconds for block in kept) / count
    joules = sum(block.joules for block in kept) / count
    if len(kept) < 4:
        if not warm and len(blocks) == 2 and blocks[0].steps == blocks[1].steps == 1:  # the second is the better guess
            seconds = min(seconds, 0.8 * blocks[1].seconds + 0.2 * blocks[0].seconds)
        if not warm and len(blocks) == blocks[0].steps == 1:
            seconds, joules = _FIRST * seconds, _FIRST * joules
        relative = _FEW.get(len(kept), 0.08)
        return Level(seconds, joules, relative * seconds, 8, relative * seconds / 3, 0.05)
    error, batches = standard_error([(block.seconds, block.steps) for block in kept], seconds)
    level = Level(seconds, joules, error, batches - 1, error * sqrt(count), _power_error(kept), count)
    trend = _trend(kept)
    if trend is None:
        return level
    if trend.change > 0:  # thirds are two thirds of the whole apart
        return level._replace(
            growth=1.5 * trend.change / seconds, growth_error=1.5 * trend.error / seconds, grows=trend.sure
        )
    if not trend.sure:
        return level._replace(error=sqrt(error**2 + trend.change**2), free=8)
    settled, doubt = _settled(kept)
    return level._replace(seconds=settled, joules=joules * settled / seconds, error=sqrt(error**2 + doubt**2), free=8)


class _Trend(NamedTuple):
    """By how much the last third of the blocks differs from the first one, in seconds a step."""

    change: float
    error: float
    sure: bool


def _trend(blocks: Sequence[Block]) -> _Trend | None:
    """Whether steps still get faster or slower; None where chance alone would do it."""
    third, quarter = len(blocks) // 3, len(blocks) // 4
    parts = [blocks[:third], blocks[third : 2 * third], blocks[2 * third :]]
    early, middle, late = (_mean(part) for part in parts)
    noise = max(standard_error([(b.seconds, b.steps) for b in part], _mean(part))[0] for part in parts[1:])
    quarters = [_mean(blocks[at * quarter : (at + 1) * quarter]) for at in range(4)]
    one_way = len({later > earlier for earlier, later in pairwise(quarters)}) == 1
    change, error = late - early, sqrt(2) * noise
    if one_way and abs(change) >= _DIFFERS * error:
        return _Trend(change, error, sure=True)
    if (late > middle) == (middle > early) and abs(change) > _HINTS * error:
        return _Trend(change, error, sure=False)
    return None


def _settled(blocks: Sequence[Block]) -> tuple[float, float]:
    """Where steps that get faster will settle, by exponential curves of several scales, and how sure that is."""
    values = [block.seconds / block.steps for block in blocks]
    curves = [fitted(values, 0, 0.0, scale * len(values)) for scale in _SCALES]
    least = min(curve.error for curve in curves)
    unit = 2 * max(least / max(1, len(values) - 2), 1e-18)
    weights = [exp(-_TEMPER * (curve.error - least) / unit) for curve in curves]
    lowest = 0.5 * values[-1]
    floors = [max(curve.floor, lowest) for curve in curves]
    goal = sum(weight * floor for weight, floor in zip(weights, floors, strict=True)) / sum(weights)
    squares = sum(weight * (floor - goal) ** 2 for weight, floor in zip(weights, floors, strict=True))
    return goal, sqrt(squares / sum(weights))


def _mean(blocks: Sequence[Block]) -> float:
    return sum(block.seconds for block in blocks) / sum(block.steps for block in blocks)


def steady_from(blocks: Sequence[Block]) -> int:
    """How many blocks at the beginning are unlike the rest: the marginal standard error rule of White (1997).

    It is followed only where the two parts differ by far more than chance: else a steady loop would lose data.
    """
    size = len(blocks)
    if size < 4:
        return 0
    means = [block.seconds / block.steps for block in blocks]
    total = squares = 0.0
    best, cut = float("inf"), 0
    for at in range(size - 1, -1, -1):
        total += means[at]
        squares += means[at] ** 2
        kept = size - at
        if at <= size // 2 and kept >= 3:
            score = max(squares / kept - (total / kept) ** 2, 0.0) / kept
            if score <= best:
                best, cut = score, at
    if not cut:
        return 0
    before, after = means[:cut], means[cut:]
    mean = sum(after) / len(after)
    error, _ = standard_error([(value, 1) for value in after], mean)
    single = sqrt(sum((value - mean) ** 2 for value in after) / (len(after) - 1))
    gap = abs(sum(before) / cut - mean)
    return cut if gap > _DIFFERS * max(sqrt(error**2 + single**2 / cut), error * sqrt(1 + len(after) / cut)) else 0


def standard_error(parts: Sequence[tuple[float, int]], mean: float) -> tuple[float, int]:
    """Standard error of the mean of a series whose neighbours are alike, by batch means; and how many batches.

    From the batches to the whole the variance of a mean falls as it has fallen from the parts to the batches: as one
    over the length where neighbours differ by chance, more slowly where unrest comes at every length.
    """
    each = max(1, -(-len(parts) // _BATCHES))
    batches = [parts[at : at + each] for at in range(0, len(parts), each)]
    means = [(sum(value for value, _ in batch), sum(count for _, count in batch)) for batch in batches]
    variance = _variance(means, mean)
    power = -1.0
    if each > 1 and variance > 0:
        power = max(-1.0, min(0.0, log(variance / _variance(parts, mean)) / log(each)))
    return sqrt(variance * len(means) ** power), max(2, len(means))


def _variance(parts: Sequence[tuple[float, int]], mean: float) -> float:
    """Variance of the means of parts, each by its steps."""
    squares = sum((value / weight - mean) ** 2 * weight for value, weight in parts)
    return squares / sum(weight for _, weight in parts) * len(parts) / max(1, len(parts) - 1)


def _power_error(blocks: Sequence[Block]) -> float:
    """Relative standard error of the mean power."""
    joules, seconds = sum(block.joules for block in blocks), sum(block.seconds for block in blocks)
    if joules <= 0 or seconds <= 0:
        return 0.05
    watts = joules / seconds
    squares = sum(block.seconds * (block.joules / block.seconds - watts) ** 2 for block in blocks if block.seconds)
    return sqrt(squares / seconds / len(blocks)) / watts
