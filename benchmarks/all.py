"""Every benchmark with short settings, one after the other: what `make bench` prints.

python benchmarks/all.py [--codecarbon PYTHON] [--zeus PYTHON] [--long]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

SHORT = {
    "start.py": ["--repeat", "10", "--peer-repeat", "3", "--blocks", "4"],
    "hot_path.py": ["--seconds", "1.5", "--rounds", "2"],
    "poller.py": ["--seconds", "8", "--rounds", "3"],
    "nvml.py": ["--reads", "500", "--rounds", "3"],
    "read_back.py": ["--hours", "1", "--rounds", "2"],
    "book.py": ["--runs", "2000", "--rounds", "1"],
    "facts.py": ["--repeat", "5"],
    "top.py": ["--seconds", "5", "--runs", "1000", "--hours", "1"],
    "accuracy.py": [],
    "calibration.py": ["--logs", "30"],
    "pricing.py": ["--rounds", "3"],
    "arrays.py": ["--rounds", "3"],
    "forecast.py": ["--runs", "40"],
    "forecast_prior.py": ["--runs", "40"],
    "estimate.py": ["--repeat", "3"],
    "plan.py": ["--repeat", "1"],
    "audit.py": [],
    "literature.py": [],
    "callbacks.py": ["--steps", "100"],
}
PEERS = {"start.py": ("codecarbon", "zeus"), "poller.py": ("codecarbon",)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codecarbon", metavar="PYTHON", help="Python of an environment with codecarbon")
    parser.add_argument("--zeus", metavar="PYTHON", help="Python of an environment with zeus")
    parser.add_argument("--long", action="store_true", help="each with its own full settings")
    arguments = parser.parse_args()
    failed = 0
    for name, short in SHORT.items():
        path = Path(__file__).with_name(name)
        options = [] if arguments.long else list(short)
        for peer in PEERS.get(name, ()):
            if getattr(arguments, peer):
                options += [f"--{peer}", getattr(arguments, peer)]
        failed += subprocess.run([sys.executable, str(path), *options], check=False).returncode != 0
        print(flush=True)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
