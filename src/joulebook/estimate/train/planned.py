"""A training that was described becomes a piece of work: time and power as given, or as the fits have them."""

from __future__ import annotations

from typing import Final, NamedTuple

from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, amount, amount_or_none
from joulebook.estimate.chip import Chip, chip, of_power
from joulebook.estimate.stated import Part, Work
from joulebook.estimate.train.checks import (
    fewest,
    of_count,
    of_device,
    of_hours,
    of_job,
    of_length,
    of_memory,
    of_tokens,
)
from joulebook.estimate.train.power import BOUNDARIES, left_out, parts_of
from joulebook.estimate.train.utilisation import Used, peak_of, used
from joulebook.estimate.train.workload import Task, Workload, one_of, task_of
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Quantity


class Job(NamedTuple):
    """What is known of a training beside its size."""

    device: str = ""
    devices: Asked | None = None
    """How many; None is as few as hold what is trained."""
    hours: Asked | None = None
    """From beginning to end."""
    power: Asked | None = None
    """W of the whole job."""
    device_power: Asked | None = None
    """W of each device."""
    name: str = "training"


_UNKNOWN: Final = Chip("accelerator.not-named", "device", None, None, None, None, {})
"""A device of which only what was given is known."""


class _Held(NamedTuple):
    """Devices, and how long they are held."""

    card: Chip | None
    devices: Quantity
    time: Quantity


def planned(catalog: Catalog, job: Job, asked: Workload) -> Work:
    """The training as a piece of work that has no place yet.

    Raises `ConfigError` for what is missing, contradictory or no amount, `FactNotFound` for unknown names.
    """
    if job.power is not None and job.device_power is not None:
        raise ConfigError("power is of the whole job, device_power of each device: give one of them")
    card = chip(job.device, catalog) if job.device else None
    time = amount_or_none("hours", job.hours, "h", most=1e7)
    task = task_of(asked)
    few = fewest(card, task) if time is None and card is not None and task is not None else 1
    devices = amount("count", few if job.devices is None else job.devices, "device", least=1.0, most=1e8)
    warnings = [
        *of_count(devices.value),
        *(of_device(card) if card is not None else ()),
        *(task.warnings if task is not None else ()),
    ]
    if card is not None and task is not None:
        warnings += of_memory(card, devices.value, task)
    if job.devices is None and few > 1:
        warnings.append(f"count was not given: {few} devices are taken, the fewest servers that hold what is trained")
    if time is None:
        known, time = _time(catalog, card, devices, task, asked)
        warnings += [*known.warnings, *(of_tokens(task) if task is not None else ())]
        rates = {"utilisation": known.share}
    else:
        rates = _implied(_Held(card, devices, time), task, asked, warnings)
    warnings += of_length(time, devices.value, given=job.hours is not None)
    boundary = one_of("boundary", asked.get("boundary", "") or "server", BOUNDARIES)
    active = task.active if task is not None else None
    parts, said = _energy(catalog, job, _Held(card, devices, time), active, boundary)
    reach = "accelerator" if job.device_power is not None else "server" if job.power is not None else boundary
    return Work(
        name=job.name,
        duration=time.to("s").named("duration"),
        device_hours=(devices * time).to("device-h").named("device_hours"),
        parts=parts,
        chip=card,
        devices=devices.value,
        rates=rates,
        not_included=left_out(reach),
        warnings=[*warnings, *said],
    )


def _time(
    catalog: Catalog, card: Chip | None, devices: Quantity, task: Task | None, asked: Workload
) -> tuple[Used, Quantity]:
    """The utilisation, and the hours that follow from it."""
    if task is None:
        raise ConfigError("how long it takes is not known: give hours, or params and tokens with a device")
    if task.operations is None:
        raise ConfigError(f"how long it takes is not known: give {task.missing}; or hours")
    if card is None and "peak" not in asked:
        raise ConfigError("how long it takes is not known: give the device that it runs on, or its peak; or hours")
    card = card or _UNKNOWN
    known = used(catalog, card, devices.value, task, asked)
    speed = known.peak * (devices / Quantity.exact(1.0, "device")) * known.share
    return known, (task.operations / speed).to("h").named("hours")


def _implied(held: _Held, task: Task | None, asked: Workload, warnings: list[str]) -> dict[str, Quantity]:
    """The utilisation that given hours imply, where the operations are known; what it says is added to `warnings`."""
    card, devices, time = held
    if card is None or task is None or task.operations is None:
        return {}
    peak, said = peak_of(card, task.precision, asked)
    share = task.operations / (peak * (devices / Quantity.exact(1.0, "device")) * time)
    warnings += [*said, *of_hours(time, task, share.to("1").value, devices.value)]
    return {"utilisation": share.to("1").named("utilisation")}


def _energy(
    catalog: Catalog, job: Job, held: _Held, active: Quantity | None, boundary: str
) -> tuple[list[Part], list[str]]:
    """Energy by part, and what a reader has to know."""
    card, devices, time = held
    if job.power is not None:
        watts = amount("power", job.power, "W", most=1e12)
        said = of_job(card, devices.value, watts) if card is not None else []
        return [Part("job", "board", (watts * time).to("J"), "power given for the whole job")], said
    if job.device_power is not None:
        watts = amount("device_power", job.device_power, "W", most=1e5)
        energy = watts * time * (devices / Quantity.exact(1.0, "device"))
        label = card.label if card is not None else "device"
        said = of_power(card, watts) if card is not None else []
        return [Part(f"{devices.value:g} x {label}", "gpu", energy.to("J"), "power given for each device")], said
    if card is None:
        raise ConfigError("its power is not known: give power, or device_power, or the device")
    return parts_of(catalog, card, devices, time, boundary=boundary, active=active)
