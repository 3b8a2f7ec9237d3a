"""The one thread of a recording: it polls, drains the event queue, and writes one journal record per batch.

What the trained thread does is stamp a time and append to a bounded queue; it never waits and never raises.
This thread is the outermost door of the meter: whatever goes wrong inside becomes a `degraded` mark.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from joulebook.ledger.batch import Batch, encode_batch
from joulebook.ledger.frame import plain
from joulebook.sensors.base import POWER

if TYPE_CHECKING:
    from joulebook.ledger.journal import Journal
    from joulebook.meter.device_use import DeviceUse
    from joulebook.meter.poller import Poller
    from joulebook.sensors.base import Channel

QUEUE_LIMIT: Final = 65_536
"""Events waiting for the next drain; further ones are counted as lost."""
EVENT_AGE_S: Final = 0.09
READING_AGE_NS: Final = 950_000_000
"""A reading is written before the next one would make it older than this."""
EVENTS_RECENT_NS: Final = 2_000_000_000
EDGE_APART_NS: Final = 50_000_000
"""Edges closer than this to the one before are dense: the readings of the slot serve them all."""
BURST_APART_NS: Final = 900_000_000
CPU_EVERY_NS: Final = 1_000_000_000
ANCHOR_EVERY_NS: Final = 10_000_000_000
"""How often the accumulated energy of counters is written; that of sampled powers is in every batch."""
STEP_NS: Final = 500_000_000
"""A wall clock or a suspension that moves by more than this against boot time is recorded."""
LATE_NS: Final = 2_000_000_000
"""A turn that comes later than this is recorded."""
READY_S: Final = 0.01
END_S: Final = 0.4
"""Kept of the time for stopping, to write the end record where the thread does not."""
EVENTS_PER_RECORD: Final = 8_192
TEXT_CHARS: Final = 32_768
EVENT_VALUES: Final = 10_000
"""Values inside one event that are kept."""
"""Characters of a logged text that are kept."""

TRAIL_NS: Final = 80_000_000
"""What has been used is kept in memory for the forecast so often at most,"""
TRAIL: Final = 2_048
"""and so many times."""

Event = tuple[int, str, object]


class Work(NamedTuple):
    """CPU time for shares between runs: cumulative microseconds of the process tree and of the whole machine."""

    tree_us: Callable[[], int]
    machine_us: Callable[[], int]
    periodic: bool
    """Read every second (the run shares by process) or at start and end only."""
    devices: DeviceUse | None = None
    """Who uses which GPU, where the run shares by process."""


class Recorder:
    """Runs a `Poller` and writes its readings and the run's events into a `Journal`."""

    def __init__(
        self,
        journal: Journal,
        poller: Poller,
        work: Work | None = None,
        *,
        wall: Callable[[], int] | None = None,
        monotonic: Callable[[], int] | None = None,
    ) -> None:
        self.clock = poller.clock
        self._wall = wall or time.time_ns
        self._monotonic = monotonic or time.monotonic_ns
        self.events: deque[Event] = deque()
        self.lost = self._unwritten = 0
        self.degraded: list[str] = []
        self.trail: deque[tuple[int, float]] = deque(maxlen=TRAIL)
        """The energy of all devices since the beginning, in J, at boot times of readings."""
        self._journal = journal
        self._poller = poller
        self._work = work
        self._wake = threading.Lock()
        self._wake.acquire()
        self._ready = threading.Event()
        self._flushed = threading.Condition()
        self._asked = self._answered = 0
        self._nap = False
        self._edge_ns = self._burst_ns = 0
        self._edged = self._stopping = False
        self._final: dict[str, object] | None = None
        self._last_flush = self._last_event = self._last_cpu = self._last_anchor = self.clock()
        self._cpu: tuple[list[int], list[int], list[int]] = ([], [], [])
        self._offsets = (self._wall() - self.clock(), self.clock() - self._monotonic())
        self._thread = threading.Thread(target=self._main, name="joulebook", daemon=True)
        self._closed = False

    # -- called by the trained thread ---------------------------------------------------------------------

    def start(self) -> None:
        """Start the thread; returns after the first reading, or after 10 ms without it.

        Raises RuntimeError when the system has no thread left; the recording then has ended.
        """
        try:
            self._thread.start()
        except RuntimeError as error:
            self._closed = True
            self._poller.close()
            self._journal.close({"status": "stopped", "exit": None, "reason": str(error)})
            raise
        self._ready.wait(READY_S)

    @property
    def closed(self) -> bool:
        """Whether the recording has ended, or is that of a parent process."""
        return self._closed

    def event(self, t_ns: int, kind: str, payload: object) -> bool:
        """Queue one event; overflow is counted, nothing waits. The end of a stage whose beginning was queued fits."""
        if (len(self.events) >= QUEUE_LIMIT and kind != "-") or self._closed:
            self.lost += 1
            return False
        self.events.append((t_ns, kind, payload))
        if self._nap:
            self._nap = False
            self.wake()
        return True

    def edge(self, t_ns: int, kind: str, payload: object) -> bool:
        """Queue a stage edge and, when edges are sparse, have the sensors read at once."""
        queued = self.event(t_ns, kind, payload)
        if t_ns - self._edge_ns > EDGE_APART_NS and t_ns - self._burst_ns > BURST_APART_NS:
            self._burst_ns = t_ns
            self._edged = True
            self.wake()
        self._edge_ns = t_ns
        return queued

    def used(self) -> list[tuple[Channel, float]]:
        """What each channel has counted since the beginning, in J; those inside another one are left out."""
        return [
            (one.channel, one.uj * one.channel.share / 1e6)
            for one in self._poller.integrators
            if one.t_ns >= 0 and not one.channel.within
        ]

    def wake(self) -> None:
        """End the thread's present sleep."""
        try:
            self._wake.release()
        except RuntimeError:  # already awake
            return

    def flush(self, timeout_s: float = 1.0) -> bool:
        """Have everything queued so far written; True when that write returned in time."""
        if self._closed or self._is_us():  # nobody would answer; in a forked child the lock may be held for ever
            return False
        with self._flushed:
            self._asked += 1
            asked = self._asked
            self.wake()
            return self._flushed.wait_for(lambda: self._answered >= asked, timeout_s)

    def stop(self, final: dict[str, object], deadline_s: float = 2.0) -> None:
        """Take the last readings, write the end record and close; gives up at the deadline."""
        if self._closed:
            return
        self._final, self._closed, self._stopping = final, True, True
        self.wake()
        if self._is_us():
            return
        self._thread.join(deadline_s - END_S)
        if self._thread.is_alive():  # in a hanging sensor or disk, or in the `repr` of a logged value
            self.degraded.append(f"the recorder did not finish within {deadline_s:g} s")
            late = threading.Thread(target=self._guard, args=(lambda: self._close(final, END_S),), daemon=True)
            try:
                late.start()  # the disk may hang as well, and then in that thread
            except RuntimeError:
                self._close(final, END_S)
            else:
                late.join(END_S)

    def _is_us(self) -> bool:
        """Whether the caller is our own thread, in which the collector may end somebody's generator."""
        return threading.current_thread() is self._thread

    def abandon(self) -> None:
        """Become inert after a fork: the child owns neither the thread nor the journal."""
        self._closed = self._stopping = True
        self.events.clear()
        self._journal.after_fork_child()

    # -- the thread -----------------------------------------------------------------------------------------

    def _main(self) -> None:
        self._guard(self._begin)
        self._ready.set()
        while not self._stopping:
            self._guard(self._turn)
        for step in (self._poller.read_last, self._read_cpu, self._flush, self._poller.close):
            self._guard(step)
        self._guard(lambda: self._close(self._final))

    def _close(self, final: dict[str, object] | None, deadline_s: float = 2.0) -> None:
        left = self._unwritten + len(self.events)
        self._journal.close({**final, "unwritten": left} if final and left else final, deadline_s)

    def _guard(self, step: Callable[[], None]) -> None:
        try:
            step()
        except BaseException as error:  # noqa: BLE001 - the outermost door: the trained process never sees our faults
            reason = f"{type(error).__name__}: {error}"
            if reason not in self.degraded and len(self.degraded) < 20:
                self.degraded.append(reason)
                self.events.append((self.clock(), "g", {"reason": "degraded", "detail": reason}))
            self._wake.acquire(timeout=0.05)

    def _begin(self) -> None:
        self._read_cpu()
        self._poller.read()
        self._ready.set()
        self._poller.burst(self._sleep, moves=2)
        self._flush()
        self._instant = self._poller.next_instant()

    def _turn(self) -> None:
        self._rest()
        if self._stopping:
            return
        now = self.clock()
        self._poll(now)
        if self._work and self._work.periodic and now - self._last_cpu >= CPU_EVERY_NS:
            self._read_cpu()
        due = self._instant - self._last_flush >= READING_AGE_NS * self._journal.thin
        if self.events or self._asked > self._answered or due:
            self._poller.adapt()
            self._flush()

    def _rest(self) -> None:
        """Sleep until the next reading, or until events that wait for a drain are old enough."""
        now = self.clock()
        pause = (self._instant - now) / 1e9
        self._nap = now - self._last_event >= EVENTS_RECENT_NS
        if self.events or not self._nap:  # looked at after `_nap` is set: an event between the two wakes us
            pause = min(pause, EVENT_AGE_S)
        if pause > 0:
            self._wake.acquire(timeout=pause)
            self._watch_clocks(self.clock(), now + int(pause * 1e9))
        self._nap = False

    def _poll(self, now: int) -> None:
        """Read at once at a stage's edge, otherwise when the instant of the slot has come."""
        if self._edged:
            self._edged = False
            quiet = self._poller.quiet
            self._poller.disturbed()
            self._poller.burst(self._sleep)
            if quiet:
                self._instant = self._poller.next_instant()
        elif now >= self._instant:
            self._poller.read()
            if self._poller.quiet:
                self._poller.adapt()
        if now >= self._instant:
            self._instant = self._poller.next_instant()

    def _sleep(self, seconds: float) -> bool:
        """The poller's wait within a burst; True only when the recording is to end."""
        if self.events and self.clock() - self.events[0][0] > EVENT_AGE_S * 1e9:
            self._flush()
        until = self.clock() + int(seconds * 1e9)
        self._wake.acquire(timeout=seconds)
        self._watch_clocks(self.clock(), until)
        return self._stopping

    def _read_cpu(self) -> None:
        if self._work is None:
            return
        self._last_cpu = self.clock()
        for column, value in zip(
            self._cpu, (self._last_cpu, self._work.tree_us(), self._work.machine_us()), strict=True
        ):
            column.append(value)
        if self._work.devices is not None:
            self.events.extend(self._work.devices.events(self._poller.uses()))

    def _flush(self) -> None:
        asked, now = self._asked, self.clock()
        events = [self.events.popleft() for _ in range(len(self.events))]
        if events:
            self._last_event = now
        for problem in self._poller.problems:
            events.append((now, "g", {"reason": "degraded", "detail": problem}))
            self.degraded.append(problem)
        self._poller.problems.clear()
        cpu, self._cpu = self._cpu, ([], [], [])
        readings = self._poller.drain()
        self._remember()
        self._unwritten = len(events)
        first = events[:EVENTS_PER_RECORD]
        self._write(Batch(now, readings, self._anchors(now), first, cpu if cpu[0] else None, lost=self.lost))
        for start in range(EVENTS_PER_RECORD, len(events), EVENTS_PER_RECORD):
            self._write(Batch(now, events=events[start : start + EVENTS_PER_RECORD]))
        self._poller.thin = self._journal.thin
        self._last_flush = now
        with self._flushed:
            self._answered = asked
            self._flushed.notify_all()

    def _remember(self) -> None:
        """Add what has been used to the trail."""
        at = max((one.t_ns for one in self._poller.integrators), default=-1)
        if at >= 0 and (not self.trail or at - self.trail[-1][0] >= TRAIL_NS):
            self.trail.append((at, sum(joules for _, joules in self.used())))

    def _write(self, batch: Batch) -> None:
        """Write a batch; an event that cannot be written costs itself only."""
        self._journal.append(encode_batch(*batch._replace(events=[_recordable(event) for event in batch.events])))
        self._unwritten -= len(batch.events)

    def _anchors(self, now: int) -> dict[int, int]:
        """Accumulated energies: a lost record then costs the time detail of a sampled power, never its energy."""
        every = now - self._last_anchor >= ANCHOR_EVERY_NS
        if every:
            self._last_anchor = now
        integrators = enumerate(self._poller.integrators)
        return {at: one.uj for at, one in integrators if every or one.channel.form == POWER}

    def _watch_clocks(self, now: int, until: int) -> None:
        """After a sleep that was to last until then, and before the next reading: note what the clocks tell of it.

        Suspensions, before a power is integrated across one; steps of the wall clock; a thread that got no turn for
        seconds, because the process was stopped or somebody held the interpreter.
        """
        wall, slept = self._wall() - now, now - self._monotonic()
        lasted = slept - self._offsets[1]
        if lasted > STEP_NS:
            self.events.append((now, "g", {"reason": "suspended", "ns": lasted}))
            for integrator in self._poller.integrators:
                integrator.suspended(now - lasted, now)
        elif now - until > LATE_NS:
            self.events.append((now, "g", {"reason": "late", "ns": now - until}))
        if abs(wall - self._offsets[0]) > STEP_NS:
            self.events.append((now, "g", {"reason": "clock step", "ns": wall - self._offsets[0]}))
        self._offsets = (wall, slept)


def _recordable(event: Event) -> Event:
    """The event as JSON can hold it, or a mark in place of one whose values raise when they are looked at."""
    t_ns, kind, _ = event
    try:
        return t_ns, kind, plain(_with_numbers(event)[2], room=[EVENT_VALUES])
    except BaseException as error:  # noqa: BLE001 - a door: somebody else's class raises whatever it likes
        return t_ns, "g", {"reason": "not recordable", "kind": kind, "detail": type(error).__name__}


def _with_numbers(event: Event) -> Event:
    """The event with scalars of other libraries as floats; done here so that the trained thread never waits."""
    t_ns, kind, payload = event
    if kind not in "lc" or not isinstance(payload, dict):
        return event
    return t_ns, kind, {key: _number(value) for key, value in payload.items()}


def _number(value: object) -> object:
    kind = type(value)
    if value is None or issubclass(kind, int | float):
        return value
    if issubclass(kind, str):
        return _short(str.__str__(value))
    if not hasattr(kind, "__float__") or hasattr(kind, "mask"):  # a masked value would become a number, and warn
        return value
    try:
        number = value.item() if hasattr(kind, "item") else float(value)  # type: ignore[attr-defined, arg-type]
    except Exception:  # noqa: BLE001 - an array, a tensor of a lost device, a warning made an error
        return value
    return number if type(number) in (int, float, bool) else value


def _short(text: str) -> str:
    return text if len(text) <= TEXT_CHARS else f"{text[:TEXT_CHARS]}... ({len(text)} characters)"
