"""Work on processors, phones and edge boards: language models read their weights for every token, classifiers compute.

Their cards say little, so that ranges are wide: what software makes of bandwidth and peak differs by a factor of four.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from joulebook.errors import ConfigError, FactNotFound
from joulebook.estimate.amounts import Asked, amount, amount_or_none
from joulebook.estimate.chip import Chip
from joulebook.estimate.serve.ranged import product
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity, Source

BYTES: Final = {"fp32": 4.0, "bf16": 2.0, "fp16": 2.0, "fp8": 1.0, "int8": 1.06, "int4": 0.56}
"""Of a weight, with the scale of its block where it is quantised (Q8_0, Q4_0 of llama.cpp: 34, 18 bytes for 32)."""
_SMALL: Final = 40.0
"""W up to which a card is an edge board: one request at a time, in few bits. Those of servers begin at 60."""
_BOARDS: Final = ("Apple", "Jetson", "Raspberry", "Snapdragon")
_SERVERS: Final = ("EPYC", "Xeon", "Graviton", "Ampere", "POWER")


class Small(NamedTuple):
    """What one request or one batch of images takes on such a device."""

    seconds: Quantity
    joules: Quantity
    """Of the device, its idle power within."""
    warnings: tuple[str, ...]


class Limits(NamedTuple):
    """What a device can do, with the ranges of what software makes of it."""

    bandwidth: Quantity
    """GB/s."""
    peak: Quantity
    """TFLOP/s, or TOP/s where it computes with integers alone."""
    idle: Quantity
    rated: Quantity
    warnings: tuple[str, ...]


def is_small(card: Chip) -> bool:
    """Whether a device is a processor, a phone or an edge board, that serves one request at a time."""
    rated = card.tdp.to("W").value if card.tdp is not None else 0.0
    return card.subject.startswith("cpu.") or any(word in card.label for word in _BOARDS) or rated <= _SMALL


def language(  # noqa: PLR0913 - what a request is made of
    card: Chip,
    catalog: Catalog,
    *,
    params: Asked,
    tokens_in: Asked = 0,
    tokens_out: Asked = 1,
    precision: str = "int4",
    bandwidth: Asked | None = None,
    held: Asked | None = None,
) -> Small:
    """Seconds and joules of one request of a language model that reads `params` weights for each token.

    The memory has to hold `held` of them, as many unless said.
    Raises `ConfigError` for amounts that are none and for a model that the memory does not hold.
    """
    weights = amount("params", params, "1", least=1e5, most=1e13)
    written = amount("tokens_out", tokens_out, "token", least=0.5, most=1e8)
    read = amount("tokens_in", tokens_in, "token", least=-1e-9, most=1e8)
    if precision not in BYTES:
        raise ConfigError.bad("precision", precision, f"one of {', '.join(BYTES)}")
    whole = weights if held is None else amount("held", held, "1", least=1e5, most=1e14)
    kept = whole.value * BYTES[precision] / 1e9
    if card.memory is not None and kept > card.memory.to("GB").value:
        room = card.memory.to("GB").value
        raise ConfigError(
            f"{kept:.3g} GB of weights in {precision} do not fit the {room:g} GB of {card.label}: "
            "take a smaller model, fewer bits or another device"
        )
    limits = _limits(card, catalog, bandwidth)
    reached = _assumed(
        "share of the bandwidth", 0.7, 0.3, 0.95, "weights read per second over the bandwidth of the card"
    )
    used = _assumed("share of the peak", 0.8, 0.3, 2.0, "operations of a token over the peak of the card")

    size = BYTES[precision]

    def seconds(weights: float, out: float, prompt: float, speed: float, pace: float) -> float:
        computing = 2 * weights / pace
        return out * (weights * size / speed + computing) + prompt * computing

    speed = product(
        lambda gigabytes, share: gigabytes * 1e9 * share, (limits.bandwidth, reached), "1", "bandwidth x share"
    )
    pace = product(lambda peak, share: peak * 1e12 * share, (limits.peak, used), "1", "peak x share")
    inputs = (weights, written, read, speed, pace)
    time = product(seconds, inputs, "s", _ANSWER).named("seconds of a request")
    return Small(time, _energy(time, limits), limits.warnings)


def classified(card: Chip, catalog: Catalog, *, flop: Asked = "", model: str = "", batch: Asked = 1) -> Small:
    """Seconds and joules of a batch of images that a network of `flop` operations each classifies.

    Raises `ConfigError` where neither is known, `FactNotFound` for a network that nobody knows.
    """
    each = _operations(flop, model, catalog)
    images = amount("batch", batch, "1", least=1.0, most=1e6)
    limits = _limits(card, catalog, None)
    used = _assumed("share of the peak", 0.2, 0.03, 0.6, "operations of a network over the peak of the card")
    start = _assumed("start of a batch", 0.005, 0.001, 0.03, "seconds to start a batch in a framework", "s")

    def seconds(each: float, images: float, peak: float, used: float, start: float) -> float:
        return start + each * images / (peak * 1e12 * used)

    time = product(
        seconds, (each, images, limits.peak, used, start), "s", "start + operations x images / (peak x share)"
    ).named("seconds of a batch")
    return Small(time, _energy(time, limits), limits.warnings)


_ANSWER: Final = "tokens out x (bytes of weights / speed + 2 weights / pace) + tokens in x 2 weights / pace"
_OF_DEVICE: Final = "seconds x (idle power + share x (rated - idle))"


def _operations(flop: Asked, model: str, catalog: Catalog) -> Quantity:
    if flop != "":
        return amount("flop", flop, "FLOP", least=1e3, most=1e18)
    if not model:
        raise ConfigError(
            "which network is not known: give model (such as ResNet-50) or flop, the operations of an image"
        )
    try:
        found = catalog.resolve(model, "classifier")
    except FactNotFound as error:
        raise FactNotFound(f"{error}; of a network that the catalogue does not know give flop") from error
    return catalog.find(found.subject, "flop").quantity().named(f"operations of {found.label}")


def _energy(time: Quantity, limits: Limits) -> Quantity:
    """Idle power and a share of what lies between it and the rated one."""
    share = _assumed(
        "share of the power", 0.7, 0.35, 1.05, "power above idle, of what lies between idle and rated power"
    )

    def joules(seconds: float, idle: float, rated: float, share: float) -> float:
        return seconds * (idle + max(0.0, rated - idle) * share)

    return product(joules, (time, limits.idle, limits.rated, share), "J", _OF_DEVICE).named("energy of the device")


def _limits(card: Chip, catalog: Catalog, bandwidth: Asked | None) -> Limits:
    """What the card says, and what devices of its kind have where it does not."""
    if card.tdp is None:
        raise ConfigError(f"the catalogue has no rated power of {card.label}: take another device")
    told: list[str] = []
    rated = card.tdp.to("W")
    idle = card.idle.to("W") if card.idle is not None else rated * catalog.find("cpu.any", "idle_share").quantity()
    speed = amount_or_none("bandwidth", bandwidth, "GB/s", most=1e5) or card.bandwidth
    server = any(word in card.label for word in _SERVERS)
    if speed is None:
        low, middle, high = (60, 200, 560) if server else (4, 12, 30) if rated.value < 12 else (20, 55, 120)
        speed = _assumed("memory bandwidth", middle, low, high, "of devices of its kind; give bandwidth", "GB/s")
        told.append(f"the card of {card.label} has no memory bandwidth: {low} to {high} GB/s is taken; give bandwidth")
    peak = next((card.peaks[name] for name in ("fp16", "bf16", "fp32", "int8") if name in card.peaks), None)
    if peak is None:
        cores = catalog.find(card.subject, "cores").value if "cores" in catalog.properties(card.subject) else 4.0
        peak = _assumed("peak", 0.1 * cores, 0.03 * cores, 0.2 * cores, "100 GFLOP/s a core: 3 GHz x 32 operations")
        told.append(f"the card of {card.label} has no peak: 30 to 200 GFLOP/s for each of {cores:g} cores is taken")
    return Limits(speed.to("GB/s"), _plain(peak), idle.named(f"idle power of {card.label}"), rated, tuple(told))


def _plain(peak: Quantity) -> Quantity:
    """A peak as a bare number of 10^12 per second, whether of floats or of integers."""
    if peak.unit.symbol == "1":
        return peak
    return peak.to("TFLOP/s" if "FLOP" in peak.unit.symbol else "TOP/s")


def _assumed(name: str, value: float, low: float, high: float, text: str, symbol: str = "1") -> Quantity:
    source = Source(f"device {name}", f"assumed for processors, phones and boards: {text}")
    return Quantity.of(value, symbol, low=low, high=high, basis=Basis.ASSUMED, source=source, name=name)
