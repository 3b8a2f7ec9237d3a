"""The `power` PMU of perf events on machines without one: its files in a folder, and counters of known power.

`write_power_pmu` makes the tree that `RaplPerf` is given as its root; `FakeEvents` answers its calls and says what
a kernel says that refuses them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from joulebook.sensors.base import Clock, boottime_ns
from joulebook.sensors.rapl_perf import PMU, RaplPerf

KIND: Final = 32
SCALE: Final = 2.0**-32
"""Joules of one count, on every machine so far."""
_CONFIGS: Final = {"energy-cores": 1, "energy-pkg": 2, "energy-ram": 3, "energy-gpu": 4, "energy-psys": 5}


class Socket(NamedTuple):
    """One package as the PMU shows it: the processor that reads it, its place, and the true power of its domains."""

    cpu: int = 0
    package: int = 0
    watts: tuple[tuple[str, float], ...] = (("energy-pkg", 95.0), ("energy-cores", 60.0), ("energy-ram", 12.0))
    die: int = 0


TWO_SOCKETS: Final = (Socket(), Socket(24, 1, (("energy-pkg", 70.0), ("energy-cores", 40.0), ("energy-ram", 8.0))))


def write_power_pmu(root: str | Path, sockets: Sequence[Socket] = TWO_SOCKETS, paranoid: int = 4) -> Path:
    """Write the files of the PMU and of the processors that it names below `root`; returns it."""
    folder = Path(root)
    _write(folder / PMU / "type", f"{KIND}")
    _write(folder / PMU / "cpumask", ",".join(str(socket.cpu) for socket in sockets))
    _write(folder / "proc/sys/kernel/perf_event_paranoid", f"{paranoid}")
    for socket in sockets:
        topology = folder / f"sys/devices/system/cpu/cpu{socket.cpu}/topology"
        _write(topology / "physical_package_id", f"{socket.package}")
        _write(topology / "die_id", f"{socket.die}")
        for name, _ in socket.watts:
            events = folder / PMU / "events"
            _write(events / name, f"event=0x{_CONFIGS[name]:02x}")
            _write(events / f"{name}.scale", "2.3283064365386962890625e-10")
            _write(events / f"{name}.unit", "Joules")
    return folder


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


class FakeEvents:
    """A kernel that counts these sockets; `refusal` is the number of the error that it answers an opening with."""

    def __init__(self, sockets: Sequence[Socket] = TWO_SOCKETS, clock: Clock = boottime_ns) -> None:
        self._power_w = {
            (_CONFIGS[name], socket.cpu): watts for socket in sockets for name, watts in socket.watts
        }  # fmt: skip
        self._clock = clock
        self._open: dict[int, tuple[int, int, int]] = {}
        self._next = 1_000
        self.refusal = 0
        self.failing: set[int] = set()
        """Processors whose counters cannot be read: 24 where that of the second socket fails."""
        self.closed = 0

    @property
    def count(self) -> int:
        """Counters that are open."""
        return len(self._open)

    def open(self, kind: int, config: int, cpu: int) -> int:
        """A counter from now on; refuses as perf_event_open does."""
        if self.refusal:
            raise OSError(self.refusal, os.strerror(self.refusal))
        if kind != KIND or (config, cpu) not in self._power_w:
            raise OSError(22, os.strerror(22))
        self._next += 1
        self._open[self._next] = config, cpu, self._clock()
        return self._next

    def read(self, descriptor: int) -> bytes:
        """The energy since the counter was opened; no bytes where it has failed."""
        config, cpu, since = self._open[descriptor]
        if cpu in self.failing:
            return b""
        joules = self._power_w[config, cpu] * (self._clock() - since) / 1e9
        return int(joules / SCALE).to_bytes(8, "little")

    def close(self, descriptor: int) -> None:
        """Forget the counter."""
        del self._open[descriptor]
        self.closed += 1


def fake_rapl_perf(root: str | Path, clock: Clock = boottime_ns) -> RaplPerf:
    """The sensor on two sockets whose files are written below `root`."""
    return RaplPerf(str(write_power_pmu(root)), clock, FakeEvents(clock=clock))
