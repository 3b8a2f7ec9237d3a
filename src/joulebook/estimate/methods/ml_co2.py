"""ML CO2 Impact (Lacoste, Luccioni, Schmidt, Dandres 2019, arXiv 1910.09700): rated power x hours x region's factor."""

from __future__ import annotations

from typing import Final

from joulebook.estimate.methods.constant import energy_kwh
from joulebook.estimate.methods.job import Job
from joulebook.estimate.methods.told import Told

PUE: Final = 1.0
SOURCE: Final = "Lacoste, Luccioni, Schmidt, Dandres 2019, arXiv 1910.09700"


def told(job: Job) -> Told:
    """The rated power of every accelerator for every hour, nothing around it."""
    head = Told("ml-co2", "ML CO2 Impact", SOURCE)
    if job.tdp_w is None:
        return head._replace(silent="it multiplies by the rated power of a device, which is not known here")
    kwh = energy_kwh(job.device_hours, job.tdp_w, PUE)
    return head._replace(
        energy_kwh=kwh,
        carbon_kg=kwh * job.intensity,
        factors=job.factors(job.tdp_w, 1.0, PUE, job.intensity),
        why=(
            f"{job.tdp_w:g} W of a data sheet for every hour instead of {job.power_w:.3g} W; "
            "no processors, no fans, no overhead of a site"
        ),
    )
