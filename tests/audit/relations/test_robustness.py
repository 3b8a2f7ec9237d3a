"""Derived figures in any text: salads of words and numbers, nothing at all, one figure, very many."""

from __future__ import annotations

import random

import pytest

from joulebook.audit.finding import Finding
from joulebook.audit.reading.door import document
from joulebook.audit.relations.gathering import figures_of
from joulebook.audit.relations.weighing import derived

WORDS = [
    "so", "thus", "total", "together", "of", "which", "each", "per", "the", "a", "remaining", "tripled", "halved",
    "more", "less", "than", "times", "PUE", "facility", "rose", "fell", "to", "from", "by", "about", "nearly",
    "emissions", "CO2", "GPUs", "servers", "requests", "energy", "wrong", "insgesamt", "davon", "je", "pro", "soit",
    "dont", "par", "hausse", ":", ",", ".", ";", "(", ")", "=", "x", "%", "\n\n",
]  # fmt: skip
NUMBERS = ("0", "1", "-3", "0.3", "1,000", "12 %", "1.5e9", "2024", "a third", "1/3", "1e-12", "7 million", "9" * 40)
UNITS = [
    "kWh", "MWh", "W", "h", "hours", "days", "years", "g/kWh", "kg", "t", "litres", "L/kWh", "EUR", "EUR/kWh", "%",
    "points", "GPU-hours", "GB", "km", "MJ",
]  # fmt: skip


def salad(dice: random.Random) -> str:
    """Words, numbers and units in any order."""
    some = [
        dice.choice(dice.choice((WORDS, NUMBERS, UNITS, [f"{round(dice.lognormvariate(3, 4), 2):,}"])))
        for _ in range(dice.randint(1, 24))
    ]
    return " ".join(some)


def found_in(text: str) -> list[Finding]:
    """What is found among the derived figures of a text."""
    return list(derived(document(text, form="markdown")))


def test_any_salad_is_weighed() -> None:
    dice = random.Random(7)
    for text in (salad(dice) for _ in range(2000)):
        lines = text.count("\n") + 1
        for one in found_in(text):
            assert 1 <= one.place.line <= lines, text
            assert 0 < one.confidence <= 1, text


@pytest.mark.parametrize(
    "text", ["", " \n\n ", "Nothing is said.", "5 kWh", "It took 5 kWh.", "100 %", "0 kWh x 0 h = 0."]
)
def test_nothing_follows_from_one_figure(text: str) -> None:
    assert found_in(text) == []


def test_five_hundred_figures_of_one_paragraph_are_weighed() -> None:
    dice = random.Random(7)
    text = "It was " + ", ".join(f"{dice.randint(2, 9999)} {dice.choice(UNITS)}" for _ in range(500)) + "."
    assert len(figures_of(document(text, form="markdown").paragraphs)) > 450
    found_in(text)
