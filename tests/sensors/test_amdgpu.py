"""AMD GPUs on a fake AMD SMI: what is seen, counted, trusted and survived; and the binding that is not there."""

from __future__ import annotations

import builtins
import json
import subprocess
import sys
from importlib.machinery import ModuleSpec

import pytest

from joulebook.errors import SensorDenied, SensorError, SensorUnavailable
from joulebook.meter.integrate import integrate
from joulebook.sensors import amdgpu
from joulebook.sensors.amdgpu import AmdGpu
from joulebook.sensors.base import DENIED
from joulebook.sensors.cuda_visible import Board
from joulebook.sensors.detached import Detached, Patience
from joulebook.sensors.rocm_visible import RocmVisible, hidden_by
from joulebook.testing.amdgpu import IGPU, MI250X, RX7900, AmdTrouble, FakeAmdGpu, FakeAmdSmi
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import SECOND, VirtualClock

ONE = FakeAmdGpu()
TWO = FakeAmdGpu("0000:c2:00.0", hip_id=1, uuid="21ff74a1-0000-1000-80aa-000000000002", hip_uuid="GPU-aa00000000000002")


@pytest.fixture
def machine(clock):
    """Makes a sensor on a machine with these GPUs, whose clock passes while it waits."""

    def make(*gpus, visible=None, **options):
        smi = FakeAmdSmi(gpus or (ONE,), clock, **options)
        return AmdGpu(visible, clock, smi, lambda seconds: clock.advance(round(seconds * SECOND))), smi

    return make


def raws(sensor):
    return [reading.raw for reading in sensor.read()]


def left_out(sensor):
    return {one.zone: one.reason for one in sensor.skipped}


class TestContract(SensorContract):
    def make_sensor(self, clock):
        smi = FakeAmdSmi((ONE, TWO._replace(counter_ns=0)), clock)
        return AmdGpu(None, clock, smi, lambda seconds: clock.advance(round(seconds * SECOND)))


@pytest.mark.parametrize("old", [False, True])
def test_accumulator_is_energy_in_its_own_resolution(machine, clock, old):
    sensor, _ = machine(old=old)
    before = raws(sensor)[0]
    clock.advance(10 * SECOND)
    assert raws(sensor)[0] - before == pytest.approx(4_000_000_000, abs=40)
    (channel,) = sensor.channels
    assert (channel.device, channel.form, channel.kind) == (ONE.uuid, "counter", "gpu")
    assert "arXiv" in channel.source
    assert "judgement" in channel.source


@pytest.mark.parametrize("key", ["current_socket_power", "average_socket_power", "socket_power"])
def test_power_stands_in_for_an_accumulator_that_is_not_there(machine, key):
    sensor, _ = machine(ONE._replace(counter_ns=0, power_key=key))
    assert raws(sensor) == [400_000_000]
    assert sensor.channels[0].form == "power"
    assert "read at random instants" in sensor.channels[0].method


@pytest.mark.parametrize("wrong", [0.01, 100.0, 0.0])
def test_accumulator_that_does_not_move_as_the_power_says_is_not_believed(machine, wrong):
    sensor, _ = machine(ONE._replace(wrong=wrong))
    assert raws(sensor) == [400_000_000]
    assert "the power is read" in left_out(sensor)[f"the accumulator of {ONE.name} {ONE.bdf}"]


def test_accumulator_without_any_power_beside_it_counts_where_it_moves(machine):
    sensor, _ = machine(ONE._replace(power_key=""))
    assert sensor.channels[0].form == "counter"


def test_gpu_that_shows_nothing_is_unknown_and_never_zero(machine):
    sensor, _ = machine(ONE, TWO._replace(counter_ns=0, power_key=""))
    assert [channel.device for channel in sensor.channels] == [ONE.uuid]
    assert "what it uses is unknown" in left_out(sensor)[f"{TWO.name} {TWO.bdf}"]
    assert any("not included" in note for note in sensor.notes)
    with pytest.raises(SensorError, match="what it uses is unknown"):
        machine(ONE._replace(counter_ns=0, power_key=""))


def test_second_die_of_a_package_is_not_a_second_gpu(machine, clock):
    first = ONE._replace(name=MI250X, version="gfx90a")
    sensor, _ = machine(first, TWO._replace(name=MI250X, version="gfx90a", second_die=True))
    assert [channel.device for channel in sensor.channels] == [ONE.uuid]
    assert "both dies" in sensor.channels[0].method
    assert "second die" in left_out(sensor)[f"{MI250X} {TWO.bdf}"]


def test_partitions_of_one_package_are_counted_once(machine):
    parts = [ONE._replace(bdf=f"0000:c1:00.{number}", hip_id=number) for number in range(4)]
    sensor, _ = machine(*parts, TWO._replace(hip_id=4), visible=RocmVisible("2,4"))
    assert [channel.name for channel in sensor.channels] == [f"{ONE.name} 0000:c1:00.0", f"{TWO.name} {TWO.bdf}"]


def test_graphics_of_a_processor_are_left_to_its_package(machine):
    sensor, _ = machine(ONE._replace(name=RX7900, version="gfx1100"), TWO._replace(name=IGPU, version="gfx1103"))
    assert [channel.device for channel in sensor.channels] == [ONE.uuid]
    assert "whose package has its energy" in left_out(sensor)[f"{IGPU} {TWO.bdf}"]
    with pytest.raises(SensorUnavailable, match="part of the processor"):
        machine(TWO._replace(name=IGPU, version="gfx1103"))


def test_accelerator_without_a_name_is_counted(machine):
    sensor, _ = machine(ONE._replace(name="AMD Radeon Graphics"))
    assert [channel.device for channel in sensor.channels] == [ONE.uuid]


def test_whole_of_an_apu_makes_models_of_its_parts_superfluous(machine):
    sensor, _ = machine(ONE._replace(name="AMD Instinct MI300A"))
    assert sensor.channels[0].kind == "board"


def test_devices_without_a_uuid_of_their_own_are_known_by_their_place(machine):
    sensor, _ = machine(ONE, TWO._replace(uuid=ONE.uuid))
    assert [channel.device for channel in sensor.channels] == [f"amdgpu-{ONE.bdf}", f"amdgpu-{TWO.bdf}"]


# -- what a program sees ---------------------------------------------------------------------------------------------

BOARDS = [Board(f"GPU-aa0000000000000{number}", "") for number in range(4)]


@pytest.mark.parametrize(
    ("rocr", "hip", "seen"),
    [
        (None, None, {0, 1, 2, 3}),
        ("0,2", None, {0, 2}),
        ("GPU-aa00000000000003,1", None, {1, 3}),
        ("", None, set()),
        ("1,9,2", None, {1}),
        (None, "3", {3}),
        (None, "-1", set()),
        ("3,1", "0", {3}),
        ("2,3", "1,2", {3}),
    ],
)
def test_what_a_program_sees(rocr, hip, seen):
    assert set(range(4)) - hidden_by(BOARDS, RocmVisible(rocr, hip)).keys() == seen


def test_gpus_that_the_program_cannot_see_are_not_read_and_named(machine):
    sensor, _ = machine(ONE, TWO, visible=RocmVisible("1"))
    assert [channel.device for channel in sensor.channels] == [TWO.uuid]
    assert left_out(sensor) == {f"{ONE.name} {ONE.bdf}": "ROCR_VISIBLE_DEVICES=1 hides it"}
    with pytest.raises(SensorUnavailable, match="HIP_VISIBLE_DEVICES='' hides it"):
        machine(ONE, visible=RocmVisible(None, ""))


def test_numbers_are_those_of_hip_and_not_of_the_bus(machine):
    sensor, _ = machine(ONE._replace(hip_id=1), TWO._replace(hip_id=0), visible=RocmVisible("0"))
    assert [channel.device for channel in sensor.channels] == [TWO.uuid]


# -- what goes wrong -------------------------------------------------------------------------------------------------


def test_lost_gpu_costs_its_own_readings_and_is_asked_again_ever_less_often(machine, clock):
    start = clock.now + SECOND
    sensor, _ = machine(ONE._replace(troubles=(AmdTrouble("lost", start, start + 5 * SECOND),)), TWO)
    clock.advance(2 * SECOND)
    first, second = raws(sensor)
    assert (first, type(second)) == (None, int)
    for _ in range(100):
        clock.advance(SECOND // 10)
        first, _ = raws(sensor)
    assert type(first) is int
    assert [note.rpartition(":")[2].strip() for note in sensor.notes] == [
        "AMDSMI_STATUS_NOT_FOUND - Device Not found; it is tried again",
        "00.0 is read again",
    ]


def test_right_that_is_taken_away_is_said_in_the_reading(machine, clock):
    sensor, _ = machine(ONE._replace(troubles=(AmdTrouble("denied", clock.now + SECOND),)))
    clock.advance(2 * SECOND)
    assert raws(sensor) == [DENIED]


def test_reset_of_the_accumulator_is_a_gap_and_no_energy(machine, clock):
    sensor, _ = machine(ONE._replace(troubles=(AmdTrouble("reset", clock.now + 5 * SECOND),)))
    rows = []
    for _ in range(100):
        rows += [(reading.t_ns, reading.raw) for reading in sensor.read()]
        clock.advance(SECOND // 10)
    track = integrate(sensor.channels[0], rows)
    assert track.gaps
    assert 3_900_000_000 * 0.95 < track.uj[-1] - track.uj[0] <= 4_000_000_000


@pytest.mark.parametrize(("number", "kind"), [(10, SensorDenied), (34, SensorError)])
def test_library_that_does_not_open_says_why(machine, number, kind):
    with pytest.raises(kind) as caught:
        machine(fails=number)
    assert caught.value.remedy


def test_refusal_of_every_gpu_is_denied_with_the_remedy(machine):
    with pytest.raises(SensorDenied, match="Permission Denied") as caught:
        machine(ONE._replace(troubles=(AmdTrouble("denied"),)))
    assert "usermod -aG render,video" in caught.value.remedy


def test_gpu_that_hangs_is_left_out_and_the_others_go_on():
    clock = VirtualClock()
    smi = FakeAmdSmi((ONE._replace(troubles=(AmdTrouble("hang", clock.now + SECOND),)), TWO), clock)
    sensor = AmdGpu(None, clock, smi, lambda seconds: clock.advance(round(seconds * SECOND)))
    detached = Detached(lambda: sensor, "amdgpu", clock, Patience(late_s=0.5))
    clock.advance(2 * SECOND)
    found = set()
    for _ in range(50):
        found |= {(reading.channel, type(reading.raw)) for reading in detached.read()}
        clock.advance(SECOND // 5)
    smi.release()
    detached.close()
    assert (1, int) in found
    assert (0, int) not in found
    assert any("no answer" in note for note in detached.notes)


def test_library_is_given_back_once(machine):
    sensor, smi = machine()
    sensor.close()
    sensor.close()
    assert smi.open == 0
    with pytest.raises(SensorUnavailable, match="closed"):
        sensor.read()


# -- the binding -----------------------------------------------------------------------------------------------------


def test_binding_that_is_not_installed_is_unavailable_with_the_remedy(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SensorUnavailable, match="not installed") as caught:
        AmdGpu()
    assert "pip install amdsmi" in caught.value.remedy


def test_binding_without_its_library_is_not_imported_for_it_prints(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: ModuleSpec(name, None))
    monkeypatch.setattr(builtins, "print", lambda *words: pytest.fail("printed"))
    monkeypatch.setenv("ROCM_PATH", "/nonexistent")
    with pytest.raises((SensorUnavailable, SensorError)) as caught:
        AmdGpu()
    assert caught.value.remedy


@pytest.mark.parametrize("error", [KeyError("libamd_smi.so"), OSError("libdrm"), AttributeError("amdsmi_new")])
def test_binding_that_fails_on_import_is_a_reason_and_not_a_crash(monkeypatch, tmp_path, error):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/libamd_smi.so").write_text("")

    def failing(name):
        raise error

    monkeypatch.setattr("importlib.util.find_spec", lambda name: ModuleSpec(name, None))
    monkeypatch.setattr(amdgpu, "import_module", failing)
    monkeypatch.setenv("ROCM_PATH", str(tmp_path))
    with pytest.raises(SensorError, match=type(error).__name__):
        AmdGpu()


def test_run_on_amd_gpus_is_booked_by_uuid(tmp_path):
    env = {"JOULEBOOK_HOME": str(tmp_path / "book"), "PATH": "/usr/bin:/bin", "ROCR_VISIBLE_DEVICES": "0"}
    env |= {"JOULEBOOK_SENSORS": "joulebook.testing.amdgpu:FakeAmdGpus", "XDG_CONFIG_HOME": str(tmp_path)}
    account = tmp_path / "a.json"
    command = [sys.executable, "-m", "joulebook", "run", "--json", str(account), "--", "sleep", "0.5"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    lines = [line for line in json.loads(account.read_text())["lines"] if line["kind"] == "it_energy"]
    assert {line["device"] for line in lines} == {"21ff74a1-0000-1000-80aa-000000000001"}
    assert all(line["device_kind"] == "gpu" for line in lines)
