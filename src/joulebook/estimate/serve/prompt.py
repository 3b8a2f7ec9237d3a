"""A prompt of a service of which little is known: accelerators at work, their hosts, capacity that waits, the building.

`e = (accelerators + host + idle) x PUE`. Of the median text prompt of Gemini in May 2025 these are 0.14, 0.06 and
0.02 Wh, and 0.02 Wh of overhead: 0.24 Wh; counted narrowly, accelerators at work alone, it is 0.10 Wh (Elsworth et al.
2025).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, log2
from typing import Final, NamedTuple

from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, amount
from joulebook.estimate.chip import Chip
from joulebook.estimate.serve.model import derived_from
from joulebook.estimate.serve.ranged import product
from joulebook.estimate.serve.roofline import Coefficients, Device, Load, times, watts
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity, Source, derived

FITTED: Final = "estimator.language"
UNKNOWN: Final[Mapping[str, tuple[float, float, float, str]]] = {
    "active": (4e10, 1.2e10, 1.3e11, "parameters that a token uses in models of large services"),
    "sparsity": (4.0, 1.0, 12.0, "parameters over those that a token uses: 1 of dense models, 18 of DeepSeek-V3"),
    "tokens_in": (500.0, 150.0, 1500.0, "of a prompt with the instructions of the service and what was said before"),
    "tokens_out": (300.0, 120.0, 700.0, "of an answer of a chat"),
    "batch": (50.0, 12.0, 200.0, "requests that are worked on at once: 4 to 16 measured by users, 64 in EcoLogits"),
    "weight_bytes": (1.0, 0.55, 2.0, "of a parameter: 16, 8 or 4 bits"),
}
"""What nobody says of services: value, low and high, and what it is."""
SHARES: Final = {"host": "parameter.host-over-accelerator", "idle": "parameter.idle-share", "pue": "parameter.pue"}
_WHOLE: Final = "parameter.narrow-to-full"
_PARTS: Final = (0.6, 0.2, 0.2)
"""Of what stands around accelerators: hosts, idle machines, building; 0.06, 0.02 and 0.02 Wh of a prompt of Gemini."""


class Composition(NamedTuple):
    """Energy of one prompt by part, in J."""

    accelerators: Quantity
    host: Quantity
    idle: Quantity
    """Of machines that wait for requests."""
    building: Quantity
    """Cooling and losses of supply."""

    def total(self) -> Quantity:
        """Everything that a prompt takes."""
        return (self.accelerators + self.host + self.idle + self.building).named("energy of a prompt")


def composed(
    accelerators: Quantity,
    catalog: Catalog,
    *,
    host: Asked | None = None,
    idle: Asked | None = None,
    pue: Asked | None = None,
) -> Composition:
    """The whole of a prompt around the energy of accelerators at work.

    `host` is over accelerators, `idle` a share of the energy of all machines. Where none of the three is given, the
    whole is in the ratio to accelerators that is known of services; otherwise each comes from the catalogue.
    """
    if host is None and idle is None and pue is None:
        ratio = catalog.find(_WHOLE, "value").quantity().named("whole service over accelerators at work")
        around = product(lambda narrow, whole: narrow * (whole - 1), (accelerators, ratio), "J", "energy x (ratio - 1)")
        return Composition(accelerators, *(around * part for part in _PARTS))
    said = {"host": host, "idle": idle, "pue": pue}
    shares = {name: _share(name, asked, catalog) for name, asked in said.items()}
    hosts = (accelerators * shares["host"]).named("host")
    working = accelerators + hosts
    waiting = product(
        lambda machines, share: machines * share / (1 - share),
        (working, shares["idle"]),
        "J",
        "energy x share / (1 - share)",
    ).named("idle")
    overhead = derived("less one", lambda ratio: max(0.0, ratio - 1), (shares["pue"],), shares["pue"].value - 1, "1")
    return Composition(accelerators, hosts, waiting, ((working + waiting) * overhead).named("building"))


def _share(name: str, asked: Asked | None, catalog: Catalog) -> Quantity:
    if asked is None:
        return catalog.find(SHARES[name], "value").quantity().named(SHARES[name].partition(".")[2])
    least, most = {"host": (1e-9, 100.0), "idle": (1e-9, 0.99), "pue": (1.0, 20.0)}[name]
    return amount(name, asked, "1", least=least, most=most)


class Prompt(NamedTuple):
    """A prompt as far as it is known; None is what services have, with a wide range."""

    active: Asked | None = None
    params: Asked | None = None
    tokens_in: Asked | None = None
    tokens_out: Asked | None = None
    batch: Asked | None = None
    weight_bytes: Asked | None = None


def prompted(prompt: Prompt, card: Chip, catalog: Catalog) -> Quantity:
    """Energy of the accelerators at work for one prompt, in J, by the roofline of language models.

    Raises `ConfigError` for amounts that are none and devices whose card says too little.
    """
    plain = _device(card)
    by = Coefficients(*(catalog.find(FITTED, field).value for field in Coefficients._fields))
    active = _known("active", prompt.active, "1")
    sparsity = _sparsity(prompt, active)
    said = {
        name: _known(name, getattr(prompt, name), "token" if name.startswith("tokens") else "1")
        for name in ("tokens_in", "tokens_out", "batch", "weight_bytes")
    }
    memory = card.memory.to("GB").value * 1e9 if card.memory is not None else 80e9

    def joules(active: float, ratio: float, read: float, written: float, batch: float, size: float) -> float:
        total = active * max(1.0, ratio)
        shape = derived_from(Quantity.exact(total), Quantity.exact(active), "").architecture
        devices = 2.0 ** max(0, ceil(log2(total * size / (0.6 * memory))))
        load = Load(batch, read, written, devices, size)
        step = times(by, shape, plain, load)
        return watts(by, plain, step) * devices * step.total() * written / batch

    inputs = (active, sparsity, *said.values())
    error = catalog.find(FITTED, "error.energy.other").quantity().named("error of the roofline")
    return (product(joules, inputs, "J", _JOULES) * error).named("accelerators at work")


_JOULES: Final = f"power x seconds of a step x devices / batch x tokens out (shares: {FITTED} of the catalogue)"


def _sparsity(prompt: Prompt, active: Quantity) -> Quantity:
    """Parameters over those that a token uses."""
    if prompt.params is None:
        return Quantity.exact(1.0) if prompt.active is not None else _known("sparsity", None, "1")
    total = amount("params", prompt.params, "1", least=1e6, most=1e14)
    if prompt.active is None:
        raise ConfigError("params is given and active is not: active are those that a token uses, all of a dense model")
    if total.value < active.value:
        raise ConfigError(f"active = {active.value:g} is more than params = {total.value:g}")
    return total / active


def _known(name: str, asked: Asked | None, symbol: str) -> Quantity:
    if asked is not None:
        return amount(name, asked, symbol, most=1e14)
    value, low, high, text = UNKNOWN[name]
    source = Source(f"unknown {name}", f"not said: {text}")
    return Quantity.of(value, symbol, low=low, high=high, basis=Basis.ASSUMED, source=source, name=name)


def _device(card: Chip) -> Device:
    peak = next((card.peaks[name] for name in ("bf16", "fp16", "fp32") if name in card.peaks), None)
    if peak is None or card.bandwidth is None or card.tdp is None:
        raise ConfigError(
            f"the card of {card.label} does not say its peak, its bandwidth and its power: take another device"
        )
    rated = card.tdp.to("W").value
    idle = card.idle.to("W").value if card.idle is not None else 0.15 * rated
    return Device(rated, idle, card.bandwidth.to("GB/s").value * 1e9, peak.to("TFLOP/s").value * 1e12)
