"""What the sensors miss, as a line of its own: it adds up to the microjoule, and is used only where it belongs."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.account.activity import OUTSIDE
from joulebook.account.statement import Context, state
from joulebook.account.terms import IT_ENERGY
from joulebook.ledger.recording import decode
from joulebook.meter.claimed import Scene
from joulebook.meter.claims import PROCESS, Claim, split
from joulebook.meter.integrate import integrate
from joulebook.meter.measured import measure, totals
from joulebook.meter.series import history
from joulebook.meter.timeline import Timeline
from joulebook.meter.wall.in_use import FIELDS, sensor_names
from joulebook.meter.wall.missing import DEVICE, KIND, Missing, wall_of
from joulebook.quantity import Basis, total
from joulebook.sensors.base import COUNTER, Channel
from joulebook.testing.facts import small_catalog
from joulebook.testing.fake import Load, Script
from joulebook.testing.recorded import recorded

S = 1_000_000_000
CPU = Channel("package-0", "cpu-0", "cpu", COUNTER, low=0.9, high=1.2, calibration="rapl", limit_w=2_000.0)
DRAM = Channel("dram", "dram-0", "dram", COUNTER, limit_w=2_000.0)
INNER = Channel("core", "cpu-0-core", "cpu", COUNTER, within="cpu-0", limit_w=2_000.0)
SCRIPTS = [Script(Load.square(20, 100, 7.3), CPU), Script(Load.constant(5), DRAM), Script(Load.constant(9), INNER)]
WALL = {
    "id": "wall-1",
    "subject": "machine.abc",
    "made": "2026-05-01T00:00:00.000Z",
    "file": "plug.csv",
    "sensors": sensor_names([CPU, DRAM, INNER]),
    "gain": (1.12, 1.10, 1.14),
    "excess": (30.2, 29.9, 30.5),
    "at": (60.0, 25.0, 105.0),
    "accuracy": (1.0, 0.98, 1.02),
    "gain_known": True,
}
OFFSET = 30.2 - 0.12 * 60


def a_run(seconds=60.0, wall=WALL, seed=0, **options):
    head = {"wall": wall} if wall else {}
    journal = recorded(SCRIPTS, seconds, seed=seed, **head, **options)
    return [decode(journal.recorder, journal.head, journal.records)]


def missing(found, span=""):
    (entry,) = (entry for entry in found.entries if entry.device == DEVICE and entry.span == span)
    return entry


def sensed_uj(found, span=""):
    return sum(e.energy_uj for e in found.entries if e.span == span and e.device in ("cpu-0", "dram-0") and counted(e))


def counted(entry):
    return not entry.labels.get("within")


# -- what it is ---------------------------------------------------------------------------------------------------


def test_the_missing_energy_follows_the_line():
    found = measure(Scene(a_run()))
    entry = missing(found)
    seconds = found.duration.value
    expected = 0.12 * sensed_uj(found) / 1e6 + OFFSET * seconds
    assert entry.energy_uj / 1e6 == pytest.approx(expected, rel=1e-9)
    assert entry.amount.value == pytest.approx(entry.energy_uj / 1e6, abs=1e-5)
    assert (entry.basis, entry.labels["kind"], entry.coverage) == (Basis.MODELLED, KIND, 1.0)
    assert "2026-05-01" in entry.method
    assert found.notices == []


def test_it_has_its_course_in_time():
    scene = Scene(a_run())
    supply = history(scene).series[-1]
    assert (supply.device, supply.kind, supply.basis) == (DEVICE, KIND, "modelled")
    joules = sum(supply.mean_w[:-1]) * supply.step_ns / 1e9  # the last bin may be shorter
    assert joules == pytest.approx(missing(measure(scene)).energy_uj / 1e6, rel=0.01)
    assert all(series.kind != KIND for series in history(Scene(a_run(wall=None))).series)


def test_stages_and_what_is_outside_of_them_add_up_to_the_microjoule():
    stages = [(0.5, 20.3, "fit"), (20.3, 33.1, "check"), (33.1, 41.0, "fit"), (47.7, 59.0, "save")]
    found = measure(Scene(a_run(stages=stages)))
    statement = state(found.entries, Context(small_catalog(), "2026-05-28", spans=found.spans, duration=found.duration))
    lines = {line.span: line for line in statement.of_kind(IT_ENERGY) if line.device == DEVICE}
    assert set(lines) == {"", "fit", "check", "save", OUTSIDE}
    assert sum(line.energy_uj for span, line in lines.items() if span) == lines[""].energy_uj
    assert lines[OUTSIDE].energy_uj > 0
    assert all(line.device_kind == KIND for line in lines.values())
    assert statement.it_energy.value == pytest.approx((sensed_uj(found) + lines[""].energy_uj) / 1e6)
    assert not [word for word in statement.not_included if "supply" in word or "memory" in word]
    assert {"wall_gain", "wall_excess", "wall_meter_accuracy"} <= {item.name for item in statement.assumptions}


def test_stages_beside_each_other_share_it_as_they_share_the_rest():
    found = measure(Scene(a_run(stages=[(5, 30, "one"), (10, 30, "other")])))
    one, other = (missing(found, path) for path in ("one", "other"))
    alone = measure(Scene(a_run(stages=[(5, 30, "both")])))
    assert (
        abs(one.energy_uj + other.energy_uj - missing(alone, "both").energy_uj) <= 1_000_000
    )  # their reading times differ
    assert other.amount.value == pytest.approx(other.energy_uj / 1e6, abs=1e-5)
    ratio = other.energy_uj / one.energy_uj
    assert 0.3 < ratio < 0.9


def test_windows_add_up_draw_by_draw():
    found = measure(Scene(a_run(stages=[(0, 30.3, "a"), (30.3, 60.1, "b")])))
    whole, parts = missing(found), [missing(found, path) for path in "ab"]
    together = total([part.amount for part in parts], "J")
    rest = whole.energy_uj - sum(part.energy_uj for part in parts)
    gap = [abs(a - b) for a, b in zip(whole.amount.draws, together.draws, strict=True)]
    assert max(gap) < 0.2 + 2 * abs(rest) / 1e6  # the ends of the run belong to no stage


def test_the_total_is_as_good_as_the_meter_whatever_the_sensors_own_error():
    found = measure(Scene(a_run()))
    parts = [entry.amount for entry in found.entries if entry.span == "" and counted(entry)]
    whole = total(parts, "J")
    sensors = total(parts[:2], "J")
    assert sensors.high / sensors.value > 1.15
    assert whole.high / whole.value == pytest.approx(1.02, abs=0.004)
    assert whole.low / whole.value == pytest.approx(0.98, abs=0.004)


def test_a_gain_that_was_only_assumed_makes_the_line_assumed():
    assert missing(measure(Scene(a_run(wall=WALL | {"gain_known": False})))).basis is Basis.ASSUMED


# -- shared -------------------------------------------------------------------------------------------------------


@given(st.integers(0, 10**6))
def test_shares_of_every_part_sum_to_it_exactly(seed):
    rng = Random(seed)
    uj, readings = 0, []
    for i in range(50):
        readings.append((i * S // 5, uj))
        uj += rng.randrange(30_000_000)
    line = Timeline([integrate(CPU, readings)], "boot")
    wall = wall_of({"wall": WALL | {"gain": [rng.uniform(0.9, 2)] * 3, "excess": [rng.uniform(-5, 80)] * 3}})
    claims = [Claim(f"run-{i}", *sorted(rng.randrange(10 * S) for _ in range(2))) for i in range(3)]
    points = sorted(rng.randrange(-S, 11 * S) for _ in range(4))
    for part in (Missing(wall, [line]), Missing(wall, [line], line)):
        shares = split(part, claims)
        for start, end in pairwise(points):
            assert sum(share.energy(start, end) for share in shares.values()) == part.energy(start, end)
        assert part.energy(points[0], points[2]) == part.energy(*points[:2]) + part.energy(*points[1:3])


@pytest.mark.parametrize("share", ["machine", PROCESS])
def test_two_runs_at_once_have_together_what_one_has_alone(share):
    alone = measure(Scene(a_run(seed=1)))
    one, other = a_run(seed=1, share=share), a_run(seed=1, run="b" * 12, share="machine")
    shared = [measure(Scene(*pair)) for pair in ((one, [other]), (other, [one]))]
    uj = [missing(found).energy_uj for found in shared]
    assert sum(uj) == pytest.approx(missing(alone).energy_uj, abs=2)
    for found, mine in zip(shared, uj, strict=True):
        assert missing(found).amount.value == pytest.approx(mine / 1e6, abs=1e-4)
    if share == "machine":
        assert abs(uj[0] - uj[1]) <= 4


def test_a_run_that_began_before_the_calibration_is_not_priced_anew():
    before, after = a_run(seed=1, wall=None), a_run(seed=1, run="b" * 12)
    assert not [entry for entry in measure(Scene(before, [after])).entries if entry.device == DEVICE]
    assert missing(measure(Scene(after, [before]))).energy_uj > 0


def test_a_list_of_runs_shows_the_same_total():
    scene = Scene(a_run())
    found = measure(scene)
    assert totals(scene).energy_uj == sensed_uj(found) + missing(found).energy_uj


# -- not used -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wall", "words"),
    [
        ({"unused": "made with other sensors"}, "made with other sensors"),
        (WALL | {"sensors": sensor_names([CPU])}, "not all of its sensors"),
        (WALL | {"sensors": [*sensor_names([CPU, DRAM]), "gpu-0 board (NVML)"]}, "not all of its sensors"),
        (WALL | {"excess": [-90.0] * 3}, "higher loads"),
        (WALL | {"at": [300.0, 250.0, 400.0], "excess": [60.0] * 3}, "was made at 250 to 400 W"),
    ],
)
def test_where_it_does_not_belong_it_is_said(wall, words):
    notices = measure(Scene(a_run(wall=wall))).notices
    assert [words in text for text in notices] == [True]


@pytest.mark.parametrize("key", FIELDS)
@pytest.mark.parametrize("value", [None, "x", [1], [1, "2", 3], [3, 2, 1], [float("nan")] * 3, [1e9] * 3, {}, 7])
def test_a_head_by_other_hands_is_never_an_exception(key, value):
    if key in ("id", "subject", "made", "file", "gain_known"):
        wall_of({"wall": WALL | {key: value}})
        return
    found = measure(Scene(a_run(5.0, wall=WALL | {key: value})))
    assert len(found.notices) == 1
    assert not [entry for entry in found.entries if entry.device == DEVICE]


@pytest.mark.parametrize("wall", [None, 3, "x", [], {}, {"gain": 1}])
def test_rubbish_for_a_calibration(wall):
    assert isinstance(wall_of({"wall": wall}), str)


def test_a_model_counts_with_its_parameters():
    model = Channel("busy", "cpu", "cpu", basis="modelled", method="model", source="cpu.any", limit_w=400.0)
    assert sensor_names([model]) != sensor_names([model._replace(limit_w=500.0)])
    assert sensor_names([CPU]) == sensor_names([CPU._replace(limit_w=500.0)])
    assert sensor_names([CPU, INNER]) == sensor_names([CPU])


def test_a_machine_that_slept_drew_nothing_meanwhile():
    readings = [(i * S // 5, i * 4_000_000) for i in range(51)] + [
        ((i + 500) * S // 5, i * 4_000_000) for i in range(51, 101)
    ]
    line = Timeline([integrate(CPU, readings, suspensions=[(10 * S, 110 * S)])], "boot")
    wall = wall_of({"wall": WALL})
    part = Missing(wall, [line])
    awake = (line.end_ns - line.start_ns) / S - 100.2
    assert part.energy(line.start_ns, line.end_ns) / 1e6 == pytest.approx(OFFSET * awake, rel=0.01)
    assert part.energy(20 * S, 90 * S) == 0
