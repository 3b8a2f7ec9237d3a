"""Requests to a language model on a processor, a phone or an edge board, one at a time, as a piece of work."""

from __future__ import annotations

from joulebook.estimate.amounts import amount
from joulebook.estimate.chip import Chip
from joulebook.estimate.serve.device import BYTES, language
from joulebook.estimate.serve.load import Lengths
from joulebook.estimate.serve.model import Served
from joulebook.estimate.stated import Part, Work
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Quantity


def small_work(  # noqa: PLR0913 - a request in its parts
    catalog: Catalog, model: Served, card: Chip, asked: Lengths, *, precision: str, requests: Quantity, name: str
) -> Work:
    """The requests one after the other, on the device alone: its energy is that of all of it.

    Raises `ConfigError` for a model that its memory does not hold.
    """
    kept = precision if precision in BYTES else "int4"
    active = model.architecture.active
    read = model.parameters * (active / model.architecture.total)
    one = language(card, catalog, params=read, tokens_in=asked.tokens_in, tokens_out=asked.tokens_out, precision=kept)
    number = requests / Quantity.exact(1.0, "request")
    token = asked.tokens_out / Quantity.exact(1.0, "token")
    held = (one.seconds * number).named("duration")
    kind = "cpu" if card.subject.startswith("cpu.") else "gpu"
    rates = {
        "accelerator_energy_per_token": one.joules / token,
        "accelerator_energy_per_request": one.joules,
        "latency": one.seconds,
        "time_per_token": one.seconds / token,
        "batch": amount("batch", 1, "request"),
        "tokens_in": asked.tokens_in,
        "tokens_out": asked.tokens_out,
    }
    return Work(
        name=name or f"{model.label} in {kept} on {card.label}",
        duration=held,
        device_hours=(held * Quantity.exact(1.0, "device")).to("device-h").named("device_hours"),
        parts=[Part(f"1 x {card.label}", kind, (one.joules * number).to("J"), "bandwidth, peak and power of its card")],
        chip=card,
        devices=1.0,
        rates={word: rate.named(word) for word, rate in rates.items()},
        not_included=["the rest of the device", "time in which it waits"],
        warnings=[*model.warnings, *asked.warnings, *one.warnings, "one request at a time"],
    )
