"""`joulebook top` beside real runs: as one look, as lines, as a screen in a terminal of its own."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

from joulebook.testing.powercap import Zone, write_powercap_tree

PROGRAM = """
import joulebook as jb, sys, time
with jb.track(sys.argv[1]) as run, run.stage("epoch"):
    step = 0
    while step < 600:  # a minute: nobody may be left to end it
        with run.stage("train"):
            time.sleep(0.1)
        step += 1
        run.log(loss=1 / step, step=step)
        if step == 10:
            print("up", flush=True)
"""


@pytest.fixture
def program(environment):
    """Starts a tracked program and waits until it has run for a second."""
    started = []

    def start(name, env=None):
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, name],
            env=environment(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        assert process.stdout.readline() == b"up\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def look(joulebook, **options):
    done = joulebook("top", "--once", "--json", **options)
    assert (done.returncode, done.stderr) == (0, b"")
    return json.loads(done.stdout)


def test_two_running_runs_share_a_measured_machine(joulebook, program, tmp_path):
    tree = write_powercap_tree(tmp_path / "powercap", (Zone("intel-rapl:0", "package-0", 80.0),))
    env = {"JOULEBOOK_POWERCAP_ROOT": str(tmp_path / "powercap"), "JOULEBOOK_SENSORS": "rapl"}
    with tree.running():
        program("one", env)
        program("two\x1b[31m\u202e\U0001f600", env)
        time.sleep(1.5)
        seen = look(joulebook)
        text = joulebook("top", "--once").stdout.decode()
    assert (seen["schema"], seen["source"]) == ("joulebook.top/1", "journals")
    assert seen["power"]["value"] == pytest.approx(80, rel=0.03)
    assert [run["name"] for run in seen["runs"]] == ["one", "two\x1b[31m\u202e\U0001f600"]
    for run in seen["runs"]:
        assert run["power"]["value"] == pytest.approx(40, rel=0.05)
        assert run["power"]["low"] < run["power"]["value"] < run["power"]["high"]
        assert (run["power"]["basis"], run["status"], run["shared_with"]) == ("measured", "running", 1)
        assert run["stage"].startswith("epoch")
        assert run["metrics"]["step"] >= 10
        assert run["machine_energy"]["value"] == pytest.approx(80 * run["elapsed_s"], rel=0.2)
    assert "two\\x1b[31m" in text
    assert "\x1b" not in text
    assert "measured" in text


def test_a_run_around_another_one_and_one_that_is_killed_meanwhile(joulebook, spawn, program):
    inner = spawn("run", "--name", "outer", "-q", "--", sys.executable, "-c", PROGRAM, "inner")
    assert inner.stdout.readline() == b"up\n"
    killed = program("killed")
    seen = {run["name"]: run for run in look(joulebook)["runs"]}
    assert seen["inner"]["parent"] == seen["outer"]["id"]
    assert seen["inner"]["power"]["basis"] == "assumed"
    assert seen["outer"]["shared_with"] == 1
    killed.kill()
    killed.wait()
    assert {run["name"] for run in look(joulebook)["runs"]} == {"outer", "inner"}


def test_without_a_run_the_sensors_are_read_and_nothing_is_written(joulebook, tmp_path):
    tree = write_powercap_tree(tmp_path / "powercap", (Zone("intel-rapl:0", "package-0", 80.0),))
    with tree.running():
        seen = look(joulebook, env={"JOULEBOOK_POWERCAP_ROOT": str(tmp_path / "powercap")})
    assert (seen["source"], seen["runs"]) == ("sensors", [])
    assert seen["devices"][0]["power"]["value"] == pytest.approx(80, rel=0.05)
    assert not (tmp_path / "book").exists()
    assert b"no run recorded" in joulebook("top", "--once").stdout


def test_without_any_sensor_power_is_unknown(joulebook, tmp_path):
    seen = look(joulebook, env={"JOULEBOOK_SENSORS": "rapl", "JOULEBOOK_POWERCAP_ROOT": str(tmp_path)})
    assert (seen["power"], seen["devices"]) == (None, [])
    assert "joulebook doctor" in seen["notices"][0]


def test_journals_of_another_machine_are_no_running_runs(joulebook, tmp_path):
    from joulebook.testing.recorded import instruments, recorded

    recorded(instruments(), 5, status="").write(tmp_path / "book")  # of this very process, on another boot
    assert look(joulebook)["runs"] == []


def test_in_a_pipe_each_look_is_a_line_until_nobody_reads(spawn, program):
    program("one")
    top = spawn("top", "--interval", "0.2")
    first, second = top.stdout.readline().decode(), top.stdout.readline().decode()
    assert " one  " in first
    assert "assumed" in second
    top.stdout.close()
    assert top.wait(20) == 0
    assert top.stderr.read() == b""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_lines_end_at_a_signal(spawn, number, code):
    top = spawn("top", "--json", "--interval", "0.2")
    assert json.loads(top.stdout.readline())["source"] == "sensors"
    top.send_signal(number)
    assert top.wait(20) == code
    assert b"Traceback" not in top.stderr.read()


@pytest.mark.parametrize("wrong", [["--interval", "0"], ["--interval", "x"], ["--sort", "colour"]])
def test_wrong_options_are_usage(joulebook, wrong):
    assert joulebook("top", *wrong).returncode == 2


class Terminal:
    """A program in a terminal of 60 columns and 15 rows."""

    def __init__(self, environment, *options):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 15, 60, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen(
            [sys.executable, "-m", "joulebook", "top", "--interval", "0.2", *options],
            env=environment({"TERM": "xterm-256color", "COLUMNS": None, "LINES": None}),
            stdin=slave,
            stdout=slave,
            stderr=slave,
        )
        self.text = ""

    def until(self, words, seconds=20):
        """Read until the words have been shown; True when they have."""
        deadline = time.monotonic() + seconds
        while words not in self.text and time.monotonic() < deadline:
            self.drain()
        return words in self.text

    def drain(self):
        if select.select([self.master], [], [], 0.05)[0]:
            self.text += os.read(self.master, 65_536).decode(errors="replace")

    def press(self, key):
        self.text = ""
        os.write(self.master, key)

    def end(self, seconds=20):
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            self.drain()  # a full terminal would keep it from ending
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.drain()
        return self.process.returncode

    def close(self):
        self.end(0)
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def terminal(environment):
    opened = []

    def start(*options):
        opened.append(Terminal(environment, *options))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.mark.parametrize("way", ["key", "interrupt", "term", "hang-up"])
def test_the_simple_screen_in_a_small_window_puts_the_terminal_back(terminal, program, way):
    program("one\x1b]0;x\x07")
    screen = terminal("--simple")
    assert screen.until("one\\x1b]0;x\\x07")
    assert screen.until("by power")
    screen.press(b"s")
    assert screen.until("by energy")
    screen.press(b"p")
    assert screen.until("paused")
    if way == "key":
        screen.press(b"q")
    else:
        screen.process.send_signal({"interrupt": signal.SIGINT, "term": signal.SIGTERM}.get(way, signal.SIGHUP))
    assert screen.end() == {"key": 0, "interrupt": 0, "term": 143}.get(way, 129)
    assert termios.tcgetattr(screen.slave) == screen.before
    assert "\x1b[?1049l" in screen.text  # the screen of before is back
    assert "\x1b[?25h" in screen.text  # and its cursor
    assert "Traceback" not in screen.text


def test_the_screen_of_textual_ends_with_q(terminal, program):
    pytest.importorskip("textual")
    program("one")
    screen = terminal()
    assert screen.until("one")
    assert screen.until("quit")
    screen.press(b"q")
    assert screen.end() == 0
    assert "Traceback" not in screen.text


def test_a_dumb_terminal_gets_lines(environment):
    top = Terminal(lambda extra: environment(extra | {"TERM": "dumb"}))
    try:
        assert top.until("no run is being recorded")
        assert "\x1b" not in top.text
    finally:
        top.process.terminate()
        top.close()
