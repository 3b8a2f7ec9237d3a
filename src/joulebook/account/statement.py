"""`state`: entries and a context become a `Statement`, by a list of rules applied in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from joulebook.account.activity import read, seconds
from joulebook.account.carbon import carbon
from joulebook.account.embodied import embodied
from joulebook.account.market import marginal, market
from joulebook.account.money import carbon_price, hire, money, owned
from joulebook.account.offsets import offsets
from joulebook.account.overhead import cite, overhead
from joulebook.account.socket import at_socket
from joulebook.account.terms import (
    AT_SOCKET,
    ESTIMATED,
    IT_ENERGY,
    WHOLE_RUN,
    Additions,
    Assumption,
    Context,
    Line,
    Rule,
    Stage,
    Statement,
)
from joulebook.account.water import water
from joulebook.account.yardstick import yardstick
from joulebook.entry import Entry
from joulebook.quantity import Basis, Quantity
from joulebook.units import UNITS

__all__ = ["RULES", "Additions", "Assumption", "Context", "Line", "Rule", "Stage", "Statement", "state"]

RULES: Final[tuple[Rule, ...]] = (
    *(overhead, carbon, market, marginal, embodied, water),
    *(money, hire, owned, carbon_price, offsets, yardstick),
)
"""Applied in this order: each sees what the ones before it added."""

_HINTS: Final = {
    "duration": "no span of the run has a beginning and an end",
    "device_hours": "no processor or accelerator was metered",
    "it_energy": "no usable readings and no model for this machine; see  joulebook doctor",
    "energy": "it follows from it_energy",
    "carbon": "it follows from it_energy",
    "carbon_market": "it follows from it_energy",
    "carbon_embodied": 'give that of the machine:  [hardware] embodied = "1200..1900 kg"  in joulebook.toml',
    "water": "no water use per kWh is known of its site or its grid",
    "cost": "it follows from it_energy",
}
_NEVER_INCLUDED: Final = ("network", "remote storage")
_FULL_COVERAGE = 0.9995
_ENERGY = UNITS["J"].dims


def state(entries: Iterable[Entry], context: Context, rules: Sequence[Rule] = RULES) -> Statement:
    """The account of one run: totals from its whole-run entries, lines by span and device.

    Raises `FactNotFound` when the region or the site is a word that the catalogue does not know, and
    `EntryRejected` when the entries belong to several runs.
    """
    entries = list(entries)
    duration = context.duration or _duration(entries)
    activity = read(entries, context.spans, duration)
    statement = Statement(
        run=context.run or next((entry.run for entry in entries), ""),
        edition=context.edition or context.catalog.edition,
        name=context.name,
        status=context.status,
        exit=context.exit,
        reason=context.reason,
        started=context.started,
        region=context.region,
        site=context.site,
        hardware=tuple(context.hardware),
        duration=duration.named("duration") if duration is not None else None,
        device_hours=activity.device_hours,
        it_energy=activity.it_energy,
        idle_baseline=activity.idle_baseline,
        shares=activity.shares,
        device_shares=activity.device_shares,
        lines=activity.lines,
        stages=activity.stages,
        warnings=(*context.notices, *activity.warnings),
        notices=tuple(context.notices),
        degraded=tuple(context.degraded),
        shared_with=context.shared_with,
        ranks=tuple(context.ranks),
    )
    for rule in (*_FIRST, *rules, *_LAST):
        statement = rule(statement, context).to(statement)
    return statement


def _duration(entries: Sequence[Entry]) -> Quantity | None:
    whole = [entry for entry in entries if entry.span == WHOLE_RUN]
    if not whole:
        return None
    start, end = min(entry.start_ns for entry in whole), max(entry.end_ns for entry in whole)
    return seconds(max(end - start, 0), "duration")


def condition(statement: Statement, _context: Context) -> Additions:
    """What the recording lacks: trouble of the meter, gaps, devices that were estimated."""
    warnings = [f"degraded: {reason}" for reason in statement.degraded]
    if statement.status == "interrupted":
        warnings.append("interrupted: the recording ends before the run did; totals are those of the recording")
    if statement.shared_with:
        warnings.append(
            f"shared with {_counted(statement.shared_with, 'other run')}: the energy here is this run's share"
        )
    warnings += [gap for line in statement.of_kind(IT_ENERGY, WHOLE_RUN) if (gap := _gap(line, statement.duration))]
    if statement.status == ESTIMATED:
        return Additions(warnings=tuple(warnings))
    estimated = [
        f"{line.device} {line.quantity.basis}{': ' + line.method if line.method else ''}"
        for line in statement.of_kind(IT_ENERGY, WHOLE_RUN)
        if line.quantity.basis <= Basis.MODELLED
    ]
    if estimated:
        warnings.append(f"not measured: {'; '.join(estimated)}; see  joulebook doctor")
    return Additions(warnings=tuple(warnings))


def _gap(line: Line, duration: Quantity | None) -> str:
    if line.coverage is None or line.coverage >= _FULL_COVERAGE:
        return ""
    missing = 1 - line.coverage
    share = f"{100 * missing:.2g} % of the time"
    if duration is None:
        return f"gap: {line.device} has no usable readings for {share}"
    return f"gap: {line.device} has no usable readings for {missing * duration.to('s').value:.3g} s ({share})"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def models(statement: Statement, _context: Context) -> Additions:
    """The parameters behind modelled and assumed energy, each once.

    Leaves that are energies themselves (readings, their edges and gaps) are lines of the statement, not parameters.
    """
    found: dict[str, Assumption] = {}
    if statement.it_energy is not None:
        for leaf in statement.it_energy.leaves():
            if leaf.basis <= Basis.MODELLED and leaf.unit.dims != _ENERGY and leaf.trace.source is not None:
                identity = leaf.trace.source.id
                found.setdefault(identity, Assumption(leaf.name or identity, leaf, cite(leaf)))
    return Additions(assumptions=tuple(found.values()))


def boundary(statement: Statement, context: Context) -> Additions:
    """What the statement leaves out, and one warning for every total that is unknown."""
    kinds = {line.device_kind for line in statement.of_kind(IT_ENERGY, WHOLE_RUN)}
    missing = list(context.not_included or ())
    if kinds and context.not_included is None:
        if "supply" not in kinds:
            lost = "power supply losses" if "board" in kinds else "power supply losses, fans, disks"
            metered = statement.of_kind(AT_SOCKET, WHOLE_RUN)
            missing.append(f"{lost} (read at the socket, not added)" if metered else lost)
        if not kinds & {"cpu", "board"}:
            missing.append("processor")
        if not kinds & {"ram", "dram", "board", "supply"}:
            missing.append("memory")
        if "gpu" not in kinds:
            missing.append("accelerators (none was read)")
    said = {warning.partition(":")[0] for warning in statement.warnings}
    missed = {name: hint for name, hint in _HINTS.items() if getattr(statement, name) is None and name not in said}
    unknown = [f"{name}: unknown; {hint}" for name, hint in missed.items()]
    if statement.it_energy is not None and statement.shares is None:
        unknown.append("shares: unknown; the energy is zero, so that there is nothing to divide")
    return Additions(not_included=(*missing, *_NEVER_INCLUDED), warnings=tuple(unknown))


_FIRST: Final[tuple[Rule, ...]] = (condition, at_socket, models)
_LAST: Final[tuple[Rule, ...]] = (boundary,)
