"""Rules that know the world or the words: what they tell, and what looks alike and is right."""

from __future__ import annotations

import pytest

from joulebook.audit.findings import RULES
from joulebook.audit.reading.door import document
from joulebook.audit.rules.bases import bases
from joulebook.audit.rules.boundaries import boundaries
from joulebook.audit.rules.centres import centres
from joulebook.audit.rules.constants import constants
from joulebook.audit.rules.doubles import doubles
from joulebook.audit.rules.equivalents import equivalents
from joulebook.audit.rules.everyday import everyday
from joulebook.audit.rules.extremes import extremes
from joulebook.audit.rules.grids import grids
from joulebook.audit.rules.magnitudes import magnitudes
from joulebook.audit.rules.overheads import overheads
from joulebook.audit.rules.points import points
from joulebook.audit.rules.powers import powers
from joulebook.audit.rules.prices import prices
from joulebook.audit.rules.sizes import sizes
from joulebook.audit.rules.stale import stale
from joulebook.audit.rules.temperatures import temperatures
from joulebook.audit.rules.uses import uses
from joulebook.audit.rules.watt_hours import watt_hours
from joulebook.audit.rules.watts import watts
from joulebook.audit.rules.worldwide import worldwide
from joulebook.facts.catalog import Catalog

OURS = (
    bases, boundaries, centres, constants, doubles, equivalents, everyday, extremes, grids, magnitudes, overheads, points,
    powers, prices, sizes, stale, temperatures, uses, watt_hours, watts, worldwide,
)  # fmt: skip


def told(text: str) -> list[tuple[str, str]]:
    """Rule and severity of what these rules find in a text."""
    read = document(text)
    return [(one.rule, one.severity) for rule in OURS for one in rule(read)]


def test_every_rule_is_asked_by_the_audit() -> None:
    assert set(OURS) <= set(RULES)


ALARMS = {
    "magnitude": [
        "Each of the H100 boards, the manager explains, pulls around 70 watts with a training job at full stretch.",
        "An A100 is rated at 40 W.",
        "The TDP of an H100 is 7,000 W.",
        "A DGX A100 draws 65 kW at full load.",
        "One rack of the new hall takes 40 MW.",
        "The hyperscale campus draws 50 kW.",
        "At full load a single accelerator draws 36 W.",
        "Eine H100 zieht unter Volllast 7 kW.",
        "Une carte A100 consomme 4 kW à pleine charge.",
        "The load factor of the site was 1.3.",
        "GPU utilisation averaged 130 % over the run.",
        "In its first year the hall reached a PUE of 0.94.",
        "The old machine room has a PUE of 12.",
        "Electricity cost us 14 EUR per kWh.",
        "Chatbots and data centres already draw 20 TW around the clock.",
        "The cluster is in France, where a kilowatt-hour emits 450 g per kWh.",
        "Poland's grid emits only 40 g CO2 per kWh.",
        "We trained in Sweden. The grid there emits 400 g/kWh.",
        "We moved it from Poland (56 g/kWh) to France (650 g/kWh).",
        "In Deutschland lag der Strommix 2023 bei 38 g/kWh.",
        "En France, le mix électrique est à 520 g CO2e/kWh.",
        "A single query to the chatbot uses 2.9 kWh.",
        "The energy per prompt is 0.3 kWh.",
        "Generating one image takes 2.9 kWh.",
        "Eine einzelne Anfrage braucht 3 kWh.",
        "Each prompt evaporates 25 litres of water.",
        "Training GPT-3 consumed 1,287 kWh.",
        "BLOOM was trained with 433 GWh.",
        "GPT-3's training emitted 552 kg of CO2.",
        "The world's data centres used 4.15 TWh in 2024.",
        "An average American household uses 10,500 MWh of electricity a year.",
        "The human brain runs on about 20 kW.",
        "Ein deutscher Haushalt verbraucht im Jahr 32 MWh.",
        "A nuclear reactor of 1,100 kW would be needed.",
        "Data centres take 40 per cent of the world's electricity.",
        "The 460 TWh are as much as Ireland uses in a year.",
        "France's electricity consumption was 45 TWh.",
        "The run emitted 284 t, as much as Denmark emits in a year.",
    ],
    "unit-slip": [
        "The energy consumption was 500 kW.",
        "It has a power draw of 400 kWh.",
        "The server takes 10 kW/h.",
        "Each card uses 700 watts per hour.",
        "Training GPT-3 consumed 1,287 megawatts.",
        "They plan a 300 MWh data centre near the river.",
        "The hall has a connected load of 20 MWh.",
        "Der Stromverbrauch betrug 500 kW.",
        "Data centres use 200 GW of electricity a year.",
    ],
    "equivalence": [
        "Training an AI model emits as much carbon as five cars do in a year.",
        "Building one network causes five times the annual emissions of a car.",
        "It emitted 313 tonnes. That is close to five times what an average car puts out each year.",
        "Das Training stieß 284 t aus, so viel wie fünf Autos in einem Jahr.",
        "L'entraînement a émis 284 t, autant que cinq voitures en un an.",
        "The run took 1,287 MWh, as much as 12 American homes use in a year.",
        "The campus draws 100 MW, enough to power 8,000 homes.",
        "It emitted 552 t, as much as 6 round-trip flights from New York to San Francisco.",
        "A single query uses 3 Wh, as much as charging 20 smartphones.",
        "The site took 500 million litres, or 20 Olympic-sized swimming pools.",
        "It emitted 25 t, as much as driving 10,000 km in a petrol car.",
        "At 3,000 kWh, the tuning used as much electricity as boiling a kettle 250 times.",
        "The run emitted 10 t, what 10,000 trees take up in a year.",
    ],
    "extreme": [
        "Today training a typical language model emits more than 626,000 pounds of carbon dioxide.",
        "Every new model means another 284 tonnes of CO2.",
        "A typical training run takes 1,287 MWh.",
        "Training an AI model emits 552 tonnes of CO2 on average.",
        "Training one model emits as much as five cars over their lifetimes.",
    ],
    "stale-factor": [
        "The variant was tuned in September 2024. With a factor of 0.83 kg/kWh (national inventory, 2014) it is 0.6 t.",
        "The run of 2024 was converted with eGRID 2016.",
        "In 2025 we ran it for 3,000 hours; carbon was computed with the DEFRA 2017 factor.",
        "Our 2023 report uses the 2014 emission factor of the IEA.",
        "Das Training lief 2024 und verbrauchte 5 MWh. Mit dem Emissionsfaktor von 2012 sind das 2,8 t.",
    ],
    "mixed-basis": [
        "Location-based, we emitted 412,000 t. On a market-based footing it was 96,000 t. That makes 508,000 t in all.",
        "Location-based it was 11,390 t, market-based zero. Emissions went from 539 t to zero in the space of a year.",
        "It shows 0 t of market-based emissions and 66,000 t location-based. A rack there produces no CO2 at all.",
    ],
    "double-count": [
        "We take the facility energy of 129.5 MWh, apply the PUE of 1.10, and get 142.5 MWh.",
        "The building used 520 MWh at the meter; multiplied by the PUE of 1.3 this is 676 MWh.",
        "GPUs used 60 MWh of the servers' 90 MWh. In total, GPUs and servers used 150 MWh.",
        "The servers use 800 kWh, of which 500 kWh go to GPUs. Together that is 1,300 kWh.",
        "It took 700,000 litres on site and, power stations included, 5.4 million litres. Together it is 6.1 million litres.",
    ],
    "percentage": [
        "Data centres took 5 per cent in 2015 and 21 per cent in 2023. An increase of 16 per cent is not much.",
        "The share rose from 12% to 18%, an increase of 6%.",
        "Renewables climbed from 40 percent to 52 percent, i.e. by 12 percent.",
        "In 2019 it was 13 %. By 2024 it was 22 %, an increase of 9 %.",
        "Der Anteil stieg von 20 % auf 30 %, ein Anstieg um 10 %.",
        "La part est passée de 30 % à 45 %, soit une hausse de 15 %.",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in ALARMS.items() for text in texts])
def test_what_cannot_be_is_told(rule: str, text: str) -> None:
    assert rule in [name for name, severity in told(text) if severity != "low"]


@pytest.mark.parametrize(
    "text",
    [
        "The H100 idles at 70 W and draws 700 W at full load.",
        "A T4 draws 70 W at full load.",
        "With cooling, each H100 accounts for 1.3 kW.",
        "A rack of four DGX H100 takes 41 kW.",
        "Decode is memory-bound, so each card loafs at 300 W.",
        "The campus was licensed for 180 megawatts.",
        "The CPU utilisation was 800 % in top.",
        "Utilisation rose by 120 % in a year.",
        "The world's solar capacity is 2 TW.",
        "A PUE of 1.58 was the average of 2018.",
        "Moving the job from Poland (650 g/kWh) to France (56 g/kWh) helps.",
        "Under its contract the French site reports 0 g/kWh, and the marginal plant in France emits 450 g/kWh.",
        "A coal plant in Sweden would emit 900 g/kWh.",
        "At night the German grid fell to 120 g/kWh.",
        "Quebec emits 1.2 g/kWh, Estonia 700 g/kWh.",
        "RTE put France at 21 g/kWh in 2024.",
        "A prompt takes 0.3 Wh; a thousand such prompts would take 0.3 kilowatt-hours.",
        "A deep research query may take 0.3 kWh.",
        "Generating a five-second video took 0.94 kWh.",
        "Training GPT-3 took 1,287 MWh and emitted 552 t.",
        "Fine-tuning GPT-3 took 300 kWh.",
        "Had BLOOM been trained at 429 g per kWh, its training would have emitted 186 t.",
        "The world's data centres used about 415 TWh in 2024, 1.5 per cent of the world's electricity.",
        "By 2030 data centres worldwide need 945 TWh, about as much as Japan uses today.",
        "Data centres in Ireland used 6.3 TWh in 2023, 21 per cent of the country's electricity.",
        "It emitted 500 t, as much as 100 Germans emit.",
        "The batteries have a capacity of 100 MWh.",
        "An average American household uses 10,500 kWh of electricity a year, the human brain 20 W.",
        "A small modular reactor of 80 MW is planned, and the wind farm has 400 MW.",
        "The phone took 0.02 Wh for the answer; its battery holds 15 Wh.",
        "Utilities added 5 GW per year of capacity, and the plant ramps by 50 MW per hour.",
        "The training drew 5 MW for 90 days.",
        "The power consumption is 300 W.",
        "The run took 1,287 MWh, as much as 120 American homes use in a year.",
        "The campus uses 1.1 TWh, what some 105,000 homes would use at 10,500 kWh each.",
        "The waste heat of 20 GWh heats 1,500 homes for a year.",
        "GPT-3 emitted 552 t, as much as 123 cars driven for one year.",
        "The search emitted 284 t, as much as five cars over their lifetimes.",
        "A phone charge takes 12 Wh, so 3 Wh charge a quarter of a phone.",
        "A kettle takes 0.15 kWh a go, as much as 500 prompts.",
        "It used 750 million litres, or 300 Olympic pools.",
        "The town has 61,000 homes, and the campus uses 1.1 TWh a year.",
        "The architecture search was estimated at 626,155 lb of CO2.",
        "The largest model took 1,287 MWh.",
        "In 2024 the training used 5 MWh; we applied the grid factor of 2023.",
        "The factor fell from 0.83 kg/kWh in 2014 to 0.6 in 2024; our training used 5 MWh in 2024.",
        "Founded in 2012, the company used 5 MWh in 2024 at 0.4 kg/kWh.",
        "Emissions were 12 t on a location basis and 5 t on a market basis.",
        "Market-based emissions fell from 539 t to zero, location-based ones stayed at 600 t.",
        "The market-based 96 t is lower than the location-based 412 t.",
        "Operational emissions of 25 t were 2.5 times as high as the embodied 10 t.",
        "The cards alone drew 3.8 MWh, 40 % less than the 6.4 MWh at the building's meter.",
        "Facility energy of 6,364 kWh was estimated as 5,393 kWh times the PUE.",
        "In 2014 the grid of Poland was at 0.83 kg/kWh. The training of 2024 ran in France.",
        "Servers use 800 kWh, of which 500 kWh go to GPUs. Cooling adds 200 kWh, in total 1,000 kWh.",
        "It emitted 24.7 t, not including 11.2 t embodied and 14.6 t idle; 50.5 t in total.",
        "It bought 11.5 TWh in 2021 and 18.2 TWh in 2024. Emissions in 2021 were 4.9 million tonnes, 0.43 kg/kWh.",
        "The share rose from 12% to 18%, an increase of 50%.",
        "The share rose from 13 to 22 percent, by nine percentage points or 70 percent.",
        "GPU use rose from 20 % to 30 %, while energy fell by 10 %.",
        "60 % of the energy is wind, 15 % nuclear; emissions fell by 45 %.",
    ],
)  # fmt: skip
def test_what_looks_alike_and_is_right_is_left_alone(text: str) -> None:
    assert [rule for rule, severity in told(text) if severity != "low"] == []


def test_what_only_can_be_is_a_low_finding() -> None:
    assert told("Training one model can emit as much as five cars in their lifetimes.") == [("extreme", "low")]


def test_no_factor_that_a_country_has_had_is_told() -> None:
    known = Catalog.open(own=False)
    rows = [
        f"{known.label(subject)},{fact.value:.0f}"
        for subject in known.subjects("grid.")
        for boundary in ("lifecycle", "direct", "mixed")
        for fact in known.history(subject, f"carbon_intensity.{boundary}.generation")
        if len(subject) == len("grid.fr") and fact.valid_from >= "2010"
    ]
    assert len(rows) > 2000
    assert list(grids(document("\n".join(["country,intensity (g/kWh)", *rows]), form="csv"))) == []
