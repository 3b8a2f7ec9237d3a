"""Published searches, computed again to the unit, and the steps from one account to another."""

from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import joulebook as jb
from joulebook.estimate.trials.cases import architecture_search, research
from joulebook.estimate.trials.waterfall import waterfall

POUNDS_PER_KG = 1 / 0.45359237


def test_strubell_2019_table_4():
    """E. Strubell, A. Ganesh, A. McCallum, ACL 2019, Table 4: GPU-hours, electricity, cloud low and high; USD."""
    found = [
        tuple(
            round(amount) for amount in (row.device_hours.value, row.cost.value, row.cost_hire.low, row.cost_hire.high)
        )
        for row in research()
    ]
    assert found[0] == (120, 5, 52, 175)
    assert found[1] == (2880, 118, 1238, 4205)
    assert found[2][:2] == (239_942, 9870)
    assert tuple(f"{usd / 1000:.0f}k" for usd in found[2][2:]) == ("103k", "350k")


def test_strubell_2019_table_1():
    """The same paper, Table 1: the pipeline with tuning and experimentation is 78,468 lb, one training 39 lb."""
    one, _, everything = research()
    pounds = [round(row.carbon.to("kgCO2e").value * POUNDS_PER_KG) for row in (one, everything)]
    assert pounds == [39, 78_468]
    assert everything.rates["trials"].value == 4789
    assert everything.duration.to("h").value / 24 == pytest.approx(172, abs=1)


def test_the_search_of_an_architecture_was_88_times_less():
    """626,155 lb (Strubell et al. 2019, Table 3) against 3.2 t (Patterson et al. 2021, Table 4): 5 x 18.7 or 88."""
    found = architecture_search()
    site, proxy = found.steps
    assert round(found.start.to("kgCO2e").value * POUNDS_PER_KG) == 626_155
    assert round(proxy.after.to("tCO2e").value, 1) == 3.2
    assert round(found.ratio) == 88
    assert 1 / proxy.factor == pytest.approx(18.7, rel=1e-12)
    assert round(1 / site.factor) == 5
    assert [term.name for term in site.terms] == ["duration", "power", "overhead", "carbon_intensity"]
    assert [term.name for term in proxy.terms] == ["duration"]


def test_factors_multiply_exactly():
    found = architecture_search()
    last = found.steps[-1].after
    assert prod(step.factor for step in found.steps) == pytest.approx(last.value / found.start.value, rel=1e-12)
    for step in found.steps:
        assert prod(term.factor for term in step.terms) == pytest.approx(step.factor, rel=1e-12)
    assert found.as_dict()["ratio"] == found.ratio


amounts = st.floats(0.1, 1e4)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(amounts, amounts, st.floats(1, 3), st.floats(1, 1500)), min_size=2, max_size=4))
def test_any_waterfall_ends_where_it_should(rows):
    """The product of all factors is the ratio of the last account to the first."""
    first, *others = (
        jb.estimate.training(hours=hours, device_power=watts, pue=pue, intensity=grams)
        for hours, watts, pue, grams in rows
    )
    found = waterfall(first, [(f"step {at}", one) for at, one in enumerate(others)])
    assert 1 / found.ratio == pytest.approx(others[-1].carbon.value / first.carbon.value, rel=1e-9)


def test_what_cannot_be_divided_is_told():
    known = jb.estimate.training(hours=1, device_power=100, intensity=100)
    with pytest.raises(jb.JoulebookError, match="to nowhere"):
        waterfall(known, [("to nowhere", known._replace(carbon=None))])
    none = jb.estimate.training(hours=1, device_power=100, intensity=0)
    with pytest.raises(jb.JoulebookError, match="zero"):
        waterfall(known, [("to nothing", none)])
