"""An estimate as the prior of a forecast: what a run was expected to take, until its own steps say more.

Bayes in logarithms: prior and forecast weigh by their precision. Pure floats; method: docs/methods/forecasting.md.
"""

from __future__ import annotations

from math import exp, hypot, isfinite, log, sqrt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from joulebook.meter.forecasting.outlook import Outlook, Range

if TYPE_CHECKING:
    from joulebook.meter.opening import Opened

_Z: Final = 1.6449
"""Standard deviations from the median to the end of a 90 % interval."""
_LEAST: Final = 0.1
"""Relative sd that no estimate is better than, not even of hours that were typed: they were not measured."""
_FEW: Final = 0.5
"""Relative sd of what a single step tells of the others; that of n is this by their square root."""
_CONFLICT: Final = 2.0
"""Standard deviations between prior and steps from which on the prior is believed less (Geman and McClure 1985)."""


class Expected(NamedTuple):
    """What a whole run was expected to take."""

    seconds: Range | None
    joules: Range | None
    statement: Any
    """The estimate."""

    def of(self, found: Outlook, place: tuple[int, int, int], before: tuple[float, float]) -> Outlook:
        """The outlook with this prior; `place` is the first step, the number done and the total.

        `before` is what has been used until now, seconds and joules; both outlooks count from the beginning of the run.
        """
        first, done, total = place
        part = (total - first) / total  # of a loop that goes on, only the rest is of this run
        steps = done - first
        return found._replace(
            seconds=_either(_scaled(self.seconds, part), found.seconds, steps, before[0]),
            joules=_either(_scaled(self.joules, part), found.joules, steps, before[1]),
        )


def expecting(opened: Opened, expect: Any, notices: list[str]) -> Opened:  # noqa: ANN401 - whatever the user gave
    """The recording with what was expected of it; without it, and a notice, where that is no estimate."""
    try:
        seconds, joules = expect.duration, expect.it_energy
        expected = Expected(_range(seconds, "s"), _range(joules, "J"), expect)
    except (AttributeError, TypeError, ValueError) as error:
        notices.append(f"expect is no estimate, such as jb.estimate.training(...) returns: {error}")
        return opened
    return opened._replace(expected=expected)


def combined(prior: Range, found: Range, steps: int, used: float) -> Range:
    """The forecast from both, of so many finished steps; nothing of it is below `used`.

    Its value lies between theirs, the closer to the steps the more of them there are and the surer they are. Where the
    two contradict each other by more than chance would, the prior gives way.
    """
    if not 0 < found.value < float("inf"):
        return found
    ahead = max(0.0, 1 - used / found.value)
    doubt = _FEW / sqrt(max(steps, 1)) * ahead
    said, seen = _logs(prior, _LEAST), _logs(found, 0.0)
    seen = _Logs(seen.mean, hypot(seen.below, doubt), hypot(seen.above, doubt))
    if seen.sd <= 0:
        return found
    apart = said.mean - seen.mean
    trust = (1 + (apart / hypot(said.sd, seen.sd) / _CONFLICT) ** 2) ** -2
    weight = trust / said.sd**2
    share = weight / (weight + 1 / seen.sd**2)
    mean = seen.mean + share * apart
    ends = []
    for sign, one, other in ((-1, said.below, max(seen.below, 1e-9)), (1, said.above, max(seen.above, 1e-9))):
        end, own = mean + sign * _Z / sqrt(trust / one**2 + 1 / other**2), seen.mean + sign * _Z * other
        ends.append(end + (1 - trust) * sign * max(0.0, sign * (own - end)))
    low, high = ends
    return Range(*(max(used, exp(one)) for one in (mean, low, high)))


class _Logs(NamedTuple):
    """A range in logarithms: its value, and the standard deviation below and above it."""

    mean: float
    below: float
    above: float

    @property
    def sd(self) -> float:
        return (self.below + self.above) / 2


def _logs(found: Range, least: float) -> _Logs:
    value, low, high = (max(one, 1e-300) for one in found)
    return _Logs(log(value), max(least, log(value / low) / _Z), max(least, log(high / value) / _Z))


def _either(prior: Range | None, found: Range | None, steps: int, used: float) -> Range | None:
    if prior is None:
        return found
    if steps <= 0:
        return Range(*(max(used, one) for one in prior))
    return None if found is None else combined(prior, found, steps, used)


def _scaled(found: Range | None, part: float) -> Range | None:
    return None if found is None else Range(*(part * one for one in found))


def _range(quantity: Any, symbol: str) -> Range | None:  # noqa: ANN401 - as above
    """The amount as floats in that unit; None where it is unknown or no positive number."""
    if quantity is None:
        return None
    amount = quantity.to(symbol)
    found = Range(float(amount.value), float(amount.low), float(amount.high))
    return found if all(isfinite(one) and one > 0 for one in found) else None
