"""How much the catalogue knows: devices, grids, regions of clouds; and that every region leads to all that is needed."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from joulebook.facts.catalog import Catalog
from joulebook.facts.loader import DATA, load
from joulebook.facts.names import meanings

CATALOG = Catalog.open()
TOOLS = Path(__file__).parents[2] / "tools"
INTENSITIES = [
    "carbon_intensity.lifecycle.generation", "carbon_intensity.direct.generation", "carbon_intensity.mixed.generation",
]  # fmt: skip


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_are_at_least_as_many_devices_and_zones_as_promised():
    accelerators = [subject for subject in CATALOG.subjects("accelerator.") if "family" not in subject]
    assert len(accelerators) >= 650
    assert len([s for s in CATALOG.subjects("cpu.") if "tdp" in CATALOG.properties(s)]) >= 4_000
    grids = CATALOG.subjects("grid.")
    zones = [s for s in grids if "-" in s and not s.endswith("america") and s != "grid.middle-east"]
    assert len(zones) >= 140
    assert len([s for s in grids if re.fullmatch(r"grid\.[a-z]{2}", s)]) >= 200


def test_every_accelerator_has_power_or_peaks_and_most_have_power():
    cards = [
        subject
        for subject in CATALOG.subjects("accelerator.")
        if "family" not in subject and subject != "accelerator.any"
    ]
    lean = [
        s for s in cards if not {"tdp", "peak.bf16", "peak.fp16", "peak.int8", "memory"} & set(CATALOG.properties(s))
    ]
    assert lean == []
    assert sum("tdp" in CATALOG.properties(s) for s in cards) >= 640


@pytest.mark.parametrize("provider", ["aws", "gcp", "azure"])
def test_every_region_of_a_cloud_has_a_grid_an_overhead_and_a_site(provider):
    regions = [row for row in table(TOOLS / "cloud_regions.csv") if row["provider"] == provider]
    assert len(regions) >= 35
    for row in regions:
        name = f"{provider}:{row['region']}"
        grid = CATALOG.resolve(name, "grid").subject
        assert grid == f"grid.{row['zone'].lower()}"
        assert set(INTENSITIES) & set(CATALOG.properties(grid)), name
        site = CATALOG.resolve(name, "site").subject
        assert 1 < CATALOG.find(site, "pue").value < 1.5, name
        assert CATALOG.find(site, "wue").value > 0, name


def test_every_instance_leads_to_its_devices():
    for row in table(TOOLS / "instances.csv"):
        found = {one.subject.partition(".")[0] for one in meanings(CATALOG, row["instance"])}
        wanted = {"instance"} | ({"accelerator"} if row["accelerator"] else set()) | ({"cpu"} if row["cpus"] else set())
        assert found == wanted, row["instance"]


def test_methods_and_boundaries_of_one_grid_stand_apart():
    us = {prop: CATALOG.find("grid.us", prop).value for prop in CATALOG.properties("grid.us") if "carbon" in prop}
    assert len(us) >= 4
    assert len(set(us.values())) == len(us)


def test_a_hired_device_costs_less_where_it_may_be_taken_away():
    for subject in CATALOG.subjects("rental.any."):
        known = set(CATALOG.properties(subject))
        for year in range(2019, 2026):
            kinds = {}
            for kind in ("preemptible", "on_demand"):
                prop = f"price.device_hour.{kind}"
                facts = (
                    [f for f in CATALOG.history(subject, prop) if f.valid_from == f"{year}-01-01"]
                    if prop in known
                    else []
                )
                kinds |= {kind: facts[0]} if facts else {}
            if len(kinds) == 2:
                assert kinds["preemptible"].low < kinds["on_demand"].high, (subject, year)


def test_a_board_of_four_chips_is_four_chips():
    for prop in ("tdp", "memory", "peak.bf16"):
        chip, board = (CATALOG.find(f"accelerator.google-tpu-v3{more}", prop) for more in ("", "-device"))
        assert board.value == pytest.approx(4 * chip.value)


def test_every_card_of_the_files_is_in_the_index():
    found = load(DATA)
    assert {fact.subject for fact in found.facts} == set(CATALOG.subjects(""))
    assert all(fact.source in found.sources and fact.evidence for fact in found.facts)
    assert all(card["licence"] for card in found.sources.values())
