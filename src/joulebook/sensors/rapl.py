"""Energy counters of processors and memory: RAPL, through the kernel's powercap tree.

Packages and DRAM are counted. Cores and uncore are parts of their package, and the platform domain (psys)
contains packages and more: they are shown and never added. What psys covers (the whole board, its supply or
the system-on-chip alone) differs from machine to machine, so it stands in only where no package can be read.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from joulebook.errors import SensorDenied, SensorUnavailable
from joulebook.sensors.base import DENIED, MACHINE, Channel, Clock, Reading, Skipped, boottime_ns

ROOT: Final = "/sys/class/powercap"
_PREFIXES: Final = ("intel-rapl", "intel-rapl-mmio")  # AMD's zones have Intel's names
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_UPDATE_NS: Final = 1_000_000  # Intel SDM vol. 3B, MSR_PKG_ENERGY_STATUS: updated every ~1 ms
ZONES_MAX: Final = 256
"""More zones than the largest machines have: each costs the program a descriptor and a read per interval."""
_ATTEMPTS: Final = 10
_NAME_CHARS: Final = 40
_RETRY_NS: Final = 1_000_000_000
_RETRY_DOUBLINGS: Final = 6
_RETRY_MAX_NS: Final = 60_000_000_000


class _Class(NamedTuple):
    """What is known of one class of domains: true = read x factor, the factor within low..high (90 %)."""

    kind: str
    limit_w: float
    low: float
    high: float
    calibration: str
    source: str


_PACKAGE = _Class(
    "cpu",
    2_000.0,
    0.93,
    1.10,
    "rapl.package",
    "90 % range set from: Hackenberg et al. 2015, doi:10.1109/IPDPSW.2015.70 (measured since Haswell); Khan et "
    "al. 2018, doi:10.1145/3177754 (follows the plug); Schöne et al. 2021, arXiv:2108.00808 (AMD Zen 2: modelled)",
)
_DRAM = _Class(
    "dram",
    1_000.0,
    0.80,
    1.30,
    "rapl.dram",
    "90 % range set from: Desrochers et al. 2016, doi:10.1145/2989081.2989088 (right trend with a constant offset, "
    "poor when idle, measured only on servers from Haswell-EP on)",
)
_PSYS = _Class(
    "board",
    5_000.0,
    0.80,
    1.25,
    "rapl.psys",
    "90 % range assumed: what the platform domain covers is set by the maker of the board (Intel SDM vol. 3B)",
)


class Domain(NamedTuple):
    """A part of the machine that has a counter, and where that stands."""

    folder: str
    path: str
    name: str


class _Slot:
    """The descriptor of one counter and when to try again after it failed."""

    __slots__ = ("failures", "fd", "last", "path", "retry_ns", "shown")

    def __init__(self, path: str, fd: int) -> None:
        self.path = path
        self.fd = fd
        self.failures = 0
        self.last = -1
        self.retry_ns = 0
        self.shown: object = None
        """What a reading says while there is no value: None, or DENIED."""


class Rapl:
    """Reads every energy counter of a powercap tree.

    Raises `SensorUnavailable` when the tree has no counter and `SensorDenied` when none of them may be read;
    zones that fail while others work stand in `skipped`.
    """

    def __init__(self, root: str | None = None, clock: Clock = boottime_ns) -> None:
        self._root = root or ROOT
        self._clock = clock
        self._slots: list[_Slot] = []
        self._closed = False
        self.skipped: list[Skipped] = []
        zones = _discover(self._root, self.skipped)
        opened = self._open_all(zones)
        self.channels: Sequence[Channel] = tuple(_describe([zone for zone, _ in opened], zones))
        self._slots = [slot for _, slot in opened]
        if not self._slots:
            raise self._nothing()

    def _open_all(self, zones: list[Domain]) -> list[tuple[Domain, _Slot]]:
        opened = []
        for zone in zones:
            path = f"{zone.path}/energy_uj"
            try:
                fd = os.open(path, _FLAGS)
            except OSError as error:
                self.skipped.append(_skip(zone, error, self._root))
                continue
            try:
                problem = _first_reading(fd)
            except OSError as error:
                os.close(fd)
                self.skipped.append(_skip(zone, error, self._root))
                continue
            if problem:
                os.close(fd)
                self.skipped.append(Skipped(f"{zone.folder} ({zone.name})", problem, ""))
                continue
            opened.append((zone, _Slot(path, fd)))
        return opened

    def _nothing(self) -> SensorUnavailable | SensorDenied:
        denied = next((zone for zone in self.skipped if zone.remedy), None)
        if denied is not None:
            return SensorDenied(f"{denied.zone}: {denied.reason}", denied.remedy)
        if self.skipped:
            reasons = "; ".join(f"{zone.zone}: {zone.reason}" for zone in self.skipped[:3])
            return SensorUnavailable(f"no counter in {self._root} can be read: {reasons}", _absent_remedy())
        return SensorUnavailable(f"{self._root} has no RAPL zone", _absent_remedy())

    def read(self) -> Sequence[Reading]:
        """All counters in microjoules; None for one that cannot be read now, its text where it is no number."""
        if self._closed:
            raise SensorUnavailable("this RAPL sensor was closed")
        clock, pread, readings = self._clock, os.pread, []
        for index, slot in enumerate(self._slots):
            raw = slot.shown
            if slot.fd >= 0 or self._reopen(slot):
                try:
                    data = pread(slot.fd, 32, 0)
                except OSError as error:
                    raw = self._lose(slot, error)
                else:
                    slot.failures = 0
                    try:
                        raw = int(data)
                        if raw == slot.last and os.fstat(slot.fd).st_nlink == 0:  # the file was replaced by another
                            os.close(slot.fd)
                            slot.fd = -1
                        slot.last = raw
                    except ValueError:
                        raw = data.decode("ascii", "replace").strip()
            readings.append(Reading(index, clock(), raw))
        return readings

    def _reopen(self, slot: _Slot) -> bool:
        if self._clock() < slot.retry_ns:
            return False
        try:
            slot.fd = os.open(slot.path, _FLAGS)
        except OSError as error:
            self._lose(slot, error)
            return False
        return True

    def _lose(self, slot: _Slot, error: OSError) -> object:
        """Close what failed, to try again after 1, 2, 4 ... 60 s; returns what a reading says meanwhile."""
        if slot.fd >= 0:
            os.close(slot.fd)
            slot.fd = -1
        pause = min(_RETRY_MAX_NS, _RETRY_NS << min(slot.failures, _RETRY_DOUBLINGS))
        slot.failures += 1
        slot.retry_ns = self._clock() + pause
        slot.shown = DENIED if isinstance(error, PermissionError) else None
        return slot.shown

    def close(self) -> None:
        """Close all descriptors; a second call does nothing."""
        self._closed = True
        for slot in self._slots:
            if slot.fd >= 0:
                os.close(slot.fd)
                slot.fd = -1


def _is_zone(folder: str) -> bool:
    prefix, *numbers = folder.split(":")
    return prefix in _PREFIXES and all(number.isdigit() for number in numbers)


def _first_reading(fd: int) -> str:
    """What is wrong with a counter from the beginning; "" when it shows a number. Raises OSError."""
    for attempt in range(_ATTEMPTS):  # whoever writes the file may just have emptied it
        data = os.pread(fd, 32, 0).strip()
        if data.isdigit():
            return ""
        if data:
            break
        time.sleep(0.001 if attempt else 0)
    return f"it shows {data[:16].decode('ascii', 'backslashreplace')!r} instead of a number"


def _walk(path: str, depth: int, above: str = "") -> Iterator[tuple[str, str]]:
    """Folders of zones (name, path) below `path`; sysfs links every zone into one flat folder as well.

    A zone is named after the one that it is part of: whatever else a link may lead to is not followed.
    """
    try:
        with os.scandir(path) as entries:
            found = sorted(entry.name for entry in entries if entry.name.startswith(above) and _is_zone(entry.name))
    except OSError:
        return
    for name in found:
        yield name, f"{path}/{name}"
        if depth:
            yield from _walk(f"{path}/{name}", depth - 1, f"{name}:")


def _discover(root: str, skipped: list[Skipped]) -> list[Domain]:
    """Every zone of the tree once, parents before children; a zone without a name is skipped."""
    zones: dict[str, Domain] = {}
    for folder, path in _walk(root, 3):
        if ":" not in folder or folder in zones:
            continue
        if len(zones) == ZONES_MAX:
            skipped.append(Skipped("the rest", f"there are more than {ZONES_MAX} zones", ""))
            break
        name = "".join(char for char in _text(f"{path}/name") if char.isprintable())[:_NAME_CHARS]
        if name:
            zones[folder] = Domain(folder, path, name)
        else:
            skipped.append(Skipped(folder, "its name cannot be read (hidden in this container?)", ""))
    found = [zones[folder] for folder in sorted(zones, key=_order)]
    # The memory-mapped interface shows counters of package 0 a second time.
    seen = {_full_name(zone, zones) for zone in found if not zone.folder.startswith("intel-rapl-mmio")}
    return [z for z in found if not z.folder.startswith("intel-rapl-mmio") or _full_name(z, zones) not in seen]


def _order(folder: str) -> tuple[str, list[int]]:
    prefix, *numbers = folder.split(":")
    return prefix, [int(number) for number in numbers]


def _full_name(zone: Domain, zones: dict[str, Domain]) -> str:
    parent = zones.get(zone.folder.rpartition(":")[0])
    return f"{_full_name(parent, zones)}/{zone.name}" if parent else zone.name


def _describe(opened: list[Domain], known: list[Domain]) -> Iterator[Channel]:
    """The channel of each opened zone; names stay unique whatever the tree says."""
    by_folder = {zone.folder: zone for zone in known}
    packages = any(zone.name.startswith("package") for zone in opened)
    used: set[str] = set()
    for zone in opened:
        parent = by_folder.get(zone.folder.rpartition(":")[0])
        name = _full_name(zone, by_folder)
        if name in used:
            name = f"{name} ({zone.folder})"
        used.add(name)
        yield channel_of(zone, name, parent, packages=packages, wrap_uj=_wrap(zone.path))


def channel_of(zone: Domain, name: str, parent: Domain | None, *, packages: bool, wrap_uj: int) -> Channel:
    """What the counter of a domain means, whichever way it is read: one domain is one device."""
    what, device, within = _PACKAGE, _package_device(zone.name), ""
    socket = _package_device(parent.name) if parent else ""
    if zone.name == "dram":
        what, device = _DRAM, socket.replace("cpu", "dram", 1) or f"dram-{zone.folder}"
    elif zone.name.startswith("psys"):
        what, device, within = _PSYS, zone.name, MACHINE if packages else ""
    elif parent is not None:
        device, within = f"{socket}/{zone.name}", socket
    elif not zone.name.startswith("package"):
        device, within = zone.name, MACHINE  # a domain nobody knows is shown, never added
    return Channel(
        name=name,
        device=device,
        kind=what.kind,
        method=f"RAPL counter {zone.name}",
        wrap_uj=wrap_uj,
        period_ns=_UPDATE_NS,
        limit_w=what.limit_w,
        within=within,
        low=what.low,
        high=what.high,
        calibration=what.calibration,
        source=what.source,
    )


def _package_device(name: str) -> str:
    """The device of a package: that of "package-0-die-1" is "cpu-0-die-1"."""
    return f"cpu{name.removeprefix('package')}" if name.startswith("package") else name


def _wrap(path: str) -> int:
    text = _text(f"{path}/max_energy_range_uj")
    return int(text) if text.isascii() and text.isdigit() else 0


def _text(path: str) -> str:
    try:
        fd = os.open(path, _FLAGS)
    except OSError:
        return ""
    try:
        return os.read(fd, 64).decode("ascii", "replace").strip()
    except OSError:
        return ""
    finally:
        os.close(fd)


def _skip(zone: Domain, error: OSError, root: str) -> Skipped:
    remedy = _denied_remedy(root) if isinstance(error, PermissionError) else ""
    return Skipped(f"{zone.folder} ({zone.name})", error.strerror or str(error), remedy)


def _denied_remedy(root: str) -> str:
    return (
        "joulebook doctor --fix  prints a script that lets a group read them for good, and checks; for everybody until "
        f"the next boot:  sudo chmod a+r {root}/intel-rapl:*/energy_uj . Only root may read since CVE-2020-8694: the "
        "counters can leak secrets to other users of this machine"
    )


def _absent_remedy() -> str:
    return (
        "virtual machines rarely have RAPL; on bare metal load it with  sudo modprobe intel_rapl_msr ; in a container "
        "the runtime hides it: mount that of the host,  -v /sys/devices/virtual/powercap:/powercap , and set "
        "JOULEBOOK_POWERCAP_ROOT=/powercap"
    )
