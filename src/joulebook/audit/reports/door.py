"""A file becomes a report: which tool wrote it is seen from its content, not from its name."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, Final

from joulebook.audit.reports import analyzer, calculators, carbontracker, counters, ecologits
from joulebook.audit.reports.codecarbon import COLUMNS, codecarbon
from joulebook.audit.reports.fields import flat, named_fields
from joulebook.audit.reports.ours import STATEMENT, chosen_statement, own_row
from joulebook.audit.reports.report import Report
from joulebook.errors import ExchangeError, JoulebookError

LARGEST: Final = 20_000_000
"""Bytes of a report."""
_NAMES: Final = ("run", "run_id", "id", "project_name", "name", "experiment_description")
"""Columns by which one row of several is chosen."""
_CUMULATIVE: Final = "run_id"
"""CodeCarbon writes totals since the beginning of a run, again and again: the last row of it counts."""
_LEAST: Final = 1 - 1e-6
_SHOWN: Final = 12


def read_report(path: str) -> Report:
    """The report in a file; `FILE#WORD` chooses the run of a file that has several.

    Raises `ExchangeError` for what is no report, OSError where it cannot be read.
    """
    place, _, chosen = path.partition("#")
    data = Path(place).read_bytes()
    if len(data) > LARGEST:
        raise ExchangeError(f"{place}: larger than {LARGEST // 10**6} MB: no report of one piece of work")
    text = data.decode("utf-8-sig", errors="replace")
    if "\x00" in text or text.count("\ufffd") > len(text) / 20:
        raise ExchangeError(f"{place}: expected text: JSON, CSV or a log; this is a binary file")
    try:
        return _possible(place, _told(place, text, chosen))
    except JoulebookError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ExchangeError(f"{place}: damaged, or not as its tool writes it: {error!r}") from error


def _possible(place: str, found: Report) -> Report:
    """The report without an overhead that no building can have: it uses at least what its machines do.

    Raises `ExchangeError` where it states nothing.
    """
    if not found.figures:
        raise ExchangeError(f"{place}: of {found.tool or 'this report'} no energy, carbon or duration can be read")
    if found.overhead is None or found.overhead >= _LEAST:
        return found
    return found._replace(
        overhead=None, notes=(*found.notes, f"{found.name}: a PUE of {found.overhead:.4g} is below 1: not taken")
    )


def _told(place: str, text: str, chosen: str) -> Report:
    """The report of whichever tool wrote a text like that."""
    if text.lstrip()[:1] in ("{", "["):
        return _json(place, text, chosen)
    if carbontracker.is_log(text):
        return carbontracker.carbontracker(place, carbontracker.with_other(Path(place), text))
    if analyzer.is_log(text):
        return analyzer.analyzer(place, text)
    if counters.is_page(text):
        return counters.page(place, text, chosen)
    return _csv(place, text, chosen)


def _json(place: str, text: str, chosen: str) -> Report:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ExchangeError(f"{place}: expected JSON: {error}") from error
    listed = document if isinstance(document, list) else [document]
    if listed and all(isinstance(one, dict) and one.get("schema") == STATEMENT for one in listed):
        return chosen_statement(place, listed, chosen)
    if len(listed) != 1 or not isinstance(listed[0], dict):
        raise ExchangeError(f"{place}: expected one report, a mapping of named figures; this is a list of several")
    return _mapping(place, listed[0], chosen)


def _mapping(place: str, document: Mapping[str, Any], chosen: str) -> Report:
    if isinstance(document.get("impacts"), dict):
        document = document["impacts"]
    if ecologits.is_impacts(document):
        return ecologits.ecologits(place, document)
    if document.get("status") == "success" and isinstance(document.get("data"), dict):
        return counters.answer(place, document, chosen)
    if document.keys() >= calculators.IMPACT_TRACKER:
        return calculators.impact_tracker(place, document)
    if document.keys() >= calculators.GREEN_ALGORITHMS:
        return calculators.green_algorithms(place, document)
    return named_fields(place, list(flat(document)))


def _csv(place: str, text: str, chosen: str) -> Report:
    first = text.lstrip().partition("\n")[0]
    mark = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.DictReader(StringIO(text), delimiter=mark) if any(row.values())]
    except csv.Error as error:
        raise ExchangeError(f"{place}: expected CSV: {error}") from error
    if not rows:
        raise ExchangeError(f"{place}: expected a report: JSON, CSV with named fields, or a log of carbontracker")
    return _reader(set(rows[0]))(place, _one(place, rows, chosen))


def _reader(columns: set[str]) -> Callable[[str, Mapping[str, Any]], Report]:
    """What reads a row with these columns."""
    if columns >= COLUMNS:
        return codecarbon
    if {"run", "it_energy_kWh", "energy_kWh"} <= columns:
        return own_row
    if columns >= calculators.GREEN_ALGORITHMS:
        return calculators.green_algorithms
    if columns >= calculators.IMPACT_TRACKER:
        return calculators.impact_tracker
    if columns & set(calculators.ECO2AI):
        return calculators.eco2ai
    return lambda place, row: named_fields(
        place, [(str(key), one) for key, one in row.items() if one not in (None, "")]
    )


def _one(place: str, rows: list[dict[str, Any]], chosen: str) -> Mapping[str, Any]:
    """The row that was chosen, or the only one; of rows of one run with totals since its beginning the last."""
    found = [row for row in rows if not chosen or any(str(row.get(name, "")).startswith(chosen) for name in _NAMES)]
    if _CUMULATIVE in rows[0]:
        found = list({str(row.get(_CUMULATIVE, "")): row for row in found}.values())
    if len(found) == 1:
        return found[0]
    name = next((name for name in ("run", "run_id", "id", "project_name", "name") if name in rows[0]), "")
    words = list(dict.fromkeys(str(row.get(name, ""))[:8] for row in found or rows)) if name else []
    if not words:
        raise ExchangeError(f"{place}: {len(rows)} rows: a report of one piece of work has one")
    listed = ", ".join(words[:_SHOWN])
    raise ExchangeError(f"{place}: {len(found or rows)} rows, expected one run; say which, {place}#RUN: {listed}")
