"""What a project took: the final model, its tuning, and everything that was trained, in one table.

The rows are those of E. Strubell, A. Ganesh, A. McCallum (2019), Energy and policy considerations for deep learning in
NLP, Table 4: one training, the search around it, all of the research.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Final, NamedTuple

from joulebook.account.terms import Statement, in_schema_unit
from joulebook.quantity import Quantity, total
from joulebook.report import csv, latex, markdown, wording
from joulebook.report.outline import amount_and_interval
from joulebook.report.sheets import Sheet
from joulebook.report.typography import typeset
from joulebook.report.wording import plain
from joulebook.units import UNITS
from joulebook.version import __version__

SCHEMA: Final = "joulebook.project/1"
FIGURES: Final = {
    "device_hours": "device-hours",
    "energy": "energy",
    "carbon": "carbon",
    "cost": "electricity",
    "cost_hire": "hire instead",
}
"""The columns, and what they are called: seven have to fit the width of a page."""
FINAL, TUNED, EVERYTHING = "final model", "tuned: all finished", "everything, also failed"
_FINISHED: Final = "finished"


class Row(NamedTuple):
    """Some of the runs together."""

    title: str
    number: int
    runs: tuple[str, ...]
    """Their ids."""
    totals: Mapping[str, Quantity | None]
    """By figure; None where it is known of none of them."""
    missing: Mapping[str, int]
    """By figure, of how many of them it is unknown: the total is without those."""


class Project(NamedTuple):
    """The table, and what is to be known about it."""

    name: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    editions: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """The document of `joulebook.project/1`, ready for JSON."""
        rows = [
            {
                "title": row.title,
                "number": row.number,
                "runs": list(row.runs),
                **{figure: in_schema_unit(amount) for figure, amount in row.totals.items()},
                "missing": dict(row.missing),
            }
            for row in self.rows
        ]
        about = {"schema": SCHEMA, "project": self.name, "editions": list(self.editions)}
        return {**about, "rows": rows, "notes": list(self.notes)}


def project(name: str, statements: Sequence[Statement], final: str = "") -> Project:
    """The table of a project from the statements of its runs; `final` is the id of the run of the final model."""
    chosen = [one for one in statements if one.run == final]
    finished = [one for one in statements if one.status == _FINISHED or one.run == final]
    rows = [_row(f"{FINAL}: {plain(chosen[0].name, 40) or plain(final)[:6]}", chosen)] if chosen else []
    rows += [_row(TUNED, finished), _row(EVERYTHING, statements)]
    editions = tuple(sorted({plain(one.edition) for one in statements}))
    return Project(name, tuple(rows), (*_shares(rows), *_remarks(rows, statements)), editions)


def _row(title: str, statements: Sequence[Statement]) -> Row:
    totals, missing = {}, {}
    for figure in FIGURES:
        known = [amount for one in statements if (amount := getattr(one, figure)) is not None]
        alike = bool(known) and all(amount.unit.dims == known[0].unit.dims for amount in known)
        totals[figure] = total(known, known[0].unit, figure) if alike else None
        if len(known) < len(statements):
            missing[figure] = len(statements) - len(known)
    return Row(title, len(statements), tuple(one.run for one in statements), totals, missing)


def _shares(rows: Sequence[Row]) -> list[str]:
    """What part of the energy the final model is, and what part did not finish."""
    *final, tuned, everything = rows
    whole = everything.totals["energy"]
    found: list[str] = []
    if whole is None or whole.value <= 0:
        return found
    for row in final:
        energy = row.totals["energy"]
        if energy is not None:
            found.append(
                f"The final model is {wording.percent(energy.value / whole.value)} of the energy of everything."
            )
    lost = everything.number - tuned.number
    if lost:
        energy = tuned.totals["energy"]
        share = wording.percent(1 - (energy.value if energy is not None else 0.0) / whole.value)
        found.append(f"{wording.count(lost, 'run')} that did not finish took {share} of it.")
    return found


def _remarks(rows: Sequence[Row], statements: Sequence[Statement]) -> list[str]:
    found = []
    everything = rows[-1]
    for figure, number in everything.missing.items():
        sums = "which the sums are without" if everything.totals[figure] is not None else "nothing is added"
        found.append(f"{FIGURES[figure].capitalize()}: unknown of {wording.count(number, 'run')}, {sums}.")
    for figure, amount in everything.totals.items():
        if amount is None and len(statements) > everything.missing.get(figure, 0):
            found.append(f"{FIGURES[figure].capitalize()}: in several currencies, and not added.")
    running = sum(one.status == "running" for one in statements)
    if running:
        found.append(f"{wording.count(running, 'run')} still running: counted as far as recorded.")
    if all(one.site == "" and one.assumption("pue") is None for one in statements):
        found.append("Energy is that of the machines, without overhead of a site.")
    return found


# -- documents --------------------------------------------------------------------------------------------------


def sheet(found: Project) -> Sheet:
    """The table in words."""
    rows = [(row.title, f"{row.number:,}", *(_cell(row.totals[figure]) for figure in FIGURES)) for row in found.rows]
    return Sheet(
        f"What {plain(found.name, 60)} took", ("trained", ">runs", *(f">{word}" for word in FIGURES.values())), rows
    )


_WHOLE: Final = 50.0
"""From this on money is told to the unit."""


def _cell(amount: Quantity | None) -> str:
    if amount is None:
        return "unknown"
    if amount.unit.symbol == "device-h":
        return _hours(amount)
    if amount.unit.dims == UNITS["J"].dims:
        return typeset(wording.amount_in_brackets(wording.Figure.of(amount, "Wh"), wording.WATT_HOURS))
    if amount.value >= _WHOLE and amount.unit.dims != UNITS["gCO2e"].dims:
        return _whole(amount)
    said, interval = amount_and_interval(amount)
    if said == "-" or interval in ("", "exact"):
        return typeset(interval if said == "-" else said)
    return typeset(f"{said} ({interval.partition(' ')[0]})")


def _whole(amount: Quantity) -> str:
    """Money to the unit, with its thousands; the range alone where it is wide."""
    value, low, high = (f"{end:,.0f}" for end in (amount.value, amount.low, amount.high))
    if amount.is_exact or low == high:
        return typeset(f"{value} {amount.unit.symbol}")
    wide = wording.Figure.of(amount).wide
    return typeset(f"{low}-{high} {amount.unit.symbol}" if wide else f"{value} {amount.unit.symbol} ({low}-{high})")


def _hours(amount: Quantity) -> str:
    """Hours with their thousands, or what is less than a tenth of one as a time."""
    if amount.value < 0.1:
        return wording.seconds(amount.value * 3600)
    return f"{amount.value:,.0f}" if amount.value >= 100 else wording.digits(amount.value)


_ABOUT: Final = "Amounts with their 90 % intervals; where that is wider than a factor of three, it stands alone."


def as_markdown(found: Project) -> str:
    """The table as Markdown, with the notes below it."""
    shown = sheet(found)
    notes = [f"- {markdown.escape(note)}" for note in (_ABOUT, *found.notes)]
    parts = [f"# {markdown.escape(shown.title)}", markdown.table(shown), "\n".join(notes)]
    return "\n\n".join(parts) + "\n"


def as_latex(found: Project) -> str:
    r"""The table as LaTeX to \input, needing booktabs alone; turned, since seven columns are wider than a page."""
    shown = sheet(found)
    heads = (row[0] for row in shown.rows)
    words = (column.removeprefix(">") for column in shown.columns[1:])
    turned = [(word, *cells) for word, *cells in zip(words, *(row[1:] for row in shown.rows), strict=True)]
    columns = ("", *(f">{head}" for head in heads))
    caption = " ".join((f"{shown.title}.", _ABOUT, *found.notes))
    return f"{latex.HEAD}\n{latex.table(Sheet(shown.title, columns, turned), caption, 'joulebook-project')}\n"


_COLOURS: Final = (
    ":root{--paper:#fff;--ink:#1b1b1b;--quiet:#5c5c5c;--grid:#e4e4e4;--axis:#8a8a8a}"
    "@media screen and (prefers-color-scheme:dark)"
    "{:root{--paper:#161616;--ink:#ececec;--quiet:#a6a6a6;--grid:#333;--axis:#777}}"
)


def as_html(found: Project) -> str:
    """One page without network, script or chart."""
    from jinja2 import Environment, StrictUndefined  # loaded for pages alone

    templates = files("joulebook.report") / "templates"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string((templates / "project.html.j2").read_text(encoding="utf-8"))
    style = _COLOURS + (templates / "document.css").read_text(encoding="utf-8") + "body{max-width:64rem}"
    return page.render(
        sheet=sheet(found),
        notes=(_ABOUT, *found.notes),
        editions=", ".join(found.editions),
        version=__version__,
        style=style,
        style_hash=f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}",
    )


def as_csv(found: Project, *, guard: bool = True) -> str:
    """A row for each, with value, ends and basis of every figure; unknown is an empty cell."""
    rows = []
    for row in found.rows:
        cells: dict[str, object] = {"project": found.name, "trained": row.title, "runs": row.number}
        for figure, amount in row.totals.items():
            fields = in_schema_unit(amount) or {}
            for part in ("value", "low", "high", "unit", "basis"):
                cells[figure if part == "value" else f"{figure}_{part}"] = fields.get(part)
            cells[f"{figure}_unknown_of"] = row.missing.get(figure, 0)
        rows.append(cells)
    return csv.written(rows, guard=guard)


def as_json(found: Project) -> str:
    """The document of `joulebook.project/1`."""
    return json.dumps(found.as_dict(), indent=2, allow_nan=False, ensure_ascii=False) + "\n"
