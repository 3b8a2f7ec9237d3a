"""`joulebook run` from outside: what the child sees, what its caller sees, and what the book keeps."""

from __future__ import annotations

import json
import os
import pty
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

BUSY = "import time\nt = time.process_time()\nwhile time.process_time() - t < {s}: pass\n"


def test_exit_code_of_the_child_is_kept(joulebook):
    assert joulebook("run", "--", "sh", "-c", "exit 7").returncode == 7


def test_output_is_byte_identical_and_stdin_passes(joulebook, bare):
    script = "import sys; d = sys.stdin.buffer.read(); sys.stdout.buffer.write(d[::-1] + b'\\x00\\xff'); sys.stderr.write('e')"
    command = [sys.executable, "-c", script]
    metered = joulebook("run", "--quiet", "--", *command, input=b"\x01abc\n")
    assert (metered.stdout, metered.stderr) == (bare(*command, input=b"\x01abc\n").stdout, b"e")


def test_summary_has_at_most_six_lines_on_stderr(joulebook):
    done = joulebook("run", "--", "true")
    assert done.stdout == b""
    lines = done.stderr.decode().splitlines()
    assert 3 <= len(lines) <= 6
    assert lines[0].startswith("joulebook: true ")


def test_command_without_double_dash_keeps_its_own_options(joulebook):
    assert joulebook("run", "-q", "sh", "-c", "echo $0 $1", "--json", "-q").stdout == b"--json -q\n"


def test_command_not_found_is_127(joulebook):
    done = joulebook("run", "--", "no-such-command-here")
    assert done.returncode == 127
    assert b"no-such-command-here: command not found" in done.stderr


def test_file_that_cannot_be_executed_is_126(joulebook, tmp_path):
    (tmp_path / "data").write_text("not a program")
    assert joulebook("run", "--", str(tmp_path / "data")).returncode == 126
    assert joulebook("run", "--", str(tmp_path)).returncode == 126


@pytest.mark.parametrize("number", ["INT", "TERM", "KILL", "SEGV", "PIPE"])
def test_we_end_by_the_signal_that_ended_the_child(joulebook, bare, number):
    command = ["sh", "-c", f"ulimit -c 0; kill -{number} $$"]
    assert joulebook("run", "-q", "--", *command).returncode == bare(*command).returncode < 0
    (row,) = json.loads(joulebook("runs", "--json").stdout)
    assert (row["status"], row["exit"]) == ("failed", 128 + getattr(signal, f"SIG{number}"))


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGHUP, signal.SIGABRT, signal.SIGRTMIN + 3]
)
def test_signal_sent_to_us_reaches_the_child_once(spawn, number):
    script = (
        "import signal, sys, time\nn = []\n"
        f"signal.signal({int(number)}, lambda *a: n.append(1))\n"
        "print('ready', flush=True)\n"
        "t = time.monotonic()\nwhile not n and time.monotonic() - t < 20: time.sleep(0.01)\n"
        "time.sleep(0.2)\nprint(len(n), flush=True)\nsys.exit(5)\n"
    )
    process = spawn("run", "-q", "--", sys.executable, "-c", script)
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    assert process.stdout.readline() == b"1\n"
    assert process.wait(20) == 5


def test_default_handling_of_sigterm_ends_child_and_shows_in_code(spawn):
    process = spawn("run", "-q", "--", "sh", "-c", "echo up; exec sleep 30")
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == -signal.SIGTERM


def test_child_has_default_sigpipe_and_no_blocked_signals(joulebook):
    command = ["sh", "-c", "grep -E 'Sig(Blk|Ign)' /proc/self/status"]
    internal = 0x180000000  # of glibc: its posix_spawn leaves them ignored in every child

    def masks(output):
        return [int(line.split()[1], 16) & ~internal for line in output.splitlines()]

    bare = subprocess.run(command, check=True, capture_output=True).stdout
    assert masks(joulebook("run", "-q", "--", *command).stdout) == masks(bare)


def test_statement_file_and_book_agree(joulebook, tmp_path):
    joulebook("run", "-q", "--json", str(tmp_path / "s.json"), "--name", "x y", "--", "true")
    written = json.loads((tmp_path / "s.json").read_text())
    shown = json.loads(joulebook("show", "last", "--json").stdout)
    assert written["schema"] == "joulebook.statement/1"
    assert written == shown
    (row,) = json.loads(joulebook("runs", "--json").stdout)
    assert (row["name"], row["status"], row["id"]) == ("x y", "finished", written["run"])


def test_statement_goes_to_stdout_where_its_file_is_a_dash(joulebook, tmp_path):
    assert json.loads(joulebook("run", "-q", "--json", "-", "--", "true", cwd=tmp_path).stdout)["exit"] == 0
    assert not (tmp_path / "-").exists()


def test_survivor_is_named_and_not_waited_for(joulebook):
    began = time.monotonic()
    done = joulebook("run", "--", "sh", "-c", "sleep 20 >/dev/null 2>&1 & echo $!; sleep 0.3")
    assert time.monotonic() - began < 15
    pid = int(done.stdout)
    os.kill(pid, signal.SIGKILL)
    assert f"sleep ({pid})" in done.stderr.decode()


def test_off_does_nothing_at_all(joulebook):
    done = joulebook("run", "--", "sh", "-c", "echo ${JOULEBOOK_RUN-none}", env={"JOULEBOOK_OFF": "1"})
    assert (done.stdout, done.stderr) == (b"none\n", b"")
    assert joulebook("runs", "--json").stdout.strip() == b"[]"


@pytest.mark.parametrize(
    "env",
    [
        {"JOULEBOOK_REGION": "Atlantis"},
        {"JOULEBOOK_INTERVAL": "soon"},
        {"JOULEBOOK_SENSORS": "nonsense"},
        {"JOULEBOOK_HOME": "/dev/full/x"},
        {"HOME": None, "JOULEBOOK_HOME": None, "XDG_DATA_HOME": None},
        {"JOULEBOOK_POWERCAP_ROOT": "/nonexistent"},
    ],
)
def test_child_always_runs(joulebook, env):
    done = joulebook("run", "--", "sh", "-c", "echo out; exit 3", env=env)
    assert done.returncode == 3
    assert done.stdout == b"out\n"
    assert len(done.stderr.decode().splitlines()) <= 6
    assert b"Traceback" not in done.stderr


def test_unknown_option_is_usage_error(joulebook):
    done = joulebook("run", "--frobnicate", "--", "true")
    assert done.returncode == 2
    assert b"--frobnicate" in done.stderr


def test_unknown_region_flag_is_said_and_carbon_is_a_range(joulebook):
    done = joulebook("run", "--region", "Atlantis", "--", "true")
    assert done.returncode == 0
    assert "Atlantis" in done.stderr.decode()


def test_nothing_of_ours_is_left_behind(joulebook):
    done = joulebook("run", "-q", "--", "sh", "-c", "echo $PPID")
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)


STREAMS = ["2>&-", "<&- >&- 2>&-", "2>/dev/full", ">/dev/full 2>&1", "2> >(exec 2>&-; exit 0)", ">&-", "<&-"]


@pytest.mark.parametrize("streams", STREAMS)
def test_exit_code_is_kept_whatever_becomes_of_our_streams(environment, streams):
    script = f'"$0" -m joulebook run -- sh -c "sleep 0.1; exit 3" {streams}'
    done = subprocess.run(["bash", "-c", script, sys.executable], env=environment(), check=False, timeout=60)
    assert done.returncode == 3


def test_closed_streams_are_closed_for_the_child_too(environment):
    for close, expected in (("<&-", "[0]"), ("2>&-", "[2]"), ("<&- >&- 2>&-", "[0, 1, 2]")):
        place = Path(environment()["JOULEBOOK_HOME"] + "-fds")
        line = f'"$0" -m joulebook run -q -- "$0" -c "$1" {place} {close}'
        subprocess.run(["bash", "-c", line, sys.executable, CLOSED], env=environment(), check=True, timeout=60)
        assert place.read_text() == expected


CLOSED = """
import os, sys
def closed(fd):
    try:
        os.fstat(fd)
    except OSError:
        return True
open_ = [fd for fd in (0, 1, 2) if closed(fd)]
with open(sys.argv[1], "w") as file:
    file.write(str(open_))
"""


def test_caller_that_ignores_the_end_of_children(environment):
    """With SIGCHLD ignored the kernel tells nobody how a child ended."""
    command = [sys.executable, "-m", "joulebook", "run", "-q", "--", "sh", "-c", "exit 3"]
    done = subprocess.run(
        command,
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN),
        check=False,
        timeout=60,
    )
    assert done.returncode == 3


def test_script_without_interpreter_line_runs_in_a_shell(joulebook, tmp_path):
    (tmp_path / "script").write_text("echo $1; exit 3\n")
    (tmp_path / "script").chmod(0o755)
    done = joulebook("run", "-q", "--", str(tmp_path / "script"), "a b")
    assert (done.returncode, done.stdout) == (3, b"a b\n")


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [(b"\x7fELF\0\0", 126, b"cannot be executed: Exec format error"), (b"#!/no/such\n", 127, b"interpreter")],
)
def test_why_a_file_cannot_be_executed_is_said(joulebook, tmp_path, content, code, said):
    (tmp_path / "file").write_bytes(content)
    (tmp_path / "file").chmod(0o755)
    done = joulebook("run", "--", str(tmp_path / "file"))
    assert done.returncode == code
    assert said in done.stderr


def test_full_disk_from_the_first_byte_leaves_the_child_alone(environment):
    command = [sys.executable, "-m", "joulebook", "run", "--", "sh", "-c", "sleep 0.3; exit 3"]
    done = subprocess.run(
        command,
        env=environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 3
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "fault",
    [
        'import threading\ndef start(self): raise RuntimeError("can\'t start new thread")\nthreading.Thread.start = start',
        "import json\nclass Strange(Exception): pass\ndef encode(*args): raise Strange\njson.JSONEncoder.encode = encode",
        "import os\ndef uname(): raise MemoryError\nos.uname = uname",
    ],
)
def test_whatever_goes_wrong_in_us_the_child_runs(joulebook, tmp_path, fault):
    (tmp_path / "sitecustomize.py").write_text(fault)
    done = joulebook("run", "--", "sh", "-c", "echo out; exit 3", env={"PYTHONPATH": str(tmp_path)})
    assert (done.returncode, done.stdout) == (3, b"out\n")
    assert b"Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 6


def test_end_of_the_terminal_reaches_the_child_of_a_session_leader(environment, tmp_path):
    script = (
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGHUP, lambda *_: (pathlib.Path(sys.argv[1]).write_text('told'), sys.exit(0)))\n"
        "print('ready', flush=True)\ntime.sleep(20)\n"
    )
    place = tmp_path / "told"
    pid, terminal = pty.fork()
    if pid == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        command = [sys.executable, "-m", "joulebook", "run", "--", sys.executable, "-c", script, str(place)]
        os.execve(sys.executable, command, environment())
    assert b"ready" in os.read(terminal, 100)
    os.close(terminal)
    os.waitpid(pid, 0)
    assert place.read_text() == "told"


def test_relative_home_is_the_same_book_in_another_folder(environment, tmp_path):
    nested = 'cd / && exec "$0" -m joulebook run -q --name inner -- true'
    command = [
        sys.executable,
        "-m",
        "joulebook",
        "run",
        "-q",
        "--name",
        "outer",
        "--",
        "sh",
        "-c",
        nested,
        sys.executable,
    ]
    env = environment({"JOULEBOOK_HOME": "here"})
    subprocess.run(command, env=env, cwd=tmp_path, check=True, timeout=60)
    listed = [sys.executable, "-m", "joulebook", "runs", "--json", "--nested"]
    done = subprocess.run(listed, env=env, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    assert {row["name"] for row in json.loads(done.stdout)} == {"outer", "inner"}
