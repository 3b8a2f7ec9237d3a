"""What a laptop draws from its batteries: the power of the whole board, while it runs on them.

Beside sensors of its parts it is shown and never added. On mains a battery says nothing of what the machine uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from joulebook.errors import SensorDenied, SensorUnavailable
from joulebook.sensors.attributes import Attributes, Meaning, is_number
from joulebook.sensors.base import MACHINE, POWER, Channel, Clock, Reading, Skipped, boottime_ns
from joulebook.sensors.host import POWER_SUPPLIES, beginning

_DISCHARGING: Final = "Discharging"
_LIMIT_W: Final = 400.0
_LOW, _HIGH = 0.90, 1.10
_SOURCE: Final = (
    "90 % range: a judgement; the driver passes on what the battery's gauge says, and the kernel's interface "
    "(Documentation/ABI/testing/sysfs-class-power) promises no accuracy"
)


class Battery:
    """Reads these batteries of /sys/class/power_supply while the machine runs on them.

    `beside` says that other sensors count parts of the machine. Raises `SensorUnavailable` on mains, or where no
    battery shows a power, and `SensorDenied` where none may be read. The firmware may take its time to answer.
    """

    may_block = True

    def __init__(
        self, names: Sequence[str], root: str = "/", clock: Clock = boottime_ns, *, beside: bool = False
    ) -> None:
        self._clock = clock
        self._closed = False
        self._open: list[Attributes] = []
        self.skipped: list[Skipped] = []
        channels: list[Channel] = []
        statuses = [self._look(f"{root.rstrip('/')}/{POWER_SUPPLIES}", name, channels, beside=beside) for name in names]
        if not channels or _DISCHARGING not in statuses:
            self.close()
            raise self._nothing()
        self.channels: Sequence[Channel] = tuple(channels)

    def read(self) -> Sequence[Reading]:
        """Power in microwatts of each battery; None while none is discharging, 0 for one that rests beside another."""
        if self._closed:
            raise SensorUnavailable("this sensor of batteries was closed")
        raws = [(self._clock(), one.value(self._clock())) for one in self._open]
        on_mains = not any(type(raw) is int and raw > 0 for _, raw in raws)
        return [Reading(index, at, None if on_mains and raw == 0 else raw) for index, (at, raw) in enumerate(raws)]

    def close(self) -> None:
        """Close all files; a second call does nothing."""
        self._closed = True
        for one in self._open:
            one.close()

    def _look(self, folder: str, name: str, channels: list[Channel], *, beside: bool) -> str:
        """Open one battery; returns its status."""
        status = beginning(f"{folder}/{name}/status", 64).strip()
        problem: OSError | None = None
        for files, meaning in _ways():
            try:
                opened = Attributes([f"{folder}/{name}/{file}" for file in files], meaning)
            except OSError as error:
                problem = error if problem is None or isinstance(error, PermissionError) else problem
                continue
            if type(opened.value(self._clock())) is int:
                self._open.append(opened)
                channels.append(_channel(name, files, beside=beside))
                return status
            opened.close()
        denied = isinstance(problem, PermissionError)
        remedy = f"sudo chmod a+r {folder}/{name}/*_now" if denied else ""
        self.skipped.append(Skipped(name, "Permission denied" if denied else "it shows no power", remedy))
        return status

    def _nothing(self) -> SensorUnavailable | SensorDenied:
        if self._open:
            return SensorUnavailable(
                "the machine runs on mains, of which a battery says nothing",
                "to have the whole board measured, start the run on battery",
            )
        denied = next((one for one in self.skipped if one.remedy), None)
        if denied is not None:
            return SensorDenied(f"{denied.zone}: {denied.reason}", denied.remedy)
        return SensorUnavailable(
            "; ".join(f"{one.zone}: {one.reason}" for one in self.skipped) or "there is no battery"
        )


def _ways() -> Iterator[tuple[tuple[str, ...], Meaning]]:
    """The files that tell a power, the best first, and how."""
    yield ("status", "power_now"), partial(_discharge, per=1)
    yield ("status", "voltage_now", "current_now"), partial(_discharge, per=1_000_000)


def _discharge(texts: Sequence[str], *, per: int) -> object:
    """Microwatts that leave the battery, whatever sign its driver gives them; 0 while none do."""
    status, *values = texts
    if not all(map(is_number, values)):
        return " ".join(values)
    if status != _DISCHARGING:
        return 0
    product = 1
    for value in values:
        product *= abs(int(value))
    return product // per


def _channel(name: str, files: Sequence[str], *, beside: bool) -> Channel:
    how = "power" if len(files) == 2 else "voltage times current"
    return Channel(
        name=name,
        device=name,
        kind="board",
        form=POWER,
        method=f"{how} of the battery {name}: the whole machine with its screen, while it runs on battery",
        limit_w=_LIMIT_W,
        within=MACHINE if beside else "",
        low=_LOW,
        high=_HIGH,
        calibration="battery",
        source=_SOURCE,
    )
