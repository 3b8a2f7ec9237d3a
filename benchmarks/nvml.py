"""What reading GPUs costs beyond the driver's own calls: `Nvml.read`, and the thread it is read by.

    python benchmarks/nvml.py [--gpus 8] [--reads 2000]

The driver is a stand-in that answers at once, so that what is left is joulebook's. A real call adds its own time:
`python scripts/check_gpu.py` measures that where there is a GPU.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

from stopwatch import about, by_turns, spread, table

from joulebook.sensors.base import boottime_ns
from joulebook.sensors.cuda_visible import Visible
from joulebook.sensors.detached import Detached
from joulebook.sensors.nvml import Nvml
from joulebook.testing.nvml import FakeGpu, FakeNvml

PAUSE_S = 0.002
"""Between two reads, so that each wakes the thread as the poller's do."""


class Instant(FakeNvml):
    """A driver that answers at once."""

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: object) -> int:  # noqa: N802, ARG002, D102
        return 5_000_000


def spent(read: Callable[[], object], reads: int) -> float:
    """CPU microseconds of all threads for one read, those of pausing included."""
    used = time.process_time()
    for _ in range(reads):
        read()
        time.sleep(PAUSE_S)
    return (time.process_time() - used) / reads * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gpus", type=int, default=8, help="how many GPUs (8)")
    parser.add_argument("--reads", type=int, default=2_000, help="reads of one round (2000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, by turns (5)")
    arguments = parser.parse_args()
    about("# What reading GPUs costs")
    library = Instant([FakeGpu(f"GPU-{number:08d}") for number in range(arguments.gpus)])
    plain = Nvml(Visible(), library=library)
    detached = Detached(lambda: Nvml(Visible(), library=library), "nvml")
    handles = [library.nvmlDeviceGetHandleByIndex(index) for index in range(arguments.gpus)]

    def bare() -> list[tuple[int, int]]:
        return [(boottime_ns(), library.nvmlDeviceGetTotalEnergyConsumption(handle)) for handle in handles]

    arms = {"a bare loop": bare, "Nvml.read": plain.read, "the same by its own thread": detached.read}
    found = by_turns(
        {name: lambda arm=arm: spent(arm, arguments.reads) for name, arm in arms.items()}, arguments.rounds
    )
    nothing = [spent(lambda: None, arguments.reads) for _ in range(arguments.rounds)]
    rows = [
        (
            name,
            spread(used),
            f"{median(used) - median(nothing):.1f}",
            f"{(median(used) - median(nothing)) / 1e4 * 10:.3f} %",
        )
        for name, used in found.items()
    ]
    title = f"{arguments.gpus} GPUs, a driver that answers at once: CPU us of a read"
    table(title, ("what", "with its pause", "without", "of a core at 10 Hz"), rows)
    plain.close()
    detached.close()


if __name__ == "__main__":
    main()
