"""Many closed-form scenarios at once, as NumPy arrays: energy, carbon, water and money, with or without sampling.

    it_energy = devices x power x hours, or given         energy = it_energy x PUE        cost = energy x price
    carbon    = energy x intensity                        water  = it_energy x WUE + energy x EWIF

The formulas are those of the rules beside this file; the units stand in the names. Inputs broadcast and are worked
through in pieces that stay in a core's cache. Sampling follows `Quantity`: one input is one source, the same in every
scenario, with draws in an order of its own. Needs `joulebook[arrays]`; nothing else in joulebook loads this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from joulebook.draws import HIGH, LOW, N_DRAWS, WIDEST, leaf_draws
from joulebook.quantity import Quantity

Array: TypeAlias = NDArray[np.float64]
T = TypeVar("T")

CHUNK: Final = 32768
"""Scenarios in one piece without sampling: a column of them is 262 kB. Of 2^11 to 2^15 the fastest."""
ROWS: Final = 32
"""Scenarios in one piece with sampling: 32 x 1010 draws are 259 kB."""


class Ranges(NamedTuple):
    """Values with their 90 % intervals, each a number or an array; as an input, low = value = high is exact."""

    value: Any
    low: Any
    high: Any


Amount: TypeAlias = ArrayLike | Quantity | Ranges


class Scenarios(NamedTuple):
    """What is known of the scenarios: numbers, arrays, `Ranges` or one `Quantity` each; shapes broadcast.

    Either `it_energy_kwh`, or `hours` and `power_w` of one device. What stays None is not computed.
    """

    hours: Amount | None = None
    power_w: Amount | None = None
    devices: Amount = 1.0
    it_energy_kwh: Amount | None = None
    pue: Amount = 1.0
    intensity_g_per_kwh: Amount | None = None
    wue_l_per_kwh: Amount | None = None
    ewif_l_per_kwh: Amount | None = None
    price_per_kwh: Amount | None = None


class Figures(NamedTuple, Generic[T]):
    """The account of each scenario; None where a factor was not given. Cost is in the currency of the price."""

    it_energy_kwh: T
    energy_kwh: T
    carbon_g: T | None = None
    water_l: T | None = None
    cost: T | None = None


_UNITS: Final = {
    "hours": "h",
    "power_w": "W",
    "devices": "1",
    "it_energy_kwh": "kWh",
    "pue": "1",
    "intensity_g_per_kwh": "gCO2e/kWh",
    "wue_l_per_kwh": "L/kWh",
    "ewif_l_per_kwh": "L/kWh",
}
KILO: Final = 1 / 1000
"""kWh in a Wh."""
_WATER: Final = ("water_site", "water_grid")


def account(scenarios: Scenarios) -> Figures[Array]:
    """The values alone, in kWh, grams, litres and money; ranges and quantities count with their values.

    Raises ValueError for negative, infinite or undefined numbers, and for shapes that do not broadcast.
    """
    inputs = {name: _triple(name, amount)[0] for name, amount in _given(scenarios).items()}
    shape = _shape(inputs)
    alone = {name: float(column) for name, column in inputs.items() if not column.ndim}
    columns = {name: column for name, column in inputs.items() if column.ndim}
    for name, number in alone.items():
        _accept(name, np.float64(number), inputs[name])
    names = tuple(_figures(_parts(dict.fromkeys(inputs, 1.0), np.multiply, KILO), np.add))
    results = {name: np.empty(shape) for name in names}
    operands: list[Any] = [*columns.values(), *results.values()]
    access: list[Any] = [["readonly"]] * len(columns) + [["writeonly"]] * len(results)
    with np.nditer(
        operands,
        ["external_loop", "buffered", "zerosize_ok"],
        access,
        op_dtypes=[np.float64] * len(operands),
        order="C",
        buffersize=CHUNK,
    ) as pieces:
        for piece in pieces if 0 not in shape else ():
            read = dict(zip(columns, piece, strict=False))
            for name, column in read.items():
                _accept(name, column, inputs[name])
            found = _figures(_parts({**alone, **read}, np.multiply, KILO), np.add)
            for result, figure in zip(piece[len(columns) :], found.values(), strict=True):
                result[...] = figure
    return Figures(**results)


def sampled(scenarios: Scenarios, seed: int = 0) -> Figures[Ranges]:
    """Value and 90 % interval (5th and 95th percentile of 1010 draws) of each scenario, as arrays.

    The rules are those of `Quantity`: the value is the median of the draws where two or more uncertain factors meet.
    `seed` sets the order of the draws of `Ranges`; a `Quantity` has draws of its own. Raises as `account` does.
    """
    shape, pieces = _sampling(scenarios, seed)
    results: dict[str, Ranges] = {}
    for at, values, counts, drawn in pieces:
        known = {part: _Part(values[part], counts[part], drawn[part]) for part in drawn}
        for name, found in _figures({part: [one] for part, one in known.items()}, list.__add__).items():
            if name not in results:
                results[name] = Ranges(*(np.empty(shape) for _ in Ranges._fields))
            for column, figure in zip(results[name], _ranged(found), strict=True):
                column.reshape(-1)[at] = figure
    return Figures(**results)


def draws(scenarios: Scenarios, seed: int = 0) -> Figures[Array]:
    """All draws, in a last axis of 1010: 8 kB for each scenario and figure. Draw i belongs together everywhere."""
    shape, pieces = _sampling(scenarios, seed)
    results: dict[str, Array] = {}
    for at, _, _, drawn in pieces:
        for name, figure in _figures(drawn, np.add).items():
            if name not in results:
                results[name] = np.empty((*shape, N_DRAWS))
            results[name].reshape(-1, N_DRAWS)[at] = figure
    return Figures(**results)


# -- formulas -----------------------------------------------------------------------------------------------------


def _parts(known: Mapping[str, Any], times: Callable[[Any, Any], Any], kilo: float) -> dict[str, Any]:
    """The products, water by where it is used; `kilo` brings Wh to kWh.

    With addition for `times`, and 0 for `kilo`, the same chain counts the uncertain factors.
    """
    if "it_energy_kwh" in known:
        it_energy = known["it_energy_kwh"]
    else:
        it_energy = times(times(times(known["devices"], kilo), known["power_w"]), known["hours"])
    energy = times(it_energy, known["pue"])
    found = {"it_energy_kwh": it_energy, "energy_kwh": energy}
    for part, base, rate in (
        ("carbon_g", energy, "intensity_g_per_kwh"),
        ("water_site", it_energy, "wue_l_per_kwh"),
        ("water_grid", energy, "ewif_l_per_kwh"),
        ("cost", energy, "price_per_kwh"),
    ):
        if rate in known:
            found[part] = times(base, known[rate])
    return found


def _figures(parts: Mapping[str, Any], plus: Callable[[Any, Any], Any]) -> dict[str, Any]:
    """The figures of the parts: water of the site and of the grid in one."""
    found = {name: part for name, part in parts.items() if name not in _WATER}
    waters = [parts[name] for name in _WATER if name in parts]
    if waters:
        found["water_l"] = waters[0] if len(waters) == 1 else plus(*waters)
    return found


# -- inputs -------------------------------------------------------------------------------------------------------


def _given(scenarios: Scenarios) -> dict[str, Amount]:
    """The inputs that take part."""
    given = {name: amount for name, amount in scenarios._asdict().items() if amount is not None}
    made = [name for name in ("hours", "power_w") if name in given]
    if len(made) != (0 if "it_energy_kwh" in given else 2):
        raise ValueError(f"expected it_energy_kwh, or hours and power_w; got {', '.join(given)}")
    if "it_energy_kwh" in given:
        devices = given.pop("devices")
        if not isinstance(devices, (int, float)) or devices != 1:
            raise ValueError("devices: expected none beside it_energy_kwh, which is the energy of all of them")
    return given


def _triple(name: str, amount: Amount) -> Ranges:
    """Value, low and high of one input as arrays; one and the same array three times where it is exact."""
    if isinstance(amount, Quantity):
        amount = _in_unit(name, amount).value
    if isinstance(amount, Ranges):
        return Ranges(*(_array(f"{name}.{field}", part) for field, part in zip(Ranges._fields, amount, strict=True)))
    column = _array(name, amount)
    return Ranges(column, column, column)


def _array(name: str, amount: ArrayLike) -> NDArray[Any]:
    try:
        column = np.asarray(amount)
    except ValueError as error:
        raise ValueError(f"{name}: expected an array of numbers: {error}") from None
    if column.dtype.kind not in "iuf" or not np.can_cast(column.dtype, np.float64):
        raise ValueError(f"{name}: expected numbers, got {column.dtype}")
    return column


def _in_unit(name: str, amount: Quantity) -> Quantity:
    """A quantity in the unit of its input; raises `UnitMismatch` where it cannot be."""
    return amount.to(_UNITS.get(name) or f"{amount.unit.symbol.partition('/')[0]}/kWh")


def _shape(columns: Mapping[str, NDArray[Any]]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*(column.shape for column in columns.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {column.shape}" for name, column in columns.items() if column.ndim)
        raise ValueError(f"shapes do not broadcast: {shapes}") from None


def _accept(name: str, piece: Any, whole: NDArray[Any]) -> None:  # noqa: ANN401 - a number or an array
    """Raise ValueError, with the first place, unless all numbers are finite and zero or more."""
    if piece.min() >= 0 and piece.max() < np.inf:
        return
    wrong = np.argwhere(~((whole >= 0) & (whole < np.inf)))[0]
    number = whole[tuple(wrong)]
    place = f" at [{', '.join(map(str, wrong))}]" if whole.ndim else ""
    raise ValueError(f"{name}: expected finite numbers of zero or more, got {number}{place}")


# -- sampling -----------------------------------------------------------------------------------------------------


class _Part(NamedTuple):
    """One product in some scenarios: its value, how many uncertain factors it has, and its draws."""

    value: Any
    uncertain: Any
    draws: Array


_Piece: TypeAlias = tuple[slice, dict[str, Any], dict[str, Any], dict[str, Array]]


def _sampling(scenarios: Scenarios, seed: int) -> tuple[tuple[int, ...], Iterator[_Piece]]:
    """The shape of the scenarios, and pieces of them: where, values, numbers of uncertain factors, and draws."""
    given = _given(scenarios)
    fixed: dict[str, Array] = {}
    triples: dict[str, Ranges] = {}
    for name, amount in given.items():
        triples[name] = _triple(name, amount)
        if isinstance(amount, Quantity) and not amount.is_exact:
            fixed[name] = np.asarray(_in_unit(name, amount).draws)[None, :]
    widest = {
        name: np.broadcast_to(0.0, _shape({f"{name}.{end}": getattr(triple, end) for end in Ranges._fields}))
        for name, triple in triples.items()
    }
    shape = _shape(widest)
    for name, triple in triples.items():
        for column in triple if isinstance(given[name], Ranges) else triple[:1]:
            if column.size:
                _accept(name, column, column)
    spread = {
        name: Ranges(*(np.broadcast_to(column, shape).flat for column in triple)) for name, triple in triples.items()
    }
    scores = {
        name: np.asarray(leaf_draws(0.0, -1.0, 1.0, f"arrays: {name}, seed {seed}"))
        for name, amount in given.items()
        if isinstance(amount, Ranges)
    }
    return shape, _pieces(int(np.prod(shape, dtype=np.int64)), spread, fixed, scores)


def _pieces(
    count: int, spread: Mapping[str, Ranges], fixed: Mapping[str, Array], scores: Mapping[str, Array]
) -> Iterator[_Piece]:
    for start in range(0, max(count, 1), ROWS):  # once where there is none, so that the figures are named
        at = slice(start, min(start + ROWS, count))
        values: dict[str, Any] = {}
        counts: dict[str, Any] = {}
        drawn: dict[str, Any] = {}
        for name, triple in spread.items():
            value = values[name] = np.asarray(triple.value[at], dtype=np.float64)[:, None]
            drawn[name], counts[name] = fixed.get(name, value), int(name in fixed)
            if name in scores:
                low, high = (np.asarray(end[at], dtype=np.float64)[:, None] for end in triple[1:])
                if not ((low <= value) & (value <= high)).all():
                    raise ValueError(f"{name}: expected low <= value <= high in scenarios {at.start} to {at.stop - 1}")
                drawn[name], counts[name] = _leaf(Ranges(value, low, high), scores[name]), (low < high).astype(np.int64)
        yield at, _parts(values, np.multiply, KILO), _parts(counts, np.add, 0), _parts(drawn, np.multiply, KILO)


def _leaf(known: Ranges, scores: Array) -> Array:
    """The draws of `leaf_draws` for columns of value, low and high."""
    value, low, high = known
    positive = low > 0
    bottom, middle, top = (np.log(end, where=positive, out=np.zeros_like(end)) for end in (low, value, high))
    logarithmic = positive & (top - bottom < WIDEST)
    below = scores < 0
    shaped = np.where(below, np.where(logarithmic, middle - bottom, 0.0), np.where(logarithmic, top - middle, 0.0))
    shaped *= scores
    np.exp(shaped, out=shaped)
    shaped *= value
    if logarithmic.all():
        return shaped
    return np.where(logarithmic, shaped, value + scores * np.where(below, value - low, high - value))


def _ranged(parts: list[_Part]) -> tuple[Any, Any, Any]:
    """Value, low and high of a sum of products; the ends are moved out to the value as those of `Quantity` are."""
    value: Any = 0.0
    ordered = np.empty(0)
    for part in parts:
        own = part.value
        if np.any(part.uncertain > 1):
            ordered = np.sort(part.draws, axis=-1)
            middle = (ordered[:, N_DRAWS // 2 - 1 : N_DRAWS // 2] + ordered[:, N_DRAWS // 2 : N_DRAWS // 2 + 1]) / 2
            own = np.where(part.uncertain > 1, middle, own)
        value = value + own
    drawn = parts[0].draws if len(parts) == 1 else parts[0].draws + parts[1].draws
    if drawn.shape[1] == 1:
        return value[:, 0], value[:, 0], value[:, 0]
    if len(parts) > 1 or not ordered.size:
        ordered = np.sort(drawn, axis=-1)
    low, high = ordered[:, LOW : LOW + 1], ordered[:, HIGH : HIGH + 1]
    return value[:, 0], np.minimum(low, value)[:, 0], np.maximum(high, value)[:, 0]
