"""A training by a short metered run: laws of the scaling, and what is refused."""

from math import sin
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import joulebook as jb
from joulebook.account.statement import Context, state
from joulebook.entry import Entry
from joulebook.estimate.stated import catalog_of
from joulebook.estimate.train.metered import Metered
from joulebook.meter.series import Band, History, PowerSeries
from joulebook.quantity import Basis, Quantity

SECONDS = 300
H100, A100 = "NVIDIA H100 80GB HBM3", "NVIDIA A100-SXM4-80GB"


def entry(device, kind, watts, spread=0.05):
    joules = watts * SECONDS
    amount = Quantity.of(
        joules,
        "J",
        low=joules * (1 - spread),
        high=joules * (1 + spread),
        basis=Basis.MEASURED,
        source=f"reading:{device}",
    )
    return Entry(
        device, "a3f9", "", device, 0, SECONDS * 10**9, amount, None, "meter", 1.0, {"kind": kind, "channel": device}
    )


def series(device, kind, watts, name=""):
    return PowerSeries(device, name or device, kind, "measured", "", 0, 10**9, (), tuple(watts), ())


def run(*, gpus=1, watts=400.0, host=100.0, model=H100, course=None, steps=(), bands=()):
    """Five minutes on some accelerators in one host."""
    course = course or [1.0 + 0.03 * sin(3 * at) for at in range(SECONDS)]
    mean = sum(course) / len(course)
    names = [f"GPU-{at}" for at in range(gpus)]
    entries = [entry(name, "gpu", watts) for name in names]
    entries += [entry("cpu", "cpu", host)] if host else []
    found = [series(name, "gpu", [watts * one / mean for one in course], model) for name in names]
    found += [series("cpu", "cpu", [host] * SECONDS)] if host else []
    context = Context(
        catalog_of({}),
        "2026-01-01",
        run="a3f9",
        name="short",
        duration=Quantity.of(SECONDS, "s", basis=Basis.MEASURED, source="clock"),
        hardware=[f"{gpus} x {model}"] if gpus else [],
    )
    return Metered(state(entries, context), History(tuple(found), bands), steps)


def estimated(short, **asked):
    return jb.estimate.training(power_from=short, **asked)


def part(statement, kind):
    return sum(line.quantity.value for line in statement.of_kind("it_energy", "") if line.device_kind == kind)


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-3, 1e5), st.floats(1.01, 100.0))
def test_energy_grows_with_the_hours(hours, factor):
    short = run()
    once, more = estimated(short, hours=hours), estimated(short, hours=hours * factor)
    assert more.energy.value == pytest.approx(once.energy.value * factor, rel=1e-9)
    assert once.energy.low < once.energy.value < once.energy.high
    assert once.energy.to("kWh").value == pytest.approx(0.5 * hours, rel=0.01)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 8), st.integers(1, 64))
def test_accelerators_scale_by_their_number_and_hosts_by_servers(gpus, count):
    short = run(gpus=gpus)
    whole = estimated(short, hours=1, count=count)
    assert part(whole, "gpu") == pytest.approx(count * 400 * 3600, rel=0.02)
    host, once = part(whole, "cpu"), 100 * 3600
    assert once * min(1.0, count / gpus) * 0.98 <= host <= once * max(1.0, count / gpus) * 1.02
    assert whole.device_hours.value == count


def test_as_many_devices_as_the_run_had_unless_it_is_said():
    assert estimated(run(gpus=4), hours=2).device_hours.value == 8


def test_a_beginning_unlike_the_rest_is_left_out():
    slow = [0.2] * 40 + [1.0 + 0.02 * sin(3 * at) for at in range(SECONDS - 40)]
    short = run(course=slow, host=0.0)
    mean = sum(slow) / len(slow)
    assert estimated(short, hours=1).energy.to("kWh").value == pytest.approx(0.4 / mean, rel=0.02)


def test_only_the_steps_count_where_they_are_known():
    course = [0.1] * 60 + [1.0] * 180 + [0.1] * 60
    band = Band("train/step", 1, 60 * 10**9, 240 * 10**9)
    short = run(course=course, host=0.0, bands=(band,))
    mean = sum(course) / len(course)
    assert estimated(short, hours=1).energy.to("kWh").value == pytest.approx(0.4 / mean, rel=0.02)


def test_an_unsteady_run_says_less():
    calm = estimated(run(), hours=1).energy
    wild = estimated(run(course=[0.4 + (at // 50 % 2) for at in range(SECONDS)]), hours=1).energy
    assert wild.high / wild.low > 1.2 * calm.high / calm.low


def test_without_its_course_a_run_says_less():
    short = run()
    alone = estimated(short.statement, hours=1).energy
    known = estimated(short, hours=1).energy
    assert alone.value == pytest.approx(known.value, rel=0.05)
    assert alone.high / alone.low > known.high / known.low


def test_steps_give_the_hours():
    short = run(steps=(3.0, *[1.0] * 200))
    whole = estimated(short, steps=10_000)
    assert whole.duration.low <= 10_002 <= whole.duration.high
    assert whole.duration.value == pytest.approx(10_002, rel=0.02)
    assert whole.rates["time_per_step"].value == pytest.approx(1.0, rel=0.02)
    assert whole.rates["energy_per_step"].value == pytest.approx(500, rel=0.03)


def test_the_size_of_the_training_gives_the_hours_too():
    asked = {"device": "H100-SXM5", "count": 64, "params": 7e9, "tokens": 1e11}
    alone, both = jb.estimate.training(**asked), estimated(run(gpus=8), **asked)
    assert both.duration.value == pytest.approx(alone.duration.value, rel=1e-6)
    assert part(both, "gpu") == pytest.approx(64 * 400 * both.duration.to("s").value, rel=0.03)


def test_another_kind_of_device_is_bridged_with_a_warning():
    own, moved = estimated(run(), hours=1), estimated(run(), hours=1, device="A100-SXM4-80GB")
    assert part(moved, "gpu") == pytest.approx(part(own, "gpu") * 400 / 700, rel=0.03)
    assert moved.energy.high / moved.energy.low > own.energy.high / own.energy.low
    assert any("by their TDP" in text for text in moved.warnings)


def test_the_family_of_the_run_is_no_other_kind():
    assert estimated(run(), hours=1, device="H100").energy.value == estimated(run(), hours=1).energy.value


def test_an_accelerator_that_idled_is_left_out():
    short = run(gpus=2)
    lines = [
        line._replace(quantity=line.quantity * 0.1) if line.device == "GPU-1" else line
        for line in short.statement.lines
    ]
    idle = Metered(short.statement._replace(lines=tuple(lines)), short.history)
    found = estimated(idle, hours=1)
    assert found.device_hours.value == 1
    assert any("GPU-1 did next to nothing" in text for text in found.warnings)


def test_what_the_meter_shares_with_the_whole_stays_in_the_interval():
    found = estimated(run(), hours=1)
    assert "reading:GPU-0" in found.energy.sources()
    assert not any(item.name.startswith("reading:") for item in found.assumptions)


@pytest.mark.parametrize(
    ("short", "asked", "says"),
    [
        (run(), {}, "give hours"),
        (run(), {"params": 7e9, "tokens": 1e11}, "device"),
        (run(), {"hours": 1, "steps": 5}, "one of them"),
        (run(), {"hours": -1}, "hours"),
        (run(), {"hours": 1, "count": 0}, "count"),
        (run(), {"hours": 1, "power": 5}, "leave out power"),
        (run(), {"steps": 10}, "has no steps"),
        (run(steps=(1.0,) * 20), {"steps": 10}, "at least the 20"),
        (run(steps=(1.0,) * 20), {"steps": 100, "device": "A100-SXM4-80GB"}, "give hours"),
        (run(gpus=0), {"hours": 1, "device": "H100"}, "metered no accelerator"),
        (run(gpus=0, host=0.0), {"hours": 1}, "tells no power"),
        (run().statement._replace(lines=()), {"hours": 1}, "tells no power"),
        (Path("run"), {"hours": 1}, "a run of the book"),
    ],
)
def test_bad_input_is_told(short, asked, says):
    with pytest.raises(jb.JoulebookError, match=says):
        jb.estimate.training(power_from=short, **asked)


def test_steps_need_a_run():
    with pytest.raises(jb.JoulebookError, match="power_from"):
        jb.estimate.training(device="H100", steps=100, device_power=300)
