"""CodeCarbon where it can read no processor: half a rated power, memory by size, a country's or the world's mean.

Constants of github.com/mlco2/codecarbon, release 3: half the rated power of a processor, 85 W where that is not known;
5 W for each of the first four modules of memory, less for further ones (external/ram.py); 475 g/kWh where the place is
not known. Releases before had 3 W for 8 GB. Accelerators are read, and there is no overhead unless one is given.
"""

from __future__ import annotations

from math import ceil
from typing import Final

from joulebook.estimate.methods.job import Job
from joulebook.estimate.methods.told import Told

PROCESSOR_W: Final = 85.0
PROCESSOR_USE: Final = 0.5
MODULE_W: Final = 5.0
_MODULES_GB: Final = (128, 64, 32, 16, 8, 4)
_FEW: Final = ((2, 1), (16, 2), (64, 4), (128, 8))
"""Modules of a machine of up to so many GB."""
_MOST: Final = 32
_SHARES: Final = ((0, 4, 1.0), (4, 8, 0.9), (8, 16, 0.8), (16, _MOST, 0.7))
"""What each module after the first and up to the second number draws, of `MODULE_W`."""
WORLD: Final = 0.475
PUE: Final = 1.0
SOURCE: Final = "CodeCarbon 3, github.com/mlco2/codecarbon, and its methodology"


def modules(memory_gb: float) -> int:
    """Modules that a machine with so much memory is taken to have; above 128 GB eight at least, 32 at most."""
    for most, count in _FEW:
        if memory_gb <= most:
            return count
    size = next(one for one in _MODULES_GB if one <= memory_gb / 8)
    return min(ceil(memory_gb / size), _MOST)


def memory_w(memory_gb: float) -> float:
    """W of the memory of one machine; of two modules at least."""
    count = modules(memory_gb)
    drawn = sum(max(0, min(count, last) - first) * share for first, last, share in _SHARES)
    return MODULE_W * max(2.0, drawn)


def power_w(
    accelerator_w: float, processors: float, memory_gb: float, rated_w: float = PROCESSOR_W, machines: float = 1.0
) -> float:
    """W of accelerators as read, of processors that it does not know and of the memory of so many machines."""
    return accelerator_w + processors * rated_w * PROCESSOR_USE + machines * memory_w(memory_gb / machines)


def told(job: Job) -> Told:
    """Accelerators as read, here as in our figure; one unknown processor a server; memory as large as theirs."""
    head = Told("codecarbon", "CodeCarbon, fallback", SOURCE)
    if job.undivided:
        return head._replace(silent="it adds a processor to accelerators as read: here only the whole is known")
    rated = job.tdp_w if job.processors and job.tdp_w is not None else PROCESSOR_W
    each = rated * PROCESSOR_USE if job.processors else job.power_w
    own = each * job.devices
    whole = power_w(0.0 if job.processors else own, job.servers, job.host_memory_gb, rated, job.servers)
    kwh = job.device_hours / job.devices * whole * PUE / 1000
    intensity = job.intensity if job.region else WORLD
    grid = "" if job.region else f"; {1000 * WORLD:g} g/kWh of the world, since no place is known"
    each_gb = job.host_memory_gb / job.servers
    size = f"{modules(each_gb)} modules of {each_gb:,.0f} GB{'' if job.host_gb is not None else ' assumed'}"
    return head._replace(
        energy_kwh=kwh,
        carbon_kg=kwh * intensity,
        factors=job.factors(each, whole / own, PUE, intensity),
        why=(
            f"{rated * PROCESSOR_USE:g} W for the processor of a server and {memory_w(each_gb):g} W for its memory "
            f"({size}); no fans, no supply, no overhead of a site{grid}"
        ),
    )
