"""The steps of a recorded run: how long each of them took, from its journal."""

from __future__ import annotations

from typing import Final

from joulebook.meter.claimed import Scene
from joulebook.meter.visits import paths_of, visits_in

STEP: Final = "step"
"""The stage that `run.steps` and the callbacks make of each step."""


def step_seconds(scene: Scene) -> tuple[float, ...]:
    """Seconds of each finished step of the outermost loop, in order; () where there is none.

    A step lasts from the end of the one before to its own end, so that what is done between steps is in it.
    """
    visits = visits_in(scene)
    paths = paths_of(visits)
    steps = [visit for visit in visits if visit.name == STEP]
    outermost = min((paths[visit.id].count("/") for visit in steps), default=0)
    chosen = [visit for visit in steps if paths[visit.id].count("/") == outermost]
    if not chosen:
        return ()
    ends = sorted(visit.end_ns for visit in chosen)
    before = [min(visit.start_ns for visit in chosen), *ends]
    return tuple((end - begin) / 1e9 for begin, end in zip(before, ends, strict=False))
