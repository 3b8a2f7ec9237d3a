"""Tables of many shapes that close, and the same tables with one slip in one cell, for `planted`.

Columns follow from each other by arithmetic; names, units, digits, order, form, totals and groups are drawn by chance.
"""

# ruff: noqa: E501 - columns are kept on one line

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple


class Column(NamedTuple):
    """A column: its key, how it is headed, its printed digits, how it follows from others, and how totals fold it."""

    key: str
    heads: tuple[str, ...]
    digits: int
    rule: Callable[[Mapping[str, float]], float] | None = None
    fold: str = ""
    """sum, or the quotient of two keys as "a/b", or nothing."""


class Shape(NamedTuple):
    """A kind of table: its columns, what its rows are called, and inputs of a row by chance."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[str, ...]
    inputs: Callable[[random.Random, Mapping[str, float]], dict[str, float]]
    note: str
    label: str = "Item"


class Planted(NamedTuple):
    """A table as text: its name, its form, and the cell that is wrong (empty: none)."""

    name: str
    form: str
    text: str
    slip: str = ""


def _jobs(chance: random.Random, around: Mapping[str, float]) -> dict[str, float]:
    nodes, each = chance.randint(1, 40), chance.choice([4, 8])
    return {
        "nodes": nodes, "per_node": each, "hours": round(chance.uniform(2, 300), 2),
        "watts": chance.randint(1900, 7400) if each == 8 else chance.randint(900, 2500),
    } | dict(around)  # fmt: skip


def _sites(chance: random.Random, around: Mapping[str, float]) -> dict[str, float]:
    return {
        "it": round(chance.uniform(900, 42000), 1), "pue": round(chance.uniform(1.06, 1.55), 2),
        "wue": round(chance.uniform(0.05, 1.8), 2), "grams": chance.choice([24, 58, 131, 246, 352, 418, 610]),
        "peak": round(chance.uniform(3, 9), 2), "green": chance.randint(20, 98),
    } | dict(around)  # fmt: skip


def _models(chance: random.Random, around: Mapping[str, float]) -> dict[str, float]:
    return {
        "cards": chance.choice([1, 1, 2, 4, 8]), "rate": chance.randint(40, 9000), "seconds": chance.choice([300, 600, 900, 1800]),
        "each": round(chance.uniform(140, 640), 1),
    } | dict(around)  # fmt: skip


def _bills(chance: random.Random, around: Mapping[str, float]) -> dict[str, float]:
    return {"many": chance.randint(3, 9000), "price": round(chance.uniform(0.04, 40), 2)} | dict(around)


def _years(chance: random.Random, around: Mapping[str, float]) -> dict[str, float]:
    first = chance.randint(90, 90000)
    second = round(first * chance.uniform(0.6, 1.9))
    return {"first": first, "second": second, "third": round(second * chance.uniform(0.6, 1.9))} | dict(around)


def _fleet(chance: random.Random, around: Mapping[str, float]) -> dict[str, float]:
    tdp = chance.choice([250, 300, 350, 400, 700, 750])
    return {
        "servers": chance.randint(8, 300), "in_one": chance.choice([2, 4, 8]), "tdp": tdp,
        "gb": chance.choice([24, 40, 48, 80, 141, 192]), "mean": round(tdp * chance.uniform(0.4, 0.9)),
    } | dict(around)  # fmt: skip


SHAPES: Final = (
    Shape(
        "jobs",
        (
            Column("nodes", ("Nodes", "n_nodes", "NNodes", "Servers"), 0),
            Column("per_node", ("GPUs per node", "gpus_per_node", "GPUsPerNode", "Cards per server"), 0),
            Column("hours", ("Wall time (h)", "wall_h", "Elapsed (h)", "Duration (h)"), 2),
            Column("gpu_hours", ("GPU-hours", "gpu_hours", "GPUHours", "Device-hours"), 1,
                   lambda v: v["nodes"] * v["per_node"] * v["hours"], "sum"),
            Column("watts", ("Mean node power (W)", "node_power_w", "NodePowerW", "Server draw (W)"), 0),
            Column("it", ("IT energy (kWh)", "it_energy_kwh", "ITEnergyKWh", "Metered energy (kWh)"), 1,
                   lambda v: v["nodes"] * v["watts"] * v["hours"] / 1000, "sum"),
            Column("site", ("Site energy (kWh)", "site_energy_kwh", "SiteKWh", "With overhead (kWh)"), 1,
                   lambda v: v["it"] * v["site_pue"], "sum"),
            Column("kg", ("Emissions (kg CO2e)", "co2e_kg", "CO2eKg", "Carbon (kg)"), 2,
                   lambda v: v["site"] * v["kg_kwh"], "sum"),
            Column("eur", ("Charge (EUR)", "charge_eur", "ChargeEUR", "Cost (EUR)"), 2, lambda v: v["site"] * v["tariff"], "sum"),
        ),
        ("ant", "bee", "cicada", "dragonfly", "earwig", "firefly", "gnat", "hornet", "ibis", "jay", "kestrel", "lark"),
        _jobs,
        "Power is the mean at the rack; site energy includes a PUE of {site_pue}; {kg_kwh} kg/kWh; {tariff} EUR/kWh.",
        "Job",
    ),
    Shape(
        "sites",
        (
            Column("it", ("IT load (MWh)", "it_mwh", "Electricity for IT (MWh)"), 1, None, "sum"),
            Column("pue", ("PUE", "pue", "Ratio (PUE)"), 2, None, "facility/it"),
            Column("facility", ("Facility (MWh)", "facility_mwh", "Total electricity (MWh)"), 1,
                   lambda v: v["it"] * v["pue"], "sum"),
            Column("water", ("Water (m3)", "water_m3", "Water withdrawn (m³)"), 0, lambda v: v["it"] * v["wue"], "sum"),
            Column("wue", ("WUE (L/kWh)", "wue_l_per_kwh", "Water per IT energy (L/kWh)"), 2, None, "water/it"),
            Column("grams", ("Grid factor (g/kWh)", "grid_g_per_kwh", "Factor (gCO2e/kWh)"), 0),
            Column("tonnes", ("Location-based (t CO2e)", "co2e_t", "Emissions (t)"), 1,
                   lambda v: v["facility"] * v["grams"] / 1000, "sum"),
            Column("peak", ("Peak load (MW)", "peak_mw", "Highest load (MW)"), 2),
            Column("green", ("Renewable (%)", "renewable_percent", "Matched (%)"), 0),
        ),
        ("Alder", "Birch", "Cedar", "Douglas", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper"),
        _sites,
        "Water is counted on IT energy. The factors are those of each grid.",
        "Site",
    ),
    Shape(
        "models",
        (
            Column("cards", ("Cards", "num_gpus", "Accelerators"), 0),
            Column("seconds", ("Duration (s)", "duration_s", "Run (s)"), 0),
            Column("rate", ("Throughput (tokens/s)", "tokens_per_s", "Output tokens/s"), 0),
            Column("each", ("Mean power per card (W)", "power_per_gpu_w", "Power per accelerator (W)"), 1),
            Column("all", ("Power of all cards (W)", "power_all_w", "Total board power (W)"), 1, lambda v: v["cards"] * v["each"]),
            Column("tokens", ("Tokens", "output_tokens", "Tokens generated"), 0, lambda v: v["rate"] * v["seconds"], "sum"),
            Column("kwh", ("Energy (kWh)", "energy_kwh", "GPU energy (kWh)"), 4,
                   lambda v: v["all"] * v["seconds"] / 3.6e6, "sum"),
            Column("joules", ("J/token", "joules_per_token", "Energy per token (J)"), 4, lambda v: v["all"] / v["rate"]),
            Column("answer", ("500-token answer (Wh)", "wh_per_500_tokens", "Answer of 500 tokens (Wh)"), 5,
                   lambda v: v["joules"] * 500 / 3600),
        ),
        ("Abel 3B", "Baker 7B", "Cain 8B", "Dora 13B", "Enid 34B", "Fay 70B", "Gwen 104B", "Hugo 180B"),
        _models,
        "Board power only; the host is not included.",
        "Model",
    ),
    Shape(
        "bill",
        (
            Column("many", ("Quantity", "quantity", "Units"), 0),
            Column("price", ("Unit price (USD)", "unit_price_usd", "Rate (USD)"), 2),
            Column("usd", ("Amount (USD)", "amount_usd", "Line total (USD)"), 2, lambda v: v["many"] * v["price"], "sum"),
        ),
        ("Reserved nodes", "On-demand cards", "Object storage", "Egress", "Input tokens", "Output tokens", "Support"),
        _bills,
        "Prices are net.",
        "Line",
    ),
    Shape(
        "years",
        (
            Column("first", ("2021", "y2021", "FY2021"), 0, None, "sum"),
            Column("second", ("2022", "y2022", "FY2022"), 0, None, "sum"),
            Column("third", ("2023", "y2023", "FY2023"), 0, None, "sum"),
            Column("change", ("Change 2022-23 (%)", "change_percent", "Against 2022 (%)"), 1,
                   lambda v: 100 * (v["third"] / v["second"] - 1), "change"),
        ),
        ("Natural gas", "Diesel", "Refrigerants", "Purchased services", "Servers", "Buildings", "Travel", "Commuting"),
        _years,
        "All values in tonnes of CO2e.",
        "Category",
    ),
    Shape(
        "fleet",
        (
            Column("servers", ("Servers", "servers", "Hosts"), 0, None, "sum"),
            Column("in_one", ("Cards per server", "cards_per_server", "Cards per host"), 0),
            Column("cards", ("Cards", "cards", "GPUs"), 0, lambda v: v["servers"] * v["in_one"], "sum"),
            Column("tdp", ("TDP per card (W)", "tdp_w", "Rated power per GPU (W)"), 0),
            Column("plate", ("Nameplate (kW)", "nameplate_kw", "Rated power, all cards (kW)"), 1,
                   lambda v: v["cards"] * v["tdp"] / 1000, "sum"),
            Column("mean", ("Measured per card (W)", "mean_w", "Mean power per GPU (W)"), 0),
            Column("load", ("Mean load (kW)", "mean_load_kw", "Load, all cards (kW)"), 1,
                   lambda v: v["cards"] * v["mean"] / 1000, "sum"),
            Column("mwh", ("Energy of the year (MWh)", "energy_mwh", "Energy 2023 (MWh)"), 1, lambda v: v["load"] * 8.76, "sum"),
            Column("gb", ("Memory per card (GB)", "gb_per_card", "GB per GPU"), 0),
            Column("tb", ("Memory (TB)", "memory_tb", "Card memory (TB)"), 2, lambda v: v["cards"] * v["gb"] / 1000, "sum"),
        ),
        ("North A", "North B", "South A", "South B", "West A", "West B", "East A", "East B", "Annex"),
        _fleet,
        "Energy is the mean load over 8,760 h; cards only.",
        "Hall",
    ),
)  # fmt: skip
FORMS: Final = ("csv", "markdown", "html", "json", "semicolons", "transposed")


def tables(seeds: Sequence[int]) -> Iterator[Planted]:
    """A table of every shape and form for every seed; all figures close."""
    for shape in SHAPES:
        for seed in seeds:
            for form in FORMS:
                yield _Drawn(shape, form, seed).printed()


def slipped(seeds: Sequence[int]) -> Iterator[tuple[Planted, Planted]]:
    """The same tables, each with one wrong cell of a figure that follows from others, and the table without it."""
    for shape in SHAPES:
        for seed in seeds:
            for form in FORMS:
                drawn = _Drawn(shape, form, seed)
                right = drawn.printed()
                for wrong in drawn.with_slips():
                    yield wrong, right


SLIPS: Final = ("ten", "thousand", "swapped", "third", "neighbour")


class _Drawn:
    """One table with its figures."""

    def __init__(self, shape: Shape, form: str, seed: int) -> None:
        self.shape, self.form = shape, form
        self.name = f"{shape.name} {form}-{seed}"
        self.chance = random.Random(f"{shape.name} {form} {seed}")  # noqa: S311 - the same tables every time
        around = {
            "site_pue": round(self.chance.uniform(1.08, 1.42), 2), "kg_kwh": round(self.chance.uniform(0.03, 0.6), 3),
            "tariff": round(self.chance.uniform(0.09, 0.31), 2),
        }  # fmt: skip
        self.around = around
        fewest = 4 if form == "transposed" else 5
        many = self.chance.randint(fewest, len(shape.rows)) if form != "transposed" else self.chance.randint(4, 6)
        self.labels = self.chance.sample(shape.rows, min(many, len(shape.rows)))
        self.spelling = {"json": 1, "csv": self.chance.randint(0, 1)}.get(form, self.chance.choice([0, 0, -1]))
        self.cells = [self._row(shape.inputs(self.chance, around)) for _ in self.labels]
        self.total = self._total() if form != "transposed" else {}

    def _row(self, values: dict[str, float]) -> dict[str, float]:
        """The printed figures of a row: each follows from the printed ones before it."""
        for column in self.shape.columns:
            if column.rule is not None:
                values[column.key] = round(column.rule(values), column.digits)
        return values

    def _total(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for column in self.shape.columns:
            if column.fold == "sum":
                found[column.key] = round(sum(row[column.key] for row in self.cells), column.digits)
        for column in self.shape.columns:
            left, _, right = column.fold.partition("/")
            if right:
                found[column.key] = round(found[left] / found[right], column.digits)
            if column.fold == "change":
                found[column.key] = round(100 * (found["third"] / found["second"] - 1), column.digits)
        return found

    def printed(self, slip: str = "") -> Planted:
        """The table in its form."""
        heads = [self.shape.label, *(column.heads[self.spelling] for column in self.shape.columns)]
        rows = [[name, *self.texts(row)] for name, row in zip(self.labels, self.cells, strict=True)]
        if self.total and self.form != "json":
            rows.append(["Total", *self.texts(self.total)])
        note = self.shape.note.format(**self.around)
        return Planted(self.name, _FORM.get(self.form, self.form), _PRINT[self.form](self, heads, rows, note), slip)

    def texts(self, row: Mapping[str, float]) -> list[str]:
        """The printed figures of a row; empty where it has none."""
        return [self._text(row, column) if column.key in row else "" for column in self.shape.columns]

    def _text(self, row: Mapping[str, float], column: Column) -> str:
        grouped = "," if self.form in ("markdown", "html", "semicolons") else ""
        text = f"{row[column.key]:{grouped}.{column.digits}f}"
        return (
            text.replace(",", "\u0001").replace(".", ",").replace("\u0001", ".") if self.form == "semicolons" else text
        )

    def with_slips(self) -> Iterator[Planted]:
        """Copies with one wrong cell each."""
        keys = [column for column in self.shape.columns if column.rule is not None]
        for at, column in enumerate(keys):
            row = self.chance.choice(self.cells)
            yield from self._wrong(row, column, SLIPS[at % len(SLIPS)], "row")
        for at, column in enumerate(one for one in self.shape.columns if one.key in self.total):
            yield from self._wrong(self.total, column, SLIPS[(at + 2) % len(SLIPS)], "total")

    def _wrong(self, row: dict[str, float], column: Column, kind: str, where: str) -> Iterator[Planted]:
        right = row[column.key]
        row[column.key] = wrong = round(_slip(right, column.digits, kind), column.digits)
        if abs(wrong - right) > 0.02 * abs(right) and abs(wrong - right) > 3 * 10**-column.digits:
            found = self.printed(f"{column.key} of a {where}: {kind}")
            row[column.key] = right
            if found.text != self.printed().text:
                yield found
        row[column.key] = right


def _slip(value: float, digits: int, kind: str) -> float:
    if kind == "swapped":
        text = f"{value:.{digits}f}"
        for at in range(len(text) - 1):
            pair = text[at : at + 2]
            other = float(text[:at] + pair[::-1] + text[at + 2 :]) if pair.isdigit() else value
            if abs(other - value) > 0.025 * abs(value):
                return other
        kind = "ten"
    return value * {"ten": 10.0, "thousand": 1000.0, "third": 1.31, "neighbour": 0.87}[kind]


def _csv(_: _Drawn, heads: list[str], rows: list[list[str]], note: str) -> str:
    lines = [",".join(heads)] + [",".join(row) for row in rows]
    return "\n".join([f"# {note}", *lines, ""])


def _semicolons(_: _Drawn, heads: list[str], rows: list[list[str]], _note: str) -> str:
    return "\n".join([";".join(heads), *(";".join(row) for row in rows), ""])


def _markdown(_: _Drawn, heads: list[str], rows: list[list[str]], note: str) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows)]
    return "\n".join(["# Figures", "", note, "", *lines, ""])


def _html(_: _Drawn, heads: list[str], rows: list[list[str]], note: str) -> str:
    head = "".join(f"<th>{one}</th>" for one in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{one or '–'}</td>" for one in row) + "</tr>" for row in rows)
    return f"<html><body><p>{note}</p>\n<table><caption>Figures</caption>\n<tr>{head}</tr>\n{body}\n</table></body></html>\n"


def _json(drawn: _Drawn, heads: list[str], rows: list[list[str]], note: str) -> str:
    def pairs(names: Sequence[str], texts: Sequence[str]) -> str:
        return ", \n   ".join(f'"{name}": {text}' for name, text in zip(names, texts, strict=True) if text)

    items = [f'  {{"name": "{row[0]}", \n   {pairs(heads[1:], row[1:])}}}' for row in rows]
    totals = [f"total_{name}" for name in heads[1:]]
    folds = [column.fold == "sum" for column in drawn.shape.columns]
    texts = [text if fold else "" for text, fold in zip(drawn.texts(drawn.total), folds, strict=True)]
    return f'{{"note": "{note}",\n "items": [\n' + ",\n".join(items) + f"\n ],\n {pairs(totals, texts)}\n}}\n"


def _transposed(_: _Drawn, heads: list[str], rows: list[list[str]], _note: str) -> str:
    turned = [",".join([head, *(row[at] for row in rows)]) for at, head in enumerate(heads)]
    return "\n".join([*turned, ""])


_FORM: Final = {"semicolons": "csv", "transposed": "csv"}
_PRINT: Final = {
    "csv": _csv, "markdown": _markdown, "html": _html, "json": _json, "semicolons": _semicolons,
    "transposed": _transposed,
}  # fmt: skip
