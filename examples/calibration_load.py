"""Idle, half and full load in turn, for a run beside which a wall meter is logged.

Start the log of the meter, then:  joulebook run -- python examples/calibration_load.py
Afterwards:                        joulebook calibrate --meter plug.csv
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import time

LEVELS = (0.0, 1.0, 0.5, 0.25, 0.75)
"""Shares of the processors, each once a round: every level between is what a straight line is checked by."""


def burn(until: float) -> None:
    """Keep one processor busy until that moment."""
    number = 1.0
    while time.monotonic() < until:
        for _ in range(10_000):
            number = number * 1.000001 % 7.0


def step(share: float, seconds: float) -> None:
    """Use that share of the processors for so many seconds."""
    until = time.monotonic() + seconds
    count = round(share * (os.cpu_count() or 1))
    workers = [multiprocessing.Process(target=burn, args=(until,), daemon=True) for _ in range(count)]
    for worker in workers:
        worker.start()
    time.sleep(max(0.0, until - time.monotonic()))
    for worker in workers:
        worker.join()


def main() -> None:
    """Steps of uneven length, so that the log fits at one shift of the clocks only."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long in all (default: 10)")
    parser.add_argument("--step", type=float, default=20.0, help="seconds of a step, give or take half (default: 20)")
    options = parser.parse_args()
    uneven = random.Random(0)  # noqa: S311 - no secret: the same steps each time
    ends = time.monotonic() + 60 * options.minutes
    while time.monotonic() < ends:
        for share in LEVELS:
            seconds = min(options.step * uneven.uniform(0.5, 1.5), ends - time.monotonic())
            if seconds > 0:
                print(f"{share:4.0%} of the processors for {seconds:.0f} s", flush=True)
                step(share, seconds)


if __name__ == "__main__":
    main()
