"""RAPL through perf events, on fake PMUs: domains, units, refusals, counters that fail; and the real call."""

from __future__ import annotations

import errno
import shutil

import pytest

from joulebook.errors import SensorDenied, SensorUnavailable
from joulebook.meter.integrate import integrate
from joulebook.meter.timeline import Timeline
from joulebook.sensors.base import DENIED, MACHINE
from joulebook.sensors.rapl import Rapl
from joulebook.sensors.rapl_perf import PMU, RaplPerf
from joulebook.testing.contract import SensorContract
from joulebook.testing.fake import SECOND
from joulebook.testing.perf import FakeEvents, Socket, fake_rapl_perf, write_power_pmu
from joulebook.testing.powercap import TWO_SOCKETS, Zone, write_powercap_tree

ONE = (Socket(0, 0, (("energy-pkg", 50.0), ("energy-ram", 5.0))),)


@pytest.fixture
def make(tmp_path, clock):
    """Makes a sensor on these sockets, with the fake kernel behind it."""

    def made(*sockets, events=None, paranoid=4):
        root = write_power_pmu(tmp_path / "root", sockets or ONE, paranoid)
        events = events or FakeEvents(sockets or ONE, clock)
        return RaplPerf(str(root), clock, events), events

    return made


def raws(sensor):
    return [reading.raw for reading in sensor.read()]


class TestContract(SensorContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.folder = tmp_path

    def make_sensor(self, clock):
        return fake_rapl_perf(self.folder, clock)


def test_channels_are_those_of_powercap_so_that_timelines_merge(tmp_path, clock):
    perf = fake_rapl_perf(tmp_path / "perf", clock)
    with write_powercap_tree(tmp_path / "powercap", TWO_SOCKETS) as tree:
        rapl = Rapl(str(tree.root))
        expected = {channel._replace(wrap_uj=0) for channel in rapl.channels}
        rapl.close()
    assert set(perf.channels) == expected


def test_a_package_that_one_run_reads_in_the_one_way_and_one_in_the_other_is_counted_once(make, tmp_path, clock):
    perf, _ = make()
    zone = Zone("intel-rapl:0", "package-0", 50.0, start_uj=262_143_300_000)
    rows = {"perf": [], "powercap": []}
    with write_powercap_tree(tmp_path / "powercap", [zone]) as tree:
        rapl = Rapl(str(tree.root), clock)
        start = clock.now
        for _ in range(101):
            for name, sensor in (("perf", perf), ("powercap", rapl)):
                rows[name].append(next((one.t_ns, one.raw) for one in sensor.read() if one.channel == 0))
            clock.advance(SECOND // 10)
            tree.advance(0.1)
        rapl.close()
    tracks = [integrate(rapl.channels[0], rows["powercap"]), integrate(perf.channels[0], rows["perf"])]
    assert tracks[0].channel.device == tracks[1].channel.device
    assert Timeline(tracks).energy(start, start + 10 * SECOND) == pytest.approx(500_000_000, rel=1e-3)


def test_counts_are_microjoules_since_the_counter_was_opened(make, clock):
    sensor, _ = make()
    assert raws(sensor) == [0, 0]
    clock.advance(SECOND)
    assert raws(sensor) == [50_000_000, 5_000_000]
    clock.advance(400 * SECOND)
    assert raws(sensor) == [20_050_000_000, 2_005_000_000]


def test_counts_above_32_bits_do_not_wrap(make, clock):
    sensor, _ = make()
    clock.advance(2_000_000 * SECOND)
    assert raws(sensor)[0] == 100_000_000_000_000
    assert {channel.wrap_uj for channel in sensor.channels} == {0}


def test_dies_of_one_package_are_devices_of_their_own(make):
    sensor, _ = make(Socket(0, 0, (("energy-pkg", 5.0),), 0), Socket(8, 0, (("energy-pkg", 5.0),), 1))
    assert [channel.device for channel in sensor.channels] == ["cpu-0-die-0", "cpu-0-die-1"]


def test_processors_that_stand_for_the_same_package_are_counted_once(make):
    sensor, _ = make(Socket(0, 0, ONE[0].watts), Socket(8, 0, ONE[0].watts))
    assert [channel.device for channel in sensor.channels] == ["cpu-0-die-0", "dram-0-die-0"]
    assert sensor.skipped[0].reason == "package-0-die-0 is counted already"


def test_platform_domain_is_shown_beside_packages(make):
    sensor, _ = make(Socket(0, 0, (("energy-pkg", 5.0), ("energy-psys", 30.0))))
    assert [(c.name, c.kind, c.within) for c in sensor.channels] == [
        ("package-0", "cpu", ""),
        ("psys", "board", MACHINE),
    ]


@pytest.mark.parametrize(("number", "word"), [(errno.EACCES, "Permission denied"), (errno.EPERM, "not permitted")])
def test_refusal_is_denied_with_the_level_and_the_remedy(make, clock, number, word):
    events = FakeEvents(ONE, clock)
    events.refusal = number
    with pytest.raises(SensorDenied, match=rf"{word}.*perf_event_paranoid is 4") as caught:
        make(events=events)
    for part in ("sysctl kernel.perf_event_paranoid=0", "CAP_PERFMON", "--cap-add PERFMON"):
        assert part in caught.value.remedy


def test_call_that_the_kernel_does_not_know_is_unavailable_with_its_reason(make, clock):
    events = FakeEvents(ONE, clock)
    events.refusal = errno.ENOSYS
    with pytest.raises(SensorUnavailable, match="Function not implemented"):
        make(events=events)


def test_counter_that_the_kernel_does_not_have_is_skipped(make, clock):
    sensor, _ = make(*ONE, events=FakeEvents((Socket(0, 0, (("energy-pkg", 5.0),)),), clock))
    assert [channel.name for channel in sensor.channels] == ["package-0"]
    assert sensor.skipped[0].zone == "energy-ram of package-0"


@pytest.mark.parametrize(
    ("file", "text"),
    [("type", ""), ("type", "many"), ("cpumask", ""), ("cpumask", "x-y"), ("events", None)],
)
def test_pmu_that_says_nothing_is_unavailable(tmp_path, file, text):
    root = write_power_pmu(tmp_path, ONE)
    if text is None:
        shutil.rmtree(root / PMU / file)
    else:
        (root / PMU / file).write_text(text)
    with pytest.raises(SensorUnavailable) as caught:
        RaplPerf(str(root), events=FakeEvents(ONE))
    assert "modprobe rapl" in caught.value.remedy


@pytest.mark.parametrize(
    ("file", "text"),
    [("energy-ram", "umask=0x1"), ("energy-ram.scale", "nan"), ("energy-ram.scale", "0"), ("energy-ram.unit", "Watts")],
)
def test_unit_or_event_that_cannot_be_read_costs_that_counter(tmp_path, file, text):
    root = write_power_pmu(tmp_path, ONE)
    (root / PMU / "events" / file).write_text(text)
    sensor = RaplPerf(str(root), events=FakeEvents(ONE))
    assert [channel.name for channel in sensor.channels] == ["package-0"]
    assert "cannot be read" in sensor.skipped[0].reason


def test_ranges_of_processors_are_understood(tmp_path):
    root = write_power_pmu(tmp_path, (Socket(0, 0), Socket(1, 1)))
    (root / PMU / "cpumask").write_text("0-1\n")
    sensor = RaplPerf(str(root), events=FakeEvents((Socket(0, 0), Socket(1, 1))))
    assert {c.device for c in sensor.channels if c.kind == "cpu" and not c.within} == {"cpu-0", "cpu-1"}


def test_counter_that_fails_is_opened_again_after_longer_pauses_and_starts_at_0(make, clock):
    sensor, events = make()
    clock.advance(SECOND)
    events.failing = {0}
    assert raws(sensor) == [None, None]
    assert events.count == 0
    events.failing = set()
    assert raws(sensor) == [None, None]
    clock.advance(SECOND)
    assert raws(sensor) == [0, 0]
    clock.advance(SECOND)
    assert raws(sensor) == [50_000_000, 5_000_000]


def test_right_that_is_taken_away_is_said_in_the_reading(make, clock):
    sensor, events = make()
    events.failing, events.refusal = {0}, errno.EACCES
    assert raws(sensor) == [None, None]
    clock.advance(SECOND)
    assert raws(sensor) == [DENIED, DENIED]


def test_closing_gives_every_counter_back_once(make):
    sensor, events = make()
    sensor.close()
    sensor.close()
    assert (events.count, events.closed) == (0, 2)
    with pytest.raises(SensorUnavailable, match="closed"):
        sensor.read()


def test_real_call_works_or_says_why_not(tmp_path):
    """The tree names a PMU that this kernel does not have: whatever it answers is told."""
    root = write_power_pmu(tmp_path, ONE)
    (root / PMU / "type").write_text("999983\n")
    with pytest.raises((SensorDenied, SensorUnavailable), match=r"energy-pkg of package-0: |x86 only") as caught:
        RaplPerf(str(root))
    assert caught.value.remedy or "x86" in str(caught.value)


def test_this_machine_is_read_or_says_why_not():
    try:
        sensor = RaplPerf()
    except (SensorDenied, SensorUnavailable) as error:
        assert error.remedy  # noqa: PT017 - either way is right
    else:
        assert all(type(reading.raw) is int for reading in sensor.read())
        sensor.close()


def test_a_real_counter_of_the_kernel_counts_or_is_refused_with_its_reason(tmp_path):
    """The clock of a processor (software PMU, event 0), which every kernel with perf events has, in the place of energy."""
    root = write_power_pmu(tmp_path, (Socket(0, 0, (("energy-pkg", 1.0),)),))
    (root / PMU / "type").write_text("1\n")
    (root / PMU / "events/energy-pkg").write_text("event=0x00\n")
    (root / PMU / "events/energy-pkg.scale").write_text("1e-9\n")
    try:
        sensor = RaplPerf(str(root))
    except (SensorDenied, SensorUnavailable) as error:
        assert "energy-pkg of package-0: " in str(error) or "x86 only" in str(error)  # noqa: PT017 - either way is right
        return
    first, second = raws(sensor), raws(sensor)
    assert 0 <= first[0] <= second[0] < 60_000_000
    sensor.close()
