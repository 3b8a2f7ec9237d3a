"""Shares of one whole in prose: more than all of it, less with the rest, and shares that are of no one whole."""

from __future__ import annotations

import pytest

from joulebook.audit.reading.door import document
from joulebook.audit.rules.wholes import wholes


def told(text: str) -> list[str]:
    """What the rule finds in a text."""
    return [one.evidence for one in wholes(document(text, form="markdown"))]


TWINS = [
    ("Servers use {} percent, cooling 29 percent, power supply 12 percent and lighting 6 percent of the hall's electricity.",
     "58", "53"),
    ("The chips took 42 percent, the circuits 25 percent, the coolers 18 percent and all else the remaining {} percent.",
     "25", "15"),
    ("Inference represents {} % of the computing energy, training 38 %, experiments 22 %.", "47", "40"),
    ("L'inférence représente {} % de l'énergie, l'entraînement 38 %, les expériences 22 %.", "47", "40"),
    ("Pre-training took 60 percent of the energy. Ablations took 25 percent. The remaining {} percent went to evaluation.",
     "25", "15"),
    ("Half of the electricity goes to servers, a third to cooling, and a {} to the network.", "quarter", "sixth"),
    ("60 percent of it went to servers and the other {} percent to cooling.", "30", "40"),
    ("Servers take 55 percent of the electricity. Another 30 percent go to cooling, and a further {} percent to losses.",
     "25", "15"),
    ("Auf die Server entfielen 61 Prozent, auf die Kühlung 28 Prozent, auf die übrigen Verbraucher {} Prozent.",
     "21", "11"),
    ("Le refroidissement absorbe 40 % de l'électricité, les serveurs 45 %, et le reste, soit {} %, part en pertes.",
     "25", "15"),
    ("The energy breaks down as follows: GPUs {} %, CPUs 18 %, memory 12 %, fans 8 %.", "52", "62"),
    ("The water comes to 62 percent from rivers, to 27 percent from wells and to {} percent from the sea.", "21", "11"),
    ("Only 70 percent of the power reaches the chips; that leaves {} percent for everything else.", "40", "30"),
    ("Its power in 2025 was 44% wind, 31% gas, {}% nuclear and 3% hydro.", "32", "22"),
    ("Nuclear supplied {} %, wind 38 % and gas 20 % of the electricity.", "52", "42"),
    ("A third of the emissions comes from manufacturing, 47 percent from use and the remaining {} percent from transport.",
     "30", "20"),
    ("America has about 45 per cent, China 25 per cent, Europe for 15 per cent, the rest for the other {} per cent.",
     "25", "15"),
]  # fmt: skip
RIGHT = [
    "The EU gets 24 percent from nuclear, 17 percent from wind, 13 percent from hydro, and 47 percent in all from renewables.",
    "59 percent of electricity came from renewables, wind alone supplying 31.5 percent and solar 14 percent.",
    "Costs are split: 50 percent is paid by the state, 50 percent by the firm, and the firm gets back 20 percent in tax.",
    "It used 212 kJ (±6 %): GPU measured 84 %, CPU modelled 13 %, RAM assumed 3 %.",
    "A quarter of the answers take half of the energy, and a tenth take a third.",
    "Nearly half of the water evaporates; a third is returned, and the remaining fifth or so is lost in the pipes.",
    "Roughly 40 percent goes to computing and another 40 percent to cooling, with the remaining 20 percent for the rest.",
    "Training takes 10 to 20 percent of it, inference 60 to 70 percent and experiments the remaining 10 to 20 percent.",
    "Data centres took 5 percent of it in 2015, 14 percent in 2021, 21 percent in 2023, homes 18 percent, farms 50 percent.",
    "The United States accounts for 45 percent of the consumption, China for 25 percent and Europe for 15 percent.",
    "Servers account for 60 percent of the electricity. AI accounts for 15 percent. The US accounts for 45 percent.",
    "60 percent of respondents use it at work, 55 percent at home and 30 percent at school.",
    "The share of renewables was 45 percent, up from 38 percent in 2020, and nuclear supplied 30 percent.",
    "Use of the GPUs rose from 40 percent to 65 percent, and the remaining 35 percent was idle time.",
    "The load was 80 percent of capacity. The cards took 60 percent of the energy and the remaining 40 percent fans.",
    "About 60 percent goes to training. Of the remaining 40 percent, half is inference.",
    "About two thirds go to servers and the remaining third to cooling.",
    "The efficiency of the chiller is 92 percent, of the UPS 95 percent, and of the transformer 98 percent.",
    "45 percent of the energy and 70 percent of the water and 30 percent of the land are used by the campus.",
    "GPUs use 60 percent of the server's power, and the servers 80 percent of the building's, and cooling 15 percent.",
    "Cutting precision saved 30 percent, batching saved 40 percent and caching the remaining 45 percent.",
    "Some 60 percent of the halls use evaporation and 55 percent use groundwater, and 20 percent use treated sewage.",
    "Half of the halls use groundwater, a third use river water, and a quarter have closed loops.",
    "The servers account for 60 percent and cooling for 30 percent; of the servers' share, GPUs take 35 percent.",
    "Solar covers 30 percent of the load in summer and 10 percent in winter; the rest, 80 percent, is from the grid.",
    "Training took 80 percent of the GPU-hours and 75 percent of the energy; serving took the remaining 25 percent.",
    "Asia's share is 41 per cent; ten years ago it stood at 44 per cent, with the remaining 56 per cent in Europe.",
    "The firm claims 40 percent from wind, 35 percent from gas and 35 percent from nuclear, which is wrong.",
]


@pytest.mark.parametrize(("text", "wrong", "right"), TWINS)
def test_shares_have_to_make_their_whole(text: str, wrong: str, right: str) -> None:
    assert told(text.format(wrong))
    assert not told(text.format(right))


@pytest.mark.parametrize("text", RIGHT)
def test_shares_of_several_wholes_are_silent(text: str) -> None:
    assert not told(text)
