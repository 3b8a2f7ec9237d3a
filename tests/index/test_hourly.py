"""Energy priced hour by hour: means by energy, gaps with the catalogue's factor, marginal values on their own."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from pathlib import Path

import pytest

from joulebook.errors import ConfigError, FactNotFound
from joulebook.facts.feeds.electricity_maps import ElectricityMaps
from joulebook.facts.feeds.energy_charts import EnergyCharts
from joulebook.facts.feeds.neso import Neso
from joulebook.facts.feeds.watttime import WattTime
from joulebook.index import Book
from joulebook.index.hourly import RANGES, UNSTATED_RANGE
from joulebook.index.in_time import use_of
from joulebook.ledger.batch import Batch, encode_batch
from joulebook.ledger.frame import frame, to_json
from joulebook.ledger.places import run_folder
from joulebook.meter.series import History, PowerSeries
from joulebook.quantity import Basis, Quantity
from joulebook.testing.book import CHANNELS, SECOND
from joulebook.testing.feeds import PASSWORD, TOKEN, USER, FakeFeeds

START_NS = 1_780_315_200 * SECOND - 3_000 * SECOND
"""1 June 2026, 11:10 UTC."""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeFeeds]:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("ELECTRICITYMAPS_TOKEN", TOKEN)
    monkeypatch.setenv("WATTTIME_USER", USER)
    monkeypatch.setenv("WATTTIME_PASSWORD", PASSWORD)
    with FakeFeeds(lambda at: 100.0 + 50 * (at // 3_600 % 5)) as feeds:
        for feed in (Neso, EnergyCharts, ElectricityMaps, WattTime):
            monkeypatch.setattr(feed, "url", feeds.url(feed.card.id))
        yield feeds


@pytest.fixture
def book(home) -> Book:
    """One run of three hours, whose power is 40, 100 and 250 W: a reading every ten seconds."""
    times = [10**13 + at * 10 * SECOND for at in range(1_081)]
    uj, counter = 5_000_000, list[object]()
    for at in range(1_081):
        counter.append(uj)
        uj += (40, 100, 250)[at // 361] * 10 * 1_000_000
    head = {"format": 1, "run": "0123456789ab", "recorder": "1-00000001", "name": "long", "boot_id": "test"}
    head |= {"wall_ns": START_NS, "boot_ns": times[0], "pid": 0, "parent": "", "span": "", "argv": [], "host": "test"}
    head |= {"edition": "", "region": "", "share": "machine", "interval_s": 10.0, "sensors": []}
    head |= {"labels": {}, "config": {}, "channels": [CHANNELS[0]._asdict()]}
    used = {0: int(str(counter[-1])) - int(str(counter[0]))}
    batch = Batch(times[-1] + 1_000, {0: (times, counter)}, used, [])
    end = {"t": times[-1] + 2_000, "status": "finished", "exit": 0, "reason": ""}
    records = ({"n": 0, "head": head}, {"n": 1, **encode_batch(*batch)}, {"n": 2, "end": end})
    folder = Path(run_folder(home, START_NS, "0123456789ab"))
    folder.mkdir(parents=True)
    (folder / "1-00000001.000.jsonl").write_bytes(b"".join(frame(to_json(record)) for record in records))
    return Book(home)


def series(mean_w, device="cpu-0", kind="cpu", within="", start_ns=START_NS, step_ns=600 * SECOND):
    return PowerSeries(device, "power", kind, "measured", within, start_ns, step_ns, mean_w, mean_w, mean_w)


def seconds(count: float) -> Quantity:
    return Quantity.of(count, "s", basis=Basis.MEASURED, source="clock")


def intensity(statement) -> Quantity:
    return statement.assumption("carbon_intensity").quantity


def test_energy_in_time_is_that_of_the_channels_that_are_added() -> None:
    history = History(
        (
            series((10.0, None, 30.0)),
            series((5.0,), "gpu-0", "gpu", step_ns=1_800 * SECOND),
            series((99.0,), within="cpu-0"),
            series((99.0,), "plug", "socket"),
        )
    )
    use = use_of(history, START_NS, seconds(1_500))
    assert [one.energy for one in use.slices] == [6_000 * SECOND, 9_000 * SECOND, 7_500 * SECOND]
    assert max(one.end_ns for one in use.slices) == use.end_ns == START_NS + 1_500 * SECOND


def test_energy_without_a_known_bin_is_spread_evenly() -> None:
    use = use_of(History((series((None, None)),)), START_NS, seconds(1_200))
    assert [(one.start_ns, one.end_ns) for one in use.slices] == [(START_NS, START_NS + 1_200 * SECOND)]


@pytest.mark.parametrize(
    ("service", "region", "factor"), [("energy-charts", "FR", UNSTATED_RANGE), ("electricity-maps", "JP", (1.0, 1.0))]
)
def test_intensity_is_the_mean_over_time_weighted_by_the_energy(fake, book, service, region, factor) -> None:
    statement = book.statement("last", region=region, live=service)
    one = book.history("last")
    carbon = energy = 0.0
    for channel in one.series:
        for at, watts in enumerate(channel.mean_w):
            for second in range(channel.step_ns // SECOND):
                time = channel.start_ns + at * channel.step_ns + second * SECOND
                if watts and time < START_NS + int(statement.duration.value * SECOND):
                    energy += watts
                    carbon += watts * fake.truth(time // SECOND)
    found = intensity(statement)
    assert isclose(found.value, carbon / energy, rel_tol=1e-3)
    low, high = RANGES["average", "measured"]
    assert isclose(found.low, found.value * low * factor[0], rel_tol=1e-9)
    assert isclose(found.high, found.value * high * factor[1], rel_tol=1e-9)
    assert found.basis == Basis.REPORTED
    assert not [warning for warning in statement.warnings if warning.startswith("live: ") and "share" in warning]


def test_a_gap_has_the_factor_of_the_catalogue_and_its_share_is_said(fake, book) -> None:
    noon = START_NS // SECOND + 3_000
    fake.truth = lambda at: 100.0 if at < noon else None
    fake.forecast = lambda at: None
    yearly = intensity(book.statement("last", region="FR"))
    statement = book.statement("last", region="FR", live="energy-charts")
    (said,) = [warning for warning in statement.warnings if "of the energy has the catalogue's factor" in warning]
    assert "2026-06-01T12:00Z to 2026-06-01T" in said
    share = float(said.split()[1]) / 100
    found = intensity(statement)
    assert isclose(found.value, share * yearly.value + (1 - share) * 100, rel_tol=5e-3)
    assert found.basis == Basis.REPORTED
    assert "grid.fr carbon_intensity.lifecycle.generation" in found.sources()
    text = "; ".join(source.text for source in found.sources().values())
    assert "Fraunhofer ISE Energy-Charts, CC BY 4.0: fr, " in text
    assert "average, boundary not stated, measured; told 20" in text
    assert "Ember" in text
    assert any("boundary not stated, that factor is life cycle" in warning for warning in statement.warnings)


def test_direct_values_leave_upstream_emissions_out_and_say_so(fake, book) -> None:
    statement = book.statement("last", region="GB", live="neso")
    assert "upstream emissions of the grid" in statement.not_included
    assert any("Northern Ireland" in warning for warning in statement.warnings)
    assert "upstream emissions of the grid" not in book.statement("last", region="GB").not_included


def test_marginal_values_are_beside_and_never_in_location_based_carbon(fake, book) -> None:
    plain = book.statement("last", region="US-CA")
    beside = book.statement("last", region="US-CA", live="watttime")
    assert beside.carbon == plain.carbon
    assert intensity(beside) == intensity(plain)
    lines = beside.of_kind("carbon_marginal")
    rate = beside.assumption("carbon_intensity_marginal").quantity
    assert 100 <= rate.value <= 300
    assert rate.basis == Basis.MODELLED
    assert [line.device for line in lines] == [line.device for line in beside.of_kind("carbon_location")]
    both = book.statement("last", region="US-CA", live="electricity-maps,watttime")
    assert both.assumption("carbon_intensity_marginal").quantity == rate
    assert "WattTime" not in "".join(source.text for source in both.carbon.sources().values())


def test_forecasts_and_measured_values_are_told_apart(fake, book) -> None:
    fake.measured_until = START_NS // SECOND + 3_000
    statement = book.statement("last", region="FR", live="energy-charts")
    assert any("forecast and may revise" in warning for warning in statement.warnings)
    found = intensity(statement)
    names = [leaf.name for leaf in found.leaves()]
    assert names == ["energy-charts measured", "energy-charts forecast"]
    assert found.basis == Basis.MODELLED


def test_nothing_told_leaves_the_account_as_it_is(fake, book) -> None:
    fake.truth = fake.forecast = lambda _: None
    plain, asked = book.statement("last", region="FR"), book.statement("last", region="FR", live="auto")
    assert asked.carbon == plain.carbon
    assert asked._replace(warnings=plain.warnings).as_dict() == plain.as_dict()
    assert [warning for warning in asked.warnings if warning not in plain.warnings] == [
        "live: energy-charts has no value for this run: the catalogue's factor is used"
    ]


def test_a_service_that_fails_costs_a_warning_and_no_account(fake, book) -> None:
    fake.faults = ["403"] * 9
    statement = book.statement("last", region="FR", live="energy-charts")
    assert statement.carbon == book.statement("last", region="FR").carbon
    assert "live: energy-charts: it does not allow this account to read it (403)" in statement.warnings


def test_all_that_is_asked_of_a_book_has_one_deadline(fake, book) -> None:
    book._patience_s = 0.0
    statement = book.statement("last", region="FR", live="energy-charts")
    assert any("no time was left to ask it" in warning for warning in statement.warnings)
    assert fake.asked == []


def test_questions_that_make_no_sense_are_errors(fake, book) -> None:
    with pytest.raises(FactNotFound, match="energy-charts has no zone for US-CA"):
        book.statement("last", region="US-CA", live="energy-charts")
    with pytest.raises(ConfigError, match="one service of averages"):
        book.statement("last", region="GB", live="neso,energy-charts")
    with pytest.raises(ConfigError, match="expected one of neso"):
        book.statement("last", region="GB", live="carbon")
    with pytest.raises(ConfigError, match="one of marginal values"):
        book.statement("last", region="GB", live="watttime:UK,watttime:FR")
    assert fake.asked == []
