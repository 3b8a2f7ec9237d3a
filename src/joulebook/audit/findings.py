"""A document -> its findings: every rule in turn, the same slip named once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from joulebook.audit.cells.checking import cells
from joulebook.audit.finding import SEVERITIES, Finding
from joulebook.audit.reading.amount import Document
from joulebook.audit.relations.compared import compared
from joulebook.audit.relations.growth import growth
from joulebook.audit.relations.likened import likened
from joulebook.audit.relations.linear import linear
from joulebook.audit.relations.rises import rises
from joulebook.audit.relations.steps import steps
from joulebook.audit.relations.weighing import derived
from joulebook.audit.rules.bases import bases
from joulebook.audit.rules.boundaries import boundaries
from joulebook.audit.rules.centres import centres
from joulebook.audit.rules.constants import constants
from joulebook.audit.rules.conversions import conversions
from joulebook.audit.rules.doubles import doubles
from joulebook.audit.rules.embodied import embodied
from joulebook.audit.rules.equivalents import equivalents
from joulebook.audit.rules.everyday import everyday
from joulebook.audit.rules.excesses import excesses
from joulebook.audit.rules.extremes import extremes
from joulebook.audit.rules.grids import grids
from joulebook.audit.rules.magnitudes import magnitudes
from joulebook.audit.rules.memories import memories
from joulebook.audit.rules.missing import missing
from joulebook.audit.rules.operations import operations
from joulebook.audit.rules.overheads import overheads
from joulebook.audit.rules.points import points
from joulebook.audit.rules.powers import powers
from joulebook.audit.rules.prices import prices
from joulebook.audit.rules.pronouns import pronouns
from joulebook.audit.rules.shares import shares
from joulebook.audit.rules.sizes import sizes
from joulebook.audit.rules.solar import solar
from joulebook.audit.rules.stale import stale
from joulebook.audit.rules.temperatures import temperatures
from joulebook.audit.rules.uses import uses
from joulebook.audit.rules.watt_hours import watt_hours
from joulebook.audit.rules.watts import watts
from joulebook.audit.rules.wholes import wholes
from joulebook.audit.rules.worldwide import worldwide
from joulebook.audit.rules.worth import worth
from joulebook.audit.sums.averages import averages
from joulebook.audit.sums.fractions import fractions
from joulebook.audit.sums.tallies import tallies
from joulebook.audit.sums.twice import twice_added

RULES: Final[tuple[Callable[[Document], Iterator[Finding]], ...]] = (
    watt_hours,
    watts,
    conversions,
    constants,
    temperatures,
    bases,
    boundaries,
    doubles,
    points,
    derived,
    tallies,
    fractions,
    averages,
    twice_added,
    rises,
    growth,
    steps,
    linear,
    magnitudes,
    overheads,
    operations,
    powers,
    memories,
    prices,
    uses,
    sizes,
    embodied,
    everyday,
    centres,
    worldwide,
    pronouns,
    grids,
    shares,
    wholes,
    equivalents,
    excesses,
    worth,
    compared,
    likened,
    solar,
    stale,
    extremes,
    missing,
)
"""In order: where two find a slip at one place, the first is kept."""


def audit(document: Document, *, minor: bool = False) -> list[Finding]:
    """The findings of a document, gravest first; `minor` ones, of what is missing, on request."""
    found: dict[tuple[int, int, str], Finding] = {}
    read = cells(document)
    others = (finding for rule in RULES for finding in rule(document) if not read.answers(finding))
    for finding in (*read.findings, *others):
        if minor or finding.severity != "low":
            key = (finding.place.line, finding.place.column, finding.rule if finding.severity == "low" else "")
            found.setdefault(key, finding)
    return sorted(found.values(), key=lambda one: (SEVERITIES.index(one.severity), one.place[:2], one.rule))
