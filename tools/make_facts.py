"""Makes the generated data files of the catalogue from tables of raw values.

    python tools/make_facts.py FOLDER      # FOLDER has grid.csv, hardware.csv, cloud.csv

Needs `pycountry` for the names of countries (ISO 3166). Written by hand are power_models.toml, prices.toml,
yardsticks.toml and sources.toml; everything that this writes says so in its first line or is named
*_series.csv or cpu_names.csv. How the ranges are found is told in docs/methods/facts.md.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pycountry
from make_accelerators import accelerators
from make_amounts import amounts
from make_grids_more import grids_more
from make_instances import instances
from make_money import money
from make_regions import regions, zones
from tables import MADE, percentile, rows, span, table, write, write_refused

from joulebook.facts.loader import DATA, normal
from joulebook.sensors.host import clean_cpu_name

RETRIEVED = "2026-11-20"
LIFECYCLE = "carbon_intensity.lifecycle.generation"
NEWEST = "Newest year of the country at that release, 2023 or 2024; the package does not say which."
GRID_SOURCES = {
    "Our World in Data energy-data, Ember Data Explorer vintage 2022": "ember-2022",
    "Ember yearly data as packaged in CO2.js 0.13.10 (2023)": "ember-2023",
    "Ember yearly data as packaged in CO2.js 0.16.9-0.19.0 (2025)": "ember-2025",
}
REGION_SOURCES = {
    "EPA eGRID2023": ("direct", "egrid-2023", "published", ""),
    "EPA eGRID2016": ("direct", "egrid-2016", "published", "CO2 alone, without CH4 and N2O (under 1 % more)."),
    "China MEE": ("direct", "mee-2023", "published", "CO2 alone."),
    "Green Algorithms": ("mixed", "green-algorithms-grids", "third-party", "Mostly direct, of national inventories."),
}
AGGREGATES = {
    "WORLD": "world", "AFRICA": "africa", "ASEAN": "asean", "ASIA": "asia", "EU": "eu", "EUROPEAN UNION (27)": "eu",
    "EUROPE": "europe", "G20": "g20", "G7": "g7", "LATIN AMERICA AND CARIBBEAN": "latin-america",
    "MIDDLE EAST": "middle-east", "NORTH AMERICA": "north-america", "OCEANIA": "oceania", "OECD": "oecd",
    "SOUTH AMERICA": "south-america",
}  # fmt: skip
AGGREGATE_WORDS = {
    "world": ["World", "global average"],
    "eu": ["European Union", "EU", "EU27"],
    "latin-america": ["Latin America and Caribbean", "Latin America"],
}
REGION_CODES = {"CA-MT": "CA-MB", "AU-NT2": "AU-NT-DKIS", "AU-WA1": "AU-WA-NWIS", "AU-WA2": "AU-WA-SWIS"}
SHARED = {"Georgia": {"ge", "us-ga"}, "Congo": {"cd", "cg"}, "Korea": {"kp", "kr"}, "Virgin Islands": {"vg", "vi"}}
LABELS = {"CD": "DR Congo", "KP": "North Korea", "VG": "British Virgin Islands", "VI": "US Virgin Islands"}
COMMON = {
    "AE": ["UAE"], "BN": ["Brunei"], "CD": ["DR Congo", "Congo-Kinshasa", "Democratic Republic of the Congo"],
    "CG": ["Congo-Brazzaville"], "CI": ["Ivory Coast"], "CV": ["Cape Verde"], "CZ": ["Czech Republic"],
    "FK": ["Falkland Islands"], "GB": ["UK", "U.K.", "Great Britain", "Britain"], "IR": ["Iran"], "KP": ["North Korea"],
    "KR": ["South Korea"], "LA": ["Laos"], "MM": ["Burma"], "MO": ["Macau"], "NL": ["Holland"], "PS": ["Palestine"],
    "RU": ["Russia"], "SZ": ["Swaziland"], "TL": ["East Timor"], "TR": ["Turkey"], "TW": ["Taiwan"],
    "US": ["USA", "U.S.", "U.S.A.", "United States of America"], "VN": ["Vietnam"],
}  # fmt: skip
CPU_SOURCES = {
    "TechPowerUp CPU database (2026-08)": "techpowerup-cpu",
    "CodeCarbon 3.3.2 CPU power table": "codecarbon-cpu",
    "Ampere product brief": "ampere-brief",
    "NVIDIA Grace whitepaper (2023)": "nvidia-grace",
    "NVIDIA Grace whitepaper (2023), incl. LPDDR5X": "nvidia-grace",
    "Huawei brief": "huawei-kunpeng",
    "third-party estimate": "cpu-estimates",
    "Fugaku reports, estimate": "cpu-estimates",
    "ORNL Summit docs, estimate": "cpu-estimates",
}
LISTED_TDP, ESTIMATED_TDP = (0.8, 1.25), (0.6, 1.6)
ESTIMATED = {"cpu-estimates", "apple-soc"}
TABLE_YEAR = 2026
"""Of the table that does not say when a processor came out: its facts bear this year, and hold for earlier days too."""
NO_CHIP = re.compile(r"includes Intel Optane")
"""A bundle of a processor, which has a row of its own, and something else."""
ARM_SERVER = {"Ampere", "AWS", "NVIDIA", "Huawei", "Microsoft", "Google", "Fujitsu"}
HYPERVISOR_WORDS = {
    "cpu.any-amd-server": ["AMD EPYC", "EPYC", "AMD EPYC Processor", "AMD EPYC-Rome Processor",
                           "AMD EPYC-Milan Processor", "AMD EPYC-Genoa Processor"],
    "cpu.any-intel-server": ["Intel Xeon", "Xeon", "Intel Xeon Processor"],
    "cpu.any-arm-server": ["ARM server"],
}  # fmt: skip
SITE_LOW, SITE_HIGH = 0.7, 2.0
SITE_WORDS = {
    "gcp": ["Google Cloud"],
    "aws": ["Amazon Web Services"],
    "azure": ["Microsoft Azure"],
    "any": ["industry"],
}
SERIES = ("Kunpeng 920", "POWER9", "POWER10", "AmpereOne", "Altra Max")
"""Words for whole series, of which the table has one model: they would give its power to all."""
PUBLISHERS = {"AWS": "Amazon Web Services"} | {
    name: name
    for name in ("Alibaba", "Digital Realty", "Equinix", "Google", "Green Algorithms", "IBM", "Meta", "Microsoft",
                 "OVHcloud", "Scaleway", "Tencent", "Uptime Institute")
}  # fmt: skip
Yearly = dict[str, dict[tuple[int, str], float]]


def around(value: float, span: tuple[float, float]) -> tuple[float, float]:
    return round(value * span[0], 3), round(value * span[1], 3)


def named(subject: str, label: str, words: Iterable[str]) -> str:
    """A [[name]]; words that several regions share stand apart."""
    code = subject.partition(".")[2]
    shared = [word for word, codes in SHARED.items() if code in codes]
    aliases = [word for word in dict.fromkeys(words) if normal(word) not in map(normal, shared)]
    return table("name", subject=subject, label=label, aliases=aliases, **({"shared": shared} if shared else {}))


# -- grids -----------------------------------------------------------------------------------------------------------


def grid(folder: Path) -> set[str]:
    """Life-cycle intensity of countries and aggregates by year; direct and mixed intensity of states and provinces.

    Returns the codes that have a factor.
    """
    raw = rows(folder / "grid.csv")
    yearly: Yearly = defaultdict(dict)
    for row in raw:
        if row["method"].startswith("lifecycle (Ember") and not row["flag"] and float(row["gco2e_per_kwh"]) > 0:
            code = AGGREGATES.get(row["zone"].upper(), "") or _alpha2(row["country_iso3"] or row["zone"])
            if code:
                yearly[code][int(row["year"]), GRID_SOURCES[row["source"]]] = float(row["gco2e_per_kwh"])
    countries = {code: years for code, years in yearly.items() if code not in AGGREGATES.values()}
    step, ahead = _spans(countries)
    facts = []
    for code, years in sorted(yearly.items()):
        for (year, source), value in sorted(years.items()):
            newest = year == max(years)[0]
            note = NEWEST if source == "ember-2025" else ""
            bounds = around(value, ahead if newest else step)
            facts.append([f"grid.{code}", value, *bounds, f"{year}-01-01", source, note])
    write("grid_series.csv", ["subject", "value", "low", "high", "valid_from", "source", "note"], facts)
    states = _regions(raw, ahead)
    clouds = zones()
    latest = sorted(years[max(years)] for years in countries.values())
    header = (
        f"{MADE} Ranges: a factor followed by a newer one x {step[0]:.2f} to {step[1]:.2f}, the newest of a grid\n"
        f"# x {ahead[0]:.2f} to {ahead[1]:.2f} (docs/methods/facts.md).\n"
    )
    text = [
        header,
        table("series", file="grid_series.csv", property=LIFECYCLE, unit="gCO2e/kWh", retrieved=RETRIEVED,
              evidence="published"),
        table("series", file="grid_regions_series.csv", unit="gCO2e/kWh", retrieved=RETRIEVED),
        table("fact", subject="grid.any", property=LIFECYCLE, unit="gCO2e/kWh",
              value=round(percentile(latest, 0.5), 1), low=round(percentile(latest, 0.05), 1),
              high=round(percentile(latest, 0.95), 1), valid_from="2000-01-01", source="ember-2025",
              retrieved=RETRIEVED, evidence="derived",
              note=f"Median, 5 % and 95 % of the latest factor of {len(latest)} countries, each counted once."),
        *_grid_names(yearly, clouds),
        *(named(f"grid.{code}", label, [code.upper(), label, *clouds.get(code, [])]) for code, label in sorted(states.items())),
        table("family", subject="grid.au-wa", label="Western Australia", aliases=["AU-WA", "Western Australia"],
              members=["grid.au-wa-nwis", "grid.au-wa-swis"]),
    ]  # fmt: skip
    (DATA / "grid_names.toml").write_text("\n".join(text), encoding="utf-8")
    return {*yearly, *states}


def _spans(countries: Yearly) -> tuple[tuple[float, float], tuple[float, float]]:
    """Factors by which grids moved: from one year to the next known since 2014, and from release 2023 to 2025."""
    step, ahead = [], []
    for years in countries.values():
        ordered = sorted(years)
        step += [years[b] / years[a] for a, b in pairwise(ordered) if a[0] >= 2014]
        ahead += [years[b] / years[a] for a in ordered for b in ordered if (a[1], b[1]) == ("ember-2023", "ember-2025")]
    return span(step), span(ahead)


def _regions(raw: list[dict[str, str]], ahead: tuple[float, float]) -> dict[str, str]:
    """Writes the factors of states and provinces; their labels by code."""
    facts: list[list[object]] = []
    labels: dict[str, str] = {}
    eras: dict[str, dict[str, float]] = defaultdict(dict)
    for row in raw:
        source = next((known for name, known in REGION_SOURCES.items() if row["source"].startswith(name)), None)
        zone = REGION_CODES.get(row["zone"], row["zone"])
        mixed_us = zone.startswith("US-") and source is not None and source[0] == "mixed"
        if source is None or mixed_us or not re.fullmatch(r"(US|CA|CN|AU)-[A-Z-]+", zone):
            continue
        method, identity, evidence, note = source
        labels[zone.lower()] = row["zone_name"]
        value = float(row["gco2e_per_kwh"])
        eras[zone][row["source"][:13]] = value
        facts.append([f"grid.{zone.lower()}", f"carbon_intensity.{method}.generation", value, *around(value, ahead),
                      f"{row['year']}-01-01", identity, evidence, note])  # fmt: skip
    drift = span(era["EPA eGRID2023"] / era["EPA eGRID2016"] for era in eras.values() if len(era) == 2)
    three_years = drift[0] ** (3 / 7), drift[1] ** (3 / 7)
    for fact in facts:
        if str(fact[6]).startswith("egrid"):
            fact[3:5] = around(float(str(fact[2])), three_years)
    header = ["subject", "property", "value", "low", "high", "valid_from", "source", "evidence", "note"]
    write("grid_regions_series.csv", header, sorted(facts, key=lambda fact: (str(fact[0]), str(fact[5]))))
    print(f"US states: x {three_years[0]:.2f} to {three_years[1]:.2f} in three years")
    return labels


def _alpha2(alpha3: str) -> str:
    if alpha3 in ("XKX", "OWID_KOS", "Kosovo"):
        return "xk"
    country = pycountry.countries.get(alpha_3=alpha3) if alpha3 else None
    return country.alpha_2.lower() if country else ""


def _grid_names(yearly: Yearly, clouds: dict[str, list[str]]) -> Iterator[str]:
    for code in sorted(yearly):
        if code in AGGREGATES.values():
            words = AGGREGATE_WORDS.get(code, [code.upper() if len(code) < 4 else code.replace("-", " ").title()])
            yield named(f"grid.{code}", words[0], words)
            continue
        country = pycountry.countries.get(alpha_2=code.upper())
        if country is None:
            yield named(f"grid.{code}", "Kosovo", ["XK", "XKX", "Kosovo"])
            continue
        official = [getattr(country, key, "") for key in ("name", "common_name", "official_name")]
        short = country.name.split(",")[0]
        words = [country.alpha_2, country.alpha_3, *filter(None, official), short, *COMMON.get(country.alpha_2, [])]
        label = LABELS.get(country.alpha_2) or getattr(country, "common_name", short)
        yield named(f"grid.{code}", label, [*words, *clouds.get(code, [])])


# -- processors ------------------------------------------------------------------------------------------------------


def cpus(folder: Path) -> None:
    """Rated power and threads of processors, and the distribution of power per thread for unknown ones."""
    found: dict[str, dict[str, str]] = {}
    for row in rows(folder / "hardware.csv"):
        if row["kind"] == "soc" and row["vendor"] == "Apple":
            row["source"], row["note"] = "apple-soc", "Whole package, with graphics."
        row["source"] = CPU_SOURCES.get(row["source"], row["source"])
        if row["tdp_W"] and row["source"] in {*CPU_SOURCES.values(), "apple-soc"} and not NO_CHIP.search(row["name"]):
            row["name"] = _chip_name(row)
            slug = "cpu." + normal(row["name"]).replace(" ", "-").replace("+", "plus")
            if slug not in found or (row["threads"] and not found[slug]["threads"]):
                found[slug] = row
    series: list[list[object]] = []
    for slug, row in sorted(found.items()):
        day, source, watts = f"{row['year'] or TABLE_YEAR}-01-01", row["source"], float(row["tdp_W"])
        bounds = around(watts, ESTIMATED_TDP if source in ESTIMATED else LISTED_TDP)
        series.append([slug, "tdp", watts, *bounds, "W", day, source])
        series += [
            [slug, key, int(float(row[key])), "", "", "1", day, source] for key in ("threads", "cores") if row[key]
        ]
    write("cpu_series.csv", ["subject", "property", "value", "low", "high", "unit", "valid_from", "source"], series)
    names: list[list[object]] = []
    for slug, row in sorted(found.items()):
        words = dict.fromkeys(word for word in row["aliases"].split(";") if word and word not in SERIES)
        names.append([slug, row["name"], ";".join(word for word in words if normal(word) != normal(row["name"]))])
    write("cpu_names.csv", ["subject", "label", "aliases"], names)
    header = (
        f"{MADE} Rated power is x {LISTED_TDP[0]} to {LISTED_TDP[1]} where it stands in a table,\n"
        f"# x {ESTIMATED_TDP[0]} to {ESTIMATED_TDP[1]} where it is an estimate (docs/methods/facts.md).\n"
    )
    text = [
        header,
        table("series", file="cpu_series.csv", retrieved=RETRIEVED, evidence="third-party"),
        table("names", file="cpu_names.csv"),
        *_per_thread(found),
    ]
    (DATA / "cpu_names.toml").write_text("\n".join(text), encoding="utf-8")


def _chip_name(row: dict[str, str]) -> str:
    """The name by which a host is looked up (`sensors/host.py`), with the maker; the table's own stays an alias."""
    listed = " ".join(row["name"].split())
    name = clean_cpu_name(listed.replace("(OEM Only)", "")) if row["vendor"] in ("AMD", "Intel") else listed
    if not name.startswith(row["vendor"]):
        name = f"{row['vendor']} {name}"
    if normal(name) != normal(listed):
        row["aliases"] = f"{row['aliases']};{listed}"
    return name


def _per_thread(cards: dict[str, dict[str, str]]) -> Iterator[str]:
    modern = {slug: row for slug, row in cards.items() if row["threads"] and row["year"] and int(row["year"]) >= 2015}
    classes = {
        "cpu.any": list(modern),
        "cpu.any-intel": [slug for slug, row in modern.items() if row["vendor"] == "Intel"],
        "cpu.any-amd": [slug for slug, row in modern.items() if row["vendor"] == "AMD"],
        "cpu.any-intel-server": [slug for slug in modern if slug.startswith("cpu.intel-xeon")],
        "cpu.any-amd-server": [slug for slug in modern if slug.startswith("cpu.amd-epyc")],
        "cpu.any-arm-server": [slug for slug, row in modern.items() if row["vendor"] in ARM_SERVER],
    }
    classes["cpu.any-server"] = [slug for key, slugs in classes.items() if key.endswith("server") for slug in slugs]
    for subject, slugs in classes.items():
        watts = sorted(float(modern[slug]["tdp_W"]) / float(modern[slug]["threads"]) for slug in slugs)
        source = "cpu-estimates" if "arm" in subject else "techpowerup-cpu"
        yield table("fact", subject=subject, property="power_per_thread", unit="W",
                    value=round(percentile(watts, 0.5), 3), low=round(percentile(watts, 0.05), 3),
                    high=round(percentile(watts, 0.95), 3), valid_from="2015-01-01", source=source,
                    retrieved=RETRIEVED, evidence="derived",
                    note=f"Rated power / threads of {len(watts)} processors since 2015: median, 5 % and 95 %.")  # fmt: skip
        if words := HYPERVISOR_WORDS.get(subject):
            yield table("family", subject=subject, label=words[0], aliases=words, members=sorted(slugs))


# -- sites -----------------------------------------------------------------------------------------------------------


def sites(folder: Path) -> None:
    """PUE of providers' fleets by year, of regions where the provider says it, and of the industry (`site.any`)."""
    facts: dict[tuple[str, str, str], list[object]] = {}
    names: dict[str, list[str]] = {}
    sources: dict[str, str] = {}
    for row in rows(folder / "cloud.csv"):
        fleet = row["region"] in ("(fleet)", "(global survey)")
        if row["source"] == "third-party estimate":  # of nobody in particular
            continue
        if not row["pue"] or not row["year"] or not (fleet or row["source"].startswith("Green Algorithms v3.0")):
            continue
        provider = "any" if row["provider"] == "industry" else row["provider"]
        subject = f"site.{provider}" if fleet else f"site.{provider}.{row['region']}"
        identity = "pue-" + normal(row["source"].split(";")[0]).replace(" ", "-")
        sources[identity] = row["source"].split(";")[0]
        evidence = _evidence(row["source"])
        above = float(row["pue"]) - 1
        bounds = (round(1 + SITE_LOW * above, 4), round(1 + SITE_HIGH * above, 4))
        day = f"{row['year']}-01-01"
        facts[subject, day, identity] = [subject, float(row["pue"]), *bounds, day, identity, evidence]
        words = SITE_WORDS.get(provider, [])
        if fleet:
            names[subject] = [*words, provider]
    write("site_series.csv", ["subject", "value", "low", "high", "valid_from", "source", "evidence"],
          sorted(facts.values(), key=str))  # fmt: skip
    header = (
        f"{MADE} A site differs from its provider's mean: Google's regions had 1.08 to 1.15 at a\n"
        "# mean of 1.11 (2020), Microsoft's 1.17 to 1.405 at 1.18 (FY2022): overhead x 0.7 to x 2.\n"
    )
    text = [header, table("series", file="site_series.csv", property="pue", unit="1", retrieved=RETRIEVED)]
    text += [table("name", subject=subject, aliases=aliases) for subject, aliases in sorted(names.items())]
    (DATA / "site_names.toml").write_text("\n".join(text), encoding="utf-8")
    cards = []
    for identity, title in sorted(sources.items()):
        year = int((re.findall(r"20\d\d", title) or ["2024"])[0])
        publisher = next((name for name in PUBLISHERS if title.startswith(name)), "third parties")
        said = title.removeprefix(publisher).replace(", memory", "").strip()
        plain = re.fullmatch(r"(FY)?20\d\d.*|third-party estimate|table|", said)
        card = table("x", title=f"Power usage effectiveness {said}".strip() if plain else said,
                     publisher=PUBLISHERS.get(publisher, publisher), year=year, licence="figures cited")  # fmt: skip
        cards.append(card.replace("[[x]]", f"[{identity}]"))
    (DATA / "sources_sites.toml").write_text(f"{MADE}\n\n" + "\n".join(cards), encoding="utf-8")


def _evidence(source: str) -> str:
    if "memory" in source:
        return "memory"
    return "third-party" if "third-party" in source or "Green Algorithms" in source else "published"


if __name__ == "__main__":
    place = Path(sys.argv[1])
    codes = grid(place)
    cpus(place)
    sites(place)
    words, families = accelerators(place)
    regions(place)
    grids_more(place, _alpha2, codes)
    money(place, words, families)
    amounts(place)
    instances(words)
    write_refused()
