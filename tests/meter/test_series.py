"""Power over time, as it is drawn: it shows the peaks that there were, and no others."""

from __future__ import annotations

from joulebook.ledger.recording import decode
from joulebook.meter.claimed import Scene
from joulebook.meter.series import history
from joulebook.sensors.base import COUNTER, Channel
from joulebook.testing.fake import Load, Script
from joulebook.testing.recorded import recorded

MS = 1_000_000
GPU = Channel("gpu", "GPU-1", "gpu", COUNTER, limit_w=700.0)


def drawn(load, seconds):
    journal = recorded([Script(load, GPU, period_ns=100 * MS)], seconds)
    (series,) = history(Scene([decode(journal.recorder, journal.head, journal.records)])).series
    return series


def test_a_counter_that_is_updated_rarely_shows_no_peaks_of_a_constant_load():
    series = drawn(Load.constant(100), 60)
    assert all(low > 60 and high < 145 for low, high in zip(series.low_w, series.high_w, strict=True))


def test_a_peak_of_some_updates_is_shown():
    series = drawn(Load.square(100, 500, 10), 60)
    assert 450 < max(series.high_w) < 750


def test_a_splinter_at_the_end_of_a_run_is_no_bin_of_its_own():
    for seconds in (2.0, 2.001, 2.01, 2.05):
        assert max(drawn(Load.constant(100), seconds).high_w) < 200
