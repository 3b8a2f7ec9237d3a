"""`page`: an estimate as one HTML file, whose figures a browser computes again when an assumption is changed.

It needs no network and no server; without a script it shows what Python computed.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from math import isfinite
from typing import Any, Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from joulebook.account.terms import IT_ENERGY, WHOLE_RUN, Assumption, Statement
from joulebook.account.uncertainty import shares
from joulebook.quantity import Quantity
from joulebook.report import estimated_sheets as sheets
from joulebook.report import wording
from joulebook.report.estimate_page.graph import Graph, Input, scores
from joulebook.report.typography import typeset
from joulebook.report.wording import Figure, plain
from joulebook.units import factor, unit
from joulebook.version import __version__

HEADLINES: Final = sheets.CAUSED
_SCRIPTS: Final = ("draws.js", "python.js", "graph.js", "words.js", "page.js")
_MOST_CAUSES: Final = 5
_NAME: Final = 80
_SOURCE: Final = 400
_PARTS: Final = ("value", "low", "high")


class _Page:
    """What has been put on the page so far."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.graph = Graph()
        self.shown: list[dict[str, Any]] = []

    def cell(self, quantity: Quantity | None, part: str) -> dict[str, Any]:
        """A text that the script writes again: the amount, the interval, both in brief, or a headline and its note."""
        if quantity is None:
            return {"text": "unknown" if part != "note" else "", "at": None}
        self.shown.append({**self.words(quantity), "part": part})
        return {"text": typeset(_said(quantity, part)), "at": len(self.shown) - 1}

    def words(self, quantity: Quantity) -> dict[str, Any]:
        """Where a figure is computed, and the units that it is shown in."""
        figure, scale = sheets.scaled(quantity, {})
        by = factor(quantity.unit, unit(figure.unit))
        return {"place": self.graph.place(quantity), "by": by, "scale": scale, "unit": figure.unit}


def page(statement: Statement) -> str:
    """The page about an estimate."""
    made = _Page(statement)
    context = {
        "name": plain(statement.name, _NAME) or "estimate",
        "facts": [plain(", ".join(statement.hardware), _NAME), *sheets.asked(statement)],
        "edition": plain(statement.edition),
        "headlines": [_headline(made, name) for name in HEADLINES],
        "figures": _figures(made),
        "parts": _parts(made),
        "alternatives": _alternatives(made),
        "remarks": sheets.remarks(statement),
        "version": __version__,
    }
    inputs = _inputs(made)
    names = {one["data"]["source"]: one["name"] for one in inputs}
    causes = [one for name in HEADLINES if (one := _causes(made, name, names)) is not None]
    data = {
        "operations": made.graph.operations,
        "inputs": [one["data"] for one in inputs],
        "shown": made.shown,
        "causes": [one["data"] for one in causes],
        "most": _MOST_CAUSES,
        "scores": scores(),
    }
    script = "\n".join((*map(_text, _SCRIPTS[:2]), made.graph.script, *map(_text, _SCRIPTS[2:])))
    style = _text("page.css")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_text("page.html.j2")).render(
        **context,
        inputs=inputs,
        causes=causes,
        unknown=[plain(one, _NAME) for one in made.graph.unknown],
        data=_json(data),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own files and formulas
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


# -- figures ----------------------------------------------------------------------------------------------------


def _said(quantity: Quantity, part: str) -> str:
    amount, interval = sheets.amount_and_interval(quantity, {})
    wide = amount == "-"
    if part == "headline":
        return interval if wide else amount
    if part == "note":
        return "90 % interval" if wide else f"90 % interval {interval}" if interval else "exact"
    if part == "brief":
        return interval or amount
    return ("\N{EM DASH}" if wide else amount) if part == "amount" else interval


def _headline(made: _Page, name: str) -> dict[str, Any]:
    quantity = getattr(made.statement, name)
    label = typeset(sheets.title(made.statement, name))
    return {"label": label, "amount": made.cell(quantity, "headline"), "note": made.cell(quantity, "note")}


def _figures(made: _Page) -> list[dict[str, Any]]:
    statement = made.statement
    figures = {sheets.title(statement, name): getattr(statement, name) for name in sheets.shown_totals(statement)}
    figures |= {plain(name.replace("_", " ")): rate for name, rate in statement.rates.items()}
    return [
        {
            "title": typeset(title),
            "amount": made.cell(quantity, "amount"),
            "interval": made.cell(quantity, "interval"),
            "basis": str(quantity.basis),
        }
        for title, quantity in figures.items()
    ]


def _alternatives(made: _Page) -> dict[str, Any] | None:
    statement = made.statement
    if not statement.alternatives:
        return None
    names = [name for name in HEADLINES if getattr(statement, name) is not None]
    every = (statement, *statement.alternatives)
    rows = [(plain(one.name, _NAME), [made.cell(getattr(one, name), "brief") for name in names]) for one in every]
    return {"columns": [sheets.SHORT.get(name, name) for name in names], "rows": rows}


def _parts(made: _Page) -> list[dict[str, Any]]:
    """Energy by kind of device, where there are several."""
    lines = made.statement.of_kind(IT_ENERGY, WHOLE_RUN)
    return [
        {
            "name": plain(line.device, _NAME),
            "amount": made.cell(line.quantity, "amount"),
            "interval": made.cell(line.quantity, "interval"),
            "method": plain(line.method, _SOURCE),
        }
        for line in (lines if len(lines) > 1 else ())
    ]


# -- what ranges come from ----------------------------------------------------------------------------------------


def _causes(made: _Page, name: str, names: Mapping[str, str]) -> dict[str, Any] | None:
    """The range of a figure, and those that are left if one input were known: in words and as bars."""
    quantity: Quantity | None = getattr(made.statement, name)
    if quantity is None:
        return None
    label = typeset(sheets.title(made.statement, name))
    whole = Figure.of(quantity)
    rows = [{"what": "as it is", "left": typeset(_said(quantity, "brief")), "change": "", "bar": _bar(whole, whole)}]
    for at, share in enumerate(shares(quantity)[:_MOST_CAUSES]):
        change = sheets.narrowing(quantity, share.low, share.high)
        if at and change == sheets.SAME:
            continue
        left = Figure(quantity.value, share.low, share.high, quantity.unit.symbol)
        rows.append(
            {
                "what": names.get(share.ids[0], plain(share.text, _NAME)),
                "left": typeset(sheets.left_of(quantity, share, {})),
                "change": typeset(change),
                "bar": _bar(left, whole),
            }
        )
    return {"label": label, "rows": rows, "data": made.words(quantity)}


def _bar(figure: Figure, whole: Figure) -> dict[str, str]:
    """Where a range begins, how long it is and where its value lies, of a hundred; the axis begins at zero."""
    most = whole.high or 1.0
    low, high, value = (100 * max(end, 0.0) / most for end in (figure.low, figure.high, figure.value))
    return {"low": f"{low:.2f}", "width": f"{max(high - low, 0.4):.2f}", "value": f"{value:.2f}"}


# -- inputs -------------------------------------------------------------------------------------------------------


def _inputs(made: _Page) -> list[dict[str, Any]]:
    """Every input of the figures, those that were given first, with what the script needs of it."""
    named = sheets.named_inputs(made.statement)
    seen: dict[str, int] = {}
    found = []
    for at, one in enumerate(made.graph.inputs):
        item = named.get(one.source)
        seen[one.source] = seen.get(one.source, 0) + 1
        key = one.source if seen[one.source] == 1 else f"{one.source} #{seen[one.source]}"
        found.append(_input(at, one, item, key))
    return found


def _input(at: int, one: Input, item: Assumption | None, key: str) -> dict[str, Any]:
    leaf, source = one.leaf, one.leaf.trace.source
    name = leaf.name.replace("_", " ") if leaf.name else _name(item) if item is not None else one.source
    text = item.source if item is not None else source.text if source is not None else ""
    amounts = [getattr(leaf, part) for part in _PARTS]
    symbol = leaf.unit.symbol.replace("CO2e", "").removesuffix("1")
    return {
        "at": at,
        "name": plain(name, _NAME),
        "amounts": [_typed(amount) for amount in amounts],
        "unit": symbol,
        "basis": str(leaf.basis),
        "source": plain(text or one.source, _SOURCE),
        "given": text.startswith("given, "),
        "data": {
            "key": key,
            "source": one.source,
            "name": plain(name, _NAME),
            "amounts": amounts,
            **({"places": one.places} if one.places else {}),
        },
    }


def _name(item: Assumption) -> str:
    return plain(item.name.replace("_", " "), _NAME)


def _typed(amount: float) -> str:
    """A number as somebody would type it, with six digits."""
    if amount == 0 or 1e-5 <= abs(amount) < 1e7:
        return wording.digits(amount, 6)
    mantissa, _, exponent = f"{amount:.5e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


# -- the file -----------------------------------------------------------------------------------------------------


def _text(name: str) -> str:
    return (files("joulebook.report.estimate_page") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _json(value: object) -> Markup:
    """JSON that cannot end the element around it; what is not finite is null."""
    text = json.dumps(_finite(value), allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - nothing in it has a meaning in HTML


def _finite(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, float) and not isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list | tuple) else value
