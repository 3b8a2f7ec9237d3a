"""What a measurement has to tell beside its entries."""

from __future__ import annotations

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
