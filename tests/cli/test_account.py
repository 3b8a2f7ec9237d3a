"""A run on the region of a cloud, as its user sees it: every figure with its range, down to sourced facts."""

from __future__ import annotations

import json

import pytest

from joulebook.sensors.base import COUNTER, POWER, Channel
from joulebook.testing.fake import Load, Script
from joulebook.testing.recorded import recorded

HARDWARE = {"cpu": "AMD EPYC 7763", "threads": 256, "sockets": 2, "memory_bytes": 512 * 10**9, "virtual": False}
CPU = Channel("package-0", "cpu-0", "cpu", COUNTER, low=0.95, high=1.05, calibration="cpu", limit_w=2_000.0)
NAME = "NVIDIA A100-SXM4-80GB GPU-1a2b3c4d"
GPU = Channel(NAME, "GPU-1a2b3c4d-0000", "gpu", POWER, low=0.95, high=1.05, calibration="gpu", limit_w=2_000.0)
SCRIPTS = [Script(Load.square(40, 200, 7.3), CPU, period_ns=1_000_000), Script(Load.square(60, 400, 3.1), GPU)]
FIGURES = ("it_energy", "energy", "carbon", "carbon_market", "carbon_embodied", "water", "cost")


@pytest.fixture
def on_a_cloud(joulebook, tmp_path):
    wall = 1_780_000_000 * 10**9
    head = {"site": "gcp:europe-west4", "hardware": HARDWARE, "name": "cloud", "wall_ns": wall, "edition": ""}
    recorded(SCRIPTS, 20.0, **head).write(tmp_path / "book")
    return joulebook


def test_a_run_on_a_cloud_has_every_figure_with_its_range(on_a_cloud):
    document = json.loads(on_a_cloud("show", "cloud", "--json").stdout)
    assert document["region"] == "NL"
    for name in FIGURES:
        figure = document[name]
        assert 0 < figure["low"] < figure["value"] < figure["high"], name
    assert document["energy"]["value"] > document["it_energy"]["value"]
    left_out = document["not_included"]
    assert "network" in left_out
    assert not [text for text in left_out if "embodied" in text or "water" in text or "site" in text]
    devices = {line["device"] for line in document["lines"] if line["kind"] == "carbon_embodied"}
    assert devices == {GPU.device, "server", "processors", "memory"}
    text = on_a_cloud("show", "cloud").stdout.decode("utf-8")
    assert all(word in text for word in ("carbon (embodied)", "water", "Not included"))


@pytest.mark.parametrize("figure", ["energy", "carbon", "carbon_embodied", "water", "cost", "carbon_embodied:server"])
def test_explanations_end_in_sourced_facts(on_a_cloud, figure):
    done = on_a_cloud("explain", "cloud", figure)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode("utf-8")
    facts, sources = text.partition("\nFacts\n")[2].split("\nSources\n")
    assert facts.strip()
    for line in facts.strip().splitlines():
        assert f"[{line.rpartition('[')[2].rstrip(']')}]" in sources


def test_tables_of_the_user_replace_facts_and_mistakes_are_told(on_a_cloud, tmp_path):
    (tmp_path / "joulebook.toml").write_text(
        '[site]\nname = "gcp:europe-west4"\npue = 1.5\n\n[hardware]\nembodied = "1200..1800 kg"\n'
    )
    document = json.loads(on_a_cloud("show", "cloud", "--json", cwd=tmp_path).stdout)
    assert document["energy"]["value"] == pytest.approx(1.5 * document["it_energy"]["value"])
    assert [line["device"] for line in document["lines"] if line["kind"] == "carbon_embodied"] == ["machine"]
    (tmp_path / "joulebook.toml").write_text('[hardware]\nembodied = "heavy"\n')
    refused = on_a_cloud("show", "cloud", cwd=tmp_path)
    assert b"joulebook.toml:2" in refused.stdout + refused.stderr
