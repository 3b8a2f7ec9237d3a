"""The formula of Green Algorithms (Lannelongue, Grealey, Inouye 2021, doi 10.1002/advs.202100707)."""

from __future__ import annotations

from typing import Final

from joulebook.estimate.methods.job import Job
from joulebook.estimate.methods.told import Told

MEMORY_W_PER_GB: Final = 0.3725
PUE: Final = 1.67
"""Where the user does not know that of the building."""
CLOUD_PUE: Final = {"aws": 1.2, "gcp": 1.12, "azure": 1.12}
"""Of its calculator's table of providers (data/latest/defaults_PUE.csv of green-algorithms-tool)."""
WORLD: Final = 0.475
"""kg for a kWh, of the world, where no place is chosen (International Energy Agency 2019, as in the paper)."""
SOURCE: Final = "Lannelongue, Grealey, Inouye 2021, doi 10.1002/advs.202100707"


def energy_kwh(  # noqa: PLR0913 - the formula has these
    hours: float, *, cores: float, core_w: float, memory_gb: float, use: float = 1.0, pue: float = PUE, psf: float = 1.0
) -> float:
    """Energy in kWh of `hours` on so many cores (or devices) of a rated power, and memory in GB.

    `psf` is how often the work is done for one result.
    """
    return hours * (cores * core_w * use + memory_gb * MEMORY_W_PER_GB) * pue * psf / 1000


def told(job: Job) -> Told:
    """Rated power at full use and memory, with the PUE of its table; memory of the host as large as that of devices."""
    head = Told("green-algorithms", "Green Algorithms", SOURCE)
    if job.tdp_w is None:
        return head._replace(silent="it multiplies by the rated power of a device, which is not known here")
    pue = CLOUD_PUE.get(job.cloud, PUE)
    each = job.host_memory_gb / job.devices
    kwh = energy_kwh(job.device_hours, cores=1, core_w=job.tdp_w, memory_gb=each, pue=pue)
    intensity = job.intensity if job.region else WORLD
    grid = "" if job.region else f"; {1000 * WORLD:g} g/kWh of the world, since no place is known"
    return head._replace(
        energy_kwh=kwh,
        carbon_kg=kwh * intensity,
        factors=job.factors(job.tdp_w, (job.tdp_w + each * MEMORY_W_PER_GB) / job.tdp_w, pue, intensity),
        why=(
            f"{job.tdp_w:g} W of a data sheet instead of {job.power_w:.3g} W; "
            f"of the server only memory ({MEMORY_W_PER_GB} W/GB, {each:g} GB a device assumed); PUE {pue:g}{grid}"
        ),
    )
