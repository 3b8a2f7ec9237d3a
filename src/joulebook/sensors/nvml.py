"""NVIDIA GPUs, through NVML: the cumulative energy counter of each board, or its power where it has none.

A GPU is known by its uuid, never by its index. What the program cannot see (CUDA_VISIBLE_DEVICES) is not read.
The driver may hang: `detached` reads this sensor in a thread of its own and leaves out the board that it hangs in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, Final

from joulebook.errors import SensorDenied, SensorError, SensorUnavailable
from joulebook.sensors.base import DENIED, Channel, Clock, Reading, Skipped, boottime_ns
from joulebook.sensors.cuda_visible import VARIABLE, Board, Slice, Visible, choose, shown
from joulebook.sensors.nvml_channels import (
    AVERAGE,
    COUNTED,
    INSTANT,
    USAGE,
    Seen,
    covers_module,
    describe,
    short,
)
from joulebook.sensors.nvml_uses import Use, Uses

_RETRY_NS: Final = 1_000_000_000
_RETRY_DOUBLINGS: Final = 6
_RETRY_MAX_NS: Final = 60_000_000_000
_SLICES_EVERY_NS: Final = 10_000_000_000
_POWER_INSTANT, _POWER_AVERAGE = 186, 185  # NVML_FI_DEV_POWER_INSTANT and _AVERAGE, unknown to old bindings
_SCOPE_GPU, _SCOPE_MODULE = 0, 1
_MEMBERS: Final = ("dVal", "uiVal", "ulVal", "ullVal", "sllVal", "siVal", "usVal")
"""Where a value of each nvmlValueType_t stands."""
_MILLI: Final = 1_000

Value = Callable[[], int]


class _Source:
    """One board that is read: how, and when to try again after it failed."""

    __slots__ = ("channels", "checked_ns", "failures", "handle", "left_out", "retry_ns", "seen", "shown", "slices")

    def __init__(self, seen: Seen, handle: object, channels: range, slices: Sequence[Slice]) -> None:
        self.seen = seen
        self.handle = handle
        self.channels = channels
        self.slices = slices
        self.failures = self.left_out = 0
        self.retry_ns = self.checked_ns = 0
        self.shown: object = None
        """What a reading says while there is no value: None, or DENIED."""


class Nvml:
    """Reads the GPUs that a program with these variables sees; `library` stands in for the module pynvml.

    Raises `SensorUnavailable` or `SensorDenied` with the remedy when there is none; GPUs that are left out stand
    in `skipped`. `notes` holds a line when a GPU is lost and when it is back.
    """

    may_block = True

    def __init__(
        self,
        visible: Visible | None = None,
        clock: Clock = boottime_ns,
        library: Any = None,  # noqa: ANN401 - a module
        *,
        processes: bool = False,
    ) -> None:
        self._clock = clock
        self._nvml = library or _library()
        self._closed = self._asks_uses = False
        self._turn = 0
        self._at: _Source | None = None
        self.skipped: list[Skipped] = []
        self.notes: list[str] = []
        self.uses: list[Use] = []
        """Who used the GPUs, where `processes` asked for it; whoever reads this takes it away."""
        self._uses = Uses(self._nvml) if processes else None
        try:
            self._nvml.nvmlInit()
        except self._nvml.NVMLError as error:
            raise _no_driver(self._nvml, error) from error
        try:
            self._sources, self.channels = self._open(visible or Visible())
        except self._nvml.NVMLError as error:
            self.close()
            raise _no_driver(self._nvml, error) from error
        except SensorError:
            self.close()
            raise

    # -- reading ------------------------------------------------------------------------------------------

    def read(self) -> Sequence[Reading]:
        """Energy in microjoules or power in microwatts of each GPU; None for one that cannot be read now."""
        if self._closed:
            raise SensorUnavailable("this NVML sensor was closed")
        turn, clock = self._turn, self._clock
        self._asks_uses = self._uses is not None and self._uses.due(clock())
        readings: list[Reading] = []
        for source in self._sources:
            raw, before = source.shown, clock()
            if not source.left_out and (not source.retry_ns or before >= source.retry_ns):
                self._at = source
                raw = self._value(source, before)
                if turn != self._turn:  # given up meanwhile: another thread reads now, and may read this board again
                    self._come_back(turn)
                    return ()
            now = clock()
            at = (before + now) // 2  # the driver may take milliseconds
            readings.extend(Reading(index, at, raw) for index in source.channels)
        self._at = None
        return readings

    def _value(self, source: _Source, now: int) -> object:
        nvml = self._nvml
        try:
            if source.retry_ns:
                source.handle = self._found_again(source)
            if source.slices and now >= source.checked_ns:
                self._check_slices(source, now)
            value = _read(nvml, source.seen.way, source.handle)
        except nvml.NVMLError as error:
            return self._lose(source, error, now)
        if source.retry_ns:
            self.notes.append(f"{_who(source.seen.board)} is read again")
            source.retry_ns = source.failures = 0
        if self._asks_uses and self._uses is not None:
            self._look_at_uses(self._uses, source, now)
        return value

    def _look_at_uses(self, uses: Uses, source: _Source, now: int) -> None:
        device, known = source.seen.board.uuid, dict(uses.why_not)
        use = uses.of(device, source.handle, now)
        if use is not None:
            self.uses.append(use)
        elif device not in known:
            why = uses.why_not[device]
            self.notes.append(f"{_who(source.seen.board)}: not known by process ({why}); runs that see it share alike")

    def _found_again(self, source: _Source) -> object:
        """The handle of a GPU that was lost: after a reset or a reload of the driver the old one is void."""
        nvml = self._nvml
        try:
            return nvml.nvmlDeviceGetHandleByUUID(source.seen.board.uuid)
        except nvml.NVMLError as error:
            if error.value not in (nvml.NVML_ERROR_UNINITIALIZED, nvml.NVML_ERROR_DRIVER_NOT_LOADED):
                raise
        with suppress(nvml.NVMLError):
            nvml.nvmlShutdown()
        nvml.nvmlInit()
        return nvml.nvmlDeviceGetHandleByUUID(source.seen.board.uuid)

    def _check_slices(self, source: _Source, now: int) -> None:
        """Raises NVMLError when a slice is gone: MIG was configured anew, and its part of the board with it."""
        source.checked_ns = now + _SLICES_EVERY_NS
        for part in source.slices:
            self._nvml.nvmlDeviceGetHandleByUUID(part.uuid)

    def _lose(self, source: _Source, error: Exception, now: int) -> object:
        """Leave a GPU that failed alone, for 1, 2, 4 ... 60 s; returns what a reading says meanwhile."""
        if not source.failures:
            self.notes.append(f"{_who(source.seen.board)}: {error}; it is tried again")
        source.retry_ns = now + min(_RETRY_MAX_NS, _RETRY_NS << min(source.failures, _RETRY_DOUBLINGS))
        source.failures += 1
        denied = getattr(error, "value", None) == self._nvml.NVML_ERROR_NO_PERMISSION
        source.shown = DENIED if denied else None
        return source.shown

    def leave_out(self) -> None:
        """Go on without the board whose call hangs, from now on in another thread; it is read again if it returns."""
        self._turn += 1
        source = self._at
        if source is not None:
            source.shown = None
            source.left_out = self._turn

    def _come_back(self, turn: int) -> None:
        for source in self._sources:
            if source.left_out == turn + 1:
                source.left_out = 0

    def close(self) -> None:
        """Tell the library that it is not needed any more; a second call does nothing."""
        if not self._closed:
            self._closed = True
            with suppress(self._nvml.NVMLError):
                self._nvml.nvmlShutdown()

    # -- opening ------------------------------------------------------------------------------------------

    def _open(self, visible: Visible) -> tuple[list[_Source], tuple[Channel, ...]]:
        boards = list(self._boards())
        choice = choose(visible, [board for board, _ in boards])
        if choice.remark:
            self.skipped.append(Skipped("certainty", choice.remark, choice.remedy))
        sources: list[_Source] = []
        channels: list[Channel] = []
        for index, (board, handle) in enumerate(boards):
            if index not in choice.seen:
                self.skipped.append(Skipped(_who(board), f"{VARIABLE}={shown(visible)} hides it", ""))
                continue
            seen = self._look(board, handle)
            if seen is None:
                continue
            parts = [self._sized(part, board, handle) for part in choice.seen[index]]
            channels += [describe(seen, part) for part in parts] or [describe(seen)]
            own = range(len(channels) - max(1, len(parts)), len(channels))
            sources.append(_Source(seen, handle, own, parts))
        if not sources:
            raise self._nothing(len(boards), visible)
        return sources, tuple(channels)

    def _boards(self) -> Iterator[tuple[Board, object]]:
        nvml = self._nvml
        for index in range(nvml.nvmlDeviceGetCount()):
            try:
                handle = nvml.nvmlDeviceGetHandleByIndex(index)
                uuid, name = _text(nvml.nvmlDeviceGetUUID(handle)), _text(nvml.nvmlDeviceGetName(handle))
            except nvml.NVMLError as error:
                self.skipped.append(Skipped(f"GPU {index}", str(error), _remedy(nvml, error)))
                continue
            yield Board(uuid, name, tuple(self._slices(handle))), handle

    def _slices(self, handle: object) -> Iterator[Slice]:
        nvml = self._nvml
        if not self._has_mig(handle):
            return
        for number in range(nvml.nvmlDeviceGetMaxMigDeviceCount(handle)):
            with suppress(nvml.NVMLError):  # a number without a slice
                yield Slice(_text(nvml.nvmlDeviceGetUUID(nvml.nvmlDeviceGetMigDeviceHandleByIndex(handle, number))))

    def _has_mig(self, handle: object) -> bool:
        try:
            return bool(self._nvml.nvmlDeviceGetMigMode(handle)[0])
        except self._nvml.NVMLError:
            return False

    def _sized(self, part: Slice, board: Board, handle: object) -> Slice:
        """The slice with the number of its compute slices and of the board's; 0 of 0 where they are not told."""
        nvml = self._nvml
        try:
            of = nvml.nvmlDeviceGetHandleByUUID(part.uuid)
            parts = int(nvml.nvmlDeviceGetAttributes(of).gpuInstanceSliceCount)
            whole = max(self._profiles(handle), default=0)
        except nvml.NVMLError:
            parts = whole = 0
        if not 0 < parts <= whole:
            self.skipped.append(
                Skipped(short(part.uuid), f"its part of {_who(board)} is not known: all is counted", "")
            )
            return part
        return part._replace(parts=parts, whole=whole)

    def _profiles(self, handle: object) -> Iterator[int]:
        """Compute slices of the largest instances that the board knows: 7, or 4 on the smaller chips."""
        nvml = self._nvml
        for profile in (nvml.NVML_GPU_INSTANCE_PROFILE_7_SLICE, nvml.NVML_GPU_INSTANCE_PROFILE_4_SLICE):
            with suppress(nvml.NVMLError):
                yield int(nvml.nvmlDeviceGetGpuInstanceProfileInfo(handle, profile).sliceCount)

    def _look(self, board: Board, handle: object) -> Seen | None:
        """How a board can be read; None, with the reason in `skipped`, when it cannot."""
        nvml = self._nvml
        module = _works(nvml, lambda: _field(nvml, handle, _POWER_INSTANT, _SCOPE_MODULE)) is None
        # What the counter of other modules covers is not documented: two GPUs that both show the module's energy
        # would count it twice. The power of the GPU alone is certain.
        doubtful = module and not covers_module(board)
        ways = (INSTANT, AVERAGE, USAGE, COUNTED) if doubtful else (COUNTED, INSTANT, AVERAGE, USAGE)
        problem: Exception | None = None
        for way in ways:
            trouble = _works(nvml, lambda way=way: _read(nvml, way, handle), least=1 if way == COUNTED else 0)  # type: ignore[misc]
            if trouble is None:
                return Seen(board, way, self._architecture(handle), self._limit_w(handle), module, bool(board.slices))
            problem = problem or trouble
        why = self._why_nothing(handle, problem)
        self.skipped.append(Skipped(_who(board), why, _remedy(nvml, problem)))
        self.notes.append(f"{_who(board)}: {why} and not included")
        return None

    def _why_nothing(self, handle: object, problem: Exception | None) -> str:
        with suppress(self._nvml.NVMLError):
            if self._nvml.nvmlDeviceGetVirtualizationMode(handle) == self._nvml.NVML_GPU_VIRTUALIZATION_MODE_VGPU:
                return "a virtual GPU shows neither energy nor power: what it uses is unknown"
        return f"it shows neither energy nor power ({problem}): what it uses is unknown"

    def _architecture(self, handle: object) -> int:
        with suppress(self._nvml.NVMLError):
            return int(self._nvml.nvmlDeviceGetArchitecture(handle))
        return 0

    def _limit_w(self, handle: object) -> float:
        with suppress(self._nvml.NVMLError):
            return float(self._nvml.nvmlDeviceGetPowerManagementLimitConstraints(handle)[1]) / _MILLI
        return 0.0

    def _nothing(self, count: int, visible: Visible) -> SensorError:
        if not count and not self.skipped:
            return SensorUnavailable("the driver shows no GPU", "see what  nvidia-smi -L  lists")
        hidden = [one for one in self.skipped if "hides it" in one.reason]
        if len(hidden) == count and visible.devices is not None:
            return SensorUnavailable(
                f"{VARIABLE}={shown(visible)} hides every GPU ({count})", "unset it, or name a GPU"
            )
        reasons = "; ".join(f"{one.zone}: {one.reason}" for one in self.skipped[:3])
        remedy = next((one.remedy for one in self.skipped if one.remedy), "")
        denied = any(one.remedy == _DENIED_REMEDY for one in self.skipped)
        return SensorDenied(reasons, remedy) if denied else SensorError(reasons, remedy)


# -- one call each ----------------------------------------------------------------------------------------------


def _read(nvml: Any, way: str, handle: object) -> int:  # noqa: ANN401 - a module
    if way == COUNTED:
        return int(nvml.nvmlDeviceGetTotalEnergyConsumption(handle)) * _MILLI
    if way == USAGE:
        return int(nvml.nvmlDeviceGetPowerUsage(handle)) * _MILLI
    return _field(nvml, handle, _POWER_INSTANT if way == INSTANT else _POWER_AVERAGE, _SCOPE_GPU) * _MILLI


def _field(nvml: Any, handle: object, field: int, scope: int) -> int:  # noqa: ANN401 - a module
    """A field in milliwatts; raises NVMLError when the board does not have it."""
    value = nvml.nvmlDeviceGetFieldValues(handle, [(field, scope)])[0]
    if value.nvmlReturn:
        raise nvml.NVMLError(value.nvmlReturn)
    if not 0 <= value.valueType < len(_MEMBERS):
        raise nvml.NVMLError(nvml.NVML_ERROR_NOT_SUPPORTED)
    return int(getattr(value.value, _MEMBERS[value.valueType]))


def _works(nvml: Any, call: Value, least: int = 0) -> Exception | None:  # noqa: ANN401 - a module
    """None when the call gives a value of at least `least`, else what stands against it."""
    try:
        return None if call() >= least else nvml.NVMLError(nvml.NVML_ERROR_NO_DATA)
    except nvml.NVMLError as error:
        return error  # type: ignore[no-any-return]


def _text(value: str | bytes) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return "".join(char for char in text if char.isprintable())


def _who(board: Board) -> str:
    return f"{board.name} {short(board.uuid)}"


# -- what a user can do -----------------------------------------------------------------------------------------

_DENIED_REMEDY: Final = (
    "give this user access to /dev/nvidiactl and /dev/nvidia0, /dev/nvidia1, ... (ls -l /dev/nvidia*)"
)


def _library() -> Any:  # noqa: ANN401 - a module
    try:
        return import_module("pynvml")
    except ImportError as error:
        raise SensorUnavailable("the Python binding of NVML is not installed", "pip install nvidia-ml-py") from error


def _no_driver(nvml: Any, error: Exception) -> SensorError:  # noqa: ANN401 - a module
    """No driver at all means no GPU; whatever else stands in the way of one has to be told by the account."""
    value = getattr(error, "value", None)
    absent = value in (nvml.NVML_ERROR_LIBRARY_NOT_FOUND, nvml.NVML_ERROR_DRIVER_NOT_LOADED)
    kind = SensorDenied if value == nvml.NVML_ERROR_NO_PERMISSION else SensorUnavailable if absent else SensorError
    return kind(str(error), _remedy(nvml, error))


def _remedy(nvml: Any, error: Exception | None) -> str:  # noqa: ANN401 - a module
    return {
        nvml.NVML_ERROR_LIBRARY_NOT_FOUND: (
            "libnvidia-ml.so.1 comes with the driver; a container needs  docker run --gpus all  and "
            "NVIDIA_DRIVER_CAPABILITIES=compute,utility"
        ),
        nvml.NVML_ERROR_DRIVER_NOT_LOADED: "sudo modprobe nvidia ; a container needs  docker run --gpus all",
        nvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH: "the driver was updated while loaded: reload it or reboot",
        nvml.NVML_ERROR_NO_PERMISSION: _DENIED_REMEDY,
        nvml.NVML_ERROR_GPU_IS_LOST: "it fell off the bus: see dmesg for Xid 79; reboot",
        nvml.NVML_ERROR_RESET_REQUIRED: "sudo nvidia-smi --gpu-reset, when nothing uses it",
        nvml.NVML_ERROR_NOT_SUPPORTED: "a virtual GPU is metered on its host only: ask whoever runs it",
    }.get(getattr(error, "value", None), "see what  nvidia-smi  says")
