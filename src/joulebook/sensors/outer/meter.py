"""What all outer meters have in common: asked seldom, at random instants, and silent while they do not answer.

An outer meter reads the whole machine at the socket, in its power supply, or by its BMC. It is used only where
`JOULEBOOK_METERS` names it, shown beside the sensors of the machine, and never added to them. What it does not answer
is a gap; nothing is held or interpolated across it.
"""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Sequence
from typing import Final

from joulebook.errors import SensorDenied, SensorError, SensorUnavailable
from joulebook.sensors.base import DENIED, OUTSIDE, POWER, SOCKET, Channel, Clock, Reading
from joulebook.sensors.outer.address import Address

PLUG_LIMIT_W: Final = 4_000.0
"""No plug for a household socket carries more."""
SERVER_LIMIT_W: Final = 40_000.0
_RETRY_DOUBLINGS: Final = 5
_SECOND: Final = 1_000_000_000


class OuterMeter:
    """A sensor that asks an instrument outside the machine; a kind of it says how, in `look`.

    It may wait as long as the instrument does, so it is read in a thread of its own (`detached`).
    """

    may_block = True
    every_ns = _SECOND
    """Time between two questions."""
    open_s = 2.0
    """A start waits so long for the first answer at most."""
    late_s = 3.0
    """A question that takes longer has hung: in the name of the host, or in a driver."""

    def __init__(self, address: Address, clock: Clock) -> None:
        self.address = address
        self.name = address.name
        self.notes: list[str] = []
        """Lines for the recording: when it went silent, and when it was back."""
        self.channels: Sequence[Channel] = ()
        self._clock = clock
        self._slot_ns = self._due_ns = 0
        self._failures = 0
        self._closed = False

    @abstractmethod
    def look(self) -> Sequence[object]:
        """A raw value for each channel; raises SensorError or OSError."""

    def read(self) -> Sequence[Reading]:
        """A reading of each channel where it is time for one; None where the instrument does not answer."""
        if self._closed:
            raise SensorUnavailable(f"the meter {self.name} was closed")
        before = self._clock()
        if before < self._due_ns:
            return ()
        try:
            raws = self.look()
        except (SensorError, OSError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            return self._silent(error)
        after = self._clock()
        if self._failures:
            self.notes.append(f"meter {self.name}: answers again")
        self._failures = 0
        self._slot_ns = max(self._slot_ns + self.every_ns, after)
        self._due_ns = self._slot_ns + self.every_ns * os.urandom(1)[0] // 256  # in step with no load
        return [Reading(index, (before + after) // 2, raw) for index, raw in enumerate(raws)]

    def read_last(self) -> Sequence[Reading]:
        """The last reading of a recording, due or not."""
        if not self._failures:
            self._due_ns = 0
        return self.read()

    def close(self) -> None:
        """Ask no more; a second call does nothing."""
        self._closed = True

    def _silent(self, error: Exception) -> Sequence[Reading]:
        if not self._failures:
            self.notes.append(f"meter {self.name}: {error}; what it would have said is a gap")
        now = self._clock()
        self._due_ns = now + (self.every_ns << min(self._failures, _RETRY_DOUBLINGS))
        self._failures += 1
        raw = DENIED if isinstance(error, SensorDenied | PermissionError) else None
        return [Reading(index, now, raw) for index in range(len(self.channels))]

    def channel(self, name: str, form: str, method: str, accuracy: tuple[float, str], limit_w: float) -> Channel:
        """A channel of this meter; `accuracy` is its share on either side (90 %), and where that comes from."""
        share, source = accuracy
        window_ns = self.address.window_ns if form == POWER else 0
        averaged = f", which averages over {window_ns / 1e9:g} s" if window_ns else ""
        return Channel(
            name=name,
            device=self.name,
            kind=SOCKET,
            form=form,
            method=method + averaged,
            period_ns=window_ns,
            limit_w=limit_w,
            within=OUTSIDE,
            low=1 - share,
            high=1 + share,
            calibration=f"meter {self.name}",
            source=source,
        )


def micro(value: object, factor: float = 1.0) -> object:
    """A number of W or J in millionths; what is no number is kept as it came."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        return None if value is None else str(value)
    return round(value * factor * 1_000_000)


def field(document: object, *names: str | int) -> object:
    """What stands in a document under these names, one inside the other; None where there is no such thing."""
    for name in names:
        if isinstance(name, int):
            document = document[name] if isinstance(document, list) and -1 < name < len(document) else None
        else:
            document = document.get(name) if isinstance(document, dict) else None
    return document
