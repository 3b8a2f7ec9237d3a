"""One change told twice, and so much more each year: each slip beside its honest twin."""

from __future__ import annotations

import pytest

from joulebook.audit.reading.door import document
from joulebook.audit.relations.linear import linear
from joulebook.audit.relations.steps import steps


def told(text: str) -> list[str]:
    """What the rules find in a text."""
    read = document(text, form="markdown")
    return [one.evidence for rule in (steps, linear) for one in rule(read)]


TWINS = [
    ("Five doublings would make it {} times as large.", "ten", "thirty-two"),
    ("That would be five doublings, so a factor of {}.", "ten", "32"),
    ("Capacity doubled four times, which makes it {} times as large.", "eight", "sixteen"),
    ("Capacity doubled four times. It is thus {} times as large as before.", "eight", "sixteen"),
    ("Trois doublements font un facteur {}.", "six", "huit"),
    ("Fünf Verdopplungen machen das {}fache.", "Zehn", "Zweiunddreißig"),
    ("Three orders of magnitude, that is a factor of {}.", "300", "1,000"),
    ("The estimates differ by two orders of magnitude, or a factor of {}.", "20", "70"),
    ("Its use was halved, that is, it fell by {} per cent.", "30", "50"),
    ("Demand tripled, i.e. rose by {} per cent.", "300", "200"),
    ("Consumption doubled, in other words it grew by {} per cent.", "60", "100"),
    ("Der Verbrauch hat sich verdoppelt, das heißt er stieg um {} Prozent.", "50", "100"),
    ("The site adds 5 MW a year: {} MW in ten years.", "60", "50"),
    ("The fleet grows by 1,200 servers a year, so it will be larger by {} servers in five years.", "5,000", "6,000"),
    ("The change saves 40 MWh a year. Over five years that is {} MWh.", "250", "200"),
    ("Der Campus wächst um 5 MW pro Jahr, das sind {} MW in zehn Jahren.", "60", "50"),
    ("L'entreprise économise 40 MWh par an, soit {} MWh en cinq ans.", "250", "200"),
]
RIGHT = [
    "Demand will double or triple.",
    "Demand doubled, or so we think, and prices rose by 20 per cent.",
    "Use doubled, so emissions rose by 60 per cent.",
    "Consumption doubled, that is, it grew by about 95 per cent.",
    "It has doubled twice since 2017, and grown fourfold.",
    "Efficiency doubled three times, but demand grew twentyfold.",
    "It was more than a quintupling, or a doubling about every three and a half years.",
    "It saves 40 MWh a year, which pays back the 90 MWh of making it in just over two years.",
    "The site grows by 5 MW a year, so from 20 MW it will have 70 MW in ten years.",
    "It adds 5 MW a year, while the neighbours built 60 MW in ten years.",
]


@pytest.mark.parametrize(("text", "wrong", "right"), TWINS)
def test_a_change_told_twice_has_to_be_the_same(text: str, wrong: str, right: str) -> None:
    assert told(text.format(wrong))
    assert not told(text.format(right))


@pytest.mark.parametrize("text", RIGHT)
def test_two_changes_are_silent(text: str) -> None:
    assert not told(text)
