"""Strubell, Ganesh, McCallum 2019 (arXiv 1906.02243, section 2): measured power x hours x PUE x mean of the USA.

    p_t = 1.58 t (p_c + p_r + g p_g) / 1000           CO2e = 0.954 p_t, in lb

t are hours, p_c, p_r and p_g the mean W of processors, memory and each of g accelerators.
"""

from __future__ import annotations

from typing import Final

from joulebook.estimate.methods.job import Job
from joulebook.estimate.methods.told import Told

PUE: Final = 1.58
"""World mean of 2018 (Ascierto 2018, Uptime Institute)."""
POUNDS: Final = 0.954
"""lb for a kWh, of the USA in 2016 (EPA 2018)."""
_KG: Final = 0.45359237
SOURCE: Final = "Strubell, Ganesh, McCallum 2019, arXiv 1906.02243"


def energy_kwh(hours: float, power_w: float, pue: float = PUE) -> float:
    """Energy in kWh of so many hours at the measured power of processors, memory and accelerators together."""
    return pue * hours * power_w / 1000


def pounds(kwh: float) -> float:
    """Carbon in lb of so many kWh."""
    return POUNDS * kwh


def told(job: Job) -> Told:
    """Measured power of the chips, here that of our figure, with its overhead and its mean of the USA."""
    boundary = job.chips_kwh / job.accelerator_kwh
    kwh = energy_kwh(job.device_hours, job.power_w * boundary)
    where = job.region or "a grid that is not known"
    return Told(
        "strubell",
        "Strubell 2019",
        SOURCE,
        kwh,
        pounds(kwh) * _KG,
        factors=job.factors(job.power_w, boundary, PUE, POUNDS * _KG),
        why=f"{job.around}; the world's mean PUE of 2018; the USA of 2016 instead of {where}",
    )
