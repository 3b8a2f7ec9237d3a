"""What is said about an estimate, as tables and sentences before they become a terminal's, Markdown or a page.

An estimate is not a run: nothing was read, so that nothing is covered, and what matters is what the ranges come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Final, NamedTuple

from joulebook.account.money import CURRENCIES
from joulebook.account.terms import IT_ENERGY, WHOLE_RUN, Assumption, Statement
from joulebook.account.uncertainty import SourceShare
from joulebook.errors import ConfigError, UnitMismatch
from joulebook.quantity import Quantity
from joulebook.report import wording
from joulebook.report.sheets import Sheet
from joulebook.report.wording import TOO_WIDE, Figure, plain
from joulebook.units import UNITS, Dims, unit

Units = Mapping[Dims, str]
"""The unit that whoever reads wants for amounts of these dimensions; without one it is chosen by size."""

CAUSED: Final = ("duration", "energy", "carbon", "cost")
"""Figures whose ranges are traced to inputs, in the order in which they are shown."""
_TITLES: Final = {
    "duration": "time",
    "device_hours": "device-hours",
    "it_energy": "energy of the machines",
    "energy": "energy",
    "carbon": "carbon",
    "carbon_market": "carbon, by market",
    "carbon_marginal": "carbon, marginal",
    "carbon_embodied": "carbon, embodied",
    "water": "water",
    "cost": "cost of electricity",
    "cost_hire": "cost of hire instead",
    "cost_owned": "wear of own hardware",
    "cost_carbon": "carbon at a price",
}
SHORT: Final = {"duration": "time"}
_TIMES: Final = ((1e-3, "ms"), (1.0, "s"), (60.0, "min"), (3_600.0, "h"), (86_400.0, "d"))
_SCALES: Final = {"J": wording.WATT_HOURS, "gCO2e": wording.GRAMS, "L": wording.LITRES, "W": wording.WATTS, "s": _TIMES}
_BASE: Final = {"J": "Wh"}
SAME: Final = "as wide"
"""Said of a range that is the same without an input."""
_SMALL_JOULES, _SMALL_HOURS, _SMALL_MONEY = 3_600.0, 0.1, 1e-3
"""Below these, of what one request takes: joules instead of watt-hours, seconds of devices, millionths of money."""
_COUNTED: Final = ("token", "request", "device")
"""Units whose amounts are numbers of what the figure is called after."""
_GIVEN: Final = "given, "
_NAME: Final = 60
_SOURCE: Final = 200
_AS_WIDE, _ABOUT, _NOTHING = 0.97, 0.05, 0.02
"""Parts of a range: what still counts as all of it, how far from a half is a half, and what counts as none."""


def units_shown(words: Iterable[str]) -> Units:
    """The units that figures are wanted in: "MWh", "t", "lb", "d". Raises `ConfigError` for one that none has."""
    known = {UNITS[base].dims for base in ("J", "gCO2e", "s", "L")}
    found: dict[Dims, str] = {}
    for word in words:
        expected = "a unit of energy (kWh, MWh, J), carbon (kg, t, lb), time (h, d) or water (L, m3)"
        try:
            wanted = unit(word)
        except UnitMismatch as error:
            raise ConfigError.bad("unit", word, expected) from error
        if wanted.dims not in known:
            raise ConfigError.bad("unit", word, expected)
        found[wanted.dims] = wanted.symbol
    return found


def title(statement: Statement, name: str) -> str:
    """What a figure of this estimate is called."""
    if name == "energy" and overhead(statement):
        return "energy, with site overhead"
    if name == "cost" and hired(statement):
        return "cost of hire"
    if name == "duration" and "latency" in statement.rates:
        return "time of the devices"
    return _TITLES.get(name, name.replace("_", " "))


def hired(statement: Statement) -> bool:
    """Whether the cost is what hiring costs, since whoever asks gave a price of device-hours."""
    return _equal(statement.cost, statement.cost_hire)


def overhead(statement: Statement) -> bool:
    """Whether energy is more than that of the machines."""
    return statement.assumption("pue") is not None


def amount_and_interval(quantity: Quantity, shown: Units) -> tuple[str, str]:
    """The amount, and its interval; where that is too wide the amount is a dash."""
    return in_scale(*scaled(quantity, shown))


def in_scale(figure: Figure, scale: wording.Scale) -> tuple[str, str]:
    """Amount and interval of a figure in the fitting unit of a scale."""
    if figure.wide:
        size, symbol = wording.scaled(figure.high, scale)
        low, high = (wording.digits(end / size) for end in (figure.low, figure.high))
        return "-", _grouped(f"{low}-{high} {symbol}".removesuffix(" 1"))
    text, ends = wording.amount_and_ends(figure, scale)
    return _grouped(text), _grouped(f"{ends} {text.partition(' ')[2]}".rstrip()) if ends else ""


def _grouped(text: str) -> str:
    """Long whole numbers by thousands: "41,000-145,000 USD"."""
    return re.sub(r"(?<![\d.])\d{5,}", lambda found: f"{int(found[0]):,}", text)


def briefly(quantity: Quantity, shown: Units) -> str:
    """The interval alone, or the amount where it has none."""
    amount, interval = amount_and_interval(quantity, shown)
    return interval or amount


def own_amount(quantity: Quantity, *, ends_only: bool = False) -> str:
    """An input in the unit that it was given or found in: "44.2 g/kWh (29.1-74.8)"; the interval alone if asked for."""
    figure = Figure.of(quantity)
    symbol = quantity.unit.symbol.replace("CO2e", "")
    if ends_only and not figure.exact:
        text, ends = wording.amount_and_ends(figure, ((1.0, symbol),))
        return f"{ends} {symbol}".removesuffix(" 1") if ends else text
    return wording.amount_in_brackets(figure, ((1.0, symbol),))


def scaled(quantity: Quantity, shown: Units) -> tuple[Figure, wording.Scale]:
    """The figure in the unit wanted, or in that which its scale begins with."""
    wanted = shown.get(quantity.unit.dims)
    if wanted is not None:
        return Figure.of(quantity, wanted), ((1.0, wanted.removesuffix("CO2e")),)
    for base, steps in _SCALES.items():
        if quantity.unit.dims == UNITS[base].dims:
            figure = Figure.of(quantity, base)
            small = base == "J" and figure.high < _SMALL_JOULES
            return (figure, wording.JOULES) if small else (figure.to(_BASE.get(base, base)), steps)
    figure, symbol = Figure.of(quantity), quantity.unit.symbol
    if symbol == "device-h":
        few = 0 < figure.high < _SMALL_HOURS
        return figure, ((1 / 3_600, "device-s"),) if few else ((1.0, symbol), (1e6, f"million {symbol}"))
    if symbol in CURRENCIES:
        few = 0 < figure.high < _SMALL_MONEY
        return figure, ((1e-6, f"millionths {symbol}"),) if few else ((1.0, symbol), (1e6, f"million {symbol}"))
    return figure, ((1.0, "1" if symbol in _COUNTED else symbol),)


# -- what was asked ---------------------------------------------------------------------------------------------


def is_given(item: Assumption) -> bool:
    """Whether whoever asks said it."""
    return item.source.startswith(_GIVEN)


def asked(statement: Statement) -> list[str]:
    """What was given, as it was typed: "hours 80..120", "count 8", "region FR"."""
    said = [plain(item.source.removeprefix(_GIVEN), _NAME) for item in statement.assumptions if is_given(item)]
    for name in ("region", "site"):
        word = getattr(statement, name)
        said += [f"{name} {plain(word)}"] if word else []
    return list(dict.fromkeys(said))


# -- tables -----------------------------------------------------------------------------------------------------


def shown_totals(statement: Statement) -> list[str]:
    """The names of the totals that are known and say something of their own."""
    names = [name for name in _TITLES if getattr(statement, name) is not None]
    same = {"it_energy": not overhead(statement), "cost_hire": hired(statement)}
    same["carbon_market"] = _equal(statement.carbon, statement.carbon_market)
    return [name for name in names if not same.get(name)]


def _equal(one: Quantity | None, other: Quantity | None) -> bool:
    return one is not None and other is not None and one.as_dict() == other.as_dict()


def figures(statement: Statement, shown: Units) -> Sheet:
    """Every known total, then the rates."""
    rows = []
    for name in shown_totals(statement):
        quantity: Quantity = getattr(statement, name)
        rows.append((title(statement, name), *amount_and_interval(quantity, shown), str(quantity.basis)))
    for name, rate in statement.rates.items():
        rows.append((plain(name.replace("_", " ")), *amount_and_interval(rate, shown), str(rate.basis)))
    return Sheet("Figures", ("figure", ">amount", ">90 % interval", "basis"), rows)


def parts(statement: Statement, shown: Units) -> Sheet:
    """Energy by kind of device, where there are several, and how each was found."""
    lines = statement.of_kind(IT_ENERGY, WHOLE_RUN)
    whole = sum(line.quantity.value for line in lines)
    rows = [
        (
            plain(line.device, _NAME),
            *amount_and_interval(line.quantity, shown),
            wording.percent(line.quantity.value / whole) if whole > 0 else "",
            plain(line.method, 160),
        )
        for line in lines
    ]
    return Sheet("Where the energy goes", ("part", ">energy", ">90 % interval", ">share", "found by"), rows)


class Cause(NamedTuple):
    """An input that causes a part of the range of a figure."""

    name: str
    """ "device power"."""
    known: str
    """Its own amount: "400-600 W"."""
    left: str
    """The range of the figure if it were known."""
    change: str
    """ "half the range"."""


def causes(statement: Statement, figure: str, shown: Units) -> list[Cause]:
    """The inputs that cause most of the range of a figure, the widest first, and what remains if each were known."""
    quantity: Quantity | None = getattr(statement, figure)
    if quantity is None:
        return []
    named = named_inputs(statement)
    found = []
    for share in statement.sensitivity.get(figure, ()):
        item = next((named[key] for key in share.ids if key in named), None)
        text = plain(item.name.replace("_", " ") if item is not None else share.text, _NAME)
        own = own_amount(item.quantity, ends_only=True) if item and len(item.quantity.sources()) == 1 else ""
        left = left_of(quantity, share, shown)
        found.append(Cause(text, own, left, narrowing(quantity, share.low, share.high)))
    return [cause for at, cause in enumerate(found) if at == 0 or cause.change != SAME]


def left_of(quantity: Quantity, share: SourceShare, shown: Units) -> str:
    """The interval of a figure if that source were known, in the unit of the figure."""
    whole, scale = scaled(quantity, shown)
    own = quantity.unit.symbol
    low, high = max(share.low, 0.0) if quantity.value >= 0 else share.low, share.high
    amount, interval = in_scale(Figure(quantity.value, low, high, own).to(whole.unit), scale)
    return interval or amount


def narrowing(quantity: Quantity, low: float, high: float) -> str:
    """How much narrower a range becomes, in words: "half the range"; by ratio where its ends are far apart."""
    ends = (quantity.low, quantity.high, low, high)
    if min(ends) > 0 and quantity.high > TOO_WIDE * quantity.low:
        ends = (log(ends[0]), log(ends[1]), log(low), log(high))
    width = ends[1] - ends[0]
    rest = (ends[3] - ends[2]) / width if width > 0 else 1.0
    if rest > _AS_WIDE:
        return SAME
    if rest < _NOTHING:
        return "no range is left"
    if abs(rest - 0.5) <= _ABOUT:
        return "half the range"
    return f"{100 * (1 - rest):.0f} % narrower"


def named_inputs(statement: Statement) -> dict[str, Assumption]:
    """The assumption that names a source, by the id of the source; those of one source alone come first."""
    found: dict[str, Assumption] = {}
    for item in sorted(statement.assumptions, key=lambda item: len(item.quantity.sources())):
        for key in item.quantity.sources():
            found.setdefault(key, item)
    return found


def narrowed(statement: Statement, shown: Units) -> Sheet:
    """For energy, carbon and cost: the inputs that cause most of the range, and what remains if each were known."""
    rows = []
    for figure in CAUSED:
        quantity: Quantity | None = getattr(statement, figure)
        head = f"{title(statement, figure)}, {briefly(quantity, shown)}" if quantity is not None else ""
        for cause in causes(statement, figure, shown):
            known = f"{cause.name} ({cause.known})" if cause.known else cause.name
            rows.append((head, known, cause.left, cause.change))
            head = ""
    columns = ("figure", "if this were known", ">it would be", "that is")
    return Sheet("What the ranges come from, and what is left if one input were known", columns, rows)


def alternatives(statement: Statement, shown: Units) -> Sheet:
    """This estimate and its alternatives, side by side; a range stands for itself."""
    names = [name for name in CAUSED if getattr(statement, name) is not None]
    rows = [
        (
            plain(one.name, _NAME),
            *("unknown" if (found := getattr(one, name)) is None else briefly(found, shown) for name in names),
        )
        for one in ((statement, *statement.alternatives) if statement.alternatives else ())
    ]
    columns = ("way", *(f">{SHORT.get(name, name)}" for name in names))
    return Sheet("Side by side, 90 % intervals", columns, rows)


def assumptions(statement: Statement) -> Sheet:
    """What the figures rest on and nobody gave, with its source; a factor that stands in for another one once."""
    rows, known = [], set[int]()
    for item in statement.assumptions:
        if not is_given(item) and id(item.quantity.trace) not in known:
            known.add(id(item.quantity.trace))
            name, basis = plain(item.name.replace("_", " "), _NAME), str(item.quantity.basis)
            rows.append((name, own_amount(item.quantity), basis, plain(item.source, _SOURCE)))
    return Sheet("Assumptions", ("what", "value and 90 % interval", "basis", "source"), rows)


def remarks(statement: Statement) -> Sequence[tuple[str, Sequence[str]]]:
    """What is left out, and what has to be said."""
    left_out = [", ".join(statement.not_included)] if statement.not_included else []
    both = (("Not included", left_out), ("Warnings", statement.warnings))
    return [(name, [plain(item, 400) for item in items]) for name, items in both if items]
