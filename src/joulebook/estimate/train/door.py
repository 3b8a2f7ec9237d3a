"""`training`: what a training will take, from hours and power, or from its size and the hardware."""

from __future__ import annotations

from typing import Unpack

from joulebook.account.terms import Statement
from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, amount, amount_or_none
from joulebook.estimate.chip import Chip, chip
from joulebook.estimate.stated import Part, Place, Work, catalog_of, stated
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Quantity


def training(
    *,
    device: str = "",
    count: Asked = 1,
    hours: Asked | None = None,
    power: Asked | None = None,
    device_power: Asked | None = None,
    name: str = "training",
    **place: Unpack[Place],
) -> Statement:
    """The account of a training that has not been done, as the statement of a run is.

    `hours` from beginning to end on `count` devices; `power` of the whole job or `device_power` of each, in W.
    Raises `ConfigError` for what is missing, contradictory or no amount, `FactNotFound` for unknown names.
    """
    work = work_of(
        catalog_of(place), device=device, count=count, hours=hours, power=power, device_power=device_power, name=name
    )
    return stated(work, place)


def work_of(  # noqa: PLR0913 - the descriptions of `training`, without the place
    catalog: Catalog,
    *,
    device: str = "",
    count: Asked = 1,
    hours: Asked | None = None,
    power: Asked | None = None,
    device_power: Asked | None = None,
    name: str = "training",
) -> Work:
    """The training as a piece of work that has no place yet: a plan prices the same one in many."""
    card = chip(device, catalog) if device else None
    devices = amount("count", count, "device", most=1e8)
    time = amount_or_none("hours", hours, "h", most=1e7)
    if time is None:
        raise ConfigError("how long it takes is not known: give hours")
    part = _energy(time, devices, card, power=power, device_power=device_power)
    return Work(
        name=name,
        duration=time.to("s").named("duration"),
        device_hours=(devices * time).to("device-h").named("device_hours"),
        parts=[part],
        chip=card,
        devices=devices.value,
    )


def _energy(
    time: Quantity, devices: Quantity, card: Chip | None, *, power: Asked | None, device_power: Asked | None
) -> Part:
    if power is not None and device_power is not None:
        raise ConfigError("power is of the whole job, device_power of each device: give one of them")
    label = card.label if card is not None else "device"
    if power is not None:
        watts = amount("power", power, "W", most=1e12)
        return Part("job", "board", (watts * time).to("J"), "power given for the whole job")
    if device_power is not None:
        watts = amount("device_power", device_power, "W", most=1e5)
        energy = watts * time * Quantity.exact(devices.value)
        return Part(f"{devices.value:g} x {label}", "gpu", energy.to("J"), "power given for each device")
    raise ConfigError("its power is not known: give power, or device_power")
