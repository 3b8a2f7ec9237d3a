"""The packed index says what the data files say, whatever they say, and is the one that is shipped."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joulebook.errors import FactNotFound, FactRejected
from joulebook.facts.catalog import PACKED, Catalog, _normal
from joulebook.facts.fact import EVIDENCE, Fact
from joulebook.facts.loader import Contents, Name, load, normal
from joulebook.facts.pack import pack

WORD = st.text("abcxyz019.-_", min_size=1, max_size=8)
SUBJECTS = st.builds("{}.{}".format, st.sampled_from(["grid", "cpu", "site"]), WORD)
DAYS = st.dates().map(lambda day: f"{day:%Y-%m-%d}".zfill(10))
NUMBERS = st.floats(-1e300, 1e300)
CARDS = st.fixed_dictionaries(
    {"title": st.text(), "publisher": st.text(), "year": st.integers(1800, 2100), "licence": st.text()}
)
PROPERTIES, SOURCES = ["pue", "tdp", "a.b.c"], ["one", "two-2024"]


@st.composite
def contents(draw):
    cards = {identity: draw(CARDS) for identity in SOURCES}
    rows = st.tuples(
        SUBJECTS,
        st.sampled_from(PROPERTIES),
        st.tuples(NUMBERS, NUMBERS, NUMBERS).map(sorted),
        st.sampled_from(["1", "W"]),
        DAYS,
        st.sampled_from(SOURCES),
        DAYS,
        st.sampled_from(sorted(EVIDENCE)),
        st.text(max_size=20),
    )
    facts = []
    for subject, prop, (low, value, high), unit, day, source, retrieved, evidence, note in draw(
        st.lists(rows, max_size=30, unique_by=lambda row: (row[0], row[1], row[4], row[5]))
    ):
        card = cards[source]
        citation = f"{card['publisher']}: {card['title']} ({card['year']})"
        facts.append(Fact(subject, prop, value, low, high, unit, day, source, retrieved, evidence, note, citation))
    aliases = st.lists(st.text(min_size=1, max_size=10).filter(normal), min_size=1, max_size=3)
    subjects = sorted({fact.subject for fact in facts})
    names = [Name(subject, tuple(draw(aliases)), draw(st.text(max_size=10))) for subject in subjects]
    return Contents(facts, names, cards)


@settings(deadline=None, max_examples=100)
@given(contents())
def test_reading_the_index_gives_what_was_packed(given_contents):
    catalog = Catalog(pack(given_contents))
    facts = given_contents.facts
    assert catalog.subjects("") == sorted({fact.subject for fact in facts})
    found = [
        fact
        for subject in catalog.subjects("")
        for prop in catalog.properties(subject)
        for fact in catalog.history(subject, prop)
    ]
    assert sorted(found) == sorted(facts)
    for identity, card in given_contents.sources.items():
        assert catalog.source(identity)._asdict() == {"id": identity, "url": "", **card}


@settings(deadline=None, max_examples=100)
@given(contents())
def test_every_word_finds_its_subject_or_says_that_there_are_several(given_contents):
    catalog = Catalog(pack(given_contents))
    meanings: dict[tuple[str, str], set[str]] = {}
    for name in given_contents.names:
        for word in name.words:
            meanings.setdefault((name.subject.partition(".")[0], word), set()).add(name.subject)
    for (kind, word), subjects in meanings.items():
        if len(subjects) == 1:
            assert {catalog.resolve(word.upper(), kind).subject} == subjects
        else:
            with pytest.raises(FactNotFound, match="ambiguous"):
                catalog.resolve(word, kind)


@settings(deadline=None)
@given(contents())
def test_the_same_contents_give_the_same_bytes_and_others_another_edition(given_contents):
    packed = pack(given_contents)
    assert packed == pack(given_contents)
    lines = packed.splitlines()
    keys = [line.partition(b"\t")[0] for line in lines]
    assert keys == sorted(set(keys))
    if given_contents.facts:
        first, *rest = given_contents.facts
        changed = [first._replace(note=first.note + "!"), *rest]
        assert Catalog(pack(given_contents._replace(facts=changed))).edition != Catalog(packed).edition


@settings(deadline=None, max_examples=500)
@given(st.text() | st.text("Aé’ -+_.ßİﬁ①"))
def test_the_index_and_the_loader_read_names_alike(word):
    assert _normal(word) == normal(word)


def test_the_shipped_index_is_made_of_the_shipped_files():
    assert Path(PACKED).read_bytes() == pack(load()), "run  make facts  and commit packed.tsv"


def test_the_edition_is_the_newest_day_and_a_digest():
    facts = [
        Fact("a.b", "p", 1.0, 1.0, 1.0, "1", "2020-01-01", "s", day, "seen") for day in ("2024-02-03", "2023-01-01")
    ]
    card = {"title": "t", "publisher": "p", "year": 2020, "licence": "l"}
    edition = Catalog(pack(Contents(facts, [], {"s": card}))).edition
    day, _, digest = edition.partition("+")
    assert day == "2024.02.03"
    assert len(digest) == 8
    assert int(digest, 16) >= 0


@pytest.mark.parametrize("content", [b"\n", b"f:a\t[[],[]]\n"])
def test_an_index_without_an_edition_is_refused(content):
    with pytest.raises(FactRejected, match="make facts"):
        Catalog(content)


def test_a_look_up_loads_no_slow_module():
    script = (
        "import sys; known = set(sys.modules)\n"
        "from joulebook.facts.catalog import Catalog\n"
        "catalog = Catalog.open()\n"
        "catalog.find(catalog.resolve('France', 'grid').subject, 'carbon_intensity.lifecycle.generation')\n"
        "import json; print(json.dumps(sorted(set(sys.modules) - known)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    slow = {"csv", "tomllib", "statistics", "datetime", "difflib", "unicodedata", "joulebook.facts.loader"}
    assert slow & set(json.loads(done.stdout)) == set()


def test_a_new_index_takes_the_place_of_one_that_is_being_read(tmp_path):
    """A file cut short under a map would end its reader with SIGBUS."""
    index = tmp_path / "packed.tsv"
    index.write_bytes(Path(PACKED).read_bytes())
    reader = Catalog.open(str(index), own=False)
    before = index.stat().st_ino
    tool = Path(__file__).parents[2] / "tools" / "pack_facts.py"
    done = subprocess.run([sys.executable, str(tool), str(index)], check=True, capture_output=True, text=True)
    assert "edition" in done.stdout
    assert index.stat().st_ino != before
    assert reader.find("grid.fr", "carbon_intensity.lifecycle.generation").value > 0
    assert [path.name for path in tmp_path.iterdir()] == ["packed.tsv"]
