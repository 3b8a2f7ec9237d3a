"""A language model that answers requests: time and energy as quantities, from a load and fitted numbers."""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

from joulebook.estimate.chip import Chip
from joulebook.estimate.serve.model import Served
from joulebook.estimate.serve.precision import Figures, device
from joulebook.estimate.serve.ranged import product
from joulebook.estimate.serve.roofline import (
    SERVER,
    Architecture,
    Coefficients,
    Device,
    Load,
    prompt_flop,
    times,
    watts,
)
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity, Source, derived

FITTED: Final = "estimator.language"
_MEASURED: Final = {"h100-sxm": "h100", "b200": "b200"}
"""Devices that the fit has seen, by part of their subject."""


_BEYOND: Final = Quantity.of(
    1.0,
    "1",
    low=0.6,
    high=1.7,
    basis=Basis.ASSUMED,
    source=Source("several servers", "joulebook: exchange between servers was not metered; meter a short run"),
    name="model on several servers",
)


class Setting(NamedTuple):
    """All that is known of how a model is served."""

    model: Served
    card: Chip
    figures: Figures
    load: Load
    """Its batch and lengths are replaced by the quantities below."""
    batch: Quantity
    most: float
    """Requests that the memory has room for."""
    tokens_in: Quantity
    tokens_out: Quantity


class Answer(NamedTuple):
    """What one request takes of the accelerators that serve it."""

    step: Quantity
    """s between two tokens of one answer."""
    first: Quantity
    """s until its first token."""
    latency: Quantity
    """s until its last."""
    held: Quantity
    """s of all accelerators of the model that it is accountable for: those of a step, shared by the batch."""
    energy: Quantity
    """J of the accelerators."""
    power: Quantity
    """W of each accelerator at work."""


def coefficients(catalog: Catalog) -> Coefficients:
    """The fitted numbers, plain: what they leave unexplained is in the errors."""
    return Coefficients(*(catalog.find(FITTED, name).value for name in Coefficients._fields))


def error(catalog: Catalog, what: str, card: Chip) -> Quantity:
    """How far "energy", "time" and "power" are off on models that the fit has not seen: a factor around 1."""
    kind = next((name for word, name in _MEASURED.items() if f"-{word}" in card.subject), "other")
    fact = catalog.find(FITTED, f"error.{what}.{kind}")
    words = f"error of the estimated {what} of unseen models"
    source = Source(
        f"{FITTED} {what}", f"{words}: {fact.note} Meter a short run, and it is gone. ({fact.citation or fact.source})"
    )
    return Quantity.of(1.0, "1", low=fact.low, high=fact.high, basis=fact.basis, source=source, name=words)


def answered(catalog: Catalog, setting: Setting, power: Quantity | None = None) -> Answer:
    """Time and energy of one request at a steady load; `power` in W of each accelerator where it is known."""
    fixed = (coefficients(catalog), setting.model.architecture, setting.load, setting.most)
    one = Quantity.exact(1.0)
    inputs = [
        setting.batch,
        setting.tokens_in,
        setting.tokens_out,
        setting.model.depth or one,
        setting.model.cache or one,
        *setting.figures,
        setting.model.parameters,
    ]
    late, dear = error(catalog, "time", setting.card), error(catalog, "energy", setting.card)
    if setting.load.devices > SERVER:
        late, dear = late * _BEYOND, dear * _BEYOND
    step = product(partial(_step, *fixed), inputs, "s", _STEP).named("step of the roofline") * late
    first = product(partial(_prompt, *fixed), inputs, "s", _PROMPT).named("prompt of the roofline") * late + step
    tokens = setting.tokens_out / Quantity.exact(1.0, "token")
    held = (
        product(partial(_held, *fixed), inputs, "s", _HELD).named("steps of the roofline, shared by the batch") * late
    ).named("time of the accelerators")
    if power is None:
        energy = product(partial(_joules, *fixed), inputs, "J", _JOULES).named("energy of the roofline") * dear
        drawn = product(partial(_watts, *fixed), inputs, "W", _WATTS).named("power of the roofline") * error(
            catalog, "power", setting.card
        )
        power = derived("at most", min, [drawn, setting.figures.rated], drawn.value, "W")
    else:
        energy = (power * held * setting.load.devices).to("J")
    return Answer(
        step=step.named("time between tokens"),
        first=first.named("time to first token"),
        latency=(first + step * tokens).named("latency"),
        held=held,
        energy=energy.named("energy of the accelerators"),
        power=power.named("power of an accelerator"),
    )


_FITS: Final = f"(shares and seconds: {FITTED} of the catalogue)"
_STEP: Final = f"roofline: bytes read / bandwidth + operations / peak + launches {_FITS}"
_PROMPT: Final = f"operations of the prompt / peak + seconds of its layers {_FITS}"
_HELD: Final = f"seconds of a step / batch x tokens out {_FITS}"
_WATTS: Final = f"idle power + share of the rest by what limits each part of a step {_FITS}"
_JOULES: Final = f"power x seconds of a step x devices / batch x tokens out {_FITS}"


class _Drawn(NamedTuple):
    """One draw of all that is not certain."""

    batch: float
    tokens_in: float
    tokens_out: float
    depth: float
    cache: float
    rated: float
    idle: float
    bandwidth: float
    peak: float
    parameters: float


def _of(model: Architecture, load: Load, most: float, at: _Drawn) -> tuple[Architecture, Load, Device]:
    """The model, the load and the device of one draw."""
    if at.parameters != model.total:
        scale = at.parameters / model.total
        model = model._replace(total=at.parameters, active=model.active * scale)
    if at.depth != 1.0 or at.cache != 1.0:
        model = model._replace(layers=model.layers * at.depth, cached=model.cached * at.cache)
    drawn = load._replace(batch=min(at.batch, most), tokens_in=at.tokens_in, tokens_out=at.tokens_out)
    return model, drawn, device(at.rated, at.idle, at.bandwidth, at.peak)


def _step(by: Coefficients, model: Architecture, load: Load, most: float, *drawn: float) -> float:
    """Seconds of a step."""
    shape, asked, card = _of(model, load, most, _Drawn(*drawn))
    return times(by, shape, card, asked).total()


def _held(by: Coefficients, model: Architecture, load: Load, most: float, *drawn: float) -> float:
    """Seconds of a request's steps, shared by the batch."""
    shape, asked, card = _of(model, load, most, _Drawn(*drawn))
    return times(by, shape, card, asked).total() / asked.batch * asked.tokens_out


def _prompt(by: Coefficients, model: Architecture, load: Load, most: float, *drawn: float) -> float:
    """Seconds in which the prompt of one request alone is worked off, its picture or film within."""
    shape, asked, card = _of(model, load, most, _Drawn(*drawn))
    layers = shape.layers * (by.mixed + by.mixed_expert * (shape.experts > 0))
    computed = prompt_flop(shape, asked.tokens_in) / (card.peak * by.prefill * asked.devices)
    return computed + layers + asked.media


def _joules(by: Coefficients, model: Architecture, load: Load, most: float, *drawn: float) -> float:
    """Energy of one request on all accelerators in J."""
    shape, asked, card = _of(model, load, most, _Drawn(*drawn))
    spent = times(by, shape, card, asked)
    return watts(by, card, spent) * spent.total() * asked.devices / asked.batch * asked.tokens_out


def _watts(by: Coefficients, model: Architecture, load: Load, most: float, *drawn: float) -> float:
    """Mean power of one accelerator in W."""
    shape, asked, card = _of(model, load, most, _Drawn(*drawn))
    return watts(by, card, times(by, shape, card, asked))
