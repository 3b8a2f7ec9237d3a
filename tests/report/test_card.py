"""The model card: metadata that the hub reads, and a patch that touches nothing else."""

from __future__ import annotations

import pytest
import yaml
from huggingface_hub import ModelCard
from huggingface_hub.repocard import metadata_load
from hypothesis import given
from hypothesis import strategies as st

from joulebook.account.statement import Context, state
from joulebook.entry import Entry
from joulebook.errors import ExchangeError
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity
from joulebook.report.card import BEGIN, END, KEY, card, document, metadata, patched, section

CATALOG = Catalog.open()
SECOND = 1_000_000_000


def run(joules=212_000.0, **fields):
    entries = []
    if joules is not None:
        amount = Quantity.of(
            joules, "J", low=joules * 0.9, high=joules * 1.1, basis=Basis.MEASURED, source="calibration of cpu"
        )
        entries = [
            Entry("1", "a3f9c0", "", "cpu-0", 0, 60 * SECOND, amount, round(joules * 1e6), labels={"kind": "cpu"})
        ]
    around = {"run": "a3f9c0", "name": "train.py", "region": "FR", "started": "2026-11-20T10:00:00Z", **fields}
    return state(entries, Context(CATALOG, "2026-11-20", **around))


def loaded(text):
    """The metadata as the hub reads it."""
    return dict(yaml.safe_load(text.partition("---\n")[2].partition("\n---")[0]))


def test_card_is_read_by_the_hub():
    statement = run()
    found = ModelCard(document(statement, CATALOG, "fine-tuning"))
    emissions = found.data.to_dict()[KEY]
    assert emissions["emissions"] == pytest.approx(statement.carbon.to("gCO2e").value, rel=1e-3)
    assert emissions["training_type"] == "fine-tuning"
    assert emissions["geographical_location"] == "France"
    assert emissions["source"].startswith("joulebook ")
    assert "90 % interval" in emissions["source"]
    assert "measured 100" in found.text


@pytest.mark.parametrize("joules", [1e-9, 3e-5, 1.0, 4e5, 1e15])
def test_grams_are_plain_decimals_and_numbers_for_every_reader(joules):
    statement = run(joules)
    line = next(line for line in metadata(card(statement)).splitlines() if "emissions: " in line)
    text = line.partition(": ")[2]
    assert set(text) <= set("0123456789.")
    value = yaml.safe_load(line.strip())["emissions"]
    assert isinstance(value, int | float)
    assert value == pytest.approx(statement.carbon.to("gCO2e").value, rel=1e-3)


def test_no_number_where_none_is_known_and_a_sentence_why():
    for statement, reason in ((run(region=""), "region of this run is unknown"), (run(None), "unknown: its energy")):
        found = card(statement)
        assert "emissions" not in found.fields
        assert reason in found.reason
        assert reason in section(statement, CATALOG, found)
        assert "emissions: " not in metadata(found).partition("\n")[2]
        ModelCard(document(statement, CATALOG))


README = """---
license: mit   # free
language:
- en
tags: [
  "a: b",
  joule
]
co2_eq_emissions:
  emissions: 12
  # an old comment
  source: guess

# about the data
datasets: "it's here"
description: |
  co2_eq_emissions: not this one

  ---- nor this
---
# Title

Text with --- inside.

---
end without a line break"""


def test_readme_keeps_every_other_byte():
    found = card(run(), "pre-training")
    text = patched(README, metadata(found), section(run(), CATALOG, found))
    old = README.partition("co2_eq_emissions:\n")
    assert text.startswith(old[0])
    after = old[2].partition("source: guess\n")[2]
    assert f"\n{after}" in text
    before, now = loaded(README), loaded(text)
    assert now.pop(KEY)["training_type"] == "pre-training"
    assert {**before, KEY: 0} == {**now, KEY: 0}
    assert text.count(BEGIN) == text.count(END) == 1
    assert patched(text, metadata(found), section(run(), CATALOG, found)) == text


def test_line_breaks_and_marks_are_those_of_the_file(tmp_path):
    found = card(run())
    text = patched("\ufeff---\r\na: 1\r\n---\r\nbody\r\n", metadata(found), section(run(), CATALOG, found))
    assert text.startswith("\ufeff---\r\na: 1\r\nco2_eq_emissions:\r\n  emissions")
    assert text.replace("\r\n", "").count("\n") == 0
    path = tmp_path / "README.md"
    path.write_bytes(text.encode())
    assert metadata_load(path)[KEY]["geographical_location"] == "France"


@pytest.mark.parametrize("text", ["", "# Title\n", "\n\nText", "--- \nx", "text\n---\na: 1\n---\n"])
def test_readme_without_metadata_gets_some(text):
    found = card(run())
    new = patched(text, metadata(found), section(run(), CATALOG, found))
    assert loaded(new).keys() == {KEY}
    assert text in new


def test_empty_metadata_is_filled():
    assert loaded(patched("---\n---\nx", metadata(card(run())), "")).keys() == {KEY}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\na: 1\n", 1),
        ("---\nco2_eq_emissions: {emissions: 1}\n---\n", 2),
        ("---\nco2_eq_emissions: &x\n  emissions: 1\n---\n", 2),
        ("---\nco2_eq_emissions: 1\n'co2_eq_emissions': 2\n---\n", 3),
        ("---\n{a: 1}\n---\n", 2),
        ("---\n- a\n---\n", 2),
        ('---\na: "open\nco2_eq_emissions: 3"\n---\n', 2),
        ("---\n%YAML 1.2\n---\n", 2),
        ("---\na: [1,\nco2_eq_emissions: 3\n---\n", 4),
        ("---\nplain text\n---\n", 2),
    ],
)
def test_what_is_not_plain_is_refused_with_its_line(text, line):
    with pytest.raises(ExchangeError, match=rf"^README\.md:{line}: expected"):
        patched(text, metadata(card(run())), "")


def test_key_inside_brackets_or_a_block_is_another_key():
    text = "---\na: {\nco2_eq_emissions: 3}\nb: |\n co2_eq_emissions: 4\n---\n"
    new = loaded(patched(text, metadata(card(run())), ""))
    assert (new["a"], new["b"]) == ({"co2_eq_emissions": 3}, "co2_eq_emissions: 4\n")
    assert new[KEY]["geographical_location"] == "France"


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff"), max_size=12)
names = st.from_regex(r"[A-Za-z][\w -]{0,8}[a-z]", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["license", "tags", "a b", "co2", KEY, "model-index"]) | st.from_regex(r"[A-Za-z][\w -]{0,8}[a-z]", fullmatch=True), values, min_size=1, max_size=5),
    st.sampled_from([None, False]), st.integers(30, 200), texts,
)  # fmt: skip
def test_any_metadata_keeps_its_other_values_or_is_refused(data, flow, width, body):
    block = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_flow_style=flow, width=width)
    text = f"---\n{block}---\n{body}"
    if "\n---" in block or yaml.safe_load(block) != data:
        return
    try:
        new = patched(text, metadata(card(run())), "")
    except ExchangeError:
        return
    assert f"---\n{body}" in new
    found = yaml.safe_load(new.removeprefix("---\n").partition("\n---\n")[0])
    assert found.pop(KEY)["geographical_location"] == "France"
    data.pop(KEY, None)
    assert found == data


@given(texts, texts)
def test_any_name_is_a_text_for_every_reader(name, kind):
    new = document(run(name=name), CATALOG, kind)
    found = loaded(new)[KEY]
    assert found.get("training_type", "") == found.get("training_type", "").strip("\x00")
    assert isinstance(found["source"], str)
