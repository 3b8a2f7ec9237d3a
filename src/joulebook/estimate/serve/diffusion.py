"""`drawn`: what pictures or films of a diffusion model take on accelerators, as quantities.

The model is named, or known by its parameters alone. The formulas are in denoising.py and drawing.py, their fitted
numbers in the catalogue under `estimator.diffusion`, the cards of models under `diffusion.*`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import sqrt
from typing import Final, NamedTuple

from joulebook.errors import ConfigError, FactNotFound
from joulebook.estimate.amounts import Asked, amount, amount_or_none
from joulebook.estimate.chip import Chip
from joulebook.estimate.serve.denoising import SHARE, Denoiser, Size, operations, typical
from joulebook.estimate.serve.drawing import Card, Job, Speeds, spent
from joulebook.estimate.serve.ranged import product
from joulebook.facts.catalog import Catalog, Resolution
from joulebook.facts.fact import Fact
from joulebook.quantity import Basis, Quantity, Source

SUBJECT: Final = "estimator.diffusion"
FITTED: Final = ("accelerator.nvidia-h100-sxm5-80gb", "accelerator.nvidia-b200-sxm-180gb")
"""Devices whose measurements the fit has seen."""
_LINK: Final = 0.13
"""Bandwidth of the links between devices over that of their memory: H100 450 of 3,350 GB/s, B200 900 of 7,700."""
_BUS: Final = 25e9
"""B/s between cards without such links, through PCI Express 4."""
_LINKED: Final = 300
"""W from which cards have links of their own, as modules of HGX boards do."""
_BYTES: Final = 2


class Wanted(NamedTuple):
    """Pictures or films as they are asked for; None is what the model's makers use."""

    film: bool = False
    model: str = ""
    params: Asked | None = None
    """Of the denoiser."""
    steps: Asked | None = None
    size: str = ""
    """Width and height in pixels: "1024x1024", "1280x720"."""
    frames: Asked | None = None
    fps: Asked | None = None
    guidance: bool | None = None
    """Whether each step is done twice (classifier-free guidance); False for models distilled not to need it."""
    squeeze: Asked | None = None
    """Pixels on an edge of a latent point: 8 of most, 32 of SANA and LTX."""
    batch: Asked = 1
    devices: Asked = 1


class Drawn(NamedTuple):
    """What a batch takes."""

    label: str
    seconds: Quantity
    """Until the batch is there."""
    joules: Quantity
    """Of all accelerators, for the batch."""
    batch: Quantity
    """Pictures or films in it."""
    devices: Quantity
    clip: Quantity | None
    """Seconds that a film lasts."""
    size: Size
    warnings: tuple[str, ...]


class _Model(NamedTuple):
    """A denoiser as it is used, with what is not sure of it."""

    label: str
    formula: Callable[..., float]
    """Seconds or joules, by what is fixed and what is not."""
    unknown: tuple[Quantity, ...]
    passes: Quantity
    usual: dict[str, Quantity]
    parameters: float
    warnings: tuple[str, ...] = ()
    errors: tuple[Quantity, ...] = ()
    """Factors around 1 for what no formula says of it."""


def drawn(wanted: Wanted, card: Chip, catalog: Catalog) -> Drawn:
    """Seconds and joules of a batch of pictures or films, with 90 % intervals.

    Raises `ConfigError` for what is missing or no amount, `FactNotFound` for a model that nobody knows.
    """
    model = _model(wanted, catalog)
    steps = _said("steps", wanted.steps, model, most=1e5)
    batch = amount("batch", wanted.batch, "1", least=1.0, most=1e5)
    devices = amount("count", wanted.devices, "device", least=1.0, most=1e4)
    height, width = _pixels(wanted, model)
    frames, clip = _frames(wanted, model)
    device, more = _card(card, catalog)
    speeds = Speeds(*(catalog.find(SUBJECT, field).value for field in Speeds._fields))

    inputs = (model.passes, steps, batch, frames, *model.unknown)
    word = "film" if wanted.film else "picture"
    fixed = _Fixed(height, width, device, speeds, devices.value, wanted.film)
    seconds = product(partial(model.formula, 0, fixed), inputs, "s", f"operations / peak reached, {_FITS}")
    joules = product(partial(model.formula, 1, fixed), inputs, "J", f"power x seconds x devices, {_FITS}")
    for extra in (*more, *model.errors):
        seconds, joules = seconds * extra, joules * extra
    return Drawn(
        label=model.label,
        seconds=(seconds * _error(catalog, f"{word}.time", "error of the estimated time of unseen models")).named(
            "latency"
        ),
        joules=(joules * _error(catalog, f"{word}.energy", "error of the estimated energy of unseen models")).named(
            "energy of the accelerators"
        ),
        batch=batch,
        devices=devices,
        clip=clip,
        size=Size(height, width, frames.value),
        warnings=(*model.warnings, *_doubts(model, devices, card)),
    )


_FITS: Final = f"by parts of the network (shares and seconds: {SUBJECT} of the catalogue)"


class _Fixed(NamedTuple):
    """What no draw changes."""

    height: float
    width: float
    card: Card
    speeds: Speeds
    devices: float
    film: bool


def _of_named(shape: Denoiser, which: int, fixed: _Fixed, *drawn: float) -> float:
    """Seconds (0) or joules (1) of a batch, devices halfway between rings and exchanged heads."""
    passes, steps, batch, frames = drawn
    job = Job(batch, steps, passes, fixed.devices, sqrt(fixed.devices), fixed.film)
    size = Size(fixed.height, fixed.width, frames)
    return spent(operations(shape, size), job, fixed.card, fixed.speeds)[which]


def _of_sized(which: int, fixed: _Fixed, *drawn: float) -> float:
    """The same of a usual transformer, by what is unknown of it."""
    passes, steps, batch, frames, share, edge, parameters = drawn
    shape = typical(parameters, share, edge, film=fixed.film)
    return _of_named(shape, which, fixed, passes, steps, batch, frames)


def _error(catalog: Catalog, prop: str, words: str) -> Quantity:
    """How far estimates are off on models or devices that the fit has not seen: a factor around 1."""
    fact = catalog.find(SUBJECT, f"error.{prop}")
    source = Source(f"{SUBJECT} {prop}", f"{words}: {fact.note}. Meter a short run, and it is gone. ({fact.citation})")
    return Quantity.of(1.0, "1", low=fact.low, high=fact.high, basis=fact.basis, source=source, name=words)


def _model(wanted: Wanted, catalog: Catalog) -> _Model:
    """The model of that name, or one of that size; raises `FactNotFound` with names that are near."""
    if not wanted.model:
        return _sized(wanted)
    try:
        return _named(wanted, catalog, catalog.resolve(wanted.model, "diffusion", near=False))
    except FactNotFound:
        pass
    try:
        return _named(wanted, catalog, catalog.resolve(_bare(wanted.model), "diffusion"))
    except FactNotFound as error:
        if wanted.params is not None:
            return _sized(wanted)
        raise FactNotFound(
            f"{error}; of a model that the catalogue does not know give params, steps, size and guidance"
        ) from error


def _bare(name: str) -> str:
    """A name without who published it and for which library."""
    return name.rpartition("/")[2].lower().removesuffix("-diffusers")


def _named(wanted: Wanted, catalog: Catalog, found: Resolution) -> _Model:
    """The model with its card."""
    facts = {prop: catalog.find(found.subject, prop) for prop in catalog.properties(found.subject)}
    shape = Denoiser(
        *(facts[one].value if (one := f"denoiser.{field}") in facts else 0.0 for field in Denoiser._fields)
    )
    known = {prop: _counted(prop, fact, found.label) for prop, fact in facts.items()}
    frames = known["usual.frames"].value
    if wanted.film != (frames > 1):
        kind, other = ("pictures", "image") if frames <= 1 else ("films", "video")
        raise ConfigError.bad("model", wanted.model, f"a model of another kind: it makes {kind}, use kind {other}")
    passes = known["usual.passes"]
    if wanted.guidance is not None:
        passes = Quantity.exact(2.0 if wanted.guidance else 1.0, name="passes of the denoiser in a step")
    given = amount_or_none("params", wanted.params, "1", least=1e6, most=1e13)
    parameters = known["parameters"].value
    if given is not None and not 0.75 <= given.value / parameters <= 1.33:
        raise ConfigError(f"params = {given.value:g}, but {found.label} has {parameters:g}: leave out model or params")
    return _Model(found.label, partial(_of_named, shape), (), passes, known, parameters)


def _counted(prop: str, fact: Fact, label: str) -> Quantity:
    """A number of a card, without a range: what one has in mind when one says "50 steps"."""
    source = Source(f"{fact.subject} {prop}", fact.citation)
    return Quantity.of(fact.value, "1", basis=fact.basis, source=source, name=f"{prop} of {label}")


def _sized(wanted: Wanted) -> _Model:
    """A model of which its size is known and little else."""
    if wanted.params is None:
        raise ConfigError("which model is not known: give model (such as FLUX.1-dev) or its params")
    parameters = amount("params", wanted.params, "1", least=1e6, most=1e13)
    squeeze = amount_or_none("squeeze", wanted.squeeze, "1", least=1.0, most=256)
    share = _typical(
        "share of the weights that a latent token meets",
        (SHARE, 0.32, 0.88),
        "0.32 to 0.54 of models with a stream of their own for text, 0.6 to 0.88 of others; name the model for its own",
    )
    edge = _typical(
        "pixels on an edge of a token",
        (16.0, 16.0, 24.0),
        "16 of most models, 32 of SANA, LTX and others that squeeze more; name the model, or give squeeze",
    )
    if squeeze is not None:
        edge = squeeze * (2.0 if squeeze.value <= 8 else 1.0)  # decoders that squeeze more cut no patches of the rest
    depth = _typical(
        "sublayers, width and depth", (1.0, 0.8, 1.25), "of models of one size, in time and energy; name the model"
    )
    passes = Quantity.exact(2.0 if wanted.guidance else 1.0, name="passes of the denoiser in a step")
    warnings = ["the architecture is not known: it is taken as a usual transformer; name the model if it is listed"]
    if wanted.guidance is None:
        text = "classifier-free guidance doubles each step unless a model is distilled not to need it: give guidance"
        source = Source("diffusion passes", text)
        passes = Quantity.of(2.0, "1", low=1.0, high=2.0, basis=Basis.ASSUMED, source=source, name="passes in a step")
        warnings.append("guidance is not said: each step is counted twice, as with classifier-free guidance")

    return _Model(
        label=wanted.model or f"{parameters.value:.3g} parameters",
        formula=_of_sized,
        unknown=(share, edge, parameters),
        passes=passes,
        usual={},
        parameters=parameters.value,
        warnings=tuple(warnings),
        errors=(depth,),
    )


def _typical(name: str, amounts: tuple[float, float, float], text: str) -> Quantity:
    """What is assumed of a model that is known by its size: value, low and high."""
    value, low, high = amounts
    source = Source(f"diffusion {name}", f"{name}: {text}")
    return Quantity.of(value, "1", low=low, high=high, basis=Basis.ASSUMED, source=source, name=name)


def _said(name: str, asked: Asked | None, model: _Model, *, most: float) -> Quantity:
    """The amount asked for, or the model's usual one."""
    usual = model.usual.get(f"usual.{name}")
    if asked is not None:
        return amount(name, asked, "1", least=1.0, most=most)
    if usual is None:
        raise ConfigError(f"{name} is not known of {model.label}: give {name}")
    return usual


def _pixels(wanted: Wanted, model: _Model) -> tuple[float, float]:
    """Height and width."""
    if wanted.size:
        width, height = _edges(wanted.size)
        return height, width
    if not model.usual:
        raise ConfigError(f"its size is not known of {model.label}: give size, such as 1024x1024")
    return model.usual["usual.height"].value, model.usual["usual.width"].value


def _frames(wanted: Wanted, model: _Model) -> tuple[Quantity, Quantity | None]:
    """Frames, and how long a film of them lasts in s."""
    if not wanted.film:
        return Quantity.exact(1.0), None
    if wanted.frames is None and not model.usual:
        frames = _typical("frames of the film", (81.0, 49.0, 129.0), "what makers of models use; give frames")
    else:
        frames = _said("frames", wanted.frames, model, most=1e6)
    if wanted.fps is None and not model.usual:
        rate = _typical("frames in a second", (16.0, 8.0, 30.0), "what makers of models use; give fps")
    else:
        rate = _said("fps", wanted.fps, model, most=1e3)
    return frames, (frames / rate * Quantity.exact(1.0, "s")).named("length of the film")


def _edges(text: str) -> tuple[float, float]:
    """Width and height of "1280x720"; one number is both."""
    words = str(text).lower().replace("\N{MULTIPLICATION SIGN}", "x").split("x")
    try:
        edges = [float(word) for word in words]
    except ValueError:
        edges = []
    if len(edges) not in (1, 2) or not all(16 <= edge <= 65_536 for edge in edges):
        raise ConfigError.bad("size", text, "width and height in pixels, such as 1280x720")
    return edges[0], edges[-1]


def _card(card: Chip, catalog: Catalog) -> tuple[Card, Sequence[Quantity]]:
    """The device in plain numbers, and what is not sure of devices that the fit has not seen."""
    peak = next((card.peaks[name] for name in ("bf16", "fp16", "tf32", "fp32") if name in card.peaks), None)
    missing = [
        name
        for name, one in (("peak", peak), ("memory bandwidth", card.bandwidth), ("rated power", card.tdp))
        if one is None
    ]
    if missing or peak is None or card.bandwidth is None or card.tdp is None:
        raise ConfigError(f"the card of {card.label} has no {', '.join(missing)}: take another device")
    bandwidth, rated = card.bandwidth.to("GB/s").value * 1e9, card.tdp.to("W").value
    link = _LINK * bandwidth if rated >= _LINKED else _BUS
    plain = Card(peak.to("TFLOP/s").value * 1e12, bandwidth, link, rated)
    unseen = () if card.subject in FITTED else (_error(catalog, "device", "error of unseen devices"),)
    return plain, unseen


def _doubts(model: _Model, devices: Quantity, card: Chip) -> list[str]:
    """What a reader should know: whether the weights fit, whether the fit has seen such a device."""
    found = []
    if card.memory is not None:
        weights = _BYTES * model.parameters / 1e9
        room = card.memory.to("GB").value
        if weights > 0.9 * room:
            found.append(
                f"{weights:.3g} GB of weights in 16 bits do not fit the {room:g} GB of {card.label}: "
                "they have to be kept elsewhere or in fewer bits, which takes longer than this says"
            )
    if card.subject not in FITTED:
        found.append(f"the fit has seen H100 and B200: {card.label} follows from its card")
    if devices.value > 1:
        found.append("devices may share a picture in rings or by exchanging heads: the estimate stands between")
    return found
