"""Makes the facts of cloud regions and other sites from cloud.csv, and says in which grid each region stands.

Run by make_facts.py. `cloud_regions.csv` lists the regions of the three large providers and the smallest zone of the
catalogue that holds each, from the providers' own pages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tables import MADE, Card, Row, refuse, rows, slug, table, write_series, write_sources

from joulebook.facts.loader import DATA

RETRIEVED = "2026-11-21"
TABLE = Path(__file__).with_name("cloud_regions.csv")
OVERHEAD, REGION_OVERHEAD = (0.7, 2.0), (0.6, 2.2)
"""Of PUE - 1: a site at its provider's mean (docs/methods/facts.md), and a region of which only that mean is known."""
WATER = (0.4, 2.5)
"""Of litres per kWh: sites of one provider differ by climate, Microsoft's continents 0.1 to 1.65 at a mean of 0.49 (FY2022)."""
SHARE = 0.05
"""Half the width of a share of carbon-free energy: the year that follows."""
INTENSITY = (0.85, 1.15)
"""Of a yearly mean that the provider publishes: 5 % and 95 % of its change from year to year by region."""
PROVIDERS = {"aws": "Amazon Web Services", "gcp": "Google Cloud", "azure": "Microsoft Azure"}
CONTINENTS = {"Americas": "US CA BR CL MX", "EMEA": "AT BE FR DE IE IL IT NO PL QA ZA ES SE CH AE GB NL",
              "Asia Pacific": "AU HK IN ID JP KR MY NZ SG"}  # fmt: skip
SUPERCOMPUTERS = {"Jean Zay (IDRIS)": "jean-zay", "Summit (ORNL)": "summit", "LUMI (CSC)": "lumi",
                  "Frontier (ORNL)": "frontier", "Alps (CSCS)": "alps"}  # fmt: skip
HOSTS = {"fr-par DC5": ("site.scaleway.fr-par-dc5", ["scaleway:fr-par DC5"])}
GOOGLE = "Google Cloud region-carbon-info "


def zones() -> dict[str, list[str]]:
    """The words for cloud regions by the code of the grid that they stand in."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows(TABLE):
        found[row["zone"].lower()].append(f"{row['provider']}:{row['region']}")
    return found


def regions(folder: Path) -> None:
    """Writes shares of carbon-free energy, intensities, PUE and water use by region, and the words for them."""
    table_rows = rows(folder / "cloud.csv")
    known = {(row["provider"], row["region"]): row for row in rows(TABLE)}
    sources: dict[str, Card] = {}
    facts = [*_google(table_rows, known, sources), *_water(table_rows, sources), *_others(table_rows, sources)]
    facts += _of_fleets(table_rows, known, {(row.subject, row.property) for row in facts})
    for row in table_rows:
        _refuse_rest(row)
    write_series("cloud_series.csv", facts)
    text = [
        f"{MADE} Regions without a figure of their own have that of their provider.\n",
        table("series", file="cloud_series.csv", retrieved=RETRIEVED),
        *_names(known, facts),
    ]
    (DATA / "cloud_regions.toml").write_text("\n".join(text), encoding="utf-8")
    write_sources("sources_cloud.toml", sources)


def _google(
    table_rows: list[dict[str, str]], known: dict[tuple[str, str], dict[str, str]], sources: dict[str, Card]
) -> Iterator[Row]:
    for row in table_rows:
        if not row["source"].startswith(GOOGLE):
            continue
        if (row["provider"], row["region"]) not in known:
            refuse("cloud.csv", "a region that its provider does not list (any more)", f"{row['region']} {row['year']}")
            continue
        year = row["year"]
        identity = f"google-region-carbon-{year}"
        sources[identity] = Card(f"Carbon characteristics of Google Cloud regions, {year}", "Google", min(int(year) + 1, 2025),
                                 "figures cited", "https://github.com/GoogleCloudPlatform/region-carbon-info")  # fmt: skip
        subject = f"site.gcp.{row['region']}"
        if row["grid_gco2e_per_kwh"] and float(row["grid_gco2e_per_kwh"]) <= 0:
            refuse("cloud.csv", "an intensity of zero", f"{row['region']} {year}")
        elif row["grid_gco2e_per_kwh"]:
            yield Row(subject, "carbon_intensity.provider.location", float(row["grid_gco2e_per_kwh"]), "gCO2e/kWh", year,
                      identity, "published", INTENSITY, None, "Operational, of the local grid, as Google publishes it.")  # fmt: skip
        if row["cfe_frac"]:
            value = float(row["cfe_frac"])
            bounds = (max(value - SHARE, min(value, 0.01)), min(value + SHARE, max(value, 1.0)))
            if value > 0:
                yield Row(subject, "carbon_free_share", value, "1", year, identity, "published", None, bounds,
                          "By the hour, with the provider's own contracts.")  # fmt: skip


def _water(table_rows: list[dict[str, str]], sources: dict[str, Card]) -> Iterator[Row]:
    """Water use of the fleets that publish it."""
    for row in table_rows:
        fleet = row["region"] == "(fleet)" or row["region"] in CONTINENTS
        if not fleet or not row["wue_L_per_kwh"] or not row["year"]:
            continue
        identity = f"wue-{slug(row['source'].split(';')[0])}"
        sources[identity] = Card("Water usage effectiveness and power usage effectiveness of the fleet",
                                 row["source"].split(";")[0].split(" sustain")[0].split(" environ")[0].split(",")[0],
                                 min(int(row["year"]) + 1, 2025), "figures cited")  # fmt: skip
        place = "" if row["region"] == "(fleet)" else f"-{slug(row['region'])}"
        evidence = "memory" if "memory" in row["source"] else "published"
        subject = f"site.{row['provider']}{place}"
        yield Row(subject, "wue", float(row["wue_L_per_kwh"]), "L/kWh", row["year"], identity, evidence, WATER)
        if place:
            yield Row(subject, "pue", float(row["pue"]), "1", row["year"], identity, evidence, None,
                      _overhead(float(row["pue"]), OVERHEAD))  # fmt: skip


def _others(table_rows: list[dict[str, str]], sources: dict[str, Card]) -> Iterator[Row]:
    """Supercomputers and single data centres."""
    for row in table_rows:
        if row["region"] in SUPERCOMPUTERS:
            subject = f"site.{SUPERCOMPUTERS[row['region']]}"
        elif row["region"] in HOSTS:
            subject = HOSTS[row["region"]][0]
        else:
            continue
        title, _, memory = row["source"].partition(", memory")
        identity = f"site-{slug(row['region'])}"
        sources[identity] = Card(
            f"Power usage effectiveness of {row['region']}", title, int(row["year"]), "figures cited"
        )
        evidence = "published" if title.startswith(("Luccioni", "Scaleway")) and not memory else "memory"
        yield Row(subject, "pue", float(row["pue"]), "1", row["year"], identity, evidence, None,
                  _overhead(float(row["pue"]), OVERHEAD))  # fmt: skip
        if row["wue_L_per_kwh"]:
            yield Row(subject, "wue", float(row["wue_L_per_kwh"]), "L/kWh", row["year"], identity, evidence, WATER)


def _overhead(pue: float, factors: tuple[float, float]) -> tuple[float, float]:
    return round(1 + factors[0] * (pue - 1), 4), round(1 + factors[1] * (pue - 1), 4)


def _of_fleets(
    table_rows: list[dict[str, str]], known: dict[tuple[str, str], dict[str, str]], own: set[tuple[str, str]]
) -> Iterator[Row]:
    """What is known of a provider, or of its continent, for each region that has no figure of its own."""
    fleets = [row for row in table_rows if row["region"] == "(fleet)" and row["provider"] in PROVIDERS and row["year"]]
    nearer = {(row["provider"], row["year"]) for row in table_rows if row["region"] in CONTINENTS}
    measured = {row["region"] for row in table_rows if row["source"].startswith("Green Algorithms v3.0 data-centre")}
    for (provider, region), place in known.items():
        subject = f"site.{provider}.{region}"
        rows_of = [row for row in fleets if row["provider"] == provider and (provider, row["year"]) not in nearer]
        note = f"Of all of {PROVIDERS[provider]}; it publishes none for the region."
        for row in rows_of:
            if row["pue"] and not (provider == "gcp" and region in measured) and (subject, "pue") not in own:
                pue = float(row["pue"])
                yield Row(subject, "pue", pue, "1", row["year"], _pue_source(row), "derived", None,
                          _overhead(pue, REGION_OVERHEAD), note)  # fmt: skip
            if row["wue_L_per_kwh"]:
                yield Row(subject, "wue", float(row["wue_L_per_kwh"]), "L/kWh", row["year"],
                          f"wue-{slug(row['source'].split(';')[0])}", "derived", (0.2, 4.0), None, note)  # fmt: skip
        if provider == "azure":
            continent = next(name for name, codes in CONTINENTS.items() if place["zone"][:2] in codes.split())
            for row in (row for row in table_rows if row["provider"] == "azure" and row["region"] == continent):
                identity = f"wue-{slug(row['source'])}"
                about = f"Of Microsoft's sites in {continent}."
                yield Row(subject, "pue", float(row["pue"]), "1", row["year"], identity, "derived", None,
                          _overhead(float(row["pue"]), REGION_OVERHEAD), about)  # fmt: skip
                if row["wue_L_per_kwh"]:
                    yield Row(subject, "wue", float(row["wue_L_per_kwh"]), "L/kWh", row["year"], identity, "derived",
                              (0.2, 4.0), None, about)  # fmt: skip


def _pue_source(row: dict[str, str]) -> str:
    """The id that make_facts.py gives to the source of a fleet."""
    return f"pue-{slug(row['source'].split(';')[0])}"


def _names(known: dict[tuple[str, str], dict[str, str]], facts: list[Row]) -> Iterator[str]:
    subjects = {row.subject for row in facts}
    for (provider, region), row in sorted(known.items()):
        subject = f"site.{provider}.{region}"
        yield table("name", subject=subject, label=f"{PROVIDERS[provider]} {region}, {row['place']}",
                    aliases=[f"{provider}:{region}", f"{provider} {region}"])  # fmt: skip
    for name, short in SUPERCOMPUTERS.items():
        yield table("name", subject=f"site.{short}", label=name, aliases=[name.partition(" (")[0]])
    for subject, words in HOSTS.values():
        yield table("name", subject=subject, label=words[0], aliases=words)
    for continent in CONTINENTS:
        subject = f"site.azure-{slug(continent)}"
        if subject in subjects:
            yield table("name", subject=subject, label=f"Microsoft, {continent}", aliases=[f"azure {continent}"])


def _refuse_rest(row: dict[str, str]) -> None:
    """Rows of which nothing is used, and why."""
    what = f"{row['provider']} {row['region']}"
    if row["source"].startswith("Cloud Carbon Footprint"):
        refuse("cloud.csv", "the provider's mean repeated for each region, and grid factors of the country", what)
    elif row["source"].startswith("ML CO2 Impact"):
        refuse("cloud.csv", "grid factors of mixed years and methods; the country or state has one with a method", what)
    elif row["source"].startswith("CodeCarbon 3.3.2 cloud table"):
        refuse("cloud.csv", "the same as Google publishes, without a year", what)
    elif row["region"] in ("(best site, Europe)", "(new designs)", "US fleet"):
        refuse("cloud.csv", "of no site that anybody can name", what)
    elif row["source"] == "third-party estimate" or row["region"] == "(assumed)":
        refuse("cloud.csv", "an estimate or default of nobody who could know", what)
