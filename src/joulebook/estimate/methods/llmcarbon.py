"""LLMCarbon (Faiz et al. 2023, arXiv 2309.14393): operations over throughput, power in proportion to efficiency.

    t = FLOP / (n x peak x eff)          E = PUE x n x P x eff x t

P is the peak power of a device and eff its hardware efficiency, which therefore cancels in the energy: a device that
reaches 40 % of its peak is taken to draw 40 % of its rated power. The embodied part needs the area and the process of
every chip of the machine, which a job does not say: it is left out here.
"""

from __future__ import annotations

from typing import Final

from joulebook.estimate.methods.job import Job
from joulebook.estimate.methods.told import Told

PUE: Final = 1.1
"""Of its examples."""
USA: Final = 0.429
"""kg for a kWh, of its examples (Patterson et al. 2021)."""
SOURCE: Final = "Faiz et al. 2023, arXiv 2309.14393"


def energy_kwh(flop: float, peak: float, peak_w: float, efficiency: float, pue: float = PUE) -> float:
    """Energy in kWh of so many operations on devices of a peak in FLOP/s and W."""
    device_hours = flop / (peak * efficiency) / 3600
    return pue * device_hours * peak_w * efficiency / 1000


def told(job: Job) -> Told:
    """The operations of a training at the efficiency that our time implies."""
    head = Told("llmcarbon", "LLMCarbon", SOURCE)
    if job.flop is None or job.peak is None:
        what = "answers need its own model of serving" if job.text is not None else "give params and tokens"
        return head._replace(silent=f"it begins with the operations of a training, which are not known here ({what})")
    if job.tdp_w is None:
        return head._replace(silent="it multiplies by the rated power of a device, which is not known here")
    efficiency = job.flop / (job.peak * job.device_hours * 3600)
    kwh = energy_kwh(job.flop, job.peak, job.tdp_w, efficiency)
    intensity = job.intensity if job.region else USA
    return head._replace(
        energy_kwh=kwh,
        carbon_kg=kwh * intensity,
        factors=job.factors(job.tdp_w * efficiency, 1.0, PUE, intensity),
        why=(
            f"power in proportion to utilisation: {100 * efficiency:.3g} % of the peak is taken as "
            f"{job.tdp_w * efficiency:.3g} W of {job.tdp_w:g} W; accelerators alone; PUE {PUE}"
        ),
    )
