"""NVIDIA GPUs on a fake NVML of known truth: ways to read, scopes, slices, losses, and a real run."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time

import pytest

from joulebook.errors import SensorDenied, SensorError, SensorUnavailable
from joulebook.meter.curve import Curve
from joulebook.meter.integrate import integrate
from joulebook.meter.poller import Poller
from joulebook.meter.timeline import Timeline
from joulebook.sensors.base import COUNTER, POWER
from joulebook.sensors.cuda_visible import Visible
from joulebook.sensors.detached import Detached, Patience
from joulebook.sensors.nvml import Nvml
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import SECOND, Load
from joulebook.testing.nvml import A40, A100, GH200, H100, P100, FakeGpu, FakeNvml, MigSlice, NVMLError, Trouble

MS = 1_000_000
UUID = "GPU-{0}{0}{0}{0}{0}{0}{0}{0}-0000-0000-0000-000000000000"
HALVES = (MigSlice("MIG-aaaa", 3), MigSlice("MIG-bbbb", 2))


def gpu(number=0, **fields):
    return FakeGpu(uuid=UUID.format(number), **fields)


@pytest.fixture
def open_nvml(clock):
    """Opens the sensor on a fake machine; both are returned, and closed after the test."""
    opened = []

    def make(*gpus, visible=None, **machine):
        library = FakeNvml(gpus or (gpu(),), clock, **machine)
        sensor = Nvml(Visible(visible) if isinstance(visible, str) else visible, clock, library)
        opened.append((library, sensor))
        return library, sensor

    yield make
    for library, sensor in opened:
        library.release()
        sensor.close()
        assert library.open == 0


def raws(sensor):
    return [reading.raw for reading in sensor.read()]


class TestCounter(SensorContract):
    def make_sensor(self, clock):
        return Nvml(Visible(), clock, FakeNvml([gpu(0), gpu(1, counter_ns=20 * MS)], clock))


class TestPower(SensorContract):
    def make_sensor(self, clock):
        return Nvml(Visible(), clock, FakeNvml([gpu(0, counter_ns=0), gpu(1, counter_ns=0, fields=False)], clock))


class TestDetachedNvml(SensorContract):
    def make_sensor(self, clock):
        library = FakeNvml([gpu(0), gpu(1, slices=HALVES)], clock)
        return Detached(lambda: Nvml(Visible(), clock, library), "nvml", clock, Patience(prompt_s=5, last_s=5))


# -- the fake is like the original --------------------------------------------------------------------------------


def test_names_and_numbers_of_the_fake_are_those_of_the_binding():
    pynvml = pytest.importorskip("pynvml")
    names = [name for name in vars(FakeNvml) if name.startswith(("nvml", "NVML_"))]
    assert len(names) > 30
    for name in names:
        theirs = getattr(pynvml, name)
        assert callable(theirs) if name.startswith("nvml") else getattr(FakeNvml, name) == theirs, name


def test_errors_of_the_fake_read_like_those_of_the_binding():
    pynvml = pytest.importorskip("pynvml")
    for name, value in vars(FakeNvml).items():
        if name.startswith("NVML_ERROR_") and name != "NVML_ERROR_NO_DATA":
            assert str(NVMLError(value)) == str(pynvml.NVMLError(value)), name


# -- ways to read a board ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("board", "machine", "form", "method"),
    [
        ({}, {}, COUNTER, "NVML energy counter"),
        ({"counter_ns": 0}, {}, POWER, "of the instant, read at random instants; on A100 and H100 the sensor sees"),
        ({"counter_ns": 0, "name": A100, "architecture": 7}, {}, POWER, "a quarter of the time"),
        ({"counter_ns": 0, "fields": False}, {}, POWER, "an average over 1 s"),
        ({"counter_ns": 0, "fields": False, "name": A100, "architecture": 7}, {}, POWER, "of the instant"),
        ({"counter_ns": 0, "name": A40, "architecture": 7}, {}, POWER, "NVML power of the instant, read at random"),
        ({"counter_ns": 0, "fields": False, "name": P100, "architecture": 4}, {}, POWER, "of the instant"),
        ({}, {"missing": ["nvmlDeviceGetTotalEnergyConsumption"]}, POWER, "of the instant"),
        (
            {},
            {"missing": ["nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetFieldValues"]},
            POWER,
            "an average over 1 s",
        ),
        ({"offset_uj": 0, "load": Load.constant(0.0)}, {}, POWER, "of the instant"),
    ],
)
def test_the_best_way_that_a_board_has(open_nvml, board, machine, form, method):
    _, sensor = open_nvml(gpu(**board), **machine)
    (channel,) = sensor.channels
    assert channel.form == form
    assert method in channel.method
    assert ("a quarter" in channel.method) == (
        form == POWER and "of the instant" in channel.method and channel.high > 1.05
    )
    assert channel.low < 1 < channel.high
    assert "arXiv:2312.02741" in channel.source
    assert (channel.device, channel.kind, channel.basis) == (UUID.format(0), "gpu", "measured")


def test_units_are_microjoules_and_microwatts(open_nvml, clock):
    library, sensor = open_nvml(gpu(0, counter_ns=MS), gpu(1, counter_ns=0, load=Load.constant(250.0)))
    start = raws(sensor)[0]
    clock.advance(10 * SECOND)
    energy, power = raws(sensor)
    assert energy - start == pytest.approx(library.truth_uj(clock.now - 10 * SECOND, clock.now), rel=1e-3)
    assert power == 250_000_000


@pytest.mark.parametrize("period_ms", [10, 20, 50, 100, 130])
@pytest.mark.parametrize("jitter_ms", [0, 2])
def test_update_period_is_found_within_a_tenth(open_nvml, clock, period_ms, jitter_ms):
    load = Load.square(90.0, 690.0, 0.31)
    _, sensor = open_nvml(gpu(counter_ns=period_ms * MS, jitter_ns=jitter_ms * MS, load=load))
    rows = metered(sensor, clock, 5)
    period = Curve(integrate(sensor.channels[0], rows)).period
    assert period.ns == pytest.approx(period_ms * MS, rel=0.1)


def metered(sensor, clock, seconds):
    """Readings of the first channel as the poller takes them."""
    poller = Poller([("nvml", sensor)], clock=clock, uniform=random.Random(3).random)
    poller.burst(clock.wait, moves=2)
    end = clock.now + int(seconds * SECOND)
    while clock.now < end:
        instant = poller.next_instant()
        clock.now = max(clock.now, instant)
        poller.read()
    poller.read_last()
    return list(zip(*poller.columns[0], strict=True))


@pytest.mark.parametrize(
    ("board", "tolerance"),
    [
        ({}, 0.005),
        ({"counter_ns": 20 * MS}, 0.002),
        ({"counter_ns": 100 * MS, "jitter_ns": 30 * MS}, 0.005),
        ({"counter_ns": 0, "name": A40, "seen_ns": 100 * MS}, 0.04),
        ({"counter_ns": 0, "fields": False}, 0.02),
        ({"counter_ns": 0, "name": P100, "architecture": 4, "fields": False, "power_ns": 20 * MS}, 0.04),
    ],
)
@pytest.mark.parametrize("period_s", [0.1, 0.37, 7.0])
def test_energy_of_a_minute_is_the_truth(open_nvml, clock, board, tolerance, period_s):
    library, sensor = open_nvml(gpu(load=Load.square(90.0, 690.0, period_s, 0.6), **board))
    rows = metered(sensor, clock, 60)
    track = integrate(sensor.channels[0], rows)
    start, end = rows[0][0], rows[-1][0]
    assert Timeline([track]).energy(start, end) == pytest.approx(library.truth_uj(start, end), rel=tolerance)


def test_part_time_sampling_of_a_load_in_phase_is_wrong_and_its_method_says_so(open_nvml, clock):
    library, sensor = open_nvml(gpu(counter_ns=0, load=Load([(75 * MS, 700 * 10**6), (25 * MS, 100 * 10**6)])))
    rows = metered(sensor, clock, 30)
    shown = integrate(sensor.channels[0], rows).uj[-1]
    assert shown < 0.3 * library.truth_uj(rows[0][0], rows[-1][0])
    assert "a quarter of the time" in sensor.channels[0].method


# -- which boards, and what they are -------------------------------------------------------------------------------


def test_gpus_are_known_by_uuid_whatever_their_order(open_nvml):
    _, one = open_nvml(gpu(0), gpu(1))
    _, other = open_nvml(gpu(1), gpu(0))
    assert {c.device: c for c in one.channels} == {c.device: c for c in other.channels}
    assert len({c.name for c in one.channels}) == 2


def test_gpus_that_the_program_cannot_see_are_not_read_and_named(open_nvml):
    library, sensor = open_nvml(gpu(0), gpu(1), gpu(2), visible="1")
    assert [c.device for c in sensor.channels] == [UUID.format(1)]
    assert [(s.zone, s.reason) for s in sensor.skipped] == [
        (f"{H100} GPU-00000000", "CUDA_VISIBLE_DEVICES=1 hides it"),
        (f"{H100} GPU-22222222", "CUDA_VISIBLE_DEVICES=1 hides it"),
    ]
    before = library.calls["nvmlDeviceGetTotalEnergyConsumption"]
    sensor.read()
    assert library.calls["nvmlDeviceGetTotalEnergyConsumption"] == before + 1


@pytest.mark.parametrize("value", ["", "-1", "9"])
def test_when_every_gpu_is_hidden_the_sensor_is_unavailable(open_nvml, value):
    with pytest.raises(SensorUnavailable, match="hides every GPU"):
        open_nvml(gpu(0), gpu(1), visible=value)


def test_unlike_gpus_by_number_are_all_counted_with_a_remark(open_nvml):
    _, sensor = open_nvml(gpu(0), gpu(1, name=A40), visible="0")
    assert len(sensor.channels) == 2
    assert "CUDA_DEVICE_ORDER" in sensor.skipped[0].remedy


def test_counter_of_a_whole_module_is_a_board_and_says_so(open_nvml):
    _, sensor = open_nvml(gpu(name=GH200, module_w=180.0, counts_module=True))
    (channel,) = sensor.channels
    assert (channel.kind, channel.form) == ("board", COUNTER)
    assert "whole module" in channel.method
    assert "zeus" in channel.source


def test_two_gpus_of_one_module_are_not_counted_by_a_counter_that_may_hold_both(open_nvml):
    _, sensor = open_nvml(
        *(gpu(n, name="NVIDIA GB200", architecture=10, module_w=500.0, counts_module=True) for n in range(2))
    )
    assert {(c.kind, c.form) for c in sensor.channels} == {("gpu", POWER)}
    assert raws(sensor) == [300_000_000, 300_000_000]
    assert "not known" in sensor.channels[0].method


def test_limit_follows_the_highest_power_limit(open_nvml):
    _, sensor = open_nvml(gpu(0, limit_w=72.0), gpu(1, limit_w=1_200.0))
    assert [c.limit_w for c in sensor.channels] == [144.0, 2_400.0]
    _, sensor = open_nvml(missing=["nvmlDeviceGetPowerManagementLimitConstraints"])
    assert sensor.channels[0].limit_w == 3_000.0


# -- slices ---------------------------------------------------------------------------------------------------------


def test_slice_is_a_declared_share_of_the_board_and_no_measurement(open_nvml):
    _, sensor = open_nvml(gpu(slices=HALVES), visible="MIG-bbbb")
    (channel,) = sensor.channels
    assert channel.share == 2 / 7
    assert channel.device == UUID.format(0)
    assert channel.basis == "modelled"
    assert channel.high * channel.share == pytest.approx(1.05)
    assert "2 of 7 slices" in channel.method
    assert "judgement" in channel.source


def test_two_slices_are_two_channels_with_one_reading_of_the_board(open_nvml):
    library, sensor = open_nvml(gpu(slices=HALVES), visible="MIG-aaaa,MIG-bbbb")
    assert [c.share for c in sensor.channels] == [3 / 7, 2 / 7]
    before = library.calls["nvmlDeviceGetTotalEnergyConsumption"]
    one, other = sensor.read()
    assert one.raw == other.raw
    assert library.calls["nvmlDeviceGetTotalEnergyConsumption"] == before + 1


def test_board_that_is_divided_and_seen_as_a_whole_says_so(open_nvml):
    _, sensor = open_nvml(gpu(slices=HALVES))
    (channel,) = sensor.channels
    assert (channel.share, channel.basis) == (1.0, "measured")
    assert "MIG" in channel.method


def test_only_slice_of_a_board_is_what_the_program_sees(open_nvml):
    _, sensor = open_nvml(gpu(slices=HALVES[:1], whole=4))
    assert sensor.channels[0].share == 3 / 4


def test_slice_of_unknown_size_counts_the_board_and_says_so(open_nvml):
    _, sensor = open_nvml(gpu(slices=HALVES), visible="MIG-aaaa", missing=["nvmlDeviceGetAttributes"])
    assert sensor.channels[0].share == 1.0
    assert "not known" in sensor.skipped[0].reason


def test_slices_that_are_configured_anew_end_their_channel(open_nvml, clock):
    library, sensor = open_nvml(gpu(slices=HALVES), visible="MIG-aaaa")
    assert raws(sensor) != [None]
    library.gpus[0] = library.gpus[0]._replace(slices=(MigSlice("MIG-cccc", 7),))
    clock.advance(11 * SECOND)
    assert raws(sensor) == [None]
    assert "Not Found" in sensor.notes[0]


# -- what goes wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kind", "remedy"),
    [
        (12, SensorUnavailable, "NVIDIA_DRIVER_CAPABILITIES"),
        (9, SensorUnavailable, "modprobe nvidia"),
        (18, SensorError, "reboot"),
        (4, SensorDenied, "/dev/nvidiactl"),
        (999, SensorError, "nvidia-smi"),
    ],
)
def test_driver_that_does_not_open_has_a_remedy(clock, value, kind, remedy):
    with pytest.raises(SensorError) as caught:
        Nvml(Visible(), clock, FakeNvml(clock=clock, fails=value))
    assert type(caught.value) is kind  # a driver that is there and fails is told by the account
    assert remedy in caught.value.remedy


def test_no_gpu_at_all(clock):
    library = FakeNvml([], clock)
    with pytest.raises(SensorUnavailable, match="shows no GPU"):
        Nvml(Visible(), clock, library)
    assert library.open == 0


def test_virtual_gpu_without_instruments_is_unknown_and_never_zero(open_nvml):
    blind = {"counter_ns": 0, "power": False, "virtual": True}
    with pytest.raises(SensorError, match="virtual GPU") as caught:
        open_nvml(gpu(**blind))
    assert "host" in caught.value.remedy
    _, sensor = open_nvml(gpu(0), gpu(1, **blind))
    assert len(sensor.channels) == 1
    assert "unknown" in sensor.skipped[0].reason
    assert sensor.notes[0].endswith("what it uses is unknown and not included")  # stands in the account of the run


def test_refused_gpu_is_denied_with_the_remedy(open_nvml):
    with pytest.raises(SensorDenied) as caught:
        open_nvml(gpu(troubles=(Trouble("denied"),)))
    assert "/dev/nvidia0" in caught.value.remedy


def test_refusal_in_the_middle_is_a_denied_reading(open_nvml, clock):
    later = clock.now + SECOND
    _, sensor = open_nvml(gpu(troubles=(Trouble("denied", later),)))
    clock.advance(2 * SECOND)
    assert raws(sensor) == ["denied"]


def test_lost_gpu_costs_its_own_readings_and_is_asked_again_ever_less_often(open_nvml, clock):
    began = clock.now
    library, sensor = open_nvml(
        gpu(0, troubles=(Trouble("lost", began + SECOND, began + 200 * SECOND),)), gpu(1, counter_ns=MS)
    )
    tries, values = [], []
    for _ in range(2_500):
        clock.advance(SECOND // 10)
        before = library.calls.get("nvmlDeviceGetHandleByUUID", 0)
        values.append(raws(sensor))
        if library.calls.get("nvmlDeviceGetHandleByUUID", 0) > before:
            tries.append((clock.now - began) // SECOND)
    assert tries == [2, 4, 8, 16, 32, 64, 124, 184, 244]
    assert all(value[1] is not None for value in values)
    assert values[-1][0] is not None
    assert [note.partition(": ")[2] or note for note in sensor.notes] == [
        "GPU is lost; it is tried again",
        f"{H100} GPU-00000000 is read again",
    ]


def test_reset_of_the_counter_is_a_gap_and_no_energy(open_nvml, clock):
    at = clock.now + 30 * SECOND + 7 * MS
    library, sensor = open_nvml(gpu(troubles=(Trouble("reset", at),)))
    rows = metered(sensor, clock, 60)
    track = integrate(sensor.channels[0], rows)
    assert [gap.reason for gap in track.gaps] == ["reset"]
    truth = library.truth_uj(rows[0][0], at) + library.truth_uj(at, rows[-1][0])
    assert track.uj[-1] == pytest.approx(60 * 300e6, rel=0.02)
    assert truth != 0


def test_driver_that_is_loaded_anew_is_opened_again(open_nvml, clock):
    library, sensor = open_nvml()
    library.loaded, library.open = False, 0
    assert raws(sensor) == [None]
    library.loaded = True
    clock.advance(2 * SECOND)
    assert raws(sensor) != [None]
    assert library.open == 1


def test_board_that_hangs_is_left_out_and_the_others_go_on(clock):
    began = clock.now
    library = FakeNvml([gpu(0, troubles=(Trouble("hang", began + SECOND),)), gpu(1, counter_ns=MS)], clock)
    sensor = Detached(lambda: Nvml(Visible(), clock, library), "nvml", clock, Patience(prompt_s=0.2, last_s=0.2))
    assert None not in raws(sensor)
    clock.advance(2 * SECOND)
    assert raws(sensor) == []
    clock.advance(3 * SECOND)
    sensor.read()
    sensor._patience = Patience(prompt_s=5.0)
    for _ in range(5):
        clock.advance(SECOND)
        found = raws(sensor)
    assert [raw is None for raw in found] == [True, False]
    assert sensor.notes == ["nvml: no answer for 2 s; the run goes on without what hangs"]
    library.release()
    for _ in range(500):
        time.sleep(0.01)
        clock.advance(MS)
        if (found := raws(sensor)) and None not in found:
            break
    assert None not in found
    assert sensor.notes[1:] == ["nvml: answers again"]
    sensor.close()


# -- a real run -----------------------------------------------------------------------------------------------------


@pytest.fixture
def joulebook(tmp_path):
    """Runs `joulebook ARGS` with the fake machine of two GPUs and a book of its own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("JOULEBOOK_", "CUDA_"))}

    def run(*args, **more):
        env = kept | {"JOULEBOOK_HOME": str(tmp_path), "JOULEBOOK_SENSORS": "joulebook.testing.nvml:FakeGpus"} | more
        command = [sys.executable, "-m", "joulebook", *args]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)

    return run


def test_run_on_a_fake_machine_has_its_gpus_measured(joulebook, tmp_path):
    done = joulebook(
        "run", "--json", str(tmp_path / "a.json"), "--", sys.executable, "-c", "import time; time.sleep(1.5)"
    )
    assert done.returncode == 0, done.stderr
    account = json.loads((tmp_path / "a.json").read_text())
    assert account["it_energy"]["basis"] == "measured"
    lines = [line for line in account["lines"] if line["kind"] == "it_energy" and not line["span"]]
    assert {line["device"]: line["device_kind"] for line in lines} == {
        "GPU-00000000-0000-0000-0000-000000000000": "gpu",
        "GPU-11111111-1111-1111-1111-111111111111": "gpu",
    }
    watts = account["it_energy"]["value"] * 3.6e6 / (account["duration"]["value"] * 3600)
    assert 200 < watts < 700  # bursts of 650 W beside 120 W, and 32 W
    assert account["degraded"] == []


def test_run_that_sees_one_gpu_is_booked_one_gpu(joulebook, tmp_path):
    done = joulebook("run", "--json", str(tmp_path / "a.json"), "--", "sleep", "0.3", CUDA_VISIBLE_DEVICES="GPU-1")
    assert done.returncode == 0, done.stderr
    account = json.loads((tmp_path / "a.json").read_text())
    assert {line["device"][:5] for line in account["lines"] if line["kind"] == "it_energy"} == {"GPU-1"}


def test_doctor_names_what_is_read_and_what_is_hidden(joulebook):
    text = joulebook("doctor", CUDA_VISIBLE_DEVICES="GPU-1").stdout
    assert "NVIDIA A40 GPU-11111111 (NVML power of the instant" in text
    assert "without NVIDIA H100 80GB HBM3 GPU-00000000: CUDA_VISIBLE_DEVICES=GPU-1 hides it" in text
    assert "its counter" not in text


def test_doctor_finds_how_often_a_counter_is_updated(joulebook):
    assert re.search(
        r"updates +NVIDIA H100 80GB HBM3 GPU-00000000: its counter moves every \d+", joulebook("doctor").stdout
    )
    (update,) = json.loads(joulebook("doctor", "--json").stdout)["updates"]
    assert update["device"].startswith("GPU-0000")
    assert 60 < update["every_ms"] < 140  # of 100, on a machine that may be busy


def test_doctor_says_what_is_missing_where_there_is_no_driver(joulebook):
    text = joulebook("doctor", JOULEBOOK_SENSORS="nvml,ram_model").stdout
    if "no NVIDIA driver is loaded" in text:
        assert "sudo modprobe nvidia" in text


HANGING = """
from joulebook.sensors.base import boottime_ns
from joulebook.sensors.cuda_visible import Visible
from joulebook.sensors.nvml import Nvml
from joulebook.testing.nvml import FakeGpu, FakeNvml, Trouble

class Gpus(Nvml):
    def __init__(self):
        hangs = FakeGpu("GPU-0", troubles=(Trouble("hang", boottime_ns() + 500_000_000),))
        super().__init__(Visible(), library=FakeNvml([hangs, FakeGpu("GPU-1")]))
"""


def test_run_with_a_gpu_that_hangs_ends_as_it_would_and_says_so(joulebook, tmp_path):
    (tmp_path / "hanging.py").write_text(HANGING)
    began = time.monotonic()
    done = joulebook(
        "run", "--json", str(tmp_path / "a.json"), "--", "sleep", "3.2",
        JOULEBOOK_SENSORS="hanging:Gpus", PYTHONPATH=str(tmp_path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 20
    account = json.loads((tmp_path / "a.json").read_text())
    assert [text.partition("; ")[0] for text in account["degraded"]] == ["hanging:Gpus: no answer for 2 s"]
    coverage = {line["device"]: line["coverage"] for line in account["lines"] if line["kind"] == "it_energy"}
    assert coverage["GPU-0"] < 0.5 < coverage["GPU-1"]
