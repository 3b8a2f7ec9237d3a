"""The order of options, what is dominated, and what the sentences say."""

from hypothesis import given
from hypothesis import strategies as st

from joulebook.plan.budget import budgets_of
from joulebook.plan.choice import choose
from joulebook.plan.findings import findings
from joulebook.plan.option import Amount, Option
from joulebook.plan.table import Frame, arranged

UNITS = {"time": "h", "carbon": "kgCO2e", "cost": "USD"}


def option(time, carbon, cost, device="A", chances=(), meets=1.0):
    figures = {
        name: None if value is None else Amount(value, value, value, UNITS[name], "reported")
        for name, value in (("time", time), ("carbon", carbon), ("cost", cost))
    }
    return Option(device, device, 1, "FR", **figures, chances=chances, meets=meets)


def plan(options, budgets=(), sort="carbon", sure=0.5):
    return arranged(options, Frame(budgets_of(budgets), sort, sure, owned=False, edition=""))


amounts = st.one_of(st.none(), st.integers(1, 4).map(float))
options = st.lists(st.builds(option, amounts, amounts, amounts), min_size=1, max_size=12)


@given(options)
def test_dominated_is_what_another_betters(listed):
    def values(one):
        return [getattr(one, name) and getattr(one, name).value for name in ("carbon", "cost", "time")]

    def beats(left, right):
        alike = [one is None for one in left] == [one is None for one in right]
        pairs = [(a, b) for a, b in zip(left, right, strict=True) if a is not None and b is not None]
        return alike and all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)

    for one in plan(listed):
        assert one.dominated == any(beats(values(other), values(one)) for other in listed)


@given(options)
def test_options_are_all_there_in_order(listed):
    made = plan(listed, sort="time")
    assert len(made) == len(listed)
    known = [one.time.value for one in made if one.time is not None]
    assert known == sorted(known)
    assert all(one.time is None for one in made[len(known) :])
    assert made.frontier


def test_those_that_meet_come_first():
    listed = [
        option(1, 9, 1, "no", (0.2,), 0.2),
        option(1, 5, 1, "late", (0.6,), 0.6),
        option(1, 3, 2, "first", (0.9,), 0.9),
    ]
    made = plan(listed, ["6 kg"])
    assert [one.device for one in made] == ["first", "late", "no"]
    assert [one.device for one in made.meeting] == ["first", "late"]
    assert made.cheapest().device == "late"
    assert [one.device for one in plan(listed, ["6 kg"], sure=0.8).meeting] == ["first"]


def test_a_budget_that_nothing_meets_names_what_comes_nearest():
    listed = [option(100, 1, 1, "A", (0.0,), 0.0), option(200, 1, 1, "B", (0.0,), 0.0)]
    told = findings(plan(listed, ["3 days"]))
    assert told == [
        "No option meets 3 days with a probability of at least 50 %.",
        "No option meets 3 days: the nearest is 1 x A in FR with 4.17 d.",
    ]


def test_budgets_that_nothing_meets_together_say_which_to_give_up():
    listed = [option(10, 9, 1, "fast", (1.0, 0.0), 0.0), option(100, 1, 1, "clean", (0.0, 1.0), 0.0)]
    told = findings(plan(listed, ["1 d", "2 kg"]))
    assert "No option meets all budgets with a probability of at least 50 %." in told
    assert "1 d excludes 1, 2 kg excludes 1." in told
    assert "Without 1 d, 1 would meet the other." in told
    assert "Without 2 kg, 1 would meet the other." in told
    assert any(text.startswith("The nearest is 1 x clean") for text in told)


def test_a_figure_that_is_not_known_meets_nothing_and_says_why():
    told = findings(plan([option(1, 1, None, "X", (None,), 0.0)], ["5 USD"]))
    assert any("cost is not known of X" in text and "--price" in text for text in told)


def test_without_budgets_nothing_is_said():
    made = choose(devices=["H100"], counts=[8], regions=["FR"], hours=1, power="1 kW")
    assert made.findings == ()
    assert made[0].meets == 1.0
