"""Small real trainings, one core and 10 to 60 s each, that `record_trainings.py` records for `forecast.py`.

A training is a generator: first it yields its `Plan`, then, after each step that it has really done, the value of its
metric (a float), the name of what else happened in that step (a string), or None. Where it ends early it returns.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

RECORDINGS = Path(__file__).with_name("recordings.jsonl.gz")
"""Made beside other programs."""
QUIET = Path(__file__).with_name("quiet.jsonl.gz")
"""Made afterwards with the machine mostly to themselves; no constant was set with them."""


class Plan(NamedTuple):
    """What a training announces before its first step."""

    total: int
    first: int = 0
    patience: int = 0
    mode: str = "min"


Told = Plan | float | str | None
Training = Callable[[Random], Iterator[Told]]


def recordings(path: Path = RECORDINGS) -> list[dict[str, Any]]:
    """What has been recorded so far."""
    if not path.exists():
        return []
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
