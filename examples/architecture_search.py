"""An estimate and what it really was, step by step: the search for the Evolved Transformer, 88 times less than thought.

Strubell et al. 2019 (arXiv 1906.02243) took the search to have trained full-sized models on eight P100 for 274,120 h.
Patterson et al. 2021 (arXiv 2104.10350) tell what it was: a small model, on TPU v2, in a data centre of low overhead.
Take accounts of your own in their place, or those of two runs.
"""

from __future__ import annotations

import joulebook as jb
from joulebook.estimate.trials.waterfall import waterfall

TRAININGS = 979e6 / 300e3
"""979 million steps were searched; a full training has 300 thousand."""
LARGER = 18.7
"""A step of the full-sized model takes so many times one of the small model that was searched."""

estimated = jb.estimate.training(
    name="as estimated", hours=TRAININGS * 84 * 8, device_power=1515.43 / 8, pue=1.58, intensity="0.954 lb/kWh"
)
place = {"device_power": 208, "pue": 1.10, "intensity": "431 g/kWh"}
full_sized = jb.estimate.training(name="full-sized, on TPU v2", hours=TRAININGS * 10 * LARGER, **place)
actual = jb.estimate.training(name="as it was", hours=TRAININGS * 10, **place)

found = waterfall(estimated, [("hardware and site", full_sized), ("size of the proxy task", actual)])
print(f"{found.start.to('tCO2e').value:.0f} t {found.name}")
for step in found.steps:
    terms = ", ".join(f"{term.name} x {term.factor:.3g}" for term in step.terms)
    print(f"{step.after.to('tCO2e').value:.3g} t after {step.name}: {1 / step.factor:.3g} times less ({terms})")
print(f"together {found.ratio:.1f} times less")
