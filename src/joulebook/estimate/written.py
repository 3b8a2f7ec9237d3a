"""How people write amounts: "7B", "7 billion", "7,000,000", "3 days", "3d", "80..120 h", "30 %"."""

from __future__ import annotations

import re
from math import nan
from typing import Final, NamedTuple

from joulebook.units import UNITS, unit

COUNTS: Final = ("1", "token", "request", "device", "FLOP")
"""Units of what is counted: behind these a letter is a multiple, so that "350m" is 350 million."""
WORDS: Final = {
    **dict.fromkeys(("second", "seconds", "sec", "secs"), "s"),
    **dict.fromkeys(("minute", "minutes", "mins"), "min"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("year", "years"), "y"),
    **dict.fromkeys(("litre", "litres", "liter", "liters"), "L"),
    **dict.fromkeys(("tonne", "tonnes", "tons"), "t"),
    **dict.fromkeys(("lbs", "pounds"), "lb"),
    **dict.fromkeys(("dollar", "dollars", "$", "usd", "US$"), "USD"),
    **dict.fromkeys(("euro", "euros", "€", "eur"), "EUR"),
    **dict.fromkeys(("watt", "watts", "w"), "W"),
    **dict.fromkeys(("kw", "KW"), "kW"),
    **dict.fromkeys(("percent", "per cent"), "%"),
    "tokens": "token",
    "requests": "request",
    **dict.fromkeys(("devices", "GPU", "GPUs", "gpu", "gpus", "accelerators", "chips", "TPUs"), "device"),
    **dict.fromkeys(("FLOPs", "FLOPS", "flop", "flops"), "FLOP"),
}
"""Units by the words that people use for them."""
WEEKS: Final = ("week", "weeks", "wk")
_MULTIPLES: Final = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "G": 1e9, "T": 1e12}
_OF_COUNTS: Final = {**_MULTIPLES, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12, "bn": 1e9, "mn": 1e6}
_NAMED: Final = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_END: Final = re.compile(r"\s*([+-]?(?:\d[\d_,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)", re.ASCII | re.DOTALL)
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)


class Written(NamedTuple):
    """The one or two ends of an amount, and the symbol of their unit. An end that is no number is NaN."""

    ends: tuple[float, ...]
    symbol: str


def written(text: str, symbol: str, name: str = "") -> Written:
    """What a text says where an amount in `symbol` is asked for; without a unit it is in that one.

    What has no unit may be followed by its `name`: "1.4T tokens".
    """
    found = [_end(end, symbol) for end in text.split("..")]
    units = ["1" if symbol == "1" and own.rstrip("s") == name.rstrip("s") else own for _, own, _ in found if own]
    scales = [scale for _, _, scale in found]
    behind_both = len(found) == 2 and scales[0] == 1 and not found[0][1] and found[0][0] <= found[1][0]
    if behind_both:  # "7..8B", "1..2 kW", but not "7e9..8B"
        scales[0] = scales[1]
    own = units[-1] if units else symbol
    ends = tuple(number * scale for (number, _, _), scale in zip(found, scales, strict=True))
    return Written(ends if len(set(units)) <= 1 else (nan,), own)


def _end(text: str, symbol: str) -> tuple[float, str, float]:
    """Number, unit ("" where none is written) and multiple of one end."""
    read = _END.fullmatch(text)
    if read is None or ("," in read[1] and not _GROUPED.fullmatch(read[1])):
        return nan, "", 1.0
    try:
        number = float(read[1].replace(",", ""))
    except ValueError:  # underscores that divide no digits
        return nan, "", 1.0
    return number, *_behind(read[2].strip(), symbol)


def _behind(rest: str, symbol: str) -> tuple[str, float]:
    """Unit and multiple that stand behind a number."""
    if not rest:
        return "", 1.0
    counted = symbol in COUNTS
    letters = _OF_COUNTS if counted else _MULTIPLES
    first, _, last = rest.partition(" ")
    scale = _NAMED.get(first.lower()) or letters.get(first)
    if scale is not None and (counted or first not in UNITS):
        return (_unit(last.strip()) if last.strip() else ""), scale
    if rest in WEEKS:
        return "d", 7.0
    return _unit(rest), 1.0


def _unit(word: str) -> str:
    return WORDS.get(word, word)


def like(symbol: str) -> list[str]:
    """The units that measure the same as this one."""
    return [other for other, found in UNITS.items() if found.dims == unit(symbol).dims]
