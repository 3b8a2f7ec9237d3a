"""Numbers and names as people read them: scaled units, intervals, durations, and text that is safe to print.

An interval wider than a factor of three is printed as a range and never as a single number.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from math import floor, isfinite, log10
from typing import Any, Final, NamedTuple

from joulebook.quantity import Quantity
from joulebook.units import UNITS, convert, unit

Scale = Sequence[tuple[float, str]]

JOULES: Final[Scale] = (
    *((1e-6, "uJ"), (1e-3, "mJ"), (1.0, "J"), (1e3, "kJ"), (1e6, "MJ"), (1e9, "GJ")),
    *((1e12, "TJ"), (1e15, "PJ"), (1e18, "EJ")),
)
WATT_HOURS: Final[Scale] = ((1e-3, "mWh"), (1.0, "Wh"), (1e3, "kWh"), (1e6, "MWh"), (1e9, "GWh"))
GRAMS: Final[Scale] = ((1e-6, "ug"), (1e-3, "mg"), (1.0, "g"), (1e3, "kg"), (1e6, "t"), (1e9, "kt"))
LITRES: Final[Scale] = ((1e-6, "uL"), (1e-3, "mL"), (1.0, "L"), (1e3, "m3"))
WATTS: Final[Scale] = ((1e-3, "mW"), (1.0, "W"), (1e3, "kW"), (1e6, "MW"), (1e9, "GW"), (1e12, "TW"))

TOO_WIDE: Final = 3.0
"""Ratio of high to low above which no single number is printed."""
_ONE_SIGN = 0.1
"""Relative half-width up to which both sides of an interval are given as one."""
_INVISIBLE = 5e-5
"""Relative half-width below which an interval says nothing beside three digits."""
_NAME_LIMIT = 40
_PURE = " 1"
"""How the unit of a pure number would be printed."""

_ASCII: Final = str.maketrans(
    {"±": "+-", "·": "|", "×": "x", "─": "-", "│": "|", "├": "|", "└": "`", "…": "...", "–": "-", "—": "-"}
)


class Figure(NamedTuple):
    """Value and interval in one unit."""

    value: float
    low: float
    high: float
    unit: str

    @classmethod
    def of(cls, quantity: Quantity | Mapping[str, Any], unit_: str = "") -> Figure:
        """The figure of a quantity, or of the five fields of one, in `unit_` if that is given."""
        if isinstance(quantity, Quantity):
            quantity = quantity.as_dict()
        value, low, high = (float(quantity[name]) for name in ("value", "low", "high"))
        if value >= 0:  # no amount can be negative: the interval is cut at zero
            low = max(low, 0.0)
        figure = cls(value, low, high, str(quantity["unit"]))
        return figure.to(unit_) if unit_ else figure

    def to(self, symbol: str) -> Figure:
        """The same figure in another unit of the same dimensions."""
        source, target = unit(self.unit), unit(symbol)
        if source == target:
            return self
        value, low, high = (convert(end, source, target) for end in self[:3])
        return Figure(value, low, high, symbol)

    @property
    def exact(self) -> bool:
        """Whether there is no interval."""
        return self.low == self.high

    @property
    def wide(self) -> bool:
        """Whether the interval is too wide for a single number."""
        return not self.exact and (self.low <= 0 or self.high > TOO_WIDE * self.low)


def count(number: int, noun: str) -> str:
    """A number and its noun: "1 run", "12 runs"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def ending(status: str, reason: str, *, briefly: bool = False) -> str:
    """How a run ended: "finished", "failed: KeyError", "stopped: budget 5 Wh spent"; briefly "stopped: budget"."""
    if briefly:
        reason = reason.partition(" ")[0] if status == "stopped" else ""
    return plain(f"{status}: {reason}" if reason and status in ("failed", "stopped") else status, 80)


def digits(value: float, count: int = 3) -> str:
    """`value` with that many significant digits, without an exponent and without idle zeros."""
    if not isfinite(value):
        return "unknown"
    if value == 0:
        return "0"
    places = count - 1 - floor(log10(abs(value)))
    text = f"{round(value, places):.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def scaled(value: float, scale: Scale) -> tuple[float, str]:
    """The size and symbol of the largest unit that leaves at least 1 before the point after rounding."""
    chosen = scale[0]
    for size, symbol in scale:
        if float(f"{abs(value) / size:.3g}") >= 1:
            chosen = size, symbol
    return chosen if value else next(step for step in scale if step[0] == 1.0)


def amount(figure: Figure, scale: Scale) -> str:
    """Value, or the range alone where it is too wide, in the fitting unit of `scale`."""
    if figure.wide:
        size, symbol = scaled(figure.high, scale)
        return f"{span(figure.low / size, figure.high / size)} {symbol}".removesuffix(_PURE)
    size, symbol = scaled(figure.value, scale)
    return f"{digits(figure.value / size)} {symbol}".removesuffix(_PURE)


def span(low: float, high: float) -> str:
    """Two ends with two digits each ("3.1-26"); one number where they look alike."""
    left, right = digits(low, 2), digits(high, 2)
    if left == right:
        return left
    return f"{left} to {right}" if low < 0 else f"{left}-{right}"


def margin(figure: Figure) -> str:
    """The interval relative to the value: "±6 %", "+70/-40 %", or nothing where it is exact or printed as a range."""
    if figure.exact or figure.wide or figure.value <= 0:
        return ""
    up, down = figure.high / figure.value - 1, 1 - figure.low / figure.value
    widest = max(up, down)
    if widest < _INVISIBLE:
        return ""
    if widest <= _ONE_SIGN or min(up, down) >= 0.8 * widest:
        return f"±{digits(100 * widest, 1 if widest < _ONE_SIGN else 2)} %"
    return f"+{digits(100 * up, 2)}/-{digits(100 * down, 2)} %"


def amount_and_ends(figure: Figure, scale: Scale) -> tuple[str, str]:
    """The amount, and the ends of its interval in the same unit with as many digits as it takes to tell them apart.

    No ends where the amount is exact, is itself the range, or is the same to six digits.
    """
    if not figure.exact and not figure.wide:
        size, symbol = scaled(figure.value, scale)
        for count in range(3, 7):
            value, low, high = (digits(part / size, count) for part in figure[:3])
            if low != high:
                return f"{value} {symbol}".removesuffix(_PURE), f"{low}-{high}"
    return amount(figure, scale), ""


def amount_in_brackets(figure: Figure, scale: Scale) -> str:
    """The amount with both ends of its interval in the same unit: "212 kJ (199-225)"."""
    text, ends = amount_and_ends(figure, scale)
    return f"{text} ({ends})" if ends else text


def with_margin(figure: Figure, scale: Scale) -> str:
    """Amount and margin."""
    return "  ".join(part for part in (amount(figure, scale), margin(figure)) if part)


def energy(quantity: Quantity | Mapping[str, Any]) -> str:
    """Joules with watt-hours beside them and the margin: "212 kJ (58.9 Wh)  ±6 %"."""
    figure = Figure.of(quantity, "J")
    text = f"{amount(figure, JOULES)} ({amount(figure.to('Wh'), WATT_HOURS)})"
    return "  ".join(part for part in (text, margin(figure)) if part)


def joules(quantity: Quantity | Mapping[str, Any]) -> str:
    """Joules alone with the margin, where there is little room."""
    return with_margin(Figure.of(quantity, "J"), JOULES)


def brief(figure: Figure, scale: Scale) -> str:
    """The shortest that does not hide the interval: "1.44 kJ ±2 %", or the range alone: "46-120 mg"."""
    uneven = figure.value <= 0 or max(figure.high / figure.value - 1, 1 - figure.low / figure.value) > _ONE_SIGN
    if figure.exact or figure.wide or not uneven:
        return with_margin(figure, scale)
    size, symbol = scaled(figure.high, scale)
    return f"{span(figure.low / size, figure.high / size)} {symbol}"


def carbon(quantity: Quantity | Mapping[str, Any]) -> str:
    """Grams or kilograms of CO2e with the margin."""
    return with_margin(Figure.of(quantity, "gCO2e"), GRAMS)


def money(quantity: Quantity | Mapping[str, Any]) -> str:
    """An amount in its currency with the margin; a hundredth of a cent is the least that is printed."""
    figure = Figure.of(quantity)
    if 0 < figure.high < 1e-4:
        return f"under 0.0001 {figure.unit}"
    return with_margin(figure, ((1.0, figure.unit),))


def rate(quantity: Quantity) -> str:
    """An intensity or a price: "56 g/kWh", "0.18-0.34 USD/kWh"."""
    own = quantity.unit.symbol
    figure = Figure.of(quantity, "gCO2e/kWh" if quantity.unit.dims == UNITS["gCO2e/kWh"].dims else own)
    symbol = "g/kWh" if figure.unit == "gCO2e/kWh" else figure.unit
    text = digits(figure.value) if figure.exact else span(figure.low, figure.high)
    return f"{text} {symbol}"


def duration(quantity: Quantity | Mapping[str, Any]) -> str:
    """A time: "420 ms", "12.3 s", "7 min 31 s", "3 h 12 min", "2 d 3 h"; the two ends where it is a wide range."""
    figure = Figure.of(quantity, "s")
    if figure.wide:
        return f"{seconds(figure.low)} - {seconds(figure.high)}"
    return seconds(figure.value)


def seconds(lasted: float) -> str:
    """A number of seconds as a time."""
    if 0 < lasted < 0.9995:
        return f"{digits(lasted * 1e3)} ms"
    if lasted < 59.95:
        return f"{digits(lasted)} s"
    whole = round(lasted)
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(lasted / 60)
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    hours = round(lasted / 3_600)
    return f"{hours // 24} d {hours % 24} h"


def percent(share: float) -> str:
    """A share as a percentage: "84 %", "<1 %"."""
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 <= share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def plain(text: str, limit: int = _NAME_LIMIT) -> str:
    """`text` on one line and safe to print, cut in the middle to `limit` characters.

    Control characters, escape sequences, marks that turn the direction of writing, lone surrogates, stacked
    accents and emoji are shown escaped.
    """
    if len(text) > 16 * limit:
        text = text[: 8 * limit] + text[-8 * limit :]
    shown, marks = [], 0
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        marks = marks + 1 if category.startswith("M") else 0
        # emoji, their modifiers and variation selectors: terminals disagree about their width
        picture = (ord(character) > 0xFFFF and category in ("So", "Sk")) or "\ufe00" <= character <= "\ufe0f"
        if character.isprintable() and not picture and marks <= 2:
            shown.append(character)
        else:
            shown.append(character.encode("unicode_escape", "surrogatepass").decode("ascii"))
    whole = "".join(shown)
    if len(whole) <= limit:
        return whole
    tail = limit // 3
    return f"{whole[: limit - tail - 3]}...{whole[-tail:]}"


def encodable(line: str, encoding: str | None) -> str:
    """The line in characters that a stream of that encoding can print."""
    codec = encoding or "ascii"
    try:
        line.encode(codec)
    except LookupError:
        return encodable(line, "ascii")
    except UnicodeEncodeError:
        return line.translate(_ASCII).encode(codec, "backslashreplace").decode(codec)
    return line
