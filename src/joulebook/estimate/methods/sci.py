"""Software Carbon Intensity (ISO/IEC 21031:2024): (E x I + M) / R, with M by the whole expected life of hardware."""

from __future__ import annotations

from typing import Final

from joulebook.estimate.methods.job import Job
from joulebook.estimate.methods.told import BOTH, Told

SOURCE: Final = "ISO/IEC 21031:2024, Software Carbon Intensity"


def carbon_kg(energy_kwh: float, intensity: float, embodied_kg: float) -> float:
    """Carbon in kg of operation and hardware together, for one piece of work."""
    return energy_kwh * intensity + embodied_kg


def told(job: Job) -> Told:
    """Our energy and grid, with hardware borne by the hour of its whole life."""
    head = Told("sci", "SCI", SOURCE)
    if not job.embodied_kg or not job.whole_life_h:
        return head._replace(silent="it has no result without the making of the hardware, which is not known here")
    made = job.embodied_kg * job.lifetime_h / job.whole_life_h
    share = 100 * job.lifetime_h / job.whole_life_h
    return head._replace(
        energy_kwh=job.energy_kwh,
        carbon_kg=carbon_kg(job.energy_kwh, job.intensity, made),
        counts=BOTH,
        factors=(
            *job.factors(job.power_w, job.boundary, job.pue, job.intensity),
            *job.with_hardware(job.carbon_kg, made),
        ),
        why=f"the same energy; hardware by all hours of its life, ours by those in use ({share:.3g} %)",
    )
