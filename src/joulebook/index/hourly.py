"""A run's energy priced hour by hour with what services told of its grid; the rest keeps the catalogue's factor.

Average intensity alone becomes location-based carbon. Marginal intensity is a figure of its own beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import fsum
from typing import Final, NamedTuple

from joulebook.account.carbon import PROPERTIES
from joulebook.account.knowledge import FoundFact
from joulebook.account.statement import RULES
from joulebook.account.terms import Additions, Context, Rule, Statement
from joulebook.errors import ConfigError, FactNotFound
from joulebook.facts.feeds.ask import Here, Known, ask, wanted
from joulebook.facts.feeds.feed import iso
from joulebook.facts.feeds.series import (
    AVERAGE,
    DIRECT,
    ESTIMATED,
    FORECAST,
    LIFE_CYCLE,
    MARGINAL,
    MEASURED,
    UNSTATED,
    Part,
    Weighed,
    weigh,
)
from joulebook.index.in_time import Use
from joulebook.quantity import Basis, Quantity, Source, derived

RANGES: Final = {
    (AVERAGE, MEASURED): (0.87, 1.22),
    (AVERAGE, ESTIMATED): (0.80, 1.30),
    (AVERAGE, FORECAST): (0.75, 1.40),
    (MARGINAL, MEASURED): (0.60, 1.60),
    (MARGINAL, ESTIMATED): (0.60, 1.60),
    (MARGINAL, FORECAST): (0.50, 1.80),
}
"""5 % and 95 % of the truth over the value; where each is from stands in docs/methods/live.md."""
UNSTATED_RANGE: Final = (0.87, 1.15)
"""On top of these where the service does not say whether upstream emissions are in its values."""
_BASES: Final = {MEASURED: Basis.REPORTED, ESTIMATED: Basis.MODELLED, FORECAST: Basis.MODELLED}
_NOT_FIRM: Final = {ESTIMATED: "estimated", FORECAST: "forecast and may revise: ask again some days later"}
_UNIT: Final = "gCO2e/kWh"
_GAPS: Final = 3
_WHOLE: Final = 1e-9


class Live(NamedTuple):
    """What services make of an account."""

    intensity: Quantity | None
    """In the place of the catalogue's; None where no average value covers the run."""
    marginal: Quantity | None
    """Its own figure, in no other."""
    rules: tuple[Rule, ...]


def live(words: str, context: Context, use: Use, seconds: float) -> Live:
    """What these services (`auto`, `neso`, `energy-charts,watttime:PJM_DC`) tell of the run's grid while it ran.

    Nobody is waited for longer than so many `seconds`.
    Raises `ConfigError` for a service that is none or a run without region, `FactNotFound` for a region that a
    service does not have, `MissingExtra` where the libraries are not installed. A service that cannot be reached or
    used is a warning of the account.
    """
    if not context.region:
        raise ConfigError("--live needs a region: add --region FR, or set it with  joulebook config region FR")
    here = Here.and_now(seconds)
    subject = context.catalog.resolve(context.region, "grid").subject
    window = use.start_ns // 1_000_000_000, -(-use.end_ns // 1_000_000_000)
    intensity, marginal, rules = None, None, list(RULES)
    for service in wanted(words, subject, here.env):
        known = ask(service, subject, window, here)
        weighed = weigh(known.points, use.slices)
        if known.kind == AVERAGE:
            intensity, rule = _average(known, weighed, subject, context)
        else:
            marginal, rule = _marginal(known, weighed)
        rules.append(rule)
    return Live(intensity, marginal, tuple(rules))


def _average(known: Known, weighed: Weighed, subject: str, context: Context) -> tuple[Quantity | None, Rule]:
    """The intensity of a run, and what is to be said of it."""
    said = _problems(known)
    if not weighed.parts:
        return None, partial(
            _said, [*said, f"live: {known.service} has no value for this run: the catalogue's factor is used"]
        )
    parts = [(part.share, _leaf(known, part)) for part in weighed.parts]
    said += [
        f"live: {_percent(part.share)} of the energy has values that {known.service} {_NOT_FIRM[part.state]}"
        for part in weighed.parts
        if part.state in _NOT_FIRM
    ]
    if weighed.missing > _WHOLE:
        fact, boundary = _factor(subject, known.boundary, context)
        parts.append((weighed.missing, fact.quantity().named("catalogue")))
        said.append(
            f"live: {_percent(weighed.missing)} of the energy has the catalogue's factor ({boundary}, "
            f"{fact.valid_from[:4]}): {known.service} has no value for {_times(weighed.gaps)}"
        )
        if boundary != known.boundary:
            said.append(f"live: the values of {known.service} are {known.boundary}, that factor is {boundary}")
    missing = ("upstream emissions of the grid",) if known.boundary == DIRECT else ()
    return _mean(parts, "carbon_intensity"), partial(_said, said, missing=missing)


def _marginal(known: Known, weighed: Weighed) -> tuple[Quantity | None, Rule]:
    """A figure beside the others, never a part of location-based carbon."""
    said = _problems(known)
    if not weighed.parts:
        return None, partial(_said, [*said, f"live: {known.service} has no value for this run: no marginal carbon"])
    if weighed.missing > _WHOLE:
        said.append(
            f"live: marginal: {_percent(weighed.missing)} of the energy is taken at the mean of the rest: "
            f"{known.service} has no value for {_times(weighed.gaps)}"
        )
    parts = [(part.share, _leaf(known, part)) for part in weighed.parts]
    return _mean(parts, "carbon_intensity_marginal"), partial(_said, said)


def _said(said: Sequence[str], _statement: Statement, _context: Context, *, missing: tuple[str, ...] = ()) -> Additions:
    return Additions(warnings=tuple(said), not_included=missing)


def _leaf(known: Known, part: Part) -> Quantity:
    """The mean of the values of one state. Its draws belong to service, zone and kind: the error of a method stays."""
    low, high = RANGES[known.kind, part.state]
    if known.boundary == UNSTATED:
        low, high = low * UNSTATED_RANGE[0], high * UNSTATED_RANGE[1]
    card = known.card
    values = "1 value" if part.points == 1 else f"{part.points} values"
    text = (
        f"{card.publisher} {card.title}, {card.licence}: {known.zone}, {values}, {known.kind}, {known.boundary}, "
        f"{part.state}; told {iso(part.fetched)} by {known.address}"
    )
    return Quantity.of(
        part.grams,
        _UNIT,
        low=part.grams * low,
        high=part.grams * high,
        basis=_BASES[part.state],
        source=Source(f"live {known.service} {known.zone} {known.kind} {known.boundary}", text),
        name=f"{known.service} {part.state}",
    )


def _factor(subject: str, boundary: str, context: Context) -> tuple[FoundFact, str]:
    """The catalogue's factor, of the same boundary where it has one."""
    same = {LIFE_CYCLE: "life cycle", DIRECT: "direct"}.get(boundary, "life cycle")
    for prop, found in sorted(PROPERTIES, key=lambda item: item[1] != same):
        try:
            return context.catalog.find(subject, prop, on=context.on, edition=context.edition or None), found
        except FactNotFound:
            continue
    raise FactNotFound.near(subject, "carbon_intensity", [])


def _mean(parts: Sequence[tuple[float, Quantity]], name: str) -> Quantity:
    """The mean weighted by shares; one that is everything is itself."""
    shares = [share / fsum(share for share, _ in parts) for share, _ in parts]
    leaves = [leaf for _, leaf in parts]
    words = ", ".join(f"{_percent(share)} {leaf.name}" for share, leaf in zip(shares, leaves, strict=True))
    value = _dot(shares, *(leaf.value for leaf in leaves))
    return derived(f"mean by energy: {words}", partial(_dot, shares), leaves, value, _UNIT).named(name)


def _dot(shares: Sequence[float], *draws: float) -> float:
    return fsum(share * draw for share, draw in zip(shares, draws, strict=True))


def _problems(known: Known) -> list[str]:
    found = [f"live: {known.problem}"] if known.problem else []
    return [*found, f"live: {known.service} {known.zone}: {known.note}"] if known.note else found


def _times(gaps: Sequence[tuple[int, int]]) -> str:
    shown = [f"{iso(start)} to {iso(end)}" for start, end in gaps[:_GAPS]]
    return ", ".join(shown) + (f" and {len(gaps) - _GAPS} more times" if len(gaps) > _GAPS else "")


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
