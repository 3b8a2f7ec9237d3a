"""Who uses a GPU: the processes on it and their part of its multiprocessors, for shares between runs.

A process that computes counts by its utilisation. While nobody computes, those that hold the GPU count alike.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any, Final, NamedTuple

USES_EVERY_NS: Final = 1_000_000_000
_INITIAL_NAMESPACE: Final = "pid:[4026531836]"
"""Of the process ids that the driver speaks of (Linux, include/linux/proc_ns.h: PROC_PID_INIT_INO)."""


class Use(NamedTuple):
    """How one GPU was used until `t_ns`: the weight of each process; none when nobody held it."""

    device: str
    t_ns: int
    weights: dict[int, float]


def process_ids_are_ours(path: str = "/proc/self/ns/pid") -> bool:
    """Whether the driver's process ids mean the same here: a container has ids of its own."""
    try:
        return os.readlink(path) == _INITIAL_NAMESPACE  # noqa: PTH115 - pathlib costs an import on the metering path
    except OSError:
        return False


class Uses:
    """Asks who uses the GPUs, once a second; `why_not` says for a GPU why that cannot be known."""

    def __init__(self, nvml: Any) -> None:  # noqa: ANN401 - a module
        self._nvml = nvml
        self._next_ns = 0
        self._since_us: dict[str, int] = {}
        self.why_not: dict[str, str] = {}

    def due(self, now: int) -> bool:
        """Whether a second has passed."""
        if now < self._next_ns:
            return False
        self._next_ns = now + USES_EVERY_NS
        return True

    def of(self, device: str, handle: object, now: int) -> Use | None:
        """The use of one GPU since the last call; None, with the reason kept, where it cannot be known."""
        if device in self.why_not:
            return None
        if not process_ids_are_ours():
            self.why_not[device] = "this container has process ids of its own"
            return None
        nvml = self._nvml
        weights: dict[int, float] = {}
        try:
            holders = nvml.nvmlDeviceGetComputeRunningProcesses(handle)
        except nvml.NVMLError as error:
            self.why_not[device] = str(error)
            return None
        since = self._since_us.get(device, 0)
        with suppress(nvml.NVMLError):  # nobody computed, or too old a chip: then those that hold it count alike
            for sample in nvml.nvmlDeviceGetProcessUtilization(handle, since):
                self._since_us[device] = max(self._since_us.get(device, 0), int(sample.timeStamp))
                if sample.timeStamp > since and 0 < sample.smUtil <= 100:
                    weights[int(sample.pid)] = weights.get(int(sample.pid), 0.0) + sample.smUtil
        return Use(device, now, weights or {int(holder.pid): 1.0 for holder in holders})
