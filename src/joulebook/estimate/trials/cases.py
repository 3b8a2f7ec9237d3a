"""Two published searches, computed again: what a paper took in research, and an architecture search put right.

E. Strubell, A. Ganesh, A. McCallum. Energy and policy considerations for deep learning in NLP. ACL 2019, P19-1355,
arXiv 1906.02243: Tables 3 and 4. D. Patterson et al. Carbon emissions and large neural network training. 2021,
arXiv 2104.10350: section 4.1 and Table 4.
"""

from __future__ import annotations

from typing import Final

from joulebook.account.terms import Statement
from joulebook.estimate.train.door import training
from joulebook.estimate.trials.door import search
from joulebook.estimate.trials.waterfall import Waterfall, waterfall

PUE_2018: Final = 1.58
GRID_2018: Final = "0.954 lb/kWh"
"""Of the United States, EPA eGRID 2018, as Strubell et al. have it."""
HIRE: Final = "0.43..1.46"
"""USD for an hour of a P100, pre-emptible to on demand, 2019: Strubell et al., footnote to Table 3."""

# Strubell et al. 2019, Table 4: trainings, and GPU-hours of one of them.
_DEVICE_W: Final = 78_468 / 0.954 / 239_942 / PUE_2018 * 1e3
"""Mean draw of a GPU and its share of the host, W: 78,468 lb in Table 1 are the 239,942 hours of Table 4."""
_RESEARCH: Final = (
    ("one training", 1, 120.0, 1),
    ("24 sets of hyper-parameters", 24, 120.0, 1),
    ("all of the research: 4,789 trainings", 4789, 239_942 / 4789, 58),
)
"""Name, trainings, hours of one, and how many went on at once (239,942 GPU-hours in 172 days)."""

# The search for the Evolved Transformer: 979 million steps, a full training being 300 thousand.
_TRAININGS: Final = 979e6 / 300e3
_P100_H: Final = 8 * 84.0
"""P100-hours of a training of the full-sized model (Strubell et al., Table 3)."""
_P100_W: Final = 1515.43 / 8
_TPU_H: Final = 10.0
"""TPU v2 hours of as many steps of the small model that was searched (D. So et al. 2019, arXiv 1901.11117)."""
_TPU_W: Final = 208.0
"""Measured mean of the system, with host, network and fans (Patterson et al., Table 4)."""
_PROXY: Final = 18.7
"""What a step of the full-sized model takes over one of the small model on which the search ran (Patterson et al.)."""


def research() -> list[Statement]:
    """Strubell et al. 2019, Table 4: one model, its tuning, and everything that was trained for one paper.

    `cost` is of electricity at 0.12 USD/kWh, `cost_hire` of hire instead.
    """
    found = []
    for name, trainings, hours, at_once in _RESEARCH:
        one = _of_2019(hours, "0.12 USD/kWh")._replace(cost_hire=_of_2019(hours, HIRE).cost)
        found.append(search(one=one, trials=trainings, size=1, failed=0, final=0, concurrency=at_once, name=name))
    return found


def architecture_search() -> Waterfall:
    """The carbon of the search for the Evolved Transformer, from 284 t as estimated in 2019 to the 3.2 t that it was.

    Two steps: the hardware and site where it was done, and the size of the small model that it was done with.
    """
    estimated = training(
        name="as estimated in 2019",
        hours=_TRAININGS * _P100_H,
        device_power=_P100_W,
        pue=PUE_2018,
        intensity=GRID_2018,
    )
    in_place, actual = (
        training(name="as it was", hours=_TRAININGS * _TPU_H * larger, device_power=_TPU_W, pue=1.10, intensity=431)
        for larger in (_PROXY, 1.0)
    )
    return waterfall(estimated, [("hardware and site", in_place), ("size of the proxy task", actual)])


def _of_2019(hours: float, price: str) -> Statement:
    return training(hours=hours, device_power=_DEVICE_W, pue=PUE_2018, intensity=GRID_2018, price=price, name="one")
