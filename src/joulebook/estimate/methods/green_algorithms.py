"""The formula of Green Algorithms (Lannelongue, Grealey, Inouye 2021, doi 10.1002/advs.202100707), of two releases.

    energy = hours x (cores x rated power x use + memory x W/GB) x PUE x repetitions

The constants of the paper are those of its calculator up to release 2.2; release 3 has less for memory and another PUE
(referenceValues.csv, defaults_PUE.csv of github.com/GreenAlgorithms/green-algorithms-tool, data/v2.2 and data/latest).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from joulebook.estimate.methods.job import Job
from joulebook.estimate.methods.told import Told

MEMORY_W_PER_GB: Final = 0.3725
PUE: Final = 1.67
"""Where the user does not know that of the building."""
WORLD: Final = 0.475
"""kg for a kWh, of the world, where no place is chosen (International Energy Agency 2019, as in the paper)."""


class Release(NamedTuple):
    """The constants of a release."""

    word: str
    title: str
    source: str
    memory_w_per_gb: float
    pue: float
    clouds: Mapping[str, float]
    """PUE by provider."""


PAPER: Final = Release(
    "green-algorithms",
    "Green Algorithms",
    "Lannelongue, Grealey, Inouye 2021, doi 10.1002/advs.202100707; release 2.2",
    MEMORY_W_PER_GB,
    PUE,
    {"aws": 1.2, "gcp": 1.11, "azure": 1.125},
)
THIRD: Final = Release(
    "green-algorithms-3",
    "Green Algorithms 3",
    "Green Algorithms 3, github.com/GreenAlgorithms/green-algorithms-tool",
    0.08,
    1.56,
    {"aws": 1.2, "gcp": 1.12, "azure": 1.12},
)


def energy_kwh(  # noqa: PLR0913 - the formula has these
    hours: float,
    *,
    cores: float,
    core_w: float,
    memory_gb: float,
    use: float = 1.0,
    pue: float = PUE,
    psf: float = 1.0,
    memory_w_per_gb: float = MEMORY_W_PER_GB,
) -> float:
    """Energy in kWh of `hours` on so many cores (or devices) of a rated power, and memory in GB.

    `psf` is how often the work is done for one result.
    """
    return hours * (cores * core_w * use + memory_gb * memory_w_per_gb) * pue * psf / 1000


def told(job: Job) -> Told:
    """The job with the constants of the paper."""
    return _told(job, PAPER)


def told_3(job: Job) -> Told:
    """The job with the constants of release 3."""
    return _told(job, THIRD)


def _told(job: Job, release: Release) -> Told:
    """Rated power at full use and memory, with the PUE of its table; memory of the host as large as that of devices."""
    head = Told(release.word, release.title, release.source)
    if job.tdp_w is None:
        return head._replace(silent="it multiplies by the rated power of a device, which is not known here")
    pue = release.clouds.get(job.cloud, release.pue)
    each, memory = job.host_memory_gb / job.devices, release.memory_w_per_gb
    kwh = energy_kwh(job.device_hours, cores=1, core_w=job.tdp_w, memory_gb=each, pue=pue, memory_w_per_gb=memory)
    intensity = job.intensity if job.region else WORLD
    grid = "" if job.region else f"; {1000 * WORLD:g} g/kWh of the world, since no place is known"
    size = f"{each:g} GB a device{'' if job.host_gb is not None else ' assumed'}"
    return head._replace(
        energy_kwh=kwh,
        carbon_kg=kwh * intensity,
        factors=job.factors(job.tdp_w, (job.tdp_w + each * memory) / job.tdp_w, pue, intensity),
        why=(
            f"{job.tdp_w:g} W of a data sheet instead of {job.power_w:.3g} W; "
            f"of the server only memory ({memory} W/GB, {size}); PUE {pue:g}{grid}"
        ),
    )
