"""The CPU model on written /proc/stat texts: what it counts, that it never falls, and that its range is wide enough."""

from __future__ import annotations

from math import isclose
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joulebook.errors import SensorUnavailable
from joulebook.sensors.cpu_model import (
    WINDOW_NS,
    Between,
    CpuModel,
    CpuPower,
    CpuShape,
    combined,
    cpu_power,
    load_curve,
)
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import SECOND, VirtualClock

PARAMS = CpuPower(10.0, 50.0, 2, idle_low=0.5, idle_high=2.0, active_low=0.5, active_high=2.0, source="a table")
SHAPE = CpuShape(Between(0.95, 0.6, 1.35), Between(0.2, 0.06, 0.42), Between(1.4, 1.0, 2.0))


@pytest.fixture
def model(proc, clock):
    made = CpuModel(PARAMS, clock, str(proc.root), clock.monotonic)
    yield made
    made.close()


def joules(model):
    idle, active = model.read()
    return idle.raw / 1e6, active.raw / 1e6


class TestContract(SensorContract):
    @pytest.fixture(autouse=True)
    def _proc(self, proc):
        self.proc = proc

    def make_sensor(self, clock):
        return CpuModel(PARAMS, clock, str(self.proc.root), clock.monotonic)

    def pass_time(self, clock, ns):
        super().pass_time(clock, ns)
        self.proc.work(user=ns // 20_000_000)


def test_rest_costs_idle_power_alone(model, clock, proc):
    clock.advance(10 * SECOND)
    proc.work(idle=2_000)
    assert joules(model) == (100.0, 0.0)


def test_full_load_costs_full_power(model, clock, proc):
    clock.advance(10 * SECOND)
    proc.work(user=2_000)
    assert joules(model) == (100.0, 400.0)


def test_half_load_costs_more_than_half_of_what_work_adds(model, clock, proc):
    clock.advance(10 * SECOND)
    proc.work(user=700, system=200, softirq=100, idle=1_000)
    assert joules(model)[1] == pytest.approx(400 * load_curve(0.5, 1.4))
    assert joules(model)[1] > 200


def test_stolen_and_waiting_time_is_not_work(model, clock, proc):
    clock.advance(SECOND)
    proc.work(steal=100, iowait=50, idle=50)
    assert joules(model) == (10.0, 0.0)


def test_idle_time_that_runs_backwards_changes_nothing(model, clock, proc):
    clock.advance(SECOND)
    proc.work(user=50, idle=-5_000, iowait=-3)
    assert joules(model)[1] == pytest.approx(40 * load_curve(0.25, 1.4))


def test_busy_time_that_runs_backwards_is_waited_for(model, clock, proc):
    clock.advance(SECOND)
    proc.work(user=100)
    before = joules(model)[1]
    clock.advance(SECOND)
    proc.work(user=-50)
    assert joules(model)[1] == before
    clock.advance(SECOND)
    proc.work(user=50)
    assert joules(model)[1] == before


def test_suspended_time_costs_nothing(model, clock):
    clock.suspend(3_600 * SECOND)
    assert joules(model) == (0.0, 0.0)


def test_processors_that_come_and_go_change_the_power_of_the_whole(model, clock, proc):
    proc.cpus = 4
    clock.advance(SECOND)
    proc.work(user=400)
    assert joules(model)[1] == pytest.approx(80.0)
    clock.advance(SECOND)
    proc.work()
    idle = model.read()[0].raw
    proc.cpus = 1
    proc.write()
    clock.advance(SECOND)
    proc.work(user=100)
    model.read()
    clock.advance(SECOND)
    assert model.read()[0].raw - idle == 20_000_000 + 5_000_000


def test_ticks_beyond_a_window_are_owed_to_the_next_one(model, clock, proc):
    """At full load ticks come irregularly; cutting them at 100 % would lose energy for good."""
    for ticks in (14, 6, 14, 6):
        clock.advance(WINDOW_NS)
        proc.work(user=ticks)
        model.read()
    assert joules(model)[1] == pytest.approx(0.2 * 40)


def test_reading_often_costs_the_same_as_reading_seldom(proc, clock):
    model = CpuModel(PARAMS, clock, str(proc.root), clock.monotonic)
    shown = []
    for step in range(5_000):
        clock.advance(2_000_000)
        if step % 5 == 4:
            proc.work(user=1, idle=1)
        shown.append(joules(model)[1])
    assert shown == sorted(shown)
    assert shown[-1] == pytest.approx(400 * load_curve(0.5, 1.4), rel=0.02)
    model.close()


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_counters_never_fall_whatever_proc_stat_says(make_proc, seed):
    rng, clock, proc = Random(seed), VirtualClock(), make_proc()
    model = CpuModel(PARAMS, clock, str(proc.root), clock.monotonic)
    last = [0, 0]
    for _ in range(30):
        (clock.suspend if rng.random() < 0.1 else clock.advance)(rng.randrange(1, SECOND))
        proc.cpus = rng.choice((1, 2, 2, 64))
        proc.work(**{name: rng.randrange(-20, 200) for name in rng.sample(sorted(proc.fields), 3)})
        now = [reading.raw for reading in model.read()]
        assert all(before <= after for before, after in zip(last, now, strict=True))
        last = now
    model.close()


def test_proc_stat_that_cannot_be_read_leaves_work_unknown(model, clock, proc):
    (proc.root / "stat").write_text("rubbish")
    clock.advance(SECOND)
    idle, active = model.read()
    assert (idle.raw, active.raw) == (10_000_000, None)


@pytest.mark.parametrize("text", [None, "rubbish\n"])
def test_no_proc_stat_is_unavailable(tmp_path, clock, text):
    if text:
        (tmp_path / "stat").write_text(text)
    with pytest.raises(SensorUnavailable, match="stat"):
        CpuModel(PARAMS, clock, str(tmp_path))


def test_reading_after_close_says_so(model):
    model.close()
    with pytest.raises(SensorUnavailable, match="closed"):
        model.read()


def test_load_curve_goes_through_its_ends_and_rises():
    for exponent in (1.0, 1.4, 1.74, 2.0):
        values = [load_curve(u / 100, exponent) for u in range(101)]
        assert (values[0], values[-1]) == (0, 1)
        assert values == sorted(values)


def test_a_virtual_machine_is_its_part_of_the_chip():
    whole = cpu_power(Between(280, 280, 280), 128, 128, SHAPE, basis="modelled", source="s")
    part = cpu_power(Between(280, 280, 280), 128, 8, SHAPE, basis="modelled", source="s")
    assert part.full_w == pytest.approx(whole.full_w / 16)
    assert part.full_w == pytest.approx(280 * 0.95 / 16)
    assert part.idle_w == pytest.approx(part.full_w * 0.2)
    assert (part.idle_low, part.active_high) == (whole.idle_low, whole.active_high)


def test_two_sockets_are_twice_one():
    two = cpu_power(Between(150, 150, 150), 48, 96, SHAPE, basis="modelled", source="s")
    assert two.full_w == pytest.approx(2 * 150 * 0.95)


def test_ranges_are_combined_in_quadrature_of_logarithms():
    low, high = combined(Between(1, 0.8, 1.25), Between(10, 8, 12.5))
    assert isclose(high, 1.25 ** (2**0.5))
    assert isclose(low, 1 / high)
    assert combined(Between(3, 3, 3)) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("tdp", "threads", "low_w", "high_w"),
    [
        # Watts per vCPU at full load that clouds' meters and SPECpower give for known generations
        # (Cloud Carbon Footprint, MIN/MAX_WATTS_BY_COMPUTE_PROCESSOR; includes the rest of the server).
        (240, 48, 3.97, 3.97),  # Cascade Lake, 8259CL-like
        (225, 128, 1.69, 1.69),  # EPYC 2
        (145, 36, 3.69, 3.69),  # Broadwell E5-2686 v4
        (250, 32, 7.8, 7.9),  # 13900K at its turbo limit of 253 W
    ],
)
def test_interval_at_full_load_contains_published_power(tdp, threads, low_w, high_w):
    power = cpu_power(Between(tdp, tdp, tdp), threads, 1, SHAPE, basis="modelled", source="s")
    active = power.full_w - power.idle_w
    low = power.idle_w * power.idle_low + active * power.active_low
    high = power.idle_w * power.idle_high + active * power.active_high
    assert low <= low_w
    assert high_w <= high


def test_parts_of_one_device_share_their_error():
    power = cpu_power(Between(100, 90, 110), 8, 8, SHAPE, basis="assumed", source="s")
    assert power.calibration == "cpu_model"
    assert 0 < power.idle_low < 1 < power.idle_high
    assert 0 < power.active_low < 1 < power.active_high
    assert power.idle_high > power.active_high
