"""CodeCarbon where it can read no processor: half a rated power, memory by size, a country's or the world's mean.

Constants of its release 3 (github.com/mlco2/codecarbon): 85 W for a processor it does not know, of which it takes
half; 3 W for 8 GB of memory; 475 g/kWh where the place is not known. Accelerators are read, there is no overhead.
"""

from __future__ import annotations

from typing import Final

from joulebook.estimate.methods.job import Job
from joulebook.estimate.methods.told import Told

PROCESSOR_W: Final = 85.0
PROCESSOR_USE: Final = 0.5
MEMORY_W_PER_GB: Final = 3 / 8
WORLD: Final = 0.475
PUE: Final = 1.0
SOURCE: Final = "CodeCarbon 3, github.com/mlco2/codecarbon, and its methodology"


def power_w(accelerator_w: float, processors: float, memory_gb: float) -> float:
    """W of accelerators as read, of processors that it does not know and of memory."""
    return accelerator_w + processors * PROCESSOR_W * PROCESSOR_USE + memory_gb * MEMORY_W_PER_GB


def told(job: Job) -> Told:
    """Accelerators as read, here as in our figure; one unknown processor a server; memory as large as theirs."""
    each = PROCESSOR_W * PROCESSOR_USE if job.processors else job.power_w
    own = each * job.devices
    whole = power_w(0.0 if job.processors else own, job.servers, job.host_memory_gb)
    kwh = job.device_hours / job.devices * whole * PUE / 1000
    intensity = job.intensity if job.region else WORLD
    grid = "" if job.region else f"; {1000 * WORLD:g} g/kWh of the world, since no place is known"
    size = f"{job.host_memory_gb:,.0f} GB{'' if job.host_gb is not None else ' assumed'}"
    return Told(
        "codecarbon",
        "CodeCarbon, fallback",
        SOURCE,
        kwh,
        kwh * intensity,
        factors=job.factors(each, whole / own, PUE, intensity),
        why=(
            f"{PROCESSOR_W * PROCESSOR_USE:g} W for the processor of a server and 3 W for 8 GB of its memory "
            f"({size}); no fans, no supply, no overhead of a site{grid}"
        ),
    )
