"""`--live` as its user types it; and that without it nothing is asked on the network."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from joulebook.cli.app import main
from joulebook.facts.feeds.electricity_maps import ElectricityMaps
from joulebook.facts.feeds.energy_charts import EnergyCharts
from joulebook.facts.feeds.watttime import WattTime
from joulebook.testing.book import generate_runs
from joulebook.testing.feeds import PASSWORD, TOKEN, USER, FakeFeeds

STATEMENT = Draft202012Validator(json.loads((files("joulebook.report") / "schema/statement-1.json").read_text()))


@pytest.fixture
def book(tmp_path, monkeypatch):
    """Three runs of FR, without a word of the user's."""
    for name in list(os.environ):
        if name.startswith(("JOULEBOOK_", "XDG_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JOULEBOOK_HOME", str(tmp_path / "book"))
    monkeypatch.setenv("JOULEBOOK_REGION", "FR")
    generate_runs(tmp_path / "book", 3)


@pytest.fixture
def fake(book, monkeypatch):
    monkeypatch.setenv("ELECTRICITYMAPS_TOKEN", TOKEN)
    monkeypatch.setenv("WATTTIME_USER", USER)
    monkeypatch.setenv("WATTTIME_PASSWORD", PASSWORD)
    with FakeFeeds(lambda _: 123.0) as feeds:
        for feed in (EnergyCharts, ElectricityMaps, WattTime):
            monkeypatch.setattr(feed, "url", feeds.url(feed.card.id))
        yield feeds


def test_show_prices_with_what_the_service_told_and_names_it(fake, capsys):
    assert main(["show", "last", "--region", "FR", "--live"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "carbon_intensity = 123 gCO2e/kWh" in shown
    assert "Fraunhofer ISE Energy-Charts, CC BY 4.0: fr, " in shown
    assert main(["show", "last", "--region", "FR", "--live", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    STATEMENT.validate(document)
    (assumption,) = [item for item in document["assumptions"] if item["name"] == "carbon_intensity"]
    assert assumption["quantity"]["value"] == 123.0
    assert len(fake.asked) == 1, "what was told is kept"


def test_marginal_carbon_is_a_line_of_its_own(fake, capsys):
    assert main(["show", "last", "--region", "FR", "--live", "energy-charts,watttime"]) == 0
    shown = capsys.readouterr().out
    assert "carbon (location)" in shown
    assert "carbon (marginal)" in shown
    assert "WattTime API v3, co2_moer, commercial: FR, " in " ".join(shown.split())
    assert main(["show", "last", "--region", "FR", "--live", "energy-charts"]) == 0
    assert "WattTime" not in capsys.readouterr().out


def test_explain_ends_in_the_service_with_address_time_and_kind(fake, capsys):
    assert main(["explain", "last", "carbon", "--region", "FR", "--live"]) == 0
    shown = capsys.readouterr().out
    assert "average, boundary not stated, measured; told 20" in shown
    assert f"by {fake.url('energy-charts')}" in shown
    assert main(["explain", "last", "carbon_intensity_marginal", "--region", "FR", "--live", "watttime"]) == 0
    assert "marginal, direct, estimated" in capsys.readouterr().out


def test_report_has_the_figures_of_the_service_and_says_what_it_did_not_tell(fake, capsys):
    assert main(["report", "last", "--region", "FR", "--live", "--json"]) == 0
    (document,) = json.loads(capsys.readouterr().out)
    assert any("Energy-Charts" in item["source"] for item in document["assumptions"])
    fake.truth = fake.forecast = lambda _: None
    assert main(["report", "last~1", "--region", "DE", "--live"]) == 0
    assert "joulebook: live: energy-charts has no value for this run" in capsys.readouterr().err


@pytest.mark.parametrize("fault", ["403", "404", "cut", "text", "302 away"])
def test_a_service_that_fails_leaves_the_catalogues_factor_and_exit_code_0(fake, capsys, fault):
    assert main(["show", "last", "--region", "FR", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    fake.faults = [fault]
    assert main(["show", "last", "--region", "FR", "--live", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["carbon"] == plain["carbon"]
    assert any(warning.startswith("live: energy-charts: ") for warning in document["warnings"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--live", "last"], 2, "RUN stands before it: joulebook show last --live"),
        (["last", "--region", "US-CA", "--live", "energy-charts"], 4, "energy-charts has no zone for US-CA; near: "),
        (["last", "--region", "US-OH", "--live"], 4, "electricity-maps has no zone for US-OH; near: "),
        (["last", "--region", "Atlantis", "--live"], 4, "no region is called 'Atlantis'"),
    ],
)
def test_questions_that_make_no_sense_are_one_clear_line(fake, capsys, words, code, said):
    assert main(["show", *words]) == code
    assert said in capsys.readouterr().err
    assert fake.asked == []


def test_a_run_without_region_is_told_to_have_one(fake, capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("JOULEBOOK_REGION")
    monkeypatch.setenv("JOULEBOOK_HOME", str(tmp_path / "others"))
    runs = generate_runs(tmp_path / "others", 40)
    nowhere = next(run for run in runs if not run.region)
    assert main(["show", nowhere.id, "--live"]) == 2
    assert "--live needs a region" in capsys.readouterr().err


def test_secrets_are_never_shown_and_never_kept(fake, capsys, tmp_path):
    for fault in ("", "401", "403", "429 late", "cut"):
        fake.faults = [fault] if fault else []
        for verb in (["show"], ["explain"], ["report", "--csv"]):
            words = [verb[0], "last", *(["carbon"] if verb[0] == "explain" else []), *verb[1:]]
            assert main([*words, "--region", "FR", "--live", "electricity-maps,watttime"]) == 0
    told = capsys.readouterr()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (TOKEN, PASSWORD, "Bearer", "token-1"):
        assert secret not in told.out + told.err
        assert secret.encode() not in kept
    assert TOKEN in fake.heard


def test_secrets_of_the_environment_are_in_no_journal(fake, tmp_path):
    command = [sys.executable, "-m", "joulebook", "run", "-q", "--", sys.executable, "-c", "pass"]
    subprocess.run(command, check=True, env={**os.environ, "JOULEBOOK_HOME": str(tmp_path / "own")})
    written = b"".join(path.read_bytes() for path in (tmp_path / "own").rglob("*") if path.is_file())
    assert written
    assert not [secret for secret in (TOKEN, PASSWORD) if secret.encode() in written]


def test_without_live_nothing_is_asked_on_the_network(book, capsys, monkeypatch):
    def refused(*_args, **_options):
        raise AssertionError("the network was asked")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refused)
    for name in ("getaddrinfo", "create_connection", "gethostbyname"):
        monkeypatch.setattr(socket, name, refused)
    monkeypatch.setenv("ELECTRICITYMAPS_TOKEN", TOKEN)
    for words in (
        ["show", "last"],
        ["show", "last", "--region", "GB", "--json"],
        ["explain", "last", "carbon"],
        ["report", "last", "last~1"],
        ["runs"],
        ["compare", "last", "last~1"],
    ):
        assert main(words) == 0, words
    assert "the network was asked" not in capsys.readouterr().err


def test_without_live_not_even_the_library_is_loaded(book):
    program = (
        "import sys\n"
        "from joulebook.cli.app import main\n"
        "main(['show', 'last']); main(['explain', 'last', 'carbon'])\n"
        "print(sorted(name for name in sys.modules if name.startswith(('httpx', 'httpcore', 'tenacity', 'ssl', 'joulebook.facts.feeds.web', 'joulebook.facts.feeds.ask'))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
