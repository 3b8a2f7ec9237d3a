"""Power of boards through hwmon: the rails of NVIDIA Jetson modules (INA3221) and the sockets of AMD (amd_energy).

Many chips of hwmon show a power, and few say of what: only drivers and rails whose scope is known are booked, all
others are named with the reason. The input of a module contains its rails, which are shown and never added. A socket
that RAPL reads already is left to RAPL: it is the same counter. The bus of a chip is slow and may hang: `detached`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from joulebook.errors import SensorDenied, SensorUnavailable
from joulebook.sensors.attributes import Attributes, Meaning, is_number, number
from joulebook.sensors.base import MACHINE, POWER, Channel, Clock, Reading, Skipped, boottime_ns
from joulebook.sensors.host import HWMON, beginning
from joulebook.sensors.rapl import Domain, channel_of

RAILS: Final = "ina3221"
SOCKETS: Final = ("amd_energy", "zenergy")
"""Drivers of AMD's counters: the kernel's (until 5.12, now AMD's own) and its successor outside the kernel."""
DRIVERS: Final = (RAILS, *SOCKETS)
"""Drivers whose channels are booked."""
_CHANNELS: Final = (1, 2, 3)  # of an INA3221; in4 to in7 are its shunts and their sum
_SOCKETS_MAX: Final = 64
_LIMIT_W: Final = 300.0
_LOW, _HIGH = 0.95, 1.05
_SOURCE: Final = (
    "90 % range set from: Texas Instruments SBOS576B (INA3221: gain error at most 0.25 %, offset at most 80 uV); the "
    "width for resistors of the board and small currents is a judgement"
)


class _Rail(NamedTuple):
    """What one rail feeds, and the rail that contains it where that is there."""

    kind: str
    feeds: str
    inputs: tuple[str, ...] = ("VDD_IN", "POM_5V_IN")
    counted: bool = True
    """Whether it is added where none of its inputs is metered."""


_KNOWN: Final = {
    "VDD_IN": _Rail("board", "the input of the module, without its carrier board", ()),
    "POM_5V_IN": _Rail("board", "the input of the module, without its carrier board", ()),
    "VDD_CPU_GPU_CV": _Rail("cpu", "CPU, GPU and vision accelerators"),
    "VDD_SOC": _Rail("ram", "memory controller, video and the rest of the chip"),
    "VDD_GPU_SOC": _Rail("gpu", "GPU and the rest of the chip"),
    "VDD_CPU_CV": _Rail("cpu", "CPU and vision accelerators"),
    "VIN_SYS_5V0": _Rail("ram", "memory, storage and ports (5 V)"),
    "VDDQ_VDD2_1V8AO": _Rail("ram", "memory", ("VDD_IN", "VIN_SYS_5V0"), counted=False),
    "POM_5V_GPU": _Rail("gpu", "GPU"),
    "POM_5V_CPU": _Rail("cpu", "CPU"),
}
"""Rails by the labels of NVIDIA's Jetson Linux Developer Guide: Orin Nano and NX, Xavier NX; AGX Orin; Nano.

Whether VIN_SYS_5V0 feeds VDDQ_VDD2_1V8AO is not said there: without an input above both it is shown and not added.
"""


class _Found(NamedTuple):
    """One channel of a chip, before it is opened."""

    label: str
    paths: tuple[str, ...]
    meaning: Meaning


class Hwmon:
    """Reads the known channels of hwmon; `taken` are devices that another sensor counts already.

    Raises `SensorUnavailable` where nothing is known, or nothing is left, and `SensorDenied` with the remedy where
    nothing may be read. What is left out stands in `skipped`.
    """

    may_block = True

    def __init__(self, root: str = "/", taken: Collection[str] = (), clock: Clock = boottime_ns) -> None:
        self._root = root.rstrip("/")
        self._clock = clock
        self._closed = False
        self._open: list[Attributes] = []
        self.skipped: list[Skipped] = []
        channels: list[Channel] = []
        rails = {one.label: opened for one in self._rails() if (opened := self._opened(one)) is not None}
        for label, opened in rails.items():
            self._open.append(opened)
            channels.append(_rail(label, rails))
        for domain, one in self._sockets(taken):
            opened_socket = self._opened(one)
            if opened_socket is not None:
                self._open.append(opened_socket)
                channels.append(channel_of(domain, domain.name, None, packages=True, wrap_uj=0))
        self.channels: Sequence[Channel] = tuple(channels)
        if all(channel.within for channel in channels):
            self.close()
            raise self._nothing()

    def read(self) -> Sequence[Reading]:
        """Energy in microjoules or power in microwatts of each channel; None for one that cannot be read now."""
        if self._closed:
            raise SensorUnavailable("this sensor of hwmon was closed")
        clock, readings = self._clock, []
        for index, one in enumerate(self._open):
            before = clock()
            raw = one.value(before)
            readings.append(Reading(index, (before + clock()) // 2, raw))  # the bus may take a millisecond
        return readings

    def close(self) -> None:
        """Close all files; a second call does nothing."""
        self._closed = True
        for one in self._open:
            one.close()

    # -- opening ------------------------------------------------------------------------------------------

    def _chips(self, *drivers: str) -> Iterator[str]:
        folder = f"{self._root}/{HWMON}"
        try:
            found = sorted(os.listdir(folder), key=lambda name: (len(name), name))  # noqa: PTH208 - no pathlib here
        except OSError:
            return
        for name in found:
            if beginning(f"{folder}/{name}/name", 64).strip() in drivers:
                yield f"{folder}/{name}"

    def _rails(self) -> Iterator[_Found]:
        seen: set[str] = set()
        for chip in self._chips(RAILS):
            for index in _CHANNELS:
                label = beginning(f"{chip}/in{index}_label", 64).strip()
                if label not in _KNOWN:
                    if label not in ("", "NC"):
                        shown = "".join(char for char in label if char.isprintable())
                        self.skipped.append(Skipped(f"{RAILS} {shown}", "what this rail feeds is not known", ""))
                elif label in seen:
                    self.skipped.append(Skipped(f"{RAILS} {label}", "another chip has a rail of this name", ""))
                else:
                    seen.add(label)
                    yield _Found(label, (f"{chip}/in{index}_input", f"{chip}/curr{index}_input"), _microwatts)

    def _sockets(self, taken: Collection[str]) -> Iterator[tuple[Domain, _Found]]:
        for chip in self._chips(*SOCKETS):
            driver = beginning(f"{chip}/name", 64).strip()
            sockets = list(_labels(chip))
            for index, number_of_socket in sockets:
                device = f"cpu-{number_of_socket}"
                name = f"{driver} Esocket{number_of_socket}"
                if device in taken:
                    self.skipped.append(Skipped(name, "RAPL reads the same counter", ""))
                    continue
                domain = Domain("", "", f"package-{number_of_socket}")
                yield domain, _Found(name, (f"{chip}/energy{index}_input",), number)
            if sockets:
                self.skipped.append(Skipped(f"{driver} cores", "each is part of its socket", ""))

    def _opened(self, found: _Found) -> Attributes | None:
        """The files of a channel; None, with the reason kept, where they cannot be read."""
        try:
            opened = Attributes(found.paths, found.meaning)
        except OSError as error:
            self._skip(found, error)
            return None
        try:
            texts = opened.texts()
        except OSError as error:
            opened.close()
            self._skip(found, error)
            return None
        if not all(map(is_number, texts)):
            opened.close()
            self.skipped.append(Skipped(found.label, "it shows no number", ""))
            return None
        return opened

    def _skip(self, found: _Found, error: OSError) -> None:
        remedy = ""
        if isinstance(error, PermissionError):
            files = " ".join(found.paths)
            remedy = (
                f"sudo chmod a+r {files}  until the next boot: the counters can leak secrets to other users of this "
                "machine (CVE-2020-12912)"
            )
        self.skipped.append(Skipped(found.label, error.strerror or str(error), remedy))

    def _nothing(self) -> SensorUnavailable | SensorDenied:
        denied = next((one for one in self.skipped if one.remedy), None)
        if denied is not None:
            return SensorDenied(f"{denied.zone}: {denied.reason}", denied.remedy)
        reasons = "; ".join(f"{one.zone}: {one.reason}" for one in self.skipped[:3])
        return SensorUnavailable(f"no chip of hwmon has a power to book{f': {reasons}' if reasons else ''}")


def _labels(chip: str) -> Iterator[tuple[int, int]]:
    """The number of each energy file of a socket, and of its socket; cores come after them or before."""
    try:
        names = os.listdir(chip)  # noqa: PTH208 - no pathlib here
    except OSError:
        return
    found: list[tuple[int, int]] = []
    for name in names:
        index = name.removeprefix("energy").removesuffix("_label")
        if name.startswith("energy") and name.endswith("_label") and index.isdigit():
            socket = beginning(f"{chip}/{name}", 64).strip().removeprefix("Esocket")
            if socket.isascii() and socket.isdigit():
                found.append((int(socket), int(index)))
    for socket_number, file_number in sorted(found)[:_SOCKETS_MAX]:
        yield file_number, socket_number


def _rail(label: str, there: Collection[str]) -> Channel:
    """The channel of a rail beside those that are there."""
    rail = _KNOWN[label]
    above = next((name for name in rail.inputs if name in there), "")
    return Channel(
        name=label,
        device=label,
        kind=rail.kind,
        form=POWER,
        method=f"INA3221 voltage times current of {label}: {rail.feeds}; read at random instants",
        limit_w=_LIMIT_W,
        within=above or ("" if rail.counted else MACHINE),
        low=_LOW,
        high=_HIGH,
        calibration=f"hwmon.{RAILS}",
        source=_SOURCE,
    )


def _microwatts(texts: Sequence[str]) -> object:
    """Millivolts times milliamperes; a current that flows back reads as it is."""
    volts, amperes = texts
    return int(volts) * int(amperes) if is_number(volts) and is_number(amperes) else f"{volts} mV x {amperes} mA"
