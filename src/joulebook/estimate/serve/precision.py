"""What numbers a model is served in: bytes of a weight, and which peak of a device its products run at."""

from __future__ import annotations

from typing import Final, NamedTuple

from joulebook.errors import ConfigError
from joulebook.estimate.chip import Chip
from joulebook.estimate.serve.roofline import Device
from joulebook.quantity import Basis, Quantity, Source

_SCALES: Final = 0.0625
"""Bytes of scales for each weight in 4 bits: one of two bytes for 32."""
_IDLE: Final = (0.12, 0.06, 0.24)
"""Of the rated power, where a card does not say: the median of the cards that do, and twice either way."""
_MOST_IDLE: Final = 0.5


class Precision(NamedTuple):
    """How weights are kept and what they are multiplied in."""

    name: str
    weight_bytes: float
    peaks: tuple[str, ...]
    """Names of peaks, the best first."""


_SIXTEEN: Final = ("bf16", "fp16")
_KNOWN: Final = {
    "fp32": Precision("fp32", 4.0, ("tf32", "fp32")),
    "bf16": Precision("bf16", 2.0, _SIXTEEN),
    "fp16": Precision("fp16", 2.0, ("fp16", "bf16")),
    "fp8": Precision("fp8", 1.0, ("fp8", *_SIXTEEN)),
    "int8": Precision("int8", 1.0, ("int8", *_SIXTEEN)),
    "mxfp4": Precision("mxfp4", 0.5 + _SCALES, _SIXTEEN),
    "nvfp4": Precision("nvfp4", 0.5 + _SCALES, ("fp8", *_SIXTEEN)),
    "int4": Precision("int4", 0.5 + _SCALES, _SIXTEEN),
}
_WORDS: Final = {
    "bfloat16": "bf16",
    "float16": "fp16",
    "half": "fp16",
    "float32": "fp32",
    "float8": "fp8",
    "fp4": "nvfp4",
    "w4a16": "int4",
    "awq": "int4",
    "gptq": "int4",
    "q4": "int4",
    "w8a8": "int8",
}
PRECISIONS: Final = tuple(_KNOWN)


class Figures(NamedTuple):
    """What of a card decides time and power."""

    rated: Quantity
    """W."""
    idle: Quantity
    """W."""
    bandwidth: Quantity
    """GB/s of its memory."""
    peak: Quantity
    """TFLOP/s, dense, in the precision that it computes in."""

    def plain(self) -> Device:
        """The same in plain numbers."""
        return device(*(one.value for one in self))


def device(rated: float, idle: float, bandwidth: float, peak: float) -> Device:
    """Plain numbers in W, GB/s and TFLOP/s as the roofline wants them."""
    return Device(rated, min(idle, _MOST_IDLE * rated), bandwidth * 1e9, peak * 1e12)


def precision_of(word: str) -> Precision:
    """The precision of that word; raises `ConfigError` for one that is none."""
    plain = word.strip().lower().replace("_", "").replace("-", "")
    found = _KNOWN.get(_WORDS.get(plain, plain))
    if found is None:
        raise ConfigError.bad("precision", word, f"one of {', '.join(PRECISIONS)}")
    return found


def figures_of(card: Chip, precision: Precision, rated: Quantity | None = None) -> tuple[Figures, list[str]]:
    """Figures of a card, and what a reader has to know; `rated` in W where somebody else says what it draws.

    Raises `ConfigError` where the card has no bandwidth, no peak or no power.
    """
    said = []
    peak = next((card.peaks[name] for name in precision.peaks if name in card.peaks), None)
    peak = peak or card.peaks.get("fp32")
    if peak is None or card.bandwidth is None:
        missing = "bandwidth of its memory" if peak is not None else "peak"
        raise ConfigError(f"the catalogue has no {missing} of {card.label}: choose another device, or add the fact")
    first = precision.peaks[0]
    if first in ("fp8", "int8") and first not in card.peaks:
        said.append(
            f"{card.label} does not compute in {first}: weights are kept in {precision.name}, products run in 16 bits"
        )
    power = card.tdp or rated
    if power is None:
        raise ConfigError(f"the catalogue has no rated power of {card.label}: give device_power in W")
    return Figures(power, card.idle or _idle(card, power), card.bandwidth, peak), said


def _idle(card: Chip, power: Quantity) -> Quantity:
    """Idle power of a card that does not say it."""
    value, low, high = (share * power.value for share in _IDLE)
    words = f"joulebook: {_IDLE[0]:.0%} of the rated power, as the cards of which it is known have in the median"
    source = Source(f"{card.subject} idle", words)
    return Quantity.of(value, "W", low=low, high=high, basis=Basis.ASSUMED, source=source, name="idle power")
