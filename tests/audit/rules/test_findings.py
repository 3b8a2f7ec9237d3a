"""What is found in documents by hand and in planted slips, and what is not found where figures close."""

from __future__ import annotations

from pathlib import Path

import pytest

from joulebook.audit.findings import audit
from joulebook.audit.reading.door import document, read_document
from joulebook.testing.planted import clean, planted

DOCUMENTS = Path(__file__).parents[1] / "documents"
EXPECTED = {
    "hungry_card.md": [5, 7],
    "trainings_slip.csv": [5],
    "boom.md": [],
    "cluster.json": [],
    "critical_look.md": [5, 7, 9, 9, 11, 13],
    "hungry.md": [5, 5, 7, 7, 9, 11, 11],
    "impact_card.md": [],
    "pretraining_report.md": [],
    "yearly.csv": [],
    "artikel.md": [],
    "artikel_fehler.md": [1, 3, 5, 7, 9],
    "inference_power.md": [],
    "prompts.html": [],
    "prompts_slip.html": [4],
    "sites_stale.yaml": [4],
    "bericht.md": [],
    "bericht_fehler.md": [3, 5, 7],
    "bloom_appendix.md": [],
    "claims.md": [9, 13, 19, 27, 33, 37],
    "essay.md": [],
    "essay_slips.md": [1, 3, 5, 9, 11],
    "gemini_slips.md": [3, 7, 9],
    "inference.csv": [],
    "inference_slips.csv": [4, 5],
    "llama2_card.md": [],
    "llama3_card.md": [],
    "news_article.md": [],
    "news_slips.md": [3, 5, 7, 9, 11],
    "paper_table.html": [],
    "rapport.md": [],
    "rapport_erreurs.html": [2, 3, 4],
    "run_record.json": [],
    "run_record_slip.yaml": [8, 9, 10],
    "strubell_style.md": [],
    "sustainability_report.md": [],
    "sustainability_slips.md": [3, 10, 12, 14, 16],
}
"""Lines with a slip."""


def found_in(text: str, form: str = "markdown") -> list[str]:
    return [one.rule for one in audit(document(text, form=form))]


@pytest.mark.parametrize("name", EXPECTED)
def test_documents_by_hand(name: str) -> None:
    assert sorted(one.place.line for one in audit(read_document(str(DOCUMENTS / name)))) == EXPECTED[name]


def test_every_document_is_expected() -> None:
    assert {path.name for path in DOCUMENTS.iterdir()} == set(EXPECTED)


def test_reports_that_close_give_no_alarm() -> None:
    for report in [*clean(range(2))][::2]:
        found = audit(document(report.text, form=report.form))
        assert not found, (report.name, found[0])


def test_planted_slips_are_found() -> None:
    reports = list(planted(range(1)))[::3]
    missed = [
        (report.name, report.slip)
        for report in reports
        if not report.found((one.place.line, one.evidence) for one in audit(document(report.text, form=report.form)))
    ]
    assert len(reports) > 100
    assert len(missed) <= 0.04 * len(reports), missed


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Data centres use over 200 TW.", "magnitude"),
        ("The energy consumption was 500 kW.", "unit-slip"),
        ("It has a power draw of 400 kWh.", "unit-slip"),
        ("The 27,648 GPUs use 1 MW at full load.", "magnitude"),
        ("It took 1,287 MWh (1,287 kWh).", "unit-slip"),
        ("We count 10 x 5,000 = 25,000 people.", "arithmetic"),
        ("Emissions fell from 100 t to 60 t, a cut of 30 %.", "percentage"),
        ("It used 190 kWh a day, or 690 MWh a year.", "unit-slip"),
        ("Training equals driving five cars for a year.", "equivalence"),
        ("Training emitted 300.4 t, as much as five cars for a year.", "equivalence"),
        ("A PUE of 0.9 was reached.", "magnitude"),
        ("Training any model emits 626,155 lb of CO2.", "extreme"),
        ("Together 12 t (location-based) and 5 t (market-based) are 17 t of CO2.", "mixed-basis"),
        ("In 2024 the training used 5 MWh; we applied the grid factor of 2015.", "stale-factor"),
        ("Our 25 t of operational emissions are lower than the 50 t including embodied emissions.", "mixed-boundary"),
    ],
)
def test_each_rule_finds_its_slip(text: str, rule: str) -> None:
    assert rule in found_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Data centres used 415 TWh in 2024 and draw about 47 GW on average.",
        "Utilities added 5 GW per year of capacity.",
        "100,000 practitioners at 2 kW each use 200 MW.",
        "The cluster, with hosts and cooling, drew 1 MW for its 1,000 GPUs of 700 W each.",
        "An architecture search was estimated at 626,155 lb of CO2, 88 times too high.",
        "Emissions were 12 t on a location basis and 5 t on a market basis.",
        "GPT-3 took 1,287 MWh (1.287 GWh) and emitted 552 t, as much as 123 cars driven for one year.",
        "A laptop draws 30 W; an idle A100 draws 50 W.",
        "It ran for 12 h, 8 days or 2 weeks.",
    ],
)
def test_what_is_right_is_left_alone(text: str) -> None:
    assert found_in(text) == []


def test_overhead_that_is_counted_twice_is_told() -> None:
    text = "| IT energy (kWh) | PUE | Facility energy (kWh) |\n|---|---|---|\n| 1000 | 1.3 | 1690 |\n| 2000 | 1.3 | 2600 |\n"
    assert found_in(text) == ["double-count"]


def test_a_part_that_is_counted_twice_is_told() -> None:
    text = "part,energy_kwh\na,120\nb,45\nc,17\ntotal,227\n"
    assert found_in(text, "csv") == ["double-count"]


def test_what_is_missing_is_told_on_request_only() -> None:
    read = document("The training took 500 kWh and emitted 200 kg of CO2e.")
    assert audit(read) == []
    assert {one.rule for one in audit(read, minor=True)} == {"missing-range", "missing-source"}


def test_a_finding_has_place_arithmetic_and_confidence() -> None:
    (found,) = audit(document("64 GPUs drew 400 W each for 120 hours, which makes 30.7 MWh."))
    assert (found.place.line, found.place.column) == (1, 52)
    assert "3.072 MWh" in found.evidence
    assert 0.5 < found.confidence <= 1
