"""Follows what is being recorded on this machine, or reads its sensors where nothing is: one `Snapshot` a look."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final

from joulebook.errors import LedgerError
from joulebook.facts.catalog import Catalog
from joulebook.ledger.tail import SLICE, Newcomers, Tail, alive
from joulebook.meter.live import Followed, Moment, Snapshot, sensed, snapshot, state_of
from joulebook.meter.poller import Poller
from joulebook.meter.sources import select
from joulebook.sensors.base import Clock, boottime_ns
from joulebook.sensors.host import boot_id
from joulebook.settings import Settings

LINGER_S: Final = 5.0
"""How long a run is still shown after its end."""
FIRST_READINGS_S: Final = 0.5
"""Between the first two readings of our own sensors."""
SILENT_S: Final = 3_600.0
"""A run that lives and has written nothing for longer is not shown: its process id has become somebody else's."""
_AT_ONCE: Final = 1 << 62


class Watch:
    """The runs of a book that are being recorded on this machine now."""

    def __init__(self, home: str | os.PathLike[str], clock: Clock = boottime_ns) -> None:
        self._newcomers = Newcomers(home)
        self._clock = clock
        self._boot = boot_id()
        self._tails: dict[str, tuple[str, Tail]] = {}
        self._followed: dict[str, dict[str, Followed]] = {}
        self._ended: dict[str, float] = {}
        self._first = True

    def look(self, *, whole: bool = False) -> Snapshot:
        """Read what is new. `whole` also reads at once what long runs wrote before the first look."""
        for folder in self._newcomers.look():
            self._tails[folder.id] = folder.path, Tail(folder.path)
        for run in list(self._tails):
            self._read(run, _AT_ONCE if whole else SLICE)
        now = self._moment()
        for run in list(self._tails):
            self._settle(run, now)
        self._first = False
        return snapshot([one for ones in self._followed.values() for one in ones.values()], now, self._notices())

    def _read(self, run: str, backlog: int) -> None:
        try:
            news = self._tails[run][1].news(backlog)
        except LedgerError:  # pruned, or moved, or a share that is gone
            self._drop(run)
            return
        for piece in news:
            ones = self._followed.setdefault(run, {})
            if piece.recorder not in ones:
                ones[piece.recorder] = Followed(run, piece.recorder, piece.head)
            ones[piece.recorder].take(piece)

    def _moment(self) -> Moment:
        pids = {one.head.get("pid") for ones in self._followed.values() for one in ones.values()}
        living = frozenset(pid for pid in pids if isinstance(pid, int) and alive(pid))
        return Moment(time.time_ns(), self._clock(), self._boot, living)

    def _settle(self, run: str, now: Moment) -> None:
        """Let go of runs that have ended, those of another boot or machine, and those that never spoke."""
        ones = list(self._followed.get(run, {}).values())
        if not ones:
            return
        said = state_of(ones, now)
        silent = (now.boot_ns - max(one.last_ns for one in ones)) / 1e9
        if said == "running":
            self._ended.pop(run, None)
        elif said == "silent":
            if silent > SILENT_S:
                self._drop(run)
        elif self._first or time.monotonic() - self._ended.setdefault(run, time.monotonic()) > LINGER_S:
            self._drop(run)

    def _drop(self, run: str) -> None:
        del self._tails[run]
        self._followed.pop(run, None)
        self._ended.pop(run, None)

    def _notices(self) -> list[str]:
        left = sum(tail.waiting for _, tail in self._tails.values())
        damaged = sum(tail.damaged for _, tail in self._tails.values())
        notices = [f"{left / 1e6:.0f} MB of earlier records are still being read: stages may change"] if left else []
        if damaged:
            notices.append(f"{damaged} damaged lines in the journals of these runs; see  joulebook recover")
        return notices


class OwnSensors:
    """The sensors of this machine, read by ourselves; nothing is recorded."""

    def __init__(self, settings: Settings, catalog: Catalog, clock: Clock = boottime_ns) -> None:
        selection = select(settings, catalog)
        self._poller = Poller(selection.sensors, clock=clock, interval_s=settings.interval)
        head = {
            "boot_id": boot_id(),
            "boot_ns": clock(),
            "pid": os.getpid(),
            "channels": [channel._asdict() for channel in self._poller.channels],
        }
        self._own = Followed("sensors", "sensors", head)
        self._notices = [] if self._poller.channels else ["no usable sensor: see  joulebook doctor"]

    def begin(self, sleep: Callable[[float], bool]) -> None:
        """Read so densely, for less than half a second, that it shows how often each counter is updated."""
        self._poller.burst(sleep, moves=2)

    def read(self) -> None:
        """Read every sensor once."""
        self._poller.read()

    def look(self) -> Snapshot:
        """What the readings since the beginning say of the last seconds."""
        self._own.read(self._poller.drain())
        problems, self._poller.problems = self._poller.problems, []
        self._notices += [problem for problem in problems if problem not in self._notices]
        return sensed(self._own, time.time_ns(), self._notices[-3:])

    def close(self) -> None:
        """Close the sensors."""
        self._poller.close()


class Feed:
    """Snapshots of the runs that are being recorded, and of this machine's own sensors while there is none."""

    def __init__(self, home: str | os.PathLike[str], settings: Settings) -> None:
        self._watch = Watch(home)
        self._settings = settings
        self._own: OwnSensors | None = None

    def look(self, *, whole: bool = False) -> Snapshot:
        """The present; `whole` as in `Watch.look`."""
        seen = self._watch.look(whole=whole)
        if any(run.status == "running" for run in seen.runs):
            self.close()
            return seen
        if self._own is None:
            self._own = OwnSensors(self._settings, Catalog.open())
            self._own.begin(_sleep)
            self.wait(FIRST_READINGS_S, _sleep)
        own = self._own.look()
        return own._replace(runs=seen.runs, notices=(*own.notices, *seen.notices))

    def wait(self, seconds: float, sleep: Callable[[float], bool]) -> None:
        """Let the time pass until the next look, with readings; `sleep` is true when nobody wants to wait longer."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if sleep(min(left, self._settings.interval) if self._own else left):
                break
            if self._own:
                self._own.read()

    def close(self) -> None:
        """Close the sensors if they are open."""
        if self._own is not None:
            self._own.close()
            self._own = None


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False
