"""What a training draws, by part of the machine: rated power and fitted shares, or a published mean."""

from __future__ import annotations

from typing import Final

from joulebook.errors import ConfigError, FactNotFound
from joulebook.estimate.chip import Chip
from joulebook.estimate.stated import Part
from joulebook.estimate.train.formulas import draw_feature, product
from joulebook.estimate.train.generations import chips_of, generation
from joulebook.estimate.train.utilisation import fitted, to_the
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity, Source, derived

BOUNDARIES: Final = ("accelerator", "chips", "server", "cluster")
"""How far the energy reaches: accelerators alone; with processors and memory; with the rest of servers, of clusters."""
_BEYOND: Final = (
    ("host", "processors and memory of the servers", "cpu"),
    ("rest", "rest of the servers: fans, switches, disks, supply", "supply"),
    ("cluster", "rest of the cluster: idle nodes, network, storage", "supply"),
)
"""The factor of each step of a boundary, what it adds, and its kind."""
_ANY_SIZE: Final = Source(
    "size of the model",
    "joulebook: a model of 1e8 parameters draws three quarters of what one of 1e9 or more does; give params",
)


def left_out(boundary: str) -> list[str]:
    """What lies beyond a boundary, nearest first."""
    return [what for _, what, _ in _BEYOND[BOUNDARIES.index(boundary) :]]


def parts_of(
    catalog: Catalog, card: Chip, devices: Quantity, time: Quantity, *, boundary: str, active: Quantity | None
) -> tuple[list[Part], list[str]]:
    """Energy of each part of the machine within the boundary in J, and what a reader has to know.

    Raises `ConfigError` where nothing is known of what the device draws.
    """
    held = ((devices / Quantity.exact(1.0, "device")) * time).named("time of all devices")
    error = fitted(catalog, "power.error")
    label = f"{devices.value:g} x {card.label}"
    whole = _published(catalog, card)
    if whole is not None:
        watts = derived("draw", product, [whole, error], whole.value, "W").named("draw of one with its host")
        part = Part(label, "gpu", (watts * held).to("J"), "published mean draw, host, network and fans within")
        return [part], _of_boundary(boundary)
    if card.tdp is None:
        raise ConfigError(
            f"the catalogue has no rated power of {card.label}: give device_power in W, or power of the job"
        )
    size = _of_size(catalog, active)
    operands = [card.tdp, fitted(catalog, "power.share"), *size, error]
    watts = derived("draw", product, operands, product(*(one.value for one in operands)), "W").named("draw of one")
    is_processor = card.subject.startswith("cpu.")
    accelerators = (watts * held).to("J")
    parts = [Part(label, "cpu" if is_processor else "gpu", accelerators, "rated power x share drawn in trainings")]
    around = accelerators
    for name, device, kind in _BEYOND[int(is_processor) : BOUNDARIES.index(boundary)]:
        factor = fitted(catalog, f"power.factor.{name}")
        added = derived(name, _more, [around, factor], _more(around.value, factor.value), "J").named(device)
        parts.append(Part(device, kind, added, "fitted share of what stands within"))
        around = around + added
    return parts, []


def _of_size(catalog: Catalog, active: Quantity | None) -> list[Quantity]:
    """What a small model draws less; within the range of all of them where nobody said how large it is."""
    if active is None:
        low, high = 0.75, 1.0
        return [
            Quantity.of(0.95, "1", low=low, high=high, basis=Basis.ASSUMED, source=_ANY_SIZE, name="size not given")
        ]
    decades = draw_feature(active.value)
    return [to_the(fitted(catalog, "power.factor.smaller"), decades)] if decades else []


def _more(within: float, factor: float) -> float:
    """What a part adds to what stands within it."""
    return within * max(0.0, factor - 1)


def _published(catalog: Catalog, card: Chip) -> Quantity | None:
    """Mean W of one such device with its share of the host, where that of its generation was published."""
    try:
        one = fitted(catalog, f"power.{generation(card.subject)[0]}")
    except FactNotFound:
        return None
    chips = chips_of(card.subject)
    return one if chips == 1 else one * Quantity.exact(chips)


def _of_boundary(boundary: str) -> list[str]:
    if boundary == "server":
        return []
    return [
        f"boundary {boundary}: the mean draw of this device was published with host, network and fans, and is kept so"
    ]
