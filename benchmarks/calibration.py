"""How right a calibration against a wall meter is: benches of known truth, and whether the intervals hold it.

    python benchmarks/calibration.py [--logs 200] [--seed 1]

The truth is a gain of 1.12, an offset of 23 W and a clock 3.7 s late; sensed power is anywhere between 30 and 110 W
in uneven steps. Noise of 1 W whose neighbours correlate by `alike`. The meter itself is exact.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from math import sqrt

from joulebook.errors import CalibrationRefused
from joulebook.meter.wall.line import Calibration, calibrate
from joulebook.testing.wall import Bench, measure_both

BENCHES = {
    "1 min, 1 s": Bench(length_s=60, step_s=5),
    "2 min, 1 s, noise alike 0.9": Bench(length_s=120, step_s=6, alike=0.9),
    "5 min, 1 s, white noise": Bench(alike=0.0),
    "5 min, 1 s": Bench(),
    "5 min, 1 s, a tenth lost": Bench(lost=0.1),
    "10 min, 1 s, noise of 5 W": Bench(length_s=600, step_s=20, noise_w=5),
    "1 h, averages of 60 s": Bench(length_s=3_600, period_s=60, step_s=100),
    "6 h, averages of 300 s": Bench(length_s=21_600, period_s=300, step_s=700),
    "5 min, 1 s, two loads by turns": Bench(regular=True, alike=0.9),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logs", type=int, default=200, help="of each bench (default: 200)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    heads = [head for name in ("gain", "offset", "missing at the mean", "clock") for head in (f"{name}: rms", "held")]
    print("| log |", " | ".join(heads), "| refused | time |")
    print("| --- " * 11 + "|")
    for name, bench in BENCHES.items():
        print(row(name, bench, range(arguments.seed, arguments.seed + arguments.logs)), flush=True)


def row(name: str, bench: Bench, seeds: Sequence[int]) -> str:
    found: list[Calibration] = []
    began, refused = time.process_time(), 0
    for seed in seeds:
        logged = measure_both(bench, seed)
        try:
            found.append(calibrate(logged.log, logged.sensed))
        except CalibrationRefused:
            refused += 1
    each = (time.process_time() - began) / len(seeds)
    columns = [
        [(one.gain, bench.gain) for one in found],
        [(one.offset, bench.offset_w) for one in found],
        [(one.excess, bench.offset_w + (bench.gain - 1) * one.at_w) for one in found],
        [((one.alignment.offset_s, one.alignment.low_s, one.alignment.high_s), bench.late_s) for one in found],
    ]
    cells = [name]
    for unit, column in zip(("", " W", " W", " s"), columns, strict=True):
        rms = sqrt(sum((interval[0] - truth) ** 2 for interval, truth in column) / len(column))
        held = sum(interval[1] <= truth <= interval[2] for interval, truth in column) / len(column)
        cells += [f"{rms:.2g}{unit}", f"{100 * held:.1f} %"]
    return "| " + " | ".join([*cells, str(refused), f"{each:.2f} s"]) + " |"


if __name__ == "__main__":
    main()
