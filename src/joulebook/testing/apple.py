"""A Mac with Apple silicon for machines that are none: IOReport's energy counters over loads of known power.

`FakeReports` is what the sensor needs of IOReport. `FakeMac` stands one floor lower: functions of CoreFoundation and
IOReport as they are called through ctypes, with every object counted that is created and not released.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from joulebook.sensors.apple import GROUP, Apple, Counted
from joulebook.sensors.base import Clock, boottime_ns
from joulebook.testing.fake import Load

_JOULES: Final = {"nJ": 1e9, "uJ": 1e6, "mJ": 1e3, "J": 1.0}
M1_MAX: Final[Mapping[str, tuple[str, float]]] = {
    "CPU Energy": ("mJ", 22.0),
    "EACC_CPU": ("mJ", 2.0),
    "PACC0_CPU": ("mJ", 20.0),
    "GPU Energy": ("nJ", 31.0),
    "GPU0": ("mJ", 31.0),
    "GPU SRAM0": ("mJ", 1.0),
    "ANE0": ("mJ", 3.0),
    "DRAM0": ("mJ", 5.0),
    "DISP": ("mJ", 1.5),
}
"""Counters as an M1 Max names them: their units, and the power of each here."""
ULTRA: Final[Mapping[str, tuple[str, float]]] = {
    "DIE_0_CPU Energy": ("mJ", 20.0),
    "DIE_1_CPU Energy": ("mJ", 15.0),
    "GPU Energy": ("nJ", 60.0),
    "DIE_0_ANE": ("mJ", 1.0),
    "DIE_1_ANE": ("mJ", 2.0),
    "DIE_0_DRAM0": ("mJ", 4.0),
    "DIE_1_DRAM0": ("mJ", 5.0),
}


class FakeReports:
    """Counters that begin at zero and follow constant powers, or `loads` by name."""

    def __init__(
        self,
        counters: Mapping[str, tuple[str, float]] = M1_MAX,
        clock: Clock = boottime_ns,
        loads: Mapping[str, Load] | None = None,
    ) -> None:
        self.counters = dict(counters)
        self.loads = loads or {}
        self.silent = False
        self.closed = 0
        self._clock = clock
        self._since = clock()

    def sample(self) -> Sequence[Counted]:
        """All counters now; raises OSError while it is silent."""
        if self.silent:
            raise OSError("no sample")
        now = self._clock()
        found = []
        for name, (unit, watts) in self.counters.items():
            load = self.loads.get(name) or Load.constant(watts)
            joules = (load.work(now) - load.work(self._since)) / 1e15
            found.append(Counted(name, unit, int(joules * _JOULES.get(unit, 1.0))))
        return found

    def close(self) -> None:
        """Note that it was closed."""
        self.closed += 1


class _Function:
    """A function of a library: called with plain values, its types set and not looked at."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self.restype: Any = None
        self.argtypes: Any = ()
        self._call = call

    def __call__(self, *arguments: Any) -> Any:  # noqa: ANN401 - whatever the function takes
        return self._call(*arguments)


class _Library:
    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        for name, call in functions.items():
            setattr(self, name, _Function(call))


class FakeMac:
    """The two libraries, with objects as numbers; `group` is that of the counters ("" on an Intel Mac)."""

    def __init__(self, reports: FakeReports, group: str = GROUP) -> None:
        self.reports = reports
        self.group = group
        self.alive: dict[int, object] = {}
        """Objects that were created and not released."""
        self._next = 0x7FF8_0000_0000
        self.libraries = (
            _Library(
                {
                    "CFRelease": self.alive.pop,
                    "CFStringCreateWithCString": lambda _, text, __: self._made(text.decode()),
                    "CFStringGetCString": self._text,
                    "CFDictionaryCreateMutableCopy": lambda _, __, given: self._made(self.alive[given]),
                    "CFDictionaryGetValue": lambda given, key: given if self.alive[key] == "IOReportChannels" else None,
                    "CFArrayGetCount": lambda given: len(self._items(given)),
                    "CFArrayGetValueAtIndex": lambda given, index: (given, index),
                }
            ),
            _Library(
                {
                    "IOReportCopyChannelsInGroup": self._copy,
                    "IOReportCreateSubscription": lambda *_: self._made("subscription"),
                    "IOReportCreateSamples": self._sample,
                    "IOReportChannelGetChannelName": lambda item: ("name", item),
                    "IOReportChannelGetUnitLabel": lambda item: ("unit", item),
                    "IOReportSimpleGetIntegerValue": lambda item, _: self._items(item[0])[item[1]].value,
                }
            ),
        )

    def _made(self, value: object) -> int:
        self._next += 16
        self.alive[self._next] = value
        return self._next

    def _items(self, given: int) -> Sequence[Counted]:
        found = self.alive[given]
        return found if isinstance(found, list) else []

    def _copy(self, group: int, *_: object) -> int | None:
        return self._made(self.reports.sample()) if self.alive[group] == self.group else None

    def _sample(self, *_: object) -> int | None:
        return None if self.reports.silent else self._made(self.reports.sample())

    def _text(self, which: tuple[str, tuple[int, int]], buffer: Any, size: int, _: int) -> bool:  # noqa: ANN401 - a buffer
        field, (given, index) = which
        text = getattr(self._items(given)[index], field).encode()
        if len(text) >= size:
            return False
        buffer.value = text
        return True


class FakeApple(Apple):
    """The sensor on an M1 Max, for  JOULEBOOK_SENSORS=joulebook.testing.apple:FakeApple ."""

    def __init__(self) -> None:
        loads = {"CPU Energy": Load.square(4.0, 30.0, 0.7), "GPU Energy": Load.square(0.5, 40.0, 1.3)}
        super().__init__(reports=FakeReports(loads=loads))
