"""Totals, remainders, shares and averages in prose: twins with and without a slip, and what is no account at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from joulebook.audit.finding import Finding
from joulebook.audit.findings import audit
from joulebook.audit.reading.amount import Amount
from joulebook.audit.reading.door import document
from joulebook.audit.sums.likeness import alike

_TWINS: Final = [
    line
    for line in (Path(__file__).parent / "twins.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
_EITHER: Final = re.compile(r"\{([^|{}]*)\|([^{}]*)\}")


def _found(text: str) -> list[Finding]:
    return audit(document(text, form="markdown"))


@pytest.mark.parametrize("twins", _TWINS)
def test_a_slip_is_told_and_its_twin_is_not(twins: str) -> None:
    assert _found(_EITHER.sub(r"\1", twins))
    assert not _found(_EITHER.sub(r"\2", twins))


RIGHT = [
    "The United States accounted for 183 TWh, China for 102, Europe for 68, and everybody else for the remaining 62.",
    "The pilot used 410 kWh in phase one, 1,130 in phase two and 760 in phase three, so it stayed below 2,500 kWh.",
    "Servers took 61 GWh, cooling 14 GWh. With lights, pumps and losses the building used 92 GWh in total.",
    "The hall draws 4.0 MW, about 35 GWh a year, of which 28 GWh reach the servers and 18.2 GWh the chips.",
    "It went from 6,330 GWh to 6,970 GWh, so 10 percent. Everyone else together hardly moved.",
    "Half of the 26 GWh went into pre-training, a quarter into experiments and the rest, 6.5 GWh, into serving.",
    "The board approved $84 million: $51 million for chips and $19 million for the building. That leaves $14 million.",
    "Of the 960 servers, 310 are new; the other 68 percent are five years old.",
    "Campus A uses 30 GWh, 20 GWh of them for servers and 10 GWh for cooling. Campus B uses 20 GWh. Total: 50 GWh.",
    "The nodes drew 410, 395 and 402 W, against a national average of 430 W.",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_no_account_is_left_alone(text: str) -> None:
    assert not _found(text)


@pytest.mark.parametrize(
    ("printed", "computed", "is_slip"),
    [
        ("1,095 MWh", 995.0, True),
        ("401,700 t", 411_700.0, True),
        ("2,817", 2_187.0, True),
        ("720 kWh", 7_200.0, True),
        ("720 kWh", 560.0, False),
        ("15", 18.0, False),
    ],
)
def test_a_slip_of_the_pen_is_one_digit_or_an_exchange_or_a_power_of_ten(
    printed: str, computed: float, is_slip: bool
) -> None:
    amount = Amount(printed, computed, computed, computed, 0.5, 0.5, "number", "")
    assert alike(amount, computed) is is_slip
