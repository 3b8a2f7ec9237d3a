"""`Chip`: what the catalogue knows of a device, as far as an estimate needs it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from joulebook.errors import ConfigError, FactNotFound
from joulebook.facts.catalog import Catalog
from joulebook.facts.names import accelerator, processor
from joulebook.quantity import Basis, Quantity

PRECISIONS: Final = ("fp8", "int8", "bf16", "fp16", "tf32", "fp32", "fp16_vector")
"""Formats that a card may state a peak for, dense."""


_LEAST_DRAW: Final = 0.1
"""Of the rated power: less than accelerators draw at idle, most of them."""
_MOST_DRAW: Final = 1.3
"""Of the rated power: more than any holds for long."""


class Chip(NamedTuple):
    """One device. What its card does not say is None."""

    subject: str
    """In the catalogue: "accelerator.nvidia-h100-sxm5-80gb"."""
    label: str
    tdp: Quantity | None
    """W of one device."""
    idle: Quantity | None
    """W of one device that holds a job back or does nothing."""
    memory: Quantity | None
    """GB."""
    bandwidth: Quantity | None
    """GB/s of its memory."""
    peaks: Mapping[str, Quantity]
    """TFLOP/s (TOP/s of int8) by precision, dense."""
    year: int = 0
    """In which its card became valid; 0 is unknown."""
    warnings: tuple[str, ...] = ()
    """What a reader has to know of the choice."""


def chip(word: str, catalog: Catalog, *, on: str | None = None, edition: str | None = None) -> Chip:
    """The device that a word means; of a family its best-documented fastest member, and a warning that names it.

    A card's figures belong together, so that a family is not a card with the union of all ranges (decision 0013).
    Raises `FactNotFound` with near names.
    """
    if not isinstance(word, str):
        raise ConfigError.bad("device", word, "the name of a device: H100, A100-SXM4-80GB, 'TPU v4'")
    try:
        found = accelerator(catalog, word)
    except FactNotFound as refused:
        try:
            found = processor(catalog, word)
        except FactNotFound:
            several = re.fullmatch(r"\s*(\d+)\s*[x×*]\s*(\S.*)|(\S.*?)\s*[x×*]\s*(\d+)\s*", word)
            if several is not None:
                number, name = several[1] or several[4], several[2] or several[3]
                raise ConfigError.bad("device", word, f"one device: {name}, with count {number}") from None
            raise refused from None
    subject, warnings = found.subject, tuple[str, ...]()
    if found.members:
        subject = max(found.members, key=lambda member: _standing(member, catalog))
        others = ", ".join(catalog.label(member) for member in found.members if member != subject)
        warnings = (f"{word} is a family: {catalog.label(subject)} is taken, its fastest; the others are {others}",)
    read = {prop: catalog.find(subject, prop, on=on, edition=edition) for prop in catalog.properties(subject)}
    amounts = {prop: fact.quantity().named(f"{prop} of {catalog.label(subject)}") for prop, fact in read.items()}
    return Chip(
        subject=subject,
        label=catalog.label(subject),
        tdp=amounts.get("tdp"),
        idle=amounts.get("idle_power"),
        memory=amounts.get("memory"),
        bandwidth=amounts.get("memory_bandwidth"),
        peaks={name: amounts[f"peak.{name}"] for name in PRECISIONS if f"peak.{name}" in amounts},
        year=min((int(fact.valid_from[:4]) for prop, fact in read.items() if prop == "tdp"), default=0),
        warnings=warnings,
    )


def of_power(card: Chip, watts: Quantity) -> list[str]:
    """What is odd about a power in W that is given for one such device."""
    if card.tdp is None or not watts.value:
        return []
    share = watts.value / card.tdp.to("W").value
    if _LEAST_DRAW < share < _MOST_DRAW:
        return []
    slip = "is it of several devices, or of the whole job?" if share > 1 else "is it in kW? Then write '0.5 kW'"
    rated = f"{share:.2g} times the rated {card.tdp.value:g} W of {card.label}"
    return [f"{watts.value:.4g} W of each device are {rated}: {slip}"]


def _standing(subject: str, catalog: Catalog) -> tuple[float, ...]:
    """By what a member of a family is chosen: how its figures are known, peak, power, memory."""
    known = {prop: catalog.find(subject, prop) for prop in catalog.properties(subject)}
    basis = known["tdp"].basis if "tdp" in known else Basis.ASSUMED
    order = ("peak.bf16", "peak.fp16", "tdp", "memory")
    return (basis, *(known[prop].value if prop in known else 0.0 for prop in order))
