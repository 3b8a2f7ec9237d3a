"""A fact as a quantity: basis from evidence, draws by subject and property."""

from __future__ import annotations

import pytest

from joulebook.facts.fact import EVIDENCE, Fact
from joulebook.quantity import Basis

FACT = Fact(
    "grid.aa",
    "p",
    50.0,
    40.0,
    60.0,
    "gCO2e/kWh",
    "2023-01-01",
    "s",
    "2026-11-20",
    "published",
    "",
    "Press: Book (2024)",
)


@pytest.mark.parametrize("evidence", EVIDENCE)
def test_evidence_decides_the_basis(evidence):
    known = {"published": Basis.REPORTED, "seen": Basis.REPORTED, "fitted": Basis.MODELLED}
    expected = known.get(evidence, Basis.ASSUMED)
    fact = FACT._replace(evidence=evidence)
    assert fact.basis is expected
    assert fact.quantity().basis is expected


def test_a_quantity_has_value_range_and_citation():
    quantity = FACT.quantity()
    assert (quantity.value, quantity.low, quantity.high, quantity.unit.symbol) == (50.0, 40.0, 60.0, "gCO2e/kWh")
    assert "Press: Book (2024), 2023" in quantity.explain()


def test_years_of_one_subject_share_their_error():
    older = FACT._replace(value=100.0, low=80.0, high=120.0, valid_from="2013-01-01", source="another")
    ratios = [a / b for a, b in zip(older.quantity().draws, FACT.quantity().draws, strict=True)]
    assert max(ratios) == pytest.approx(2)
    assert min(ratios) == pytest.approx(2)
    assert FACT.quantity().sources().keys() == older.quantity().sources().keys()


def test_subjects_and_properties_have_errors_of_their_own():
    draws = FACT.quantity().draws
    assert FACT._replace(subject="grid.bb").quantity().draws != draws
    assert FACT._replace(property="q").quantity().draws != draws


def test_what_stands_for_any_place_is_of_no_year():
    assert FACT._replace(subject="grid.any", valid_from="2000-01-01").year == "any year"
    assert FACT._replace(subject="grid.any").year == "2023"
    assert FACT._replace(valid_from="2000-01-01").year == "2000"
