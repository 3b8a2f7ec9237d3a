"""Curves that fall and flatten out: what losses do, and steps that get faster."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import NamedTuple


class Shape(NamedTuple):
    """A curve floor + height x basis(k), and the sum of the squares that it leaves."""

    power: float
    scale: float
    floor: float
    height: float
    error: float

    def at(self, place: int) -> float:
        """Its value at that place."""
        return self.floor + self.height * _basis(self.power, self.scale, place)


def _basis(power: float, scale: float, place: int) -> float:
    return (1 + place / scale) ** -power if power else exp(-place / scale)


def fitted(values: Sequence[float], skipped: int, power: float, scale: float) -> Shape:
    """The curve of that kind that fits the values from the place `skipped` on best; it never rises."""
    basis = [_basis(power, scale, place) for place in range(skipped, len(values))]
    values = values[skipped:]
    size = len(values)
    mean_x, mean_y = sum(basis) / size, sum(values) / size
    spread = sum((x - mean_x) ** 2 for x in basis)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(basis, values, strict=True)) / spread if spread else 0.0
    slope = max(slope, 0.0)
    floor = mean_y - slope * mean_x
    error = sum((y - floor - slope * x) ** 2 for x, y in zip(basis, values, strict=True))
    return Shape(power, scale, floor, slope, error)
