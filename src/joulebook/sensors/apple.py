"""Apple silicon: the energy counters of IOReport's group "Energy Model", which every user may read. macOS only.

The chip's own power model counts the energy of its processors, GPU, neural engine and memory; Apple calls these figures
estimates, hence they are *modelled*. Display, storage, ports, fans and the power supply are in none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from joulebook.errors import SensorUnavailable
from joulebook.sensors.base import COUNTER, Channel, Clock, Reading, Skipped, boottime_ns
from joulebook.sensors.darwin import ON_A_MAC

GROUP: Final = "Energy Model"
_PICOJOULES: Final = {"nJ": 1_000, "uJ": 1_000_000, "µJ": 1_000_000, "mJ": 1_000_000_000, "J": 1_000_000_000_000}
_LIMIT_W: Final = 1_000.0
_LOW, _HIGH = 0.75, 1.33
_SOURCE: Final = (
    "90 % range: a judgement; powermetrics(1), which reads the same counters, calls its power values estimates, and "
    "Apple publishes no accuracy"
)


class Counted(NamedTuple):
    """One counter of a sample: its name and unit, as IOReport labels them, and its value."""

    name: str
    unit: str
    value: int


class Reports(Protocol):
    """What the sensor needs of IOReport; `_IOReport` is the real one."""

    def sample(self) -> Sequence[Counted]:
        """All counters of the group now; raises OSError where there is no answer."""

    def close(self) -> None:
        """Let go of what is held."""


class _Part(NamedTuple):
    device: str
    kind: str
    method: str
    alone: Callable[[str], bool]
    """Whether a counter is the whole of this part; those of several dies are its sum."""


_PARTS: Final = (
    _Part("cpu-0", "cpu", "all processor cores and their caches", lambda name: name == "CPU Energy"),
    _Part("gpu-0", "gpu", "GPU", lambda name: name == "GPU Energy"),
    _Part("ane-0", "other", "neural engine", lambda name: name.rstrip("0123456789") == "ANE"),
    _Part("dram-0", "dram", "memory", lambda name: name.rstrip("0123456789") == "DRAM"),
)


class Apple:
    """Reads the parts of the chip that have a counter; raises `SensorUnavailable` where there is none.

    IOReport is a private library of macOS: a call of it may take its time, so this is read in a thread of its own.
    """

    may_block = True

    def __init__(self, clock: Clock = boottime_ns, reports: Reports | None = None) -> None:
        if reports is None and not ON_A_MAC:
            raise SensorUnavailable("this is no Mac")
        self._clock = clock
        self._closed = False
        self._reports: Reports = _IOReport() if reports is None else reports
        try:
            found = self._reports.sample()
        except OSError as error:
            self.close()
            raise SensorUnavailable(f"IOReport does not answer: {error}") from None
        self.skipped: list[Skipped] = []
        self._names: list[frozenset[str]] = []
        channels: list[Channel] = []
        for part in _PARTS:
            names = _those_of(part, found, self.skipped)
            if names:
                self._names.append(names)
                channels.append(_channel(part, names))
        if not channels:
            self.close()
            raise SensorUnavailable(
                f"IOReport has no counters of {GROUP!r}: an Intel Mac, or a virtual machine",
                "on an Intel Mac no energy can be read without root",
            )
        self.channels: Sequence[Channel] = tuple(channels)

    def read(self) -> Sequence[Reading]:
        """Energy in microjoules of each part since the chip began to count; None for one that is missing now."""
        if self._closed:
            raise SensorUnavailable("this sensor of IOReport was closed")
        before = self._clock()
        found = {counted.name: counted for counted in self._reports.sample()}
        at = (before + self._clock()) // 2
        return [Reading(index, at, _microjoules(names, found)) for index, names in enumerate(self._names)]

    def close(self) -> None:
        """Let go of IOReport; a second call does nothing."""
        if not self._closed:
            self._closed = True
            self._reports.close()


def _base(name: str) -> str:
    """The name of a counter without the die that it is on: an Ultra has two ("DIE_1_CPU Energy")."""
    head, _, rest = name.partition("_")
    number, _, base = rest.partition("_")
    return base if head == "DIE" and number.isdigit() and base else name


def _those_of(part: _Part, found: Sequence[Counted], skipped: list[Skipped]) -> frozenset[str]:
    """The counters that are one part: that of the whole chip, or else those of its dies."""
    whole = [counted for counted in found if part.alone(counted.name)]
    dies = [counted for counted in found if counted.name != _base(counted.name) and part.alone(_base(counted.name))]
    chosen = whole or dies
    unknown = next((counted for counted in chosen if counted.unit not in _PICOJOULES), None)
    if unknown is not None:
        skipped.append(Skipped(unknown.name, f"its unit is not known: {unknown.unit!r}", ""))
        return frozenset()
    return frozenset(counted.name for counted in chosen)


def _microjoules(names: frozenset[str], found: Mapping[str, Counted]) -> int | None:
    picojoules = 0
    for name in names:
        counted = found.get(name)
        if counted is None or counted.unit not in _PICOJOULES:
            return None
        picojoules += counted.value * _PICOJOULES[counted.unit]
    return picojoules // 1_000_000


def _channel(part: _Part, names: frozenset[str]) -> Channel:
    return Channel(
        name=part.device,
        device=part.device,
        kind=part.kind,
        form=COUNTER,
        basis="modelled",
        method=f"IOReport {GROUP}, {' + '.join(sorted(names))}: {part.method}, by the chip's own power model",
        limit_w=_LIMIT_W,
        low=_LOW,
        high=_HIGH,
        calibration="apple energy model",
        source=_SOURCE,
    )


# -- the libraries: CoreFoundation, and IOReport, whose functions are known from the tools that use it ------------

_FOUNDATION: Final = "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation"
_IOREPORT: Final = "/usr/lib/libIOReport.dylib"  # in the shared cache: there is no file, and loading it works
_UTF8: Final = 0x08000100
_CHANNELS: Final = "IOReportChannels"
_TEXT_BYTES: Final = 256


class _IOReport:
    """A subscription to the group; `libraries` are CoreFoundation and IOReport."""

    def __init__(self, libraries: tuple[Any, Any] | None = None) -> None:
        import ctypes  # several milliseconds, on Macs only

        self._ctypes = ctypes
        try:
            loaded = libraries or (ctypes.CDLL(_FOUNDATION), ctypes.CDLL(_IOREPORT))
            self._cf: Any = loaded[0]
            self._io: Any = loaded[1]
            self._declare()
        except (OSError, AttributeError) as error:
            raise SensorUnavailable(f"IOReport cannot be loaded: {error}") from None
        self._held: list[int] = []
        group = self._text(GROUP)
        copied = self._io.IOReportCopyChannelsInGroup(group, None, 0, 0, 0)
        self._cf.CFRelease(group)
        if not copied:
            raise SensorUnavailable(f"IOReport has no group {GROUP!r}: an Intel Mac, or a virtual machine")
        self._wanted = self._cf.CFDictionaryCreateMutableCopy(None, 0, copied)
        self._cf.CFRelease(copied)
        self._held.append(self._wanted)
        subscribed = ctypes.c_void_p()
        self._subscription = self._io.IOReportCreateSubscription(
            None, self._wanted, ctypes.byref(subscribed), 0, None
        )  # fmt: skip
        if not self._subscription:
            self.close()
            raise SensorUnavailable("IOReport takes no subscription")
        self._held.append(self._subscription)
        if subscribed.value:
            self._held.append(subscribed.value)

    def sample(self) -> Sequence[Counted]:
        """All counters of the group now."""
        sample = self._io.IOReportCreateSamples(self._subscription, self._wanted, None)
        if not sample:
            raise OSError("no sample")
        key = self._text(_CHANNELS)
        try:
            items = self._cf.CFDictionaryGetValue(sample, key)
            count = self._cf.CFArrayGetCount(items) if items else 0
            return [self._counted(self._cf.CFArrayGetValueAtIndex(items, index)) for index in range(count)]
        finally:
            self._cf.CFRelease(key)
            self._cf.CFRelease(sample)

    def close(self) -> None:
        """Let go of the subscription."""
        while self._held:
            self._cf.CFRelease(self._held.pop())

    def _counted(self, item: int) -> Counted:
        return Counted(
            self._read(self._io.IOReportChannelGetChannelName(item)).strip(),
            self._read(self._io.IOReportChannelGetUnitLabel(item)).strip(),
            int(self._io.IOReportSimpleGetIntegerValue(item, 0)),
        )

    def _text(self, text: str) -> int:
        return int(self._cf.CFStringCreateWithCString(None, text.encode(), _UTF8))

    def _read(self, string: int | None) -> str:
        buffer = self._ctypes.create_string_buffer(_TEXT_BYTES)
        known = string and self._cf.CFStringGetCString(string, buffer, _TEXT_BYTES, _UTF8)
        return buffer.value.decode("utf-8", "replace") if known else ""

    def _declare(self) -> None:
        """The types of the functions: a pointer taken for an int would lose its upper half."""
        c = self._ctypes
        pointer, whole, long = c.c_void_p, c.c_int64, c.c_long
        for library, name, result, arguments in (
            (self._cf, "CFRelease", None, (pointer,)),
            (self._cf, "CFStringCreateWithCString", pointer, (pointer, c.c_char_p, c.c_uint32)),
            (self._cf, "CFStringGetCString", c.c_bool, (pointer, c.c_char_p, long, c.c_uint32)),
            (self._cf, "CFDictionaryCreateMutableCopy", pointer, (pointer, long, pointer)),
            (self._cf, "CFDictionaryGetValue", pointer, (pointer, pointer)),
            (self._cf, "CFArrayGetCount", long, (pointer,)),
            (self._cf, "CFArrayGetValueAtIndex", pointer, (pointer, long)),
            (self._io, "IOReportCopyChannelsInGroup", pointer, (pointer, pointer, *(c.c_uint64,) * 3)),
            (self._io, "IOReportCreateSubscription", pointer, (pointer, pointer, pointer, c.c_uint64, pointer)),
            (self._io, "IOReportCreateSamples", pointer, (pointer, pointer, pointer)),
            (self._io, "IOReportChannelGetChannelName", pointer, (pointer,)),
            (self._io, "IOReportChannelGetUnitLabel", pointer, (pointer,)),
            (self._io, "IOReportSimpleGetIntegerValue", whole, (pointer, c.c_int32)),
        ):
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
