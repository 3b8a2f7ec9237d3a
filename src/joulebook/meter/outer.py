"""What is different about meters outside the machine (plugs, BMCs): slow, averaging, of two ways to the same energy.

Their readings keep their own resolution. An average over some time belongs to the middle of that time; a meter that
averages over too long for a run says nothing of it; of a plug's counter and its power one is taken, never both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from joulebook.meter.curve import averages
from joulebook.meter.integrate import Track
from joulebook.meter.timeline import Timeline
from joulebook.sensors.base import COUNTER, POWER, SOCKET

WINDOWS_MIN: Final = 4
"""A run has to last for so many windows of a meter that averages,"""
MOVES_MIN: Final = 20
"""and a counter has to move so often in it, its steps being below a twentieth then,"""
_OFTEN_NS: Final = 5_000_000_000
"""and once in this time: what a slower one shows at the ends of a run was used before them."""


def centred(track: Track) -> Track:
    """The track of an average, each value in the middle of the time that it speaks for; the last one to its end."""
    half = averages(track.channel) // 2
    if not half or not track.t:
        return track
    last, power = track.t[-1], track.power_uw[-1]
    moved = [gap._replace(start_ns=gap.start_ns - half * (gap.start_ns < last)) for gap in track.gaps]
    gaps = [gap._replace(end_ns=gap.end_ns - half) for gap in moved]
    return track._replace(
        t=(*(t - half for t in track.t), last),
        uj=(*track.uj, track.uj[-1] + power * half // 1_000_000_000),
        power_uw=(*track.power_uw, power),
        gaps=tuple(gap for gap in gaps if gap.end_ns > gap.start_ns),
    )


def silence(line: Timeline, window: tuple[int, int]) -> str:
    """Why an outer meter says nothing of a window of time; empty where it does."""
    start, end = window
    averaged = averages(line.channel)
    if line.coverage(start, end) == 0 or end <= start:
        return "no usable readings"
    if WINDOWS_MIN * averaged > end - start:
        return f"it averages over {averaged / 1e9:g} s, which is too long for a run of {(end - start) / 1e9:.3g} s"
    if line.energy(start, end) == 0:
        return "it showed nothing"
    return ""


def second_ways(lines: Sequence[Timeline], window: tuple[int, int]) -> set[str]:
    """The keys of those outer channels that another one of the same meter tells better."""
    meters: dict[tuple[str, str], list[Timeline]] = {}
    for line in lines:
        if line.channel.kind == SOCKET:
            meters.setdefault((line.boot_id, line.channel.device), []).append(line)
    left_out: set[str] = set()
    for ways in meters.values():
        counters = [line for line in ways if line.channel.form == COUNTER]
        powers = [line for line in ways if line.channel.form == POWER]
        if counters and powers:
            least = max(MOVES_MIN, (window[1] - window[0]) / _OFTEN_NS)
            counts = max(_moves(line, window) for line in counters) >= least
            left_out.update(line.key for line in (powers if counts else counters))
    return left_out


def _moves(line: Timeline, window: tuple[int, int]) -> int:
    start, end = window
    return max((sum(start <= track.t[at] <= end for at in track.moved) for track in line.tracks), default=0)
