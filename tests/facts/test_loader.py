"""The strict loader: what it reads, and every rule that it refuses with file and line."""

from __future__ import annotations

import pytest

from joulebook.errors import FactRejected
from joulebook.facts.loader import FIELDS, load, normal

SOURCES = """\
# where figures come from
[book-2024]
title = "A Book"
publisher = "A Press"
year = 2024
licence = "CC BY 4.0"
"""
FACT = """\
[[fact]]
subject = "grid.aa"
property = "carbon_intensity.lifecycle.generation"
value = 50
low = 40
high = 60
unit = "gCO2e/kWh"
valid_from = "2023-01-01"
source = "book-2024"
retrieved = "2026-11-20"
evidence = "published"
note = "a note"
"""
OTHER = FACT.replace("grid.aa", "grid.bb")
SERIES = """\
[[series]]
file = "rows.csv"
property = "carbon_intensity.lifecycle.generation"
unit = "gCO2e/kWh"
source = "book-2024"
retrieved = "2026-11-20"
evidence = "published"
"""
ROWS = "subject,value,low,high,valid_from\ngrid.cc,1,0.5,2,2020-01-01\ngrid.cc,3,,,2021-01-01\n"


def written(folder, **files):
    """A folder of data files; `facts` becomes facts.toml, `rows` rows.csv."""
    names = {"sources": "sources.toml", "rows": "rows.csv"}
    for stem, text in {"sources": SOURCES, **files}.items():
        (folder / names.get(stem, f"{stem}.toml")).write_text(text, encoding="utf-8")
    return folder


def test_a_card_has_eleven_fields_and_a_citation(tmp_path):
    (fact,) = load(written(tmp_path, facts=FACT)).facts
    assert len(FIELDS) == 11
    assert fact[:11] == (
        "grid.aa",
        "carbon_intensity.lifecycle.generation",
        50.0,
        40.0,
        60.0,
        "gCO2e/kWh",
        "2023-01-01",
        "book-2024",
        "2026-11-20",
        "published",
        "a note",
    )
    assert fact.citation == "A Press: A Book (2024)"


def test_a_series_takes_its_constant_fields_from_its_table(tmp_path):
    first, second = load(written(tmp_path, facts=SERIES, rows=ROWS)).facts
    assert (first.subject, first.value, first.low, first.high) == ("grid.cc", 1.0, 0.5, 2.0)
    assert (second.value, second.low, second.high, second.valid_from) == (3.0, 3.0, 3.0, "2021-01-01")
    assert first.unit == second.unit == "gCO2e/kWh"


def test_every_file_of_the_folder_is_read(tmp_path):
    folder = written(tmp_path, facts=FACT, more=OTHER, series=SERIES, rows=ROWS, sources_more="")
    assert {fact.subject for fact in load(folder).facts} == {"grid.aa", "grid.bb", "grid.cc"}


def test_names_may_stand_in_a_table_of_their_own(tmp_path):
    rows = "subject,label,aliases\ngrid.aa,Aaland,AA;A-land\n"
    (name,) = load(written(tmp_path, facts=FACT, names='[[names]]\nfile = "rows.csv"\n', rows=rows)).names
    assert (name.subject, name.label) == ("grid.aa", "Aaland")
    assert name.words == ["aaland", "aa", "a land"]


@pytest.mark.parametrize(
    ("change", "line", "phrase"),
    [
        (("value = 50", "vlaue = 50"), 4, "unknown key 'vlaue'"),
        (('note = "a note"', 'nota = "a note"'), 12, "unknown key 'nota'"),
        (('source = "book-2024"\n', ""), 1, "no source"),
        (("value = 50\n", ""), 1, "no value"),
        (('retrieved = "2026-11-20"\n', ""), 1, "no retrieved"),
        (("low = 40\n", ""), 1, "low and high together"),
        (('"book-2024"', '"book-2025"'), 9, "not in any sources*.toml"),
        (('"gCO2e/kWh"', '"gCO2/kWh"'), 7, "unknown unit 'gCO2/kWh'"),
        (("low = 40", "low = 51"), 4, "expected low <= value <= high"),
        (("high = 60", "high = 49"), 4, "expected low <= value <= high"),
        (("value = 50", "value = nan"), 4, "finite"),
        (("high = 60", "high = inf"), 6, "finite"),
        (("value = 50", "value = true"), 4, "finite"),
        (("value = 50", 'value = "fifty"'), 4, "finite"),
        (('"2023-01-01"', '"2023-13-01"'), 8, "YYYY-MM-DD"),
        (('"2023-01-01"', '"20230101"'), 8, "YYYY-MM-DD"),
        (('"2023-01-01"', '"2023"'), 8, "YYYY-MM-DD"),
        (('"2026-11-20"', '"yesterday"'), 10, "YYYY-MM-DD"),
        (('"published"', '"certain"'), 11, "evidence 'certain'"),
        (('"grid.aa"', '"Grid AA"'), 2, "lower-case ASCII"),
        (('"grid.aa"', '"grid.côte"'), 2, "lower-case ASCII"),
        (('property = "c', 'property = "C'), 3, "lower-case ASCII"),
        (("value = 50", "value = "), 4, "line 4"),
        (("[[fact]]", "[[fcat]]"), 1, "unknown table 'fcat'"),
        (("[[fact]]", "[fact]"), 1, "under a line [[fact]]"),
    ],
)
def test_a_card_that_breaks_a_rule_is_refused(tmp_path, change, line, phrase):
    assert change[0] in FACT
    folder = written(tmp_path, facts=f"# a comment\n\n{OTHER}\n{FACT.replace(*change)}" if line > 1 else FACT)
    before = (len(OTHER.splitlines()) + 3) if line > 1 else 0
    if line == 1:
        written(tmp_path, facts=FACT.replace(*change))
    with pytest.raises(FactRejected) as caught:
        load(folder)
    assert str(caught.value).startswith(f"facts.toml:{before + line}: "), caught.value
    assert phrase in str(caught.value).replace(f"line {before + line}", f"line {line}")


@pytest.mark.parametrize(
    ("change", "place", "phrase"),
    [
        (("grid.cc,3", "grid.cc,x"), "rows.csv:3", "finite"),
        (("2,2020-01-01", "0.9,2020-01-01"), "rows.csv:2", "low <= value <= high"),
        (("grid.cc,3,,,", "grid.cc,3,,"), "rows.csv:3", "5 cells"),
        (("grid.cc,3,,,", "grid.cc,3,,,,"), "rows.csv:3", "5 cells"),
        (("grid.cc,3,,,", "grid.cc,3,2,,"), "rows.csv:3", "low and high together"),
        (("subject,value", "subject,worth"), "rows.csv:1", "worth"),
        (("low,high", "low,low"), "rows.csv:1", "twice"),
        (("high,valid_from", "unit,valid_from"), "rows.csv:1", "given in facts.toml too"),
        (("2021-01-01", "2020-01-01"), "rows.csv:3", "stands in rows.csv:2 too"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused(tmp_path, change, place, phrase):
    assert change[0] in ROWS
    with pytest.raises(FactRejected, match="^" + place) as caught:
        load(written(tmp_path, facts=SERIES, rows=ROWS.replace(*change)))
    assert phrase in str(caught.value)


@pytest.mark.parametrize(
    ("files", "place", "phrase"),
    [
        ({"facts": SERIES}, "facts.toml:2", "does not exist"),
        ({"facts": SERIES.replace("retrieved", "retreived"), "rows": ROWS}, "facts.toml:6", "retreived"),
        ({"facts": FACT + "\n" + FACT}, "facts.toml:14", "stands in facts.toml:1 too"),
        ({"facts": FACT, "more": FACT.replace("50", "51")}, "more.toml:1", "stands in facts.toml:1 too"),
        ({"facts": FACT, "sources": SOURCES.replace("licence", "license")}, "sources.toml:6", "license"),
        ({"facts": FACT, "sources": SOURCES.replace('licence = "CC BY 4.0"\n', "")}, "sources.toml:2", "licence"),
        ({"facts": FACT, "sources": SOURCES.replace("2024\n", '"2024"\n')}, "sources.toml:5", "year as int"),
        ({"facts": FACT, "sources": SOURCES.replace("A Press", "")}, "sources.toml:4", "publisher"),
        ({"facts": FACT, "sources_more": SOURCES}, "sources_more.toml:2", "another file"),
        ({"facts": FACT, "sources": SOURCES + 'loose = "x"\n'}, "sources.toml:7", "loose"),
    ],
)
def test_files_that_do_not_fit_together_are_refused(tmp_path, files, place, phrase):
    with pytest.raises(FactRejected, match="^" + place) as caught:
        load(written(tmp_path, **files))
    assert phrase in str(caught.value)


def named(kind="name", **fields):
    return "\n".join([f"[[{kind}]]", *(f"{key} = {value!r}" for key, value in fields.items()), ""])


@pytest.mark.parametrize(
    ("text", "line", "phrase"),
    [
        (named(subject="grid.aa", aliases=["A"], label="x", nick="y"), 5, "unknown key 'nick'"),
        (named(aliases=["A"]), 1, "no subject"),
        (named(subject="grid.aa"), 1, "no aliases"),
        (named(subject="grid.aa", aliases=[]), 3, "no aliases"),
        (named(subject="grid.aa", aliases=["?!"]), 3, "no letter or digit"),
        (named(subject="grid.zz", aliases=["Z"]), 2, "there is no fact"),
        (named(subject="grid.aa", aliases=["A"], members=["grid.bb"]), 4, "unknown key 'members'"),
        (named("family", subject="grid.ff", aliases=["F"]), 1, "no members"),
        (named("family", subject="grid.ff", aliases=["F"], members=["grid.aa", "grid.zz"]), 2, "grid.zz"),
        (
            named(subject="grid.aa", aliases=["Land"]) + named(subject="grid.bb", aliases=["L-A", "land!"]),
            4,
            "'land' names grid.bb and grid.aa",
        ),
        (named(subject="grid.aa", aliases=["BB"]) + named(subject="grid.bb", aliases=["B"]), 4, "'bb' names"),
        (
            named(subject="grid.aa", aliases=["A"], shared=["X"]) + named(subject="grid.bb", aliases=["X"]),
            5,
            "'x' names",
        ),
    ],
)
def test_a_name_that_breaks_a_rule_is_refused(tmp_path, text, line, phrase):
    with pytest.raises(FactRejected, match=f"^names.toml:{line}: ") as caught:
        load(written(tmp_path, facts=FACT + "\n" + OTHER, names=text.replace("'", '"')))
    assert phrase in str(caught.value)


def test_a_word_may_be_shared_on_purpose(tmp_path):
    text = named(subject="grid.aa", aliases=["A"], shared=["X"]) + named(subject="grid.bb", aliases=["B"], shared=["X"])
    contents = load(written(tmp_path, facts=FACT + "\n" + OTHER, names=text.replace("'", '"')))
    assert [name.words for name in contents.names] == [["a", "x", "aa"], ["b", "x", "bb"]]


def test_one_word_may_name_subjects_of_different_kinds(tmp_path):
    text = named(subject="grid.aa", aliases=["X"]) + named(subject="site.aa", aliases=["X"])
    site = FACT.replace("grid.aa", "site.aa")
    assert len(load(written(tmp_path, facts=FACT + "\n" + site, names=text.replace("'", '"'))).names) == 2


FAMILY = named("family", subject="grid.ff", aliases=["F"], members=["grid.aa", "grid.bb"]).replace("'", '"')


def test_a_family_spans_its_members(tmp_path):
    dirty = OTHER.replace("value = 50", "value = 700").replace("low = 40", "low = 600").replace("60\n", "800\n")
    older = dirty.replace("2023", "2020").replace("high = 800", "high = 5000")
    facts = load(written(tmp_path, facts=f"{FACT}\n{dirty}\n{older}", names=FAMILY)).facts
    (family,) = [fact for fact in facts if fact.subject == "grid.ff"]
    assert (family.value, family.low, family.high) == (375.0, 40.0, 800.0)
    assert family.evidence == "derived"
    assert "grid.aa, grid.bb" in family.note


def test_a_family_with_a_fact_of_its_own_keeps_it(tmp_path):
    own = FACT.replace("grid.aa", "grid.ff").replace("value = 50", "value = 55")
    facts = load(written(tmp_path, facts=f"{FACT}\n{OTHER}\n{own}", names=FAMILY)).facts
    assert [fact.value for fact in facts if fact.subject == "grid.ff"] == [55.0]


def test_a_family_knows_only_what_all_members_have(tmp_path):
    more = FACT.replace("lifecycle", "direct")
    facts = load(written(tmp_path, facts=f"{FACT}\n{OTHER}\n{more}", names=FAMILY)).facts
    assert [fact.property for fact in facts if fact.subject == "grid.ff"] == ["carbon_intensity.lifecycle.generation"]


def test_a_family_in_two_units_is_refused(tmp_path):
    other = OTHER.replace("gCO2e/kWh", "kgCO2e/kWh")
    with pytest.raises(FactRejected, match=r"^names.toml:4: .*units do not fit"):
        load(written(tmp_path, facts=FACT + "\n" + other, names=FAMILY))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Côte d'Ivoire", "cote d ivoire"),
        ("Côte d’Ivoire", "cote d ivoire"),
        ("  São   Tomé ", "sao tome"),
        ("Core(TM) i7-9700K", "core tm i7 9700k"),
        ("Notepad++", "notepad++"),
        ("日本", ""),
    ],
)
def test_names_are_compared_in_plain_ascii(word, expected):
    assert normal(word) == expected


def test_a_source_may_stand_beside_its_facts(tmp_path):
    card = '[[source]]\nid = "own-2026"\n' + SOURCES.partition("]\n")[2]
    (tmp_path / "own.toml").write_text(card + FACT.replace("book-2024", "own-2026"), encoding="utf-8")
    found = load(tmp_path)
    assert found.facts[0].citation == "A Press: A Book (2024)"
    assert list(found.sources) == ["own-2026"]


@pytest.mark.parametrize(
    ("card", "line", "phrase"),
    [
        ("[[source]]\ntitle = 'x'\n", 1, "a source has no id"),
        ("[[source]]\nid = 7\n", 2, "a source has no id"),
        ("[[source]]\nid = 'a'\ntitle = 'x'\n", 1, "expected publisher as str"),
        ("[[source]]\nid = 'a'\ncolour = 'x'\n", 3, "unknown key 'colour'"),
        (
            "[[source]]\nid = 'book-2024'\ntitle = 'x'\npublisher = 'y'\nyear = 2024\nlicence = 'z'\n",
            1,
            "in another file too",
        ),
    ],
)
def test_a_source_beside_facts_that_breaks_a_rule_is_refused(tmp_path, card, line, phrase):
    (tmp_path / "sources.toml").write_text(SOURCES, encoding="utf-8")
    (tmp_path / "zz.toml").write_text(card, encoding="utf-8")
    with pytest.raises(FactRejected, match=phrase) as caught:
        load(tmp_path)
    assert str(caught.value).startswith(f"zz.toml:{line}: ")


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("value = 50", f"value = 1{'0' * 400}", 4, "value = 1000"),
        ("value = 50", f"value = 1{'0' * 5000}", 13, "digits"),
        ("low = 40", "low = -1", 5, "no fact is below zero"),
        ('subject = "grid.aa"', "subject = 5", 2, "subject = 5: expected text"),
        ('note = "a note"', 'note = ["a"]', 12, "expected text"),
        ('note = "a note"', f"note = {'[' * 5000}{']' * 5000}", 1, "too deeply"),
    ],
)
def test_a_value_of_another_type_is_refused_at_its_line(tmp_path, old, new, line, problem):
    with pytest.raises(FactRejected, match=problem) as caught:
        load(written(tmp_path, facts=FACT.replace(old, new)))
    assert str(caught.value).startswith(f"facts.toml:{line}:")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("lists", ['aliases = "one"', "aliases = 5", "aliases = [5]", 'aliases = ["one"]\nlabel = 5'])
def test_a_name_whose_words_are_no_list_of_texts_is_refused(tmp_path, lists):
    with pytest.raises(FactRejected, match=r"facts\.toml:\d+: .*expected (text|a list of texts)"):
        load(written(tmp_path, facts=f'{FACT}[[name]]\nsubject = "grid.aa"\n{lists}\n'))


def test_a_family_has_members_of_its_own_kind(tmp_path):
    family = '[[family]]\nsubject = "cpu.all"\naliases = ["all"]\nmembers = ["grid.aa"]\n'
    with pytest.raises(FactRejected, match="members of other kinds"):
        load(written(tmp_path, facts=FACT + family))


def test_a_source_of_blank_licence_or_of_no_number_as_year_is_refused(tmp_path):
    for old, new in (('"CC BY 4.0"', '" "'), ("2024\n", "true\n")):
        with pytest.raises(FactRejected, match=r"sources\.toml:[56]: "):
            load(written(tmp_path, sources=SOURCES.replace(old, new), facts=FACT))


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (b"subject,value,valid_from\ngrid.c\xe9,1,2020-01-01\n", "rows.csv:2: expected text in UTF-8, got byte 0xe9"),
        (b'subject,value,valid_from\ngrid.cc,"1"0,2020-01-01\n', "rows.csv:2: "),
        (b'subject,value,valid_from\ngrid.cc,"1\n', "rows.csv:2: "),
        (b"subject,value,valid_from\n" + b"g" * 200_000 + b",1,2020-01-01\n", "rows.csv:2: "),
    ],
)
def test_rows_that_cannot_be_read_are_refused_with_their_line(tmp_path, rows, problem):
    folder = written(tmp_path, facts=SERIES)
    (folder / "rows.csv").write_bytes(rows)
    with pytest.raises(FactRejected) as caught:
        load(folder)
    assert str(caught.value).startswith(problem)


def test_tables_as_other_systems_write_them_are_read(tmp_path):
    folder = written(tmp_path, facts="\ufeff" + (SERIES + FACT).replace("\n", "\r\n"), rows="\ufeff" + ROWS)
    assert {fact.subject for fact in load(folder).facts} == {"grid.aa", "grid.cc"}


@pytest.mark.parametrize("name", ['"../rows.csv"', '"/etc/passwd"', '""', "5", '"a\\u0000b"'])
def test_rows_stand_in_the_same_folder(tmp_path, name):
    with pytest.raises(FactRejected, match=r"facts\.toml:2: file = .*in the same folder"):
        load(written(tmp_path, facts=SERIES.replace('"rows.csv"', name), rows=ROWS))
