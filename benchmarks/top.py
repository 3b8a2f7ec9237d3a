"""What `joulebook top` costs while runs are recorded, and what looking into large books costs `prune` and `top`.

python benchmarks/top.py --seconds 30
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable

from stopwatch import table

from joulebook.ledger.retention import Rules, on_disk, plan
from joulebook.ledger.tail import Newcomers, Tail
from joulebook.meter.watch import Watch
from joulebook.testing.book import generate_runs
from joulebook.testing.recorded import instruments, recorded

RUN = """
import joulebook as jb, sys, time
with jb.track(sys.argv[1]) as run:
    step = 0
    while True:
        with run.stage("train"):
            time.sleep(0.1)
        step += 1
        run.log(loss=1 / step, step=step)
"""


def cpu_of_top(options: list[str], seconds: float, env: dict[str, str]) -> float:
    """CPU seconds of `joulebook top` over that time, in a terminal of its own."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    command = [sys.executable, "-m", "joulebook", "top", *options]
    process = subprocess.Popen(command, env=env, stdin=slave, stdout=slave, stderr=slave)
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if select.select([master], [], [], left)[0]:
            os.read(master, 1 << 16)
    os.write(master, b"q")
    if "--json" in options:
        process.terminate()
    while True:
        if select.select([master], [], [], 0.02)[0]:
            os.read(master, 1 << 16)
        pid, _, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
    process.returncode = 0
    os.close(master)
    os.close(slave)
    return used.ru_utime + used.ru_stime


def at_work(seconds: float) -> list[list[str]]:
    """Top beside three running runs, at one look a second."""
    rows = []
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "JOULEBOOK_HOME": home, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
        runs = [subprocess.Popen([sys.executable, "-c", RUN, f"run{at}"], env=env) for at in range(3)]
        try:
            time.sleep(3)
            watch, spent = Watch(home), []
            for _ in range(int(seconds)):
                began = time.process_time()
                watch.look()
                spent.append(time.process_time() - began)
                time.sleep(1)
            rows.append(["a look alone", f"{1e3 * sorted(spent)[len(spent) // 2]:.1f} ms", ""])
            for name, options in (
                ("--json", ["--json"]),
                ("rich screen", ["--simple"]),
                ("textual screen", []),
            ):
                short, long = (cpu_of_top(options, lasts, env) for lasts in (3.0, 3.0 + seconds))
                rows.append([name, f"{1e3 * (long - short) / seconds:.1f} ms", f"{short:.2f} s"])
        finally:
            for run in runs:
                run.kill()
                run.wait()
    return rows


def in_large_books(count: int) -> list[list[str]]:
    """The first look, and those after it."""
    rows = []
    with tempfile.TemporaryDirectory() as home:
        generate_runs(home, count)
        newcomers = Newcomers(home)
        rows.append([f"first look for running runs, {count} runs", timed(newcomers.look)])
        time.sleep(2.1)
        newcomers.look()
        rows.append([f"a look when nothing began, {count} runs", timed(newcomers.look)])
        rows.append([f"prune: beginnings and ends of {count} runs", timed(lambda: on_disk(home, ""))])
        found = on_disk(home, "")
        rows.append([f"prune: what goes of {count} runs", timed(lambda: plan(found, Rules(keep=10), time.time_ns()))])
    return rows


def in_a_long_journal(hours: float) -> list[list[str]]:
    """The first look into the journal of a run of so many hours, and the next."""
    rows = []
    with tempfile.TemporaryDirectory() as home:
        path = recorded(instruments(), hours * 3_600, status="").write(home)
        size = path.stat().st_size / 1e6
        tail = Tail(path.parent)
        rows.append([f"first look into {size:.0f} MB ({hours:g} h)", timed(tail.news)])
        rows.append(["a look while the rest is read in slices", timed(tail.news)])
        rows.append(["all of the rest", timed(lambda: tail.news(1 << 40))])
        rows.append(["a look when nothing is new", timed(tail.news)])
    return rows


def timed(step: Callable[[], object]) -> str:
    """CPU milliseconds of one call."""
    began = time.process_time()
    step()
    return f"{1e3 * (time.process_time() - began):.2f} ms"


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--hours", type=float, default=6.0)
    arguments = parser.parse_args()
    table("Beside three runs, one look a second", ["what", "CPU a second", "start and end"], at_work(arguments.seconds))
    rows = in_large_books(arguments.runs) + in_a_long_journal(arguments.hours)
    table("Large books and long journals, CPU", ["what", "measured"], rows)


if __name__ == "__main__":
    main()
