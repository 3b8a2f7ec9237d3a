"""When sensors are read: one uniformly random instant per slot, bursts at edges, longer slots while it is quiet.

The random instant turns aliasing with a periodic load into noise that falls as 1/sqrt(n); a burst finds the
moment at which a slow counter moves, so that energy can be interpolated at a stage's edge. No thread and no
file here: `recorder` runs this, and tests run it on a virtual clock.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from joulebook.meter.integrator import Integrator
from joulebook.sensors.base import COUNTER, POWER, SOCKET, Channel, Clock, Reading, Sensor

if TYPE_CHECKING:
    from joulebook.sensors.nvml_uses import Use

Wait = Callable[[float], bool]
"""Sleeps that many seconds at most; returns True when it was woken early."""

BURST_STEP_S: Final = 0.002
BURST_MAX_NS: Final = 150_000_000
"""A burst at an edge ends after this time even if a counter has not moved."""
DETECT_MAX_NS: Final = 400_000_000
"""The burst at the start may take longer: it waits for two moves of each slow counter."""
FAST_NS: Final = 5_000_000
"""A counter that moves more often than this needs no burst."""
QUIET_AFTER: Final = 20
QUIET_NS: Final = 900_000_000
"""Slots while it is quiet: what a kill can lose of a recording stays below one second."""
QUIET_CHANGE: Final = 0.05
FAILURES_MAX: Final = 5
RETRY_MAX_NS: Final = 60_000_000_000


class Source(NamedTuple):
    """One open sensor, the index of its first channel among all channels of the recording, and how many it has."""

    name: str
    sensor: Sensor
    base: int
    size: int
    notes: list[str]
    """Lines of the sensor for the recording, where it writes some: taken over with every reading."""


class Poller:
    """Reads all sensors into columns; keeps the energy of every channel, accumulated up to the last `drain`."""

    def __init__(
        self,
        sensors: Sequence[tuple[str, Sensor]],
        *,
        clock: Clock,
        interval_s: float = 0.1,
        uniform: Callable[[], float] | None = None,
    ) -> None:
        self.clock = clock
        self.channels: list[Channel] = []
        self._sources: list[Source] = []
        for name, sensor in sensors:
            notes: list[str] = getattr(sensor, "notes", [])
            self._sources.append(Source(name, sensor, len(self.channels), len(sensor.channels), notes))
            self.channels.extend(sensor.channels)
        self.integrators = [Integrator(channel) for channel in self.channels]
        self.columns: list[tuple[list[int], list[object]]] = [([], []) for _ in self.channels]
        self._last: list[tuple[int, object]] = [(0, None)] * len(self.channels)
        self._slow = [is_slow(channel) for channel in self.channels]
        self._moves = [0] * len(self.channels)
        self._interval_ns = int(interval_s * 1e9)
        self._uniform = uniform or _generator()
        self._slot_start = clock()
        self._slot_ns = self._interval_ns
        self._steady = 0
        self._rate = 0.0
        self._counted = (0, 0)
        self._judged = 0
        self._inner = [at for at, channel in enumerate(self.channels) if channel.kind != SOCKET]
        self._powers = any(self.channels[at].form == POWER for at in self._inner)
        self._broken: dict[str, tuple[int, int]] = {}
        self.problems: list[str] = []
        self.thin = 1

    @property
    def quiet(self) -> bool:
        """Whether slots are lengthened at present."""
        return self._slot_ns > self._interval_ns * self.thin

    def next_instant(self) -> int:
        """The boot time of the next reading: uniformly random within the next slot.

        Long slots of counters at steady power begin with their reading: nothing there could alias.
        """
        now = self.clock()
        self._slot_start += self._slot_ns
        if self._slot_start + self._slot_ns <= now:  # missed slots are skipped, not bunched
            self._slot_start = now
        return self._slot_start if self.quiet else self._slot_start + int(self._uniform() * self._slot_ns)

    def read(self, *, last: bool = False) -> None:
        """Read every sensor once; a sensor that raises is noted, left alone for a while, and tried again.

        The last reading of a recording may wait a little for sensors that are read in a thread of their own.
        """
        for source in self._sources:
            retry = self._broken.get(source.name) if self._broken else None
            if retry and retry[1] > self.clock():
                continue
            sensor = source.sensor
            try:
                self._take(source, (getattr(sensor, "read_last", sensor.read) if last else sensor.read)())
            except BaseException as error:  # noqa: BLE001 - whatever a back-end raises: the other sensors are read too
                self._failed(source.name, error)
            else:
                if retry:
                    del self._broken[source.name]
            if source.notes:
                self.problems.extend(taken := source.notes[:])
                del source.notes[: len(taken)]  # the thread of the sensor may add some meanwhile

    def read_last(self) -> None:
        """The last reading of a recording."""
        self.read(last=True)

    def _take(self, source: Source, readings: Sequence[Reading]) -> None:
        for index, t_ns, raw in readings:
            at = source.base + index
            times, values = self.columns[at]
            if type(t_ns) is not int or not 0 <= index < source.size:
                raise TypeError(f"a reading of channel {index!r} at {t_ns!r}")
            times.append(t_ns)
            values.append(raw)
            if self._slow[at]:
                if raw != self._last[at][1]:
                    self._moves[at] += 1
                self._last[at] = (t_ns, raw)

    def _failed(self, name: str, error: BaseException) -> None:
        count = self._broken.get(name, (0, 0))[0] + 1
        pause = 0 if count < FAILURES_MAX else min(RETRY_MAX_NS, 1_000_000_000 << min(count - FAILURES_MAX, 6))
        self._broken[name] = (count, self.clock() + pause)
        if count == 1:
            self.problems.append(f"sensor {name}: {type(error).__name__}: {error}")

    def adapt(self) -> None:
        """Lengthen the slots while power is steady, return to the set interval at the first change.

        Only cumulative counters allow this: they lose no energy between two readings.
        """
        base = self._interval_ns * self.thin
        if self._powers:
            self._slot_ns = base
            return
        for now, counted in self._totals():
            then, before = self._counted
            if now - then < self._interval_ns // 2:  # too short to tell a power
                continue
            rate, self._counted = (counted - before) / (now - then), (now, counted)
            steady = abs(rate - self._rate) <= QUIET_CHANGE * max(rate, self._rate)
            self._steady = self._steady + 1 if steady else 0
            self._rate = rate
        self._slot_ns = max(base, QUIET_NS) if self._steady >= QUIET_AFTER else base

    def _totals(self) -> list[tuple[int, int]]:
        """Time and sum of all counters of the readings since the last call; none where not all could be read.

        Where a counter wraps, the sum looks like a change of power: nothing is lost by looking closer then.
        """
        columns = [self.columns[at] for at in self._inner]
        since, self._judged = self._judged, len(columns[0][0]) if columns else 0
        rows = zip(*(values[since:] for _, values in columns), strict=False)
        if {len(times) for times, _ in columns} == {self._judged}:
            try:
                return list(zip(columns[0][0][since:], map(sum, rows), strict=True))
            except TypeError:  # a reading that is no number
                pass
        self._steady = 0
        return []

    def disturbed(self) -> None:
        """A stage edge came: back to the set interval, from now."""
        self._steady = 0
        if self.quiet:
            self._slot_ns = self._interval_ns * self.thin
            self._slot_start = self.clock()

    def burst(self, wait: Wait, *, moves: int = 1) -> None:
        """Read at once and then every 2 ms until each slow counter has moved `moves` times.

        The first burst of a recording (moves=2) also tells the fast counters from the slow ones.
        """
        self.read()
        began = self.clock()
        limit = began + (DETECT_MAX_NS if moves > 1 else BURST_MAX_NS)
        targets = {at: self._moves[at] + moves for at, slow in enumerate(self._slow) if slow}
        while targets and self.clock() < limit and not wait(BURST_STEP_S):
            self.read()
            for at in [at for at, target in targets.items() if self._moves[at] >= target]:
                del targets[at]
                if moves > 1 and self.clock() - began <= FAST_NS * (moves + 1):
                    self._slow[at] = False

    def drain(self) -> dict[int, tuple[list[int], list[object]]]:
        """The columns read since the last drain, by channel index; `integrators` then have their energy too."""
        taken = {at: column for at, column in enumerate(self.columns) if column[0]}
        self._judged = 0
        for at, (times, values) in taken.items():
            self.columns[at] = ([], [])
            step = self.integrators[at].step
            for t_ns, raw in zip(times, values, strict=True):
                step(t_ns, raw)
        return taken

    def uses(self) -> list[Use]:
        """Who used the devices since the last call, from the sensors that know."""
        found: list[Use] = []
        for source in self._sources:
            uses: list[Use] = getattr(source.sensor, "uses", [])
            found += (taken := uses[:])
            del uses[: len(taken)]  # the thread of the sensor may add some meanwhile
        return found

    def close(self) -> None:
        """Close every sensor that can be closed."""
        for source in self._sources:
            close = getattr(source.sensor, "close", None)
            if close is not None:
                try:
                    close()
                except OSError as error:
                    self.problems.append(f"sensor {source.name}: {error}")


def _generator() -> Callable[[], float]:
    """A source of random numbers from 0 up to 1 (Knuth's MMIX); importing `random` costs every start a millisecond."""
    state = int.from_bytes(os.urandom(8), "little")

    def uniform() -> float:
        nonlocal state
        state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % (1 << 64)
        return (state >> 11) / (1 << 53)

    return uniform


def is_slow(channel: Channel) -> bool:
    """Whether the moment of an update is worth finding: measured counters that do not move all the time.

    An outer meter is read in a time of its own, and not oftener for an edge.
    """
    measured = channel.form == COUNTER and channel.basis == "measured" and channel.kind != SOCKET
    return measured and not 0 < channel.period_ns < FAST_NS
