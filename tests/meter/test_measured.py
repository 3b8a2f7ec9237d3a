"""What a measurement has to tell beside its entries."""

from __future__ import annotations

from math import fsum

from joulebook.ledger.recording import Recording
from joulebook.meter.claimed import Scene
from joulebook.meter.measured import measure


def test_a_sensor_that_is_there_and_cannot_be_used_is_told():
    reports = [
        {"name": "rapl", "status": "denied", "detail": "a model stands in, and its basis says so"},
        {"name": "nvml", "status": "denied", "detail": "Insufficient Permissions"},
        {"name": "mine:Plug", "status": "failed", "detail": "KeyError"},
        {"name": "absent", "status": "unavailable", "detail": "not there"},
        "written by other hands",
    ]
    own = [Recording(name, {"run": "r", "sensors": reports}) for name in ("one", "two")]
    told = [
        "sensor nvml denied: Insufficient Permissions; see  joulebook doctor",
        "sensor mine:Plug failed: KeyError; see  joulebook doctor",
    ]
    assert measure(Scene(own)).notices == told


def test_counts_add_up_and_what_is_no_number_counts_nothing():
    one, two = (Recording(name, {"run": "r"}) for name in ("one", "two"))
    one.events += [
        (1, "c", {"answers": 2, "tokens": 0.1}),
        (2, "c", {"answers": 3, "bad": "x", "endless": float("inf")}),
    ]
    two.events += [(1, "c", {"tokens": 0.2, "yes": True}), (2, "c", "nothing"), (3, "l", {"answers": 9})]
    found = measure(Scene([one, two])).counts
    assert found == {"answers": 5, "tokens": fsum((0.1, 0.2))}
