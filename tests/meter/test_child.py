"""`Child` in processes of its own is covered by tests/cli/test_run.py; here: what it refuses and how it decodes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from joulebook.meter.child import NOT_EXECUTABLE, NOT_FOUND


def run_in_subprocess(argv):
    """Signals are blocked by `Child`, so it runs in a process of its own."""
    program = (
        "import os, sys\nfrom joulebook.meter.child import Child\n"
        "child = Child(sys.argv[1:])\nchild.hold_signals()\n"
        "ended = child.spawn(os.environ) or child.wait()\nprint(ended.code, ended.signal)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, *argv], capture_output=True, check=True, timeout=30)
    return tuple(map(int, done.stdout.split()[-2:]))


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["sh", "-c", "exit 0"], (0, 0)),
        (["sh", "-c", "exit 255"], (255, 0)),
        (["sh", "-c", "kill -9 $$"], (137, 9)),
        (["/nonexistent/command"], (NOT_FOUND, 0)),
        (["/"], (NOT_EXECUTABLE, 0)),
    ],
)
def test_how_a_command_ended(argv, expected):
    assert run_in_subprocess(argv) == expected


def test_grandchildren_reaped_by_us_do_not_end_the_wait():
    script = "(sleep 0.2; exit 9) & sleep 0.6; exit 4"
    assert run_in_subprocess(["sh", "-c", script]) == (4, 0)


def test_signals_are_released_after_a_command_that_cannot_start():
    """In a process of its own with one thread: a signal to a test runner with several would end it."""
    program = (
        "import os, signal\n"
        "from joulebook.meter.child import NOT_FOUND, Child\n"
        "before = signal.pthread_sigmask(signal.SIG_BLOCK, set())\n"
        "child = Child(['/nonexistent/command'])\n"
        "child.hold_signals()\n"
        "assert child.spawn(os.environ).code == NOT_FOUND\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "child.release_signals()\n"
        "assert signal.pthread_sigmask(signal.SIG_BLOCK, set()) == before\n"
        "print('still here')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, timeout=30)
    assert done.stdout == b"still here\n"
