"""Sums and remainders in prose: lists with their unit printed once, totals before and behind, and what is no sum."""

from __future__ import annotations

import pytest

from joulebook.audit.findings import audit
from joulebook.audit.reading.door import document


def told(text: str) -> list[str]:
    """What is found in a text."""
    return [one.evidence for one in audit(document(text, form="markdown"))]


TWINS = [
    ("Of every 100 kilowatt-hours, 60 go to the servers, 25 to cooling and {} to losses.", "25", "15"),
    ("The hall draws 12 MW: servers 8.4, chillers 2.1, and the remaining {} goes to losses.", "2.5", "1.5"),
    (
        ("Three more buildings of 30, 45 and 25 megawatts are planned, which would bring another {} megawatts."),
        "110",
        "100",
    ),
    (
        "Three buildings of 30, 45 and 25 megawatts are planned, and they would add another {} megawatts.",
        "110",
        "100",
    ),
    (
        (
            "Pre-training took 1,947 MWh. Restarts, in all four days, cost 214 MWh, ablations 168 MWh. Tuning"
            " used 46 MWh and tests 31 MWh. The project's electricity thus amounts to {} MWh."
        ),
        "2,460",
        "2,406",
    ),
    (
        (
            "Ablations at 1B parameters took 168 MWh and four days of tests 31 MWh. Together with the"
            " 1,947 MWh of the main run, the project's electricity amounts to {} MWh."
        ),
        "2,416",
        "2,146",
    ),
    ("The three sites took 610 GWh, 480 GWh and 420 GWh. Together they used {} GWh.", "1,150", "1,510"),
    ("All told the run cost ${} million: 426 for energy, 131 for demand charges and 70 for water.", "727", "627"),
    ("In total it was 1,510 GWh: 610 in Virginia, 480 in Ireland and {} in Sweden.", "440", "420"),
    (
        "It was {} MWh: 1,947 for the main run, 214 after restarts, 168 for ablations, 46 for tuning and 31 for tests.",
        "2,460",
        "2,406",
    ),
    ("Virginia used 610 GWh, Ireland 480 and Sweden 420, which makes {} GWh.", "1,610", "1,510"),
    ("The company bought 1,200 servers: 800 for training and {} for inference.", "300", "400"),
    (
        ("The project cost 84 million euros; of these, 61 went to cards, 13 to the network and {} to the hall."),
        "25",
        "10",
    ),
    ("Of 1,510 GWh, 1,280 reached the machines; cooling took the other {}.", "272", "230"),
    (
        "Of the 1,510 gigawatt-hours, the machines took 1,280. Cooling accounted for the other {} gigawatt-hours.",
        "272",
        "230",
    ),
    ("Cooling took 272 of the 1,510 GWh, which left {} for the machines.", "1,328", "1,238"),
    ("Of the 40 nodes, 28 were in use; the remaining {} stood idle.", "22", "12"),
    (
        "The bill was 84,000 euros. Energy made up 61,000 euros of it, the grid 13,000 euros and the rest, {} euros, was tax.",
        "20,000",
        "10,000",
    ),
    ("Von den 1.510,5 GWh gingen 1.280,2 an die Rechner, die übrigen {} GWh in die Kühlung.", "272,3", "230,3"),
    ("Sur 151 GWh, 128 GWh vont aux serveurs, les {} GWh restants au froid.", "32", "23"),
    ("The phases took 12 days, 9 days and 7 days, {} days in all.", "38", "28"),
]
RIGHT = [
    "The site draws 42 MW, of which 31 MW are servers and 7 MW chillers.",
    "Servers took 61 GWh, cooling 14 GWh. With lights, pumps and losses the building used 92 GWh in total.",
    "The hall has 40 racks of 12 kW and 20 racks of 30 kW, 1,080 kW in total.",
    "The first run took 60 MWh and the second 45 MWh, and with a PUE of 1.2 that comes to 126 MWh.",
    "The 40 nodes of the first hall use 300 kW; the remaining 120 kW go to the second.",
    "The hall takes 42 MW: 20 to 25 for servers, 10 for cooling.",
    "Consumption rose to 1,510 GWh: 270 GWh more than in 2023 and 500 GWh more than in 2021.",
    "Two numbers matter: 415 TWh for all and 62 TWh for AI.",
    "The grid needs 945 TWh: 415 TWh today, and the rest by 2030.",
    "Over a year it is 35 GWh, of which 28 GWh reach the servers, 20 GWh the cards and 18 GWh the chips.",
    "The sites used 3.0 TWh, of which 2.4 TWh went into the servers, which is a power usage effectiveness of 1.25.",
    "The United States used 183 TWh, China 102, Europe 68, and all else the remaining 62.",
    "The agency says 45% of the total is American, 25% Chinese and 15% European, which leaves 15% for the others.",
]


@pytest.mark.parametrize(("text", "wrong", "right"), TWINS)
def test_parts_have_to_make_their_whole(text: str, wrong: str, right: str) -> None:
    assert told(text.format(wrong))
    assert not told(text.format(right))


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_no_sum_is_silent(text: str) -> None:
    assert not told(text)
