"""Pictures, films and classified images as pieces of work: what `serving` does for every kind of request but text."""

from __future__ import annotations

from typing import Final, NamedTuple, TypedDict

from joulebook.errors import ConfigError
from joulebook.estimate.amounts import Asked, amount
from joulebook.estimate.chip import Chip, chip
from joulebook.estimate.serve.device import classified, is_small
from joulebook.estimate.serve.diffusion import Wanted, drawn
from joulebook.estimate.serve.prompt import composed
from joulebook.estimate.stated import Part, Work
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Quantity

KINDS: Final = ("image", "video", "classify")
BOUNDARIES: Final = ("accelerator", "server", "service")
"""Accelerators alone; with their hosts; with machines of the service that wait."""
_THING: Final = {"image": "image", "video": "video", "classify": "image"}


class Pictures(TypedDict, total=False):
    """What is asked for; what is not said is what the makers of the model use."""

    model: str
    """FLUX.1-dev, SDXL, HunyuanVideo, ResNet-50."""
    params: Asked
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
    batch: Asked


class _Batch(NamedTuple):
    """What is made at once."""

    label: str
    seconds: Quantity
    joules: Quantity
    number: Quantity
    clip: Quantity | None = None
    warnings: tuple[str, ...] = ()


def picture_work(  # noqa: PLR0913 - one of these each
    catalog: Catalog,
    kind: str,
    asked: Pictures,
    *,
    device: str,
    count: Asked = 1,
    requests: Asked = 1,
    boundary: str = "server",
    name: str = "",
) -> Work:
    """So many pictures ("image"), films ("video") or classified images ("classify") on `count` devices.

    Raises `ConfigError` for what is missing, contradictory or no amount, `FactNotFound` for unknown names.
    """
    if kind not in KINDS:
        raise ConfigError.bad("kind", kind, f"one of {', '.join(KINDS)}")
    if boundary not in BOUNDARIES:
        raise ConfigError.bad("boundary", boundary, f"one of {', '.join(BOUNDARIES)}")
    if not device:
        raise ConfigError(f"on what it runs is not known: give device; kind {kind} needs one")
    card = chip(device, catalog)
    devices = amount("count", count, "device", least=1.0, most=1e4)
    wanted = amount("requests", requests, "1", most=1e15)
    made = _classified(asked, card, catalog) if kind == "classify" else _drawn(kind, asked, card, catalog, count)
    alone = made.number
    each = (made.joules / alone).named(f"accelerators for one {_THING[kind]}")
    held = (made.seconds * wanted / alone).named("duration")
    parts = _parts(each * wanted, card, devices, catalog, boundary)
    energy = parts[0].energy
    for part in parts[1:]:
        energy = energy + part.energy
    return Work(
        name=name or f"{wanted.value:g} x {kind}, {made.label}",
        duration=held,
        device_hours=(devices * held).to("device-h").named("device_hours"),
        parts=parts,
        chip=card,
        devices=devices.value,
        rates=_rates(kind, made, each, energy / wanted),
        not_included=_left_out(boundary, card),
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
        batch=asked.get("batch", 1),
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
    number = amount("batch", asked.get("batch", 1), "1", least=1.0, most=1e6)
    model = asked.get("model", "")
    found = classified(card, catalog, flop=asked.get("flop", ""), model=model, batch=number)
    return _Batch(model or "network", found.seconds, found.joules, number, None, found.warnings)


def _parts(joules: Quantity, card: Chip, devices: Quantity, catalog: Catalog, boundary: str) -> list[Part]:
    """Accelerators, and what stands around them within the boundary; small devices have no host of their own."""
    label = f"{devices.value:g} x {card.label}"
    kind = "cpu" if card.subject.startswith("cpu.") else "gpu"
    parts = [Part(label, kind, joules.named("accelerators"), "work over speeds, power by what is done")]
    if boundary != "accelerator" and not is_small(card):
        around = composed(joules, catalog, pue=1.0)
        parts.append(Part("host", "cpu", around.host, "share of the accelerators"))
        if boundary == "service":
            parts.append(Part("idle machines", "board", around.idle, "share of all machines"))
    return parts


def _left_out(boundary: str, card: Chip) -> list[str]:
    if is_small(card):
        return ["power supply, screen and radio of the device"]
    beyond = {
        "accelerator": ["processors and memory of the servers", "machines that wait for requests"],
        "server": ["machines that wait for requests"],
    }
    return beyond.get(boundary, [])


def _rates(kind: str, made: _Batch, accelerators: Quantity, whole: Quantity) -> dict[str, Quantity]:
    """Amounts for one picture, film or second of film."""
    thing = _THING[kind]
    rates = {
        f"energy_per_{thing}": whole.named(f"energy per {thing}"),
        f"accelerator_energy_per_{thing}": accelerators,
    }
    if made.clip is not None:
        seconds = made.clip.value
        rates["energy_per_second_of_video"] = whole * Quantity.exact(1 / seconds)
        rates["accelerator_energy_per_second_of_video"] = accelerators * Quantity.exact(1 / seconds)
    rates["latency"] = made.seconds
    rates[f"time_per_{thing}"] = made.seconds / made.number
    return rates
