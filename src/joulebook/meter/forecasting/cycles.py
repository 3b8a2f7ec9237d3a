"""Which steps of a loop are long, and which of those come back at a fixed period: evaluations, checkpoints.

Pure: from the durations of steps to the long ones, and from their places to the cycles that will go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

_LONGER: Final = 0.15
"""A step is long when it exceeds the usual one by this part of it at least,"""
_SPREADS: Final = 5.0
"""and by so many times the distance between the 10th and the 40th percentile."""
_REGULAR: Final = 0.85
"""Part of the places of a cycle at which there must have been a long step."""
_CANDIDATES: Final = 24
_CYCLES: Final = 3
_RARE: Final = 3
"""So few long steps without a cycle are expected as often as so far; more of them are the tail of the usual steps."""


class Step(NamedTuple):
    """One finished step: its place in the loop from 0, seconds, joules."""

    at: int
    seconds: float
    joules: float


class Cycle(NamedTuple):
    """Long steps at `phase`, `phase` + `period`, ...; what one of them takes. `sure` once it has come back."""

    period: int
    phase: int
    steps: tuple[Step, ...]
    sure: bool = True

    def ahead(self, done: int, end: int) -> int:
        """How many of them are among the places from `done` up to `end`."""

        def before(place: int) -> int:
            return max(0, (place - self.phase + self.period - 1) // self.period) if place > self.phase else 0

        return max(0, before(end) - before(done))


def limit_of(seconds: Sequence[float]) -> float:
    """The duration above which one of these steps is long; only the shorter half decides."""
    if len(seconds) < 3:
        return float("inf")
    ordered = sorted(seconds)
    last = len(ordered) - 1
    low, usual = ordered[round(0.1 * last)], ordered[round(0.4 * last)]
    return usual + max(_LONGER * usual, _SPREADS * (usual - low))


def cycles_of(long: Sequence[Step], done: int, first: int) -> tuple[list[Cycle], list[Step]]:
    """The cycles among the long steps of a loop that is at place `done`, and the long steps that are in none.

    `first` is the place at which the recording of the loop began.
    """
    found: list[Cycle] = []
    rest = list(long)
    while len(rest) > 1 and len(found) < _CYCLES:
        cycle = _best(rest, done, first)
        if cycle is None:
            break
        found.append(cycle)
        mine = set(cycle.steps)
        rest = [step for step in rest if step not in mine]
    if len(rest) == 1 and not first and rest[0].at >= 1 and done <= 2 * (rest[0].at + 1):
        at = rest[0].at  # the end of a first cycle, as far as anybody can tell
        found.append(Cycle(at + 1, at, tuple(rest), sure=False))
        rest = []
    elif 0 < len(rest) <= _RARE:
        period = max(2, round((done - first) / len(rest)))
        found.append(Cycle(period, (rest[-1].at + period // 2) % period, tuple(rest), sure=False))
        rest = []
    return found, rest


def _best(long: Sequence[Step], done: int, first: int) -> Cycle | None:
    """The cycle that explains the most long steps, if one explains enough."""
    places = [step.at for step in long]
    gaps = {later - earlier for at, earlier in enumerate(places) for later in places[at + 1 : at + 3]}
    best: Cycle | None = None
    for period in sorted(gaps)[:_CANDIDATES]:
        if period < 2:
            continue
        for phase in {places[-1] % period, places[0] % period}:
            mine = [step for step in long if step.at % period == phase]
            slots = (done - 1 - mine[0].at) // period + 1
            missed = (mine[0].at - first) // period
            natural = len(mine) == 2 and phase in (0, period - 1)
            regular = len(mine) >= _REGULAR * (slots + max(0, missed - 1))
            if regular and (len(mine) > 2 or natural) and (best is None or len(mine) > len(best.steps)):
                best = Cycle(period, phase, tuple(mine))
    return best
