"""Steady growth: each slip beside its honest twin, in words of many kinds, and growth of two things that is no slip."""

from __future__ import annotations

import pytest

from joulebook.audit.reading.door import document
from joulebook.audit.relations.growth import growth


def told(text: str) -> list[str]:
    """What the rule finds in a text."""
    return [one.evidence for one in growth(document(text, form="markdown"))]


TWINS = [
    ("Over the decade demand grew by 5 percent a year, a rise of {} percent in all.", "50", "63"),
    ("The company says that its fleet will triple in four years. That works out at {} percent a year.", "50", "32"),
    ("Chips get 25 percent more efficient every year, which means that after four years they do {} the work.", "twice",
     "two and a half times"),
    ("If demand keeps rising at 9 percent annually, it will double within {} years.", "five", "eight"),
    ("Demand doubled from 2019 to 2024, which is a growth rate of {} percent a year.", "20", "15"),
    ("The sector grew from 200 to 400 TWh between 2018 and 2024, an annual growth rate of {} percent.", "17", "12"),
    ("Between 2020 and 2024 consumption rose from 14.4 to 30.8 TWh, an average of {} percent a year.", "28", "21"),
    ("It went up fivefold in a decade, i.e. by {} percent a year.", "50", "17"),
    ("Demand doubles every three years, so in nine years it will be {} times as large.", "six", "eight"),
    ("Demand doubles every three years. In nine years it would thus be {} times as large.", "six", "eight"),
    ("Der Verbrauch verdoppelt sich alle vier Jahre, in zwölf Jahren wäre er also {}mal so hoch.", "sechs", "acht"),
    ("La consommation triple tous les cinq ans : en dix ans, elle serait multipliée par {}.", "six", "neuf"),
    (
        "On table sur un doublement tous les deux ans, ce qui multiplierait la charge par {} en six ans.",
        "six",
        "huit",
    ),
    (
        "Suppose that power only doubles every two years. Even that would make it {}fold within a decade.",
        "ten",
        "thirty",
    ),
    ("With a doubling time of 18 months, capacity would increase {}fold in ten years.", "fifty", "a hundred "),
    ("Compute doubles every {} months, about tenfold a year.", "5.7", "3.6"),
    ("Demand will rise by 14 per cent a year, which means it will double every {} years.", "seven", "five"),
    ("A load that grows by 12% a year doubles in a little over {} years.", "four", "six"),
    ("Demand grows by 12 per cent a year. At that pace it doubles in roughly {} years.", "twelve", "six"),
    ("Der Bedarf wächst um 7 Prozent pro Jahr, er verdoppelt sich also in {} Jahren.", "sieben", "zehn"),
    ("La demande croît de 10 % par an, soit un doublement en {} ans.", "dix", "sept"),
    ("The price falls by 20 per cent a year and so halves in {} years.", "five", "three"),
    ("At 25 percent a year, the fleet is {} times as large after five years.", "two and a quarter", "three"),
    ("Emissions grow by 12 % a year, that is {} % in five years.", "60", "76"),
    ("Growth of 4 % a year adds up to {} % over ten years.", "40", "48"),
    ("It grew 8 per cent annually for five years, or by {} per cent in all.", "40", "47"),
    ("It took nine years to double, a growth of {} per cent a year.", "11", "8"),
    ("The load doubled in five years, that is, it rose by almost {} per cent a year.", "20", "15"),
    ("An increase of 50 per cent in three years, or about {} per cent a year.", "17", "14"),
    ("Use will go from 415 TWh in 2024 to 945 TWh in 2030, i.e. grow by {} per cent a year.", "21", "15"),
    ("From 415 to 945 TWh in six years, just under {} per cent each year.", "22", "15"),
    ("The halls used 12 TWh in 2014 and 20 in 2024. That is growth of {} per cent a year.", "6.7", "5.2"),
    ("This is an increase of {} per cent in six years, or of just under 15 per cent each year.", "228", "128"),
    ("Spending came to $3bn in 2023, and he expects it to double every two years. On that path it would reach ${}bn in 2027.",
     "24", "12"),
    ("Im Jahr 2014 waren es 12 TWh, 2024 waren es 20. Das entspricht einem Zuwachs von {} Prozent in zehn Jahren.",
     "40", "67"),
]  # fmt: skip
RIGHT = [
    "Its emissions rose by 13 percent in a year and by 48 percent in five years.",
    "The fleet doubled in two years and tripled in four years.",
    "Solar panels lose half a percent a year, so after twenty years they still give 90 percent.",
    "The card's price fell by 30 percent in a year, while its power rose by 40 percent in the same year.",
    "Our traffic grew 8 percent a month for a year and energy by 40 percent over the year.",
    "US demand will more than triple, from about 23 GW in 2023 toward 75-80 GW by 2026.",
    "It is an increase of about 128%, or more than doubling in six years. The implied annual rate is close to 15%.",
    "It has a 3.4-month doubling time, compared with the roughly two-year cycle of Moore's Law.",
    "It grows by 12% a year. The city, which lies on a river or two, doubled in three years.",
    "Spending came to $3bn in 2023, and he expects it to double every two years. In 2027 the rival will spend $20bn.",
    "Demand in the US grows by 3 per cent a year, while that of data centres doubles every six years.",
    "Emissions rise by 6 per cent a year and water use doubled in four years.",
    "Demand rose by 30 percent in five years, and is expected to rise by 10 percent a year.",
    "Critics say demand doubles every two years. The utility reckons with 3 per cent a year.",
    "Since 2017 demand grew by 12 per cent a year. It may double by 2030, which means 15 per cent a year.",
    "The share rose to 40 per cent in five years, which means that it grew by 15 per cent a year.",
    "Servers grow by 30 percent a year, which is three times as fast as the rest, at 9 percent a year.",
    "At 12 % a year consumption doubles in six years.",
    "Electricity use doubled in ten years; emissions fell by 2 per cent a year.",
    "Use more than doubles in five years, so it grows by some 17 per cent a year.",
    "The fleet doubled in two years and tripled in three.",
]


@pytest.mark.parametrize(("text", "wrong", "right"), TWINS)
def test_of_two_paces_the_one_that_differs_is_told(text: str, wrong: str, right: str) -> None:
    assert told(text.format(wrong))
    assert not told(text.format(right))


@pytest.mark.parametrize("text", RIGHT)
def test_growth_of_two_things_or_at_one_pace_is_silent(text: str) -> None:
    assert not told(text)


@pytest.mark.parametrize("rate", [3, 5, 7, 9, 12, 15, 20, 25, 30])
@pytest.mark.parametrize("years", [2, 5, 8, 10])
def test_compound_growth_is_right_and_linear_growth_is_told(rate: int, years: int) -> None:
    text = "Demand rises by {} per cent a year, that is by {:.0f} per cent in {} years."
    total = 100 * ((1 + rate / 100) ** years - 1)
    assert not told(text.format(rate, total, years))
    if total > 1.5 * rate * years:
        assert told(text.format(rate, rate * years, years))
