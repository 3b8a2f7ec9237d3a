"""Tries whole worlds by their number; one that fails is told by one line and seen again by the same number.

`python -m joulebook.testing.simulation 4711` tells the course of the world 4711 and what is wrong in it;
`python -m joulebook.testing.simulation 0 1000` tries a thousand and names those that fail.
"""

from __future__ import annotations

import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from joulebook.testing.worlds.stepped import Log
from joulebook.testing.worlds.verdict import judge
from joulebook.testing.worlds.world import simulate

_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - folders of unpredictable names in it
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


def faults_of(seed: int, log: Log = lambda _: None) -> list[str]:
    """What is wrong with the world of a seed."""
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        return judge(simulate(seed, log), Path(folder), log)


def fault_of(seed: int) -> str:
    """What is wrong with the world of a seed, in one line that says how to see it again; "" when nothing is."""
    try:
        wrong = faults_of(seed)
    except _BROKEN as error:
        wrong = [f"{type(error).__name__}: {error}"]
    return f"python -m joulebook.testing.simulation {seed}: {'; '.join(wrong[:3])}" if wrong else ""


def main(arguments: Sequence[str]) -> int:
    """Tell one world, or try those from the first number up to the second; how many are wrong."""
    parser = ArgumentParser(prog="python -m joulebook.testing.simulation", description=main.__doc__)
    parser.add_argument("seed", type=int, nargs="?", default=0, help="the number that the world is made of")
    parser.add_argument("end", type=int, nargs="?", help="try all worlds from that one up to this, without it")
    asked = parser.parse_args(arguments)
    if asked.end is None:
        wrong = faults_of(asked.seed, _say)
        for text in wrong:
            _say(f"WRONG: {text}")
        return len(wrong)
    if asked.end <= asked.seed:
        parser.error(f"no world lies from {asked.seed} up to {asked.end}: give a second number that is larger")
    failed = 0
    for seed in range(asked.seed, asked.end):
        text = fault_of(seed)
        if text:
            failed += 1
            _say(text)
    _say(f"{asked.end - asked.seed} worlds, {failed} wrong")
    return failed


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
