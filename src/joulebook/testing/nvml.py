"""A fake NVML of known truth: what the module pynvml offers to `Nvml`, over GPUs that follow scripts.

Functions, constants and exceptions have the names and numbers of the binding (a test compares them). `FakeNvml`
is one machine; `FakeGpus` is the sensor on it, for  JOULEBOOK_SENSORS=joulebook.testing.nvml:FakeGpus .
"""

# ruff: noqa: N802 - the names are NVIDIA's
from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Final, NamedTuple

from joulebook.sensors.base import COUNTER, POWER, Channel, Clock, boottime_ns
from joulebook.sensors.cuda_visible import Visible
from joulebook.sensors.nvml import Nvml
from joulebook.testing.fake import SECOND, Fault, Load, Script

_SHOWN_AS: Final = Channel("gpu", "gpu", "gpu", form=COUNTER)
_POWER_AS: Final = Channel("power", "gpu", "gpu", form=POWER)
_MS: Final = 1_000_000
A100, A40, H100, P100, GH200 = (
    "NVIDIA A100-SXM4-80GB",
    "NVIDIA A40",
    "NVIDIA H100 80GB HBM3",
    "Tesla P100-PCIE-16GB",
    "NVIDIA GH200 480GB",
)
"""Boards with and without a counter, sampled part of the time or all of it, and a module."""


class Trouble(NamedTuple):
    """Something that is wrong with one GPU from `start_ns` to `end_ns` of the clock.

    "lost": its calls say that it is lost. "denied": no permission. "hang": its calls do not return before
    `FakeNvml.release()`. "reset": its counter starts again at 0 at `start_ns`.
    """

    kind: str
    start_ns: int = 0
    end_ns: int = 1 << 62


class MigSlice(NamedTuple):
    """A MIG device of a GPU: its uuid, and its compute slices."""

    uuid: str
    parts: int


class FakeGpu(NamedTuple):
    """One GPU: what it is, what it truly uses, and how its instruments show that."""

    uuid: str = "GPU-00000000-0000-0000-0000-000000000000"
    name: str = H100
    load: Load = Load.constant(300.0)
    architecture: int = 9
    counter_ns: int = 100 * _MS
    """Time between two updates of the energy counter; 0: it has none."""
    jitter_ns: int = 0
    power_ns: int = 100 * _MS
    """Time between two updates of the power."""
    seen_ns: int = 25 * _MS
    """How much of the past the power of the instant covers: 25 of 100 ms on A100 and H100."""
    fields: bool = True
    """Whether the driver has the power fields (instant, average)."""
    power: bool = True
    gain: float = 1.0
    """True energy = shown energy x gain."""
    offset_uj: int = 5_000_000_000
    limit_w: float = 700.0
    module_w: float = 0.0
    """Power of the rest of a module, whose scope can then be asked for."""
    counts_module: bool = False
    slices: tuple[MigSlice, ...] = ()
    whole: int = 7
    virtual: bool = False
    troubles: tuple[Trouble, ...] = ()
    processes: tuple[tuple[int, int], ...] = ()
    """(process id, per cent of the multiprocessors)."""

    def counter(self) -> Script:
        """The instrument behind the energy counter; its truth is the truth of the GPU (or of its module)."""
        resets = tuple(Fault("reset", t.start_ns, t.end_ns) for t in self.troubles if t.kind == "reset")
        load = _raised(self.load, self.module_w) if self.counts_module else self.load
        return Script(load, _SHOWN_AS, self.gain, self.counter_ns, self.jitter_ns, 0, self.offset_uj, resets)

    def shown_power(self, window_ns: int, *, module: bool = False) -> Script:
        """The instrument behind a power that covers `window_ns` of the past."""
        load = _raised(self.load, self.module_w) if module else self.load
        return Script(load, _POWER_AS, self.gain, self.power_ns, 0, window_ns)


def _raised(load: Load, watts: float) -> Load:
    return Load([(ns, uw + round(watts * 1e6)) for ns, uw in load.segments])


class NVMLError(Exception):
    """An NVML error; `value` is its number."""

    def __init__(self, value: int) -> None:
        super().__init__(_ERRORS.get(value, f"NVML Error with code {value}"))
        self.value = value


_ERRORS: Final = {
    1: "Uninitialized",
    2: "Invalid Argument",
    3: "Not Supported",
    4: "Insufficient Permissions",
    6: "Not Found",
    9: "Driver Not Loaded",
    12: "NVML Shared Library Not Found",
    13: "Function Not Found",
    15: "GPU is lost",
    16: "GPU requires restart",
    18: "RM has detected an NVML/RM version mismatch.",
    21: "No data",
}


class _Handle(NamedTuple):
    """A GPU, or one of its slices, by position."""

    gpu: int
    part: int = -1


class FakeNvml:
    """A machine with these GPUs; `fails` is the error of nvmlInit, `missing` the functions an old driver lacks."""

    NVMLError = NVMLError
    NVML_ERROR_UNINITIALIZED = 1
    NVML_ERROR_INVALID_ARGUMENT = 2
    NVML_ERROR_NOT_SUPPORTED = 3
    NVML_ERROR_NO_PERMISSION = 4
    NVML_ERROR_NOT_FOUND = 6
    NVML_ERROR_DRIVER_NOT_LOADED = 9
    NVML_ERROR_LIBRARY_NOT_FOUND = 12
    NVML_ERROR_FUNCTION_NOT_FOUND = 13
    NVML_ERROR_GPU_IS_LOST = 15
    NVML_ERROR_RESET_REQUIRED = 16
    NVML_ERROR_LIB_RM_VERSION_MISMATCH = 18
    NVML_ERROR_NO_DATA = 21
    NVML_FI_DEV_POWER_AVERAGE = 185
    NVML_FI_DEV_POWER_INSTANT = 186
    NVML_POWER_SCOPE_GPU = 0
    NVML_POWER_SCOPE_MODULE = 1
    NVML_VALUE_TYPE_UNSIGNED_INT = 1
    NVML_GPU_VIRTUALIZATION_MODE_NONE = 0
    NVML_GPU_VIRTUALIZATION_MODE_VGPU = 2
    NVML_GPU_INSTANCE_PROFILE_4_SLICE = 3
    NVML_GPU_INSTANCE_PROFILE_7_SLICE = 4

    def __init__(
        self,
        gpus: Sequence[FakeGpu] = (FakeGpu(),),
        clock: Clock = boottime_ns,
        *,
        fails: int = 0,
        missing: Sequence[str] = (),
    ) -> None:
        self.gpus = list(gpus)
        self.clock = clock
        self.fails = fails
        self.missing = set(missing)
        self.open = 0
        """How often it was initialised, less how often it was shut down."""
        self.calls: dict[str, int] = {}
        self.loaded = True
        self._released = threading.Event()

    def truth_uj(self, t0_ns: int, t1_ns: int, gpu: int = 0) -> int:
        """True energy of a GPU (of its module, where that is what is counted) between two instants, in microjoules."""
        script = self.gpus[gpu].counter()
        return script.true_uj(t1_ns) - script.true_uj(t0_ns)

    def release(self) -> None:
        """Let every call that hangs return, and none hang any more."""
        self._released.set()

    # -- library -----------------------------------------------------------------------------------------------

    def nvmlInit(self) -> None:
        """Open the library."""
        if self.fails:
            raise NVMLError(self.fails)
        if not self.loaded:
            raise NVMLError(self.NVML_ERROR_DRIVER_NOT_LOADED)
        self.open += 1

    def nvmlShutdown(self) -> None:
        """Close the library."""
        if self.open < 1:
            raise NVMLError(self.NVML_ERROR_UNINITIALIZED)
        self.open -= 1

    def nvmlSystemGetDriverVersion(self) -> str:
        """The version of the driver."""
        self._enter("nvmlSystemGetDriverVersion")
        return "0.0 (fake)"

    def nvmlDeviceGetCount(self) -> int:
        """How many GPUs there are."""
        self._enter("nvmlDeviceGetCount")
        return len(self.gpus)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> _Handle:
        """A GPU by its place on the bus."""
        self._enter("nvmlDeviceGetHandleByIndex")
        if not 0 <= index < len(self.gpus):
            raise NVMLError(self.NVML_ERROR_INVALID_ARGUMENT)
        return _Handle(index)

    def nvmlDeviceGetHandleByUUID(self, uuid: str | bytes) -> _Handle:
        """A GPU or a slice by its uuid."""
        self._enter("nvmlDeviceGetHandleByUUID")
        wanted = uuid.decode() if isinstance(uuid, bytes) else uuid
        for number, gpu in enumerate(self.gpus):
            if gpu.uuid == wanted:
                self._gpu(_Handle(number))
                return _Handle(number)
            for place, part in enumerate(gpu.slices):
                if part.uuid == wanted:
                    return _Handle(number, place)
        raise NVMLError(self.NVML_ERROR_NOT_FOUND)

    # -- what a GPU is -------------------------------------------------------------------------------------------

    def nvmlDeviceGetUUID(self, handle: _Handle) -> str:
        """The uuid of a GPU or of a slice."""
        self._enter("nvmlDeviceGetUUID")
        gpu = self.gpus[handle.gpu]
        return gpu.uuid if handle.part < 0 else gpu.slices[handle.part].uuid

    def nvmlDeviceGetName(self, handle: _Handle) -> str:
        """The model."""
        self._enter("nvmlDeviceGetName")
        return self._gpu(handle).name

    def nvmlDeviceGetArchitecture(self, handle: _Handle) -> int:
        """The number of its generation."""
        self._enter("nvmlDeviceGetArchitecture")
        return self._gpu(handle).architecture

    def nvmlDeviceGetVirtualizationMode(self, handle: _Handle) -> int:
        """Whether it is a virtual GPU."""
        self._enter("nvmlDeviceGetVirtualizationMode")
        return self.NVML_GPU_VIRTUALIZATION_MODE_VGPU if self._gpu(handle).virtual else 0

    def nvmlDeviceGetPowerManagementLimitConstraints(self, handle: _Handle) -> list[int]:
        """The lowest and the highest power limit, in mW."""
        self._enter("nvmlDeviceGetPowerManagementLimitConstraints")
        limit = round(self._gpu(handle).limit_w * 1_000)
        return [limit // 4, limit]

    # -- slices --------------------------------------------------------------------------------------------------

    def nvmlDeviceGetMigMode(self, handle: _Handle) -> list[int]:
        """Present and next mode."""
        self._enter("nvmlDeviceGetMigMode")
        gpu = self._gpu(handle)
        if gpu.architecture < 7:
            raise NVMLError(self.NVML_ERROR_NOT_SUPPORTED)
        return [int(bool(gpu.slices))] * 2

    def nvmlDeviceGetMaxMigDeviceCount(self, handle: _Handle) -> int:
        """How many slices there can be."""
        self._enter("nvmlDeviceGetMaxMigDeviceCount")
        return self._gpu(handle).whole

    def nvmlDeviceGetMigDeviceHandleByIndex(self, handle: _Handle, index: int) -> _Handle:
        """A slice of a GPU."""
        self._enter("nvmlDeviceGetMigDeviceHandleByIndex")
        if index >= len(self._gpu(handle).slices):
            raise NVMLError(self.NVML_ERROR_NOT_FOUND)
        return _Handle(handle.gpu, index)

    def nvmlDeviceGetAttributes(self, handle: _Handle) -> SimpleNamespace:
        """The size of a slice."""
        self._enter("nvmlDeviceGetAttributes")
        parts = self.gpus[handle.gpu].slices[handle.part].parts
        return SimpleNamespace(gpuInstanceSliceCount=parts, computeInstanceSliceCount=parts)

    def nvmlDeviceGetGpuInstanceProfileInfo(self, handle: _Handle, profile: int) -> SimpleNamespace:
        """The size of a kind of slices."""
        self._enter("nvmlDeviceGetGpuInstanceProfileInfo")
        count = {self.NVML_GPU_INSTANCE_PROFILE_7_SLICE: 7, self.NVML_GPU_INSTANCE_PROFILE_4_SLICE: 4}[profile]
        if count > self._gpu(handle).whole:
            raise NVMLError(self.NVML_ERROR_NOT_SUPPORTED)
        return SimpleNamespace(sliceCount=count)

    # -- what it uses ----------------------------------------------------------------------------------------------

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: _Handle) -> int:
        """Energy since the driver was loaded, in mJ."""
        self._enter("nvmlDeviceGetTotalEnergyConsumption")
        gpu = self._gpu(handle)
        if not gpu.counter_ns:
            raise NVMLError(self.NVML_ERROR_NOT_SUPPORTED)
        return _whole(gpu.counter().shown(self.clock()))

    def nvmlDeviceGetPowerUsage(self, handle: _Handle) -> int:
        """Power in mW: an average over 1 s from Ampere on (GA100 excepted), before that of the instant."""
        self._enter("nvmlDeviceGetPowerUsage")
        gpu = self._gpu(handle)
        averaged = gpu.architecture >= 7 and gpu.name != A100
        return self._power(gpu, SECOND if averaged else gpu.seen_ns)

    def nvmlDeviceGetFieldValues(self, handle: _Handle, fields: Sequence[tuple[int, int]]) -> list[SimpleNamespace]:
        """Power in mW by field and scope, each with a status of its own."""
        self._enter("nvmlDeviceGetFieldValues")
        gpu = self._gpu(handle)
        return [self._field(gpu, field, scope) for field, scope in fields]

    def nvmlDeviceGetProcessUtilization(self, handle: _Handle, _since_us: int) -> list[SimpleNamespace]:
        """What each process used of the multiprocessors of late, in per cent."""
        self._enter("nvmlDeviceGetProcessUtilization")
        now_us = self.clock() // 1_000
        return [SimpleNamespace(pid=pid, smUtil=used, timeStamp=now_us) for pid, used in self._gpu(handle).processes]

    def nvmlDeviceGetComputeRunningProcesses(self, handle: _Handle) -> list[SimpleNamespace]:
        """The processes that hold the GPU."""
        self._enter("nvmlDeviceGetComputeRunningProcesses")
        return [SimpleNamespace(pid=pid, usedGpuMemory=None) for pid, _ in self._gpu(handle).processes]

    def _field(self, gpu: FakeGpu, field: int, scope: int) -> SimpleNamespace:
        known = field in (self.NVML_FI_DEV_POWER_INSTANT, self.NVML_FI_DEV_POWER_AVERAGE)
        module = scope == self.NVML_POWER_SCOPE_MODULE
        status, value = 0, 0
        if not gpu.fields or not known or not gpu.power or (module and not gpu.module_w):
            status = self.NVML_ERROR_NOT_SUPPORTED
        else:
            window = gpu.seen_ns if field == self.NVML_FI_DEV_POWER_INSTANT else SECOND
            value = _whole(gpu.shown_power(window, module=module).shown(self.clock()))
        return SimpleNamespace(nvmlReturn=status, valueType=1, value=SimpleNamespace(uiVal=value))

    def _power(self, gpu: FakeGpu, window_ns: int) -> int:
        if not gpu.power:
            raise NVMLError(self.NVML_ERROR_NOT_SUPPORTED)
        return _whole(gpu.shown_power(window_ns).shown(self.clock()))

    def _enter(self, name: str) -> None:
        self.calls[name] = self.calls.get(name, 0) + 1
        if not self.loaded or self.open < 1:
            raise NVMLError(self.NVML_ERROR_UNINITIALIZED)
        if name in self.missing:
            raise NVMLError(self.NVML_ERROR_FUNCTION_NOT_FOUND)

    def _gpu(self, handle: _Handle) -> FakeGpu:
        gpu, now = self.gpus[handle.gpu], self.clock()
        for trouble in gpu.troubles:
            if trouble.start_ns <= now < trouble.end_ns:
                self._suffer(trouble)
        return gpu

    def _suffer(self, trouble: Trouble) -> None:
        if trouble.kind == "hang":
            self._released.wait()
        elif trouble.kind in ("lost", "denied"):
            raise NVMLError(self.NVML_ERROR_GPU_IS_LOST if trouble.kind == "lost" else self.NVML_ERROR_NO_PERMISSION)


def _whole(shown: object) -> int:
    """Thousandths of what a script shows: mJ of uJ, mW of uW."""
    return int(shown) // 1_000 if isinstance(shown, int) else 0


def two_gpus(clock: Clock = boottime_ns) -> FakeNvml:
    """A machine with a busy H100 (bursts of 650 W, three quarters by this process) and an A40 without a counter."""
    return FakeNvml(
        [
            FakeGpu(load=Load.square(120.0, 650.0, 0.7, 0.6), processes=((os.getpid(), 60), (1, 20))),
            FakeGpu(
                "GPU-11111111-1111-1111-1111-111111111111", A40, Load.constant(32.0), 7, counter_ns=0, seen_ns=100 * _MS
            ),
        ],
        clock,
    )


class FakeGpus(Nvml):
    """The sensor on the machine of `two_gpus`, as a program with the present environment sees it."""

    def __init__(self) -> None:
        visible = Visible(os.environ.get("CUDA_VISIBLE_DEVICES"), os.environ.get("CUDA_DEVICE_ORDER", ""))
        super().__init__(visible, library=two_gpus(), processes=True)
