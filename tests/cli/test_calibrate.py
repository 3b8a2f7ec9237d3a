"""A wall meter beside a run, from the log to the line in the next run; the machine and the meter are fakes."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
import time
from pathlib import Path
from random import Random

import pytest

from joulebook.ledger.places import machine_facts
from joulebook.meter.wall.missing import DEVICE
from joulebook.sensors.machine_id import machine_subject
from joulebook.sensors.rapl import Rapl
from joulebook.testing.fake import Load, Script
from joulebook.testing.powercap import Zone, write_powercap_tree
from joulebook.testing.recorded import recorded

GAIN, OFFSET, LATE = 1.12, 23.0, 3.7
ZONES = (Zone("intel-rapl:0", "package-0", 40.0), Zone("intel-rapl:0:0", "dram", 8.0))
pytestmark = pytest.mark.skipif(not machine_subject(), reason="this machine has no id")


@pytest.fixture
def machine(environment, tmp_path):
    """A powercap tree, a recorded run of ten minutes on it, and the log of the meter; all from a virtual clock."""
    with write_powercap_tree(tmp_path / "powercap", ZONES):
        rapl = Rapl(str(tmp_path / "powercap"))
        channels = rapl.channels
        rapl.close()
    random = Random(1)
    load = Load.walk(random, 15, 95, 12.0, steps=60)
    scripts = [Script(load, channels[0]), Script(Load.constant(8), channels[1])]
    journal = recorded(scripts, 600.0, run="a3f9a3f9a3f9", host=os.uname().nodename)
    journal.write(environment()["JOULEBOOK_HOME"])
    begin, wall = journal.head["boot_ns"], journal.head["wall_ns"]
    lines = ["time,power_W"]
    for second in range(2, 598):
        if second % 50 == 0:
            continue
        t = begin + second * 10**9
        sensed = sum(script.true_uj(t) - script.true_uj(t - 10**9) for script in scripts) / 1e6
        lines.append(f"{wall / 1e9 + second - LATE:.3f},{OFFSET + GAIN * sensed + random.gauss(0, 0.8):.2f}")
    (tmp_path / "plug.csv").write_text("\n".join(lines) + "\n")
    return {"JOULEBOOK_POWERCAP_ROOT": str(tmp_path / "powercap"), "JOULEBOOK_SENSORS": "rapl"}


def calibrated(joulebook, tmp_path, machine, *options):
    done = joulebook("calibrate", "--meter", str(tmp_path / "plug.csv"), *options, env=machine)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def devices(joulebook, machine, tree, tmp_path):
    """The energies of the next run by device, in J, and its statement."""
    with tree.running():
        done = joulebook("run", "-q", "--json", str(tmp_path / "out.json"), "--", "sleep", "0.6", env=machine)
    assert done.returncode == 0
    statement = json.loads((tmp_path / "out.json").read_text())
    lines = [line for line in statement["lines"] if line["kind"] == "it_energy" and line["span"] == ""]
    return {line["device"]: line["energy_uj"] / 1e6 for line in lines}, statement


@pytest.fixture
def tree(machine, tmp_path):
    shutil.rmtree(tmp_path / "powercap")
    with write_powercap_tree(tmp_path / "powercap", ZONES) as tree:
        yield tree


def test_a_log_becomes_a_line_of_the_next_run_and_can_be_forgotten(joulebook, tmp_path, machine, tree):
    before, statement = devices(joulebook, machine, tree, tmp_path)
    assert set(before) == {"cpu-0", "dram-0"}
    assert "power supply losses, fans, disks" in statement["not_included"]

    found = json.loads(calibrated(joulebook, tmp_path, machine, "--run", "a3f9", "--json"))
    assert found["schema"] == "joulebook.calibration/1"
    assert found["gain"]["value"] == pytest.approx(GAIN, abs=0.01)
    assert found["offset"]["value"] == pytest.approx(OFFSET, abs=0.8)
    assert found["clock"]["offset_s"] == pytest.approx(LATE, abs=0.1)
    assert any("gaps" in note for note in found["notes"])

    after, statement = devices(joulebook, machine, tree, tmp_path)
    hours = statement["duration"]["value"]
    sensed = after["cpu-0"] + after["dram-0"]
    assert after[DEVICE] == pytest.approx((GAIN - 1) * sensed + OFFSET * hours * 3600, rel=0.05)
    assert statement["it_energy"]["value"] * 3.6e6 == pytest.approx(sum(after.values()), rel=1e-6)
    assert statement["it_energy"]["basis"] == "modelled"
    assert not [word for word in statement["not_included"] if "supply" in word]
    assert b"in use" in joulebook("doctor", env=machine).stdout

    old = json.loads(joulebook("show", "last~1", "--json", env=machine).stdout)
    assert DEVICE not in {line["device"] for line in old["lines"]}  # it is not priced anew

    assert b"forgotten" in joulebook("calibrate", "--forget", env=machine).stdout
    assert set(devices(joulebook, machine, tree, tmp_path)[0]) == {"cpu-0", "dram-0"}
    assert joulebook("calibrate", "--forget", env=machine).returncode == 2
    kept = json.loads(joulebook("show", "last~1", "--json", env=machine).stdout)
    assert DEVICE in {line["device"] for line in kept["lines"]}  # what was priced with it stays


def test_what_is_said_on_a_terminal(joulebook, tmp_path, machine):
    text = calibrated(joulebook, tmp_path, machine, "--dry-run", "--accuracy", "1")
    for words in ("gain", "offset", "aligned", "±1 %", "nothing (--dry-run)", "gaps"):
        assert words in text
    assert re.search(r"\+3\.[67]\d s ±0\.0\d* added to the meter's times", text), text
    assert b"none" in joulebook("doctor", env=machine).stdout.splitlines()[-1]
    calibrated(joulebook, tmp_path, machine)
    again = calibrated(joulebook, tmp_path, machine)
    assert "before" in again
    assert "undo" in again


def test_other_sensors_do_not_use_it_and_say_so(joulebook, tmp_path, machine, tree):
    calibrated(joulebook, tmp_path, machine, "--run", "a3f9")
    other = machine | {"JOULEBOOK_SENSORS": "rapl,ram_model,fake"}
    found, statement = devices(joulebook, other, tree, tmp_path)
    assert DEVICE not in found
    assert any("was made with other sensors" in text for text in statement["warnings"])
    assert b"not used" in joulebook("doctor", env=other).stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--offset", "5000"], "another time zone (--zone), another clock (--offset)?"),
        (["--unit", "kW"], "its name says W"),
        (["--column", "volts"], "there are: power_W"),
        (["--run", "ffff"], "no run 'ffff'"),
        (["--accuracy", "50"], "expected percent"),
        (["--offset", "soon"], "expected seconds"),
        (["--zone", "Mars"], "Europe/Paris"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_kept(joulebook, environment, tmp_path, machine, options, words):
    done = joulebook("calibrate", "--meter", str(tmp_path / "plug.csv"), *options, env=machine)
    assert done.returncode in (2, 4, 5)
    assert words in done.stderr.decode()
    assert not Path(machine_facts(environment(machine))).exists()


def test_a_run_of_another_host_is_refused(joulebook, environment, tmp_path, machine):
    journal = recorded(
        [Script(Load.constant(50), Rapl(machine["JOULEBOOK_POWERCAP_ROOT"]).channels[0])],
        60.0,
        seed=5,
        host="elsewhere",
    )
    journal.write(environment()["JOULEBOOK_HOME"])
    done = joulebook("calibrate", "--meter", str(tmp_path / "plug.csv"), "--run", journal.head["run"], env=machine)
    assert b"recorded on 'elsewhere'" in done.stderr


def test_a_damaged_file_of_facts_is_named_and_costs_no_run(joulebook, environment, tmp_path, machine, tree):
    calibrated(joulebook, tmp_path, machine, "--run", "a3f9")
    path = Path(machine_facts(environment(machine)))
    path.write_text(path.read_text() + "[[")
    found, statement = devices(joulebook, machine, tree, tmp_path)
    assert DEVICE not in found
    assert any("machine.toml" in text for text in statement["warnings"])
    assert b"machine.toml" in joulebook("doctor", env=machine).stdout


@pytest.mark.long
def test_a_real_run_beside_a_real_log(joulebook, tmp_path):
    """Everything in real time: a counter that grows, a meter that writes, a minute of load in steps."""
    env = {"JOULEBOOK_POWERCAP_ROOT": str(tmp_path / "live"), "JOULEBOOK_SENSORS": "rapl"}
    rows, ended = ["ts,W"], threading.Event()
    with write_powercap_tree(tmp_path / "live", ZONES[:1]) as tree:
        thread = threading.Thread(target=live_world, args=(tree.folder(ZONES[0]) / "energy_uj", rows, ended))
        thread.start()
        joulebook("run", "-q", "--", "sleep", "50", env=env)
        ended.set()
        thread.join()
    (tmp_path / "live.csv").write_text("\n".join(rows) + "\n")
    found = json.loads(joulebook("calibrate", "--meter", str(tmp_path / "live.csv"), "--json", env=env).stdout)
    assert found["gain"]["value"] == pytest.approx(GAIN, abs=0.05)
    assert found["offset"]["value"] == pytest.approx(OFFSET, abs=4)
    assert found["clock"]["offset_s"] == pytest.approx(LATE, abs=0.2)


def live_world(counter, rows, ended):
    """Let the counter grow with a load in steps, and write what a meter would show every second."""
    random, uj, joules = Random(2), 0.0, 0.0
    before = since = change = time.time()
    watts = 20.0
    descriptor = os.open(counter, os.O_WRONLY)
    while not ended.wait(0.002):
        now = time.time()
        uj += watts * (now - before) * 1e6
        joules += (OFFSET + GAIN * watts) * (now - before)
        before = now
        os.pwrite(descriptor, str(int(uj)).ljust(20).encode() + b"\n", 0)
        if now - since >= 1:
            rows.append(f"{now - LATE:.3f},{joules / (now - since):.2f}")
            since, joules = now, 0.0
        if now >= change:
            watts, change = random.choice((15.0, 40.0, 70.0, 90.0)), now + random.uniform(2, 5)
    os.close(descriptor)
