"""Software Carbon Intensity: what a run emitted for each unit of the work that it counted.

    SCI = ((E x I) + M) / R                                              ISO/IEC 21031:2024

E is the energy of the site, I the location-based intensity of its grid, M the embodied carbon of the hardware held, R
the number of functional units. It is made of gross totals alone: contracts, certificates and offsets cannot enter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Final, NamedTuple

from joulebook.account.terms import EMBODIED, Statement
from joulebook.errors import ConfigError
from joulebook.quantity import Quantity

SCHEMA: Final = "joulebook.sci/1"
SPEC: Final = "ISO/IEC 21031:2024"
WORK: Final = "flop"
"""Name under which a run counts its floating-point operations."""
PER_WORK: Final = ("parameter.embodied-per-work", "value")
_HOW: Final = "count them while it runs:  run.count(answers=len(batch))"
_ALWAYS: Final = ("run", "hour", "device-hour")
"""Units that need no counting."""


class Rate(NamedTuple):
    """The amounts of a run for one functional unit; None where the amount is not known."""

    unit: str
    counted: float
    sci: Quantity | None
    """gCO2e."""
    energy: Quantity
    operational: Quantity
    embodied: Quantity | None


class Sci(NamedTuple):
    """The terms of a run, their total and its rates. Rates fall while totals rise: both are always given."""

    energy: Quantity
    intensity: Quantity | None
    """I, for 1 kWh; None where different hours had different ones."""
    operational: Quantity
    """E x I, location-based."""
    embodied: Quantity | None
    total: Quantity | None
    """Operational and embodied; None where the embodied part is not known, since no SCI leaves it out."""
    rates: tuple[Rate, ...]
    reason: str = ""
    """Why there is no SCI."""
    by_work: Quantity | None = None
    """M on another basis, FLOP x embodied carbon per FLOP, where the run counted its FLOP: in no total."""


def sci(
    statement: Statement, counts: Mapping[str, float], units: Sequence[str] = (), per_work: Quantity | None = None
) -> Sci:
    """The SCI of a run for these functional units, or for all that it counted and did any of.

    `per_work` is what making accelerators emits for each FLOP that they do in their life.

    Raises `ConfigError` where a unit was not counted, with how to count it, or where the energy is not known.
    """
    if statement.energy is None or statement.carbon is None:
        raise ConfigError(f"SCI of {statement.run[:6]}: its energy is unknown, and so is everything that follows")
    wanted = list(dict.fromkeys(units or [unit for unit, number in counts.items() if number] or counts))
    if not wanted:
        raise ConfigError(
            f"SCI of {statement.run[:6]}: it counted no functional units R; {_HOW}, or take one of "
            f"{', '.join(_ALWAYS)} with  --per run"
        )
    made = statement.carbon_embodied
    whole = (statement.carbon + made).named("carbon of SCI") if made is not None else None
    found = [_rate(statement, unit, _count(statement, counts, unit), whole) for unit in wanted]
    intensity = statement.assumption("carbon_intensity")
    said = next((text for text in statement.warnings if text.startswith("carbon_embodied: ")), "")
    return Sci(
        energy=statement.energy.to("kWh"),
        intensity=intensity.quantity if intensity is not None else None,
        operational=statement.carbon,
        embodied=made,
        total=whole,
        rates=tuple(found),
        by_work=_by_work(statement, counts, per_work),
        reason="" if whole is not None else f"M is not known; {said.partition(': ')[2]}".rstrip("; "),
    )


def _by_work(statement: Statement, counts: Mapping[str, float], per_work: Quantity | None) -> Quantity | None:
    """Embodied carbon by work done; None without accelerators, or where their work was not counted."""
    flop = counts.get(WORK, 0.0)
    held = any(line.device_kind == "gpu" for line in statement.of_kind(EMBODIED))
    if per_work is None or flop <= 0 or not isfinite(flop) or not held:
        return None
    return (per_work * Quantity.exact(flop, "FLOP", WORK)).to("gCO2e").named("embodied carbon by work")


def _count(statement: Statement, counts: Mapping[str, float], unit: str) -> float:
    always = {"run": 1.0, "hour": statement.duration, "device-hour": statement.device_hours}
    number = counts.get(unit)
    if number is None and unit in always:
        known = always[unit]
        number = known.to({"hour": "h"}.get(unit, known.unit.symbol)).value if isinstance(known, Quantity) else known
    if number is None:
        have = ", ".join((*counts, *_ALWAYS))
        raise ConfigError.bad("--per", unit, f"something that {statement.run[:6]} counted ({have}); {_HOW}")
    if not isfinite(number) or number <= 0:
        raise ConfigError.bad("--per", unit, f"more than none of them: {statement.run[:6]} counted {number:g}")
    return number


def _rate(statement: Statement, unit: str, count: float, whole: Quantity | None) -> Rate:
    number = Quantity.exact(count, name=unit)
    assert statement.energy is not None  # noqa: S101 - checked
    assert statement.carbon is not None  # noqa: S101 - checked
    made = statement.carbon_embodied
    return Rate(
        unit=unit,
        counted=count,
        sci=(whole / number).named(f"SCI per {unit}") if whole is not None else None,
        energy=(statement.energy.to("kWh") / number).named(f"energy per {unit}"),
        operational=(statement.carbon / number).named(f"operational carbon per {unit}"),
        embodied=(made / number).named(f"embodied carbon per {unit}") if made is not None else None,
    )
