"""Reports that close, made from random but plausible inputs, and the same reports with one slip each.

`benchmarks/audit.py` scores `joulebook audit` with them; the layouts stand in `planted_texts`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from string import Formatter
from typing import Any, Final, NamedTuple

from joulebook.testing.planted_tables import slipped, tables
from joulebook.testing.planted_texts import LAYOUTS, Layout

_KG_PER_LB: Final = 0.45359237
_THIN: Final = "\u202f"


class Report(NamedTuple):
    """A report: its layout, its form, its words, and the slip in it (empty: none)."""

    name: str
    form: str
    text: str
    slip: str = ""
    lines: frozenset[int] = frozenset()
    """Lines with the slip; where a head or words are wrong, all lines up to the next empty one."""
    figures: tuple[str, ...] = ()
    """The wrong figures as printed."""

    def found(self, places: Iterable[tuple[int, str]]) -> bool:
        """Whether a finding, given as its line and evidence, stands at the slip or names its figure."""
        return any(line in self.lines or any(one in evidence for one in self.figures) for line, evidence in places)


_FIGURE: Final = re.compile(r"\d[\d.,\u202f]*\d|\d")
_FIGURE_BETWEEN_COMMAS: Final = re.compile(r"\d+(?:\.\d+)?")


def _marked(report: Report, right: str) -> Report:
    """The report with the place of its slip, from the same report without it."""
    lines, clean_lines = report.text.split("\n"), right.split("\n")
    unlike = [at for at, line in enumerate(lines) if line not in clean_lines[max(0, at - 1) : at + 2]]
    pattern = _FIGURE_BETWEEN_COMMAS if report.form == "csv" and ";" not in report.text else _FIGURE
    before = set(pattern.findall(right))
    figures = [one for at in unlike for one in pattern.findall(lines[at]) if one not in before]
    reach = set(unlike)
    for at in unlike if not figures else ():
        end = next((other for other in range(at, len(lines)) if not lines[other].strip()), len(lines))
        reach |= set(range(at, end))
    return report._replace(
        lines=frozenset(at + 1 for at in reach), figures=tuple(one for one in figures if len(one) > 1)
    )


class _Numbers(Formatter):
    """Formats numbers as a language prints them."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401 - as the base class
        text = str(super().format_field(value, format_spec))
        if isinstance(value, str) or self.language == "en":
            return text
        group = "." if self.language == "de" else _THIN
        return text.replace(",", "\u0001").replace(".", ",").replace("\u0001", group)


def figures(seed: int) -> dict[str, Any]:
    """Inputs, and everything that follows from them."""
    chance = random.Random(seed)  # noqa: S311 - the same reports every time
    pue = round(chance.uniform(1.06, 1.58), 2)
    grams = chance.choice([23, 57, 85, 176, 231, 345, 386, 429, 512, 673])
    price = round(chance.uniform(1.1, 4.8), 2)
    found: dict[str, Any] = {
        "pue": pue, "grams": grams, "kg": grams / 1000, "price": price, "year": chance.randint(2022, 2025),
        "wue": round(chance.uniform(0.2, 1.9), 2), "tariff": round(chance.uniform(0.06, 0.31), 3),
        "card": chance.choice(["A100", "H100"]),
    }  # fmt: skip
    found["zone"] = chance.choice(["Region North", "Region East", "Site Two", "Campus C"])
    for at, letter in enumerate("abcd"):
        devices = chance.choice([8, 16, 24, 32, 48, 64, 96, 128, 256, 384, 512])
        watts = chance.randint(215, 395) if found["card"] == "A100" else chance.randint(390, 690)
        hours = chance.randint(31, 1900)
        it = devices * watts * hours / 1000
        bird, size = chance.choice(["Heron", "Teal", "Plover", "Wren", "Kite"]), chance.choice(["", " large", " base"])
        found[f"name_{letter}"] = f"{bird}-{'abcd'[at]}{size}"
        found |= {
            f"n_{letter}": devices, f"w_{letter}": watts, f"h_{letter}": hours, f"dh_{letter}": devices * hours,
            f"it_{letter}": it, f"kwh_{letter}": it * pue, f"mwh_{letter}": it * pue / 1000,
            f"c_{letter}": it * pue * grams / 1000, f"t_{letter}": it * pue * grams / 1e6,
            f"usd_{letter}": devices * hours * price, f"l_{letter}": it * found["wue"],
        }  # fmt: skip
    for stem in ("dh", "it", "kwh", "mwh", "c", "t", "usd", "l"):
        found[f"{stem}_sum"] = sum(found[f"{stem}_{letter}"] for letter in "abcd")
    for letter in "abcd":
        found[f"share_{letter}"] = 100 * found[f"kwh_{letter}"] / found["kwh_sum"]
    found |= _served(chance, found)
    return found


def _served(chance: random.Random, found: Mapping[str, Any]) -> dict[str, Any]:
    requests, each = chance.randint(11, 890) * 1_000_000, round(chance.uniform(0.12, 3.4), 2)
    before, change = chance.randint(200, 2400), chance.randint(8, 65)
    day = chance.randint(110, 940)
    low = chance.uniform(3.0, 30.0)
    operational, embodied, idle = (round(chance.uniform(4, 60), 1) for _ in range(3))
    cars = chance.randint(12, 240)
    return {
        "requests": requests, "millions": requests / 1e6, "wh": each, "served": requests * each / 1e6,
        "before": before, "change": change, "after": before * (1 - change / 100), "rise": before * (1 + change / 100),
        "day": day, "yearly": day * 365 / 1000, "small": low, "times": chance.randint(3, 60),
        "op": operational, "emb": embodied, "idle": idle, "all": operational + embodied + idle,
        "cars": cars, "car_t": cars * round(chance.uniform(4.0, 4.8), 1), "life_t": cars * 57.0,
        "pounds": found["c_a"] / _KG_PER_LB, "joules": found["kwh_a"] * 3.6 / 1000,
        "share_x": (first := chance.randint(20, 45)), "share_y": (second := chance.randint(15, 35)),
        "share_z": 100 - first - second,
        "location": round(found["t_sum"] * 1.0, 1), "market": round(found["t_sum"] * 0.37, 1),
        "old": found["year"] - chance.randint(6, 9), "bill": found["kwh_sum"] * found["tariff"],
        "fleet": chance.randint(6, 80) * 1000, "nodes": chance.randint(4, 60), "util": chance.randint(41, 88),
    }  # fmt: skip


def _filled(layout: Layout, values: Mapping[str, Any], text: str = "") -> str:
    derived = dict(values)
    derived |= {
        "large": values["small"] * values["times"], "node_n": values["nodes"] * 8,
        "fleet_mw": values["fleet"] * values["w_a"] / 1e6,
    }  # fmt: skip
    derived |= values.get("!", {})
    return _Numbers(layout.language).vformat(text or layout.text, (), derived)


def clean(seeds: range = range(4)) -> Iterator[Report]:
    """Every layout with every seed; all figures close."""
    for layout in LAYOUTS:
        for seed in seeds:
            name = f"{layout.name}-{seed}"
            yield Report(name, layout.form, _filled(layout, figures(1000 + seed)))
    for table in tables(seeds):
        yield Report(*table)


def planted(seeds: range = range(4)) -> Iterator[Report]:
    """The same reports with one slip each: a figure that is wrong, or words and units that are exchanged."""
    for layout in LAYOUTS:
        for seed in seeds:
            values = figures(1000 + seed)
            chance = random.Random(seed)  # noqa: S311 - the same slips every time
            used = [key for _, key, _, _ in Formatter().parse(layout.text) if key in layout.derived]
            for at, key in enumerate(dict.fromkeys(used)):
                kind, wrong = _wrong(_value(values, key), (at + seed) % len(_SLIPS), chance)
                report = _report(layout, seed, {**values, "!": {key: wrong}}, f"{key} {kind}")
                yield _marked(report, _filled(layout, values))
            for old, new in layout.exchanged:
                text = layout.text.replace(old, new)
                if text == layout.text:
                    raise ValueError(f"{layout.name} has no {old!r}")
                report = Report(
                    f"{layout.name}-{seed}", layout.form, _filled(layout, values, text), f"{old!r} -> {new!r}"
                )
                yield _marked(report, _filled(layout, values))
    for table, right in slipped(seeds):
        yield _marked(Report(*table), right.text)


def _value(values: Mapping[str, Any], key: str) -> float:
    own = {
        "large": values["small"] * values["times"],
        "node_n": values["nodes"] * 8,
        "fleet_mw": values["fleet"] * values["w_a"] / 1e6,
    }
    return float(own.get(key, values.get(key, 0.0)))


_SLIPS: Final = ("x 1000", "swapped", "x 1.3", "/ 1000", "x 0.8", "x 10", "x 2.2046")


def _wrong(value: float, kind: int, chance: random.Random) -> tuple[str, float]:
    name = _SLIPS[kind]
    if name == "swapped":
        digits = str(round(value)) if value >= 100 else f"{value:.2f}"
        for at in range(len(digits) - 1):
            pair = digits[at : at + 2]
            other = float(digits[:at] + pair[::-1] + digits[at + 2 :]) if pair.isdigit() else value
            if abs(other / value - 1) > 0.06:
                return name, other
        return "x 1.17", value * 1.17
    if name == "/ 1000" and value < 300:
        name = "x 1.3"
    factor = {"x 1000": 1000.0, "x 1.3": chance.uniform(1.12, 1.5), "/ 1000": 1e-3, "x 0.8": chance.uniform(0.6, 0.88)}
    return name, value * factor.get(name, 10.0 if name == "x 10" else 2.20462)


def _report(layout: Layout, seed: int, values: Mapping[str, Any], slip: str) -> Report:
    return Report(f"{layout.name}-{seed}", layout.form, _filled(layout, values), slip)
