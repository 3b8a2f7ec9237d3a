"""AMD GPUs, through AMD SMI: the energy accumulator of each package, or its socket power where that cannot be trusted.

A GPU is known by its uuid or its place on the bus, never by its index. What the program cannot see
(ROCR_VISIBLE_DEVICES, HIP_VISIBLE_DEVICES) is not read. Partitions of one package are counted once. The driver may
hang: `detached` reads this sensor in a thread of its own and leaves out the package that it hangs in.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, Final

from joulebook.errors import SensorDenied, SensorError, SensorUnavailable
from joulebook.sensors.base import COUNTER, DENIED, POWER, Channel, Clock, Reading, Skipped, boottime_ns
from joulebook.sensors.cuda_visible import Board
from joulebook.sensors.rocm_visible import RocmVisible, hidden_by

_RETRY_NS: Final = 1_000_000_000
_RETRY_DOUBLINGS: Final = 6
_RETRY_MAX_NS: Final = 60_000_000_000
_CHECK_S: Final = 0.05
"""Between two looks at every accumulator when it is opened: it has to move as the power says."""
_AGREES: Final = (0.2, 5.0)
"""Accumulator over power, wide enough for a load that jumps: wrong units are off by hundreds (judgement)."""
_POWERS: Final = ("current_socket_power", "socket_power", "average_socket_power")
_NO_PERMISSION: Final = 10  # AMDSMI_STATUS_NO_PERM
_LIMIT_W: Final = 3_000.0
_LOW, _HIGH = 0.90, 1.10
_SOURCE: Final = (
    "90 % range: a judgement; the accumulator follows sensors outside the chip on MI250X and MI300A: McDaniel et al. "
    "2026, arXiv:2604.06056"
)
_DISCRETE: Final = re.compile(r"\bMI\d|\bINSTINCT\b|\bRX\b|\bPRO [WVR]|\bVII\b")
_ACCELERATORS: Final = ("gfx906", "gfx908", "gfx90a", "gfx94", "gfx950")
_DENIED_REMEDY: Final = "sudo usermod -aG render,video $USER  and log in anew: /dev/kfd and /dev/dri belong to them"
_LOOK: Final = "see what  amd-smi metric -pE  says"


class _Package:
    """One package that is read: how, and when to try again after it failed."""

    __slots__ = ("board", "counted", "failures", "handle", "left_out", "place", "problem", "retry_ns", "shown")

    def __init__(self, board: Board, place: str, handle: object) -> None:
        self.board = board
        self.place = place
        self.handle = handle
        self.counted = False
        """Whether its accumulator is read, and not its power."""
        self.failures = self.left_out = 0
        self.retry_ns = 0
        self.shown: object = None
        """What a reading says while there is no value: None, or DENIED."""
        self.problem: Exception | None = None
        """What stood against looking at it first."""


class AmdGpu:
    """Reads the GPUs that a program with these variables sees; `library` stands in for the module amdsmi.

    Raises `SensorUnavailable` or `SensorDenied` with the remedy when there is none; GPUs that are left out stand in
    `skipped`. `notes` holds a line when a GPU is lost and when it is back.
    """

    may_block = True

    def __init__(
        self,
        visible: RocmVisible | None = None,
        clock: Clock = boottime_ns,
        library: Any = None,  # noqa: ANN401 - a module
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._smi = library or _library()
        self._closed = False
        self._turn = 0
        self._at: _Package | None = None
        self.skipped: list[Skipped] = []
        self.notes: list[str] = []
        try:
            self._smi.amdsmi_init()
        except self._smi.AmdSmiException as error:
            raise _failed(error) from error
        try:
            self._packages = self._open(visible or RocmVisible(), wait)
        except self._smi.AmdSmiException as error:
            self.close()
            raise _failed(error) from error
        except SensorError:
            self.close()
            raise
        self.channels: Sequence[Channel] = tuple(self._describe(package) for package in self._packages)

    # -- reading ------------------------------------------------------------------------------------------

    def read(self) -> Sequence[Reading]:
        """Energy in microjoules or power in microwatts of each GPU; None for one that cannot be read now."""
        if self._closed:
            raise SensorUnavailable("this sensor of AMD SMI was closed")
        turn, clock = self._turn, self._clock
        readings: list[Reading] = []
        for index, package in enumerate(self._packages):
            raw, before = package.shown, clock()
            if not package.left_out and before >= package.retry_ns:
                self._at = package
                raw = self._value(package, before)
                if turn != self._turn:  # given up meanwhile: another thread reads now, and may read this one again
                    self._come_back(turn)
                    return ()
            readings.append(Reading(index, (before + clock()) // 2, raw))
        self._at = None
        return readings

    def _value(self, package: _Package, now: int) -> object:
        try:
            if package.retry_ns:
                package.handle = self._found_again(package)
            value = self._energy(package.handle) if package.counted else self._power(package.handle)
        except self._smi.AmdSmiException as error:
            return self._lose(package, error, now)
        if package.retry_ns:
            self.notes.append(f"{_who(package)} is read again")
            package.retry_ns = package.failures = 0
        return value

    def _found_again(self, package: _Package) -> object:
        """The handle of a GPU that was lost: after a reset the old one may be void."""
        for handle in self._smi.amdsmi_get_processor_handles():
            if self._smi.amdsmi_get_gpu_device_bdf(handle) == package.place:
                return handle
        return package.handle

    def _lose(self, package: _Package, error: Exception, now: int) -> object:
        """Leave a GPU that failed alone, for 1, 2, 4 ... 60 s; returns what a reading says meanwhile."""
        if not package.failures:
            self.notes.append(f"{_who(package)}: {_said(error)}; it is tried again")
        package.retry_ns = now + min(_RETRY_MAX_NS, _RETRY_NS << min(package.failures, _RETRY_DOUBLINGS))
        package.failures += 1
        package.shown = DENIED if getattr(error, "err_code", None) == _NO_PERMISSION else None
        return package.shown

    def leave_out(self) -> None:
        """Go on without the GPU whose call hangs, from now on in another thread; it is read again if it returns."""
        self._turn += 1
        package = self._at
        if package is not None:
            package.shown = None
            package.left_out = self._turn

    def _come_back(self, turn: int) -> None:
        for package in self._packages:
            if package.left_out == turn + 1:
                package.left_out = 0

    def close(self) -> None:
        """Tell the library that it is not needed any more; a second call does nothing."""
        if not self._closed:
            self._closed = True
            with suppress(self._smi.AmdSmiException):
                self._smi.amdsmi_shut_down()

    def _energy(self, handle: object) -> int:
        count = self._smi.amdsmi_get_energy_count(handle)
        ticks = count["energy_accumulator"] if "energy_accumulator" in count else count["power"]  # before ROCm 6.4
        return round(int(ticks) * float(count["counter_resolution"]))

    def _power(self, handle: object) -> object:
        """Microwatts, from the first field that has a number: which one that is differs between GPUs."""
        info = self._smi.amdsmi_get_power_info(handle)
        watts = next((info[name] for name in _POWERS if type(info.get(name)) is int), None)
        return None if watts is None else watts * 1_000_000

    # -- opening ------------------------------------------------------------------------------------------

    def _open(self, visible: RocmVisible, wait: Callable[[float], None]) -> list[_Package]:
        found = list(self._found())
        hidden = hidden_by([package.board for package in found], visible)
        by_place: dict[str, list[int]] = {}
        for index, package in enumerate(found):
            by_place.setdefault(package.place.rpartition(".")[0], []).append(index)
        usable: list[_Package] = []
        for indices in by_place.values():
            package = found[indices[0]]
            if all(index in hidden for index in indices):
                self.skipped.append(Skipped(_who(package), f"{hidden[indices[0]]} hides it", ""))
            elif self._is_integrated(package):
                reason = "it may be a part of the processor, whose package has its energy"
                self.skipped.append(Skipped(_who(package), reason, ""))
            else:
                usable.append(package)
        packages = self._checked(usable, wait)
        if not packages:
            raise self._nothing(len(found))
        return packages

    def _found(self) -> Iterator[_Package]:
        """Every GPU, in the order in which ROCm numbers them."""
        smi = self._smi
        ordered = []
        for number, handle in enumerate(smi.amdsmi_get_processor_handles()):
            try:
                place = smi.amdsmi_get_gpu_device_bdf(handle)
                name = smi.amdsmi_get_gpu_asic_info(handle).get("market_name", "")
            except smi.AmdSmiException as error:
                self.skipped.append(Skipped(f"GPU {number}", _said(error), _remedy(error)))
                continue
            order, uuid = self._enumerated(handle, number)
            package = _Package(Board(uuid, _text(name) or "AMD GPU"), place, handle)
            ordered.append((order, number, package))
        for _, _, package in sorted(ordered, key=lambda one: one[:2]):
            yield package

    def _enumerated(self, handle: object, number: int) -> tuple[int, str]:
        """The number and the uuid by which HIP knows a GPU; its place in the list and "" before ROCm 6.4."""
        with suppress(self._smi.AmdSmiException, AttributeError):
            info = self._smi.amdsmi_get_gpu_enumeration_info(handle)
            order = info.get("hip_id")
            return order if type(order) is int else number, _text(info.get("hip_uuid") or "")
        return number, ""

    def _is_integrated(self, package: _Package) -> bool:
        """Whether it may be the graphics of a processor: names are no promise, so what looks discrete is counted."""
        if _DISCRETE.search(package.board.name.upper()):
            return False
        with suppress(self._smi.AmdSmiException):
            version = str(self._smi.amdsmi_get_gpu_asic_info(package.handle).get("target_graphics_version", ""))
            return not version.startswith(_ACCELERATORS)
        return True

    def _checked(self, packages: Sequence[_Package], wait: Callable[[float], None]) -> list[_Package]:
        """Those that show anything; an accumulator is read where it moves as the power says."""
        first = [self._look(package) for package in packages]
        if any(energy is not None for _, energy, _ in first):
            wait(_CHECK_S)
        kept = []
        for package, (at, energy, power) in zip(packages, first, strict=True):
            now, later, _ = self._look(package, power=False)
            if energy is not None and later is not None:
                package.counted = self._agrees(package, later - energy, now - at, power)
            if package.counted or power:
                kept.append(package)
            else:
                self._leave(package, power)
        return kept

    def _agrees(self, package: _Package, moved_uj: int, passed_ns: int, power_uw: int | None) -> bool:
        """Whether an accumulator moves as the power says; where there is no power, whether it moves at all."""
        if not power_uw or passed_ns <= 0:
            return moved_uj > 0
        ratio = moved_uj / (power_uw * passed_ns / 1e9)
        agrees = _AGREES[0] <= ratio <= _AGREES[1]
        if not agrees:
            reason = f"it moves {ratio:.2g} times as much as its power says: the power is read (ROCm/amdsmi#38)"
            self.skipped.append(Skipped(f"the accumulator of {_who(package)}", reason, ""))
        return agrees

    def _leave(self, package: _Package, power: int | None) -> None:
        """Say why a GPU that shows nothing is left out."""
        if "MI250" in package.board.name.upper() and power == 0:
            reason = "it is the second die of a package: the first one shows the energy of both"
            self.skipped.append(Skipped(_who(package), reason, ""))
            return
        why = f" ({_said(package.problem)})" if package.problem else ""
        reason = f"it shows neither energy nor power{why}: what it uses is unknown"
        self.skipped.append(Skipped(_who(package), reason, _remedy(package.problem)))
        self.notes.append(f"{_who(package)}: {reason} and not included")

    def _look(self, package: _Package, *, power: bool = True) -> tuple[int, int | None, int | None]:
        """The time, energy and power of a GPU; None for what it does not show."""
        energy = watts = None
        try:
            energy = self._energy(package.handle)
        except self._smi.AmdSmiException as error:
            package.problem = error
        at = self._clock()
        if power:
            try:
                shown_power = self._power(package.handle)
                watts = shown_power if type(shown_power) is int else None
            except self._smi.AmdSmiException as error:
                package.problem = error
        return at, energy, watts

    def _describe(self, package: _Package) -> Channel:
        name = package.board.name.upper()
        apu, dual = "MI300A" in name, "MI250" in name
        scope = " of the socket: GPU, CPU and memory" if apu else " of both dies of its package" if dual else ""
        method = (
            f"AMD SMI energy accumulator{scope}"
            if package.counted
            else f"AMD SMI socket power{scope}, read at random instants"
        )
        return Channel(
            name=_who(package),
            device=self._device(package),
            kind="board" if apu else "gpu",
            form=COUNTER if package.counted else POWER,
            method=method,
            limit_w=_LIMIT_W,
            low=_LOW,
            high=_HIGH,
            calibration="amdgpu.counter" if package.counted else "amdgpu.power",
            source=_SOURCE,
        )

    def _device(self, package: _Package) -> str:
        """Its uuid; its place on the bus where it has none of its own."""
        with suppress(self._smi.AmdSmiException):
            uuid = _text(self._smi.amdsmi_get_gpu_device_uuid(package.handle))
            others = [one for one in self._packages if one is not package]
            if uuid and all(self._smi.amdsmi_get_gpu_device_uuid(one.handle) != uuid for one in others):
                return uuid
        return f"amdgpu-{package.place}"

    def _nothing(self, count: int) -> SensorError:
        if not count and not self.skipped:
            return SensorUnavailable("the driver shows no GPU", "see what  amd-smi list  lists")
        hidden = [one for one in self.skipped if "hides it" in one.reason]
        reasons = "; ".join(f"{one.zone}: {one.reason}" for one in self.skipped[:3])
        if len(hidden) == len(self.skipped):
            return SensorUnavailable(reasons, "unset it, or name a GPU")
        if all("part of the processor" in one.reason or one in hidden for one in self.skipped):
            return SensorUnavailable(reasons)
        denied = any(one.remedy == _DENIED_REMEDY for one in self.skipped)
        return SensorDenied(reasons, _DENIED_REMEDY) if denied else SensorError(reasons, _LOOK)


def _who(package: _Package) -> str:
    return f"{package.board.name} {package.place}"


def _text(value: object) -> str:
    return "".join(char for char in value if char.isprintable()) if isinstance(value, str) else ""


def _said(error: Exception) -> str:
    """An error of AMD SMI in one line."""
    return " ".join(str(getattr(error, "err_info", "") or error).split())


def _remedy(error: Exception | None) -> str:
    return _DENIED_REMEDY if getattr(error, "err_code", None) == _NO_PERMISSION else _LOOK


def _failed(error: Exception) -> SensorError:
    denied = getattr(error, "err_code", None) == _NO_PERMISSION
    return (SensorDenied if denied else SensorError)(_said(error), _remedy(error))


def _library() -> Any:  # noqa: ANN401 - a module
    """The binding; looked for with its library first, for without one it prints to the output of the program."""
    from ctypes import CDLL
    from importlib.util import find_spec

    spec = find_spec("amdsmi")
    if spec is None:
        remedy = "pip install amdsmi  of the version of your ROCm (cat /opt/rocm/.info/version)"
        raise SensorUnavailable("the Python binding of AMD SMI is not installed", remedy)
    folders = [os.environ.get("ROCM_HOME", ""), os.environ.get("ROCM_PATH", ""), "/opt/rocm"]
    files = [f"{folder}/lib/libamd_smi.so" for folder in folders if folder]
    files += [f"{folder}/libamd_smi.so" for folder in spec.submodule_search_locations or ()]
    if not any(os.access(file, os.R_OK) for file in files):
        try:
            CDLL("libamd_smi.so")
        except OSError as error:
            remedy = "install amd-smi-lib of your ROCm, or set ROCM_PATH to where it is"
            raise SensorUnavailable("libamd_smi.so is not there", remedy) from error
    try:
        return import_module("amdsmi")
    except (ImportError, KeyError, OSError, AttributeError) as error:  # KeyError is its way to say: no library
        reason = f"the binding of AMD SMI cannot be loaded ({type(error).__name__}: {error})"
        raise SensorError(reason, "pip install amdsmi  of the version of your ROCm") from error
