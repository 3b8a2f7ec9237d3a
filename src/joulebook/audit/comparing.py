"""`diff`: two reports of different tools aligned figure by figure, explained by factors that both state, or refused.

A figure is refused with its reason where the two do not speak of the same: a unit is missing or is another, one counts
more of the machine or of the building than the other and neither says how much, one is by location and one by market,
or the periods differ. Nothing is converted by a factor that nobody stated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Final, NamedTuple

from joulebook.account.factors import ratio
from joulebook.audit.reports.report import COUNTERS, HOST, Report
from joulebook.quantity import Quantity, total

SCHEMA: Final = "joulebook.diff/1"
_SAME_PERIOD: Final = 0.1
"""Durations that differ by less are of the same work, seen by two clocks."""
_ORDER: Final = ("duration", "energy", "it_energy", "carbon", "carbon_market", "carbon_embodied", "water", "cost")
_WHOLE: Final = ("energy", "it_energy", "carbon")
_TOTAL: Final = frozenset(_ORDER) - {"duration"}


class Term(NamedTuple):
    """One factor of a ratio."""

    name: str
    ratio: float
    said: str
    """What it is in A and in B."""


class Row(NamedTuple):
    """One figure in both reports."""

    figure: str
    a: Quantity | None
    b: Quantity | None
    ratio: Quantity | None
    """B over A; None where it was refused."""
    terms: tuple[Term, ...] = ()
    """Factors that both state, whose product is the ratio."""
    refused: str = ""
    """Why there is no ratio: unit, boundary, basis or period, and how they differ."""

    def as_dict(self) -> dict[str, object]:
        """The row, ready for JSON."""
        sides = {name: None if one is None else one.as_dict() for name, one in zip("ab", (self.a, self.b), strict=True)}
        found = None if self.ratio is None else self.ratio.as_dict()
        return {
            "figure": self.figure,
            **sides,
            "ratio": found,
            "terms": [term._asdict() for term in self.terms],
            "refused": self.refused,
        }


class Diff(NamedTuple):
    """Two reports, figure by figure."""

    a: Report
    b: Report
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """The document of `joulebook.diff/1`."""
        sides = {
            name: {"name": one.name, "tool": one.tool, "counted": sorted(one.counted), "pue": one.overhead}
            for name, one in zip("ab", (self.a, self.b), strict=True)
        }
        return {"schema": SCHEMA, **sides, "rows": [row.as_dict() for row in self.rows], "notes": list(self.notes)}


def diff(a: Report, b: Report, *, per_hour: bool = False) -> Diff:
    """Report B against report A; `per_hour` compares totals for an hour of each, whatever their periods."""
    a, b = _alike(a, b), _alike(b, a)
    names = [name for name in _ORDER if name in a.figures or name in b.figures]
    if {"energy", "it_energy"} <= set(names) and "it_energy" not in (a.figures.keys() & b.figures.keys()):
        names.remove("it_energy")  # of one side alone: it is within the terms of the energy
    rows = [_row(name, a, b, per_hour=per_hour) for name in names]
    shared = [kind for kind in a.parts if kind in b.parts]
    rows += [_part(kind, a, b, per_hour=per_hour) for kind in shared]
    return Diff(a, b, tuple(rows), (*a.notes, *b.notes, *_unsaid(a, b, rows)))


def _alike(one: Report, other: Report) -> Report:
    """The report with processors and memory as one part, where the other does not tell them apart."""
    apart = {"cpu", "ram"}
    if HOST not in other.counted or HOST in one.counted or not apart <= one.parts.keys():
        return one
    parts = {kind: part for kind, part in one.parts.items() if kind not in apart}
    parts[HOST] = total([one.parts[kind] for kind in sorted(apart)], "J", HOST)
    return one._replace(parts=parts, counted=frozenset(parts))


def _row(name: str, a: Report, b: Report, *, per_hour: bool) -> Row:
    refused = _missing(name, a, b) or _unit(name, a, b)
    left, right = a.figures.get(name), b.figures.get(name)
    if not refused and name in _TOTAL:
        refused = _period(a, b, per_hour=per_hour) or _basis(name, a, b)
    if not refused and name in (*_WHOLE, "water"):
        refused = _boundary(name, a, b)
    if refused or left is None or right is None:
        return Row(name, left, right, None, (), refused)
    if per_hour and name in _TOTAL:
        left, right = _rate(left, a), _rate(right, b)
    found = ratio(left, right)
    if found is None:
        return Row(name, left, right, None, (), "A is not above zero: there is no ratio")
    if found.value < 0:
        return Row(name, left, right, None, (), "one of the two is below zero: there is no ratio")
    return Row(name, left, right, found, _terms(name, a, b, found.value))


def _part(kind: str, a: Report, b: Report, *, per_hour: bool) -> Row:
    """Energy of the devices of one kind, before overhead."""
    left, right = a.parts[kind], b.parts[kind]
    refused = _period(a, b, per_hour=per_hour)
    if refused:
        return Row(f"energy of {kind}", left, right, None, (), refused)
    if per_hour:
        left, right = _rate(left, a), _rate(right, b)
    return Row(f"energy of {kind}", left, right, ratio(left, right))


def _unsaid(a: Report, b: Report, rows: Sequence[Row]) -> Iterator[str]:
    """What a ratio takes for granted because one of the two does not say it."""
    if not any(row.ratio is not None for row in rows if row.figure in _WHOLE):
        return
    for side, other, one, two in (("A", "B", a, b), ("B", "A", b, a)):
        if two.counted and not one.counted:
            yield f"{side} does not say which devices it counts; {other} counts {_listed(two)}"
        if _hours(two) and not _hours(one) and not one.span:
            yield f"{side} does not say its period; {other} is of {_hours(two):.4g} h"
    if a.overhead is None and b.overhead is None:
        yield "neither states the overhead of its site: it is taken to be the same"


# -- why two figures are not compared -------------------------------------------------------------------------------


def _missing(name: str, a: Report, b: Report) -> str:
    for side, other, have, lack in (("A", "B", a, b), ("B", "A", b, a)):
        if name not in lack.figures:
            bases = {"carbon": "carbon_market", "carbon_market": "carbon"}
            instead = bases.get(name, "")
            if instead in lack.figures and instead not in have.figures:
                words = {"carbon": "by location", "carbon_market": "by market"}
                return f"basis: {side} is {words[name]}, {other} {words[instead]}"
            return f"only {side} states it"
    return ""


def _unit(name: str, a: Report, b: Report) -> str:
    for side, one in (("A", a), ("B", b)):
        if one.figures[name] is None:
            return f"unit: {side} states none"
    left, right = a.figures[name], b.figures[name]
    if left is not None and right is not None and left.unit.dims != right.unit.dims:
        return f"unit: {left.unit.symbol} in A and {right.unit.symbol} in B do not convert"
    return ""


def _period(a: Report, b: Report, *, per_hour: bool) -> str:
    if a.span or b.span:
        return _spans(a, b, per_hour=per_hour)
    said = [one.texts.get("period") or one.texts.get("year") or "" for one in (a, b)]
    if all(said) and said[0] != said[1]:
        return f"period: {said[0]} in A, {said[1]} in B"
    hours = [_hours(one) for one in (a, b)]
    if per_hour:
        return "" if all(hours) else "period: an hour of each needs both durations"
    if all(hours) and abs(hours[1] / hours[0] - 1) > _SAME_PERIOD:
        return f"period: {hours[0]:.4g} h in A, {hours[1]:.4g} h in B (--per-hour compares an hour of each)"
    return ""


def _spans(a: Report, b: Report, *, per_hour: bool) -> str:
    """Whether both are of as much work, where no duration says it."""
    if COUNTERS in (a.span, b.span):
        side = "A" if a.span == COUNTERS else "B"
        return f"period: {side} has {COUNTERS}; the answer of a range query (query_range) has a period"
    if a.span != b.span:
        return f"period: {_spoken(a)} in A, {_spoken(b)} in B"
    return "period: a request is no time: there is no hour of each" if per_hour else ""


def _basis(name: str, a: Report, b: Report) -> str:
    said = [one.texts.get("basis", "") for one in (a, b)]
    if name.startswith("carbon") and all(said) and said[0].lower() != said[1].lower():
        return f"basis: {said[0]} in A, {said[1]} in B"
    return ""


def _boundary(name: str, a: Report, b: Report) -> str:
    said = [one.texts.get("boundary", "") for one in (a, b)]
    if all(said) and said[0].lower() != said[1].lower():
        return f"boundary: {said[0]} in A, {said[1]} in B"
    if a.counted and b.counted and a.counted != b.counted and not _split(a, b):
        return f"boundary: {_listed(a)} in A, {_listed(b)} in B, and not by part"
    unsaid = [side for side, one in (("A", a), ("B", b)) if one.overhead is None]
    if name == "it_energy" or not unsaid:
        return ""
    if len(unsaid) == 2 and a.tool != b.tool:
        return f"boundary: neither {a.tool or 'A'} nor {b.tool or 'B'} states the PUE within (say it: --pue-a, --pue-b)"
    if len(unsaid) == 1:
        stated = (a if unsaid == ["B"] else b).overhead
        word = "without the overhead of a site" if stated == 1 else f"with a PUE of {stated:.4g}"
        other = "B" if unsaid == ["A"] else "A"
        return f"boundary: {other} is {word}, {unsaid[0]} does not state its own (say it: --pue-{unsaid[0].lower()})"
    return ""


def _listed(one: Report) -> str:
    return ", ".join(sorted(one.counted))


def _split(a: Report, b: Report) -> bool:
    """Whether both state the energy of their parts, and have some in common."""
    shared = a.parts.keys() & b.parts.keys()
    return bool(shared) and all(sum(one.parts[kind].value for kind in shared) > 0 for one in (a, b))


# -- what makes the ratio -------------------------------------------------------------------------------------------


def _terms(name: str, a: Report, b: Report, whole: float) -> tuple[Term, ...]:
    """The factors that both sides state; their product is the ratio."""
    if name == "carbon":
        energies = [one.figures.get("energy") for one in (a, b)]
        if _boundary("energy", a, b):
            return ()
        if any(one is None or one.value <= 0 for one in energies) or whole <= 0:
            return _without_energy(a, b, whole)
        first, second = (one.to("kWh").value for one in energies if one is not None)
        grids = [one.figures["carbon"] for one in (a, b)]
        left, right = (one.to("gCO2e").value for one in grids if one is not None)
        said = f"{left / first:.4g} to {right / second:.4g} g/kWh"
        grid = (right / second) / (left / first)
        return (*_energy_terms(a, b, whole / grid), Term("grid intensity", grid, said))
    return _energy_terms(a, b, whole) if name == "energy" else ()


def _without_energy(a: Report, b: Report, whole: float) -> tuple[Term, ...]:
    """Of carbon alone: the overhead, and what is left of it."""
    if a.overhead is None or b.overhead is None:
        return ()
    site = Term("site overhead", b.overhead / a.overhead, f"PUE {a.overhead:.4g} to {b.overhead:.4g}")
    return Term("energy of the machines and grid", whole / site.ratio, "not apart"), site


def _energy_terms(a: Report, b: Report, whole: float) -> tuple[Term, ...]:
    """Devices that both count, what else of the machine is counted, overhead of the site."""
    if a.overhead is None or b.overhead is None:
        return ()
    site = Term("site overhead", b.overhead / a.overhead, f"PUE {a.overhead:.4g} to {b.overhead:.4g}")
    machines = whole / site.ratio
    if not _split(a, b) or whole <= 0:
        return (Term("machines", machines, "not by part"), site)
    shared = sorted(a.parts.keys() & b.parts.keys())
    around = []
    for one in (a, b):
        common = total([one.parts[kind] for kind in shared], "J").value
        around.append(total(one.parts.values(), "J").value / common)
    boundary = Term("boundary", around[1] / around[0], f"{_listed(a)} to {_listed(b)}")
    devices = Term(f"energy of {', '.join(shared)}", machines / boundary.ratio, "as each has it")
    return devices, boundary, site


def product(terms: tuple[Term, ...]) -> float:
    """The ratio that the terms make."""
    return prod(term.ratio for term in terms)


def _spoken(one: Report) -> str:
    """Of what the totals are, in words."""
    return one.span or (f"{_hours(one):.4g} h" if _hours(one) else "a period that it does not say")


def _hours(one: Report) -> float:
    found = one.figures.get("duration")
    return found.to("h").value if found is not None else 0.0


def _rate(quantity: Quantity, one: Report) -> Quantity:
    """For an hour of its own period, in the unit of the total."""
    return quantity * (1 / _hours(one))
