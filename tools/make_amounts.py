"""Makes yardsticks, embodied carbon of components, parameters of life cycles and notable models.

Run by make_facts.py, from equivalents.csv, lc_parameters.csv and models.csv.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tables import MADE, Card, Row, Span, refuse, rows, slug, table, write_series, write_sources, year_of

from joulebook.facts.loader import DATA, normal

RETRIEVED = "2026-11-21"
YARDSTICK: dict[str, Span] = {"seen": (0.9, 1.1), "memory": (0.8, 1.25)}
EMBODIED: dict[str, Span] = {"seen": (0.5, 2.0), "memory": (0.5, 2.0)}
"""Of embodied carbon: inventories of one kind of device differ by a factor of two."""
BY_HAND = {
    "smartphone charge energy", "kettle boil (1.5 L)", "LED bulb 10 W for one hour", "human metabolism, one day",
    "US household electricity, one year", "EU household electricity, one year", "car EU, one km", "car US, one km",
    "round-trip flight New York-San Francisco, one passenger", "US car incl. fuel, lifetime", "flight Paris-London",
}  # fmt: skip
PARTS = {
    "commodity rack server": ("server.rack", "Rack server"),
    "additional GPU card": ("component.gpu", "GPU card"), "additional CPU": ("component.cpu", "Processor"),
    "additional SSD": ("component.ssd-drive", "SSD drive"), "additional HDD": ("component.hdd", "Hard disk"),
    "GPU server (BLOOM)": ("server.gpu-bloom", "GPU server of BLOOM"),
    "8-GPU server without GPUs": ("server.gpu-host", "Server for eight GPUs, without them"),
    "DRAM": ("component.dram", "DRAM"), "SSD": ("component.ssd", "SSD, by capacity"),
    "silicon wafer 7 nm": ("silicon.7nm", "Silicon, 7 nm"), "silicon 12 nm": ("silicon.12nm", "Silicon, 12 nm"),
    "silicon 4 nm": ("silicon.4nm", "Silicon, 4 nm"), "DRAM 18 nm": ("component.dram-18nm", "DRAM, 18 nm"),
}  # fmt: skip
UNITS = {
    "requests": "request", "x": "1", "of TDP": "1", "kg CO2e": "kgCO2e", "g/EFLOP FP16": "gCO2e/EFLOP", "years": "year",
    "L/kWh IT": "L/kWh", "L/kWh grid": "L/kWh", "g/kWh": "gCO2e/kWh", "USD/t": "USD/tCO2e", "h/day": "h", "x/yr": "1",
}  # fmt: skip
EVIDENCE = {"V": "seen", "S": "published", "M": "memory", "a": "assumption"}
CONFIDENCE: dict[str, Span] = {"Confident": (1 / 3, 3.0), "Likely": (0.1, 10.0), "Speculative": (1 / 30, 30.0)}
"""Factors by which the data set means its words; what has none is taken as speculative."""
PUBLISHED: Span = (0.9, 1.1)
"""Of counts that the maker states: parameters, devices."""
MODEL = {
    "params": ("parameters", "1"), "train_flop": ("training_flop", "FLOP"),
    "train_samples_or_tokens": ("training_samples", "1"), "chip_count": ("training_devices", "device"),
    "train_h": ("training_time", "h"), "chip_h": ("training_device_hours", "device-h"),
    "power_draw_W": ("training_power", "W"), "cost_usd2023": ("training_cost", "USD"),
    "mfu_frac": ("training_mfu", "1"), "finetune_flop": ("finetuning_flop", "FLOP"),
}  # fmt: skip


def amounts(folder: Path) -> None:
    """Writes yardsticks, components, parameters and models with their names and sources."""
    sources: dict[str, Card] = {}
    names: list[str] = []
    facts = [*_equivalents(folder, sources, names), *_parameters(folder, sources, names)]
    write_series("amount_series.csv", facts)
    models, model_names = _models(folder, sources)
    write_series("model_series.csv", models)
    text = [
        f"{MADE}\n",
        table("series", file="amount_series.csv", retrieved=RETRIEVED),
        table("series", file="model_series.csv", retrieved=RETRIEVED),
        *names,
        *model_names,
    ]
    (DATA / "amounts.toml").write_text("\n".join(text), encoding="utf-8")
    write_sources("sources_amounts.toml", sources)


def _equivalents(folder: Path, sources: dict[str, Card], names: list[str]) -> Iterator[Row]:
    for row in rows(folder / "equivalents.csv"):
        name = row["name"]
        if name in BY_HAND:
            refuse("equivalents.csv", "yardsticks.toml has it by hand", name)
            continue
        if row["kind"] == "conversion":
            refuse("equivalents.csv", "a conversion: exact ones stand in units.py, no account uses the others", name)
            continue
        identity = f"amount-{slug(row['source'])}"[:60].strip("-")
        year = year_of(row["source"], 2024)
        evidence = row["confidence"] if row["confidence"] == "seen" else "memory"
        fact = _component(row, identity, year, evidence, names) or _yardstick(row, identity, year, evidence, names)
        if fact is None:
            refuse("equivalents.csv", "the card of the device has it, or it has a unit of no yardstick", name)
            continue
        publisher = re.split(r" \(|;|, | \d| et al| approx", row["source"])[0] or row["source"]
        sources[identity] = Card(row["source"], publisher, year, "figures cited")
        yield fact


def _component(row: dict[str, str], identity: str, year: int, evidence: str, names: list[str]) -> Row | None:
    name, value = row["name"], float(row["value"])
    if name.startswith("server lifetime"):
        who = "" if name == "server lifetime" else f"-{slug(name.partition('(')[2])}"
        subject = f"server.any{who}"
        return Row(subject, "lifetime", value, "h", str(year), identity, evidence, (0.6, 1.5), None, "Of depreciation.")
    part = PARTS.get(name.removeprefix("embodied: "))
    if row["kind"] != "embodied" or part is None:
        return None
    unit = row["unit"]
    if not unit.startswith("kgCO2e"):
        return None
    names.append(table("name", subject=part[0], label=part[1], aliases=[part[1]]))
    return Row(
        part[0],
        "embodied.cradle_to_gate",
        value,
        unit,
        str(year),
        identity,
        evidence,
        EMBODIED[evidence],
        None,
        row["note"],
    )


def _yardstick(row: dict[str, str], identity: str, year: int, evidence: str, names: list[str]) -> Row | None:
    name, unit = row["name"], row["unit"].partition("/")[0].partition(" ")[0]
    kinds = {"gCO2e": "carbon", "kWh": "energy", "W": "power"}
    if unit not in kinds or row["kind"] == "embodied":
        return None
    per = row["unit"].partition("/")[2]
    note = "; ".join(filter(None, [f"Per {per}." if per else "", row["note"]]))
    if "Green Algorithms" in row["source"] and name.startswith("flight New York-San"):
        name = f"{name}, Green Algorithms"
    subject = f"yardstick.{slug(name).replace('-', '_')}"
    names.append(table("name", subject=subject, label=name, aliases=[name]))
    return Row(
        subject, kinds[unit], float(row["value"]), unit, str(year), identity, evidence, YARDSTICK[evidence], None, note
    )


def _parameters(folder: Path, sources: dict[str, Card], names: list[str]) -> Iterator[Row]:
    for row in rows(folder / "lc_parameters.csv"):
        name = row["parameter"]
        unit = UNITS.get(row["unit"], row["unit"])
        identity = f"parameter-{slug(name)}"
        evidence = EVIDENCE[row["evidence"][0]]
        years = [int(found) for found in re.findall(r"\b20[12]\d\b", row["source"])]
        year = max([year for year in years if year <= 2026] or [2025])
        title = f"{row['source']} ({row['applies_to']})" if row["applies_to"] else row["source"]
        sources[identity] = Card(title, row["source"].partition(";")[0].strip(), year, "figures cited")
        about = f"{row['note']}." if row["note"] else ""
        low, high, value = float(row["low"]), float(row["high"]), float(row["central"])
        if low == high:
            low, high = 0.95 * low, 1.05 * high
        names.append(table("name", subject=f"parameter.{slug(name)}", label=name, aliases=[name]))
        yield Row(f"parameter.{slug(name)}", "value", value, unit, str(year), identity, evidence, None, (low, high),
                  f"{about} Shape: {row['shape']}.".strip())  # fmt: skip


def _models(folder: Path, sources: dict[str, Card]) -> tuple[list[Row], list[str]]:
    sources["epoch-notable-models"] = Card(
        "Notable AI Models (read 2026-01)", "Epoch AI", 2026, "CC BY 4.0", "https://epoch.ai/data/notable-ai-models"
    )
    facts: list[Row] = []
    names: list[str] = []
    taken: set[str] = set()
    for row in rows(folder / "models.csv"):
        short = slug(row["model"])
        if not short or not re.fullmatch(r"\d{4}-\d\d-\d\d", row["date"]):
            refuse("models.csv", "no name or no date", row["model"] or "(no name)")
            continue
        if short in taken:
            refuse("models.csv", "a second row of the same name", row["model"])
            continue
        factors = CONFIDENCE.get(row["confidence"], CONFIDENCE["Speculative"])
        known = [column for column in MODEL if row[column] and float(row[column]) > 0]
        if not known:
            refuse("models.csv", "no figure at all", row["model"])
            continue
        taken.add(short)
        used = "; ".join(filter(None, [row["organization"], row["hardware"], row["numeric_format"]]))
        for at, column in enumerate(known):
            prop, unit = MODEL[column]
            value = float(row[column])
            counted = column in ("params", "chip_count") and row["confidence"] == "Confident"
            span = PUBLISHED if counted else factors
            bounds = (value * span[0], min(1.0, value * span[1])) if column == "mfu_frac" else None
            facts.append(Row(f"model.{short}", prop, value, unit, row["date"], "epoch-notable-models", "third-party",
                             span, bounds, used if at == 0 else ""))  # fmt: skip
        aliases = [row["model"]]
        names.append(table("name", subject=f"model.{short}", label=row["model"], aliases=aliases))
    return facts, [name for name in names if normal(name)]
