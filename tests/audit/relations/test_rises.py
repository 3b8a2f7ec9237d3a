"""An increase by so many per cent that is the multiple, also where the two figures stand in other paragraphs."""

from __future__ import annotations

import pytest

from joulebook.audit.findings import audit
from joulebook.audit.reading.door import document


def told(text: str) -> list[str]:
    """What is found in a text."""
    return [one.evidence for one in audit(document(text, form="markdown"))]


TWINS = [
    (
        "The halls used 415 TWh in 2024. By 2030 the agency expects 945 TWh, an increase of {} per cent.",
        "228",
        "128",
    ),
    (
        ("The halls used 415 TWh.\n\nThe roof is green.\n\nBy 2030 it is 945 TWh. It amounts to an increase of {} %."),
        "228",
        "128",
    ),
    (
        "The halls used 415 TWh in 2024.\n\nThey may need 945 TWh in 2030. Growth of {} percent is a lot.",
        "228",
        "128",
    ),
    ("Consumption rose from 12 GWh to 30 GWh, or by {} per cent.", "250", "150"),
    ("In 2015 it took 1.24 TWh, in 2023 6.30 TWh. That is a rise of {} percent.", "508", "408"),
    ("The bill was 80 million dollars and is now 200 million. It has thus grown by {} percent.", "250", "150"),
    ("La consommation passe de 12,5 à 30 GWh, soit une hausse de {} %.", "240", "140"),
    ("Its consumption fell from 40 MWh to {} MWh, so it was halved.", "28", "20"),
]
RIGHT = [
    "Between 2020 and 2024 consumption rose from 14.4 to 30.8 TWh, an average of 21 percent a year.",
    "The sector grew from 200 to 400 TWh between 2018 and 2024, an annual growth rate of 12 percent.",
    "Der Verbrauch verdoppelt sich alle vier Jahre, in zwölf Jahren wäre er also achtmal so hoch.",
    "Use doubles every 3.5 months (by comparison, Moore's Law had an 18 month doubling period).",
    "Consumption rose from 12 GWh to 30 GWh, or to 250 per cent of what it was.",
    "For the company as a whole costs rose from $310m to $403m, or by 30%, which is less than sales.",
    "Costs fell from $403m to $310m, or by 23%, which is more than sales.",
    "The share rose from 4% to 10%, an increase of 150 percent.",
    "Use rose from 415 TWh to 945 TWh, while revenue saw an increase of 340 percent.",
]


@pytest.mark.parametrize(("text", "wrong", "right"), TWINS)
def test_a_multiple_is_no_increase(text: str, wrong: str, right: str) -> None:
    assert told(text.format(wrong))
    assert not told(text.format(right))


@pytest.mark.parametrize("text", RIGHT)
def test_right_changes_are_silent(text: str) -> None:
    assert not told(text)
