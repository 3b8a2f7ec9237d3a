"""Contracts, tariffs, offsets and mixes on the command line, with a recorded run."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

SCHEMA = Draft202012Validator(json.loads((files("joulebook.report") / "schema/statement-1.json").read_text()))
YEAR = datetime.now(UTC).year
TABLES = f"""\
carbon_price = "EU ETS allowance"
currency = "EUR"

[[contract]]
name = "wind park"
kind = "ppa"
zone = "DE"
share = 0.5
mix = "wind"
vintage = {YEAR}
source = "contract 17"

[[contract]]
kind = "go"
zone = "DE"
share = 0.25
intensity = "12 g/kWh"
vintage = {YEAR}
source = "registry"
matching = "hour"
hours = "0-24"

[[offset]]
kind = "avoidance"
tonnes = 1000
source = "registry 4711"

[tariff]
currency = "EUR"
timezone = "Europe/Berlin"
source = "price list"
[[tariff.rate]]
hours = "6-22"
price = 0.3
[[tariff.rate]]
hours = "22-6"
price = 0.2

[ownership]
price = "3000 EUR"
lifetime = "4 y"
utilisation = 0.5
source = "invoice"
"""
BUSY = "import time; t = time.monotonic()\nwhile time.monotonic() < t + 0.3: pass"


@pytest.fixture
def recorded(joulebook, tmp_path):
    """Ask about a recorded run in a folder with tables of this text; "" is no file."""
    assert joulebook("run", "-q", "--region", "DE", "--", sys.executable, "-c", BUSY, cwd=tmp_path).returncode == 0

    def ask(*words, tables="", env=None):
        (tmp_path / "joulebook.toml").write_text(tables)
        return joulebook(*words, cwd=tmp_path, env=env)

    return ask


def shown(done):
    assert (done.returncode, done.stderr) == (0, b"")
    document = json.loads(done.stdout)
    SCHEMA.validate(document)
    return document


def test_tables_change_their_own_figures_and_no_other(recorded):
    plain = shown(recorded("show", "--json"))
    bought = shown(recorded("show", "--json", tables=TABLES))
    changed = {name for name in plain if plain[name] != bought[name]}
    assert changed == {
        "carbon_market", "cost", "cost_owned", "cost_carbon", "lines", "assumptions", "offsets", "warnings",
    }  # fmt: skip
    assert plain["carbon_market"] == plain["carbon"]
    assert bought["carbon_market"]["value"] < 0.5 * bought["carbon"]["value"]
    assert [offset["kind"] for offset in bought["offsets"]] == ["avoidance", "certificate (go, DE)"]
    assert {bought[name]["unit"] for name in ("cost", "cost_owned", "cost_carbon")} == {"EUR"}
    price = next(item for item in bought["assumptions"] if item["name"] == "price")
    assert 0.2 <= price["quantity"]["value"] <= 0.3


@pytest.mark.parametrize("figure", ["carbon_market", "cost", "cost_owned", "cost_carbon"])
def test_each_figure_unfolds_to_what_was_given_and_to_facts(recorded, figure):
    text = recorded("explain", "last", figure, tables=TABLES).stdout.decode()
    source = {
        "carbon_market": "ipcc-ar5-a3", "cost": "price list", "cost_owned": "invoice", "cost_carbon": "carbon.eu-ets",
    }[figure]  # fmt: skip
    assert source in text


def test_documents_list_offsets_apart(recorded, tmp_path):
    text = recorded("show", tables=TABLES).stdout.decode()
    assert "Bought apart: no figure is lower for it" in text
    assert "none: somebody else is said to emit less" in text
    markdown = recorded("report", "--markdown", tables=TABLES).stdout.decode()
    assert "Bought apart" in markdown
    row = recorded("report", "--csv", tables=TABLES).stdout.decode().splitlines()[0]
    assert "cost_owned_EUR" in row
    assert "offset" not in row


def test_mistake_stops_what_looks_back_with_its_line_and_not_what_records(recorded):
    broken = TABLES.replace("share = 0.5", "share = 0.9")
    for verb in (("show",), ("report",), ("explain", "last", "cost"), ("compare", "last", "last")):
        done = recorded(*verb, tables=broken)
        assert done.returncode == 2
        assert b"cover 115 % of the consumption" in done.stderr
        assert b"joulebook.toml:13)" in done.stderr
        assert done.stdout == b""
    assert recorded("run", "-q", "--", sys.executable, "-c", "", tables=broken).returncode == 0
    assert recorded("runs", tables=broken).returncode == 0


def test_mix_prices_a_run_for_its_sources(recorded):
    document = shown(recorded("show", "--json", "--mix", "coal=.30,gas=.24,wind=.46"))
    rate = next(item for item in document["assumptions"] if item["name"] == "carbon_intensity")
    assert rate["quantity"]["value"] == pytest.approx(0.30 * 820 + 0.24 * 490 + 0.46 * 11.5)
    assert "IPCC" in rate["source"]
    for wrong, said in (("coal=.3", b"these sum to 0.3"), ("peat=1", b"no fuel is called 'peat'")):
        done = recorded("show", "--mix", wrong)
        assert (done.returncode, done.stdout) == (2, b"")
        assert said in done.stderr
    both = recorded("show", "--mix", "coal=1", "--live", "neso")
    assert both.returncode == 2
    assert b"leave one out" in both.stderr


def test_settings_show_the_tables(recorded):
    text = recorded("config", tables=TABLES).stdout.decode()
    assert [line.split()[:2] for line in text.splitlines() if line.startswith("[")] == [
        ["[contract]", "given"], ["[offset]", "given"], ["[tariff]", "given"], ["[ownership]", "given"],
    ]  # fmt: skip
