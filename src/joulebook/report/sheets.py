"""The tables and sentences of a report, before they become Markdown or LaTeX. Texts are plain; nothing is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from joulebook.account.terms import AT_SOCKET, IDLE, IT_ENERGY, OPTIONAL, TOTALS, WHOLE_RUN, WITHIN, Statement
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Quantity, total
from joulebook.report import wording
from joulebook.report.citations import Cited, cited
from joulebook.report.outline import amount_and_interval, leaf, outline, started, sum_of
from joulebook.report.terminal import device
from joulebook.report.typography import typeset
from joulebook.report.wording import Figure, plain
from joulebook.version import __version__

TITLES: Final = {
    "device_hours": "device-hours",
    "it_energy": "IT energy",
    "carbon": "carbon (location)",
    "carbon_market": "carbon (market)",
    "carbon_marginal": "carbon (marginal)",
    "carbon_embodied": "carbon (embodied)",
    "cost": "cost (electricity)",
    "cost_hire": "cost (hire instead)",
    "cost_owned": "cost (own hardware)",
    "cost_carbon": "cost (carbon price)",
    "idle_baseline": "idle baseline",
}
_NAME: Final = 60


class Sheet(NamedTuple):
    """A table: its title, its columns (to the right where the heading begins with ">"), its rows."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


class Sentence(NamedTuple):
    """A sentence without its full stop, and the facts that it rests on."""

    text: str
    facts: tuple[Cited, ...] = ()


# -- tables -----------------------------------------------------------------------------------------------------


def figures(statement: Statement) -> Sheet:
    """Every total; what is not known says so."""
    rows = []
    for name in TOTALS:
        quantity = getattr(statement, name)
        title = TITLES.get(name, name)
        if quantity is not None:
            rows.append((title, *_both(quantity), str(quantity.basis)))
        elif name not in OPTIONAL:
            rows.append((title, "unknown", "", ""))
    return Sheet("Figures", ("figure", ">amount", ">90 % interval", "basis"), rows)


def offsets(statement: Statement) -> Sheet:
    """Offsets and certificates, with what has to be known about each kind; they are in no figure."""
    rows = []
    for item in statement.offsets:
        amounts = (item.bought, item.delivered, item.cost)
        bought, delivered, cost = ("unknown" if one is None else _range(one) for one in amounts)
        told = "; ".join(part for part in (item.remark, item.source) if part)
        vintage = str(item.vintage) if item.vintage else ""
        kind = f"{item.kind} {vintage}".strip()
        rows.append((plain(item.name, _NAME), kind, bought, delivered, cost, item.storage, plain(told, 300)))
    columns = ("offset or certificate", "kind", ">bought", ">to be expected", ">cost", "storage", "what is to be known")
    return Sheet("Bought apart: no figure is lower for it", columns, rows)


def devices(statement: Statement) -> Sheet:
    """Energy of every device for the whole run, and how it is known."""
    remarks = {WITHIN: " (in another line, not added)", AT_SOCKET: " (not added)", IDLE: " at rest (not subtracted)"}
    rows = [
        (
            plain(line.device, _NAME) + remarks.get(line.kind, ""),
            device(line.device_kind),
            *_both(line.quantity),
            str(line.quantity.basis),
            "" if line.coverage is None else typeset(wording.percent(line.coverage)),
            plain(line.method, 200) if line.kind in (IT_ENERGY, AT_SOCKET) else "",
        )
        for line in statement.lines
        if line.span == WHOLE_RUN and line.kind in (IT_ENERGY, WITHIN, AT_SOCKET, IDLE)
    ]
    columns = ("device", "kind", ">energy", ">90 % interval", "basis", ">coverage", "method")
    return Sheet("Devices", columns, rows)


def stages(statement: Statement) -> Sheet:
    """Energy and time of every stage, inner ones below the stage around them, and of what lies outside."""
    whole = statement.it_energy.value if statement.it_energy is not None else 0.0
    rows = []
    for stage, depth in outline(statement):
        joules = sum_of(statement.of_kind(IT_ENERGY, stage.span))
        share = wording.percent(joules.value / whole) if joules is not None and whole > 0 else ""
        time = "" if stage.duration is None else wording.duration(stage.duration)
        cells = ("unknown", "") if joules is None else _both(joules)
        rows.append(("\N{EM SPACE}" * depth + plain(leaf(stage), _NAME), *cells, typeset(share), time))
    return Sheet("Stages", ("stage", ">energy", ">90 % interval", ">share", ">time"), rows)


def ranks(statement: Statement) -> Sheet:
    """Each rank of a run of many with its share; those of the last attempt first."""
    rows = []
    again = any(line.attempt for line in statement.ranks)
    for line in sorted(statement.ranks, key=lambda one: -one.attempt):
        name = "-" if line.rank is None else str(line.rank)
        rows.append(
            (
                f"{name} (attempt {line.attempt})" if again else name,
                plain(line.node, 24),
                plain(line.run)[:6],
                line.status,
                wording.duration(line.duration),
                *(("unknown", "") if line.it_energy is None else _both(line.it_energy)),
            )
        )
    return Sheet("Ranks", ("rank", "node", "recording", "status", ">time", ">energy", ">90 % interval"), rows)


def assumptions(statement: Statement) -> Sheet:
    """Every value that was not observed in this run, with its source."""
    rows = []
    for item in statement.assumptions:
        amount, interval = _both(item.quantity)
        value = interval if amount == "-" else amount + (f" ({interval})" if interval not in ("", "exact") else "")
        rows.append((plain(item.name, _NAME), value, str(item.quantity.basis), plain(item.source, 300)))
    return Sheet("Assumptions", ("value", ">amount", "basis", "source"), rows)


def overview(statements: Sequence[Statement], nested: frozenset[str] = frozenset()) -> Sheet:
    """One row for each run, and their sum; runs recorded inside another one of them are not added again."""
    rows: list[tuple[str, ...]] = [
        (
            " ".join(part for part in (plain(item.name, 40), plain(item.run)[:6]) if part),
            started(item)[:10],
            "unknown" if item.duration is None else wording.duration(item.duration),
            _range(item.energy),
            _range(item.carbon),
            _range(item.cost),
            str(item.energy.basis) if item.energy is not None else "",
        )
        for item in statements
    ]
    counted = [item for item in statements if item.run not in nested]
    if len(rows) > 1:
        sums = [_sum(getattr(item, name) for item in counted) for name in ("duration", "energy", "carbon", "cost")]
        basis = str(sums[1].basis) if sums[1] is not None else ""
        time = "unknown" if sums[0] is None else wording.duration(sums[0])
        rows.append(("together", "", time, *(_range(quantity) for quantity in sums[1:]), basis))
    columns = ("run", "date", ">duration", ">energy", ">carbon", ">cost", "basis")
    return Sheet("Runs", columns, rows)


def _sum(parts: Iterable[Quantity | None]) -> Quantity | None:
    """The sum; None where a part is unknown or in another currency: a sum without it would be too small."""
    known = []
    for part in parts:
        if part is None:
            return None
        known.append(part)
    if not known or any(part.unit.dims != known[0].unit.dims for part in known):
        return None
    return total(known, known[0].unit)


def _both(quantity: Quantity) -> tuple[str, str]:
    amount, interval = amount_and_interval(quantity)
    return (typeset(amount) if amount != "-" else "-"), typeset(interval)


def _range(quantity: Quantity | None) -> str:
    """Amount with its ends in one cell."""
    if quantity is None:
        return "unknown"
    amount, interval = _both(quantity)
    if amount == "-":
        return interval
    return f"{amount} ({interval.rpartition(' ')[0]})" if interval not in ("", "exact") else amount


# -- the paragraph ----------------------------------------------------------------------------------------------


def hardware(statement: Statement) -> str:
    """What it ran on, as far as it is known."""
    return ", ".join(plain(part, 120) for part in statement.hardware) or "hardware that was not recorded"


def paragraph(statement: Statement, catalog: Catalog) -> list[Sentence]:
    """The account of a run in sentences, as a paper would state it."""
    name = " ".join(part for part in (plain(statement.name, _NAME), f"({plain(statement.run)[:6]})") if part)
    time = "a time that is not known" if statement.duration is None else wording.duration(statement.duration)
    date = f" on {started(statement)[:10]}" if statement.started else ""
    state = "" if statement.status == "finished" else f"; it {_STATES.get(statement.status, statement.status)}"
    sentences = [Sentence(f"The run {name} took {time}{date} on {hardware(statement)}{state}")]
    sentences += _energy_sentences(statement, catalog)
    sentences += _carbon_sentences(statement, catalog)
    sentences += _further_sentences(statement, catalog)
    if statement.not_included:
        sentences.append(Sentence(f"Not included: {plain(', '.join(statement.not_included), 400)}"))
    sentences.append(Sentence(f"Recorded with joulebook {__version__}, facts of edition {plain(statement.edition)}"))
    return sentences


_STATES: Final = {"running": "is still running", "interrupted": "was interrupted", "stopped": "was stopped"}


def _amount(quantity: Quantity) -> str:
    """An amount and its interval: "212 kJ (90 % interval 199-225 kJ)"; the interval alone where it is wide."""
    amount, interval = _both(quantity)
    if amount == "-":
        return f"{interval} (90{_NBSP}% interval)"
    return amount if interval in ("", "exact") else f"{amount} (90{_NBSP}% interval {interval})"


_NBSP: Final = "\N{NO-BREAK SPACE}"


def _energy_sentences(statement: Statement, catalog: Catalog) -> list[Sentence]:
    energy = statement.it_energy
    if energy is None:
        return [Sentence("Its energy is unknown: there were no usable readings")]
    hours = typeset(wording.amount(Figure.of(energy, "Wh"), wording.WATT_HOURS))
    kinds = [f"{device(item.kind)} {item.basis} {wording.percent(item.share)}" for item in statement.device_shares]
    known = f"; {typeset(', '.join(kinds))}" if kinds else ""
    text = f"Its devices used {_amount(energy.to('J'))} of electricity, or {hours}{known}"
    found = [Sentence(text, tuple(cited([energy], statement, catalog)))]
    pue = statement.assumption("pue")
    if pue is not None and statement.energy is not None:
        where = f" ({plain(pue.note, _NAME)})" if pue.note else ""
        text = (
            f"With a site overhead (PUE) of {_amount(pue.quantity)}{where} that is {_amount(statement.energy.to('J'))}"
        )
        found.append(Sentence(text, tuple(cited([pue.quantity], statement, catalog))))
    return found


def _further_sentences(statement: Statement, catalog: Catalog) -> list[Sentence]:
    """What making the hardware emitted, and the water, as far as they are known."""
    found = []
    made, water = statement.carbon_embodied, statement.water
    if made is not None:
        text = f"Its part of the making of the hardware is {_amount(made.to('gCO2e'))} of {typeset('CO2e')} (embodied)"
        found.append(Sentence(text, tuple(cited([made], statement, catalog))))
    if water is not None:
        text = f"It used up {_amount(water.to('L'))} of water"
        rates = [item.quantity for item in map(statement.assumption, ("wue", "water_intensity")) if item is not None]
        found.append(Sentence(text, tuple(cited(rates, statement, catalog))))
    return found


def _carbon_sentences(statement: Statement, catalog: Catalog) -> list[Sentence]:
    carbon, intensity = statement.carbon, statement.assumption("carbon_intensity")
    if carbon is None or intensity is None:
        return [Sentence("Its carbon emissions are unknown")]
    facts = tuple(cited([intensity.quantity], statement, catalog))
    amount = _grams(carbon)
    rate = typeset(wording.rate(intensity.quantity))
    if not intensity.note:
        text = f"The region is not known; over all plausible grids ({rate}) this would be {amount}"
    else:
        text = f"At a grid intensity of {rate} ({plain(intensity.note, 80)}) this is {amount}"
    found = [Sentence(f"{text} of {typeset('CO2e')}, operational and location-based", facts)]
    market, rest = statement.carbon_market, statement.assumption("carbon_intensity_market")
    if market is not None and rest is not None and market != carbon:
        facts = tuple(cited([rest.quantity], statement, catalog))
        found.append(Sentence(f"By market ({plain(rest.note, 80)}) it is {_grams(market)}", facts))
    if statement.offsets:
        names = ", ".join(plain(item.name, 40) for item in statement.offsets)
        found.append(Sentence(f"Bought apart, and in none of these figures: {plain(names, 200)}"))
    return found


def _grams(carbon: Quantity) -> str:
    return _amount(carbon.to("gCO2e")).replace(" g ", f" g{_NBSP}")
