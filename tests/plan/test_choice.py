"""Laws of a plan: an option is the door's own statement to the last digit, and probabilities are shares of draws."""

import builtins

import pytest

import joulebook as jb
from joulebook.draws import N_DRAWS
from joulebook.plan import choose
from joulebook.plan import pricing as pricing_module
from joulebook.plan.option import FIGURES, figures_of, shown

PLACES = ["FR", "PL", "US-CA", "gcp:europe-west4", "aws"]
BY_HOURS = {"hours": "100..140", "device_power": "400..600"}
BY_SIZE = {"params": 7e9, "tokens": 1e11}


def same(plan):
    """Each figure of each option is that of the statement that the door of the estimate makes of it."""
    for option in plan:
        figures = figures_of(option.statement, owned=plan.frame.owned)
        for name in FIGURES:
            assert option.figure(name) == shown(name, figures[name]), (option.name, name)


@pytest.mark.parametrize(
    "asked",
    [
        BY_SIZE | {"budgets": ["1 t", "20000 USD", "3 days"]},
        BY_HOURS | {"budgets": ["500 kg total", "9 MWh", "900 L"], "owned": True},
        {"hours": 100, "power": "20 kW", "pue": "1.1..1.4", "price": "0.43..1.46"},
        {"hours": "90..110", "device_power": 500, "price": "0.1..0.2 EUR/kWh", "owned": True, "budgets": ["900 EUR"]},
        {"hours": 100, "device_power": 500, "pue": 1.2, "intensity": "0.954 lb/kWh", "currency": "EUR"},
    ],
)
def test_every_option_is_the_statement_of_the_door(asked):
    same(choose(devices=["H100", "TPU v4"], counts=[16, 64], regions=PLACES, **asked))


def test_what_the_door_is_told_by_hand_is_the_same():
    plan = choose(devices=["A100-SXM4-80GB"], counts=[64], regions=["FR"], **BY_SIZE)
    found = jb.estimate.training(device="A100-SXM4-80GB", count=64, region="FR", currency="USD", **BY_SIZE)
    assert plan[0].statement.as_dict() == found.as_dict()
    plain = plan[0].as_dict()
    for name, total in (("time", "duration"), ("carbon", "carbon"), ("cost", "cost_hire"), ("water", "water")):
        assert plain[name] == found.as_dict()[total]


def test_without_numpy_the_plan_is_the_same(monkeypatch):
    asked = {"devices": ["H100", "V100"], "counts": ["8..16"], "regions": ["FR", "gcp:europe-west4"]}
    fast = choose(**asked, **BY_SIZE, budgets=["2 t", "9 days", "30000 USD"])
    monkeypatch.setattr(pricing_module, "find_spec", lambda name: None)
    slow = choose(**asked, **BY_SIZE, budgets=["2 t", "9 days", "30000 USD"])
    assert [one[:-1] for one in fast] == [one[:-1] for one in slow]
    assert fast.findings == slow.findings
    assert set(fast.warnings) == set(slow.warnings)


def test_a_long_plan_without_numpy_names_the_extra(monkeypatch):
    monkeypatch.setattr(pricing_module, "find_spec", lambda name: None)
    with pytest.raises(jb.JoulebookError, match=r"2,001 options.*arrays"):
        choose(devices=["H100"], counts=[*range(1, 2002)], hours=1, power=1)


def test_probabilities_are_shares_of_the_joint_draws():
    plan = choose(
        devices=["H100"], counts=[8, 64], regions=["FR", "PL"], budgets=["2 t", "30 days", "60000 USD"], **BY_SIZE
    )
    for option in plan:
        found = figures_of(option.statement)
        kept = [
            [draw <= one.most.to(found[one.figure].unit).value for draw in found[one.figure].draws]
            for one in plan.budgets
        ]
        assert option.chances == tuple(sum(one) / N_DRAWS for one in kept)
        assert option.meets == sum(builtins.all(row) for row in zip(*kept, strict=True)) / N_DRAWS
        assert option.meets <= min(option.chances)


def test_what_options_share_is_correlated():
    """Carbon of a training follows its time: both budgets at once are kept more often than if they were independent."""
    plan = choose(
        devices=["H100"],
        counts=[64],
        regions=["FR"],
        hours="50..200",
        device_power=500,
        intensity=50,
        budgets=["100 h", "160 kg"],
    )
    time, carbon = plan[0].chances
    assert 0.4 < time < 0.6
    assert plan[0].meets > time * carbon + 0.1
    assert plan[0].meets == min(time, carbon)


def test_larger_budgets_are_never_met_less():
    def meets(most):
        plan = choose(devices=["H100"], counts=[64], regions=["FR"], budgets=[f"{most} kg", "8 days"], **BY_SIZE)
        return plan[0].meets

    found = [meets(most) for most in (50, 100, 200, 400, 10_000)]
    assert found == sorted(found)


def test_hours_by_count():
    plan = choose(devices=["H100"], counts=[64, 128], hours=["100 h", 52], device_power=500, regions=["FR"])
    assert {one.number: one.time.value for one in plan} == {64: 100, 128: 52}
    with pytest.raises(jb.JoulebookError, match="one for each of the 2 counts"):
        choose(devices=["H100"], counts=[64, 128], hours=[1, 2, 3], device_power=500)
    ranged = choose(devices=["H100"], counts=[64, 128], hours=(50, 60), device_power=500)
    assert {(one.time.low, one.time.high) for one in ranged} == {(50, 60)}


def test_what_cannot_be_done_is_left_out_and_said():
    plan = choose(devices=["H100", "T4"], counts=[8, 64], params=70e9, tokens=1e9, regions=["FR"])
    assert [(one.device, one.number) for one in plan] == [("H100", 64)]
    assert any(text.startswith("8 x T4 is left out: it does not fit") for text in plan.warnings)
    with pytest.raises(jb.JoulebookError, match="does not fit"):
        choose(devices=["T4"], counts=[1, 2], params=70e9, tokens=1e9)
    known = choose(devices=["T4"], counts=[8], params=70e9, tokens=1e6, hours=400, power="2 kW")
    assert len(known) == 1


def test_rounded_sums_are_those_of_fsum():
    np = pytest.importorskip("numpy")
    from math import fsum

    from joulebook.plan.columns import rounded_sum

    draw = np.random.default_rng(5)
    for count in range(1, 7):
        for spread in (0, 3, 16, 60):
            whole = draw.integers(1, 2**53, (count, 20_000)).astype(float)
            parts = list(np.ldexp(whole, draw.integers(-spread, spread + 1, (count, 20_000))))
            assert rounded_sum(parts).tolist() == [fsum(terms) for terms in zip(*parts, strict=True)]


def test_one_budget_is_a_text_and_dollars_may_stand_before_their_amount():
    asked = {"devices": ["H100"], "counts": [64], "params": "7B", "tokens": "1T"}
    plain, signed = (jb.plan.choose(**asked, budgets=text) for text in ("500000 USD", "$500000"))
    assert plain.frame.budgets[0].most.value == signed.frame.budgets[0].most.value == 500_000
    assert plain[0].meets == signed[0].meets
