"""Outer meters from the setting to the account, with fakes on the loopback."""

from __future__ import annotations

import json
import os
from random import Random

import pytest

from joulebook.sensors.base import OUTSIDE, POWER, SOCKET, Channel
from joulebook.sensors.machine_id import machine_subject
from joulebook.testing.bmc import FakeMeters
from joulebook.testing.fake import Load, Script
from joulebook.testing.recorded import recorded

PLUG = Channel("power", "shelly plug", SOCKET, POWER, within=OUTSIDE, limit_w=4_000.0)
SECRET = "hunter2hunter2"


@pytest.fixture
def plug():
    with FakeMeters(Load.constant(180.0)) as fake:
        yield fake


def statement(joulebook, tmp_path, *command, **env):
    done = joulebook("run", "--json", str(tmp_path / "out.json"), "--", *command, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads((tmp_path / "out.json").read_text()), done.stderr.decode()


def test_plug_beside_a_run_is_a_line_of_its_own_and_in_no_total(joulebook, tmp_path, plug):
    meters = f"shelly://me:{SECRET}@127.0.0.1:{plug.port}"
    told, summary = statement(
        joulebook, tmp_path, "sleep", "1.5", JOULEBOOK_METERS=meters, JOULEBOOK_SENSORS="ram_model"
    )
    line = next(line for line in told["lines"] if line["kind"] == "socket_energy" and line["span"] == "")
    seconds = told["duration"]["value"] * 3_600
    assert line["quantity"]["low"] <= 180 * seconds / 3.6e6 <= line["quantity"]["high"]
    assert {line["device"] for line in told["lines"] if line["kind"] == "it_energy"} == {"ram"}
    assert "power supply losses, fans, disks (read at the socket, not added)" in told["not_included"]
    assert "socket" in summary
    shown = joulebook("show", "last").stdout.decode()
    assert "at the socket, which is in no total; the sensors show" in " ".join(shown.split())
    kept = [file.read_bytes() for file in (tmp_path / "book").rglob("*") if file.is_file()]
    assert not any(SECRET.encode() in one for one in (*kept, shown.encode(), summary.encode()))


def test_without_the_setting_nobody_is_asked(joulebook, tmp_path, plug):
    statement(joulebook, tmp_path, "true")
    assert plug.asked == []


@pytest.mark.parametrize("fault", ["500", "garbage", "hangup"])
def test_plug_that_fails_costs_its_own_line_and_says_so(joulebook, tmp_path, plug, fault):
    plug.fault = fault
    told, _ = statement(joulebook, tmp_path, "true", JOULEBOOK_METERS=f"tasmota://127.0.0.1:{plug.port}")
    assert not [line for line in told["lines"] if line["kind"] == "socket_energy"]
    assert any(f"sensor tasmota 127.0.0.1:{plug.port} failed" in warning for warning in told["warnings"])


@pytest.mark.parametrize("meters", ["nosuch://127.0.0.1", "shelly://127.0.0.1:99999", "ipmi:///dev/no-ipmi"])
def test_meter_that_is_none_is_a_reason_and_the_run_goes_on(joulebook, tmp_path, meters):
    told, _ = statement(joulebook, tmp_path, "true", JOULEBOOK_METERS=meters)
    assert told["it_energy"] is not None
    found = json.loads(joulebook("doctor", "--json", env={"JOULEBOOK_METERS": meters}).stdout)["sensors"]
    assert found[-1]["status"] in ("failed", "unavailable")


def test_doctor_asks_and_config_shows_no_password(joulebook, plug):
    env = {"JOULEBOOK_METERS": f"shelly://me:{SECRET}@127.0.0.1:{plug.port}"}
    told = joulebook("doctor", env=env).stdout.decode()
    assert "used" in next(line for line in told.splitlines() if line.startswith("shelly"))
    config = joulebook("config", env=env).stdout.decode() + joulebook("config", "--json", env=env).stdout.decode()
    assert f"shelly://127.0.0.1:{plug.port}" in config
    kept = joulebook("config", "meters", f"shelly://me:{SECRET}@plug")
    assert kept.returncode == 0
    assert SECRET not in told + config + kept.stdout.decode()


@pytest.mark.skipif(not machine_subject(), reason="this machine has no id")
def test_run_with_a_meter_in_it_calibrates_the_sensors(environment, joulebook):
    load = Load.walk(Random(1), 15, 95, 12.0, steps=60)
    inner = Channel("package-0", "cpu-0", "cpu", limit_w=1_000.0)
    wall = Load([(ns, round(1.12 * uw) + 23_000_000) for ns, uw in load.segments])
    journal = recorded([Script(load, inner), Script(wall, PLUG)], 600.0, host=os.uname().nodename)
    journal.write(environment()["JOULEBOOK_HOME"])
    done = joulebook("calibrate", "--run", "last", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["gain"]["low"] <= 1.12 <= found["gain"]["high"]
    assert found["offset"]["low"] <= 23 <= found["offset"]["high"]
    assert found["file"] == "shelly plug"


def test_run_without_a_meter_in_it_says_what_to_give(environment, joulebook):
    inner = Channel("package-0", "cpu-0", "cpu", limit_w=1_000.0)
    journal = recorded([Script(Load.constant(40.0), inner)], 60.0, host=os.uname().nodename)
    journal.write(environment()["JOULEBOOK_HOME"])
    done = joulebook("calibrate")
    assert done.returncode == 5
    assert b"without an outer meter" in done.stderr
    assert b"--meter FILE" in done.stderr
