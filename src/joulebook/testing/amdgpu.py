"""A fake AMD SMI of known truth: what the module amdsmi offers to `AmdGpu`, over GPUs that follow scripts.

Functions, keys and exceptions have the names of the binding of ROCm 6.4 to 7. `FakeAmdSmi` is one machine;
`FakeAmdGpus` is the sensor on it, for  JOULEBOOK_SENSORS=joulebook.testing.amdgpu:FakeAmdGpus .
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Final, NamedTuple

from joulebook.sensors.amdgpu import AmdGpu
from joulebook.sensors.base import COUNTER, POWER, Channel, Clock, boottime_ns
from joulebook.sensors.rocm_visible import RocmVisible
from joulebook.testing.fake import SECOND, Fault, Load, Script

MI300X, MI250X, RX7900, IGPU = (
    "AMD Instinct MI300X OAM",
    "AMD INSTINCT MI250X (MCM) OAM AC MBA",
    "AMD Radeon RX 7900 XTX",
    "AMD Radeon 780M Graphics",
)
RESOLUTION_UJ: Final = 15.258789
"""Microjoules of one tick (2^-16 J), as the binding gives them: a float of 32 bits."""
_COUNTER_AS: Final = Channel("energy", "gpu", "gpu", form=COUNTER)
_POWER_AS: Final = Channel("power", "gpu", "gpu", form=POWER)
_MS: Final = 1_000_000
_TEXTS: Final = {
    2: "NOT_SUPPORTED - Feature not supported",
    10: "NO_PERM - Permission Denied",
    31: "NOT_FOUND - Device Not found",
}


class AmdSmiException(Exception):
    """The base of all that the binding raises."""


class AmdSmiLibraryException(AmdSmiException):
    """An error of the library; `err_code` is its number."""

    def __init__(self, err_code: int) -> None:
        super().__init__(err_code)
        self.err_code = err_code
        self.err_info = f"AMDSMI_STATUS_{_TEXTS.get(err_code, 'UNKNOWN_ERROR - An unknown error occurred')}"


class AmdTrouble(NamedTuple):
    """What is wrong with one GPU: "lost", "denied", "hang" (until `FakeAmdSmi.release()`) or "reset" of its counter."""

    kind: str
    start_ns: int = 0
    end_ns: int = 1 << 62


class FakeAmdGpu(NamedTuple):
    """One GPU: what it is, what it truly uses, and what it shows of that."""

    bdf: str = "0000:c1:00.0"
    name: str = MI300X
    load: Load = Load.constant(400.0)
    hip_id: int = 0
    uuid: str = "21ff74a1-0000-1000-80aa-000000000001"
    hip_uuid: str = "GPU-aa00000000000001"
    version: str = "gfx942"
    counter_ns: int = _MS
    """Time between two updates of the accumulator; 0: it has none."""
    wrong: float = 1.0
    """Factor that the accumulator is off by."""
    power_key: str = "current_socket_power"
    """The field that has the power; "" for none. The others are "N/A"."""
    second_die: bool = False
    """Whether it shows nothing because another die shows both."""
    troubles: tuple[AmdTrouble, ...] = ()


class FakeAmdSmi:
    """A machine with these GPUs; `fails` is the number of the error of amdsmi_init, `old` a binding before ROCm 6.4."""

    AmdSmiException = AmdSmiException
    AmdSmiLibraryException = AmdSmiLibraryException

    def __init__(
        self,
        gpus: Sequence[FakeAmdGpu] = (FakeAmdGpu(),),
        clock: Clock = boottime_ns,
        *,
        fails: int = 0,
        old: bool = False,
    ) -> None:
        self.gpus = list(gpus)
        self.clock = clock
        self.fails = fails
        self.old = old
        self.open = 0
        self._released = threading.Event()

    def release(self) -> None:
        """Let every call that hangs return."""
        self._released.set()

    def amdsmi_init(self) -> None:
        """Open the library."""
        if self.fails:
            raise AmdSmiLibraryException(self.fails)
        self.open += 1

    def amdsmi_shut_down(self) -> None:
        """Close the library."""
        self.open -= 1

    def amdsmi_get_processor_handles(self) -> list[int]:
        """All GPUs, in the order of the bus."""
        return list(range(len(self.gpus)))

    def amdsmi_get_gpu_device_bdf(self, handle: int) -> str:
        """The place of a GPU on the bus."""
        return self.gpus[handle].bdf

    def amdsmi_get_gpu_device_uuid(self, handle: int) -> str:
        """The uuid that AMD SMI knows it by, which is not the one of HIP."""
        return self.gpus[handle].uuid

    def amdsmi_get_gpu_asic_info(self, handle: int) -> dict[str, object]:
        """What it is."""
        gpu = self.gpus[handle]
        return {"market_name": gpu.name, "target_graphics_version": gpu.version}

    def amdsmi_get_gpu_enumeration_info(self, handle: int) -> dict[str, object]:
        """Its number and uuid for HIP."""
        if self.old:
            raise AttributeError("amdsmi_get_gpu_enumeration_info")
        gpu = self.gpus[handle]
        return {"hip_id": gpu.hip_id, "hip_uuid": gpu.hip_uuid}

    def amdsmi_get_energy_count(self, handle: int) -> dict[str, object]:
        """The accumulator in ticks, and the microjoules of one."""
        gpu = self._gpu(handle)
        if not gpu.counter_ns:
            raise AmdSmiLibraryException(2)
        resets = tuple(Fault("reset", t.start_ns, t.end_ns) for t in gpu.troubles if t.kind == "reset")
        script = Script(gpu.load, _COUNTER_AS, 1.0, gpu.counter_ns, 0, 0, 5_000_000_000, resets)
        shown = script.shown(self.clock())
        ticks = 0 if gpu.second_die or not isinstance(shown, int) else round(shown * gpu.wrong / RESOLUTION_UJ)
        return {
            "power" if self.old else "energy_accumulator": ticks,
            "counter_resolution": RESOLUTION_UJ,
            "timestamp": 0,
        }

    def amdsmi_get_power_info(self, handle: int) -> dict[str, object]:
        """Watts in one field, "N/A" in the others."""
        gpu = self._gpu(handle)
        info: dict[str, object] = dict.fromkeys(("current_socket_power", "average_socket_power", "gfx_voltage"), "N/A")
        if gpu.power_key:
            shown = Script(gpu.load, _POWER_AS, 1.0, _MS, 0, SECOND // 100).shown(self.clock())
            info[gpu.power_key] = 0 if gpu.second_die or not isinstance(shown, int) else round(shown / 1e6)
        return info

    def _gpu(self, handle: int) -> FakeAmdGpu:
        gpu, now = self.gpus[handle], self.clock()
        for trouble in gpu.troubles:
            if trouble.start_ns <= now < trouble.end_ns:
                if trouble.kind == "hang":
                    self._released.wait()
                elif trouble.kind in ("lost", "denied"):
                    raise AmdSmiLibraryException(31 if trouble.kind == "lost" else 10)
        return gpu


def two_amd_gpus(clock: Clock = boottime_ns) -> FakeAmdSmi:
    """A machine with a busy MI300X (bursts of 650 W) and one at rest."""
    second = FakeAmdGpu(
        "0000:c2:00.0", hip_id=1, uuid="21ff74a1-0000-1000-80aa-000000000002", hip_uuid="GPU-aa00000000000002"
    )
    return FakeAmdSmi(
        [FakeAmdGpu(load=Load.square(120.0, 650.0, 0.7, 0.6)), second._replace(load=Load.constant(90.0))], clock
    )


class FakeAmdGpus(AmdGpu):
    """The sensor on the machine of `two_amd_gpus`, as a program with the present environment sees it."""

    def __init__(self) -> None:
        visible = RocmVisible(os.environ.get("ROCR_VISIBLE_DEVICES"), os.environ.get("HIP_VISIBLE_DEVICES"))
        super().__init__(visible, library=two_amd_gpus())
