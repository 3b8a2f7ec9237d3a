"""Examples of uncertain amounts; the laws are in tests/laws/test_quantity.py."""

from __future__ import annotations

import copy
import math
import pickle

import pytest

from joulebook.errors import UnitMismatch
from joulebook.quantity import N_DRAWS, Basis, Quantity, Source, total


def assumed(value: float, low: float, high: float, source: str = "a", unit: str = "J") -> Quantity:
    return Quantity.of(value, unit, low=low, high=high, basis=Basis.ASSUMED, source=source)


def test_range_comes_back_exactly() -> None:
    for low, value, high in [(289, 500, 981), (0.1, 0.2, 0.30000000000000004), (-4, 1, 2), (0, 3, 1e9), (5, 5, 7)]:
        q = assumed(value, low, high)
        assert (q.low, q.value, q.high) == (low, value, high)
        assert len(q.draws) == N_DRAWS


def test_ninety_percent_of_the_draws_lie_within() -> None:
    q = assumed(500, 289, 981)
    assert sum(q.low <= draw <= q.high for draw in q.draws) == 910
    assert sum(q.low < draw < q.high for draw in q.draws) == 908
    assert sum(draw < q.value for draw in q.draws) == N_DRAWS / 2


def test_two_piece_shape_is_log_normal_where_positive() -> None:
    q = assumed(10, 5, 40)
    ordered = sorted(q.draws)
    for upper, lower in zip(ordered[505:], reversed(ordered[:505]), strict=True):
        assert math.log(upper / 10) / math.log(4) == pytest.approx(math.log(10 / lower) / math.log(2), rel=1e-9)
    assert ordered[0] > 0


def test_two_piece_shape_is_normal_where_low_is_not_positive() -> None:
    q = assumed(1, -1, 5)
    ordered = sorted(q.draws)
    for upper, lower in zip(ordered[505:], reversed(ordered[:505]), strict=True):
        assert (upper - 1) / 4 == pytest.approx((1 - lower) / 2, rel=1e-9)
    assert ordered[0] < -1


def test_range_wider_than_floats_are_is_drawn_all_the_same() -> None:
    for q in (assumed(3, 5e-324, 4), assumed(1e-300, 1e-301, 1e300), assumed(1, 1e-60, 1e60)):
        assert all(math.isfinite(draw) for draw in q.draws)
        assert (q.low, q.high) == q._range


def test_same_source_is_the_same_variable() -> None:
    x, again = assumed(3, 2, 4), assumed(3, 2, 4)
    assert set((x - again).draws) == {0.0}
    assert set((x / again).draws) == {1.0}
    assert (x / again).low == (x / again).high == 1.0
    assert (x + again).high == 8


def test_different_sources_are_nearly_independent() -> None:
    ids = [f"{subject}/{prop}" for subject in ("h100", "v100", "grid FR", "cpu-0") for prop in ("tdp", "idle", "pue")]
    columns = [[math.log(draw) for draw in assumed(3, 2, 4.5, source).draws] for source in ids]
    worst = max(abs(correlation(left, right)) for i, left in enumerate(columns) for right in columns[:i])
    assert 0 < worst < 0.1


def correlation(left: list[float], right: list[float]) -> float:
    ml, mr = sum(left) / len(left), sum(right) / len(right)
    cov = sum((a - ml) * (b - mr) for a, b in zip(left, right, strict=True))
    return cov / math.sqrt(sum((a - ml) ** 2 for a in left) * sum((b - mr) ** 2 for b in right))


def test_draws_do_not_depend_on_platform_or_version() -> None:
    draws = assumed(500, 289, 981, "grid/FR").draws
    assert [round(draw, 3) for draw in draws[:4]] == [450.31, 364.655, 539.587, 536.252]


def test_quotient_of_a_range_turns_it_round() -> None:
    q = 1 / assumed(3, 2, 4, unit="1")
    assert (q.low, q.high) == (0.25, 0.5)
    assert q.value == pytest.approx(1 / 3, rel=1e-3)


def test_sum_keeps_the_sum_of_values_and_product_takes_the_median() -> None:
    x, y = assumed(10, 9, 40, "x"), assumed(20, 18, 90, "y")
    assert (x + y).value == 30
    assert (x - y).value == -10
    assert (2 * x).value == 20
    p = assumed(10, 9, 40, "x", "W") * assumed(20, 18, 90, "y", "s")
    ordered = sorted(p.draws)
    assert p.value == (ordered[504] + ordered[505]) / 2 != 200


def test_interval_of_a_sum_always_holds_its_value() -> None:
    parts = [assumed(1, 1 / 3, 3, f"part {i}") for i in range(100)]
    whole = total(parts, "J")
    assert whole.value == 100
    assert sorted(whole.draws)[50] > 100, "the sum of 100 skewed parts lies above the sum of their medians"
    assert whole.low == 100 < whole.high


def test_units_refuse_to_mix() -> None:
    with pytest.raises(UnitMismatch, match=r"J \+ W"):
        assumed(1, 1, 2) + assumed(1, 1, 2, unit="W")
    with pytest.raises(UnitMismatch):
        total([assumed(1, 1, 2)], "s")
    with pytest.raises(TypeError):
        assumed(1, 1, 2) + 1  # type: ignore[operator]
    with pytest.raises(TypeError):
        assumed(1, 1, 2) * "2"  # type: ignore[operator]


def test_units_convert_and_combine() -> None:
    energy = assumed(100, 90, 120, "p", "kW") * Quantity.exact(2, "h")
    assert str(energy.unit) == "J"
    assert energy.to("kWh").value == 200
    assert energy.to("kWh").high == pytest.approx(240)
    assert energy.to("J") is energy
    carbon = Quantity.exact(10, "kWh") * assumed(50, 40, 60, "g", "gCO2e/kWh")
    assert (carbon.value, carbon.low, carbon.high, str(carbon.unit)) == (500, 400, 600, "gCO2e")


def test_weakest_basis_wins_and_definitions_do_not_weaken() -> None:
    measured = Quantity.of(1, "J", basis=Basis.MEASURED, source="rapl")
    assert (measured + assumed(1, 1, 2)).basis is Basis.ASSUMED
    assert (3 * measured).basis is Basis.MEASURED
    assert total([measured, assumed(1, 1, 2)], "kWh").basis is Basis.ASSUMED
    assert Basis.parse("modelled") is Basis.MODELLED
    assert str(Basis.REPORTED) == "reported"
    assert Basis.ASSUMED < Basis.MODELLED < Basis.REPORTED < Basis.MEASURED


def test_total_of_nothing_is_an_exact_zero() -> None:
    zero = total([], "kWh", name="nothing")
    assert (zero.value, zero.is_exact, zero.basis, zero.name) == (0, True, Basis.MEASURED, "nothing")


@pytest.mark.parametrize(
    ("value", "low", "high"), [(1, 2, 3), (4, 2, 3), (math.nan, 0, 1), (1, -math.inf, 2), (1, 0, math.inf)]
)
def test_of_refuses_what_is_no_interval(value: float, low: float, high: float) -> None:
    with pytest.raises(ValueError, match="quantity of somewhere: expected finite low <= value <= high"):
        assumed(value, low, high, "somewhere")


def test_immutable() -> None:
    q = assumed(3, 2, 4)
    with pytest.raises(AttributeError, match="immutable"):
        q.value = 4
    with pytest.raises(AttributeError, match="immutable"):
        del q.value
    with pytest.raises(TypeError):
        q.draws[0] = 4
    assert assumed(3, 2, 4) == q


def test_copies_and_pickles_are_equal_and_keep_their_trace() -> None:
    q = (assumed(3, 2, 4, "x") + assumed(3, 2, 4, "y")).named("sum")
    for twin in (copy.copy(q), copy.deepcopy(q), pickle.loads(pickle.dumps(q))):
        assert twin == q
        assert hash(twin) == hash(q)
        assert twin.explain() == q.explain()


def test_equality_looks_at_the_draws() -> None:
    assert assumed(3, 2, 4, "x") != assumed(3, 2, 4, "y")
    assert assumed(3, 2, 4, "x") != 3


def test_dict_round_trip() -> None:
    q = assumed(3, 2, 4, unit="kWh") * 2
    plain = q.as_dict()
    assert plain == {"value": q.value, "low": q.low, "high": q.high, "unit": "J", "basis": "assumed"}
    back = Quantity.from_dict(plain, Source("document 1", "a report"), name="energy")
    assert back.as_dict() == plain
    assert list(back.sources().values()) == [Source("document 1", "a report")]


def test_explain_prints_the_leaves() -> None:
    power = Quantity.of(
        300, "W", low=280, high=330, basis=Basis.MEASURED, source=Source("nvml 0", "NVML, GPU 0"), name="power"
    )
    pue = assumed(1.5, 1.1, 2, "pue", "1").named("overhead")
    text = ((power * Quantity.exact(10, "s")).named("energy") * pue).explain()
    lines = text.splitlines()
    assert lines[0].endswith("[product]")
    assert lines[1].startswith("├─ energy = ")
    assert lines[2] == "│  ├─ power = 300 [280..330] W (measured)  <- NVML, GPU 0"
    assert lines[3] == "│  └─ 10 s (measured)  <- by definition"
    assert lines[4] == "└─ overhead = 1.5 [1.1..2] 1 (assumed)  <- pue"


def test_explain_unfolds_a_shared_part_once() -> None:
    shared = assumed(3, 2, 4) + assumed(3, 2, 4, "b")
    lines = (shared - shared).explain().splitlines()
    assert [line.endswith("as above]") for line in lines] == [False, False, False, False, True]


def test_long_sums_and_shared_graphs_stay_linear() -> None:
    running = assumed(1, 0.5, 2, "x")
    for _ in range(1200):
        running += assumed(1, 0.5, 2, "x")
    assert running.high == pytest.approx(2402)
    assert len(running.explain().splitlines()) == 2401
    doubled = assumed(1, 0.5, 2, "x")
    exact = Quantity.exact(1)
    for _ in range(60):
        doubled, exact = doubled + doubled, exact + exact
    assert doubled.high == 2.0**61
    assert exact.is_exact
    assert list(doubled.sources()) == ["x"]
    assert len(doubled.frozen(["x"])) == N_DRAWS


def test_freezing_reads_off_a_tornado() -> None:
    x, y = assumed(10, 5, 20, "x"), assumed(10, 9, 11, "y")
    whole = x + y
    assert set(whole.frozen(["x", "y"])) == {20.0}
    only_y = sorted(whole.frozen(["x"]))
    assert (only_y[50], only_y[959]) == (19, 21)
    assert list(whole.frozen([])) == list(whole.draws)


def test_division_by_nothing_is_infinite_or_undefined_never_a_crash() -> None:
    zero = Quantity.exact(0, "J")
    assert (Quantity.exact(1, "J") / zero).value == math.inf
    assert (Quantity.exact(-1, "J") / zero).value == -math.inf
    assert math.isnan((zero / zero).value)
    x = assumed(3, 2, 4)
    undefined = (x - x) / (x - x)
    assert all(map(math.isnan, (undefined.value, undefined.low, undefined.high)))


def test_draws_are_a_buffer_of_doubles() -> None:
    draws = assumed(3, 2, 4).draws
    assert (draws.format, draws.itemsize, draws.contiguous, draws.readonly) == ("d", 8, True, True)
