"""Look-ups in the shipped index against a scan of it from end to end, and names that nobody would choose."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from joulebook.errors import ConfigError, FactNotFound
from joulebook.facts.catalog import PACKED, Catalog
from joulebook.facts.loader import load, normal

CATALOG = Catalog.open()
LIFECYCLE = "carbon_intensity.lifecycle.generation"


@cache
def scanned():
    """Every line of the index, by key."""
    lines = (line.partition("\t") for line in Path(PACKED).read_text(encoding="utf-8").splitlines())
    return {key: json.loads(value) for key, _, value in lines}


@cache
def by_subject():
    """Every shipped fact, by subject and property, as the loader reads the files."""
    found = {}
    for fact in load().facts:
        found.setdefault((fact.subject, fact.property), []).append(fact)
    return found


def test_every_key_is_found():
    assert all(CATALOG._get(key) == value for key, value in scanned().items())


def test_every_fact_of_every_subject_is_found_as_the_files_have_it():
    for (subject, prop), facts in by_subject().items():
        assert CATALOG.history(subject, prop) == sorted(facts, key=lambda fact: fact.valid_from)
    assert {subject for subject, _ in by_subject()} == set(CATALOG.subjects(""))


@settings(max_examples=300)
@given(
    st.text()
    | st.sampled_from(sorted(scanned())).flatmap(lambda key: st.sampled_from([key[:-1], f"{key}!", f"{key}\0"]))
)
@example("")
@example("!")
@example("!editio")
@example("\x00")
@example("zzz")
@example("\U0010ffff")
@example("s:zzzz")
@example("f:")
@example("n:grid:")
def test_a_key_is_found_exactly_when_a_scan_finds_it(key):
    assert CATALOG._get(key) == scanned().get(key)


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(by_subject())), st.dates().map(str), st.sampled_from([None, "2026-11-20", "2026.11.20+0"])
)
def test_find_is_what_a_scan_would_choose(name, on, edition):
    facts = [fact for fact in by_subject()[name] if edition is None or fact.retrieved <= "2026-11-20"]
    if not facts:
        with pytest.raises(FactNotFound, match="the first was retrieved on"):
            CATALOG.find(*name, on=on, edition=edition)
        return
    begun = [fact.valid_from for fact in facts if fact.valid_from <= on]
    day = max(begun) if begun else min(fact.valid_from for fact in facts)
    candidates = [fact for fact in facts if fact.valid_from == day]
    found = CATALOG.find(*name, on=on, edition=edition)
    assert found in candidates
    assert found.retrieved == max(fact.retrieved for fact in candidates)
    assert CATALOG.find_all(*name, on=on, edition=edition)[-1] == found


HOSTILE = [
    "", " ", "\x00", "\x1b[2J", "a\nb", "grid.fr\n", "grid.fr\t[]", "f:grid.fr", "\r\n", "🇫🇷", "🔥" * 50, "x" * 100_000,
    "\ud800", "\u202eRF", "../../etc/passwd", "%s%n", "*", ".", "-", "+", "NaN", "None", "A" * 81,
]  # fmt: skip


@pytest.mark.parametrize("word", HOSTILE, ids=lambda word: ascii(word)[:20])
@pytest.mark.parametrize("kind", ["grid", "cpu", "site", "nothing"])
def test_a_hostile_word_is_not_found_and_nothing_else_happens(word, kind):
    with pytest.raises(FactNotFound) as caught:
        CATALOG.resolve(word, kind)
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 1_000


@pytest.mark.parametrize("word", HOSTILE, ids=lambda word: ascii(word)[:20])
def test_a_hostile_subject_is_not_found_and_nothing_else_happens(word):
    assert CATALOG.properties(word) == []
    with pytest.raises(FactNotFound) as caught:
        CATALOG.find(word, LIFECYCLE)
    assert len(str(caught.value)) < 1_000
    with pytest.raises(FactNotFound):
        CATALOG.find("grid.fr", word)


@settings(max_examples=200)
@given(st.text(max_size=40), st.sampled_from(["grid", "cpu", "site"]))
def test_a_word_is_found_exactly_when_it_is_listed(word, kind):
    try:
        found = CATALOG.resolve(word, kind)
    except FactNotFound:
        return
    assert found.subject in scanned()[f"n:{kind}:{normal(word)}"]


@pytest.mark.parametrize(
    "word",
    ["côte d'ivoire", "COTE D’IVOIRE", "Ivory Coast", "ci", "CIV", "Cote-d'Ivoire", " Côte   d'Ivoire "],
)
def test_accents_case_and_punctuation_do_not_matter(word):
    assert CATALOG.resolve(word, "grid").subject == "grid.ci"


@pytest.mark.parametrize(
    ("word", "code"),
    [("U.K.", "gb"), ("U.S.A.", "us"), ("UAE", "ae"), ("Turkey", "tr"), ("Czechia", "cz"), ("Russia", "ru"),
     ("South Korea", "kr"), ("DR Congo", "cd"), ("Vietnam", "vn"), ("Laos", "la"), ("Burma", "mm"), ("Holland", "nl")],
)  # fmt: skip
def test_common_names_are_known(word, code):
    assert CATALOG.resolve(word, "grid").subject == f"grid.{code}"


def test_an_edition_from_before_says_when_the_first_fact_came():
    with pytest.raises(FactNotFound, match=r"edition 2020-01-01 knows no .* retrieved on 2026-11-20"):
        CATALOG.find("grid.fr", LIFECYCLE, edition="2020-01-01")


@pytest.mark.parametrize(
    "edition",
    [
        "yesterday",
        "2026",
        "2026-11-20-1",
        "+",
        "²⁰²⁶.¹¹.²⁰",
        "2026.13.01",
        "2026-00-01",
        "2026-11-32",
        "20260-1-01",
        "2026--1-01",
    ],
)
def test_what_is_no_edition_is_refused_with_what_is_expected(edition):
    with pytest.raises(ConfigError, match="a date such as"):
        CATALOG.find("grid.fr", LIFECYCLE, edition=edition)


def test_processors_without_a_year_bear_that_of_their_table():
    undated = [fact for fact in load().facts if fact.source == "codecarbon-cpu"]
    assert len(undated) > 3_000
    assert {fact.valid_from for fact in undated} == {"2026-01-01"}


@pytest.mark.parametrize(
    ("shown", "subject"),
    [("AMD FX-8800P", "cpu.amd-fx-8800p"), ("6th Gen FX-8800P APU", "cpu.amd-fx-8800p"),
     ("AMD Athlon 5350", "cpu.amd-athlon-5350"), ("AMD Ryzen 5 3500", "cpu.amd-ryzen-5-3500"),
     ("Apple M4 Ultra", "cpu.apple-m4-ultra")],
)  # fmt: skip
def test_cards_are_named_as_hosts_show_themselves(shown, subject):
    assert CATALOG.resolve(shown, "cpu").subject == subject
