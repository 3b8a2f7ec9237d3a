"""A search by trials, by methods, by what each trial runs."""

import pytest

import joulebook as jb
from joulebook.account.terms import IT_ENERGY, WHOLE_RUN

ONE = {"device": "H100", "count": 8, "hours": 10, "device_power": 500, "pue": 1.2, "region": "FR"}
GRID = {"lr": 5, "batch": [16, 32, 64], "depth": range(4)}


@pytest.fixture(scope="module")
def one():
    return jb.estimate.training(**ONE)


def search(**asked):
    return jb.estimate.search(**{"failed": 0, "size": 1, **asked})


def alternative(found, name):
    return next(item for item in found.alternatives if item.name == name)


def test_trials_multiply_one_training(one):
    """60 trials and the final training are 61 times one: every total, every line."""
    found = search(one=one, trials=60)
    for name in ("energy", "it_energy", "carbon", "carbon_embodied", "cost", "cost_hire", "water", "device_hours"):
        assert getattr(found, name).value == pytest.approx(61 * getattr(one, name).value, rel=1e-2), name
    assert found.energy.value == pytest.approx(61 * one.energy.value, rel=1e-12)
    assert found.duration.value == pytest.approx(61 * one.duration.value, rel=1e-12)
    assert found.status == "estimated"


def test_one_is_described_or_given(one):
    assert search(trials=5, **ONE).energy.value == search(one=one, trials=5).energy.value
    with pytest.raises(jb.JoulebookError, match="leave out hours"):
        search(one=one, hours=3, trials=5)


def test_methods_side_by_side(one):
    found = search(one=one, space=GRID, method="grid")
    assert found.rates["trials"].value == 60
    random, guided = alternative(found, "random search"), alternative(found, "Bayesian search")
    assert random.rates["trials"].value == 59
    assert guided.rates["trials"].low == pytest.approx(5.9)
    assert guided.rates["trials"].high == pytest.approx(59)
    assert guided.energy.value < random.energy.value < found.energy.value
    assert random.rates["chance_below_grid"].value == 1
    assert 0.9 < guided.rates["chance_below_grid"].value <= 1
    assert guided.rates["energy_over_grid"].value == pytest.approx(guided.energy.value / found.energy.value, rel=0.02)


def test_a_small_grid_is_not_searched_at_random_twice(one):
    found = search(one=one, space={"lr": 3, "batch": 2})
    assert found.rates["trials"].value == 6
    assert any("6 points" in warning for warning in found.warnings)


def test_trials_belong_to_the_method(one):
    """Whoever says how many Bayesian trials there are is told how many random ones do as much."""
    found = search(one=one, trials=20, method="bayesian")
    assert found.rates["trials"].value == 20
    assert alternative(found, "random search").rates["trials"].value == pytest.approx(40)


def test_stages_add_up(one):
    found = jb.estimate.search(one=one, trials=30, failed="0.05..0.2", development="development", proxy=0.5)
    names = [stage.span for stage in found.stages]
    assert names == ["search", "final training", "before the search", "failed and repeated"]
    parts = [line.quantity.value for name in names for line in found.of_kind(IT_ENERGY, name)]
    assert sum(parts) == pytest.approx(found.it_energy.value, rel=0.01)
    assert sum(line.quantity.value for line in found.of_kind(IT_ENERGY, WHOLE_RUN)) == pytest.approx(
        found.it_energy.value, rel=1e-9
    )


def test_failures_are_repeated(one):
    sure, unsure = search(one=one, trials=9), jb.estimate.search(one=one, trials=9, size=1, failed=0.2)
    assert unsure.energy.value == pytest.approx(sure.energy.value / 0.8)
    catalogue = jb.estimate.search(one=one, trials=9)
    assert catalogue.assumption("share of time lost to failures").quantity.value == 0.1


def test_trials_need_not_be_as_long_as_the_one(one):
    alike, unlike = search(one=one, trials=20, final=0), jb.estimate.search(one=one, trials=20, failed=0, final=0)
    assert alike.energy.is_exact
    assert unlike.energy.value == pytest.approx(alike.energy.value, rel=0.01)
    assert unlike.energy.high / unlike.energy.low == pytest.approx(1.4 / 0.6)
    assert search(one=one, trials=20, final=0, size=0.5).energy.value == pytest.approx(0.5 * alike.energy.value)


def test_proxy_goes_by_flop(one):
    whole = search(one=one, trials=10, final=0)
    small = search(one=one, trials=10, final=0, proxy={"data": 0.5, "params": 0.2})
    assert small.energy.value == pytest.approx(0.1 * whole.energy.value)
    assert "final training" in small.not_included


def test_early_stopping_saves(one):
    energies = {
        rule: search(one=one, trials=81, early_stopping=rule).energy.value
        for rule in ("halving", "asha", "hyperband", "median", "none")
    }
    assert list(energies.values()) == sorted(energies.values())
    halved = search(one=one, trials=81, early_stopping="halving", eta=3, rounds=4, final=0)
    assert halved.rates["trainings_per_trial"].value == pytest.approx(297 / 81**2)
    assert alternative(halved, "random search, no shortcuts").energy.value > halved.energy.value


def test_trials_at_once_take_less_time_and_no_less_energy(one):
    alone, beside = search(one=one, trials=8), search(one=one, trials=8, concurrency=4)
    assert beside.energy.value == alone.energy.value
    assert beside.duration.value == pytest.approx(one.duration.value * (2 + 1))
    at_least = search(one=one, trials=8, concurrency=1000)
    assert at_least.duration.value == pytest.approx(2 * one.duration.value)
    assert any("learn nothing" in warning for warning in at_least.warnings)


def test_what_matters_most_is_named(one):
    found = search(one=one, trials="20..200")
    assert found.sensitivity["energy"][0].ids == ("given trials 20..200",)
    assert found.energy.high / found.energy.low > 5


def test_a_metered_run_is_one_training(tmp_path, monkeypatch):
    monkeypatch.setenv("JOULEBOOK_HOME", str(tmp_path))
    with jb.track("one") as run:
        sum(range(200_000))
    found = search(one=run.statement, trials=10)
    assert found.energy.value == pytest.approx(11 * run.statement.energy.value)
    assert found.as_dict()["status"] == "estimated"


def test_a_run_that_was_cut_short_is_told(one):
    found = search(one=one._replace(status="stopped"), trials=3)
    assert any("is stopped" in warning for warning in found.warnings)
    assert not any("cut short" in warning for warning in search(one=one, trials=3).warnings)


def test_the_document_is_whole(one):
    plain = search(one=one, space=GRID, early_stopping="asha").as_dict()
    assert {item["name"] for item in plain["alternatives"]} == {
        "grid search",
        "Bayesian search",
        "random search, no shortcuts",
    }
    assert plain["rates"]["full_trainings"]["low"] < plain["rates"]["full_trainings"]["high"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"trials": 0}, "trials"),
        ({"trials": float("nan")}, "trials"),
        ({"trials": 1e30}, "trials"),
        ({"trials": 5, "method": "guess"}, "grid, random, bayesian"),
        ({"method": "grid"}, "space"),
        ({"space": {"lr": 0}}, "space lr"),
        ({"space": {"lr": "abc"}}, "space lr"),
        ({"space": {"lr": 3.5}}, "space lr"),
        ({"space": {"lr": True}}, "space lr"),
        ({"space": {f"x{at}": 1000 for at in range(9)}}, "1e12 points"),
        ({"early_stopping": "sometimes"}, "median"),
        ({"early_stopping": 1.5}, "early_stopping"),
        ({"proxy": {"colour": 0.5}}, "colour"),
        ({"proxy": 0}, "proxy"),
        ({"best": 0}, "best"),
        ({"certainty": 1}, "certainty"),
        ({"eta": 1}, "eta"),
        ({"size": 0}, "size"),
        ({"failed": 1}, "failed"),
        ({"failed": -0.1}, "failed"),
        ({"development": "some"}, "research"),
        ({"concurrency": 0}, "concurrency"),
    ],
)
def test_bad_input_is_told(one, asked, says):
    with pytest.raises(jb.JoulebookError, match=says):
        jb.estimate.search(one=one, **asked)
