"""Look-ups: dates, editions, sources that disagree, words and what they must not be taken for."""

from __future__ import annotations

import pytest

from joulebook.errors import ConfigError, FactNotFound
from joulebook.facts.catalog import Catalog
from joulebook.facts.fact import Fact
from joulebook.facts.loader import Contents
from joulebook.facts.pack import pack

LIFECYCLE = "carbon_intensity.lifecycle.generation"


@pytest.fixture(scope="module")
def shipped():
    return Catalog.open()


def small(*rows):
    """A catalogue of grid.aa: (value, valid_from, source, retrieved)."""
    cards = {row[2]: {"title": row[2], "publisher": "p", "year": 2020, "licence": "l"} for row in rows}
    facts = [
        Fact("grid.aa", "p", float(value), float(value), float(value), "1", day, source, retrieved, "seen")
        for value, day, source, retrieved in rows
    ]
    return Catalog(pack(Contents(facts, [], cards)))


YEARS = small(
    (1, "2020-01-01", "a", "2024-05-01"),
    (3, "2022-01-01", "a", "2025-05-01"),
    (2, "2021-01-01", "a", "2024-05-01"),
    (4, "2022-01-01", "b", "2026-05-01"),
)


@pytest.mark.parametrize(
    ("on", "expected"),
    [("1999-01-01", 1), ("2020-01-01", 1), ("2020-12-31", 1), ("2021-01-01", 2), ("2022-06-01", 4), (None, 4)],
)
def test_the_latest_fact_of_the_day_is_found(on, expected):
    assert YEARS.find("grid.aa", "p", on=on).value == expected


@pytest.mark.parametrize(
    ("edition", "expected"),
    [
        ("2024.05.01+00000000", 2),
        ("2025.05.01+ffffffff", 3),
        ("2026.04.30", 3),
        ("2026-05-01", 4),
        ("2031.01.01+00000000", 4),
    ],
)
def test_an_edition_knows_only_what_was_retrieved_by_its_day(edition, expected):
    assert YEARS.find("grid.aa", "p", on="2026-11-20", edition=edition).value == expected


def test_an_edition_from_before_the_first_fact_knows_nothing():
    with pytest.raises(FactNotFound):
        YEARS.find("grid.aa", "p", edition="2024.04.30+00000000")


@pytest.mark.parametrize("edition", ["latest", "2024", "", "2024.13.x1+0"])
def test_an_edition_that_is_no_date_is_refused(edition):
    with pytest.raises(ConfigError, match="edition"):
        YEARS.find("grid.aa", "p", edition=edition)


def test_sources_that_disagree_are_kept():
    found = YEARS.find_all("grid.aa", "p", on="2023-01-01")
    assert [(fact.value, fact.source) for fact in found] == [(3, "a"), (4, "b")]
    assert YEARS.find("grid.aa", "p", on="2023-01-01") == found[-1]


def test_vintages_of_one_year_are_kept(shipped):
    disputed = [
        facts
        for subject in shipped.subjects("grid.")
        if LIFECYCLE in shipped.properties(subject)
        and len(facts := shipped.find_all(subject, LIFECYCLE, on="2021-06-01")) > 1
    ]
    assert disputed
    for facts in disputed:
        assert [fact.source for fact in facts] == ["ember-2022", "ember-2023"]


def test_history_is_in_order_of_date(shipped):
    days = [fact.valid_from for fact in shipped.history("grid.fr", LIFECYCLE)]
    assert days == sorted(days)
    assert {f"{year}-01-01" for year in range(2000, 2022)} <= set(days)


def test_an_unknown_subject_names_near_ones(shipped):
    with pytest.raises(FactNotFound, match=r"cpu\.amd-epyc-776") as caught:
        shipped.find("cpu.amd-epyc-7764", "tdp")
    assert caught.value.exit_code == 4


def test_an_unknown_property_is_not_found(shipped):
    with pytest.raises(FactNotFound, match="colour"):
        shipped.find("grid.fr", "colour")


@pytest.mark.parametrize(
    ("word", "kind", "subject"),
    [
        ("FR", "grid", "grid.fr"),
        ("fra", "grid", "grid.fr"),
        (" france ", "grid", "grid.fr"),
        ("Côte d’Ivoire", "grid", "grid.ci"),
        ("CA", "grid", "grid.ca"),
        ("Canada", "grid", "grid.ca"),
        ("GA", "grid", "grid.ga"),
        ("DE", "grid", "grid.de"),
        ("US-CA", "grid", "grid.us-ca"),
        ("us_ca", "grid", "grid.us-ca"),
        ("California", "grid", "grid.us-ca"),
        ("CA-QC", "grid", "grid.ca-qc"),
        ("Manitoba", "grid", "grid.ca-mb"),
        ("Guangdong", "grid", "grid.cn-gd"),
        ("Tasmania", "grid", "grid.au-tas"),
        ("EU", "grid", "grid.eu"),
        ("World", "grid", "grid.world"),
        ("UK", "grid", "grid.gb"),
        ("gcp:europe-west1", "grid", "grid.be"),
        ("gcp:europe-west1", "site", "site.gcp.europe-west1"),
        ("AWS", "site", "site.aws"),
        ("AMD EPYC 7763", "cpu", "cpu.amd-epyc-7763"),
        ("EPYC 7763", "cpu", "cpu.amd-epyc-7763"),
        ("Apple M2", "cpu", "cpu.apple-m2"),
    ],
)
def test_words_mean_what_people_mean(shipped, word, kind, subject):
    found = shipped.resolve(word, kind)
    assert (found.subject, found.warning) == (subject, "")
    assert shipped.properties(subject)


@pytest.mark.parametrize(
    ("word", "meanings"),
    [("Georgia", ("ge", "us-ga")), ("Congo", ("cd", "cg")), ("Korea", ("kp", "kr"))],
)
def test_a_word_of_several_regions_is_ambiguous_and_names_them(shipped, word, meanings):
    with pytest.raises(FactNotFound, match="ambiguous") as caught:
        shipped.resolve(word, "grid")
    for code in meanings:
        assert f"({code})" in str(caught.value)
        assert shipped.resolve(code, "grid").subject == f"grid.{code}"


@pytest.mark.parametrize("word", ["Framce", "Atlantis", "", "F", "US-XX", "日本", "7763", "A\tB", "fr\n"[:-1] + "x"])
def test_a_word_is_never_guessed(shipped, word):
    with pytest.raises(FactNotFound):
        shipped.resolve(word, "grid")


def test_near_words_are_listed(shipped):
    with pytest.raises(FactNotFound, match="france"):
        shipped.resolve("Framce", "grid")


def test_a_class_of_processors_is_a_family_with_a_warning(shipped):
    found = shipped.resolve("AMD EPYC", "cpu")
    assert found.subject == "cpu.any-amd-server"
    assert "cpu.amd-epyc-7763" in found.members
    assert "is a family" in found.warning
    assert f"and {len(found.members) - 8} more" in found.warning
    fact = shipped.find(found.subject, "power_per_thread")
    assert fact.low < fact.value < fact.high


def test_a_family_of_grids_spans_its_members(shipped):
    found = shipped.resolve("Western Australia", "grid")
    assert "au-wa-nwis, au-wa-swis" in found.warning
    prop = "carbon_intensity.mixed.generation"
    whole, *parts = (shipped.find(subject, prop) for subject in (found.subject, *found.members))
    assert whole.low == min(part.low for part in parts)
    assert whole.high == max(part.high for part in parts)


def test_a_source_has_a_card(shipped):
    card = shipped.source(shipped.find("grid.fr", LIFECYCLE).source)
    assert (card.id, card.publisher, card.licence) == ("ember-2025", "Ember", "CC BY 4.0")
    with pytest.raises(FactNotFound):
        shipped.source("hearsay")
