"""The summary of a run in at most six lines. Text only: `rich` is in view.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from joulebook.account.socket import seen
from joulebook.account.statement import Statement
from joulebook.account.terms import IT_ENERGY, WHOLE_RUN
from joulebook.report import wording
from joulebook.report.socket import compared
from joulebook.report.wording import Figure, digits, encodable, plain

_NOTE_LIMIT = 150
_GAP_SHARE, _GAP_LEAST_S, _GAP_S = 0.005, 0.05, 1.0
"""A shorter gap is left to the warnings of `show`: every run has some milliseconds of it at its edges."""
_UPPER: Final = {"cpu", "gpu", "ram", "dram"}


def summary(
    statement: Statement, *, reference: str = "", notices: Sequence[str] = (), encoding: str | None = "utf-8"
) -> list[str]:
    """At most six lines about a run, in characters that a stream of `encoding` can print.

    `reference` is the name by which the book finds the run; `notices` are the caller's own remarks.
    """
    reference = plain(reference or statement.run[:4])
    rows = [_energy(statement), _carbon(statement), _cost(statement)]
    note = _note(statement, notices)
    if note:
        rows.append(("note", note, ""))
    elif socket := seen(statement):
        rows.append(
            ("socket", wording.with_margin(Figure.of(socket[0].line.quantity), wording.JOULES), compared(socket[0]))
        )
    elif statement.yardstick is not None:
        rows.append(("like", plain(statement.yardstick.text.removeprefix("about "), 70), ""))
    rows.append(("see", f"joulebook show {reference}", ""))
    shown = [row for row in rows if row is not None]
    width = max((len(figure) for _, figure, detail in shown if detail), default=0)
    lines = [_head(statement, reference)]
    for label, figure, detail in shown:
        lines.append(f"  {label:<8} {figure:<{width}}   {detail}" if detail else f"  {label:<8} {figure}")
    return [encodable(line.rstrip(), encoding) for line in lines]


def _head(statement: Statement, reference: str) -> str:
    name = plain(statement.name)
    # a run without a name is found by its id alone
    title = f"{name} {reference}" if name and name != reference else reference
    parts = [f"joulebook: {title}"]
    if statement.duration is not None:
        parts.append(wording.duration(statement.duration))
    if statement.status == "stopped":
        parts.append(wording.ending(statement.status, statement.reason))
    elif statement.exit is not None:
        parts.append(f"exit {statement.exit}")
    elif statement.status != "finished":
        parts.append(statement.status)
    return "   ".join(parts)


def _energy(statement: Statement) -> tuple[str, str, str]:
    if statement.energy is None:
        return "energy", "unknown", "no usable readings: see  joulebook doctor"
    kinds = [f"{device(item.kind)} {item.basis} {wording.percent(item.share)}" for item in statement.device_shares]
    if not kinds:
        lines = statement.of_kind(IT_ENERGY, WHOLE_RUN)
        kinds = list(dict.fromkeys(f"{device(line.device_kind)} {line.quantity.basis}" for line in lines))
    pue = statement.assumption("pue")
    if pue is not None:
        kinds.append(f"x {digits(pue.quantity.value)} site overhead")
    return "energy", wording.energy(statement.energy), " · ".join(kinds)


def _carbon(statement: Statement) -> tuple[str, str, str] | None:
    intensity = statement.assumption("carbon_intensity")
    if statement.carbon is None or intensity is None:
        return None
    detail = "region unknown: set it once with  joulebook config region FR"
    if intensity.note:
        detail = f"at {wording.rate(intensity.quantity)}, {plain(intensity.note, 60)}"
    return "CO2e", wording.carbon(statement.carbon), detail


def _cost(statement: Statement) -> tuple[str, str, str] | None:
    price = statement.assumption("price")
    if statement.cost is None or price is None:
        return None
    note = plain(price.note, 60) or str(price.quantity.basis)
    return "cost", wording.money(statement.cost), f"at {wording.rate(price.quantity)} ({note})"


def _note(statement: Statement, notices: Sequence[str]) -> str:
    """What a reader has to know about the recording, on one line."""
    notes = []
    if statement.degraded:
        more = f" (+{len(statement.degraded) - 1} more)" if len(statement.degraded) > 1 else ""
        notes.append(f"degraded: {plain(statement.degraded[0], 60)}{more}")
    if statement.status == "interrupted" and statement.duration is not None:
        notes.append(f"interrupted after {wording.duration(statement.duration)}")
    notes += _gap(statement)
    if statement.shared_with:
        notes.append(f"shared with {wording.count(statement.shared_with, 'other run')}")
    notes += [plain(notice, 100) for notice in (*statement.notices, *notices)]
    text = "; ".join(notes)
    return text if len(text) <= _NOTE_LIMIT else f"{text[: _NOTE_LIMIT - 3]}..."


def _gap(statement: Statement) -> list[str]:
    """The longest time for which one of the devices has no usable readings, if it is worth a line here."""
    covered = [line.coverage for line in statement.of_kind(IT_ENERGY, WHOLE_RUN) if line.coverage is not None]
    missing = 1 - min(covered, default=1.0)
    share = f"{digits(100 * missing, 2)} %"
    if statement.duration is None:
        return [f"gap: {share} without readings"] if missing >= _GAP_SHARE else []
    seconds = missing * statement.duration.to("s").value
    if seconds < (_GAP_LEAST_S if missing >= _GAP_SHARE else _GAP_S):
        return []
    return [f"gap: {digits(seconds, 2)} s ({share}) without readings"]


def device(kind: str) -> str:
    """The kind of a device as it is written: "GPU", "CPU", "board"."""
    return kind.upper() if kind in _UPPER else plain(kind)
