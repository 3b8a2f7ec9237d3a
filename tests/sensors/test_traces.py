"""Recorded readings of GPUs, replayed: every file of traces/, and the script that records them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from joulebook.testing.fake import SECOND
from joulebook.testing.trace import Row, Trace, agreement, read_trace, write_trace

ROOT = Path(__file__).parents[2]
TRACES = sorted((Path(__file__).parent / "traces").glob("*.json"))
FAKE = Path(__file__).parent / "traces/fake_h100.json"
SCRIPT = ROOT / "scripts/check_gpu.py"


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_counter_and_power_of_a_trace_agree_and_its_period_is_found(path):
    trace = read_trace(path)
    for kind, rows in trace.loads.items():
        found = agreement(rows)
        assert found.counter is not None
        assert 1 < found.counter < 3_000
        assert 0 < found.period.ns < 0.3 * SECOND
        if found.instant is not None and kind != "periodic":  # a load in phase with the sensor deceives it
            assert abs(found.instant - found.counter) <= 0.02 * found.counter + 3 * found.instant_se, kind


def test_fake_trace_shows_what_is_true_of_the_fake():
    trace = read_trace(FAKE)
    assert trace.fake
    powers = {kind: agreement(rows) for kind, rows in trace.loads.items()}
    assert powers["rest"].counter == pytest.approx(70, rel=0.02)
    assert powers["steady"].counter == pytest.approx(640, rel=0.02)
    assert powers["periodic"].counter == pytest.approx(240, rel=0.02)
    assert powers["periodic"].instant == pytest.approx(90, rel=0.1)  # 25 of 100 ms, in phase: 150 W are not seen
    assert all(one.period.ns == pytest.approx(0.1 * SECOND, rel=0.1) for one in powers.values())


def test_trace_comes_back_as_it_was_written(tmp_path):
    rows = [Row(0, 0, 5, None), Row(7, 9, 5, None)]
    write_trace(
        tmp_path / "t.json", Trace("x", "1", True, {"rest": [Row(r.t_ns + 5, 3 + r.counter_mj, 5, None) for r in rows]})
    )
    assert read_trace(tmp_path / "t.json") == Trace("x", "1", True, {"rest": rows})
    (tmp_path / "t.json").write_text('{"format": 2}')
    with pytest.raises(ValueError, match="format 2"):
        read_trace(tmp_path / "t.json")


def test_gpu_without_a_counter_has_power_only():
    found = agreement([Row(at, None, 5_000, None) for at in range(3)])
    assert (found.counter, found.instant, found.average) == (None, 5.0, None)


def test_script_runs_against_a_fake_and_prints_markdown(tmp_path):
    command = [sys.executable, SCRIPT, "--fake", "--seconds", "0.6", "--calls", "2", "--trace", tmp_path / "t.json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# NVIDIA H100 80GB HBM3 (a fake)")
    for words in ("| joulebook reads | gpu: NVML energy counter |", "| steady matrix products |", "exit code 0"):
        assert words in done.stdout
    assert set(read_trace(tmp_path / "t.json").loads) == {"rest", "steady", "bursty", "periodic"}


def test_script_without_a_gpu_says_what_is_missing():
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, timeout=60, check=False)
    if Path("/dev/nvidiactl").exists():
        pytest.skip("there is a GPU")
    assert done.returncode == 1
    assert done.stderr.startswith("no GPU can be read: NVML Shared Library Not Found")
