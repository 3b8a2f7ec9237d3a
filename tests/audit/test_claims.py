"""Claims held against computations: the laws of the verdict, and what well-known texts claim."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.audit.claims import loading
from joulebook.audit.claims.loading import load, read
from joulebook.audit.claims.verdicts import BINDING, Held, Judged, Verdict, judge, judge_all
from joulebook.audit.trends import growth, trend
from joulebook.cli.app import main
from joulebook.cli.reproduce import claims_page
from joulebook.errors import ConfigError
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis


def verdict_of(readings: list[dict], inputs: dict[str, str], **more: object) -> Judged:
    item = {"id": "X", "claim": "a claim", "readings": readings, "inputs": inputs, **more}
    return judge(read({"text": "a text", "claims": [item]})[0])


@pytest.fixture(scope="module")
def claims() -> dict[str, Judged]:
    return {judged.claim.id: judged for judged in judge_all()}


# -- the rule ---------------------------------------------------------------------------------------------------


@given(st.integers(100, 100_000), st.sampled_from([word for word in BINDING if word not in ("over", "below", "if")]))
def test_what_is_computed_as_claimed_holds_however_it_binds(watts: int, says: str) -> None:
    judged = verdict_of([{"formula": "p"}], {"p": f"={watts} W | a test"}, claimed=f"{watts} W", says=says)
    assert judged.verdict == Verdict.HOLDS


@given(st.floats(4.0, 1e6), st.booleans(), st.sampled_from(["is", "about", "close to", "comparable to"]))
def test_what_is_off_by_a_factor_does_not_hold(factor: float, more: bool, says: str) -> None:
    watts = 1e6 * factor if more else 1e6 / factor
    judged = verdict_of([{"formula": "p"}], {"p": f"={watts:.6f} W | a test"}, claimed="=1000000 W", says=says)
    assert judged.verdict == Verdict.NOT
    assert judged.computed[0].off == pytest.approx(factor if more else 1 / factor, rel=1e-3)
    assert f"times {'more' if more else 'less'} than claimed" in judged.why


@given(st.floats(0.2, 5.0))
def test_looser_words_never_hold_less(factor: float) -> None:
    words = ["is", "about", "comparable to", "of the order of"]
    found = [
        verdict_of([{"formula": "p"}], {"p": f"={100 * factor:.6f} W | a test"}, claimed="=100 W", says=says).verdict
        for says in words
    ]
    holds = [verdict == Verdict.HOLDS for verdict in found]
    assert holds == sorted(holds)


@given(st.floats(0.1, 10.0).filter(lambda factor: abs(factor - 1) > 1e-6))
def test_over_and_below_are_opposites(factor: float) -> None:
    inputs = {"p": f"={100 * factor:.9f} W | a test"}
    over, below = (
        verdict_of([{"formula": "p"}], inputs, claimed="=100 W", says=says).verdict for says in ("over", "below")
    )
    assert {over, below} == {Verdict.HOLDS, Verdict.NOT}
    assert (over == Verdict.HOLDS) == (factor > 1)


def test_ways_that_differ_make_a_condition() -> None:
    inputs = {"small": "=100 W | a test", "large": "=900 W | a test"}
    judged = verdict_of(
        [{"formula": "small", "when": "with one card"}, {"formula": "large", "when": "with nine"}],
        inputs,
        claimed="100 W",
    )
    assert judged.verdict == Verdict.ONLY_IF
    assert judged.why == "with one card. Not so with nine: 900 W, 9 times more than claimed"
    assert judged.headline.quantity.value == 100


def test_a_threshold_says_where_it_begins() -> None:
    judged = verdict_of(
        [{"formula": "cost / each", "when": "it is used more than {} times", "says": "if"}],
        {"cost": "=1 kWh | a test", "each": "=2 Wh | a test"},
    )
    assert (judged.verdict, judged.why) == (Verdict.ONLY_IF, "it is used more than 500 times")


def test_an_error_of_a_few_per_cent_is_said() -> None:
    judged = verdict_of([{"formula": "p"}], {"p": "=103 W | a test"}, claimed="100 W")
    assert (judged.verdict, judged.why) == (Verdict.ONLY_IF, "an error of 3 % is allowed")


def test_without_a_claimed_figure_it_is_taken_as_given() -> None:
    judged = verdict_of([{"formula": "p", "beside": "W"}], {"p": "=103 W | a test"}, claimed="100 W")
    assert judged.verdict == Verdict.GIVEN


def test_a_name_without_a_figure_is_refused() -> None:
    with pytest.raises(ConfigError, match="no figure is called q"):
        verdict_of([{"formula": "p * q"}], {"p": "1 W | a test"}, claimed="1 W")


# -- what is claimed --------------------------------------------------------------------------------------------


FIGURES = {  # claim: the first amount that is computed for it, in the unit of its claim
    "C001": 109.482e6, "C002": 96, "C004": 168, "C005": 8.317e9, "C007": 65_267, "C011": 754e6, "C013": 284.0,
    "C014": 320_690, "C016": 54.2e9, "C017": 61.7, "C019": 190.0, "C020": 19.0, "C023": 48.4, "C025": 10.0,
    "C026": 9.54, "C028": 2000, "C029": 200, "C031": 2.61, "C034": 76, "C035": 11.5, "C038": 22.8e3,
    "C040": 0.124, "C041": 0.1134e-2, "C043": 50_000, "C044": 500, "C046": 59, "C047": 4.969, "C052": 26.84,
    "C053": 25.61, "C055": 201.13, "C056": 191.88, "C058": 274.82, "C059": 262.17, "C061": 1506.83,
    "C062": 1437.51, "C064": 656_347.28, "C065": 626_155.31, "C068": 0.725, "C070": 50.1, "C071": 78_468,
}  # fmt: skip
HOLD = {"C001", "C002", "C005", "C006", "C010", "C029", "C032", "C041", "C042", "C046", "C049", "C050", "C071"}
DO_NOT = {"C017", "C031", "C033", "C038", "C043", "C069"}
CONDITIONAL = {"C003", "C004", "C008", "C011", "C013", "C014", "C022", "C023", "C024", "C034", "C036", "C040", "C047"}


def test_every_claim_is_computed_from_sourced_figures(claims: dict[str, Judged]) -> None:
    assert list(claims) == [f"C{number:03}" for number in range(1, 74)]
    for judged in claims.values():
        for computed in judged.computed:
            assert all(leaf.trace.source and leaf.trace.source.text for leaf in computed.quantity.leaves() if leaf.name)


def test_an_input_that_names_no_source_is_an_assumption() -> None:
    for claim in load():
        for given_ in claim.inputs.values():
            source = given_.source.text.partition(": ")[2]
            named = any(letter.isupper() for letter in source) or source.startswith("by definition")
            assert named or given_.basis == Basis.ASSUMED, f"{claim.id} {given_.name}: {source}"
            assert "the article" not in source, f"{claim.id} {given_.name}: which article?"


def test_no_input_stands_idle() -> None:
    used = {(claim.id, name) for claim in load() for name in claim.inputs}
    names = {name for _, name in used}
    for path in sorted(Path(loading.__file__).with_name("data").glob("*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        for item in document.get("claims", ()):
            assert {(item["id"], name) for name in item.get("inputs", ())} <= used
        if "claims" not in document:
            assert set(document) <= names


def test_growth_is_that_of_the_trend(claims: dict[str, Judged]) -> None:
    found = trend(Catalog.open(), "2018-01-01", "2026-12-31")
    doubling, yearly = claims["C015"].computed[2].quantity, claims["C035"].computed[1].quantity
    assert (doubling.value, yearly.value) == pytest.approx((found.doubling, growth(found.doubling)))
    assert (doubling.low, doubling.high) == pytest.approx((found.low, found.high), rel=5e-3)
    assert all("Epoch AI" in leaf.trace.source.text for leaf in doubling.leaves() if leaf.trace.source)


def test_figures_of_claims(claims: dict[str, Judged]) -> None:
    for name, figure in FIGURES.items():
        assert claims[name].computed[0].quantity.value == pytest.approx(figure, rel=6e-3), name


def test_verdicts_on_claims(claims: dict[str, Judged]) -> None:
    for names, verdict in ((HOLD, Verdict.HOLDS), (DO_NOT, Verdict.NOT), (CONDITIONAL, Verdict.ONLY_IF)):
        assert {name: claims[name].verdict for name in names} == dict.fromkeys(names, verdict)


def test_the_table_of_the_review_holds_line_by_line(claims: dict[str, Judged]) -> None:
    """C052 to C067 are the figures of Strubell et al. 2019, Table 3."""
    assert {claims[f"C{number:03}"].verdict for number in range(52, 68)} == {Verdict.HOLDS}


def test_a_search_is_told_from_a_training(claims: dict[str, Judged]) -> None:
    outside = {item.when: item.off for item in claims["C047"].computed if item.held == Held.OUTSIDE}
    assert 1 / outside["the same search on the hardware where it ran"] == pytest.approx(88, rel=0.02)


# -- the verb and the page --------------------------------------------------------------------------------------


def test_the_verb_unfolds_one_claim(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", "C017"]) == 0
    shown = capsys.readouterr().out
    assert "does not hold: 61.74" in shown
    assert "├─ nas carbon = 284 t" in shown
    assert main(["reproduce", "claims"]) == 0
    assert "73 claims:" in capsys.readouterr().out
    assert main(["reproduce", "claims", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["claims"]) == 73


def test_the_page_is_current() -> None:
    page = Path(__file__).parents[2] / "docs/claims.md"
    assert page.read_text(encoding="utf-8") == claims_page(), "run  make docs"
