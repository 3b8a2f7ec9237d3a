"""Energy counters of processors and memory: RAPL, through perf events, where the powercap tree cannot be read.

The kernel's `power` PMU counts the same domains, widened to 64 bits; a counter starts at 0 when it is opened. It
is opened for the whole system, on the processor that the PMU names for each package. Channels and devices are those
of powercap, so that a run read in the one way and a run read in the other share one timeline.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from joulebook.errors import SensorDenied, SensorUnavailable
from joulebook.sensors.base import DENIED, Channel, Clock, Reading, Skipped, boottime_ns
from joulebook.sensors.host import beginning
from joulebook.sensors.rapl import Domain, channel_of

PMU: Final = "sys/bus/event_source/devices/power"
_PARANOID: Final = "proc/sys/kernel/perf_event_paranoid"
_TOPOLOGY: Final = "sys/devices/system/cpu/cpu{}/topology"
_EVENTS: Final = {
    "energy-pkg": "",
    "energy-cores": "core",
    "energy-gpu": "uncore",
    "energy-ram": "dram",
    "energy-psys": "psys",
}
"""Events of the PMU (Linux, arch/x86/events/rapl.c), each with the name that powercap has for it."""
_CPUS_MAX: Final = 256
_RETRY_NS: Final = 1_000_000_000
_RETRY_DOUBLINGS: Final = 6
_RETRY_MAX_NS: Final = 60_000_000_000
_VALUE_BYTES: Final = 8
_SHOWN: Final = 3
_REFUSED: Final = (errno.EACCES, errno.EPERM)


class Events(Protocol):
    """The door to the kernel: opens, reads and closes one counter; every method may raise OSError."""

    def open(self, kind: int, config: int, cpu: int) -> int:
        """A descriptor of the counter `config` of the PMU `kind` on that processor, for the whole system."""

    def read(self, descriptor: int) -> bytes:
        """Its present value, eight bytes of this machine's order."""

    def close(self, descriptor: int) -> None:
        """Give it back."""


class _Event(NamedTuple):
    """One counter: its domain and the package that this is part of, how it is opened, and microjoules per count."""

    domain: Domain
    package: Domain
    config: int
    cpu: int
    scale_uj: float


class _Slot:
    """The descriptor of one counter and when to try again after it failed."""

    __slots__ = ("descriptor", "event", "failures", "retry_ns", "shown")

    def __init__(self, event: _Event, descriptor: int) -> None:
        self.event = event
        self.descriptor = descriptor
        self.failures = 0
        self.retry_ns = 0
        self.shown: object = None
        """What a reading says while there is no value: None, or DENIED."""


class RaplPerf:
    """Reads every energy counter of the `power` PMU; `events` stands in for the kernel's calls.

    Raises `SensorUnavailable` where there is no such PMU and `SensorDenied`, with the remedy, where its counters
    may not be opened; counters that fail while others work stand in `skipped`.
    """

    def __init__(self, root: str = "/", clock: Clock = boottime_ns, events: Events | None = None) -> None:
        self._root = root.rstrip("/")
        self._clock = clock
        self._closed = False
        self.skipped: list[Skipped] = []
        self._kind, found = self._find()
        self._events: Events = events or _Kernel()
        self._slots = self._open_all(found)
        if not self._slots:
            raise self._nothing()
        opened = [slot.event for slot in self._slots]
        packages = any(not _EVENTS[event.domain.folder] for event in opened)
        self.channels: Sequence[Channel] = tuple(_describe(event, packages=packages) for event in opened)

    def read(self) -> Sequence[Reading]:
        """All counters in microjoules since they were opened; None for one that cannot be read now."""
        if self._closed:
            raise SensorUnavailable("this sensor of perf events was closed")
        clock, readings = self._clock, []
        for index, slot in enumerate(self._slots):
            raw = self._value(slot) if slot.descriptor >= 0 or self._reopen(slot) else slot.shown
            readings.append(Reading(index, clock(), raw))
        return readings

    def close(self) -> None:
        """Close all counters; a second call does nothing."""
        self._closed = True
        for slot in self._slots:
            self._let_go(slot)

    # -- reading ------------------------------------------------------------------------------------------

    def _value(self, slot: _Slot) -> object:
        try:
            data = self._events.read(slot.descriptor)
        except OSError as error:
            return self._lose(slot, error)
        if len(data) != _VALUE_BYTES:  # the kernel shows an end of file where a counter has failed
            return self._lose(slot, None)
        slot.failures = 0
        return round(int.from_bytes(data, _BYTE_ORDER) * slot.event.scale_uj)

    def _reopen(self, slot: _Slot) -> bool:
        if self._clock() < slot.retry_ns:
            return False
        try:
            slot.descriptor = self._events.open(self._kind, slot.event.config, slot.event.cpu)
        except OSError as error:
            self._lose(slot, error)
            return False
        return True

    def _lose(self, slot: _Slot, error: OSError | None) -> object:
        """Close what failed, to try again after 1, 2, 4 ... 60 s; returns what a reading says meanwhile."""
        self._let_go(slot)
        pause = min(_RETRY_MAX_NS, _RETRY_NS << min(slot.failures, _RETRY_DOUBLINGS))
        slot.failures += 1
        slot.retry_ns = self._clock() + pause
        slot.shown = DENIED if isinstance(error, PermissionError) else None
        return slot.shown

    def _let_go(self, slot: _Slot) -> None:
        if slot.descriptor >= 0:
            descriptor, slot.descriptor = slot.descriptor, -1
            self._events.close(descriptor)

    # -- opening ------------------------------------------------------------------------------------------

    def _find(self) -> tuple[int, list[_Event]]:
        """The number of the PMU, and its counters on each package."""
        pmu = f"{self._root}/{PMU}"
        kind = beginning(f"{pmu}/type", 32).strip()
        if not (kind.isascii() and kind.isdigit()):
            raise SensorUnavailable(f"the kernel has no PMU {pmu}", _ABSENT_REMEDY)
        packages = list(self._packages(_cpus(beginning(f"{pmu}/cpumask").strip())))
        if not packages:
            raise SensorUnavailable(f"{pmu}/cpumask names no processor", _ABSENT_REMEDY)
        return int(kind), [event for cpu, package in packages for event in self._counters(pmu, cpu, package)]

    def _packages(self, cpus: Sequence[int]) -> Iterator[tuple[int, Domain]]:
        """The package that each processor stands for; with its die where a package has several counters."""
        places = []
        for cpu in cpus:
            folder = f"{self._root}/{_TOPOLOGY.format(cpu)}"
            places.append((beginning(f"{folder}/physical_package_id", 32), beginning(f"{folder}/die_id", 32)))
        ids = [package for package, _ in places]
        seen: set[str] = set()
        for cpu, (package, die) in zip(cpus, places, strict=True):
            name = f"package-{_number(package, cpu)}"
            if ids.count(package) > 1:
                name = f"{name}-die-{_number(die, cpu)}"
            if name in seen:
                self.skipped.append(Skipped(f"processor {cpu}", f"{name} is counted already", ""))
                continue
            seen.add(name)
            yield cpu, Domain("", "", name)

    def _counters(self, pmu: str, cpu: int, package: Domain) -> Iterator[_Event]:
        for name, domain in _EVENTS.items():
            text = beginning(f"{pmu}/events/{name}", 64).strip()
            if not text:
                continue
            config = _config(text)
            scale = _scale(
                beginning(f"{pmu}/events/{name}.scale", 64).strip(), beginning(f"{pmu}/events/{name}.unit", 32).strip()
            )
            if config is None or scale is None:
                self.skipped.append(Skipped(f"{name} of {package.name}", "its event or unit cannot be read", ""))
                continue
            called = domain or package.name
            if domain == "psys" and package.name != "package-0":
                called = f"psys{package.name.removeprefix('package')}"
            yield _Event(Domain(name, "", called), package, config, cpu, scale)

    def _open_all(self, found: Sequence[_Event]) -> list[_Slot]:
        slots = []
        for event in found:
            try:
                descriptor = self._events.open(self._kind, event.config, event.cpu)
            except OSError as error:
                self.skipped.append(self._skip(event, error))
                continue
            slots.append(_Slot(event, descriptor))
        return slots

    def _skip(self, event: _Event, error: OSError) -> Skipped:
        reason, remedy = error.strerror or str(error), ""
        if error.errno in _REFUSED:
            level = beginning(f"{self._root}/{_PARANOID}", 32).strip() or "unknown"
            reason = f"{reason} (kernel.perf_event_paranoid is {level})"
            remedy = _DENIED_REMEDY
        return Skipped(f"{event.domain.folder} of {event.package.name}", reason, remedy)

    def _nothing(self) -> SensorUnavailable | SensorDenied:
        denied = next((one for one in self.skipped if one.remedy), None)
        if denied is not None:
            return SensorDenied(f"{denied.zone}: {denied.reason}", denied.remedy)
        if self.skipped:
            reasons = "; ".join(f"{one.zone}: {one.reason}" for one in self.skipped[:_SHOWN])
            return SensorUnavailable(f"no counter of the PMU power can be opened: {reasons}", _ABSENT_REMEDY)
        return SensorUnavailable(f"{self._root}/{PMU} has no energy event", _ABSENT_REMEDY)


def _describe(event: _Event, *, packages: bool) -> Channel:
    """The channel that powercap would have for this domain; what was counted before it was opened is not in it."""
    domain, package = event.domain, event.package
    if not _EVENTS[domain.folder]:
        return channel_of(package, package.name, None, packages=packages, wrap_uj=0)
    if domain.folder == "energy-psys":
        return channel_of(domain, domain.name, None, packages=packages, wrap_uj=0)
    return channel_of(domain, f"{package.name}/{domain.name}", package, packages=packages, wrap_uj=0)


# -- what sysfs says ----------------------------------------------------------------------------------------------


def _cpus(text: str) -> list[int]:
    """The processors of a cpumask such as "0,24" or "0-1"; an illegible one names none."""
    found: list[int] = []
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        last = last or first
        if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
            return []
        found.extend(range(int(first), min(int(last), int(first) + _CPUS_MAX) + 1))
    return found[:_CPUS_MAX]


def _number(text: str, default: int) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() else default


def _config(text: str) -> int | None:
    """The number of "event=0x02"; None where there is none or where more has to be set."""
    name, _, value = text.partition("=")
    try:
        return int(value, 16) if name == "event" else None
    except ValueError:
        return None


def _scale(text: str, unit: str) -> float | None:
    """Microjoules of one count."""
    try:
        scale = float(text)
    except ValueError:
        return None
    return scale * 1e6 if unit == "Joules" and 0 < scale < 1 else None


# -- the kernel ---------------------------------------------------------------------------------------------------

_BYTE_ORDER: Final = "little"  # the PMU is x86 alone
_SYSCALLS: Final = {"x86_64": 298, "i386": 336, "i686": 336}
"""Numbers of perf_event_open (Linux, arch/x86/entry/syscalls)."""
_CLOEXEC: Final = 8  # PERF_FLAG_FD_CLOEXEC
_ATTR_BYTES: Final = 64  # PERF_ATTR_SIZE_VER0: type, size, config, four fields and the flags that all stay 0, two more


class _Kernel:
    """perf_event_open(2): no library has a wrapper of it."""

    def __init__(self) -> None:
        number = _SYSCALLS.get(os.uname().machine)
        if number is None:
            raise SensorUnavailable(f"perf events of energy are read on x86 only, this is {os.uname().machine}")
        import ctypes  # several milliseconds, for machines that have this PMU and no powercap

        self._ctypes = ctypes
        self._syscall = ctypes.CDLL(None, use_errno=True).syscall
        self._syscall.restype = ctypes.c_long
        self._number = number

    def open(self, kind: int, config: int, cpu: int) -> int:
        ctypes = self._ctypes
        head = kind.to_bytes(4, _BYTE_ORDER) + _ATTR_BYTES.to_bytes(4, _BYTE_ORDER) + config.to_bytes(8, _BYTE_ORDER)
        attributes = ctypes.create_string_buffer(head, _ATTR_BYTES)
        every_process, no_group = -1, -1
        descriptor = int(
            self._syscall(
                ctypes.c_long(self._number),
                attributes,
                ctypes.c_int(every_process),
                ctypes.c_int(cpu),
                ctypes.c_int(no_group),
                ctypes.c_ulong(_CLOEXEC),
            )
        )
        if descriptor < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return descriptor

    def read(self, descriptor: int) -> bytes:
        return os.read(descriptor, _VALUE_BYTES)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)


# -- what a user can do -------------------------------------------------------------------------------------------

_DENIED_REMEDY: Final = (
    "sudo sysctl kernel.perf_event_paranoid=0  until the next boot; for good, put  kernel.perf_event_paranoid=0  into "
    "/etc/sysctl.d/70-perf.conf, or give the program CAP_PERFMON (before Linux 5.8 CAP_SYS_ADMIN); in a container:  "
    "docker run --cap-add PERFMON . Counters of the whole system can leak secrets to other users of this machine"
)
_ABSENT_REMEDY: Final = (
    "virtual machines have no such counter; on bare metal  sudo modprobe rapl  loads it (kernel option "
    "CONFIG_PERF_EVENTS_INTEL_RAPL, for AMD since Zen too)"
)
