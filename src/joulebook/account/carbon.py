"""Operational carbon, location-based: energy x intensity of the grid. Market-based carbon is another rule."""

from __future__ import annotations

from typing import Final

from joulebook.account.knowledge import FoundFact
from joulebook.account.overhead import cite, fact_or_none
from joulebook.account.terms import (
    CARBON,
    FACILITY,
    IT_ENERGY,
    WHOLE_RUN,
    Additions,
    Assumption,
    Context,
    Line,
    Statement,
)
from joulebook.quantity import Quantity, total

ANYWHERE: Final = "grid.any"
"""Subject whose range spans every grid that a machine could plausibly stand on."""
PROPERTIES: Final = (
    ("carbon_intensity.lifecycle.generation", "life cycle"),
    ("carbon_intensity.lifecycle.consumption", "life cycle"),
    ("carbon_intensity.direct.generation", "direct"),
    ("carbon_intensity.direct.consumption", "direct"),
    ("carbon_intensity.mixed.generation", "mostly direct"),
)
"""In order of preference: a direct factor stands in for a life-cycle one only where there is none, and says so."""
STALE_YEARS: Final = 4


def base_lines(statement: Statement) -> list[Line]:
    """The lines of the whole run that energy of the site is read from."""
    return statement.of_kind(FACILITY, WHOLE_RUN) or statement.of_kind(IT_ENERGY, WHOLE_RUN)


def multiplied(statement: Statement, kind: str, rate: Quantity, unit: str) -> tuple[tuple[Line, ...], Quantity | None]:
    """Each line of the site's energy times `rate`, and their sum in `unit`: the parts add up by construction."""
    lines = tuple(
        line._replace(kind=kind, quantity=(line.quantity * rate).to(unit).named(line.device), energy_uj=None)
        for line in base_lines(statement)
    )
    return lines, total([line.quantity for line in lines], unit) if lines else None


def carbon(statement: Statement, context: Context) -> Additions:
    """Energy times the intensity of the region; an unknown region gives the range of all plausible grids.

    Raises `FactNotFound`, with near names, for a region that the catalogue does not know.
    """
    assumption, missing, warnings = _intensity(context)
    lines, amount = multiplied(statement, CARBON, assumption.quantity, "gCO2e")
    return Additions(
        totals={"carbon": amount.named("carbon")} if amount is not None else {},
        lines=lines,
        assumptions=(assumption,) if amount is not None else (),
        not_included=missing,
        warnings=warnings if amount is not None else (),
    )


def _intensity(context: Context) -> tuple[Assumption, tuple[str, ...], tuple[str, ...]]:
    """The intensity to use, what it leaves out, and warnings."""
    if context.intensity is not None:
        given = context.intensity.named("carbon_intensity")
        return Assumption("carbon_intensity", given, cite(given), "given"), (), ()
    if not context.region:
        fact, _, _ = _fact(ANYWHERE, context)
        anywhere = fact.quantity().named("carbon_intensity")
        warning = (
            "region unknown: carbon is the range over all plausible grids; set it once with  joulebook config region FR"
        )
        return Assumption("carbon_intensity", anywhere, cite(anywhere, fact), ""), (), (warning,)
    resolution = context.catalog.resolve(context.region, "grid")
    fact, prop, boundary = _fact(resolution.subject, context)
    intensity = fact.quantity().named("carbon_intensity")
    year = fact.valid_from[:4]
    source = f"{resolution.subject} {prop} {year}: {cite(intensity, fact)}"
    warnings = [resolution.warning] if resolution.warning else []
    missing: tuple[str, ...] = ()
    if boundary != "life cycle":
        missing = ("upstream emissions of the grid",)
        warnings.append(
            f"carbon: only a {boundary} factor is known for {resolution.label}; "
            "a life-cycle factor would also count fuel supply and building the plants"
        )
    if (age := int(context.on[:4]) - int(year)) > STALE_YEARS:
        warnings.append(f"carbon: the factor of {resolution.label} is {age} years older than the run")
    note = ", ".join(part for part in (resolution.label, boundary, year) if part)
    return Assumption("carbon_intensity", intensity, source, note), missing, tuple(warnings)


def _fact(subject: str, context: Context) -> tuple[FoundFact, str, str]:
    """The preferred intensity of a subject, its property and boundary."""
    for prop, boundary in PROPERTIES:
        fact = fact_or_none(subject, prop, context)
        if fact is not None:
            return fact, prop, boundary
    preferred = PROPERTIES[0]
    return context.catalog.find(subject, preferred[0], on=context.on, edition=context.edition or None), *preferred
