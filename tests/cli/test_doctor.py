"""`joulebook doctor`, `doctor --fix`, and rights that are missing at the start of a run or taken away in its middle."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time

import pytest

from joulebook.testing.powercap import Zone, write_powercap_tree

PACKAGES = (Zone("intel-rapl:0", "package-0", 40.0), Zone("intel-rapl:1", "package-1", 30.0))
DROPS = "-dac_override,-dac_read_search"


@pytest.fixture
def tree(tmp_path):
    with write_powercap_tree(tmp_path / "powercap", PACKAGES, "flat") as made:
        yield made


@pytest.fixture
def plain_user(environment, tree):
    """Starts `joulebook ARGS` without the right of root to pass over modes."""
    before = []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root reads every file, and there is no setpriv to take that right away")
        before = ["setpriv", f"--bounding-set={DROPS}"]
    started = []

    def start(*args, **env):
        settings = {"JOULEBOOK_POWERCAP_ROOT": str(tree.root), "JOULEBOOK_SENSORS": "rapl,ram_model"} | env
        command = [*before, sys.executable, "-m", "joulebook", *args]
        process = subprocess.Popen(
            command, env=environment(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def counter(tree, number):
    return tree.folder(PACKAGES[number]) / "energy_uj"


def begun(plain_user, mark, seconds):
    """A run whose command has begun, which is after the first readings, and goes on for so long."""
    run = plain_user("run", "--", "sh", "-c", f"touch {mark}; exec sleep {seconds}")
    end = time.monotonic() + 60
    while not mark.exists() and run.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.4)
    return run


def statement(plain_user):
    shown = plain_user("show", "last", "--json")
    out, err = shown.communicate(timeout=60)
    assert shown.returncode == 0, err
    return json.loads(out)


# -- what it says ----------------------------------------------------------------------------------------------


def test_machine_container_and_job_come_first(joulebook):
    told = {"SLURM_JOB_ID": "1234", "SLURM_CPUS_ON_NODE": "1", "SLURM_JOB_PARTITION": "gpu"}
    lines = joulebook("doctor", env=told).stdout.decode().splitlines()
    assert lines[0].startswith("machine    ")
    assert lines[1].startswith("container  ")
    (job,) = [line for line in lines if line.startswith("job ")]
    assert job == "job        slurm 1234; partition gpu, cpus 1"
    if (os.cpu_count() or 1) > 1:
        assert "--share allocated" in lines[2]
    found = json.loads(joulebook("doctor", "--json", env=told).stdout)
    assert found["machine"]["job"]["id"] == "1234"


def test_a_run_is_found_by_its_job_and_warned_of_a_node_that_it_shares(joulebook):
    told = {"SLURM_JOB_ID": "1234", "SLURM_CPUS_ON_NODE": "1"}
    joulebook("run", "--", "true", env=told)
    joulebook("run", "--", "true")
    (run,) = json.loads(joulebook("runs", "--label", "slurm_job=1234", "--json").stdout)
    found = json.loads(joulebook("show", run["id"], "--json").stdout)
    said = [text for text in found["warnings"] if "booked the whole machine" in text]
    assert len(said) == (1 if (os.cpu_count() or 1) > 1 else 0)


def test_fix_prints_a_script_and_the_state_beside_it(plain_user, tree):
    for number in range(2):
        counter(tree, number).chmod(0)
    process = plain_user("doctor", "--fix")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.startswith("#!/bin/sh\n")
    assert err.startswith("rapl ")
    assert "sudo" not in out.replace("sudo sh fix.sh", "").replace("sudo sh $0", "")
    process = plain_user("doctor", "--fix", "--json")
    found = json.loads(process.communicate(timeout=60)[0])
    assert [source["source"] for source in found["sources"]] == ["rapl"]
    assert found["script"].startswith("#!/bin/sh\n")


def test_fix_says_what_works(plain_user, tree):
    process = plain_user("doctor", "--fix")
    out, err = process.communicate(timeout=60)
    assert err == "rapl       works      package-0, package-1\n"
    assert out == "#!/bin/sh\n# nothing here for root to do\n"


# -- rights that are missing -----------------------------------------------------------------------------------


def test_a_counter_that_may_not_be_read_from_the_start_costs_itself_alone(plain_user, tree):
    counter(tree, 0).chmod(0)
    with tree.running():
        assert plain_user("run", "--", "sleep", "0.3").wait(60) == 0
    found = statement(plain_user)
    assert {line["device"] for line in found["lines"]} >= {"cpu-1", "ram"}
    assert not any(line["device"] == "cpu-0" for line in found["lines"])
    out = plain_user("doctor").communicate(timeout=60)[0]
    assert "without intel-rapl:0 (package-0): Permission denied" in out
    assert f"chmod a+r {tree.root}/intel-rapl:*/energy_uj" in out


def test_when_all_are_refused_the_models_stand_in_and_the_remedy_is_named(plain_user, tree):
    for number in range(2):
        counter(tree, number).chmod(0)
    run = plain_user("run", "--", "sleep", "0.1", JOULEBOOK_SENSORS="")
    assert run.wait(60) == 0
    found = statement(plain_user)
    assert {line["device"] for line in found["lines"]} >= {"cpu", "ram"}
    out = plain_user("doctor", JOULEBOOK_SENSORS="").communicate(timeout=60)[0]
    assert "rapl       denied " in out
    assert "joulebook doctor --fix" in out


def test_a_right_that_is_taken_away_in_the_middle_is_a_gap_and_said_with_its_remedy(plain_user, tree, tmp_path):
    with tree.running():
        run = begun(plain_user, tmp_path / "begun", "1.5")
        tree.renew(PACKAGES[0], 0)  # the driver was loaded anew: its files are root's again
        assert run.wait(60) == 0
    found = statement(plain_user)
    coverage = {line["device"]: line["coverage"] for line in found["lines"] if line["kind"] == "it_energy"}
    assert 0 < coverage["cpu-0"] < 1
    assert coverage["cpu-1"] > coverage["cpu-0"]
    assert any("permission denied; joulebook doctor --fix" in text for text in found["warnings"])


def test_a_mode_that_changes_in_the_middle_does_not_stop_readings_that_have_begun(plain_user, tree, tmp_path):
    with tree.running():
        run = begun(plain_user, tmp_path / "begun", "1")
        for number in range(2):
            counter(tree, number).chmod(0)
        assert run.wait(60) == 0
    found = statement(plain_user)
    assert min(line["coverage"] for line in found["lines"] if line["device"].startswith("cpu-")) > 0.9
