"""From the recorded readings of one channel to its track: the energy at each reading, the gaps, and what was lost.

The `Integrator` is the one that ran in the poller; here it runs again over what was written.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from joulebook.meter.integrator import Gap, Integrator
from joulebook.sensors.base import COUNTER, Channel

_TOLERANCE_UJ: Final = 2
_Anchors = Sequence[tuple[int, int]]


class Track(NamedTuple):
    """Energy of one channel as one recorder saw it.

    `uj[i]` is the energy accumulated at `t[i]` (boot ns, rising) since the first reading: for a power
    channel up to that time, for a counter up to its latest update before it. `moved` are the indices at
    which a counter's value differs from the reading before.
    """

    channel: Channel
    recorder: str
    t: tuple[int, ...]
    uj: tuple[int, ...]
    moved: tuple[int, ...]
    gaps: tuple[Gap, ...]
    power_uw: tuple[int, ...] = ()
    """For a power channel: the power read at each `t`."""


def integrate(
    channel: Channel,
    readings: Iterable[tuple[int, object]],
    anchors: _Anchors = (),
    suspensions: Iterable[tuple[int, int]] = (),
    recorder: str = "",
    lost: Sequence[int] = (),
) -> Track:
    """The energy of one channel from its recorded readings (boot ns, raw value), in the order they were taken.

    `anchors` are pairs (boot ns, accumulated uJ) that the recorder stored after the readings up to that time:
    they restore the energy of records that were lost, just after the times `lost`. `suspensions`: (start, end).
    """
    integrator = Integrator(channel)
    for start, end in suspensions:
        integrator.suspended(start, end)
    t, uj, power = list[int](), list[int](), list[int]()
    last, flagged = -1, 0
    step = integrator.step
    for t_ns, raw in readings:
        step(t_ns, raw)
        if integrator.t_ns == last:
            continue
        if len(integrator.gaps) > flagged:  # a new epoch also adds the reading that had been held back
            edges = {gap.end_ns for gap in integrator.gaps[flagged:] if last < gap.end_ns < integrator.t_ns}
            t.extend(sorted(edges))
            uj.extend([uj[-1] if uj else 0] * len(edges))
            flagged = len(integrator.gaps)
        last = integrator.t_ns
        t.append(last)
        uj.append(integrator.uj)
        power.append(integrator.raw)
    gaps = integrator.gaps + integrator.pending()
    if anchors:
        _anchor(t, uj, gaps, anchors, lost, power if lost and channel.form != COUNTER else ())
    gaps += _unseen(t, uj, gaps, lost)
    if channel.form == COUNTER:
        moved = tuple(i for i in range(1, len(uj)) if uj[i] != uj[i - 1])
        return Track(channel, recorder, tuple(t), tuple(uj), moved, tuple(sorted(gaps)))
    power = power[:1] * (len(t) - len(power)) + power  # an anchor may stand before the first reading
    return Track(channel, recorder, tuple(t), tuple(uj), (), tuple(sorted(gaps)), tuple(power))


def _unseen(t: Sequence[int], uj: Sequence[int], gaps: Sequence[Gap], lost: Sequence[int]) -> list[Gap]:
    """The holes that lost records left, where no gap says so: their time detail is gone, however short they are."""
    places = sorted({bisect_right(t, at) for at in lost} - {0, len(t)})
    holes = [Gap(t[i - 1], t[i], "missing", uj[i] - uj[i - 1], bridged=True) for i in places]
    return [one for one in holes if not any(gap.start_ns < one.end_ns and gap.end_ns > one.start_ns for gap in gaps)]


def _anchor(
    t: list[int], uj: list[int], gaps: list[Gap], anchors: _Anchors, lost: Sequence[int], power: Sequence[int]
) -> None:
    """Put the energy of lost readings where records are missing, or into the longest hole before the anchor."""
    if not t:
        return
    origin = anchors[0][0] < t[0]
    if origin:
        t.insert(0, anchors[0][0])
        uj.insert(0, 0)
    shift, agreed = anchors[0][1] if origin else 0, 0
    changes: dict[int, int] = {}
    for at_ns, total in anchors[1:] if origin else anchors:
        upto = bisect_right(t, at_ns) - 1
        if upto <= agreed and (at_ns != anchors[-1][0] or max(lost, default=-1) >= t[-1]):
            continue  # a batch without a reading of this channel: the next one tells, or it was used after the last
        change = total - uj[upto] - shift
        if abs(change) > _TOLERANCE_UJ and upto > 0:
            start = min(agreed, upto - 1)
            known = [i for at in lost if start < (i := bisect_right(t, at)) <= upto]
            hole = max(known or range(start + 1, upto + 1), key=lambda i: t[i] - t[i - 1])
            change = max(change, uj[hole - 1] - uj[hole] - changes.get(hole, 0))
            changes[hole] = changes.get(hole, 0) + change
            shift += change
        agreed = upto
    added = 0
    for i in range(len(t)):
        added += changes.get(i, 0)
        uj[i] += added
    for hole in changes:
        start, end, counted, late = t[hole - 1], t[hole], uj[hole] - uj[hole - 1], len(t) - len(power)
        gaps[:] = [gap for gap in gaps if (gap.start_ns, gap.end_ns) != (start, end)]
        least = min(power[max(0, hole - 1 - late) : hole - late + 1], default=0) * (end - start) // 2_000_000_000
        gaps.append(Gap(start, end, "missing", counted, bridged=counted >= least))  # else there was a gap as well
    if origin and 1 not in changes:  # nothing was lost before the first reading
        del t[0], uj[0]
