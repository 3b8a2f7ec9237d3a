"""Every kind of request but text on servers: pictures, films, classified images; text on phones and boards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from joulebook.account.terms import Statement
from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, amount
from joulebook.estimate.chip import Chip
from joulebook.estimate.serve.device import BYTES, language
from joulebook.estimate.serve.model import served
from joulebook.estimate.serve.pictures import KINDS, Drawing, Pictures, picture_work, thing_of
from joulebook.estimate.stated import Part, Place, Work, catalog_of, stated
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Quantity

TEXT: Final = "text"
_AROUND: Final = ("device", "count", "requests", "host", "busy", "name")
_SMALL: Final = ("model", "params", "active", "precision", "tokens_in", "tokens_out", "requests", "name", "bandwidth")
_FIGURES: Final = ("energy", "carbon", "cost", "cost_hire", "water")
_FOUR: Final = ("mxfp4", "nvfp4", "int4")


def kind_of(kind: str, asked: Mapping[str, object]) -> str:
    """The kind that is meant: text unless said or told by what is asked for. Raises `ConfigError` for no kind."""
    if kind and kind not in (TEXT, *KINDS):
        raise ConfigError.bad("kind", kind, f"one of {', '.join((TEXT, *KINDS))}")
    drawing = [name for name in Drawing.__annotations__ if name in asked]
    if drawing and kind in ("", TEXT):
        raise ConfigError(f"{', '.join(drawing)}: not of text; say which kind: {', '.join(KINDS)}")
    return kind or TEXT


def pictured(kind: str, asked: Mapping[str, Any], place: Place) -> Statement:
    """The account of pictures, films or classified images, with rates for each.

    Raises `ConfigError` for what is missing, contradictory, no amount or of another kind.
    """
    odd = sorted(name for name in asked if name not in {*Pictures.__annotations__, *_AROUND})
    if odd:
        raise ConfigError(f"{', '.join(odd)}: of text alone; leave out for kind {kind}")
    drawing = cast("Pictures", {name: value for name, value in asked.items() if name in Pictures.__annotations__})
    around = {name: asked[name] for name in _AROUND if name in asked}
    work = picture_work(catalog_of(place), kind, drawing, **({"device": ""} | around))
    return with_rates(stated(work, place), asked.get("requests", 1), thing_of(kind))


def with_rates(statement: Statement, requests: Asked, thing: str) -> Statement:
    """The statement with energy, carbon and cost of one request."""
    each = amount("requests", requests, "1")
    rates = {}
    for figure in _FIGURES:
        found = getattr(statement, figure)
        if found is not None:
            rates[f"{figure}_per_{thing}"] = (found / each).named(f"{figure}_per_{thing}")
    return statement._replace(rates={**statement.rates, **rates})


def small_work(catalog: Catalog, card: Chip, asked: Mapping[str, Any]) -> Work:
    """Requests to a language model on a processor, a phone or a board, one at a time.

    Raises `ConfigError` for what such devices do not do and for models that they do not hold.
    """
    odd = sorted(name for name in asked if name not in {*_SMALL, "device", "batch", "count", "host", "busy"})
    if odd:
        raise ConfigError(f"{', '.join(odd)}: of servers; {card.label} answers one request at a time: leave out")
    model = served(catalog, asked.get("model", ""), asked.get("params"), asked.get("active"))
    precision = asked.get("precision") or "int4"
    requests = amount("requests", asked.get("requests", 1), "1", most=1e15)
    tokens = {name: asked[name] for name in ("tokens_in", "tokens_out") if name in asked}
    if "tokens_out" not in tokens:
        raise ConfigError("how long an answer is is not known: give tokens_out")
    found = language(
        card,
        catalog,
        params=model.architecture.active,
        held=model.architecture.total,
        precision="int4" if precision in _FOUR else precision if precision in BYTES else "bf16",
        bandwidth=asked.get("bandwidth"),
        **tokens,
    )
    written = amount("tokens_out", tokens["tokens_out"], "token") / Quantity.exact(1.0, "token")
    held = (found.seconds * requests).named("duration")
    rates = {
        "accelerator_energy_per_request": found.joules,
        "accelerator_energy_per_token": found.joules / written,
        "latency": found.seconds,
    }
    warnings = [*model.warnings, *found.warnings]
    if "precision" not in asked:
        warnings.append("weights are taken in 4 bits, as on such devices: give precision for others")
    return Work(
        name=asked.get("name") or f"{model.label} in {precision} on {card.label}",
        duration=held,
        device_hours=(held * Quantity.exact(1.0, "device")).to("device-h").named("device_hours"),
        parts=[Part(f"1 x {card.label}", "cpu", found.joules * requests, "weights over bandwidth, share of the power")],
        chip=card,
        devices=1.0,
        rates={name: rate.named(name) for name, rate in rates.items()},
        not_included=["power supply, screen and radio of the device"],
        warnings=warnings,
    )
