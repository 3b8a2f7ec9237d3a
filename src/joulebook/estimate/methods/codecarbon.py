"""CodeCarbon where it can read no processor: half a rated power, memory by size, a country's or the world's mean.

Constants of github.com/mlco2/codecarbon: half the rated power of a processor, 85 W where it does not know it; 3 W for
8 GB of memory (release 2; release 3 counts modules); 475 g/kWh where the place is not known. Accelerators are read,
and there is no overhead unless one is given.
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


def power_w(accelerator_w: float, processors: float, memory_gb: float, rated_w: float = PROCESSOR_W) -> float:
    """W of accelerators as read, of processors that it does not know and of memory."""
    return accelerator_w + processors * rated_w * PROCESSOR_USE + memory_gb * MEMORY_W_PER_GB


def told(job: Job) -> Told:
    """Accelerators as read, here as in our figure; one unknown processor a server; memory as large as theirs."""
    head = Told("codecarbon", "CodeCarbon, fallback", SOURCE)
    if job.undivided:
        return head._replace(silent="it adds a processor to accelerators as read: here only the whole is known")
    rated = job.tdp_w if job.processors and job.tdp_w is not None else PROCESSOR_W
    each = rated * PROCESSOR_USE if job.processors else job.power_w
    own = each * job.devices
    whole = power_w(0.0 if job.processors else own, job.servers, job.host_memory_gb, rated)
    kwh = job.device_hours / job.devices * whole * PUE / 1000
    intensity = job.intensity if job.region else WORLD
    grid = "" if job.region else f"; {1000 * WORLD:g} g/kWh of the world, since no place is known"
    size = f"{job.host_memory_gb:,.0f} GB{'' if job.host_gb is not None else ' assumed'}"
    return head._replace(
        energy_kwh=kwh,
        carbon_kg=kwh * intensity,
        factors=job.factors(each, whole / own, PUE, intensity),
        why=(
            f"{rated * PROCESSOR_USE:g} W for the processor of a server and 3 W for 8 GB of its memory "
            f"({size}); no fans, no supply, no overhead of a site{grid}"
        ),
    )
