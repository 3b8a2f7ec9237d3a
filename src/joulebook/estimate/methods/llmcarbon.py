"""LLMCarbon (Faiz et al. 2023, arXiv 2309.14393): operations over throughput, times the power of the system; and chips.

    t = FLOP / (n x peak x efficiency)          E = PUE x n x P x t          M = t / 5 years x sum of area x CPA

P is the mean power of the system for each device: 300 to 342 W for a V100 of 300 W in the rows that the paper is
checked by (its Table 4, github.com/SotaroKaneda/MLCarbon, data/database.csv), so that the rated power stands for it
where nobody measured it. Hardware is that of its Table 5: for eight devices one processor, 256 GB and 32 TB.
"""

from __future__ import annotations

from typing import Final

from joulebook.estimate.methods.job import PER_SERVER, Job
from joulebook.estimate.methods.told import BOTH, OPERATION, Told

PUE: Final = 1.1
"""Of its examples."""
USA: Final = 0.429
"""kg for a kWh, of its examples (Patterson et al. 2021)."""
CHIPS_KG: Final = {"V100": 9.78, "H100": 14.652, "TPU v3": 7.0, "TPU v4": 6.4}
"""kg of making one device, area x carbon per area."""
OTHER: Final = "H100"
"""The chip that is taken for one that its table does not have."""
HOST_KG: Final = 1.47 + 102.4 + 768.0
"""kg of processor, memory and disks of a server."""
LIFETIME_H: Final = 5 * 365 * 24
SOURCE: Final = "Faiz et al. 2023, arXiv 2309.14393"


def device_hours(flop: float, peak: float, efficiency: float) -> float:
    """Hours of one device for so many operations, at a share of its peak in FLOP/s."""
    return flop / (peak * efficiency) / 3600


def energy_kwh(hours: float, system_w: float, pue: float = PUE) -> float:
    """Energy in kWh of so many device-hours at the power of the system for each device."""
    return pue * hours * system_w / 1000


def embodied_kg(hours: float, device_kg: float, per_server: float = PER_SERVER) -> float:
    """Carbon in kg of the hardware, for so many device-hours in servers of so many devices."""
    return hours / LIFETIME_H * (device_kg + HOST_KG / per_server)


def told(job: Job) -> Told:
    """The operations of a training at the efficiency that our time implies, at rated power."""
    head = Told("llmcarbon", "LLMCarbon", SOURCE)
    if job.flop is None or job.peak is None:
        what = "answers need its own model of serving" if job.text is not None else "give params and tokens"
        return head._replace(silent=f"it begins with the operations of a training, which are not known here ({what})")
    if job.tdp_w is None:
        return head._replace(silent="it multiplies by the power of a system with this device, which is not known here")
    efficiency = job.flop / (job.peak * job.device_hours * 3600)
    kwh = energy_kwh(device_hours(job.flop, job.peak, efficiency), job.tdp_w)
    intensity = job.intensity if job.region else USA
    operation = kwh * intensity
    chip = next((name for name in CHIPS_KG if name.replace(" ", "") in job.card.replace(" ", "")), OTHER)
    made = embodied_kg(job.device_hours, CHIPS_KG[chip], min(job.devices, PER_SERVER))
    both = job.embodied_kg > 0
    return head._replace(
        energy_kwh=kwh,
        carbon_kg=operation + made if both else operation,
        counts=BOTH if both else OPERATION,
        factors=(*job.factors(job.tdp_w, 1.0, PUE, intensity), *job.with_hardware(operation, made)),
        why=(
            f"our time as {100 * efficiency:.3g} % of the peak; {job.tdp_w:g} W of a data sheet instead of "
            f"{job.power_w:.3g} W, for the server too; PUE {PUE}; hardware by the area of chips, over five years"
        ),
    )
