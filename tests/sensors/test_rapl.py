"""RAPL on fake powercap trees: every layout, wrap, absence, refusal and rubbish."""

from __future__ import annotations

import os
import shutil

import pytest

from joulebook.errors import SensorDenied, SensorUnavailable
from joulebook.sensors.base import DENIED, MACHINE
from joulebook.sensors.rapl import ZONES_MAX, Rapl
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import SECOND
from joulebook.testing.powercap import LAYOUTS, TWO_SOCKETS, Zone, write_powercap_tree

PACKAGE = Zone("intel-rapl:0", "package-0", 50.0)
CORE = Zone("intel-rapl:0:0", "core", 30.0)
DRAM = Zone("intel-rapl:0:1", "dram", 5.0, 65_712_999_613)


@pytest.fixture
def tree(tmp_path):
    """Makes trees of zones and sensors on them; closes them all."""
    opened = []

    def make(*zones, layout="nested", clock=None):
        made = write_powercap_tree(tmp_path / f"powercap{len(opened)}", zones, layout)
        opened.append(made)
        sensor = Rapl(str(made.root), clock) if clock else Rapl(str(made.root))
        opened.append(sensor)
        return made, sensor

    yield make
    for each in opened:
        each.close()


def raws(sensor):
    return [reading.raw for reading in sensor.read()]


def channel(sensor, name):
    return next(channel for channel in sensor.channels if channel.name == name)


class TestContract(SensorContract):
    @pytest.fixture(autouse=True)
    def _tree(self, tmp_path):
        self.tree = write_powercap_tree(tmp_path / "powercap")
        yield
        self.tree.close()

    def make_sensor(self, clock):
        return Rapl(str(self.tree.root), clock)

    def pass_time(self, clock, ns):
        super().pass_time(clock, ns)
        self.tree.advance(ns / SECOND)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_zone_is_found_once_in_every_layout(tree, layout):
    _, sensor = tree(*TWO_SOCKETS, layout=layout)
    assert [(c.name, c.device, c.kind, c.within) for c in sensor.channels] == [
        ("package-0", "cpu-0", "cpu", ""),
        ("package-0/core", "cpu-0/core", "cpu", "cpu-0"),
        ("package-0/dram", "dram-0", "dram", ""),
        ("package-1", "cpu-1", "cpu", ""),
        ("package-1/core", "cpu-1/core", "cpu", "cpu-1"),
        ("package-1/dram", "dram-1", "dram", ""),
    ]
    assert sensor.skipped == []


def test_links_beside_the_control_type_do_not_double_zones(tmp_path):
    tree = write_powercap_tree(tmp_path, [PACKAGE, CORE], "links")
    (tmp_path / "intel-rapl").symlink_to(tmp_path / "devices")
    (tmp_path / "devices" / "intel-rapl:0" / "subsystem").symlink_to(tmp_path)
    sensor = Rapl(str(tmp_path))
    assert [c.name for c in sensor.channels] == ["package-0", "package-0/core"]
    sensor.close()
    tree.close()


@pytest.mark.parametrize("wrap", [262_143_328_850, 65_532_610_987, 65_712_999_613, 1_000_000])
def test_counter_shows_what_the_zone_used_modulo_its_range(tree, wrap):
    made, sensor = tree(Zone("intel-rapl:0", "package-0", 50.0, wrap, start_uj=wrap - 10))
    assert sensor.channels[0].wrap_uj == wrap
    assert raws(sensor) == [wrap - 10]
    made.advance(0.002)
    assert raws(sensor) == [(wrap - 10 + 100_000) % wrap]


@pytest.mark.parametrize("text", [None, "0", "", "many", "-5"])
def test_range_that_is_missing_or_no_number_is_unknown(tree, text):
    made, _ = tree(Zone("intel-rapl:0", "package-0", 50.0, None))
    if text is not None:
        (made.folder(made.zones[0]) / "max_energy_range_uj").write_text(text)
    sensor = Rapl(str(made.root))
    assert sensor.channels[0].wrap_uj == 0
    sensor.close()


def test_memory_mapped_interface_is_not_counted_twice(tree):
    _, sensor = tree(PACKAGE, DRAM, PACKAGE._replace(folder="intel-rapl-mmio:0"))
    assert [c.name for c in sensor.channels] == ["package-0", "package-0/dram"]


def test_memory_mapped_interface_alone_is_counted(tree):
    _, sensor = tree(PACKAGE._replace(folder="intel-rapl-mmio:0"))
    assert [(c.name, c.within) for c in sensor.channels] == [("package-0", "")]


def test_platform_domain_is_shown_beside_packages_and_counted_alone(tree):
    psys = Zone("intel-rapl:1", "psys", 90.0)
    _, beside = tree(PACKAGE, psys)
    assert channel(beside, "psys").within == MACHINE
    assert channel(beside, "package-0").within == ""
    _, alone = tree(psys)
    assert (alone.channels[0].within, alone.channels[0].kind) == ("", "board")


def test_dies_of_one_package_are_devices_of_their_own(tree):
    _, sensor = tree(
        Zone("intel-rapl:0", "package-0-die-0", 5.0),
        Zone("intel-rapl:0:0", "dram", 5.0),
        Zone("intel-rapl:1", "package-0-die-1", 5.0),
    )
    assert [c.device for c in sensor.channels] == ["cpu-0-die-0", "dram-0-die-0", "cpu-0-die-1"]


def test_domain_that_nobody_knows_is_shown_and_not_added(tree):
    _, sensor = tree(PACKAGE, Zone("intel-rapl:7", "npu", 3.0))
    assert channel(sensor, "npu").within == MACHINE


def test_zones_with_the_same_name_keep_their_own_channel(tree):
    _, sensor = tree(PACKAGE, PACKAGE._replace(folder="intel-rapl:5"))
    assert [c.name for c in sensor.channels] == ["package-0", "package-0 (intel-rapl:5)"]


@pytest.mark.parametrize("make", [lambda root: None, lambda root: root.mkdir(), lambda root: root.write_text("")])
def test_no_tree_is_unavailable_with_a_remedy(tmp_path, make):
    make(tmp_path / "powercap")
    with pytest.raises(SensorUnavailable, match="has no RAPL zone") as caught:
        Rapl(str(tmp_path / "powercap"))
    assert "modprobe" in caught.value.remedy
    assert "container" in caught.value.remedy


def test_masked_tree_with_dangling_links_is_unavailable(tmp_path):
    (tmp_path / "intel-rapl:0").symlink_to(tmp_path / "nowhere")
    with pytest.raises(SensorUnavailable, match="hidden in this container"):
        Rapl(str(tmp_path))


def refuse(monkeypatch, part):
    """Let every open of a path with `part` in it fail."""
    real = os.open

    def guarded(path, *args, **kwargs):
        if part in str(path) and str(path).endswith("energy_uj"):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **kwargs)

    monkeypatch.setattr("joulebook.sensors.rapl.os.open", guarded)


def test_refusal_of_all_zones_is_denied_with_the_remedy(tree, monkeypatch, tmp_path):
    made, _ = tree(PACKAGE, DRAM)
    refuse(monkeypatch, "intel-rapl")
    with pytest.raises(SensorDenied, match="Permission denied") as caught:
        Rapl(str(made.root))
    assert f"sudo chmod a+r {made.root}/intel-rapl:*/energy_uj" in caught.value.remedy
    assert "CVE-2020-8694" in caught.value.remedy
    assert "joulebook doctor --fix" in caught.value.remedy


def test_refusal_of_one_zone_leaves_the_others(tree, monkeypatch):
    made, _ = tree(PACKAGE, CORE, DRAM)
    refuse(monkeypatch, "intel-rapl:0:1")
    sensor = Rapl(str(made.root))
    assert [c.name for c in sensor.channels] == ["package-0", "package-0/core"]
    [skipped] = sensor.skipped
    assert skipped.zone == "intel-rapl:0:1 (dram)"
    assert skipped.reason == "Permission denied"
    assert "chmod" in skipped.remedy
    sensor.close()


def test_part_of_a_package_that_cannot_be_read_is_still_not_added(tree, monkeypatch):
    made, _ = tree(PACKAGE, CORE, Zone("intel-rapl:1", "package-1", 9.0))
    refuse(monkeypatch, "intel-rapl:0/energy_uj")
    sensor = Rapl(str(made.root))
    assert [(c.name, c.within) for c in sensor.channels] == [("package-0/core", "cpu-0"), ("package-1", "")]
    sensor.close()


def test_counter_that_is_a_folder_is_skipped(tree):
    made, _ = tree(PACKAGE, DRAM)
    path = made.folder(DRAM) / "energy_uj"
    path.unlink()
    path.mkdir()
    sensor = Rapl(str(made.root))
    assert [c.name for c in sensor.channels] == ["package-0"]
    assert sensor.skipped[0].reason == "Is a directory"
    sensor.close()


def test_counter_that_is_a_pipe_does_not_block(tree):
    made, _ = tree(PACKAGE, DRAM)
    path = made.folder(DRAM) / "energy_uj"
    path.unlink()
    os.mkfifo(path)
    sensor = Rapl(str(made.root))
    assert [c.name for c in sensor.channels] == ["package-0"]
    sensor.close()


@pytest.mark.parametrize(
    ("text", "raw"), [("nan\n", "nan"), ("", ""), ("12 kJ\n", "12 kJ"), ("-7\n", -7), ("1e9", "1e9")]
)
def test_rubbish_is_kept_as_it_came(tree, text, raw):
    made, sensor = tree(PACKAGE)
    (made.folder(PACKAGE) / "energy_uj").write_text(text)
    assert raws(sensor) == [raw]


def fail_reads(monkeypatch, error):
    def failing(*args):
        raise error

    monkeypatch.setattr("joulebook.sensors.rapl.os.pread", failing)


@pytest.mark.parametrize(("error", "raw"), [(OSError(19, "No such device"), None), (PermissionError(13, "no"), DENIED)])
def test_failing_read_is_a_reading_without_value(tree, monkeypatch, clock, error, raw):
    _, sensor = tree(PACKAGE, DRAM, clock=clock)
    fail_reads(monkeypatch, error)
    assert raws(sensor) == [raw, raw]
    assert raws(sensor) == [raw, raw]


def test_vanished_counter_is_tried_again_after_longer_and_longer_pauses(tree, monkeypatch, clock):
    made, sensor = tree(PACKAGE, clock=clock)
    tries, real = [], os.open

    def counted(path, *args, **kwargs):
        tries.append(clock.now)
        return real(path, *args, **kwargs)

    fail_reads(monkeypatch, OSError(19, "No such device"))
    sensor.read()
    monkeypatch.undo()
    shutil.rmtree(made.folder(PACKAGE))
    monkeypatch.setattr("joulebook.sensors.rapl.os.open", counted)
    start = clock.now
    for _ in range(2_000):
        clock.advance(SECOND // 10)
        assert raws(sensor) == [None]
    assert [(at - start) // SECOND for at in tries] == [1, 3, 7, 15, 31, 63, 123, 183]


def test_counter_that_comes_back_is_read_again(tree, monkeypatch, clock):
    made, sensor = tree(PACKAGE, clock=clock)
    fail_reads(monkeypatch, OSError(19, "No such device"))
    assert raws(sensor) == [None]
    monkeypatch.undo()
    assert raws(sensor) == [None]
    made.advance(1.0)
    clock.advance(SECOND)
    assert raws(sensor) == [50_000_000]
    fail_reads(monkeypatch, OSError(19, "No such device"))
    assert raws(sensor) == [None]
    monkeypatch.undo()
    clock.advance(SECOND)
    assert raws(sensor) == [50_000_000]


def test_reading_after_close_says_so(tree):
    _, sensor = tree(PACKAGE)
    sensor.close()
    with pytest.raises(SensorUnavailable, match="closed"):
        sensor.read()


def test_ranges_of_packages_and_memory_are_sourced_and_shared_by_kind(tree):
    _, sensor = tree(*TWO_SOCKETS)
    by_kind = {
        "cpu": {c for c in sensor.channels if c.kind == "cpu"},
        "dram": {c for c in sensor.channels if c.kind == "dram"},
    }
    assert {c.calibration for c in by_kind["cpu"]} == {"rapl.package"}
    assert {c.calibration for c in by_kind["dram"]} == {"rapl.dram"}
    assert all("doi:" in c.source for c in sensor.channels)
    package, dram = channel(sensor, "package-0"), channel(sensor, "package-0/dram")
    assert dram.low < package.low < 1 < package.high < dram.high


def test_file_that_is_replaced_by_another_is_opened_again(tmp_path):
    tree = write_powercap_tree(tmp_path / "p")
    path = tree.folder(tree.zones[0]) / "energy_uj"
    rapl = Rapl(str(tmp_path / "p"))
    rapl.read()
    replacement = tmp_path / "new"
    replacement.write_text("262143000777\n")
    replacement.rename(path)
    values = [reading.raw for _ in range(4) for reading in rapl.read() if reading.channel == 0]
    assert values[-1] == 262_143_000_777
    rapl.close()
    tree.close()


@pytest.mark.parametrize("text", ["", "garbage", "-5", "1_000", "+7", "\x1b[31m", "\0" * 32])
def test_a_counter_that_never_shows_a_number_is_left_to_a_model(tmp_path, text):
    made = write_powercap_tree(tmp_path / "powercap", (PACKAGE, DRAM))
    (made.root / "intel-rapl:0" / "energy_uj").write_text(text)
    sensor = Rapl(str(made.root))
    assert [channel.kind for channel in sensor.channels] == ["dram"]
    assert "instead of a number" in sensor.skipped[0].reason
    sensor.close()
    made.close()


def test_links_that_lead_round_are_not_followed(tmp_path):
    made = write_powercap_tree(tmp_path / "powercap", (PACKAGE,))
    for number in range(1, 40):
        (made.root / f"intel-rapl:{number}").symlink_to(made.root)
        (made.root / "intel-rapl:0" / f"intel-rapl:0:{number}").symlink_to("..")
    sensor = Rapl(str(made.root))
    assert [channel.name for channel in sensor.channels] == ["package-0"]
    sensor.close()
    made.close()


def test_a_folder_with_thousands_of_zones_does_not_take_all_descriptors(tmp_path):
    for number in range(600):
        zone = tmp_path / f"intel-rapl:{number}"
        zone.mkdir()
        (zone / "name").write_text(f"package-{number}")
        (zone / "energy_uj").write_text("1")
    sensor = Rapl(str(tmp_path))
    assert len(sensor.channels) == ZONES_MAX
    assert sensor.skipped[-1].zone == "the rest"
    sensor.close()


def test_a_name_is_one_line_of_printable_characters(tmp_path):
    made = write_powercap_tree(tmp_path / "powercap", (PACKAGE,))
    (made.root / "intel-rapl:0" / "name").write_text("package-0\x1b[31m\n\u202e" + "x" * 60)
    sensor = Rapl(str(made.root))
    name = sensor.channels[0].name
    assert name.startswith("package-0[31m")
    assert name.isprintable()
    assert len(name) <= 40
    sensor.close()
    made.close()
