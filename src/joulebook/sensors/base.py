"""What a source of readings is: `Channel`, `Reading`, `Sensor`. One file per source beside this one.

Nothing here is integrated, summed or corrected: a sensor says what its instrument says, and when.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple, Protocol, runtime_checkable

Clock = Callable[[], int]
"""Returns nanoseconds since boot, suspended time included."""


def boottime_clock(clocks: object = time) -> Clock:
    """The clock that goes on while the machine sleeps: CLOCK_BOOTTIME of Linux, CLOCK_MONOTONIC_RAW of macOS."""
    found: int | None = getattr(clocks, "CLOCK_BOOTTIME", getattr(clocks, "CLOCK_MONOTONIC_RAW", None))
    return time.monotonic_ns if found is None else partial(time.clock_gettime_ns, found)


boottime_ns: Final[Clock] = boottime_clock()

COUNTER: Final = "counter"
"""Form of a channel whose raw value is cumulative energy in microjoules."""
POWER: Final = "power"
"""Form of a channel whose raw value is present power in microwatts."""
DENIED: Final = "denied"
"""Raw value of a reading that was refused for lack of permission."""
SOCKET: Final = "socket"
"""Kind of a channel that reads the whole machine from outside: at the socket, in the supply, by its BMC."""
OUTSIDE: Final = "no sum"
"""What such a channel is within: it is shown, never added, and stands in for nothing."""
MACHINE: Final = "machine"
"""What a channel of the whole machine is within (a platform domain, a battery): shown beside its parts, not added."""
CONTINUOUS_NS: Final = 1_000_000
"""Period of a channel whose value is up to date at every reading, as a model's is."""


class Channel(NamedTuple):
    """What one column of readings means, said once per recording.

    The calibration error is a factor on the energy: true = read x g with g inside `low`..`high` (90 %) and 1
    as its middle. `calibration` is the id that owns this error: channels with the same id err together.
    """

    name: str
    """Unique within its sensor, such as "package-0"."""
    device: str
    """Identity of the device on this boot (a uuid, "cpu-0"): one device has one energy timeline."""
    kind: str
    """Device class: cpu, dram, gpu, ram, board, other; socket for an outer meter."""
    form: str = COUNTER
    basis: str = "measured"
    method: str = ""
    """How the value is known, in words a reader of a report understands."""
    wrap_uj: int = 0
    """Range after which a counter starts again at 0; 0 when it is unknown or never wraps."""
    period_ns: int = 0
    """Time between two updates of the instrument, or over which it averages; 0 when it has to be detected."""
    limit_w: float = 5_000.0
    """Power above which a reading cannot be true for this class of device."""
    within: str = ""
    """Device whose energy already contains this one: shown, never added."""
    low: float = 1.0
    high: float = 1.0
    calibration: str = ""
    source: str = ""
    """Where `low`, `high` and the method come from: citation or fact ids."""
    share: float = 1.0
    """The part of the device that is declared to be what this channel stands for, such as a slice of a GPU."""
    period_sd_ns: int = 0
    """How well `period_ns` is known, in a journal whose readings do not tell it any more; 0: it is a hint only."""


class Reading(NamedTuple):
    """One raw value of a sensor: index of its channel, boot time of the reading, microjoules or microwatts.

    A value that is not an integer (None, text, NaN) is kept as it came and is rejected by integration.
    """

    channel: int
    t_ns: int
    raw: object


@runtime_checkable
class Sensor(Protocol):
    """A source of readings: its channels, and one verb.

    `read` is called by the poller's thread only; it stamps each reading itself, raises nothing but
    `SensorError` or `OSError`, and never waits. A sensor with descriptors also has `close()`. One whose driver
    may hang says `may_block = True` in its class: then it is made and read in a thread of its own (`detached`).
    """

    @property
    def channels(self) -> Sequence[Channel]:
        """What the readings mean; fixed for the life of the sensor."""

    def read(self) -> Sequence[Reading]:
        """The present values of all channels that can be read now."""


class Skipped(NamedTuple):
    """Something that is there and is not read, why, and what would change that."""

    zone: str
    reason: str
    remedy: str
