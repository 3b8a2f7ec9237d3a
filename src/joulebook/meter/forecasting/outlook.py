"""How long a loop will take and what it will use: from its finished steps to its end, with a 90 % interval.

Pure and online: memory and the time to ask do not grow with the steps. Method and limits: docs/methods/forecasting.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, sqrt
from random import Random
from typing import Final, NamedTuple

from joulebook.meter.forecasting.cycles import Cycle, Step, cycles_of, limit_of
from joulebook.meter.forecasting.level import Block, Level, level_of
from joulebook.meter.forecasting.stopping import EarlyStop, stops

CHUNK: Final = 512
"""Steps that are kept one by one, before they are sorted into blocks and long ones."""
_BLOCKS: Final = 128
_LONG: Final = 512
"""Long steps that are kept one by one."""
_VALUES: Final = 2_000
_DRAWS: Final = 400
_UNSEEN: Final = 0.004
"""Relative sd of small changes that nobody has seen yet, where everything is still ahead,"""
_SLOWDOWN: Final = 0.3
"""chance of a slowdown that begins later: throttling, another program on the machine,"""
_SLOWER: Final = 0.1
"""and by how much of a step, in the mean, it makes the steps after it longer."""
_HINTED: Final = 0.5
"""Part of the draws that believe in a growth that is not beyond doubt."""
_POWER: Final = 0.002
"""Relative sd of the power to come."""
_GUESSED: Final = 0.35


class Range(NamedTuple):
    """A value with its 5th and 95th percentile."""

    value: float
    low: float
    high: float


class Outlook(NamedTuple):
    """What a loop will have taken at its end; `why` says why nothing can be said."""

    seconds: Range | None = None
    joules: Range | None = None
    steps: Range | None = None
    """At the end, in places of the loop: fewer than declared where it is likely to stop early."""
    why: str = ""


class Steps:
    """The finished steps of one loop; `first` is the place at which it goes on after an interruption."""

    def __init__(self, total: int | None, *, first: int = 0, rule: EarlyStop | None = None) -> None:
        self.total = total
        self.first = first
        self.rule = rule
        self.done = first
        self.seconds = 0.0
        self.joules = 0.0
        self._values: list[float] = []
        self._stops: tuple[tuple[int, int], list[int]] | None = None
        self._fresh: list[Step] = []
        self._blocks: list[Block] = []
        self._long: list[Step] = []
        self._size = 1
        self._drop = False

    def add(self, seconds: float, joules: float = 0.0) -> None:
        """Take one finished step: the time and the energy since the one before."""
        self._fresh.append(Step(self.done, max(seconds, 0.0), max(joules, 0.0)))
        self.done += 1
        self.seconds += seconds
        self.joules += joules
        if len(self._fresh) >= CHUNK:
            self._blocks, self._long = self._sorted()
            self._fresh.clear()
            self._fold()

    def add_many(self, steps: int, seconds: float, joules: float = 0.0) -> None:
        """Take steps that are too short to be looked at one by one."""
        if self._fresh:
            self._blocks, self._long = self._sorted()
            self._fresh.clear()
        self._blocks.append(Block(self.done, steps, max(seconds, 0.0), max(joules, 0.0)))
        self.done += steps
        self.seconds += seconds
        self.joules += joules
        self._fold()

    def metric(self, value: float) -> None:
        """Take one value of the metric that the rule for stopping watches."""
        if len(self._values) < _VALUES:
            self._values.append(value)

    def outlook(self) -> Outlook:
        """The end of the loop as it looks now; time and energy count from the first step recorded."""
        steps = self.done - self.first
        if self.total is None:
            return Outlook(why="the number of steps is not known: give it as run.steps(..., total=N)")
        if self.done > self.total:
            return Outlook(why=f"there have been more steps than the {self.total} that were announced")
        if not steps or self.seconds <= 0:
            return Outlook(why="no step has been finished yet")
        blocks, long = self._sorted()
        warm = _warm_up(long, self.first)
        if warm < steps:
            long = long[warm:]
        cycles, rest = cycles_of(long, self.done, self.first)
        level = level_of(_with(blocks, rest), warm)
        return self._end(level, [_Extra.of(cycle, level) for cycle in cycles], self.total)

    def _end(self, level: Level, extras: Sequence[_Extra], total: int) -> Outlook:
        random = Random(self.done)  # noqa: S311 - draws of a forecast: the same question has the same answer
        ends = self._ends(total, random)
        middle = sorted(ends)[len(ends) // 2]
        value = self._ahead(level, extras, middle)
        drawn = [self._drawn(level, extras, end, random) for end in ends]
        return Outlook(
            seconds=_range(self.seconds, value[0], [seconds for seconds, _ in drawn]),
            joules=_range(self.joules, value[1], [joules for _, joules in drawn]) if self.joules > 0 else None,
            steps=_range(0, middle, [float(end) for end in ends]),
        )

    def _ahead(self, level: Level, extras: Sequence[_Extra], end: int) -> tuple[float, float]:
        """Seconds and joules from now to that place, as they are most likely."""
        steps = end - self.done
        slower = 1 + level.growth / 2 if level.grows else 1.0  # no more than now
        seconds, joules = steps * level.seconds * slower, steps * level.joules * sqrt(slower)
        for extra in extras:
            count = extra.cycle.ahead(self.done, end)
            seconds += count * extra.seconds
            joules += count * extra.joules
        return seconds, joules

    def _drawn(self, level: Level, extras: Sequence[_Extra], end: int, random: Random) -> tuple[float, float]:
        """One draw of the same."""
        steps = end - self.done
        gauss = random.gauss
        student = gauss(0, 1) / sqrt(max(random.gammavariate(level.free / 2, 2 / level.free), 0.05))
        part = steps / max(1, end - self.first)
        mean = max(level.seconds + level.error * student, 0.3 * level.seconds)
        slower = 1.0
        if level.growth and (level.grows or random.random() < _HINTED):  # n times as long as so far: a chance of 1 / n
            growth, times = max(0.0, gauss(level.growth, level.growth_error)), 1 / (1 - random.random()) - 1
            slower = level.slower(growth, times, steps)
        if random.random() < _SLOWDOWN * part:
            slower *= 1 + _SLOWER * random.random() * random.expovariate(1)
        unseen = exp(gauss(0, _UNSEEN * sqrt(part))) * slower
        seconds = max(0.0, steps * mean + gauss(0, 1) * level.scatter * sqrt(steps)) * unseen
        watts = level.joules / level.seconds if level.seconds else 0.0
        watts *= max(0.0, 1 + level.power_error * gauss(0, 1)) * exp(gauss(0, _POWER))
        joules = seconds * watts * slower ** -random.random()  # a slower step takes the same energy, or the same power
        for extra in extras:
            count = extra.cycle.ahead(self.done, end)
            factor = max(0.0, 1 + extra.error * gauss(0, 1)) * (1 if extra.cycle.sure else exp(gauss(0, _GUESSED)))
            seconds += count * extra.seconds * factor
            joules += count * extra.joules * factor
        return seconds, joules

    def _ends(self, total: int, random: Random) -> list[int]:
        """Draws of the place at which the loop ends."""
        rule = self.rule
        if rule is None or rule.patience <= 0:
            return [total] * _DRAWS
        key = len(self._values), total
        if self._stops is None or self._stops[0] != key:
            apart = (self.done - self.first) / len(self._values) if self._values else 1.0
            end = max(len(self._values), round((total - self.first) / apart))
            counts = stops(self._values, rule, end, _DRAWS, random)
            self._stops = key, [min(total, self.first + round(count * apart)) for count in counts]
        return [max(self.done, end) for end in self._stops[1]]

    def _sorted(self) -> tuple[list[Block], list[Step]]:
        """The blocks and the long steps, with the fresh ones among them."""
        blocks, long, size = list(self._blocks), list(self._long), self._size
        limit = limit_of([step.seconds for step in self._fresh[-CHUNK:]])
        for step in self._fresh:
            if step.seconds > limit:
                long.append(step)
                step = Step(step.at, 0.0, 0.0)  # noqa: PLW2901 - its place stays in the block, its time does not
                usual = 0
            else:
                usual = 1
            if blocks and step.at < blocks[-1].at + size:
                last = blocks[-1]
                blocks[-1] = Block(last.at, last.steps + usual, last.seconds + step.seconds, last.joules + step.joules)
            else:
                blocks.append(Block(step.at, usual, step.seconds, step.joules))
        return blocks, long[-_LONG:]

    def _fold(self) -> None:
        """Keep the number of blocks bounded: neighbours become one."""
        while len(self._blocks) > _BLOCKS:
            self._blocks, self._size = _halved(self._blocks), 2 * self._size


class _Extra(NamedTuple):
    """What a step of a cycle takes above the usual one."""

    cycle: Cycle
    seconds: float
    joules: float
    error: float
    """Relative standard error of its mean and of what is still to come."""

    @classmethod
    def of(cls, cycle: Cycle, level: Level) -> _Extra:
        steps = cycle.steps
        seconds = [step.seconds - level.seconds for step in steps]
        mean = sum(seconds) / len(seconds)
        joules = sum(step.joules for step in steps) / len(steps) - level.joules
        if len(seconds) < 3:
            error = 0.12
        else:
            error = sqrt(sum((one - mean) ** 2 for one in seconds) / (len(seconds) - 1) / len(seconds)) / (mean or 1)
        return cls(cycle, max(mean, 0.0), max(joules, 0.0), error)


def _warm_up(long: Sequence[Step], first: int) -> int:
    """How many of the first steps are long ones without a usual one between them."""
    count = 0
    while count < len(long) and long[count].at == first + count:
        count += 1
    return count


def _with(blocks: Sequence[Block], rest: Sequence[Step]) -> list[Block]:
    """The blocks with the long steps of no cycle back in them: they are the tail of the usual ones."""
    found = list(blocks)
    at = 0
    for step in rest:
        while at + 1 < len(found) and found[at + 1].at <= step.at:
            at += 1
        if found and found[at].at <= step.at:
            old = found[at]
            found[at] = Block(old.at, old.steps + 1, old.seconds + step.seconds, old.joules + step.joules)
    return [block for block in found if block.steps]


def _halved(blocks: Sequence[Block]) -> list[Block]:
    pairs = [blocks[at : at + 2] for at in range(0, len(blocks), 2)]
    return [Block(two[0].at, *(sum(column) for column in list(zip(*two, strict=True))[1:])) for two in pairs]


def _range(used: float, ahead: float, drawn: Sequence[float]) -> Range:
    ordered = sorted(drawn)
    low, high = ordered[round(0.05 * (len(ordered) - 1))], ordered[round(0.95 * (len(ordered) - 1))]
    return Range(used + ahead, used + min(low, ahead), used + max(high, ahead))
