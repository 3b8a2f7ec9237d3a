"""`calibrate`: the straight line from the power that sensors show to the power that the machine draws at the wall.

    wall = sensed + excess + (gain - 1) x (sensed - at)

`at` is the mean sensed power of the log, so that the errors of `gain` and `excess` are independent of each other. The
line is fitted robustly, its intervals allow for residuals that hang together, and a log that cannot tell is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from math import sqrt
from random import Random
from statistics import NormalDist, fmean, linear_regression, median, quantiles
from typing import Final, NamedTuple

from joulebook.errors import CalibrationRefused
from joulebook.meter.wall.clock import Alignment, align
from joulebook.meter.wall.log import MeterLog, Pair, Sensed, pairs

WINDOWS_MIN: Final = 20
"""Fewer windows than this say nothing about their own scatter."""
GAIN_MIN: Final = 0.9
GAIN_MAX: Final = 2.0
SUPPLY_GAIN: Final = (1.13, 1.04, 1.25)
"""Gain where the load was too even to tell: efficiencies from 96 % to 80 %, as the 80 PLUS levels span them."""
_GAIN_SURE: Final = 0.15
"""Half-width of the gain's interval above which the log does not tell the gain."""
_SPREAD_W: Final = 3.0
_SPREAD: Final = 0.1
"""The sensed power must vary by this much, in W and as a share of its mean."""
_UNIT_FACTOR: Final = 20.0
_LESS: Final = 0.97
_FAR: Final = 4.5
"""Residuals within so many standard deviations belong to the line,"""
_STEP: Final = 0.04
"""or less than this share of the mean: a clock known to a twentieth of a second makes so much of a step of the load;"""
_FAR_SHARE: Final = 0.15
"""the others are left out, unless they are this much of the log: then something else is on the meter."""
_UNLIKE: Final = 0.05
"""Share of the mean power at the wall that slow swings or a bend may have before the log is refused."""
_UNLIKE_W: Final = 2.0
_BLOCKS: Final = 8
_WINDOWS: Final = 100
_WINDOW_S: Final = (2.0, 60.0)
_PAIRS: Final = 20_000
_MOST_ALIKE: Final = 0.97
_MAD: Final = 1.4826
_Z: Final = NormalDist().inv_cdf(0.95)


class Range(NamedTuple):
    """A value and its 90 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def around(cls, value: float, half: float) -> Range:
        """The value give or take `half`."""
        return cls(value, value - half, value + half)


class Calibration(NamedTuple):
    """What a meter's log says of what the sensors miss; powers in W."""

    gain: Range
    excess: Range
    """What the wall has on top of the sensed power, at the sensed power `at_w`."""
    at_w: float
    gain_known: bool
    """Whether the log told the gain; otherwise it is `SUPPLY_GAIN`."""
    loads_w: tuple[float, float]
    """Sensed power between which the log lies (5 % and 95 % of its windows)."""
    alignment: Alignment
    windows: int
    window_s: float
    overlap_s: float
    residual_w: float
    """Standard deviation of a window around the line."""
    notes: tuple[str, ...] = ()

    @property
    def offset(self) -> Range:
        """What the wall draws on top of gain x sensed power, where the sensors would show nothing."""
        value = self.excess.value - (self.gain.value - 1) * self.at_w
        halves = (self.excess.high - self.excess.low) / 2, (self.gain.high - self.gain.low) / 2 * self.at_w
        return Range.around(value, sqrt(halves[0] ** 2 + halves[1] ** 2))


def calibrate(meter: MeterLog, sensed: Sensed, offset_s: float | None = None) -> Calibration:
    """The line through the windows that both instruments know; `offset_s` is the meter's clock when it is known.

    Raises `CalibrationRefused` with the reason when the log does not belong to the run or cannot tell.
    """
    if offset_s is None:
        alignment = align(meter, sensed)
    else:
        alignment = Alignment(offset_s, offset_s, offset_s, known=True, note="the offset of the clock was given")
    window_s = min(max(_seconds(sensed) / _WINDOWS, _WINDOW_S[0], 3 * sensed.period_s), _WINDOW_S[1])
    window_s = max(window_s, meter.period_s)
    windows = pairs(meter, sensed, round(alignment.offset_s * 1e9), 0.999 * window_s)
    _check_overlap(windows, meter, sensed, (alignment.offset_s, window_s))
    _check_units(windows)
    notes = [*meter.notes, alignment.note]
    line = _line(windows)
    if line is None or line.gain.high - line.gain.low > 2 * _GAIN_SURE:
        line = _level(windows)
        notes.append(_EVEN.format(low=line.loads[0], high=line.loads[1]))
        if alignment.known and offset_s is None and alignment.explained < 0.5:
            raise CalibrationRefused.because("the meter does not follow the load", _OTHERS)
    else:
        line = _widened(line, meter, sensed, alignment, 0.999 * window_s)
        _check_line(line)
    if line.dropped:
        notes.append(f"{line.dropped} of {len(windows)} windows lie far off the line and were left out")
    if line.bend:
        notes.append(f"the line misses loads in between by up to {line.bend:.2g} W: the interval is wider by that")
    return Calibration(
        gain=line.gain,
        excess=line.excess,
        at_w=line.at_w,
        gain_known=line.gain_known,
        loads_w=line.loads,
        alignment=alignment,
        windows=len(windows) - line.dropped,
        window_s=window_s,
        overlap_s=sum(window.seconds for window in windows),
        residual_w=line.residual_w,
        notes=tuple(note for note in notes if note),
    )


_EVEN = (
    "the load was between {low:.3g} and {high:.3g} W, too even to tell the gain: only what the sensors miss at that "
    "load is known; record idle, half and full load (examples/calibration_load.py) to know more"
)
_OTHERS = "is it the log of this machine, and is this machine alone on the meter?"


class _Line(NamedTuple):
    gain: Range
    excess: Range
    at_w: float
    loads: tuple[float, float]
    residual_w: float
    dropped: int = 0
    gain_known: bool = True
    kept: tuple[Pair, ...] = ()
    rest: tuple[float, ...] = ()
    bend: float = 0.0


# -- the fit -------------------------------------------------------------------------------------------------------


def _line(windows: Sequence[Pair]) -> _Line | None:
    """The robust line; None when the load hardly changes."""
    loads = _loads(windows)
    mean = fmean(window.sensed_w for window in windows)
    if loads[1] - loads[0] < max(_SPREAD_W, _SPREAD * mean):
        return None
    slope = _theil_sen(windows)
    level = median(window.wall_w - slope * window.sensed_w for window in windows)
    rest = [window.wall_w - level - slope * window.sensed_w for window in windows]
    scale = max(_MAD * median(map(abs, rest)), 1e-3 * mean)
    limit = max(_FAR * scale, _STEP * mean)
    kept = [window for window, far in zip(windows, rest, strict=True) if abs(far) <= limit]
    if len(kept) < max(WINDOWS_MIN, (1 - _FAR_SHARE) * len(windows)):
        far = median(abs(one) for one in rest if abs(one) > limit)
        what = f"{len(windows) - len(kept)} of {len(windows)} windows are off the line, by some {far:.3g} W"
        raise CalibrationRefused.because(what, _OTHERS)
    return _fitted(kept, len(windows) - len(kept))


def _fitted(kept: Sequence[Pair], dropped: int) -> _Line:
    x, y = [window.sensed_w for window in kept], [window.wall_w for window in kept]
    slope, intercept = linear_regression(x, y)
    at = fmean(x)
    rest = [b - intercept - slope * a for a, b in zip(x, y, strict=True)]
    n = len(kept)
    sd = sqrt(sum(one * one for one in rest) / (n - 2))
    xx = sum((a - at) ** 2 for a in x)
    together = _together(rest, [1.0] * n)
    t = _t95(max(3.0, n / together - 2))
    gain_sd = sd * sqrt(_together(rest, [a - at for a in x]) / xx)
    return _Line(
        gain=Range.around(slope, t * gain_sd),
        excess=Range.around(fmean(y) - at, t * sd * sqrt(together / n)),
        at_w=at,
        loads=_loads(kept),
        residual_w=sd,
        dropped=dropped,
        kept=tuple(kept),
        rest=tuple(rest),
    )


def _level(windows: Sequence[Pair]) -> _Line:
    """What the wall has on top at the load of the log; the gain is that of any power supply."""
    rest = [window.wall_w - window.sensed_w for window in windows]
    middle, n = fmean(rest), len(rest)
    centred = [one - middle for one in rest]
    sd = sqrt(sum(one * one for one in centred) / (n - 1))
    together = _together(centred, [1.0] * n)
    half = _t95(max(3.0, n / together - 1)) * sd * sqrt(together / n)
    at = fmean(window.sensed_w for window in windows)
    gain = Range(*SUPPLY_GAIN)
    line = _Line(gain, Range.around(middle, half), at, _loads(windows), sd, gain_known=False)
    wall = at + middle
    if _swing(centred) > max(_UNLIKE_W, _UNLIKE * wall):
        raise CalibrationRefused.because(
            f"the meter swings by {_swing(centred):.3g} W over minutes in a way that the load does not explain", _OTHERS
        )
    return line


def _theil_sen(windows: Sequence[Pair]) -> float:
    """Median slope of pairs of windows; of a fixed random choice where there are very many."""
    chosen = list(windows)
    most = int(sqrt(2 * _PAIRS))
    if len(chosen) > most:
        chosen = Random(0).sample(chosen, most)  # noqa: S311 - no secret: the same windows each time
    slopes = [
        (b.wall_w - a.wall_w) / (b.sensed_w - a.sensed_w)
        for a, b in combinations(chosen, 2)
        if abs(b.sensed_w - a.sensed_w) > 1e-9
    ]
    return median(slopes)


def _together(rest: Sequence[float], weights: Sequence[float]) -> float:
    """By how much the variance of sum(weight x rest) is larger than for independent residuals; 1 at least.

    Residuals are taken as autoregressive of first order, with the correlation of neighbours raised by the bias of
    a fitted line, (1 + 4 rho) / n (Marriott and Pope 1954); a sum over measured correlations at many lags would
    be too small for the short logs that there are.
    """
    n = len(rest)
    power = sum(one * one for one in rest) or 1.0
    rho = sum(a * b for a, b in pairwise(rest)) / power
    rho = min(_MOST_ALIKE, max(0.0, rho + (1 + 4 * rho) / n))
    length = sum(weight * weight for weight in weights)
    found, alike = 1.0, 1.0
    for lag in range(1, n):
        alike *= rho
        if alike < 1e-3:
            break
        found += 2 * alike * sum(a * b for a, b in zip(weights, weights[lag:], strict=False)) / length
    return max(1.0, found)


def _t95(freedom: float) -> float:
    """95 % point of Student's t, by the expansion of Abramowitz and Stegun 26.7.5."""
    z = _Z
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def _widened(line: _Line, meter: MeterLog, sensed: Sensed, alignment: Alignment, window_s: float) -> _Line:
    """The line with what the clocks and its own shape leave open: each is added in quadrature."""
    gains = []
    for shift_s in (alignment.low_s, alignment.high_s):
        shifted = pairs(meter, sensed, round(shift_s * 1e9), window_s)
        if shift_s != alignment.offset_s and len(shifted) >= WINDOWS_MIN:
            other = _line(shifted)
            gains += [other.gain.value - line.gain.value] if other else []
    clocks = max(map(abs, gains), default=0.0)
    bend = _bend(line)
    half = sqrt(((line.gain.high - line.gain.low) / 2) ** 2 + clocks**2)
    level = sqrt(((line.excess.high - line.excess.low) / 2) ** 2 + bend**2 / 3)
    return line._replace(
        gain=Range.around(line.gain.value, half), excess=Range.around(line.excess.value, level), bend=bend
    )


# -- what is refused ------------------------------------------------------------------------------------------------


def _check_overlap(windows: Sequence[Pair], meter: MeterLog, sensed: Sensed, seconds: tuple[float, float]) -> None:
    """Enough windows in common; `seconds` are the shift of the clock and the length of a window."""
    if len(windows) >= WINDOWS_MIN:
        return
    shift_s, window_s = seconds
    known = sum(window.seconds for window in windows)
    common = f"{len(windows)} windows of {window_s:.3g} s in common ({known:.3g} s)"
    reason = f"log and run have {common}, {WINDOWS_MIN} are needed"
    shift_ns = round(shift_s * 1e9)
    apart = max(meter.start_ns + shift_ns - sensed.end_ns, sensed.start_ns - meter.end_ns - shift_ns) / 1e9
    if apart > 0:
        hours = apart / 3600
        far = f"{apart:.3g} s" if apart < 5400 else f"{hours:.3g} h"
        raise CalibrationRefused.because(
            f"{reason}: the log and the run are {far} apart", "another time zone (--zone), another clock (--offset)?"
        )
    raise CalibrationRefused.because(reason, "record longer, or let the meter write more often")


def _check_units(windows: Sequence[Pair]) -> None:
    wall, ours = (median(column) for column in zip(*((one.wall_w, one.sensed_w) for one in windows), strict=True))
    said = f"the meter says {wall:.3g} W where the sensors say {ours:.3g} W"
    if wall > _UNIT_FACTOR * ours or ours > _UNIT_FACTOR * wall:
        raise CalibrationRefused.because(said, "is the column in another unit? give  --unit")
    if wall < _LESS * ours:
        raise CalibrationRefused.because(
            f"{said}: less than the sensors see", "is the whole machine behind that meter, and is the log its own?"
        )


def _check_line(line: _Line) -> None:
    wall = line.at_w + line.excess.value
    limit = max(_UNLIKE_W, _UNLIKE * wall)
    swing = _swing(line.rest)
    if swing > limit:
        raise CalibrationRefused.because(
            f"the meter swings by {swing:.3g} W over minutes in a way that the load does not explain", _OTHERS
        )
    if line.bend > limit:
        raise CalibrationRefused.because(
            f"what the sensors miss is no straight line: it bends by {line.bend:.3g} W between the loads",
            "is a device at work that no sensor reads (a graphics card)?",
        )
    spread = (line.loads[1] - line.loads[0]) * line.gain.value
    if line.residual_w > max(0.25 * spread, _UNLIKE_W):
        raise CalibrationRefused.because(
            f"windows scatter by {line.residual_w:.3g} W around the line, the load moves it by {spread:.3g} W", _OTHERS
        )
    if not GAIN_MIN <= line.gain.value <= GAIN_MAX:
        raise CalibrationRefused.because(
            f"gain {line.gain.value:.3g}: one watt at the sensors cannot be that at the wall "
            f"({GAIN_MIN:g} to {GAIN_MAX:g} can)",
            "is a device at work that no sensor reads (a graphics card), or is the log of another machine?",
        )
    least = line.excess.high + (line.gain.high - 1) * (line.loads[0] - line.at_w)
    if least < 0:
        raise CalibrationRefused.because(
            f"at {line.loads[0]:.3g} W the meter reads less than the sensors", "is the whole machine behind that meter?"
        )


def _swing(rest: Sequence[float]) -> float:
    """Standard deviation of the means of long blocks of residuals: what noise averages away and others do not."""
    size = max(2, len(rest) // _BLOCKS)
    means = [fmean(rest[at : at + size]) for at in range(0, len(rest) - size + 1, size)]
    middle = fmean(means)
    return sqrt(fmean((mean - middle) ** 2 for mean in means))


def _bend(line: _Line) -> float:
    """The most by which a parabola lies off the line within the loads, in W; 0 where chance can explain it."""
    low, high = line.loads
    half = (high - low) / 2
    curve = [((one.sensed_w - (low + high) / 2) / half) ** 2 for one in line.kept]
    x = [one.sensed_w for one in line.kept]
    slope, intercept = linear_regression(x, curve)
    shape = [b - intercept - slope * a for a, b in zip(x, curve, strict=True)]
    size = sum(one * one for one in shape)
    if size < 1e-6 * len(shape):  # two loads only: nothing in between was seen
        return 0.0
    bend = sum(a * b for a, b in zip(shape, line.rest, strict=True)) / size
    if abs(bend) < 3 * line.residual_w * sqrt(_together(line.rest, shape) / size):
        return 0.0
    return abs(bend) / 2


def _loads(windows: Sequence[Pair]) -> tuple[float, float]:
    twentieths = quantiles((window.sensed_w for window in windows), n=20)
    return twentieths[0], twentieths[-1]


def _seconds(sensed: Sensed) -> float:
    return (sensed.end_ns - sensed.start_ns) / 1e9
