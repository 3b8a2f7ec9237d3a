"""What the readings of an NVIDIA GPU mean: method, range and source of each way to read it.

A board is counted once, whatever is seen of it. Power of a slice (MIG) is not metered by anything: it is the
board's energy times the slice's part of the board, and says so.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from joulebook.sensors.base import COUNTER, POWER, Channel
from joulebook.sensors.cuda_visible import Board, Slice

COUNTED: Final = "counter"
INSTANT: Final = "instant"
AVERAGE: Final = "average"
USAGE: Final = "usage"
"""Power as nvmlDeviceGetPowerUsage gives it: an average or an instant, which depends on the chip."""
HOPPER: Final = 9
AMPERE: Final = 7
"""Numbers of nvmlDeviceGetArchitecture."""
_GA100: Final = frozenset(("A100", "A800", "A30", "A100X", "A30X"))
_ONE_MODULE: Final = frozenset(("GH200",))
"""Boards whose cumulative counter is known to cover the module: processor and memory as well."""
_LIMIT_FACTOR: Final = 2.0
"""Peaks of milliseconds go above the limit that the board keeps on average (judgement)."""
_MODULE_MORE_W: Final = 1_000.0
_LIMIT_W: Final = 3_000.0
"""Where the board does not tell its limit: above that of any board today (judgement)."""
_SENSOR: Final = (
    "Yang et al. 2024, arXiv:2312.02741 (the sensor errs by about 5 % of its reading against a power meter; "
    "over 70 boards of 12 generations)"
)
_PART_TIME: Final = "on A100 and H100 the sensor sees a quarter of the time: arXiv:2312.02741"
_MODULE: Final = "github.com/ml-energy/zeus/pull/172 (GH200: the counter is that of the whole module)"
_SLICE: Final = (
    "no hardware meters a slice: Vamja et al. 2025, arXiv:2501.17752; judgement: from a fifth of its part (at rest "
    "beside busy neighbours) to the whole board (busy beside neighbours at rest)"
)
_SLICE_LOW: Final = 0.2


class Seen(NamedTuple):
    """What was found out about one board when it was opened."""

    board: Board
    way: str
    """COUNTED, INSTANT, AVERAGE or USAGE."""
    architecture: int = 0
    limit_w: float = 0.0
    """The highest limit that can be set; 0 when unknown."""
    module: bool = False
    """Whether it has a power of the whole module beside that of the GPU."""
    mig: bool = False


def short(uuid: str) -> str:
    """The beginning of a uuid: enough to tell the GPUs of a machine apart."""
    return uuid[: 12 if uuid[:4].upper() in ("GPU-", "MIG-") else 8]


def covers_module(board: Board) -> bool:
    """Whether the cumulative counter of this board is known to be that of its module."""
    return not _words(board).isdisjoint(_ONE_MODULE)


def describe(seen: Seen, part: Slice | None = None) -> Channel:
    """The channel of a board, or of one slice of it."""
    board, module = seen.board, seen.way == COUNTED and covers_module(seen.board)
    low, high, why = _accuracy(seen)
    method = _method(seen, module=module)
    share, name, basis = 1.0, f"{board.name} {short(board.uuid)}", "measured"
    if part is not None:
        share = part.parts / part.whole if part.whole else 1.0
        name = f"{name} {short(part.uuid)}"
        low, high = low * _SLICE_LOW, high / share
        basis, why = "modelled", f"{why}; {_SLICE}"
        of = f"{part.parts} of {part.whole} slices of" if part.whole else "a slice of unknown size of"
        method = f"{of} the board by number of slices (MIG); {method}"
    elif seen.mig:
        method = f"{method}; the whole board (MIG: its slices are not metered)"
    limit = seen.limit_w * _LIMIT_FACTOR or _LIMIT_W
    return Channel(
        name=name,
        device=board.uuid,
        kind="board" if module else "gpu",
        form=COUNTER if seen.way == COUNTED else POWER,
        basis=basis,
        method=method,
        limit_w=limit + _MODULE_MORE_W if module else limit,
        low=low,
        high=high,
        calibration=f"nvml.{seen.way}" + (".slice" if part else ""),
        source=f"90 % range set from: {why}",
        share=share,
    )


def _words(board: Board) -> set[str]:
    return set(board.name.upper().replace("-", " ").split())


def _is_ga100(board: Board) -> bool:
    return not _words(board).isdisjoint(_GA100)


def _is_part_time(seen: Seen) -> bool:
    return seen.architecture == HOPPER or _is_ga100(seen.board)


def is_average(seen: Seen) -> bool:
    """Whether the power read is an average over a second (NVML reference, nvmlDeviceGetPowerUsage)."""
    return seen.way == AVERAGE or (seen.way == USAGE and seen.architecture >= AMPERE and not _is_ga100(seen.board))


def _accuracy(seen: Seen) -> tuple[float, float, str]:
    if seen.way == COUNTED:
        more = f"; {_MODULE}" if covers_module(seen.board) else ""
        return 0.95, 1.05, f"{_SENSOR}; that the counter errs no more than the sensor is a judgement{more}"
    if is_average(seen) or not _is_part_time(seen):
        return 0.95, 1.05, _SENSOR
    return 0.90, 1.10, f"{_SENSOR}; {_PART_TIME}; the width for that is a judgement"


def _method(seen: Seen, *, module: bool) -> str:
    if seen.way == COUNTED:
        return "NVML energy counter of the whole module: GPU, CPU and memory" if module else "NVML energy counter"
    if is_average(seen):
        return "NVML power, an average over 1 s, read at random instants: stages shorter than some seconds blur"
    what = "NVML power of the instant, read at random instants"
    if seen.module:
        what += " (the GPU alone: what its counter covers on this module is not known)"
    return f"{what}; {_PART_TIME}" if _is_part_time(seen) else what
