"""Boavizta (boaviztapi, doc.api.boavizta.org): what making a server emitted, from its components, over its life.

    CPU  = (cores x die per core + 0.491) x 1.97 + 9.14        RAM strip = capacity / density x 2.20 + 5.22
    supply = weight x 24.30        board 66.10        rack case 150        assembly 6.68               in kg

A GPU is no component of that published formula: a machine of accelerators is counted without them. Energy is the
user's to give, so that only the making of hardware is compared.
"""

from __future__ import annotations

from math import ceil
from typing import Final

from joulebook.estimate.methods.job import PER_SERVER, Job
from joulebook.estimate.methods.told import HARDWARE, LIFETIME, MAKING, Factor, Told

PROCESSORS, CORES, DIE_CM2 = 2, 24, 0.245
"""Of a server; cores and their area are its defaults."""
STRIP_GB, STRIP_GB_PER_CM2 = 32, 0.625
SUPPLIES, SUPPLY_KG = 2, 2.99
BOARD, CASE, ASSEMBLY = 66.10, 150.0, 6.68
LIFETIME_H: Final = 35_040
"""Four years."""
SOURCE: Final = "Boavizta: BoaviztAPI, impacts of components, doc.api.boavizta.org"


def server_kg(memory_gb: float) -> float:
    """Kg of making a server of its defaults with so much memory."""
    processors = PROCESSORS * ((CORES * DIE_CM2 + 0.491) * 1.97 + 9.14)
    memory = ceil(memory_gb / STRIP_GB) * (STRIP_GB / STRIP_GB_PER_CM2 * 2.20 + 5.22)
    return processors + memory + SUPPLIES * SUPPLY_KG * 24.30 + BOARD + CASE + ASSEMBLY


def told(job: Job) -> Told:
    """A server for eight accelerators, which are not counted themselves, by its hours over its life."""
    head = Told("boavizta", "Boavizta, hardware", SOURCE, counts=HARDWARE)
    if not job.embodied_kg or not job.lifetime_h:
        return head._replace(silent="it says what making the hardware emitted, and we know nothing of that here")
    hours = job.device_hours / min(job.devices, PER_SERVER)
    each = server_kg(job.host_memory_gb / job.servers)
    return head._replace(
        carbon_kg=each * hours / LIFETIME_H,
        factors=(
            Factor(MAKING, job.embodied_kg * job.lifetime_h / hours, each, "kgCO2e"),
            Factor(LIFETIME, 1 / job.lifetime_h, 1 / LIFETIME_H, "1/h", f"{job.lifetime_h:,.0f} to {LIFETIME_H:,} h"),
        ),
        why=(
            f"a server of {each:,.0f} kg without its accelerators; over {LIFETIME_H:,} h, worked or not, "
            f"instead of {job.lifetime_h:,.0f} h of work"
        ),
    )
