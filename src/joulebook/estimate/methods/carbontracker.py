"""carbontracker (Anthony, Kanding, Selvan 2020, arXiv 2007.03051): chips as read x its PUE x a mean of the world.

Constants of its repository (github.com/saintslab/carbontracker, constants.py, as of 2025): PUE 1.58 of 2023 (Uptime
Institute), and 445 g/kWh of 2024 (International Energy Agency) where neither a live intensity nor the place is known.
"""

from __future__ import annotations

from typing import Final

from joulebook.estimate.methods.job import Job
from joulebook.estimate.methods.told import Told

PUE: Final = 1.58
WORLD: Final = 0.445
SOURCE: Final = "Anthony, Kanding, Selvan 2020, arXiv 2007.03051; constants of its repository, 2025"


def energy_kwh(measured_kwh: float) -> float:
    """KWh of a site for so many kWh of accelerators, processors and memory as they were read."""
    return measured_kwh * PUE


def told(job: Job) -> Told:
    """Chips as read, here as in our figure, with its constants."""
    kwh = energy_kwh(job.chips_kwh)
    where = f" instead of {job.region}" if job.region else ""
    return Told(
        "carbontracker",
        "carbontracker, offline",
        SOURCE,
        kwh,
        kwh * WORLD,
        factors=job.factors(job.power_w, job.chips_kwh / job.accelerator_kwh, PUE, WORLD),
        why=f"{job.around}; one PUE for every site; {1000 * WORLD:g} g/kWh of the world{where}",
    )
