"""Cloud Carbon Footprint (cloudcarbonfootprint.org/docs/methodology): watts between idle and full, PUE by cloud.

    average watts = min + utilisation x (max - min)          utilisation 50 % where nobody measured it

For GPUs it has Teads' ratios of rated power, 0.115 idle and 1.02 full (46 and 407 W of an A100 of 400 W); for virtual
processors min and max by cloud; 0.392 W/GB of memory; servers of 1,000 kg with 150 kg for each GPU, over four years of
360 days (ccfcoef/constants.py of cloud-carbon-coefficients).
"""

from __future__ import annotations

from typing import Final

from joulebook.estimate.methods.job import PER_SERVER, Job
from joulebook.estimate.methods.told import BOTH, OPERATION, Told

IDLE, FULL = 46 / 400, 407 / 400
"""Of the rated power of a GPU."""
UTILISATION: Final = 0.5
MEMORY_W_PER_GB: Final = 0.392
PROCESSOR_W: Final = {"aws": (0.74, 3.5), "gcp": (0.71, 4.26), "azure": (0.78, 3.76)}
"""W of a virtual processor, idle and full."""
PUE: Final = {"aws": 1.135, "gcp": 1.1, "azure": 1.185}
USUAL: Final = "aws"
"""The cloud that is taken where none is said."""
PROCESSORS: Final = 12
"""Virtual processors of an accelerator: 96 of the instances with eight A100 of all three clouds."""
SERVER_KG, GPU_KG, CPU_KG = 1000.0, 150.0, 100.0
DRAM_KG_PER_GB, DRAM_FROM_GB = 533 / 384, 16.0
LIFETIME_H: Final = 4 * 12 * 30 * 24
SOURCE: Final = "Cloud Carbon Footprint, methodology and coefficients, cloudcarbonfootprint.org"


def average_w(idle: float, full: float, utilisation: float = UTILISATION) -> float:
    """Mean W at a utilisation."""
    return idle + utilisation * (full - idle)


def embodied_kg(server_hours: float, gpus: float, memory_gb: float) -> float:
    """Kg of a server of two processors with so many GPUs, for so many of its hours."""
    memory = max(0.0, memory_gb - DRAM_FROM_GB) * DRAM_KG_PER_GB
    return (SERVER_KG + CPU_KG + memory + gpus * GPU_KG) * server_hours / LIFETIME_H


def told(job: Job) -> Told:
    """GPUs and virtual processors at half their utilisation, in the cloud of the site or of AWS."""
    head = Told("ccf", "Cloud Carbon Footprint", SOURCE)
    if job.tdp_w is None:
        return head._replace(silent="it has watts for the GPUs that clouds rent by the hour: this device is not known")
    if job.processors:
        return head._replace(silent="it counts virtual processors of a cloud: how many these are is not known here")
    cloud = job.cloud or USUAL
    gpu = average_w(IDLE * job.tdp_w, FULL * job.tdp_w)
    each = gpu + PROCESSORS * average_w(*PROCESSOR_W[cloud]) + job.host_memory_gb / job.devices * MEMORY_W_PER_GB
    kwh = job.device_hours * each * PUE[cloud] / 1000
    operation = kwh * job.intensity
    per_server = min(job.devices, PER_SERVER)
    made = embodied_kg(job.device_hours / per_server, per_server, job.host_memory_gb / job.servers)
    both = job.embodied_kg > 0
    return head._replace(
        energy_kwh=kwh,
        carbon_kg=operation + made if both else operation,
        counts=BOTH if both else OPERATION,
        factors=(
            *job.factors(gpu, each / gpu, PUE[cloud], job.intensity),
            *job.with_hardware(operation, made),
        ),
        why=(
            f"every GPU at {100 * UTILISATION:g} % between idle and full, {gpu:.3g} W instead of {job.power_w:.3g} W; "
            f"{PROCESSORS} virtual processors each; PUE {PUE[cloud]:g} of {cloud.upper()}"
            f"{'' if job.cloud else ', assumed'}; hardware over four years of full use"
        ),
    )
