"""Derived figures by example: sums, products, proportions and growth with a slip, and honest ones that look alike."""

from __future__ import annotations

import pytest

from joulebook.audit.findings import RULES
from joulebook.audit.reading.door import document

OURS = [rule for rule in RULES if rule.__module__.startswith("joulebook.audit.relations.")]


def told(text: str) -> list[str]:
    """What is found among the figures of a text that follow from others."""
    found: dict[tuple[int, int], str] = {}
    for rule in OURS:
        for one in rule(document(text, form="markdown")):
            found.setdefault(one.place[:2], one.evidence)
    return list(found.values())


SLIPS = [
    "Lighting took 310 kWh, pumps 1,240 kWh and servers 8,450 kWh, altogether 11,000 kWh.",
    "Die Kühlung brauchte 310 MWh, die Server 1.240 MWh, das Netz 45,5 MWh, zusammen 1.955,5 MWh.",
    "Le froid a pris 310,5 MWh, les serveurs 1 240 MWh et le réseau 45 MWh, au total 1 955,5 MWh.",
    "Of the 960 kWh, 640 kWh went to the cards; the remaining 230 kWh went to fans and disks.",
    "Von den 96,5 MWh gingen 64,5 MWh an die Karten, die übrigen 23 MWh an Lüfter.",
    "In March the cluster took 40 MWh. By June it took 95 MWh, so consumption had tripled.",
    "Der Verbrauch stieg von 12,5 GWh auf 20 GWh, er hat sich also verdreifacht.",
    "Water use went from 3.1 million litres to 4.2 million litres, i.e. it doubled.",
    "A search takes 0.3 Wh, and an answer takes ten times as much, that is 30 Wh.",
    "The new model needs 4.2 Wh per request, so it needs 41 times as much as the 0.42 Wh per request of the old one.",
    "Of 8,200 MWh in the year, cooling took 2,050 MWh, that is 41 % of the total.",
    "Von 8.200,5 MWh entfielen 2.050 MWh auf die Kühlung, das sind 52 % davon.",
    "Consumption rose from 80 GWh to 120 GWh, an increase of 33 %.",
    "Consumption rose from 80 GWh to 120 GWh, an increase of 150 %.",
    "La consommation est passée de 80,5 GWh à 120,8 GWh, une hausse de 33 %.",
    "We used 48 nodes with 8 GPUs each. At 450 W per GPU for 200 hours, that makes 4,320 kWh.",
    "Sixteen servers, each with eight GPUs of 700 W, draw 896 kW in total.",
    "An answer takes 0.34 Wh per request. The service handles 2 million requests a day. That adds up to 680 MWh a day.",
    "Eine Anfrage braucht 0,4 Wh. Am Tag sind es 50 Millionen Anfragen, das ergibt 200 kWh am Tag.",
    "Chaque requête consomme 0,4 Wh. Avec 50 millions de requêtes par jour, cela fait 200 kWh par jour.",
    "The grid emits 380 g CO2 per kWh.\n\nThe hall is new, and its roof is white.\n\nNobody lives nearby.\n\nThe training took 42 MWh, which makes emissions of 160 t of CO2.",
    "Electricity costs us 0.23 EUR per kWh.\n\nThe hall is new.\n\nNobody lives nearby.\n\nThe training took 42,000 kWh, which makes 96,600 EUR.",
    "The building used 640 MWh at the meter. With the PUE of 1.25 that makes 800 MWh.",
    "Das Rechenzentrum brauchte 640 MWh am Zähler. Mit einem PUE von 1,25 ergibt das 800 MWh.",
    "At 12 % a year consumption doubles in 12 years.",
    "Demand grows by 26 % a year and so triples in eight years.",
    "A rack draws 40 kW around the clock, which adds up to 35 MWh a year.",
    "The cards drew 320 kW for 15 days, i.e. 11.5 MWh.",
    "At 1.8 litres per kWh, the 250 MWh correspond to 45,000 litres of water.",
    "4,000 GPU-hours at 2.40 USD per GPU-hour cost 96,000 USD.",
    "At 3,500 kWh per household a year, the 70 GWh a year are enough for 2,000 households.",
    "The 250 laptops draw 30 W each, in total 75 kW.",
    "The run took 540 MJ, or 15 kWh.",
    "The site uses 24 MWh a day, or 876 MWh a year.",
    "Training took 3,200 GPU-hours on cards of 400 W, so 12.8 MWh.",
    "With 400 million users who each send 6 prompts a day, at 0.3 Wh per prompt the service takes 720 kWh a day.",
    "Der Lauf dauerte 18,5 Tage auf 256 Karten mit je 400 W; das ergibt 4,55 MWh.",
    "La salle consomme 7 MW en moyenne, soit 6,1 GWh par an.",
    "The first phase (300 h at 90 kW) took 270 MWh.",
    "We bought certificates for 60 GWh out of 75 GWh, i.e. for 60 %.",
    "Compared with 2020 (12 GWh), consumption in 2024 (30 GWh) was 2.5 times as high, i.e. 250 % more.",
    "The rack holds 8 servers of 10.2 kW, 8.16 kW in all.",
    "The 25 MW hall was filled to 60 %, which makes 1.5 MW.",
    "The three runs took 12, 15 and 21 MWh, 58 MWh in all.",
    "Water: 1.1 L per kWh on 36 GWh, or 39.6 thousand litres.",
    "Embodied carbon is 150 kg per card; for 10,000 cards that is 150 t.",
    "Per year a car emits 2 t; 30 t are what 150 cars emit in a year.",
    "The three halls emitted 412 t, 380 t and 208 t, in total 1,100 t of CO2.",
    "The ten runs of 1,000 MWh each used 1 GWh.",
    "Sur les 75 GWh, 60 GWh (60 %) viennent du vent.",
    "The site's 250 GWh cost 0.11 EUR per kWh, i.e. 2.75 million EUR.",
]  # fmt: skip


@pytest.mark.parametrize("text", SLIPS)
def test_a_slip_is_told(text: str) -> None:
    assert len(told(text)) == 1


HONEST = [
    "Lighting took 310 kWh, pumps 1,240 kWh and servers 8,450 kWh, altogether 10,000 kWh.",
    "It was 1.3 GWh for the cards and 0.4 GWh for the hosts, in total about 1.8 GWh.",
    "Of the 960 kWh, 640 kWh went to the cards; the remaining 320 kWh went to fans and disks.",
    "Von den 96,5 MWh gingen 64,5 MWh an die Karten, die übrigen 32 MWh an Lüfter.",
    "Among other things, cooling took 310 kWh and lighting 90 kWh; the total was 2,400 kWh.",
    "In March the cluster took 32 MWh. By June it took 95 MWh, so consumption had tripled.",
    "Water use went from 2.2 million litres to 4.2 million litres, so it nearly doubled.",
    "A search takes 0.3 Wh, and an answer takes ten times as much, that is 3 Wh.",
    "Of 8,200 MWh in the year, cooling took 2,050 MWh, that is 25 % of the total.",
    "Sur 8 200,5 MWh, le froid a pris 2 050 MWh, soit 25 % du total.",
    "Cooling took 310 MWh and the cards 1,240 MWh; 60 % of the building is let to others.",
    "Energy per request fell from 1.2 Wh to 0.8 Wh, a drop of a third or 33 %.",
    "Der Verbrauch stieg von 80,5 GWh auf 120,8 GWh, also um 50 %.",
    "The share of wind rose from 20 % to 25 %, by 5 percentage points, while consumption grew from 40 GWh to 44 GWh, by 10 %.",
    "We used 48 nodes with 8 GPUs each. At 450 W per GPU for 200 hours, that makes 34,560 kWh.",
    "An answer takes 0.34 Wh per request. The service handles 2 million requests a day. That adds up to 680 kWh a day.",
    "Eine Anfrage braucht 0,4 Wh. Am Tag sind es 50 Millionen Anfragen, das ergibt 20 MWh am Tag.",
    "The grid emits 380 g CO2 per kWh.\n\nThe hall is new, and its roof is white.\n\nNobody lives nearby.\n\nThe training took 42 MWh, which makes emissions of 16 t of CO2.",
    "In Poland the grid emits 650 g CO2 per kWh, in France 40 g.\n\nThe hall is new.\n\nThe training in France took 42 MWh, which makes 1.7 t of CO2.",
    "The servers used 640 MWh. With a PUE of 1.25 the building used 800 MWh.",
    "The cards and hosts took 640 MWh. At a PUE of 1.25 and 400 g CO2 per kWh that makes 320 t of CO2.",
    "At 12 % a year consumption doubles in about six years.",
    "Demand grows by 26 % a year and so triples in less than five years.",
    "A leaflet says that the run of 42 MWh at 380 g CO2 per kWh makes 16,000 t of CO2; this is wrong by a factor of a thousand.",
    "The press wrote that 10 cards of 700 W draw 70 kW in total, which is a mistake.",
    "In der Zeitung stand, 10 Karten mit je 700 W ergeben 70 kW, was falsch ist.",
    "The 64 GPUs have a TDP of 700 W each, 44.8 kW in total. Measured, they drew 31 kW, or 484 W each.",
    "With 64 GPUs rated at 700 W, the cluster used 21.7 MWh in 700 hours, less than the nameplate suggests.",
    "Location-based the 500 GWh caused 190,000 t of CO2, market-based only 12,000 t.",
    "Each of the 200 cards draws 300 to 400 W, which makes 60 to 80 kW in total.",
    "At 0.3 to 0.5 Wh per request, the 2 million requests a day take between 600 and 1,000 kWh a day.",
    "Some 1,000 cards at about 500 W each for roughly 90 days come to about 1.1 GWh.",
    "More than 900 cards at 500 W each ran for 1,000 hours, which makes more than 450 MWh.",
    "A card draws 250 W or 300 W, so ten of them draw 2.5 kW or 3 kW.",
    "The run took 34,560 kWh. Of these 34.56 MWh, half went to tuning, i.e. 17.28 MWh.",
    "Der Standort braucht 24,5 MWh am Tag, also 8.943 MWh im Jahr.",
    "The run took 540 MJ, or 150 kWh.",
    "The farm of 80 MW has a capacity factor of 30 %, so it yields 210 GWh a year.",
    "The site has 1,200 servers. It used 61 GWh in the year, and 140 people work there.",
    "Moving the job saved 12 t of CO2. The new site used 9 MWh at 45 g CO2 per kWh, i.e. 405 kg of CO2.",
    "Sur l'année, 61 000 kWh à 0,21 EUR par kWh, cela fait 12 810 EUR.",
    "Training took 3,200 GPU-hours on cards of 400 W, so 1.28 MWh. With a PUE of 1.1 and 300 g/kWh this gives 0.42 t of CO2.",
    "The cluster has 128 nodes, each with 4 GPUs of 500 W. All 512 GPUs together draw 256 kW.",
    "In 2022 we used 14.2 GWh, in 2023 17.8 GWh and in 2024 23.1 GWh: up 25 % and then 30 %.",
    "Of the 23.1 GWh, 61 % went to servers, 28 % to cooling and 11 % to the rest.",
    "Server energy was 14.1 GWh (61 %), cooling 6.5 GWh (28 %) and other uses 2.5 GWh (11 %), 23.1 GWh in total.",
    "A chat answer takes 0.3 Wh, a picture 2.9 Wh, a video of five seconds 0.9 kWh: three thousand times as much as the answer.",
    "With 400 million users who each send 6 prompts a day, at 0.3 Wh per prompt the service takes 720 MWh a day, or 263 GWh a year.",
    "Der Lauf dauerte 18,5 Tage auf 256 Karten mit je 400 W; das ergibt 45,5 MWh und bei 380 g/kWh 17,3 t CO2.",
    "L'entraînement a duré 18,5 jours sur 256 cartes de 400 W, soit 45,5 MWh et, à 52 g/kWh, 2,4 t de CO2.",
    "The contract covers 80 MW for 15 years at 52 EUR per MWh; last year 410 GWh were taken for 21.3 million EUR.",
    "A flight emits 0.9 t per passenger. Our 31 t equal 34 such flights.",
    "The hall cost 320 million EUR, 8 million EUR per MW of its 40 MW.",
    "Water: 1.1 L per kWh on 36 GWh, or 39.6 million litres; the town uses 2.4 million litres a day, so that is 16.5 days of its use.",
    "Between 2019 and 2023 the number of requests grew tenfold from 3 to 30 million a day, while energy per request fell by 80 % from 2 Wh to 0.4 Wh; energy therefore doubled from 6 MWh to 12 MWh a day.",
    "The idle power of 90 W per server means that 1,200 servers use 108 kW even at night, 946 MWh a year.",
    "Emissions per request are 0.12 g. Since a request takes 0.3 Wh, the factor is 400 g/kWh.",
    "We bought certificates for 60 GWh out of 75 GWh, i.e. for 80 %.",
    "The first phase (300 h at 90 kW) took 27 MWh, the second (120 h at 110 kW) 13.2 MWh, together 40.2 MWh.",
    "Embodied carbon is 150 kg per card; over 4 years and 10,000 cards that is 1,500 t, or 375 t a year.",
    "It is 20 % more than the 50 GWh of last year, i.e. 60 GWh.",
    "Utilisation was 45 %, so the 1,000 cards of 700 W used 2.76 GWh in the year.",
    "Half of the 8,760 hours of the year the 3 MW of batteries stood idle.",
    "Das Rechenzentrum hat 12 MW Anschlussleistung und brauchte 61 GWh im Jahr, eine mittlere Leistung von 7 MW.",
    "La salle consomme 7 MW en moyenne, soit 61 GWh par an, autant que 13 000 foyers à 4 700 kWh par an.",
    "A query takes 0.3 Wh, one tenth of the 3 Wh that were assumed in 2023.",
    "The old figure of 3 Wh was ten times too high: it is 0.3 Wh.",
    "The report gives 1,064 MWh for 2,000 homes, 532 kWh per home, which is a month's use or so.",
    "We count 4 GPU-years, or 35,040 GPU-hours.",
    "The rack holds 8 servers of 10.2 kW, 81.6 kW in all, and cooling adds 20 %, for 98 kW.",
    "Compared with 2020 (12 GWh), consumption in 2024 (30 GWh) was 2.5 times as high, i.e. 150 % more.",
    "At 90 % utilisation, 8 cards of 400 W draw 2.9 kW.",
    "The 25 MW hall was filled to 60 %, which makes 15 MW and 131 GWh a year.",
    "Two thirds of the 9 GWh, i.e. 6 GWh, were wind power.",
    "From 1 July the tariff is 0.28 EUR per kWh instead of 0.31 EUR, 10 % less.",
    "Carbon intensity fell from 420 g/kWh in January to 210 g/kWh in June, i.e. it halved, and so the job of 2 MWh emitted 420 kg instead of 840 kg.",
    "Per year a car emits 2 t; 30 t are what 15 cars emit in a year.",
    "A training run uses 1,000 MWh. The ten runs of the year used 10 GWh, 4 % of the site's 250 GWh.",
    "Das sind 40 % mehr als die 25 GWh des Vorjahres, also 35 GWh.",
    "Sur les 75 GWh, 60 GWh (80 %) viennent du vent.",
    "Each of the 16 nodes has 8 cards, 128 in all, and each card 80 GB, 10.2 TB in total.",
]  # fmt: skip


@pytest.mark.parametrize("text", HONEST)
def test_what_is_honest_is_left_alone(text: str) -> None:
    assert told(text) == []
