"""The main job under bad conditions: kills, several ranks, nested runs, a second run beside the first."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from joulebook.testing.powercap import Zone, write_powercap_tree

BURN = "import time, sys\nt = time.monotonic()\nprint('up', flush=True)\nwhile time.monotonic() - t < {s}: sum(range(1000))\n"
TRACKED = "import joulebook as jb\nwith jb.track('{name}', share={share!r}) as run:\n" + "".join(
    f"    {line}\n" for line in BURN.splitlines()
)


def rows(joulebook, *options):
    return json.loads(joulebook("runs", "--json", *options).stdout)


def energy_j(row):
    return row["it_energy"]["value"] * 3.6e6


@pytest.mark.parametrize("victims", ["trainer", "meter", "both"])
def test_kill_minus_nine_in_the_middle_keeps_the_energy_until_then(joulebook, spawn, victims):
    meter = spawn("run", "--", sys.executable, "-c", "import os; print(os.getpid(), flush=True)\n" + BURN.format(s=30))
    trainer = int(meter.stdout.readline())
    began = time.monotonic()
    time.sleep(2.5)
    if victims != "trainer":
        meter.kill()
    lived = time.monotonic() - began
    os.kill(trainer, signal.SIGKILL)
    meter.wait(20)
    (row,) = rows(joulebook)
    assert row["status"] == ("failed" if victims == "trainer" else "interrupted")
    assert lived - 1.0 <= row["duration"]["value"] * 3600 <= lived + 5
    assert energy_j(row) > 0
    statement = json.loads(joulebook("show", "last", "--json").stdout)
    assert statement["it_energy"]["value"] > 0


def test_killed_tracked_program_is_interrupted_with_its_energy(joulebook, environment):
    process = subprocess.Popen(
        [sys.executable, "-c", TRACKED.format(name="x", s=30, share="machine")],
        env=environment(),
        stdout=subprocess.PIPE,
    )
    process.stdout.readline()
    time.sleep(2)
    process.kill()
    process.wait()
    process.stdout.close()
    (row,) = rows(joulebook)
    assert (row["status"], row["name"]) == ("interrupted", "x")
    assert energy_j(row) > 0


def test_four_ranks_at_once_count_the_machine_once(joulebook, environment):
    ranks = [
        subprocess.Popen(
            [sys.executable, "-c", TRACKED.format(name=f"rank{rank}", s=3, share="machine")],
            env=environment(),
            stdout=subprocess.DEVNULL,
        )
        for rank in range(4)
    ]
    assert [rank.wait(60) for rank in ranks] == [0, 0, 0, 0]
    found = rows(joulebook)
    assert len(found) == 4
    together = sum(map(energy_j, found))
    alone = _union_energy_j(joulebook, environment)
    assert together == pytest.approx(alone, rel=0.35)  # not four times the machine
    assert "shared" in joulebook("show", found[0]["id"]).stdout.decode()


def _union_energy_j(joulebook, environment):
    """What the machine uses in about the time of the four ranks, by one recording around the same load."""
    script = "import subprocess, sys\nps=[subprocess.Popen([sys.executable,'-c',sys.argv[1]],stdout=-3) for _ in range(4)]\n[p.wait() for p in ps]\n"
    env = environment({"JOULEBOOK_HOME": environment()["JOULEBOOK_HOME"] + "-alone"})
    subprocess.run(
        [sys.executable, "-m", "joulebook", "run", "-q", "--", sys.executable, "-c", script, BURN.format(s=3)],
        env=env,
        check=True,
        timeout=60,
    )
    done = subprocess.run(
        [sys.executable, "-m", "joulebook", "runs", "--json"], env=env, capture_output=True, check=True
    )
    (row,) = json.loads(done.stdout)
    return energy_j(row)


def test_tracked_program_under_joulebook_run_is_counted_once(joulebook):
    program = TRACKED.format(name="inner", s=1, share="machine")
    done = joulebook("run", "--", sys.executable, "-c", program)
    assert done.returncode == 0
    assert len(rows(joulebook)) == 1
    outer, inner = sorted(rows(joulebook, "--nested"), key=lambda row: row["name"] == "inner")
    assert inner["parent"] == outer["id"]
    assert energy_j(inner) <= energy_j(outer)


def test_stages_of_a_tracked_program_stand_in_the_account_of_the_run_around_it(joulebook):
    program = (
        "import joulebook as jb, time\n"
        "with jb.track('fit') as run:\n"
        "    with run.stage('load'): time.sleep(0.2)\n"
        "    with run.stage('train'): time.sleep(0.2)\n"
    )
    joulebook("run", "-q", "--", sys.executable, "-c", program)
    statement = json.loads(joulebook("show", "last", "--json").stdout)
    assert [stage["span"] for stage in statement["stages"]] == ["fit", "fit/load", "fit/train"]
    lines = [line for line in statement["lines"] if line["kind"] == "it_energy"]
    for device in {line["device"] for line in lines}:
        by_span = {line["span"]: line["energy_uj"] for line in lines if line["device"] == device}
        assert by_span["fit"] + by_span["outside stages"] == by_span[""]
        assert by_span["fit/load"] + by_span["fit/train"] <= by_span["fit"]


def test_second_run_beside_the_first_shares_and_says_so(joulebook, spawn):
    first = spawn("run", "--name", "first", "--", sys.executable, "-c", BURN.format(s=4))
    first.stdout.readline()
    second = joulebook("run", "--name", "second", "--", sys.executable, "-c", BURN.format(s=1))
    assert "shared" in second.stderr.decode()
    assert first.wait(30) == 0
    assert "shared" in first.stderr.read().decode()


@pytest.mark.parametrize("layout", ["nested", "flat", "links"])
def test_fake_powercap_tree_is_measured_within_half_a_percent(joulebook, tmp_path, layout):
    """Two packages, a core sub-domain that must not be added, DRAM, and one counter that wraps on the way."""
    zones = (
        Zone("intel-rapl:0", "package-0", 80.0, start_uj=262_143_328_850 - 100_000_000),
        Zone("intel-rapl:0:0", "core", 60.0),
        Zone("intel-rapl:0:1", "dram", 12.5),
        Zone("intel-rapl:1", "package-1", 45.0),
    )
    tree = write_powercap_tree(tmp_path / "powercap", zones, layout=layout)
    with tree.running():
        done = joulebook(
            "run", "-q", "--json", str(tmp_path / "s.json"), "--", "sleep", "5",
            env={"JOULEBOOK_POWERCAP_ROOT": str(tmp_path / "powercap")},
        )  # fmt: skip
    assert done.returncode == 0
    statement = json.loads((tmp_path / "s.json").read_text())
    seconds = statement["duration"]["value"] * 3600
    assert 5.0 <= seconds < 6.0
    joules = sum(line["energy_uj"] for line in statement["lines"] if line["kind"] == "it_energy") / 1e6
    assert joules == pytest.approx((80.0 + 12.5 + 45.0) * seconds, rel=0.005)
    assert statement["shares"]["measured"] == pytest.approx(1.0)
    within = [line["device"] for line in statement["lines"] if line["kind"] == "it_energy_within"]
    assert len(within) == 1


@pytest.mark.skipif(
    subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode != 0,
    reason="no user and network namespaces here",
)
def test_without_a_network_everything_is_the_same(environment):
    command = [sys.executable, "-m", "joulebook", "run", "--", "true"]
    done = subprocess.run(["unshare", "-rn", *command], env=environment(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 0
    assert "region unknown" in done.stderr.decode()


def test_unknown_processor_without_sensor_or_region_is_a_labelled_range(joulebook):
    joulebook("run", "-q", "--", "true")
    statement = json.loads(joulebook("show", "last", "--json").stdout)
    energy, carbon = statement["it_energy"], statement["carbon"]
    assert energy["basis"] in ("assumed", "modelled")
    assert 0 < energy["low"] < energy["high"]
    assert carbon["high"] > 5 * carbon["low"]
    assert any("region unknown" in warning for warning in statement["warnings"])
    findings = joulebook("doctor").stdout.decode()
    assert "JOULEBOOK_POWERCAP_ROOT" in findings
    assert "joulebook config region FR" in findings


def test_region_set_once_is_used_from_then_on(joulebook):
    assert joulebook("config", "region", "FR").returncode == 0
    done = joulebook("run", "--", "true")
    assert "France" in done.stderr.decode()
    assert joulebook("config", "region", "Atlantis").returncode == 4


def test_region_said_afterwards_prices_runs_without_one_and_says_so(joulebook):
    joulebook("run", "-q", "--", "true")
    joulebook("config", "region", "FR")
    statement = json.loads(joulebook("show", "--json").stdout)
    assert statement["region"] == "FR"
    assert any("from your settings" in warning for warning in statement["warnings"])


def test_price_of_the_settings_is_used_with_its_currency(joulebook):
    done = joulebook("run", "--", "sleep", "0.1", env={"JOULEBOOK_PRICE": "0.18..0.34 EUR/kWh"})
    assert "at 0.18-0.34 EUR/kWh" in done.stderr.decode()


def test_damaged_journal_is_a_row_and_an_error_with_code_5(joulebook, environment):
    joulebook("run", "-q", "--", "true")
    home = Path(environment()["JOULEBOOK_HOME"])
    (folder,) = (home / "runs").iterdir()
    for journal in folder.iterdir():
        journal.write_bytes(b"not a journal\n")
    (row,) = rows(joulebook)
    assert row["status"] == "damaged"
    done = joulebook("show", "last")
    assert done.returncode == 5
    assert b"Traceback" not in done.stderr


def test_full_disk_leaves_the_child_alone(joulebook, tmp_path):
    """A file-size limit of 4 KiB stands for a full disk: the journal's writes come back short."""
    script = 'ulimit -f 8; exec "$0" -m joulebook run -- sh -c "echo out; sleep 2; exit 3"'
    done = subprocess.run(
        ["bash", "-c", script, sys.executable],
        env={**os.environ, "JOULEBOOK_HOME": str(tmp_path / "book"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout == b"out\n"
    assert len(done.stderr.decode().splitlines()) <= 6
    assert b"Traceback" not in done.stderr


def test_counter_that_stands_still_is_unknown_and_not_zero(joulebook, tmp_path):
    tree = write_powercap_tree(
        tmp_path / "powercap", (Zone("intel-rapl:0", "package-0", 0.0), Zone("intel-rapl:1", "package-1", 50.0))
    )
    with tree.running():
        joulebook("run", "-q", "--", "sleep", "0.5", env={"JOULEBOOK_POWERCAP_ROOT": str(tmp_path / "powercap")})
    statement = json.loads(joulebook("show", "last", "--json").stdout)
    devices = [line["device"] for line in statement["lines"] if line["kind"] == "it_energy"]
    assert "cpu-1" in devices
    assert "cpu-0" not in devices
    assert any("cpu-0 package-0: its counter stood still" in warning for warning in statement["warnings"])
