import os

import pytest

from joulebook.ledger.recording import decode
from joulebook.ledger.tail import News
from joulebook.meter.claimed import Scene
from joulebook.meter.live import Followed, Moment, sensed, snapshot, state_of
from joulebook.meter.measured import totals
from joulebook.quantity import Basis
from joulebook.sensors.base import COUNTER, POWER, Channel
from joulebook.testing.fake import Load, Script
from joulebook.testing.recorded import instruments, recorded

SECOND = 10**9
STEADY = Channel("package-0", "cpu-0", "cpu", COUNTER, low=0.98, high=1.02, calibration="cpu")
MODEL = Channel("ram", "ram", "ram", POWER, basis="assumed", low=0.5, high=2.0, calibration="ram")


def steady(watts=100.0, ram_w=None):
    scripts = [Script(Load.constant(watts), STEADY, period_ns=1_000_000)]
    return scripts + ([Script(Load.constant(ram_w), MODEL)] if ram_w else [])


def follow(journal, *, parts=1, whole=True):
    """A recorder that is followed from its first record on, in so many looks."""
    one = Followed(str(journal.head["run"]), journal.recorder, journal.head)
    size = -(-len(journal.records) // parts)
    for start in range(0, len(journal.records), size):
        one.take(News(journal.recorder, journal.head, journal.records[start : start + size], [], whole))
    return one


def now(*followed, after_s=0.1):
    boot = max((one.last_ns for one in followed), default=0) + int(after_s * SECOND)
    return Moment(1_700_000_000 * SECOND + boot, boot, "invented", frozenset([os.getpid()]))


@pytest.mark.parametrize("parts", [1, 7, 60])
def test_power_and_energy_of_one_run(parts):
    journal = recorded(steady(100, ram_w=5), 60, status="")
    one = follow(journal, parts=parts)
    seen = snapshot([one], now(one))
    (run,) = seen.runs
    assert run.status == "running"
    assert run.power.value == pytest.approx(105, rel=1e-3)
    assert (run.power.basis, run.shared_with) == (Basis.ASSUMED, 0)
    assert run.power.low == pytest.approx(2.5 + 98, rel=0.02)
    assert run.power.high == pytest.approx(10 + 102, rel=0.02)
    assert run.elapsed_s == pytest.approx(60.1, abs=0.5)
    whole = totals(Scene([decode(journal.recorder, journal.head, journal.records)]))
    assert run.energy.value == pytest.approx(whole.energy_uj / 1e6, rel=0.01)
    assert [(one.device, one.basis) for one in seen.devices] == [("cpu-0", "measured"), ("ram", "assumed")]
    assert seen.power.value == pytest.approx(run.power.value)
    assert len(one.recording().t[0]) < 200  # of 600: the rest is forgotten


def test_two_runs_share_by_the_rule_that_divides_their_energy():
    first = follow(recorded(steady(), 30, seed=1, run="a" * 12, status=""))
    second = follow(recorded(steady(), 20.4, seed=2, run="b" * 12, begin_s=1_009.4, status=""))
    seen = snapshot([first, second], now(first, second))
    for run in seen.runs:
        assert run.power.value == pytest.approx(50, rel=1e-3)
        assert run.shared_with == 1
    assert seen.power.value == pytest.approx(100, rel=1e-3)
    assert len(seen.devices) == 1


def test_a_run_inside_another_one_takes_nothing_from_it():
    outer = follow(recorded(steady(), 30, seed=1, run="a" * 12, status=""))
    inner = follow(recorded(steady(), 20, seed=2, run="b" * 12, parent="a" * 12, begin_s=1_010, status=""))
    beside = follow(recorded(steady(), 20, seed=3, run="c" * 12, begin_s=1_010, status=""))
    runs = {run.id[0]: run for run in snapshot([outer, inner, beside], now(outer)).runs}
    assert [runs[name].power.value for name in "abc"] == pytest.approx([50, 50, 50], rel=1e-3)
    assert [runs[name].shared_with for name in "abc"] == [1, 1, 1]
    assert runs["b"].parent == "a" * 12


def test_a_share_by_processor_time():
    def cpu(part):
        times = [(1_000 + at) * SECOND for at in range(31)]
        return [times, [int(at * part * 1e6) for at in range(31)], [int(at * 1e6) for at in range(31)]]

    followed = []
    for number, part in enumerate((0.25, 0.5)):
        journal = recorded(steady(), 30, seed=number, run=f"{number}" * 12, share="process", status="")
        journal.records[-1]["cpu"] = [{"v": column} for column in cpu(part)]
        followed.append(follow(journal))
    seen = snapshot(followed, now(*followed))
    assert [run.power.value for run in seen.runs] == pytest.approx([25, 50], rel=1e-2)


def test_stage_and_metrics_of_now():
    journal = recorded(steady(), 10, status="")
    events = [
        (1_001 * SECOND, "+", [1, 0, "epoch"]),
        (1_002 * SECOND, "l", {"loss": 3.0, "step": 1}),
        (1_003 * SECOND, "+", [2, 1, "a/b"]),
        (1_004 * SECOND, "-", 2),
        (1_005 * SECOND, "+", [3, 1, "train"]),
        (1_006 * SECOND, "l", {"loss": 2.0}),
    ]
    one = Followed("a" * 12, journal.recorder, journal.head)
    records = [{"n": at, "t": t, "e": [[t], [kind], [payload]]} for at, (t, kind, payload) in enumerate(events, 1)]
    # the end of the journal is read first: what was opened before is not known yet
    one.take(News(journal.recorder, journal.head, records[3:], [], whole=False))
    assert one.stage() == ("train", 1_005 * SECOND)
    one.take(News(journal.recorder, journal.head, [], records[:2], whole=False))
    one.take(News(journal.recorder, journal.head, [], records[2:3], whole=True))
    assert one.stage() == ("epoch/train", 1_005 * SECOND)
    assert {name: value for name, (_, value) in one.metrics.items()} == {"loss": 2.0, "step": 1}
    (run,) = snapshot([one], now(one)).runs
    assert run.metrics[0] == ("loss", 2.0)
    one.take(News(journal.recorder, journal.head, [{"n": 9, "t": 1, "e": [[7], ["-"], [3]]}], [], whole=True))
    assert one.stage()[0] == "epoch"


def test_how_a_run_stands():
    journal = recorded(steady(), 10)
    ended = follow(journal)
    assert state_of([ended], now(ended)) == "finished"
    (run,) = snapshot([ended], now(ended)).runs
    assert (run.status, run.power, run.energy, run.elapsed_s) == ("finished", None, None, pytest.approx(10, abs=0.5))
    one = follow(recorded(steady(), 10, status=""))
    assert state_of([one], now(one, after_s=5)) == "running"
    assert state_of([one], now(one, after_s=50)) == "silent"
    assert snapshot([one], now(one, after_s=50)).runs[0].power is None
    assert state_of([one], now(one)._replace(alive=frozenset())) == "interrupted"
    assert state_of([one], now(one)._replace(boot_id="another")) == "interrupted"


def test_until_an_accumulated_energy_is_seen_the_energy_so_far_is_unknown():
    journal = recorded(steady(), 60, status="")
    one = Followed("a" * 12, journal.recorder, journal.head)
    one.take(News(journal.recorder, journal.head, journal.records[-3:], journal.records[:5], whole=False))
    (run,) = snapshot([one], now(one)).runs
    assert run.power.value == pytest.approx(100, rel=1e-2)
    assert run.energy is None


def test_a_device_without_readings_makes_the_sum_unknown_and_not_smaller():
    journal = recorded(steady(100, ram_w=5), 20, status="")
    for record in journal.records:
        record["r"].pop("1", None)
        record.get("a", {}).pop("1", None)
    one = follow(journal)
    seen = snapshot([one], now(one))
    assert [device.power is None for device in seen.devices] == [False, True]
    assert (seen.power, seen.runs[0].power) == (None, None)


def test_own_sensors_without_a_run():
    journal = recorded(instruments(), 5)
    one = Followed("sensors", "sensors", journal.head)
    first = sensed(one, 0)
    assert (first.power, [device.power for device in first.devices], first.runs) == (None, [None, None], ())
    whole = decode(journal.recorder, journal.head, journal.records)
    one.read({at: (whole.t[at], whole.raw[at]) for at in (0, 1)})
    seen = sensed(one, 0)
    assert seen.source == "sensors"
    assert 40 < seen.devices[0].power.value < 200
    assert seen.power.value == pytest.approx(sum(device.power.value for device in seen.devices))


@pytest.mark.parametrize("payload", [None, [1], [1, 2], ["x", 0, "s"], {"a": {}}, "-", 5, [1, 0, None], [[], {}, 0]])
@pytest.mark.parametrize("kind", ["+", "-", "l", "g", "?"])
def test_nonsense_in_events_is_passed_over(kind, payload):
    journal = recorded(steady(), 5, status="")
    journal.records[-1]["e"] = [[1_001 * SECOND], [kind], [payload]]
    one = follow(journal)
    assert snapshot([one], now(one)).runs[0].power is not None
