"""Yardsticks of a fitting size."""

from __future__ import annotations

import pytest

from joulebook.account.statement import Context, Statement
from joulebook.account.yardstick import yardstick
from joulebook.quantity import Basis, Quantity
from joulebook.testing.facts import small_catalog

CONTEXT = Context(small_catalog(), "2026-11-20")


def told(joules, low=None, high=None):
    energy = Quantity.of(joules, "J", low=low, high=high, basis=Basis.MEASURED, source="test")
    found = yardstick(Statement("a", "e", energy=energy), CONTEXT).yardstick
    return found.text if found else None


@pytest.mark.parametrize(
    ("watt_hours", "text"),
    [
        (48, "about 4 smartphone charges of 12 Wh"),
        (12, "about 1 smartphone charge of 12 Wh"),
        (1.2, "about 0.1 smartphone charges of 12 Wh"),
        (60e3, "about 500 kettles boiled of 120 Wh"),
        (7.2e6, "about 2 years of an EU household's electricity of 3.6 MWh"),
        (7.2e12, "about 2000000 years of an EU household's electricity of 3.6 MWh"),
        (0.1, "about a 10 W lamp lit for 36 s"),
        (1e-6, "about a 10 W lamp lit for 0.0004 s"),
    ],
)
def test_size_fits(watt_hours, text):
    assert told(watt_hours * 3600) == text


def test_no_single_number_when_the_interval_is_too_wide():
    assert told(48 * 3600, 12 * 3600, 120 * 3600) == "about 1-10 smartphone charges of 12 Wh"


def test_nothing_for_zero_or_unknown_energy():
    assert told(0) is None
    assert yardstick(Statement("a", "e"), CONTEXT).yardstick is None


def test_source_and_number_are_kept():
    energy = Quantity.of(43200, "J", basis=Basis.MEASURED, source="test")
    found = yardstick(Statement("a", "e", energy=energy), CONTEXT).yardstick
    assert found.number.value == pytest.approx(1.0)
    assert found.source == "A fake source, 2024 (fake2024)"
