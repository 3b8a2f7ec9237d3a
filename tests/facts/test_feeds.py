"""The services of carbon intensity against a loopback server that plays them, and what goes wrong with them."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from math import isclose
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.errors import ConfigError, FactNotFound, FeedDenied, FeedError, FeedUnavailable, MissingExtra
from joulebook.facts.catalog import Catalog
from joulebook.facts.feeds import kept
from joulebook.facts.feeds.ask import Here, Known, Wanted, ask, wanted
from joulebook.facts.feeds.electricity_maps import ElectricityMaps
from joulebook.facts.feeds.energy_charts import EnergyCharts
from joulebook.facts.feeds.feed import _tables, grams, instant, iso, secret, services_for, zone_of
from joulebook.facts.feeds.neso import Neso
from joulebook.facts.feeds.series import DIRECT, ESTIMATED, FORECAST, LIFE_CYCLE, MEASURED, UNSTATED, current
from joulebook.facts.feeds.watttime import WattTime
from joulebook.facts.feeds.web import Answer, Web
from joulebook.registry import names
from joulebook.testing.feeds import FAULTS, PASSWORD, TOKEN, USER, FakeFeeds

FEEDS = {"neso": Neso, "energy-charts": EnergyCharts, "electricity-maps": ElectricityMaps, "watttime": WattTime}
ENV = {"ELECTRICITYMAPS_TOKEN": TOKEN, "WATTTIME_USER": USER, "WATTTIME_PASSWORD": PASSWORD}
REGIONS = {"neso": "grid.gb", "energy-charts": "grid.fr", "electricity-maps": "grid.jp", "watttime": "grid.us-ca"}
NOON = 1_780_315_200
"""1 June 2026, 12:00 UTC."""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeFeeds]:
    """The services, whose truth is 100 g/kWh and one more every hour of the day."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with FakeFeeds(lambda at: 100.0 + at // 3_600 % 24) as feeds:
        for name, feed in FEEDS.items():
            monkeypatch.setattr(feed, "url", feeds.url(name))
        yield feeds


def web(
    fake: FakeFeeds, service: str, *, request_s: float = 5.0, ends_s: float = 30.0, slept: list[float] | None = None
):
    rest = [] if slept is None else slept
    return Web(fake.url(service), service, ends=time.monotonic() + ends_s, request_s=request_s, sleep=rest.append)


def told(fake: FakeFeeds, service: str, zone: str = "", start: int = NOON, end: int = NOON + 7_200, **options):
    return FEEDS[service](web(fake, service, **options), ENV).history(
        zone or zone_of(service, REGIONS[service])[0], start, end
    )


def here(tmp_path: Path, now: int = NOON + 86_400, env: dict[str, str] = ENV) -> Here:
    return Here(env, tmp_path / "live", now, time.monotonic() + 30)


def asked(tmp_path: Path, service: str = "neso", window: tuple[int, int] = (NOON, NOON + 7_200), **options) -> Known:
    return ask(Wanted(service), REGIONS[service], window, here(tmp_path, **options))


# -- what they tell --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "step", "boundary", "state"),
    [
        ("neso", 1_800, DIRECT, MEASURED),
        ("energy-charts", 1_800, UNSTATED, MEASURED),
        ("electricity-maps", 3_600, LIFE_CYCLE, MEASURED),
        ("watttime", 300, DIRECT, ESTIMATED),
    ],
)
def test_every_service_tells_the_truth_with_its_step_boundary_and_state(
    fake: FakeFeeds, service: str, step: int, boundary: str, state: str
) -> None:
    found = told(fake, service)
    assert found.boundary == boundary
    assert [point.start for point in found.points] == list(range(NOON, NOON + 7_200, step))
    for point in found.points:
        assert point.end - point.start == step
        assert point.state == state
        assert isclose(point.grams, 100 + point.start // 3_600 % 24, rel_tol=1e-12)


def test_kinds_are_carried_and_every_card_has_a_licence() -> None:
    assert [FEEDS[name].kind for name in names("feed")] == ["average"] * 3 + ["marginal"]
    assert all(feed.card.licence and feed.card.url.startswith("https://") for feed in FEEDS.values())
    assert all(feed.url.startswith("https://") for feed in FEEDS.values())


@pytest.mark.parametrize("service", ["neso", "energy-charts"])
def test_values_that_are_not_measured_yet_are_forecasts(fake: FakeFeeds, service: str) -> None:
    fake.measured_until, fake.forecast = NOON + 3_600, lambda _: 300.0
    found = told(fake, service)
    assert {(point.start < NOON + 3_600, point.state) for point in found.points} == {
        (True, MEASURED),
        (False, FORECAST),
    }
    assert {point.grams for point in found.points if point.state == FORECAST} == {300.0}


@pytest.mark.parametrize("service", FEEDS)
def test_a_null_is_no_value_and_never_zero(fake: FakeFeeds, service: str) -> None:
    truth = fake.truth
    fake.truth = fake.forecast = lambda at: None if NOON <= at < NOON + 3_600 else truth(at)
    found = told(fake, service)
    assert found.points
    assert min(point.start for point in found.points) == NOON + 3_600
    assert min(point.grams for point in found.points) > 100


def test_what_electricity_maps_estimated_says_so(fake: FakeFeeds) -> None:
    fake.estimated = True
    assert {point.state for point in told(fake, "electricity-maps").points} == {ESTIMATED}


def test_life_cycle_and_direct_values_are_never_mixed(fake: FakeFeeds) -> None:
    fake.boundaries = ("lifecycle", "direct")
    with pytest.raises(FeedError, match="mixes life-cycle and direct"):
        told(fake, "electricity-maps")
    fake.boundaries = ("direct",)
    assert told(fake, "electricity-maps").boundary == DIRECT


def test_a_free_plan_of_electricity_maps_has_the_last_day(fake: FakeFeeds) -> None:
    fake.free_plan, now = True, int(time.time())
    found = told(fake, "electricity-maps", start=now - 7_200, end=now)
    assert {now - 3_600 < point.end for point in found.points} == {True, False}
    assert all(isclose(point.grams, fake.truth(point.start)) for point in found.points)
    with pytest.raises(FeedDenied, match="that your plan has JP"):
        told(fake, "electricity-maps")


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/St_Johns"])
def test_the_time_zone_of_whoever_asks_changes_nothing(
    fake: FakeFeeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    before = asked(tmp_path / "utc").points
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert [point[:4] for point in asked(tmp_path / "there").points] == [point[:4] for point in before]
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("service", ["electricity-maps", "watttime"])
def test_an_answer_for_another_zone_is_refused(fake: FakeFeeds, service: str) -> None:
    fake.zone = "ELSEWHERE"
    with pytest.raises(FeedError, match="answers for another"):
        told(fake, service)


def test_units_are_read_from_the_answer(fake: FakeFeeds) -> None:
    fake.units = "kg_co2_per_mwh"
    assert {point.grams for point in told(fake, "watttime").points} == {112.0, 113.0}
    fake.units = "tons_per_year"
    with pytest.raises(FeedError, match="tons_per_year"):
        told(fake, "watttime")
    assert grams("x", 1_000.0, "lbCO2e/kWh", 1_000.0) == pytest.approx(453.59237, rel=1e-15)


# -- what goes wrong ---------------------------------------------------------------------------------------------------

SAID = {
    "401": (FeedDenied, "credentials"),
    "403": (FeedDenied, "does not allow"),
    "404": (FeedError, "answers 404"),
    "429": (FeedUnavailable, "asks us to wait"),
    "429 soon": (FeedUnavailable, "asks us to wait"),
    "429 date": (FeedUnavailable, "asks us to wait"),
    "429 late": (FeedUnavailable, "asks us to wait"),
    "500": (FeedUnavailable, "fails"),
    "503": (FeedUnavailable, "fails"),
    "302 away": (FeedError, "another host"),
    "302 round": (FeedError, "on and on"),
    "cut": (FeedError, "no whole JSON"),
    "text": (FeedError, "text/html where JSON was expected"),
    "empty": (FeedError, "its answer has no"),
    "list": (FeedError, "its answer has no"),
    "nan": (FeedError, "no whole JSON"),
    "negative": (FeedError, "cannot be the intensity"),
    "words": (FeedError, "no number"),
    "huge": (FeedError, "longer than 8 MiB"),
    "hangup": (FeedUnavailable, "cannot be reached"),
    "drip": (FeedUnavailable, "no answer within 0.3 s"),
    "silent": (FeedUnavailable, "no answer within 0.3 s"),
}


@pytest.mark.parametrize("fault", sorted(SAID))
def test_every_fault_has_its_error_and_is_no_traceback(fake: FakeFeeds, fault: str) -> None:
    fake.faults = [fault] * 3
    error, words = SAID[fault]
    with pytest.raises(FeedError, match=words) as caught:
        told(fake, "neso", request_s=0.3 if fault in ("drip", "silent") else 5.0)
    assert type(caught.value) is error or isinstance(caught.value, error)
    assert str(caught.value).startswith("neso: ")


def test_every_fault_of_the_fake_is_tried() -> None:
    assert set(FAULTS) == {*SAID, "302 back"}


@pytest.mark.parametrize(
    ("faults", "pauses"),
    [(["500"], [0.5]), (["503", "hangup"], [0.5, 1.0]), (["429 soon"], [1.0]), (["429 date"], [0.0])],
)
def test_what_passes_is_asked_again_after_the_pause_that_the_service_wants(
    fake: FakeFeeds, faults: list[str], pauses: list[float]
) -> None:
    fake.faults, slept = list(faults), []
    assert len(told(fake, "neso", slept=slept).points) == 4
    assert slept == pauses


def test_nobody_waits_for_longer_than_there_is_time(fake: FakeFeeds) -> None:
    fake.faults, slept = ["429 late"], []
    with pytest.raises(FeedUnavailable):
        told(fake, "neso", slept=slept)
    assert (slept, len(fake.asked)) == ([], 1)
    with pytest.raises(FeedUnavailable, match="no time was left"):
        told(fake, "neso", ends_s=-1)
    assert len(fake.asked) == 1


@pytest.mark.parametrize("fault", ["401", "403", "404", "cut", "text", "302 away"])
def test_what_does_not_pass_is_asked_once(fake: FakeFeeds, fault: str) -> None:
    fake.faults, slept = [fault], []
    with pytest.raises(FeedError):
        told(fake, "neso", slept=slept)
    assert (slept, len(fake.asked)) == ([], 1)


def test_a_redirection_to_the_same_host_is_followed(fake: FakeFeeds) -> None:
    fake.faults = ["302 back"]
    assert len(told(fake, "neso").points) == 4


def test_a_secret_goes_to_no_other_host(fake: FakeFeeds) -> None:
    fake.faults = ["302 away"]
    with pytest.raises(FeedError, match="another host"):
        told(fake, "electricity-maps")
    assert fake.heard == [TOKEN]
    assert len(fake.asked) == 1


@pytest.mark.parametrize("service", ["electricity-maps", "watttime"])
def test_without_a_secret_nothing_is_asked_and_the_variable_is_named(fake: FakeFeeds, service: str) -> None:
    with pytest.raises(FeedDenied, match=r"set (ELECTRICITYMAPS_TOKEN|WATTTIME_USER and WATTTIME_PASSWORD)"):
        FEEDS[service](web(fake, service), {}).history("X", NOON, NOON + 3_600)
    assert fake.asked == []


@pytest.mark.parametrize("service", ["electricity-maps", "watttime"])
def test_a_wrong_secret_is_named_by_its_variable_and_not_shown(fake: FakeFeeds, service: str) -> None:
    env = {"ELECTRICITYMAPS_TOKEN": "wrong-one", "WATTTIME_USER": "wrong-one", "WATTTIME_PASSWORD": "wrong-one"}
    with pytest.raises(FeedDenied, match=r"check (ELECTRICITYMAPS_TOKEN|WATTTIME_USER)") as caught:
        FEEDS[service](web(fake, service), env).history("X", NOON, NOON + 3_600)
    assert "wrong-one" not in str(caught.value)


def test_a_secret_that_cannot_be_sent_is_refused_and_not_shown() -> None:
    with pytest.raises(ConfigError, match=r"^ELECTRICITYMAPS_TOKEN: expected") as caught:
        secret("ELECTRICITYMAPS_TOKEN", {"ELECTRICITYMAPS_TOKEN": "abc\r\nX-Evil: 1"})
    assert "abc" not in str(caught.value)


def test_a_token_that_expired_is_got_anew_once(fake: FakeFeeds) -> None:
    feed = WattTime(web(fake, "watttime"), ENV)
    feed.history("CAISO_NORTH", NOON, NOON + 3_600)
    fake.expired = 1
    assert feed.history("CAISO_NORTH", NOON, NOON + 3_600).points
    assert fake.tokens == 2
    fake.expired = 99
    with pytest.raises(FeedDenied, match="your plan may not have CAISO_NORTH"):
        feed.history("CAISO_NORTH", NOON, NOON + 3_600)
    assert fake.tokens == 3


@pytest.mark.parametrize(
    "value", ["2026-06-01", "2026-06-01T00:00", "yesterday", None, 1.5, True, 10**20, "0001-01-01T00:00Z"]
)
def test_a_time_without_zone_or_out_of_this_century_is_refused(value: object) -> None:
    with pytest.raises(FeedError, match="is no time"):
        instant("x", value)


@pytest.mark.parametrize("value", [-0.1, 5_001, 10**400, True, "100", [], {}])
def test_a_value_that_is_no_intensity_is_refused(value: object) -> None:
    with pytest.raises(FeedError):
        grams("x", value)


# -- zones ---------------------------------------------------------------------------------------------------------------


def test_every_region_with_a_zone_is_in_the_catalogue() -> None:
    subjects = {subject.partition(".")[2] for subject in Catalog.open().subjects("grid.")}
    unknown = {code for table in _tables().values() for code in table["zones"]} - subjects
    assert list(_tables()) == names("feed")
    assert all(table["source"].startswith("https://") for table in _tables().values())
    assert unknown <= {"ad", "tl"}, "regions that no name leads to"


def test_an_unknown_zone_names_near_ones_and_other_services() -> None:
    with pytest.raises(FactNotFound, match=r"energy-charts has no zone for US-CA; near: .*electricity-maps, watttime"):
        zone_of("energy-charts", "grid.us-ca")
    with pytest.raises(FactNotFound, match="near: SE"):
        zone_of("energy-charts", "grid.ses")
    assert services_for("grid.fr") == ["energy-charts", "electricity-maps", "watttime"]


def test_services_are_named_chosen_and_refused() -> None:
    assert wanted("neso, watttime:PJM_DC", "grid.gb", {}) == [Wanted("neso"), Wanted("watttime", "PJM_DC")]
    assert wanted("auto", "grid.gb", {}) == [Wanted("neso")]
    assert wanted("auto", "grid.fr", ENV) == [Wanted("energy-charts")]
    assert wanted("auto", "grid.jp", {}) == [Wanted("electricity-maps")]
    with pytest.raises(FactNotFound):
        wanted("auto", "grid.us-oh", ENV)
    with pytest.raises(ConfigError, match="RUN stands before it"):
        wanted("last", "grid.fr", {})


def test_what_is_not_installed_has_a_command_that_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for module in ("joulebook.facts.feeds.neso", "joulebook.facts.feeds.web", "httpx2"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(MissingExtra, match=r"pip install 'joulebook\[live\]'"):
        asked(tmp_path)


# -- what is kept -------------------------------------------------------------------------------------------------------


def test_what_was_told_long_after_its_time_is_asked_once(fake: FakeFeeds, tmp_path: Path) -> None:
    late = NOON + 30 * 86_400
    first, second = asked(tmp_path, now=late), asked(tmp_path, now=late + 86_400 * 365)
    # the fake tells now, which is long after
    assert (first.points, second.points) == (second.points, first.points)
    assert len(fake.asked) == 1
    assert asked(tmp_path, now=late, window=(NOON - 3_600, NOON)).points
    assert len(fake.asked) == 1, "whole days are asked for"


def test_an_answer_is_good_as_long_as_it_says(fake: FakeFeeds, tmp_path: Path) -> None:
    now = int(time.time())
    window = (now - 7_200, now - 3_600)
    fake.max_age = "public, max-age=900"
    assert asked(tmp_path, window=window, now=now).points
    assert asked(tmp_path, window=window, now=now + 800).points
    assert len(fake.asked) == 1
    assert asked(tmp_path, window=window, now=now + 1_000).points
    assert len(fake.asked) == 2
    fake.max_age = "no-store"
    asked(tmp_path, window=window, now=now + 3_000)
    asked(tmp_path, window=window, now=now + 3_001)
    assert len(fake.asked) == 4


def test_a_revised_forecast_is_a_new_version_beside_the_old_one(
    fake: FakeFeeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = int(time.time()) // 3_600 * 3_600
    window = (now, now + 3_600)
    fake.measured_until, fake.max_age = now, "max-age=0"
    clock = now
    monkeypatch.setattr("joulebook.facts.feeds.web.time.time", lambda: clock)
    fake.forecast = lambda _: 300.0
    assert {point.grams for point in asked(tmp_path, window=window, now=now).points} == {300.0}
    path = kept.file_of(tmp_path / "live", "neso", "GB")
    before = path.read_bytes()
    clock, fake.forecast = now + 60, lambda _: 200.0
    assert {(point.grams, point.state) for point in asked(tmp_path, window=window, now=now + 60).points} == {
        (200.0, FORECAST)
    }
    clock, fake.measured_until, fake.truth = now + 7_200, now + 7_200, lambda _: 250.0
    assert {(point.grams, point.state) for point in asked(tmp_path, window=window, now=now + 7_200).points} == {
        (250.0, MEASURED)
    }
    assert path.read_bytes().startswith(before)
    assert [version.told.fetched for version in kept.versions(path)] == [now, now + 60, now + 7_200]


def test_what_is_kept_is_private_holds_no_secret_and_names_its_request(fake: FakeFeeds, tmp_path: Path) -> None:
    for service in FEEDS:
        asked(tmp_path, service)
    files = sorted((tmp_path / "live").iterdir())
    assert len(files) == 4
    assert stat.S_IMODE((tmp_path / "live").stat().st_mode) == 0o700
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        text = file.read_text()
        assert not any(word in text for word in (TOKEN, PASSWORD, "token-1"))
        assert json.loads(text)["url"].startswith(fake.place)


def test_offline_what_was_told_before_is_used_and_its_age_said(fake: FakeFeeds, tmp_path: Path) -> None:
    now = int(time.time())
    window = (now - 7_200, now - 3_600)
    assert asked(tmp_path, window=window, now=now).problem == ""
    fake.faults = ["403"]
    found = asked(tmp_path, window=window, now=now + 7_200)
    assert found.points
    assert "what it told until 20" in found.problem
    fake.faults = ["403"]
    found = asked(tmp_path, window=(NOON, NOON + 60), now=now)
    assert (found.points, found.problem.startswith("neso: ")) == ((), True)


@pytest.mark.parametrize(
    "damage", [b"", b"\n\n{]\xff\n", b'{"format":99}\n', b'{"format":1,"start":"x"}\n', b'[]\n"a"\n']
)
def test_damaged_lines_are_left_out(fake: FakeFeeds, tmp_path: Path, damage: bytes) -> None:
    asked(tmp_path)
    path = kept.file_of(tmp_path / "live", "neso", "GB")
    whole = kept.versions(path)
    path.write_bytes(damage + path.read_bytes() + damage + path.read_bytes()[:200])
    assert kept.versions(path) == whole
    assert len(whole) == 1


def test_an_answer_after_a_torn_one_is_whole(fake: FakeFeeds, tmp_path: Path) -> None:
    asked(tmp_path)
    path = kept.file_of(tmp_path / "live", "neso", "GB")
    (version,) = kept.versions(path)
    path.write_bytes(path.read_bytes()[:100])
    assert kept.append(path, version)
    assert kept.versions(path) == [version]


def test_a_disk_that_takes_nothing_is_no_error(fake: FakeFeeds, tmp_path: Path) -> None:
    (tmp_path / "live").write_text("in the way")
    assert asked(tmp_path).points


def test_a_long_time_is_asked_in_pieces_that_the_service_can_answer(fake: FakeFeeds, tmp_path: Path) -> None:
    found = asked(tmp_path, window=(NOON, NOON + 40 * 86_400), now=NOON + 90 * 86_400)
    assert len(fake.asked) == 4
    assert (found.points[0].start, found.points[-1].end) == (NOON, NOON + 40 * 86_400)
    assert len(found.points) == 40 * 48
    assert len({point.start for point in found.points}) == 40 * 48


# -- whatever they answer ------------------------------------------------------------------------------------------------

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 10**12),
    st.just(10**400),
    st.floats(allow_nan=False),
    st.sampled_from(("2026-06-01T00:00Z", "2026-06-01", "X", "co2_moer", "lifecycle", "")),
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: [{}]),
)


@cache
def whole(service: str) -> str:
    """An answer as it should be."""
    paths = {
        "neso": f"/neso/intensity/{iso(NOON)}/{iso(NOON + 7_200)}",
        "energy-charts": "/energy-charts/co2eq",
        "electricity-maps": "/electricity-maps/carbon-intensity/past-range",
        "watttime": "/watttime/v3/historical",
    }
    asked = {"start": iso(NOON), "end": iso(NOON + 7_200), "zone": "X", "region": "X", "signal_type": "co2_moer"}
    with FakeFeeds() as fake:
        fake.tokens = 1
        status, document = fake.answer(paths[service], asked, {"auth-token": TOKEN, "authorization": "Bearer token-1"})
    assert status == 200
    return json.dumps(document)


def places(node: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Every node of a document."""
    yield path
    for key, inner in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(inner, (*path, key))


def damaged(document: object, path: tuple[object, ...], value: object) -> object:
    """The document with another value in one place."""
    if not path:
        return value
    above = document
    for key in path[:-1]:
        above = above[key]
    above[path[-1]] = value
    return document


class Canned:
    """A door behind which one document lies, whatever is asked."""

    def __init__(self, document: object) -> None:
        self.document = document

    def get(self, path: str, *_: object, **__: object) -> Answer:
        return Answer({"token": "t"} if path == "/login" else self.document, "http://x", NOON, 300)


@given(st.sampled_from(sorted(FEEDS)), st.data())
def test_whatever_a_service_answers_is_points_or_one_error(service: str, data: st.DataObject) -> None:
    document = json.loads(whole(service))
    assert FEEDS[service](Canned(document), ENV).history("X", NOON, NOON + 7_200).points
    for _ in range(data.draw(st.integers(1, 2))):
        document = damaged(document, data.draw(st.sampled_from(list(places(document)))), data.draw(leaves))
    with suppress(FeedError):
        found = FEEDS[service](Canned(document), ENV).history("X", NOON, NOON + 7_200)
        assert all(0 <= point.grams <= 5_000 for point in found.points)
        assert all(type(point.start) is type(point.end) is int for point in found.points)


@given(st.lists(st.tuples(st.integers(0, 47), st.floats(0, 2_000) | st.none()), max_size=60))
def test_values_out_of_order_and_doubled_are_what_the_last_of_each_time_says(
    told: list[tuple[int, float | None]],
) -> None:
    rows = [
        {"zone": "X", "carbonIntensity": value, "datetime": iso(NOON + 3_600 * hour), "emissionFactorType": "lifecycle"}
        for hour, value in told
    ]
    feed = ElectricityMaps(Canned({"zone": "X", "data": rows}), ENV)
    found = current(feed.history("X", NOON, NOON + 48 * 3_600).points)
    wanted = {NOON + 3_600 * hour: value for hour, value in told if value is not None}
    assert {point.start: point.grams for point in found} == wanted
