"""Pictures, films and classified images as pieces of work: what `serving` does for every kind of request but text."""

from __future__ import annotations

from typing import Final, NamedTuple, TypedDict, Unpack

from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, amount, amount_or_none, untold
from joulebook.estimate.chip import Chip, chip
from joulebook.estimate.serve.device import classified, is_small
from joulebook.estimate.serve.diffusion import Wanted, drawn
from joulebook.estimate.stated import Part, Work
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity

KINDS: Final = ("image", "video", "classify")
_ALONE: Final = untold("batch", 1.0, "1", "one at a time")
_ONE: Final = untold("requests", 1.0, "1", "what is counted is one", Basis.REPORTED)
_HOST: Final = "parameter.host-over-accelerator"
_THING: Final = {"image": "image", "video": "video", "classify": "image"}


class Drawing(TypedDict, total=False):
    """What pictures and films have and text has not; what is not said is what the makers of the model use."""

    steps: Asked
    size: str
    """Width and height in pixels: 1024x1024, 1280x720."""
    frames: Asked
    fps: Asked
    guidance: bool
    """Whether each step is done twice (classifier-free guidance); False for models distilled not to need it."""
    squeeze: Asked
    """Pixels on an edge of a latent point: 8 of most, 32 of SANA and LTX."""
    flop: Asked
    """Operations of one image that is classified."""


class Pictures(Drawing, total=False):
    """What is asked for."""

    model: str
    """FLUX.1-dev, SDXL, HunyuanVideo, ResNet-50."""
    params: Asked
    batch: Asked


class _Batch(NamedTuple):
    """What is made at once."""

    label: str
    seconds: Quantity
    joules: Quantity
    number: Quantity
    clip: Quantity | None = None
    warnings: tuple[str, ...] = ()


class Around(TypedDict, total=False):
    """What it runs on and how much of it is wanted."""

    device: str
    count: Asked
    requests: Asked
    host: Asked | None
    """Energy of servers around accelerators over theirs."""
    busy: Asked | None
    """Share of the time in which accelerators have work."""
    name: str


def picture_work(catalog: Catalog, kind: str, asked: Pictures, **around: Unpack[Around]) -> Work:
    """So many pictures ("image"), films ("video") or classified images ("classify") as a piece of work without a place.

    Raises `ConfigError` for what is missing, contradictory or no amount, `FactNotFound` for unknown names.
    """
    if kind not in KINDS:
        raise ConfigError.bad("kind", kind, f"one of {', '.join(KINDS)}")
    if not around.get("device"):
        raise ConfigError(f"on what it runs is not known: give device; kind {kind} needs one")
    card = chip(around["device"], catalog)
    count = around.get("count", 1)
    devices = amount("count", count, "device", least=1.0, most=1e4)
    wanted = amount("requests", around.get("requests", _ONE), "1", most=1e15)
    made = _classified(asked, card, catalog) if kind == "classify" else _drawn(kind, asked, card, catalog, count)
    working = amount_or_none("busy", around.get("busy"), "1", most=1.0)
    share = working.value if working is not None else 1.0
    each = (made.joules / made.number).named(f"accelerators for one {_THING[kind]}")
    held = (made.seconds * wanted / made.number * (1 / share)).named("duration")
    at_work = Part(_label(card, devices), _kind(card), each * wanted, "work over speeds, power by what is done")
    return Work(
        name=around.get("name") or f"{wanted.value:g} x {kind}, {made.label}",
        duration=held,
        device_hours=(devices * held).to("device-h").named("device_hours"),
        parts=[at_work, *_parts(catalog, card, (devices * held) * (1 - share), at_work, around.get("host"))],
        chip=card,
        devices=devices.value,
        rates=_rates(kind, made, each),
        not_included=_left_out(card, working),
        warnings=made.warnings,
    )


def _drawn(kind: str, asked: Pictures, card: Chip, catalog: Catalog, count: Asked) -> _Batch:
    film = kind == "video"
    if "flop" in asked:
        raise ConfigError(f"flop is for kind classify: kind {kind} follows from model, or from params, steps and size")
    if not film and ("frames" in asked or "fps" in asked):
        raise ConfigError("frames and fps are for kind video: an image has one frame")
    wanted = Wanted(
        film=film,
        model=asked.get("model", ""),
        params=asked.get("params"),
        steps=asked.get("steps"),
        size=asked.get("size", ""),
        frames=asked.get("frames"),
        fps=asked.get("fps"),
        guidance=asked.get("guidance"),
        squeeze=asked.get("squeeze"),
        batch=asked.get("batch", _ALONE),
        devices=count,
    )
    found = drawn(wanted, card, catalog)
    size = found.size
    frames = f", {size.frames:g} frames" if film else ""
    label = f"{found.label}, {size.width:g} x {size.height:g}{frames}"
    return _Batch(label, found.seconds, found.joules, found.batch, found.clip, found.warnings)


def _classified(asked: Pictures, card: Chip, catalog: Catalog) -> _Batch:
    odd = sorted(set(asked) - {"model", "flop", "batch"})
    if odd:
        raise ConfigError(f"kind classify knows model, flop and batch: leave out {', '.join(odd)}")
    number = amount("batch", asked.get("batch", _ALONE), "1", least=1.0, most=1e6)
    model = asked.get("model", "")
    found = classified(card, catalog, flop=asked.get("flop", ""), model=model, batch=number)
    return _Batch(model or "network", found.seconds, found.joules, number, None, found.warnings)


def _label(card: Chip, devices: Quantity) -> str:
    return f"{devices.value:g} x {card.label}"


def _kind(card: Chip) -> str:
    return "cpu" if card.subject.startswith("cpu.") else "gpu"


def _parts(catalog: Catalog, card: Chip, idle: Quantity, at_work: Part, host: Asked | None) -> list[Part]:
    """Accelerators that wait for so many device-hours, and hosts; a small device has none unless it is given."""
    parts, around = [], at_work.energy
    if idle.value > 0 and card.idle is not None:
        waiting = (card.idle * (idle / Quantity.exact(1.0, "device"))).to("J").named("accelerators that wait")
        parts.append(
            Part(f"{at_work.device}, waiting", at_work.kind, waiting, "idle power for the time without requests")
        )
        around = around + waiting
    share = amount_or_none("host", host, "1", least=-1e-9, most=100.0)
    if share is None and not is_small(card):
        share = catalog.find(_HOST, "value").quantity().named("host over accelerators")
    if share is not None and share.value > 0:
        parts.append(Part("host", "cpu", (around * share).to("J"), "share of the servers around accelerators"))
    return parts


def _left_out(card: Chip, busy: Quantity | None) -> list[str]:
    missing = ["power supply, screen and radio of the device"] if is_small(card) else []
    return missing if busy is not None else [*missing, "accelerators that wait for requests (give busy)"]


def _rates(kind: str, made: _Batch, each: Quantity) -> dict[str, Quantity]:
    """Amounts of the accelerators for one picture, film or second of film, and how long they take."""
    thing = _THING[kind]
    rates = {f"accelerator_energy_per_{thing}": each}
    if made.clip is not None:
        rates["accelerator_energy_per_second_of_video"] = each / (made.clip / Quantity.exact(1.0, "s"))
    rates["latency"] = made.seconds
    rates[f"time_per_{thing}"] = made.seconds / made.number
    rates["batch"] = made.number
    return {name: rate.named(name) for name, rate in rates.items()}
