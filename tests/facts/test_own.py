"""Facts of the user's own: the same rules, all or nothing, before the shipped ones, and said wherever they are used."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from joulebook.account.statement import Context, state
from joulebook.entry import Entry
from joulebook.errors import ConfigError, FactNotFound, FactRejected
from joulebook.facts.catalog import Catalog, own_index
from joulebook.facts.own import adopt, forget
from joulebook.quantity import Basis, Quantity

SOURCE = """
[[source]]
id = "mine-2026"
title = "A study of ours"
publisher = "Laboratory"
year = 2026
licence = "our own"
"""
LIFECYCLE = "carbon_intensity.lifecycle.generation"


def card(**changes: object) -> str:
    fields: dict[str, object] = {
        "subject": "grid.fr", "property": LIFECYCLE, "value": 50, "low": 40, "high": 60, "unit": "gCO2e/kWh",
        "valid_from": "2026-01-01", "source": "mine-2026", "retrieved": "2026-11-21", "evidence": "seen",
    }  # fmt: skip
    fields |= changes
    lines = [f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}" for key, value in fields.items()]
    return "\n".join(["", "[[fact]]", *lines, ""])


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def written(home: Path, text: str, name: str = "mine.toml") -> str:
    path = home / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_an_own_fact_is_used_from_its_day_on_and_the_shipped_one_before(home):
    kept = adopt([written(home, SOURCE + card())])
    assert kept.facts == 1
    assert "is used before the shipped" in kept.remarks[0]
    catalog = Catalog.open()
    own = catalog.find("grid.fr", LIFECYCLE, on="2026-06-01")
    assert (own.value, catalog.is_own(own)) == (50, True)
    assert "your own fact" in own.citation
    before = catalog.find("grid.fr", LIFECYCLE, on="2020-06-01")
    assert not catalog.is_own(before)
    shipped = Catalog.open(own=False)
    assert before == shipped.find("grid.fr", LIFECYCLE, on="2020-06-01")
    assert catalog.edition != shipped.edition
    assert catalog.find("grid.de", LIFECYCLE) == shipped.find("grid.de", LIFECYCLE)


def test_a_statement_says_when_an_own_fact_was_used(home):
    adopt([written(home, SOURCE + card())])
    energy = Quantity.of(3.6e6, "J", basis=Basis.MEASURED, source="test")
    entry = Entry("1", "a", "", "cpu-0", 0, 10**12, energy, 3_600_000_000_000, labels={"kind": "cpu"})
    found = state([entry], Context(Catalog.open(), "2026-11-20", run="a", region="FR"))
    assert found.carbon.value == pytest.approx(50)
    assert "your own fact" in found.assumption("carbon_intensity").source


def test_an_own_fact_dated_after_an_edition_does_not_reach_its_runs(home):
    adopt([written(home, SOURCE + card())])
    fact = Catalog.open().find("grid.fr", LIFECYCLE, on="2026-06-01", edition="2026.11.20+12345678")
    assert "your own fact" not in fact.citation


@pytest.mark.parametrize(
    ("changes", "line", "words"),
    [
        ({"value": 900, "low": 800, "high": 1000}, 12, "contradicts the shipped"),
        ({"unit": "W"}, 15, "no unit of"),
        ({"unit": "bananas"}, 15, "unknown unit"),
        ({"source": "ember-2025"}, 17, "is not in any"),
        ({"evidence": "guess"}, 19, "evidence 'guess'"),
        ({"low": 70}, 12, "expected low <= value <= high"),
        ({"valid_from": "soon"}, 16, "expected YYYY-MM-DD"),
        ({"colour": "red"}, 20, "unknown key 'colour'"),
    ],
)
def test_a_mistake_is_told_with_file_and_line_and_nothing_is_kept(home, changes, line, words):
    with pytest.raises(FactRejected, match=words) as caught:
        adopt([written(home, SOURCE + card(**changes))])
    assert str(caught.value).startswith(f"mine.toml:{line}: ")
    assert not Path(own_index()).parent.exists()
    assert Catalog.open().edition == Catalog.open(own=False).edition


def test_one_bad_file_of_two_keeps_both_out_and_what_was_there_stays(home):
    adopt([written(home, SOURCE + card())])
    before = Path(own_index()).read_bytes()
    good = written(
        home,
        SOURCE.replace("mine-2026", "other") + card(subject="grid.de", value=300, low=250, high=350, source="other"),
        "good.toml",
    )
    bad = written(home, "[[fact]]\nsubject = 1\n", "bad.toml")
    with pytest.raises(FactRejected, match=r"bad\.toml:1: no property"):
        adopt([good, bad])
    assert Path(own_index()).read_bytes() == before
    assert sorted(path.name for path in Path(own_index()).parent.iterdir()) == ["mine.toml", "packed.tsv"]


def test_what_contradicts_a_shipped_fact_is_used_when_told_so_and_marked(home):
    path = written(home, SOURCE + card(value=900, low=800, high=1000))
    kept = adopt([path], override=True)
    assert "although it contradicts the shipped" in kept.remarks[0]
    assert Catalog.open().find("grid.fr", LIFECYCLE, on="2026-06-01").value == 900


def test_two_own_facts_that_contradict_each_other_are_refused(home):
    text = SOURCE + SOURCE.replace("mine-2026", "other") + card() + card(source="other", value=74, low=73, high=74.5)
    with pytest.raises(FactRejected, match=r"contradicts .* for the same day"):
        adopt([written(home, text)])


def test_a_word_that_means_something_else_is_refused(home):
    text = SOURCE + card(subject="grid.gaul") + '\n[[name]]\nsubject = "grid.gaul"\naliases = ["France"]\n'
    with pytest.raises(FactRejected, match=r"'france' already means grid\.fr"):
        adopt([written(home, text)])


def test_the_id_of_a_shipped_source_is_refused(home):
    text = SOURCE.replace("mine-2026", "ember-2025") + card(source="ember-2025")
    with pytest.raises(FactRejected, match="is the id of a shipped source"):
        adopt([written(home, text)])


def test_another_word_for_a_shipped_subject_is_kept(home):
    text = (
        SOURCE
        + card(subject="machine.rack-4", property="tdp", unit="W")
        + '\n[[name]]\nsubject = "grid.fr"\naliases = ["our hall"]\n'
    )
    adopt([written(home, text)])
    assert Catalog.open().resolve("Our Hall", "grid").subject == "grid.fr"
    assert Catalog.open().label("grid.fr") == "France"
    assert Catalog.open().resolve("France", "grid").subject == "grid.fr"


def test_files_are_replaced_removed_and_checked_again(home):
    path = written(home, SOURCE + card())
    adopt([path])
    written(home, SOURCE + card(value=55))
    adopt([path])
    assert Catalog.open().find("grid.fr", LIFECYCLE, on="2026-06-01").value == 55
    assert adopt([]).files == ("mine.toml",)
    with pytest.raises(ConfigError, match=r"one of those in use: mine\.toml"):
        forget(["other.toml"])
    assert forget([path]).files == ()
    assert Catalog.open().edition == Catalog.open(own=False).edition
    with pytest.raises(ConfigError, match="there are no facts of your own"):
        adopt([])


def test_a_file_of_another_kind_or_none_is_refused(home):
    with pytest.raises(ConfigError, match=r"a \.toml file of facts"):
        adopt([written(home, "x", "facts.yaml")])
    with pytest.raises(FileNotFoundError):
        adopt([str(home / "nowhere.toml")])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.floats(30, 70), st.floats(0.7, 1), st.floats(1, 1.4), st.sampled_from(["gCO2e/kWh", "kgCO2e/MWh", "kgCO2e/kWh"])
)
def test_what_was_added_is_what_is_found(home, value, low, high, unit):
    scale = 1e-3 if unit == "kgCO2e/kWh" else 1
    numbers = {"value": value * scale, "low": value * low * scale, "high": value * high * scale}
    adopt([written(home, SOURCE + card(**numbers, unit=unit))], override=True)
    fact = Catalog.open().find("grid.fr", LIFECYCLE, on="2026-06-01")
    assert (fact.value, fact.low, fact.high, fact.unit) == (*numbers.values(), unit)


def test_a_subject_of_ones_own_is_found_by_its_name_and_nowhere_else(home):
    text = (
        SOURCE
        + card(subject="accelerator.ours", property="tdp", unit="W")
        + '\n[[name]]\nsubject = "accelerator.ours"\naliases = ["Board 9"]\n'
    )
    adopt([written(home, text)])
    assert Catalog.open().resolve("board 9", "accelerator").subject == "accelerator.ours"
    with pytest.raises(FactNotFound):
        Catalog.open(own=False).resolve("board 9", "accelerator")


def test_two_files_of_one_name_are_not_taken_for_one(home):
    (home / "other").mkdir()
    files = [written(home, SOURCE + card()), written(home, SOURCE + card(subject="grid.de"), "other/mine.toml")]
    with pytest.raises(ConfigError, match="another name"):
        adopt(files)
    assert not Path(own_index()).exists()
