"""Makes prices: hire and purchase of devices, carbon, offsets, electricity of special tariffs, exchange rates.

Run by make_facts.py, from prices.csv and lc_offsets.csv.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import sqrt
from pathlib import Path

from tables import MADE, Card, Row, Span, percentile, refuse, rows, slug, table, write_series, write_sources, year_of

from joulebook.facts.loader import DATA, normal

RETRIEVED = "2026-11-21"
SEEN: Span = (0.98, 1.02)
REMEMBERED: Span = (0.8, 1.25)
"""Of a list price from memory: regions of one provider differ by a fifth, and prices moved within the year."""
KINDS = {
    "pre-emptible": "preemptible", "spot": "preemptible", "market": "preemptible", "on-demand": "on_demand",
    "3-year commit": "reserved", "stated": "stated", "rental assumed": "stated", "rule of thumb": "stated",
}  # fmt: skip
PUBLISHERS = {"aws": "Amazon Web Services", "gcp": "Google Cloud", "azure": "Microsoft Azure", "coreweave": "CoreWeave",
              "lambda": "Lambda", "runpod": "RunPod", "vast": "Vast.ai", "ovhcloud": "OVHcloud", "scaleway": "Scaleway"}  # fmt: skip
DEVICES = {
    "H100": "H100 SXM", "H200": "H200 SXM", "B200": "NVIDIA B200", "A6000": "RTX A6000", "H800": "NVIDIA H800",
    "V100S": "Tesla V100S-PCIE-32GB", "T4": "Tesla T4", "K80": "Tesla K80", "H100 SXM card": "H100 SXM", "A100 80GB card": "A100 80GB",
    "B200 card": "NVIDIA B200", "V100 card": "V100", "T4 card": "Tesla T4",
}  # fmt: skip
"""What prices.csv calls a device, where the catalogue calls it otherwise; H100, H200 and B200 are hired as SXM boards."""
OFFSETS = {
    "offset, Biewald 2019": ("biewald-2019", "Offset, Biewald 2019"),
    "voluntary avoidance credits": ("avoidance", "Avoidance credits (voluntary market)"),
    "voluntary market mean": ("voluntary-market", "Voluntary market, mean"),
    "nature-based removal (ARR)": ("nature-removal", "Removal by trees (ARR)"),
    "biochar removal": ("biochar", "Biochar removal"), "BECCS": ("beccs", "BECCS"),
    "enhanced weathering": ("enhanced-weathering", "Enhanced weathering"),
    "direct air capture": ("direct-air-capture", "Direct air capture and storage"),
}  # fmt: skip
ELECTRICITY = {"electricity hyperscale PPA": ("price.hyperscale", "Hyperscale power purchase agreements"),
               "electricity, Strubell 2019": ("price.strubell-2019", "Implied by Strubell et al. 2019")}  # fmt: skip
CENTRAL = {"US social cost of carbon (EPA 2023)": 190.0}
ECB = {2015: 1.1095, 2016: 1.1069, 2017: 1.1297, 2018: 1.181, 2019: 1.1195, 2020: 1.1422, 2021: 1.1827, 2022: 1.053,
       2023: 1.0813, 2024: 1.0824}  # fmt: skip
"""Dollars for a euro, mean of each year, from memory."""
DAYS: Span = (0.93, 1.07)
"""Of a yearly mean: within one year a day's rate was up to 7 % away (2022: 0.96 to 1.15)."""


def money(folder: Path, words: Mapping[str, str], families: Mapping[str, list[str]]) -> None:
    """Writes all prices. `words` gives the subject of an accelerator's name, `families` the members of families."""
    sources: dict[str, Card] = {}
    facts: list[Row] = []
    names: list[str] = []
    hired: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for row in rows(folder / "prices.csv"):
        for one in _price(row, words, families, sources, names, hired):
            if any(
                (one.subject, one.property, one.year) == (other.subject, other.property, other.year) for other in facts
            ):
                refuse(
                    "prices.csv",
                    "another size of the same instance in the same year (it counts in rental.any)",
                    one.note,
                )
            else:
                facts.append(one)
    facts += _of_any(hired, families, sources)
    facts += _exchange(sources)
    facts += _offsets(folder, sources, {row.subject for row in facts})
    write_series("money_series.csv", facts)
    text = [f"{MADE}\n", table("series", file="money_series.csv", retrieved=RETRIEVED), *dict.fromkeys(names)]
    (DATA / "money.toml").write_text("\n".join(text), encoding="utf-8")
    write_sources("sources_money.toml", sources)


def _price(
    row: dict[str, str], words: Mapping[str, str], families: Mapping[str, list[str]], sources: dict[str, Card], names: list[str],
    hired: dict[tuple[str, str, str], list[float]],
) -> Iterator[Row]:  # fmt: skip
    what, year = row["provider"], row["year"]
    evidence = "seen" if row["confidence"].startswith("seen") else "memory"
    title = row["source"] if row["source"] not in ("provider list price", "paper") else f"{row['source']}: {what}"
    identity = f"price-{slug(title)}"
    card = Card(title, PUBLISHERS.get(what, title.partition(" (")[0]), year_of(title, int(year)), "figures cited")
    if row["usd_per_device_h"]:
        device = DEVICES.get(row["device"], row["device"].removesuffix(" chip"))
        subject = "accelerator.any" if row["device"] == "GPU" else words.get(normal(device), "")
        if not subject:
            refuse("prices.csv", "a device that the catalogue does not know", f"{what} {row['device']}")
            return
        provider = slug(what.partition(" ")[0])
        prop = f"price.device_hour.{KINDS[row['kind']]}"
        value = float(row["usd_per_device_h"])
        hired[subject, prop, year].append(value)
        sources[identity] = card
        for card_or_family in (subject, *families.get(subject, ())):
            yield Row(
                f"rental.{provider}.{card_or_family.partition('.')[2]}", prop, value, "USD/device-h", year, identity,
                evidence, SEEN if evidence == "seen" else REMEMBERED, None, _unit_note(row),
            )  # fmt: skip
        return
    low, high = float(row["low"]), float(row["high"])
    value = CENTRAL.get(what, sqrt(low * high))
    low, high = (low * 0.9, high * 1.1) if low == high else (low, high)
    subject, prop, unit, label = _other(row, words)
    if not subject:
        refuse("prices.csv", "a price of electricity that prices.toml has by country", what)
        return
    sources[identity] = card
    if label:
        names.append(
            table(
                "name",
                subject=subject,
                label=label,
                aliases=list(dict.fromkeys([label, what, label.removesuffix(" allowance"), label.removeprefix("US ")])),
            )
        )
    for one in families.get(subject, [subject]):
        yield Row(one, prop, float(f"{value:.4g}"), unit, year, identity, evidence, None, (low, high), row["note"])


def _unit_note(row: dict[str, str]) -> str:
    return (
        f"{row['note']}, {row['devices_in_unit']} devices"
        if row["note"] and row["devices_in_unit"] != "1"
        else row["note"]
    )


def _other(row: dict[str, str], words: Mapping[str, str]) -> tuple[str, str, str, str]:
    """Subject, property, unit and label of a price that is not for hire; no subject where it stays out."""
    what = row["provider"]
    if row["device"] == "electricity":
        subject, label = ELECTRICITY.get(what, ("", ""))
        return subject, "price.electricity", "USD/kWh", label
    if row["device"] == "purchase":
        subject = "server.nvidia-dgx-h100" if "DGX" in what else words[normal(DEVICES.get(what, what))]
        return subject, "price.purchase", "USD", "NVIDIA DGX H100" if "DGX" in what else ""
    if what in OFFSETS:
        short, label = OFFSETS[what]
        return f"offset.{short}", "price.offset", "USD/tCO2e", label
    return f"carbon.{slug(what.partition(' (')[0])}", "price.carbon", "USD/tCO2e", what.partition(" (")[0]


def _of_any(
    hired: Mapping[tuple[str, str, str], list[float]], families: Mapping[str, list[str]], sources: dict[str, Card]
) -> Iterator[Row]:
    """What a device costs at any provider: the median of three years, and from the cheapest to the dearest."""
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    found_with_earlier: dict[tuple[str, str, str], list[float]] = {}
    for (subject, prop, year), prices in hired.items():
        cards = set(families.get(subject, [subject]))
        touched = cards | {family for family, members in families.items() if cards & set(members)} | {subject}
        for one in touched:
            found[one, prop, year] += prices
    for (one, prop, year), prices in list(found.items()):
        pooled = [found.get((one, prop, str(int(year) - back)), []) for back in (1, 2)]
        found_with_earlier[one, prop, year] = [*prices, *pooled[0], *pooled[1]]
    sources["price-any-provider"] = Card(
        "List prices of cloud providers taken together", "joulebook", 2026, "CC0; figures cited"
    )
    for (subject, prop, year), prices in found_with_earlier.items():
        ordered = sorted(prices)
        bounds = (round(ordered[0] * REMEMBERED[0], 4), round(ordered[-1] * REMEMBERED[1], 4))
        yield Row(f"rental.any.{subject.partition('.')[2]}", prop, percentile(ordered, 0.5), "USD/device-h", year,
                  "price-any-provider", "derived", None, bounds, f"Of {len(ordered)} list prices of this year and the two before.")  # fmt: skip


def _exchange(sources: dict[str, Card]) -> Iterator[Row]:
    sources["ecb-reference"] = Card("Euro foreign exchange reference rates, yearly means", "European Central Bank", 2025,
                                    "figures cited", "https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates")  # fmt: skip
    for year, rate in ECB.items():
        yield Row("currency.eur", "exchange_rate", rate, "USD/EUR", str(year), "ecb-reference", "memory", DAYS)


def _offsets(folder: Path, sources: dict[str, Card], known: set[str]) -> Iterator[Row]:
    """The ranges of lc_offsets.csv for kinds that prices.csv has not."""
    kinds = {"nature avoidance": "avoidance", "nature removal": "nature-removal", "biochar": "biochar",
             "direct air capture": "direct-air-capture"}  # fmt: skip
    for row in rows(folder / "lc_offsets.csv"):
        short = next((short for begin, short in kinds.items() if row["kind"].startswith(begin)), "")
        if not short or f"offset.{short}" not in known:
            refuse("lc_offsets.csv", "a remark, or a price that prices.csv has", row["kind"])
            continue
        low, high = float(row["low"]), float(row["high"])
        sources["offset-markets"] = Card(
            "Prices of credits by kind, 1 to 1,000 USD/t", "Michaelowa et al.; market guides", 2023, "figures cited"
        )
        yield Row(f"offset.{short}", "price.offset", float(f"{sqrt(low * high):.4g}"), "USD/tCO2e", "2023",
                  "offset-markets", "memory", None, (low, high), f"{row['criticism']}.")  # fmt: skip
