"""Facts measured on a machine: appended, read back, forgotten; never half read."""

from __future__ import annotations

import tomllib

import pytest

from joulebook.errors import FactRejected
from joulebook.facts.machine import WallFacts, choose, forget, keep, read

FACTS = WallFacts(
    id="wall-1",
    subject="machine.abc",
    made="2026-05-28T10:00:00.000Z",
    run="a3f9a3f9a3f9",
    file='plug "5".csv',
    sha256="0" * 64,
    sensors=("cpu-0 package-0 (RAPL counter package-0)", "dram-0 dram (RAPL counter dram)"),
    gain=(1.12, 1.1, 1.14),
    excess=(30.2, 29.9, 30.5),
    offset=(23.0, 22.0, 24.0),
    at=(60.0, 25.0, 105.0),
    accuracy=(1.0, 0.98, 1.02),
    gain_known=True,
    windows=100,
    window_s=6.0,
    clock_s=3.7,
    residual_w=0.5,
)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "data" / "machine.toml")


def test_what_is_kept_is_read_back(path):
    assert read(path) == []
    keep(path, FACTS)
    second = FACTS._replace(id="wall-2", made="2026-06-28T10:00:00.000Z", gain_known=False)
    keep(path, second)
    assert read(path) == [FACTS, second]


def test_the_file_is_only_appended_to(path, tmp_path):
    keep(path, FACTS)
    before = (tmp_path / "data" / "machine.toml").read_bytes()
    keep(path, FACTS._replace(id="wall-2"))
    forget(path, "wall-2", "2026-06-28")
    after = (tmp_path / "data" / "machine.toml").read_bytes()
    assert after.startswith(before)
    assert [facts.id for facts in read(path)] == ["wall-1"]


def test_facts_have_the_fields_of_facts(path, tmp_path):
    keep(path, FACTS)
    table = tomllib.loads((tmp_path / "data" / "machine.toml").read_text())
    assert {row["property"] for row in table["fact"]} == {
        "wall_gain", "wall_excess", "wall_offset", "wall_sensed_power", "wall_meter_accuracy"
    }  # fmt: skip
    assert all(row["low"] <= row["value"] <= row["high"] and row["valid_from"] == "2026-05-28" for row in table["fact"])
    assert {row["source"] for row in table["fact"]} == {"wall-1"}


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("value = 1.12", "value = 9.0"),
        lambda text: text.replace("value = 1.12", 'value = "high"'),
        lambda text: text.replace("value = 1.12", "value = nan"),
        lambda text: text.replace("value = 1.12\n", ""),
        lambda text: text.replace('unit = "W"', 'unit = "kW"'),
        lambda text: text.replace("[[fact]]", "[[fakt]]"),
        lambda text: text.replace("machine.abc", "machine.def", 1),
        lambda text: text[:-40] + '"',
        lambda text: "calibration = 3",
        lambda text: text + "\udcff",
    ],
)
def test_a_file_that_was_edited_wrongly_is_refused_by_name(path, tmp_path, change):
    keep(path, FACTS)
    file = tmp_path / "data" / "machine.toml"
    file.write_bytes(change(file.read_text()).encode("utf-8", "surrogateescape"))
    with pytest.raises(FactRejected, match=r"machine\.toml"):
        read(path)


def test_the_newest_one_that_fits_is_chosen():
    old = FACTS._replace(id="old", made="2026-01-01T00:00:00Z")
    elsewhere = FACTS._replace(id="elsewhere", subject="machine.def", made="2026-12-01T00:00:00Z")
    others = FACTS._replace(
        id="others", sensors=("cpu-0 package-0 (RAPL counter package-0)",), made="2026-11-01T00:00:00Z"
    )
    assert choose([FACTS, old, elsewhere, others], "machine.abc", FACTS.sensors[::-1]).facts == FACTS
    assert choose([elsewhere], "machine.abc", FACTS.sensors) == (None, "")
    assert choose([FACTS], "", FACTS.sensors) == (None, "")


def test_other_sensors_are_named():
    fewer = choose([FACTS], "machine.abc", FACTS.sensors[:1])
    assert fewer.facts is None
    assert "without dram-0 dram" in fewer.reason
    more = choose([FACTS], "machine.abc", [*FACTS.sensors, "gpu-0 board (NVML)"])
    assert "with gpu-0 board (NVML)" in more.reason
