"""Apple silicon on a fake of IOReport, and what the rest of the package does on a Mac, as far as it shows without one."""

from __future__ import annotations

import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from joulebook.errors import SensorUnavailable
from joulebook.sensors.apple import Apple, _IOReport
from joulebook.sensors.base import COUNTER, boottime_clock
from joulebook.sensors.darwin import Mac, boot_session, read_mac
from joulebook.sensors.host import host_of
from joulebook.testing.apple import M1_MAX, ULTRA, FakeMac, FakeReports
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import SECOND


class TestContract(SensorContract):
    def make_sensor(self, clock):
        return Apple(clock, FakeReports(clock=clock))


class TestContractThroughTheLibraries(SensorContract):
    def make_sensor(self, clock):
        return Apple(clock, _IOReport(FakeMac(FakeReports(clock=clock)).libraries))


def energies(sensor):
    return {channel.device: reading.raw for channel, reading in zip(sensor.channels, sensor.read(), strict=True)}


def test_parts_of_the_chip_and_their_units(clock):
    sensor = Apple(clock, FakeReports(clock=clock))
    assert [(c.device, c.kind, c.form, c.basis, c.within) for c in sensor.channels] == [
        ("cpu-0", "cpu", COUNTER, "modelled", ""),
        ("gpu-0", "gpu", COUNTER, "modelled", ""),
        ("ane-0", "other", COUNTER, "modelled", ""),
        ("dram-0", "dram", COUNTER, "modelled", ""),
    ]
    clock.advance(100 * SECOND)
    assert energies(sensor) == {
        "cpu-0": 2_200 * 10**6,
        "gpu-0": 3_100 * 10**6,
        "ane-0": 300 * 10**6,
        "dram-0": 500 * 10**6,
    }


def test_dies_of_an_ultra_are_added_once(clock):
    sensor = Apple(clock, FakeReports(ULTRA, clock))
    clock.advance(100 * SECOND)
    assert energies(sensor) == {
        "cpu-0": 3_500 * 10**6,
        "gpu-0": 6_000 * 10**6,
        "ane-0": 300 * 10**6,
        "dram-0": 900 * 10**6,
    }


def test_counter_of_the_whole_goes_before_those_of_dies(clock):
    both = {"CPU Energy": ("mJ", 35.0), "DIE_0_CPU Energy": ("mJ", 20.0), "DIE_1_CPU Energy": ("mJ", 15.0)}
    sensor = Apple(clock, FakeReports(both, clock))
    clock.advance(10 * SECOND)
    assert energies(sensor) == {"cpu-0": 350 * 10**6}


def test_unit_that_nobody_knows_is_named_and_not_read(clock):
    sensor = Apple(clock, FakeReports({**M1_MAX, "CPU Energy": ("kcal", 1.0)}, clock))
    assert "cpu-0" not in energies(sensor)
    assert [(one.zone, one.reason) for one in sensor.skipped] == [("CPU Energy", "its unit is not known: 'kcal'")]


def test_counter_that_vanishes_is_none(clock):
    reports = FakeReports(clock=clock)
    sensor = Apple(clock, reports)
    del reports.counters["GPU Energy"]
    assert energies(sensor)["gpu-0"] is None


def test_silence_is_an_error_of_the_call_and_ends(clock):
    reports = FakeReports(clock=clock)
    sensor = Apple(clock, reports)
    reports.silent = True
    with pytest.raises(OSError, match="no sample"):
        sensor.read()
    reports.silent = False
    assert all(type(raw) is int for raw in energies(sensor).values())
    reports.silent = True
    with pytest.raises(SensorUnavailable, match="does not answer"):
        Apple(clock, reports)


def test_mac_without_the_counters_is_a_reason(clock):
    for counters in ({}, {"DISP": ("mJ", 1.0), "EACC_CPU": ("mJ", 1.0)}):
        with pytest.raises(SensorUnavailable, match="an Intel Mac, or a virtual machine"):
            Apple(clock, FakeReports(counters, clock))
    mac = FakeMac(FakeReports(clock=clock), group="")
    with pytest.raises(SensorUnavailable, match="has no group 'Energy Model'"):
        Apple(clock, _IOReport(mac.libraries))
    assert mac.alive == {}


def test_libraries_that_lack_a_function_are_a_reason():
    with pytest.raises(SensorUnavailable, match="cannot be loaded"):
        _IOReport((object(), object()))


@pytest.mark.skipif(sys.platform == "darwin", reason="this is a Mac")
def test_elsewhere_it_is_no_mac():
    with pytest.raises(SensorUnavailable, match="this is no Mac"):
        Apple()


def test_nothing_is_left_alive(clock):
    mac = FakeMac(FakeReports(clock=clock))
    sensor = Apple(clock, _IOReport(mac.libraries))
    held = len(mac.alive)
    for _ in range(50):
        sensor.read()
    assert len(mac.alive) == held
    mac.reports.silent = True
    with pytest.raises(OSError, match="no sample"):
        sensor.read()
    sensor.close()
    sensor.close()
    assert mac.alive == {}


# -- the rest of the package on a Mac --------------------------------------------------------------------------

SAID = {
    "machdep.cpu.brand_string": b"Apple M1 Max\0",
    "hw.logicalcpu": (10).to_bytes(4, "little"),
    "hw.memsize": (64 * 2**30).to_bytes(8, "little"),
    "kern.hv_vmm_present": (0).to_bytes(4, "little"),
    "kern.bootsessionuuid": b"9C2C7F2B-0000-4000-8000-0123456789AB\0",
    "kern.boottime": (1_700_000_000).to_bytes(8, "little") + bytes(8),
}


def test_what_a_mac_says_of_itself():
    mac = read_mac(lambda name: SAID.get(name, b""))
    assert mac == Mac("Apple M1 Max", 10, 64 * 2**30, virtual=False, boot_id="9c2c7f2b-0000-4000-8000-0123456789ab")
    host = host_of(mac)
    assert (host.model, host.vendor, host.logical_cpus, host.memory_bytes) == ("Apple M1 Max", "Apple", 10, 64 * 2**30)


def test_boot_without_a_name_is_known_by_its_beginning():
    assert boot_session(lambda name: SAID[name] if name == "kern.boottime" else b"") == "boot-1700000000"
    assert boot_session(lambda name: b"") == ""
    assert read_mac(lambda name: b"") == Mac()


def test_clock_goes_on_while_a_mac_sleeps():
    raw = getattr(time, "CLOCK_MONOTONIC_RAW", None)
    if raw is None:
        pytest.skip("this system has no such clock")
    clock = boottime_clock(SimpleNamespace(CLOCK_MONOTONIC_RAW=raw))
    assert clock.args == (raw,)
    assert clock() <= clock()
    assert boottime_clock(SimpleNamespace()) is time.monotonic_ns


PRETEND = """
import os, sys, time
sys.platform = "darwin"
real = os.open
def elsewhere(path, *rest, **more):
    if str(path).startswith(("/proc", "/sys")):
        raise FileNotFoundError(2, "No such file or directory", path)
    return real(path, *rest, **more)
os.open = elsewhere
for name in ("CLOCK_BOOTTIME", "fdatasync", "sched_getaffinity"):
    for module in (time, os):
        if hasattr(module, name):
            delattr(module, name)
os.access = (lambda access: lambda path, mode: not str(path).startswith(("/proc", "/sys")) and access(path, mode))(os.access)
import joulebook as jb
with jb.track("on-a-mac") as run:
    with run.stage("work"):
        time.sleep(0.3)
print(sorted(line.device for line in run.statement.of_kind("it_energy", "")), run.degraded, run.statement.hardware)
print(run.statement.it_energy.value > 1, run.notices)
"""


@pytest.mark.skipif(sys.platform == "darwin", reason="pretends to be a Mac")
@pytest.mark.parametrize("share", ["machine", "process"])
def test_a_run_on_a_pretended_mac_is_recorded(tmp_path, share):
    env = {
        "HOME": str(tmp_path), "JOULEBOOK_HOME": str(tmp_path / "book"), "PATH": "/usr/bin:/bin", "JOULEBOOK_SHARE": share,
        "JOULEBOOK_SENSORS": "joulebook.testing.apple:FakeApple",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", PRETEND], env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "['ane-0', 'cpu-0', 'dram-0', 'gpu-0'] []" in done.stdout
    told = ["--share process: this system does not tell the CPU time of the machine; the run has all of it"]
    assert done.stdout.endswith(f"True {told if share == 'process' else []}\n")
    assert "Traceback" not in done.stderr
