"""One HTML file for one or several runs: it needs no network and no script, and prints as it looks.

Charts are SVG inside the page (docs/decisions/0007). Whatever a user named is escaped by the template and isolated
from the direction of the text around it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from joulebook.account.terms import AT_SOCKET, IDLE, IT_ENERGY, OPTIONAL, SCHEMA, TOTALS, WHOLE_RUN, WITHIN, Statement
from joulebook.meter.series import History
from joulebook.quantity import Quantity
from joulebook.registry import load
from joulebook.report import wording
from joulebook.report.bins import coarsened
from joulebook.report.outline import amount_and_interval, started
from joulebook.report.sheets import offsets, ranks
from joulebook.report.socket import socket_sentences
from joulebook.report.terminal import device
from joulebook.report.typography import isolated, typeset
from joulebook.report.wording import Figure, digits, plain
from joulebook.version import __version__

Item = tuple[Statement, History]

_TITLES: Final = {
    "device_hours": "device-hours",
    "it_energy": "IT energy",
    "carbon": "carbon, by location",
    "carbon_market": "carbon, by market",
    "carbon_marginal": "carbon, marginal",
    "carbon_embodied": "carbon, embodied",
    "cost": "cost of the electricity",
    "cost_hire": "cost of hire, electricity within",
    "cost_owned": "wear of own hardware",
    "cost_carbon": "carbon at a price",
    "idle_baseline": "idle baseline",
}
_LONG = 400
_BINS = 6_000
"""Bins of power in a file, of all devices of all runs together: ten runs of three devices stay below 1.2 MB."""
_FEWEST = 60
_MOST_VISITS = 1_000


def document(items: Sequence[Item]) -> str:
    """The page about these runs. Raises `MissingExtra` where the library that draws is not installed."""
    devices = sum(len(history.series) for _, history in items)
    most = max(_BINS // max(devices, 1), _FEWEST)
    coarse = [(statement, coarsened(history, most)) for statement, history in items]
    shown = [_run(item) for item in coarse]
    overview = _figure("runs", items) if len(items) > 1 else None
    title = f"{len(items)} runs" if overview else "{name} {id}".format(**shown[0]) if shown else "No runs"
    return _page(title, overview, shown, items)


def page(kind: str, items: Sequence[Item]) -> str:
    """A page with that one chart. Raises `UnknownBackend` and `MissingExtra`."""
    title = ", ".join(
        " ".join((isolated(plain(statement.name)), plain(statement.run)[:6])).strip() for statement, _ in items
    )
    return _page(title, _figure(kind, items), [], items)


def _page(
    title: str, overview: Mapping[str, Any] | None, shown: Sequence[Mapping[str, Any]], items: Sequence[Item]
) -> str:
    style = _style()
    return _template().render(
        title=title,
        style=Markup(style),  # noqa: S704 - our own file and our own colours
        style_hash=f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}",
        version=__version__,
        schema=SCHEMA,
        overview=overview,
        runs=shown,
        editions=", ".join(sorted({plain(statement.edition) for statement, _ in items})),
    )


def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_text("document.html.j2"))


def _text(name: str) -> str:
    return (files("joulebook.report") / "templates" / name).read_text(encoding="utf-8")


def _style() -> str:
    load("figure", "power")
    from joulebook.report.charts.inline import style_sheet  # it needs altair: `load` says so where that is missing

    return style_sheet() + _text("document.css")


def _figure(kind: str, items: Sequence[Item]) -> dict[str, Any]:
    """A chart in two widths, of which the page shows one, with its words and numbers."""
    builder = load("figure", kind)
    from joulebook.report.charts.inline import inline  # it needs altair: `load` says so where that is missing
    from joulebook.report.charts.picture import NARROW, WIDE, Frame  # the same

    wide, narrow = (builder(items, Frame(width)) for width in (WIDE, NARROW))
    label = f"Chart: {wide.title}"
    return {
        "title": wide.title,
        "subtitle": wide.subtitle,
        "table": wide.table,
        "wide": Markup(inline(wide, label)),  # noqa: S704 - shapes and escaped text only
        "narrow": Markup(inline(narrow, label)),  # noqa: S704 - the same
    }


def _run(item: Item) -> dict[str, Any]:
    """Everything that the page says about one run."""
    statement, history = item
    kinds = ["power"] if history.series else []
    kinds += ["stages"] if statement.stages else []
    kinds += ["devices", "shares"] if statement.device_shares else []
    likeness = statement.yardstick
    return {
        "name": plain(statement.name, 80) or "run",
        "id": plain(statement.run)[:6],
        "facts": _facts(statement),
        "headlines": [_energy(statement), _duration(statement), _carbon(statement), _cost(statement)],
        "likeness": typeset(plain(likeness.text, 80)) if likeness else "",
        "likeness_source": plain(likeness.source, 200) if likeness else "",
        "figures": [_figure(kind, [item]) for kind in kinds],
        "methods": _methods(statement),
        "remarks": _remarks(statement),
        "ranks": _ranks(statement),
        "assumptions": _assumptions(statement),
        "not_included": plain(", ".join(statement.not_included), _LONG) or "nothing is known to be missing",
        "warnings": [plain(warning, _LONG) for warning in statement.warnings],
        "totals": _totals(statement),
        "offsets": offsets(statement)._asdict(),
        "document": _json(statement.as_dict()),
        "power": _json(_bins(history)),
    }


def _facts(statement: Statement) -> list[str]:
    parts = [statement.status if statement.exit is None else f"{statement.status}, exit {statement.exit}"]
    parts += [started(statement), plain(statement.region) or "region unknown"]
    parts += [f"site {plain(statement.site)}"] if statement.site else []
    return [part for part in parts if part]


# -- the four figures at the top --------------------------------------------------------------------------------


def _headline(label: str, amount: str, *notes: str) -> dict[str, Any]:
    dash = "\N{EN DASH}"
    joined = f"\N{WORD JOINER}{dash}\N{WORD JOINER}"  # a range is not divided between two lines
    return {"label": label, "amount": amount, "notes": [note.replace(dash, joined) for note in notes if note]}


def _interval(quantity: Quantity) -> str:
    if Figure.of(quantity).wide:
        return "90 % interval; too wide for a single number"
    interval = _both(quantity)[1]
    interval = interval.replace(" ", "\N{NO-BREAK SPACE}")
    return typeset(f"90 % interval {interval}") if interval not in ("", "exact") else ""


def _energy(statement: Statement) -> dict[str, Any]:
    if statement.energy is None:
        return _headline("Energy", "unknown", "there were no usable readings")
    joules = Figure.of(statement.energy, "J")
    hours = typeset(wording.amount(joules.to("Wh"), wording.WATT_HOURS))
    shares = statement.shares or {}
    bases = ", ".join(f"{typeset(wording.percent(share))} {basis}" for basis, share in shares.items() if share)
    pue = statement.assumption("pue")
    overhead = f"with site overhead of {digits(pue.quantity.value)}" if pue is not None else ""
    return _headline(
        "Energy",
        typeset(wording.amount(joules, wording.JOULES)),
        _interval(statement.energy.to("J")),
        hours,
        bases or str(statement.energy.basis),
        overhead,
    )


def _duration(statement: Statement) -> dict[str, Any]:
    if statement.duration is None:
        return _headline("Duration", "unknown")
    power = ""
    if statement.it_energy is not None and statement.duration.value > 0:
        mean = Figure.of(statement.it_energy / statement.duration, "W")
        power = f"{typeset(wording.amount_in_brackets(mean, wording.WATTS))} on average"
    return _headline("Duration", typeset(wording.duration(statement.duration)), power)


def _carbon(statement: Statement) -> dict[str, Any]:
    label = "Carbon, CO\N{SUBSCRIPT TWO}e"
    intensity = statement.assumption("carbon_intensity")
    if statement.carbon is None:
        return _headline(label, "unknown")
    grams = Figure.of(statement.carbon, "gCO2e")
    source = "region unknown: the range over all plausible grids"
    if intensity is not None and intensity.note:
        source = f"at {typeset(wording.rate(intensity.quantity))}, {plain(intensity.note, 60)}"
    interval, basis = _interval(statement.carbon.to("gCO2e")), str(statement.carbon.basis)
    market = ""
    if statement.carbon_market is not None and statement.carbon_market != statement.carbon:
        market = f"by market {wording.amount(Figure.of(statement.carbon_market, 'gCO2e'), wording.GRAMS)}"
    amount = typeset(wording.amount(grams, wording.GRAMS))
    return _headline(label, amount, interval, source, basis, typeset(market))


def _cost(statement: Statement) -> dict[str, Any]:
    price = statement.assumption("price")
    if statement.cost is None:
        return _headline("Cost of the electricity", "unknown")
    amount = wording.money(statement.cost).partition("  ")[0]
    interval = "" if amount.startswith("under") else _interval(statement.cost)
    source = ""
    if price is not None:
        source = f"at {typeset(wording.rate(price.quantity))}"
        source += f", {plain(price.note, 60)}" if price.note else ""
    return _headline("Cost of the electricity", typeset(amount), interval, source, str(statement.cost.basis))


# -- tables ------------------------------------------------------------------------------------------------------


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {"columns": columns, "rows": rows}


def _both(quantity: Quantity) -> tuple[str, str]:
    amount, interval = (typeset(part) for part in amount_and_interval(quantity))
    return ("\N{EM DASH}" if amount == "-" else amount), interval


def _methods(statement: Statement) -> dict[str, Any]:
    rows = []
    for line in statement.lines:
        if line.span != WHOLE_RUN or line.kind not in (IT_ENERGY, WITHIN, AT_SOCKET, IDLE):
            continue
        remark = {WITHIN: ", part of another line", AT_SOCKET: ", not added", IDLE: ", at rest"}.get(line.kind, "")
        coverage = "" if line.coverage is None else typeset(wording.percent(line.coverage))
        kind = device(line.device_kind)
        name = plain(line.device) + (f" ({kind})" if kind.lower() not in plain(line.device).lower() else "")
        method = plain(line.method, 200) if line.kind != IDLE else ""
        rows.append((name + remark, *_both(line.quantity), str(line.quantity.basis), coverage, method))
    return _table(("device", ">energy", ">90 % interval", "basis", ">coverage", "method"), rows)


def _remarks(statement: Statement) -> list[str]:
    kinds = {line.kind for line in statement.lines if line.span == WHOLE_RUN}
    remarks = []
    if any(line.coverage is not None for line in statement.of_kind(IT_ENERGY, WHOLE_RUN)):
        remarks.append("Coverage is the share of the time for which there are usable readings.")
    if WITHIN in kinds:
        remarks.append("What is part of another line is shown and not added.")
    remarks += [f"{sentence}." for sentence in socket_sentences(statement)]
    if IDLE in kinds:
        remarks.append("At rest: what the device would have used doing nothing; shown and not subtracted.")
    return remarks


def _ranks(statement: Statement) -> dict[str, Any]:
    """Each rank with its share, in as many columns as a page is wide enough for."""
    columns = ("rank", "status", "time", "energy", "90 % interval")
    return _table(columns, [(f"{rank} on {node}", *rest) for rank, node, _, *rest in ranks(statement).rows])


def _assumptions(statement: Statement) -> dict[str, Any]:
    rows = [
        (plain(item.name.replace("_", " ")), _value(item.quantity), str(item.quantity.basis), plain(item.source, _LONG))
        for item in statement.assumptions
    ]
    return _table(("what", "value and 90 % interval", "basis", "source"), rows)


def _value(quantity: Quantity) -> str:
    figure = Figure.of(quantity)
    return typeset(wording.amount_in_brackets(figure, ((1.0, figure.unit),)))


def _totals(statement: Statement) -> dict[str, Any]:
    rows = []
    for name in TOTALS:
        quantity: Quantity | None = getattr(statement, name)
        title = _TITLES.get(name, name)
        if name == "energy":
            title += ", with site overhead" if statement.assumption("pue") else ", without site overhead"
        if quantity is not None:
            rows.append((title, *_both(quantity), str(quantity.basis)))
        elif name not in OPTIONAL:
            rows.append((title, "unknown", "", ""))
    return _table(("figure", ">amount", ">90 % interval", "basis"), rows)


# -- for programs ------------------------------------------------------------------------------------------------


def _json(value: object) -> Markup:
    """Strict JSON that cannot end the element around it, whatever somebody named a run."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - nothing in it has a meaning in HTML


def _bins(history: History) -> Mapping[str, object]:
    """Power over time as bins and the visits of the stages, times in UTC nanoseconds."""
    bands = history.bands if len(history.bands) <= _MOST_VISITS else ()
    return {
        "schema": "joulebook.power/1",
        "series": [series._asdict() for series in history.series],
        "stages": [band._asdict() for band in bands],
        "stages_left_out": len(history.bands) - len(bands),
    }
