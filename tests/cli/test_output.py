"""What the verbs do when their output has nowhere to go, and when they are asked for nonsense."""

from __future__ import annotations

import subprocess
import sys

import pytest

VERBS = ["runs", "runs --json", "show", "show --json", "explain last energy", "config", "config --json", "doctor"]


@pytest.fixture
def shell(joulebook, environment):
    """Runs a line of bash in which `jb` is joulebook, in a book with one run."""
    joulebook("run", "-q", "--", "true")

    def run(line, env=None):
        script = f'set -o pipefail; jb() {{ "$0" -m joulebook "$@"; }}; {line}'
        return subprocess.run(
            ["bash", "-c", script, sys.executable],
            env=environment(env),
            capture_output=True,
            check=False,
            timeout=60,
            text=True,
        )

    return run


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(("stream", "said"), [(">/dev/full", "No space left"), (">&-", "closed")])
def test_output_that_cannot_be_written_is_one_line_and_code_1(shell, verb, stream, said):
    done = shell(f"jb {verb} {stream}")
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("verb", VERBS)
def test_reader_that_leaves_early_is_no_error(shell, verb):
    done = shell(f"jb {verb} | true")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("env", [{"PYTHONIOENCODING": "ascii"}, {"COLUMNS": "7"}, {"TERM": "dumb"}])
def test_any_terminal_will_do(shell, verb, env):
    done = shell(f"jb {verb}", env)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.parametrize("line", ["runs -n 0", "runs -n -1", "runs -n x", "config --unset", "config --unset region x"])
def test_nonsense_is_a_usage_error(shell, line):
    done = shell(f"jb {line}")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_price_without_a_known_unit_is_refused_and_spoils_nothing(shell):
    assert shell("jb config price '1 GBX/kWh'").returncode == 2
    done = shell("jb show", {"JOULEBOOK_PRICE": "1 GBX/kWh"})
    assert (done.returncode, done.stderr) == (0, "")


def test_what_nobody_thought_of_is_one_line(shell, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import json\njson.dumps = lambda *_, **__: 1 // 0\n")
    done = shell("jb runs --json", {"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.startswith("joulebook: unexpected ZeroDivisionError")
    assert len(done.stderr.splitlines()) == 1


def test_names_that_hardware_gives_cannot_fool_the_terminal(shell, tmp_path):
    zone = tmp_path / "powercap" / "intel-rapl:0"
    zone.mkdir(parents=True)
    (zone / "name").write_text("\x1b[31mred\u202e")
    (zone / "energy_uj").write_text("1")
    done = shell("jb doctor", {"JOULEBOOK_POWERCAP_ROOT": str(zone.parent)})
    assert "red" in done.stdout
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


def test_settings_changed_at_the_same_time_are_all_kept(shell):
    changes = ("region FR", "interval 0.2", "share process", "price '0.2 EUR/kWh'")
    shell(" ".join(f"jb config {change} &" for change in changes) + " wait")
    shown = shell("jb config").stdout
    assert all(change.partition(" ")[2].strip("'") in shown for change in changes)
