"""`Job`: what published methods need to know of a piece of work, in plain numbers, read off its statement.

The statement is ours: hours, power and carbon are its values. Factors of a product of uncertain amounts are ratios of
these values, so that they multiply to them exactly (an overhead of 1.09 in a range may come out as 1.11).
"""

from __future__ import annotations

import re
from math import fsum
from typing import Final, NamedTuple

from joulebook.account.terms import IT_ENERGY, WHOLE_RUN, Statement
from joulebook.errors import ConfigError, FactNotFound
from joulebook.estimate.chip import Chip, chip
from joulebook.estimate.methods.told import BOUNDARY, INTENSITY, MAKING, OVERHEAD, POWER, TIME, Factor
from joulebook.facts.catalog import Catalog

PER_SERVER: Final = 8
"""Accelerators of a server, as in HGX and DGX machines."""
CLOUDS: Final = ("aws", "gcp", "azure")
_HARDWARE: Final = re.compile(r"(\d+(?:\.\d+)?) x (.+)")
_MEMORY: Final = re.compile(r"(\d+(?:\.\d+)?) GiB of memory")
_CHIPS: Final = ("cpu", "ram", "dram")


class Text(NamedTuple):
    """Requests to a language model, as far as methods know them; parameters in 1e9."""

    total: float
    active: float
    tokens_out: float
    batch: float
    devices: float
    """That share the model."""
    requests: float = 1.0


class Size(NamedTuple):
    """What a statement does not say of a job: operations and the peak in FLOP/s of a device, or requests."""

    flop: float | None = None
    peak: float | None = None
    text: Text | None = None


class Job(NamedTuple):
    """One piece of work. Energy in kWh, carbon in kg; none of the amounts of energy is zero."""

    device_hours: float
    devices: float
    accelerator_kwh: float
    """Of the devices that `device_hours` counts."""
    chips_kwh: float
    """With processors and memory."""
    it_kwh: float
    energy_kwh: float
    carbon_kg: float
    embodied_kg: float = 0.0
    """0 where nothing is known of it: then no method is compared by it."""
    lifetime_h: float = 0.0
    """Hours of work in the life of its hardware."""
    whole_life_h: float = 0.0
    """Hours of that life, worked or not."""
    region: str = ""
    """"" where the grid is not known."""
    cloud: str = ""
    card: str = ""
    tdp_w: float | None = None
    memory_gb: float | None = None
    """Of one device."""
    host_gb: float | None = None
    """Of all machines together, where it was recorded."""
    processors: bool = False
    """Whether the devices are processors, since no accelerator worked."""
    undivided: bool = False
    """Whether the energy is known of the whole job alone, not by part."""
    flop: float | None = None
    peak: float | None = None
    text: Text | None = None

    @property
    def power_w(self) -> float:
        """Of one device."""
        return self.accelerator_kwh * 1000 / self.device_hours

    @property
    def boundary(self) -> float:
        """Energy of all that is counted of the machines over that of the devices."""
        return self.it_kwh / self.accelerator_kwh

    @property
    def pue(self) -> float:
        """Energy of the site over that of the machines; 1 where the site is not known."""
        return self.energy_kwh / self.it_kwh

    @property
    def intensity(self) -> float:
        """Kg for a kWh."""
        return self.carbon_kg / self.energy_kwh

    @property
    def making(self) -> float:
        """Carbon with that of making the hardware, over that of operation."""
        return (self.carbon_kg + self.embodied_kg) / self.carbon_kg

    @property
    def around(self) -> str:
        """What a method that reads chips alone leaves out of our figure."""
        left = self.chips_kwh < self.it_kwh
        return "chips alone, without fans and supply" if left else "the devices that we count"

    @property
    def servers(self) -> float:
        """Servers of eight devices, a smaller one where there are fewer."""
        return max(1.0, self.devices / PER_SERVER)

    @property
    def host_memory_gb(self) -> float:
        """Memory of the machines; where it was not recorded, as much as the devices have themselves."""
        return self.host_gb if self.host_gb is not None else self.devices * (self.memory_gb or 0.0)

    def factors(self, power_w: float, boundary: float, pue: float, intensity: float) -> tuple[Factor, ...]:
        """The factors of operational carbon for the same device-hours."""
        return (
            Factor(TIME, self.device_hours, self.device_hours, "device-h"),
            Factor(POWER, self.power_w, power_w, "W/device"),
            Factor(BOUNDARY, self.boundary, boundary),
            Factor(OVERHEAD, self.pue, pue),
            Factor(INTENSITY, self.intensity, intensity, "kgCO2e/kWh"),
        )

    def with_hardware(self, operation_kg: float, hardware_kg: float) -> tuple[Factor, ...]:
        """The factor that the making of hardware adds; none where we know nothing of it."""
        if not self.embodied_kg:
            return ()
        return (Factor(MAKING, self.making, (operation_kg + hardware_kg) / operation_kg),)


def job_of(statement: Statement, catalog: Catalog, size: Size | None = None) -> Job:
    """The job of an estimate or of a run.

    Raises `ConfigError` where its energy, its time or its carbon is not known or zero.
    """
    hours, energy, carbon = statement.device_hours, statement.energy, statement.carbon
    amounts = [one.value if one is not None else 0.0 for one in (hours, statement.it_energy, energy, carbon)]
    if hours is None or statement.it_energy is None or energy is None or carbon is None or min(amounts) <= 0:
        raise ConfigError("methods are compared by energy, device-hours and carbon: one of them is not known, or zero")
    lines = [
        (line.device_kind, line.quantity.to("kWh").value)
        for line in statement.of_kind(IT_ENERGY, WHOLE_RUN)
        if line.quantity.value > 0
    ]
    it_kwh = statement.it_energy.to("kWh").value
    accelerators = fsum(value for kind, value in lines if kind == "gpu")
    rest = fsum(value for kind, value in lines if kind in _CHIPS)
    processors = not accelerators and rest > 0
    if not accelerators:
        accelerators, rest = rest or it_kwh, 0.0
    devices, card = _card(statement, catalog)
    place = statement.assumption("carbon_intensity")
    life, use = (statement.assumption(name) for name in ("lifetime", "use of lifetime"))
    whole = life.quantity.to("h").value if life is not None else 0.0
    embodied = statement.carbon_embodied.to("kgCO2e").value if statement.carbon_embodied is not None else 0.0
    found = size or Size()
    return Job(
        device_hours=hours.to("device-h").value,
        devices=devices,
        accelerator_kwh=accelerators,
        chips_kwh=min(accelerators + rest, it_kwh),
        it_kwh=it_kwh,
        energy_kwh=energy.to("kWh").value,
        carbon_kg=carbon.to("kgCO2e").value,
        embodied_kg=embodied,
        lifetime_h=whole * (use.quantity.value if use is not None else 1.0),
        whole_life_h=whole,
        region=place.note if place is not None else "",
        cloud=_cloud(statement.site),
        card=card.label if card is not None else "",
        tdp_w=card.tdp.value if card is not None and card.tdp is not None else None,
        memory_gb=card.memory.to("GB").value if card is not None and card.memory is not None else None,
        host_gb=_memory(statement),
        processors=processors,
        undivided=accelerators == it_kwh and not processors and all(kind != "gpu" for kind, _ in lines),
        flop=found.flop,
        peak=found.peak,
        text=found.text,
    )


def _card(statement: Statement, catalog: Catalog) -> tuple[float, Chip | None]:
    """How many accelerators the job holds, and what they are; None where they are of several kinds."""
    named = [found for words in statement.hardware if (found := _HARDWARE.fullmatch(words))]
    devices = max(fsum(float(found[1]) for found in named), 1.0)
    if len(named) != 1:
        return devices, None
    try:
        return devices, chip(named[0][2], catalog)
    except FactNotFound:
        return devices, None


def _memory(statement: Statement) -> float | None:
    """GB of the machine of a run, as it was recorded."""
    found = [match for words in statement.hardware if (match := _MEMORY.fullmatch(words))]
    return float(found[0][1]) * 2**30 / 1e9 if found else None


def _cloud(site: str) -> str:
    """The cloud of a site, where it is one of those that methods have a PUE of."""
    word = site.lower().partition(":")[0]
    return word if word in CLOUDS else ""
