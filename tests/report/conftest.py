"""A run with three devices, each known in another way, with nested stages and a recorded power."""

from __future__ import annotations

import math
import random

import pytest

from joulebook.account.statement import Context, state
from joulebook.entry import Entry
from joulebook.meter.series import Band, History, PowerSeries
from joulebook.quantity import Basis, Quantity
from joulebook.testing.facts import small_catalog

SECOND = 1_000_000_000
SECONDS = 451.0
START = 1_795_255_200 * SECOND
DEVICES = (
    ("gpu-0", "gpu", 178_000, Basis.MEASURED, 0.05),
    ("cpu-0", "cpu", 27_500, Basis.MODELLED, 0.3),
    ("ram", "ram", 9_500, Basis.ASSUMED, 0.7),
)
STAGES = {"": 1.0, "load": 0.06, "train": 0.7, "train/forward": 0.25, "train/backward": 0.4, "evaluate": 0.2}


def _entry(device, span, share, seconds):
    name, kind, joules, basis, spread = device
    joules *= share
    amount = Quantity.of(
        joules, "J", low=joules * (1 - spread), high=joules * (1 + spread), basis=basis, source=f"error of {kind}"
    )
    return Entry(
        f"{name}{span}", "a3f9c0ffee00", span, name, 0, int(seconds * share * SECOND), amount,
        energy_uj=round(joules * 1e6), method=f"how {name} is read", coverage=1.0, labels={"kind": kind},
    )  # fmt: skip


@pytest.fixture(scope="session")
def account():
    """Makes a statement; `stages` maps paths to their shares of everything."""

    def make(*, stages=None, factor=1.0, devices=DEVICES, seconds=SECONDS, **context):
        stages = STAGES if stages is None else {"": 1.0, **stages}
        entries = [
            _entry(device, span, share * factor, seconds) for span, share in stages.items() for device in devices
        ]
        fields = {"run": "a3f9c0ffee00", "name": "train.py", "exit": 0, "region": "fr", **context}
        return state(entries, Context(small_catalog(), "2026-11-20", started="2026-11-20T10:00:00Z", **fields))

    return make


@pytest.fixture(scope="session")
def recorded():
    """Makes the history of a run of so many seconds: a gap in one device, and peaks of a single bin."""

    def make(bins=1_000, seconds=SECONDS, *, devices=DEVICES, names=("load", "train", "evaluate")):
        length = int(seconds * SECOND)
        series = []
        for number, (name, kind, joules, basis, _) in enumerate(devices):
            chance, low, mean, high = random.Random(number), [], [], []
            for place in range(bins):
                if not number and 0.43 <= place / bins < 0.55:
                    low.append(None), mean.append(None), high.append(None)
                    continue
                watts = joules / SECONDS * (0.6 + 0.4 * (math.sin(place / bins * 40) > -0.5))
                low.append(round(watts * chance.uniform(0.8, 0.95), 2))
                mean.append(round(watts, 2))
                high.append(round(watts * chance.uniform(1.05, 1.2), 2))
            high[bins // 3] = joules / SECONDS * 3.0
            columns = tuple(low), tuple(mean), tuple(high)
            series.append(PowerSeries(name, "power", kind, str(basis), "", START, length // bins, *columns))
        edges = [0, *(length * part // len(names) for part in range(1, len(names) + 1))]
        bands = [Band(name, 0, START + edges[place], START + edges[place + 1]) for place, name in enumerate(names)]
        return History(tuple(series), tuple(bands))

    return make


@pytest.fixture(scope="session")
def item(account, recorded):
    """One run: its statement and its history."""
    return account(), recorded()
