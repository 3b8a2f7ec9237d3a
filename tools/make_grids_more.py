"""Makes what is known of grids beside the yearly factors of countries: marginal and mixed factors, smaller zones, fuels, water.

Run by make_facts.py. Each method and boundary is a property of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tables import MADE, Card, Row, Span, refuse, rows, slug, table, write_series, write_sources

from joulebook.facts.loader import DATA

RETRIEVED = "2026-11-21"
MARGINAL: Span = (0.6, 1.6)
"""Of an operating margin: one factor for all hours and years to come, from a table of 2021."""
MIXED: Span = (0.6, 1.6)
DEFAULT: Span = (0.4, 2.5)
"""Of a default that no year moves."""
SUBREGION: Span = (0.75, 1.12)
"""Of eGRID2022: the drift of states (docs/methods/facts.md) over four years."""
WATER: Span = (0.4, 2.5)
"""Of litres per kWh of a grid: what evaporates from reservoirs is shared with other uses in more than one way."""
LIFECYCLE = "carbon_intensity.lifecycle.generation"
FUELS = {
    "coal": ((740, 910), ["coal", "hard coal", "lignite"]),
    "gas": ((410, 650), ["gas", "natural gas", "fossil gas"]),
    "biomass": ((130, 420), ["biomass", "bioenergy"]),
    "geothermal": ((6, 79), ["geothermal"]),
    "hydro": ((1, 2200), ["hydro", "hydropower", "water"]),
    "nuclear": ((3.7, 110), ["nuclear"]),
    "solar_rooftop": ((26, 60), ["solar rooftop", "rooftop solar"]),
    "solar_utility": ((18, 180), ["solar utility", "utility solar"]),
    "wind_offshore": ((8, 35), ["wind offshore", "offshore wind"]),
    "wind_onshore": ((7, 56), ["wind onshore", "onshore wind"]),
}
"""Minimum and maximum of IPCC AR5 WG3 table A.III.2 by fuel, taken as 5 % and 95 %; and the words for it."""
SOURCES = {
    "ifi-2021": Card("Harmonised grid emission factors 2021: operating margin, as packaged in CO2.js",
                     "UNFCCC, International Financial Institutions", 2021, "public; figures cited",
                     "https://unfccc.int/climate-action/sectoral-engagement/ifis-harmonization-of-standards-for-ghg-accounting"),
    "egrid-2022": Card("eGRID2022 total output emission rates (CO2, CH4, N2O) by subregion", "US Environmental Protection Agency",
                       2024, "public domain", "https://www.epa.gov/egrid"),
    "green-algorithms-countries": Card("Carbon intensity of countries, Green Algorithms v3.0 (mostly national inventories)",
                                       "Green Algorithms", 2022, "CC BY 4.0", "https://github.com/GreenAlgorithms/green-algorithms-tool"),
    "codecarbon-nordic": Card("Static factors of Nordic bidding zones in CodeCarbon 3.3.2", "CodeCarbon", 2026, "MIT",
                              "https://github.com/mlco2/codecarbon"),
    "codecarbon-fuels": Card("Factors by fuel in CodeCarbon 3.3.2", "CodeCarbon", 2026, "MIT", "https://github.com/mlco2/codecarbon"),
    "ipcc-ar5-a3": Card("AR5 WG3 Annex III, table A.III.2: life-cycle emissions of electricity supply technologies", "IPCC", 2014,
                        "figures cited", "https://www.ipcc.ch/report/ar5/wg3/"),
    "strubell-egrid-2018": Card("Energy and Policy Considerations for Deep Learning in NLP: 0.954 lb CO2/kWh of eGRID 2018",
                                "Strubell et al.", 2019, "figures cited", "https://arxiv.org/abs/1906.02243"),
    "ecologits-mixes": Card("Electricity mixes of EcoLogits 0.11.3: off-site water", "GenAI Impact", 2026, "MPL-2.0",
                            "https://github.com/genai-impact/ecologits"),
}  # fmt: skip


def grids_more(folder: Path, alpha2: Callable[[str], str], known: set[str]) -> None:
    """Writes the series and names. `alpha2` gives the code of a country; `known` are the codes that have a name."""
    facts: list[Row] = []
    names: list[str] = []
    for row in rows(folder / "grid.csv"):
        found = _fact(row, alpha2, known, names)
        if found is not None:
            facts.append(found)
    for row in rows(folder / "cloud.csv"):
        if row["provider"] == "grid-water":
            code = alpha2(row["country_iso3"])
            if code not in known:
                refuse("cloud.csv", "water of a grid that has no factor", row["region"])
                continue
            facts.append(Row(f"grid.{code}", "water_intensity.consumption", float(row["wue_L_per_kwh"]), "L/kWh", "2024",
                             "ecologits-mixes", "third-party", WATER, None, "Water consumed by power stations; WRI method."))  # fmt: skip
    write_series("grid_more_series.csv", facts)
    text = [f"{MADE}\n", table("series", file="grid_more_series.csv", retrieved=RETRIEVED), *names, *_fuel_names()]
    (DATA / "grid_more.toml").write_text("\n".join(text), encoding="utf-8")
    write_sources("sources_grids.toml", SOURCES)


def _fact(row: dict[str, str], alpha2: Callable[[str], str], known: set[str], names: list[str]) -> Row | None:
    """The fact of a row of grid.csv that make_facts.py does not use; None where it stays out."""
    value, zone = float(row["gco2e_per_kwh"]), row["zone"]
    if row["flag"] or value <= 0:
        refuse("grid.csv", "zero, which stands for missing data, or flagged as implausible", f"{zone} {row['year']}")
        return None
    makers: tuple[tuple[bool, Callable[[], Row | None]], ...] = (
        ("Strubell" in row["source"], lambda: _of_strubell(row, value)),
        (row["level"] == "fuel", lambda: _fuel(row, value)),
        (row["boundary"] == "marginal", lambda: _marginal(row, value, alpha2(row["country_iso3"]), known)),
        (row["level"] == "egrid-subregion", lambda: _subregion(row, value, names)),
        ("Nordic static" in row["source"], lambda: _bidding_zone(row, value, names)),
        (zone == "CN-HK2", lambda: _company(row, value, names)),
        (row["method"].startswith("mixed"), lambda: _mixed(row, value, alpha2(row["country_iso3"]))),
    )
    return next((make() for applies, make in makers if applies), None)


def _marginal(row: dict[str, str], value: float, code: str, known: set[str]) -> Row | None:
    if code not in known:
        refuse("grid.csv", "a marginal factor of a territory that has no other factor", row["zone"])
        return None
    return Row(f"grid.{code}", "carbon_intensity.direct.marginal", value, "gCO2e/kWh", "2021", "ifi-2021", "published",
               MARGINAL, None, "Operating margin, for all hours.")  # fmt: skip


def _mixed(row: dict[str, str], value: float, code: str) -> Row | None:
    """Of a country; make_facts.py has those of states and provinces."""
    if row["zone"].startswith("US-"):
        refuse("grid.csv", "a state of which eGRID has a direct factor of a newer year", row["zone"])
    elif not row["year"]:
        refuse("grid.csv", "no year", row["zone"])
    elif row["level"] == "country":
        return Row(f"grid.{code}", "carbon_intensity.mixed.generation", value, "gCO2e/kWh", row["year"],
                   "green-algorithms-countries", "third-party", MIXED, None, row["note"])  # fmt: skip
    return None


def _of_strubell(row: dict[str, str], value: float) -> Row:
    return Row("grid.us", "carbon_intensity.direct.generation", value, "gCO2e/kWh", row["year"], "strubell-egrid-2018",
               "seen", (0.94, 1.06), None, "CO2 alone.")  # fmt: skip


def _fuel(row: dict[str, str], value: float) -> Row | None:
    fuel = row["zone_name"]
    if "IPCC" in row["source"]:
        return Row(f"fuel.{slug(fuel)}", LIFECYCLE, value, "gCO2e/kWh", "2014", "ipcc-ar5-a3", "published", None,
                   FUELS[fuel][0], "Median, minimum and maximum of the literature.")  # fmt: skip
    if fuel == "petroleum":
        return Row("fuel.oil", LIFECYCLE, value, "gCO2e/kWh", "2026", "codecarbon-fuels", "third-party", (0.75, 1.35))
    refuse("grid.csv", "a default of another project for a fuel that IPCC has", row["zone"])
    return None


def _fuel_names() -> Iterator[str]:
    for fuel, (_, words) in FUELS.items():
        yield table("name", subject=f"fuel.{slug(fuel)}", label=words[0], aliases=words)
    yield table("name", subject="fuel.oil", label="oil", aliases=["oil", "petroleum"])
    for fuel, kinds in (("solar", ("rooftop", "utility")), ("wind", ("offshore", "onshore"))):
        yield table(
            "family",
            subject=f"fuel.{fuel}",
            label=fuel,
            aliases=[fuel],
            members=[f"fuel.{fuel}-{kind}" for kind in kinds],
        )


def _subregion(row: dict[str, str], value: float, names: list[str]) -> Row | None:
    if "CO2e" not in row["method"]:
        refuse("grid.csv", "CO2 alone of a subregion of which CO2e is known", row["zone"])
        return None
    subject = f"grid.us-egrid-{row['zone'].lower()}"
    names.append(table("name", subject=subject, label=f"eGRID {row['zone_name']}",
                       aliases=[row["zone"], f"US-{row['zone']}", f"eGRID {row['zone']}", f"eGRID {row['zone_name']}"]))  # fmt: skip
    return Row(
        subject,
        "carbon_intensity.direct.generation",
        value,
        "gCO2e/kWh",
        row["year"],
        "egrid-2022",
        "published",
        SUBREGION,
    )


def _bidding_zone(row: dict[str, str], value: float, names: list[str]) -> Row | None:
    if row["zone"] == "FI":
        refuse("grid.csv", "a default that no year moves, of a country that has yearly factors", row["zone"])
        return None
    country, number = row["zone"][:2].lower(), row["zone"][2:]
    subject = f"grid.{country}-{country}{number}"
    names.append(table("name", subject=subject, label=row["zone_name"], aliases=[row["zone"], row["zone_name"]]))
    return Row(subject, LIFECYCLE, value, "gCO2e/kWh", row["year"], "codecarbon-nordic", "third-party", DEFAULT, None,
               "A default that no year moves; its primary source is not named.")  # fmt: skip


def _company(row: dict[str, str], value: float, names: list[str]) -> Row:
    """The second company of Hong Kong; make_facts.py has the first."""
    label = row["zone_name"]
    names.append(table("name", subject="grid.cn-hk-clp", label=label, aliases=[label, "CN-HK2"]))
    return Row("grid.cn-hk-clp", "carbon_intensity.mixed.generation", value, "gCO2e/kWh", row["year"],
               "green-algorithms-countries", "third-party", MIXED, None, row["note"])  # fmt: skip
