"""GPUs among runs: who sees one claims it, by process where that is known; slices have their declared part."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from joulebook.ledger.recording import Recording
from joulebook.meter.claimed import Scene
from joulebook.meter.device_use import DeviceUse, rows_of
from joulebook.sensors.base import Channel
from joulebook.sensors.nvml_uses import Use, Uses, process_ids_are_ours
from joulebook.testing.fake import SECOND, VirtualClock
from joulebook.testing.nvml import FakeGpu, FakeNvml

CPU = Channel("package-0", "cpu-0", "cpu", period_ns=1_000_000)
ONE, TWO = Channel("H100 GPU-1", "GPU-1", "gpu"), Channel("H100 GPU-2", "GPU-2", "gpu")
SLICE = Channel("A100 GPU-3 MIG-a", "GPU-3", "gpu", basis="modelled", share=2 / 7)
WATTS = 100


def recording(run, *channels, share="machine", events=(), parent="", seconds=10):
    """A run that read these channels at 10 Hz, each at 100 W."""
    head = {
        "run": run, "boot_id": "b", "wall_ns": 10**18, "boot_ns": 10**12, "share": share, "parent": parent,
        "channels": [channel._asdict() for channel in channels], "sensors": [], "labels": {}, "config": {},
    }  # fmt: skip
    made = Recording(f"r-{run}", head)
    for at in range(len(channels)):
        for step in range(seconds * 10 + 1):
            made.t[at].append(10**12 + step * SECOND // 10)
            made.raw[at].append(step * WATTS * 100_000)
    made.first_ns, made.last_ns = 10**12, 10**12 + seconds * SECOND
    made.events.extend(events)
    return made


def joules(run, *others):
    scene = Scene([run], [[other] for other in others])
    return {line.channel.name: share.energy(*scene.window) / 1e6 for line, share in scene.claimed if share is not None}


def used(device, part, seconds=10):
    return [(10**12 + s * SECOND, "u", [device, int(s * part * 1e6), s * 1_000_000]) for s in range(seconds + 1)]


def test_a_gpu_belongs_to_the_runs_that_see_it_and_the_machine_to_all():
    one, two = recording("a", CPU, ONE), recording("b", CPU, TWO)
    assert joules(one, two) == {"package-0": 500, "H100 GPU-1": 1000}
    assert joules(two, one) == {"package-0": 500, "H100 GPU-2": 1000}
    both = recording("c", ONE, TWO)
    assert joules(both, one) == {"H100 GPU-1": 500, "H100 GPU-2": 1000}


def test_a_run_inside_another_one_takes_no_gpu_from_it():
    outer, inner = recording("a", ONE, TWO), recording("b", ONE, parent="a")
    assert joules(outer, inner) == {"H100 GPU-1": 1000, "H100 GPU-2": 1000}
    assert joules(inner, outer) == {"H100 GPU-1": 1000}


def test_by_process_a_gpu_is_divided_by_its_use_and_not_by_processor_time():
    one = recording("a", ONE, share="process", events=used("GPU-1", 0.75))
    two = recording("b", ONE, share="process", events=used("GPU-1", 0.2))
    assert joules(one, two)["H100 GPU-1"] == pytest.approx(750, abs=0.001)
    assert joules(two, one)["H100 GPU-1"] == pytest.approx(200, abs=0.001)


def test_by_process_a_gpu_whose_use_is_not_known_is_shared_alike():
    one, two = recording("a", ONE, share="process"), recording("b", ONE, share="process")
    assert joules(one) == {"H100 GPU-1": 1000}
    assert joules(one, two) == {"H100 GPU-1": 500}
    known = recording("c", ONE, share="process", events=used("GPU-1", 0.5))
    assert joules(known, one)["H100 GPU-1"] == pytest.approx(500, abs=0.001)


def test_a_slice_has_its_declared_part_and_slices_never_exceed_the_board():
    assert joules(recording("a", SLICE))[SLICE.name] == pytest.approx(1000 * 2 / 7, abs=0.001)
    twins = [recording(name, SLICE) for name in "ab"]
    assert joules(*twins)[SLICE.name] == pytest.approx(1000 / 7, abs=0.001)
    rest = SLICE._replace(name="A100 GPU-3 MIG-b", share=5 / 7)
    assert sum(joules(recording("a", SLICE, rest)).values()) == pytest.approx(1000, abs=0.001)


@pytest.mark.parametrize("share", [0.0, -1.0, 1.5, "half", None, float("nan"), True])
def test_a_share_that_cannot_be_is_no_channel(share):
    made = recording("a", ONE)
    made.head["channels"][0]["share"] = share
    assert joules(Recording("r", made.head)) == {}


# -- who uses a GPU -------------------------------------------------------------------------------------------------


def test_uses_add_up_to_rows_that_survive_a_journal():
    use = DeviceUse(lambda: [7, 8])
    steps = [{7: 60.0, 9: 20.0}, {7: 60.0, 9: 20.0}, {9: 50.0}, {}, {8: 1.0, 9: 1.0}]
    events = use.events([Use("GPU-1", at * SECOND, weights) for at, weights in enumerate(steps)])
    assert rows_of(json.loads(json.dumps(events))) == {
        "GPU-1": (
            (0, 0, 0),
            (SECOND, 750_000, 1_000_000),
            (2 * SECOND, 750_000, 2_000_000),
            (3 * SECOND, 750_000, 3_000_000),
            (4 * SECOND, 1_250_000, 4_000_000),
        )
    }


@pytest.mark.parametrize("payload", [None, [], ["GPU-1"], ["GPU-1", "a", 2], [1, 2, 3], {"GPU-1": 1}, ["G", 1.5, 2]])
def test_rows_that_are_none_are_left_out(payload):
    assert rows_of([(1, "u", payload), (2, "+", ["G", 1, 2])]) == {}


@pytest.fixture
def ours(monkeypatch):
    monkeypatch.setattr("joulebook.sensors.nvml_uses.process_ids_are_ours", lambda: True)


def ask(*gpus, **machine):
    clock = VirtualClock()
    library = FakeNvml(gpus, clock, **machine)
    library.nvmlInit()
    uses = Uses(library)
    return uses, uses.of("GPU-1", library.nvmlDeviceGetHandleByIndex(0), clock.now)


def test_who_computes_counts_by_utilisation_and_who_only_holds_alike(ours):
    assert ask(FakeGpu(processes=((7, 60), (9, 20))))[1].weights == {7: 60, 9: 20}
    assert ask(FakeGpu(processes=((7, 0), (9, 0))))[1].weights == {7: 1, 9: 1}
    assert ask(FakeGpu(processes=((7, 5), (9, 9))), missing=["nvmlDeviceGetProcessUtilization"])[1].weights == {
        7: 1,
        9: 1,
    }
    assert ask(FakeGpu())[1].weights == {}


def test_what_cannot_be_known_has_a_reason(ours, monkeypatch):
    uses, use = ask(FakeGpu(), missing=["nvmlDeviceGetComputeRunningProcesses"])
    assert (use, uses.why_not) == (None, {"GPU-1": "Function Not Found"})
    monkeypatch.setattr("joulebook.sensors.nvml_uses.process_ids_are_ours", lambda: False)
    uses, use = ask(FakeGpu())
    assert (use, uses.why_not) == (None, {"GPU-1": "this container has process ids of its own"})


def test_process_ids_of_a_container_are_told_from_those_of_the_machine(tmp_path):
    for name, target in (("host", "pid:[4026531836]"), ("container", "pid:[4026532790]")):
        (tmp_path / name).symlink_to(target)
        assert process_ids_are_ours(str(tmp_path / name)) == (name == "host")
    assert not process_ids_are_ours(str(tmp_path / "none"))


def test_real_run_by_process_says_how_its_gpu_was_divided(tmp_path):
    env = {key: value for key, value in os.environ.items() if not key.startswith(("JOULEBOOK_", "CUDA_"))}
    env |= {"JOULEBOOK_HOME": str(tmp_path), "JOULEBOOK_SENSORS": "joulebook.testing.nvml:FakeGpus"}
    command = [sys.executable, "-m", "joulebook", "run", "--share", "process", "--json", str(tmp_path / "a.json")]
    done = subprocess.run([*command, "--", "sleep", "2.5"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    account = json.loads((tmp_path / "a.json").read_text())
    lines = [line for line in account["lines"] if line["kind"] == "it_energy" and not line["span"]]
    seconds = account["duration"]["value"] * 3600
    watts = {line["device"][4]: line["energy_uj"] / 1e6 / seconds for line in lines}
    if process_ids_are_ours():
        assert account["degraded"] == []
        assert 250 < watts["0"] < 420  # three quarters of 438 W
        assert watts["1"] == 0  # nobody holds it
    else:
        assert "process ids of its own" in account["degraded"][0]
