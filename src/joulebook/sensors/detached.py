"""A sensor whose driver may hang, read by a daemon thread of its own that is left alone when it does not come back.

`read` asks the thread and takes what it has brought, with the times at which it was read. It waits for a prompt
thread for a moment and for a late one not at all; what comes after the deadline is thrown away.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

from joulebook.errors import SensorError, SensorUnavailable
from joulebook.sensors.base import Channel, Clock, Reading, Sensor, boottime_ns

T = TypeVar("T")

BLOCKED_MAX: Final = 4
"""Threads of one sensor that may hang at a time; with so many, only their return is waited for."""
_left: Final[dict[str, list[threading.Thread]]] = {}
"""Threads that closed sensors have left behind, by the name of the sensor."""
_RETRY_NS: Final = 1_000_000_000
_RETRY_DOUBLINGS: Final = 6
_RETRY_MAX_NS: Final = 60_000_000_000


class Patience(NamedTuple):
    """How long each thing may take, in seconds."""

    open_s: float = 3.0
    """Opening the sensor: drivers that nobody keeps loaded take a second or more."""
    prompt_s: float = 0.02
    """A reading is waited for so long, as long as the one before it took no longer."""
    last_s: float = 0.2
    """The last reading of a recording is waited for so long."""
    late_s: float = 2.0
    """A thread that needs longer than this is given up."""


def _attempt(call: Callable[[], T]) -> tuple[T | None, BaseException | None]:
    """What a call brought, or what it raised."""
    try:
        return call(), None
    except BaseException as error:  # noqa: BLE001 - drivers raise whatever they like; raised again in the thread that asks
        return None, error


class _Worker:
    """One thread, and what it is asked to do."""

    __slots__ = ("asked_ns", "ended", "given_up", "thread", "wake")

    def __init__(self) -> None:
        self.wake = threading.Lock()
        self.wake.acquire()
        self.asked_ns = -1
        """When the present call began; -1 while there is none."""
        self.given_up = False
        self.ended = False
        self.thread: threading.Thread | None = None


class Detached:
    """Wraps a sensor whose class says `may_block = True`; itself a sensor that never blocks.

    A sensor that can do without the part it hangs in has `leave_out()`: it is called from another thread while
    `read` hangs, and a further thread goes on with the same sensor at once. Any other one is made anew after a
    pause of 1, 2, 4 ... 60 s. `notes` holds a line for the recording when it is given up and when it is back.
    """

    def __init__(
        self,
        make: Callable[[], Sensor],
        name: str = "sensor",
        clock: Clock = boottime_ns,
        patience: Patience | None = None,
    ) -> None:
        self._make = make
        self._name = name
        self._clock = clock
        self._patience = patience or Patience()
        self._lock = threading.Lock()
        self._brought = threading.Event()
        self._ready: deque[Sequence[Reading]] = deque()
        self._error: BaseException | None = None
        self._took_ns = self._failures = self._retry_ns = 0
        self._blocked: list[_Worker] = []
        self._closed = self._lost = False
        self._first, self._ending = True, False
        self._sensor: Sensor | None = None
        self.notes: list[str] = []
        self.uses: list[object] = []
        """What the sensor says of who uses its devices."""
        self.skipped: Sequence[object] = ()
        self.channels: Sequence[Channel] = ()
        self._left = _left[name] = [thread for thread in _left.get(name, ()) if thread.is_alive()]
        if len(self._left) >= BLOCKED_MAX:
            raise self._mute(f"{len(self._left)} earlier recordings of this process still wait for its driver")
        self._worker = _Worker()
        self._start()
        self._open()

    def _open(self) -> None:
        """Wait until the thread has made the sensor; raises what making it raised."""
        if not self._brought.wait(self._patience.open_s):
            self.close()
            raise self._mute(f"its driver did not answer within {self._patience.open_s:g} s")
        error, self._error = self._error, None
        if self._sensor is None:
            self._closed = True
            raise error or SensorUnavailable("it was not opened")
        self.skipped = getattr(self._sensor, "skipped", ())

    @staticmethod
    def _mute(why: str) -> SensorError:
        return SensorError(
            why, "see whether other programs get an answer (nvidia-smi), and what  dmesg  says of the device"
        )

    # -- asked by the poller ------------------------------------------------------------------------------

    def read(self) -> Sequence[Reading]:
        """What has been read since the last call, mostly at this one; values of None while the sensor hangs."""
        return self._read(self._patience.prompt_s)

    def read_last(self) -> Sequence[Reading]:
        """The same for the end of a recording: waits longer, and tells of a thread that hangs by values of None."""
        self._ending = True
        readings = self._read(self._patience.last_s)
        return readings if self._worker.asked_ns < 0 else [*readings, *self._no_values()]

    def _read(self, wait_s: float) -> list[Reading]:
        if self._closed:
            raise SensorUnavailable(f"this sensor ({self._name}) was closed")
        now, worker = self._clock(), self._worker
        if worker.asked_ns < 0:
            self._brought.clear()
            worker.asked_ns = now
            worker.wake.release()
            if self._took_ns <= wait_s * 1e9:
                self._brought.wait(wait_s)
        elif not worker.given_up and now - worker.asked_ns > self._patience.late_s * 1e9:
            self._give_up(worker, now)
        elif worker.given_up and now >= self._retry_ns and len(self._blocked) < BLOCKED_MAX:
            self._failures += 1
            self._sensor = None
            self._start()
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        readings: list[Reading] = []
        while self._ready:
            readings.extend(self._ready.popleft())
        first, self._first = self._first, False  # a recording begins here, whether there is a value or not
        if not readings and (first or self._worker.given_up or self._sensor is None):
            return self._no_values()
        return readings

    def _no_values(self) -> list[Reading]:
        now = self._clock()
        return [Reading(index, now, None) for index in range(len(self.channels))]

    def _give_up(self, worker: _Worker, now: int) -> None:
        """Leave the thread alone; go on without what it hangs in, or try anew later."""
        with self._lock:
            if worker.asked_ns < 0:  # it came back just now
                return
            worker.given_up = True
            self._blocked.append(worker)
        if not self._lost:
            late = f"{self._patience.late_s:g} s"
            self.notes.append(f"{self._name}: no answer for {late}; the run goes on without what hangs")
        self._lost = True
        self._retry_ns = now + self._pause()
        leave_out = getattr(self._sensor, "leave_out", None)
        if leave_out is not None:
            self._retry_ns = 1 << 62  # a call that comes back is the retry: a further one would hang as well
            if len(self._blocked) < BLOCKED_MAX:
                leave_out()
                self._start()

    def _pause(self) -> int:
        return min(_RETRY_MAX_NS, _RETRY_NS << min(self._failures, _RETRY_DOUBLINGS))

    def close(self) -> None:
        """End the thread, which closes the sensor; one that hangs is left behind. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        for worker in (*self._blocked, self._worker):
            worker.ended = True
        worker = self._worker
        if worker.asked_ns < 0:
            worker.wake.release()
            if worker.thread is not None:
                worker.thread.join(self._patience.last_s)
        self._left += [one.thread for one in (*self._blocked, worker) if one.thread and one.thread.is_alive()]

    # -- the thread ---------------------------------------------------------------------------------------

    def _start(self) -> None:
        """Start a thread in the place of the present one; it makes the sensor first where there is none."""
        worker = self._worker = _Worker()
        if self._sensor is None:
            worker.asked_ns = self._clock()
        worker.thread = threading.Thread(target=self._work, args=(worker,), name=f"joulebook {self._name}", daemon=True)
        worker.thread.start()

    def _work(self, worker: _Worker) -> None:
        sensor, goes_on = self._sensor, True
        if sensor is None:
            sensor, error = _attempt(self._make)
            goes_on = self._opens(worker, sensor, error)
        while goes_on and not worker.ended:
            worker.wake.acquire()
            if worker.ended or sensor is None:
                break
            readings, error = _attempt(partial(_readings, sensor, last=self._ending))
            goes_on = self._brings(worker, sensor, error, readings or ())
        if sensor is not None and (sensor is not self._sensor or self._closed):
            _attempt(getattr(sensor, "close", _nothing))

    def _opens(self, worker: _Worker, sensor: Sensor | None, error: BaseException | None) -> bool:
        """Take over a sensor that was made; returns whether its thread is to go on."""
        with self._lock:
            fits = sensor is not None and (not self.channels or tuple(sensor.channels) == self.channels)
            if worker in self._blocked:
                self._blocked.remove(worker)
            current = worker is self._worker and not worker.ended
            if not fits or not current:
                worker.given_up = True
                self._error = None if self.channels else error  # a later attempt is repeated in silence
                self._retry_ns = self._clock() + self._pause()
            elif sensor is not None:
                self.channels = self.channels or tuple(sensor.channels)
                self._sensor = sensor
                worker.given_up, worker.asked_ns = False, -1
        self._brought.set()
        return fits and current

    def _brings(
        self, worker: _Worker, sensor: Sensor, error: BaseException | None, readings: tuple[Reading, ...]
    ) -> bool:
        """Hand over what a call brought, unless it was given up; returns whether its thread is to go on."""
        with self._lock:
            if worker.given_up:
                self._blocked.remove(worker)
            whole = not self._blocked or not hasattr(sensor, "leave_out")
            if self._lost and whole and (worker.given_up or error is None):
                self.notes.append(f"{self._name}: answers again")
                self._lost, self._failures = False, 0
            if not worker.given_up:
                self._took_ns = self._clock() - worker.asked_ns
                self._error = error
                if readings:
                    self._ready.append(readings)
                _move(getattr(sensor, "notes", []), self.notes)
                _move(getattr(sensor, "uses", []), self.uses)
            worker.given_up, worker.asked_ns = False, -1
            current = worker is self._worker
        self._brought.set()
        return current


def _move(brought: list[Any], to: list[Any]) -> None:
    to.extend(brought)
    brought.clear()


def _readings(sensor: Sensor, *, last: bool) -> tuple[Reading, ...]:
    return tuple((getattr(sensor, "read_last", sensor.read) if last else sensor.read)())


def _nothing() -> None:
    """What closing a sensor without `close` does."""
