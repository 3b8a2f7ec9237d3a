"""The closed list of units and exact conversions between them.

A unit is a vector of dimensions and an exact scale (a ratio of two integers). Currencies are dimensions
of their own: they convert only by a dated fact, never here.
"""

from __future__ import annotations

from math import gcd
from typing import NamedTuple

from joulebook.errors import UnitMismatch

Dims = tuple[tuple[str, int], ...]


class Unit(NamedTuple):
    """A unit: its symbol, its dimensions, and its size in the coherent unit of those dimensions (num / den)."""

    symbol: str
    dims: Dims
    num: int
    den: int

    def __str__(self) -> str:
        return self.symbol


def _dims(**powers: int) -> Dims:
    return tuple(sorted((name, power) for name, power in powers.items() if power))


_ENERGY, _POWER, _TIME = _dims(energy=1), _dims(energy=1, time=-1), _dims(time=1)
_CARBON, _INTENSITY = _dims(carbon=1), _dims(carbon=1, energy=-1)
_WATER, _WATER_RATE = _dims(water=1), _dims(water=1, energy=-1)
_KWH = 3_600_000

# Within one dimension the first unit listed is the one that products and quotients come back in.
_LIST = (
    Unit("1", (), 1, 1),
    Unit("%", (), 1, 100),
    Unit("J", _ENERGY, 1, 1),
    Unit("uJ", _ENERGY, 1, 1_000_000),
    Unit("mJ", _ENERGY, 1, 1_000),
    Unit("kJ", _ENERGY, 1_000, 1),
    Unit("MJ", _ENERGY, 1_000_000, 1),
    Unit("GJ", _ENERGY, 1_000_000_000, 1),
    Unit("Wh", _ENERGY, 3_600, 1),
    Unit("kWh", _ENERGY, _KWH, 1),
    Unit("MWh", _ENERGY, _KWH * 1_000, 1),
    Unit("GWh", _ENERGY, _KWH * 1_000_000, 1),
    Unit("TWh", _ENERGY, _KWH * 1_000_000_000, 1),
    Unit("W", _POWER, 1, 1),
    Unit("mW", _POWER, 1, 1_000),
    Unit("kW", _POWER, 1_000, 1),
    Unit("MW", _POWER, 1_000_000, 1),
    Unit("s", _TIME, 1, 1),
    Unit("ms", _TIME, 1, 1_000),
    Unit("min", _TIME, 60, 1),
    Unit("h", _TIME, 3_600, 1),
    Unit("d", _TIME, 86_400, 1),
    Unit("y", _TIME, 365 * 86_400, 1),  # of 8,760 h, as lifetimes and yearly reports count
    Unit("gCO2e", _CARBON, 1, 1),
    Unit("kgCO2e", _CARBON, 1_000, 1),
    Unit("tCO2e", _CARBON, 1_000_000, 1),
    Unit("lbCO2e", _CARBON, 45_359_237, 100_000),
    Unit("gCO2e/kWh", _INTENSITY, 1, _KWH),
    Unit("kgCO2e/kWh", _INTENSITY, 1_000, _KWH),
    Unit("kgCO2e/MWh", _INTENSITY, 1, _KWH),
    Unit("lbCO2e/kWh", _INTENSITY, 45_359_237, 100_000 * _KWH),
    Unit("L", _WATER, 1, 1),
    Unit("m3", _WATER, 1_000, 1),
    Unit("L/kWh", _WATER_RATE, 1, _KWH),
    Unit("USD", _dims(usd=1), 1, 1),
    Unit("USD/kWh", _dims(usd=1, energy=-1), 1, _KWH),
    Unit("USD/MWh", _dims(usd=1, energy=-1), 1, _KWH * 1_000),
    Unit("EUR", _dims(eur=1), 1, 1),
    Unit("EUR/kWh", _dims(eur=1, energy=-1), 1, _KWH),
    Unit("USD/EUR", _dims(usd=1, eur=-1), 1, 1),
    Unit("device-h", _dims(device=1, time=1), 3_600, 1),
    Unit("W/device", _dims(energy=1, time=-1, device=-1), 1, 1),
    Unit("USD/device-h", _dims(usd=1, device=-1, time=-1), 1, 3_600),
    Unit("device", _dims(device=1), 1, 1),
    Unit("GB", _dims(bytes=1), 1_000_000_000, 1),
    Unit("W/GB", _dims(energy=1, time=-1, bytes=-1), 1, 1_000_000_000),
    Unit("km", _dims(length=1), 1_000, 1),
    Unit("m", _dims(length=1), 1, 1),
    Unit("gCO2e/km", _dims(carbon=1, length=-1), 1, 1_000),
    Unit("kWh/km", _dims(energy=1, length=-1), 3_600, 1),
    Unit("request", _dims(request=1), 1, 1),
    Unit("token", _dims(token=1), 1, 1),
    Unit("J/request", _dims(energy=1, request=-1), 1, 1),
    Unit("J/token", _dims(energy=1, token=-1), 1, 1),
    Unit("core", _dims(core=1), 1, 1),
    Unit("W/core", _dims(energy=1, time=-1, core=-1), 1, 1),
    Unit("year", _dims(year=1), 1, 1),
    Unit("EUR/MWh", _dims(eur=1, energy=-1), 1, _KWH * 1_000),
    Unit("FLOP", _dims(flop=1), 1, 1),
    Unit("EFLOP", _dims(flop=1), 10**18, 1),
    Unit("FLOP/s", _dims(flop=1, time=-1), 1, 1),
    Unit("TFLOP/s", _dims(flop=1, time=-1), 10**12, 1),
    Unit("OP/s", _dims(op=1, time=-1), 1, 1),
    Unit("TOP/s", _dims(op=1, time=-1), 10**12, 1),
    Unit("GB/s", _dims(bytes=1, time=-1), 10**9, 1),
    Unit("kWh/GB", _dims(energy=1, bytes=-1), _KWH, 10**9),
    Unit("gCO2e/EFLOP", _dims(carbon=1, flop=-1), 1, 10**18),
    Unit("kgCO2e/GB", _dims(carbon=1, bytes=-1), 1_000, 10**9),
    Unit("cm2", _dims(length=2), 1, 10_000),
    Unit("kgCO2e/cm2", _dims(carbon=1, length=-2), 10**7, 1),
    Unit("USD/tCO2e", _dims(usd=1, carbon=-1), 1, 10**6),
    Unit("gCO2e/h", _dims(carbon=1, time=-1), 1, 3_600),
    Unit("kgCO2e/h", _dims(carbon=1, time=-1), 1_000, 3_600),
    Unit("EUR/tCO2e", _dims(eur=1, carbon=-1), 1, 10**6),
    Unit("EUR/device-h", _dims(eur=1, device=-1, time=-1), 1, 3_600),
    Unit("credit", _dims(credit=1), 1, 1),
    Unit("certificate", _dims(certificate=1), 1, 1),
)
UNITS: dict[str, Unit] = {unit.symbol: unit for unit in _LIST}
_ALIASES = {"": "1", "ratio": "1", "g": "gCO2e", "kg": "kgCO2e", "t": "tCO2e", "lb": "lbCO2e", "l": "L", "hour": "h"}
_ALIASES |= {"g/kWh": "gCO2e/kWh", "kg/kWh": "kgCO2e/kWh", "kg/MWh": "kgCO2e/MWh", "lb/kWh": "lbCO2e/kWh"}
_COHERENT: dict[Dims, Unit] = {}
for _unit in _LIST:
    _COHERENT.setdefault(_unit.dims, _unit)


def unit(symbol: str | Unit) -> Unit:
    """The unit of that symbol; raises `UnitMismatch` when it is not in the list."""
    if isinstance(symbol, Unit):
        return symbol
    found = UNITS.get(_ALIASES.get(symbol, symbol))
    if found is None:
        raise UnitMismatch.unknown(symbol, UNITS)
    return found


def factor(source: Unit, target: Unit) -> tuple[int, int]:
    """The exact ratio (num, den) by which an amount in `source` is multiplied to be in `target`."""
    if source.dims != target.dims:
        raise UnitMismatch.between("to", source.symbol, target.symbol)
    num, den = source.num * target.den, source.den * target.num
    common = gcd(num, den)
    return num // common, den // common


def convert(amount: float, source: Unit, target: Unit) -> float:
    """`amount` of `source` expressed in `target`; exact but for the roundings of one product and one quotient."""
    num, den = factor(source, target)
    return amount * num / den


def combine(left: Unit, right: Unit, power: int) -> tuple[Unit, int, int]:
    """The unit of left x right**power and the exact ratio (num, den) that brings the product into it."""
    powers = dict(left.dims)
    for name, exponent in right.dims:
        powers[name] = powers.get(name, 0) + power * exponent
    result = _COHERENT.get(_dims(**powers))
    if result is None:
        raise UnitMismatch.between("x" if power > 0 else "/", left.symbol, right.symbol)
    rnum, rden = (right.num, right.den) if power > 0 else (right.den, right.num)
    num, den = left.num * rnum * result.den, left.den * rden * result.num
    common = gcd(num, den)
    return result, num // common, den // common
