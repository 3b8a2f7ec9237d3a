"""What amounts are likened to: cars, homes, flights, pools; each with the fact behind it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.audit.rules.places import known, places


class Thing(NamedTuple):
    """What amounts are likened to: its words, the fact behind it, and by how much one may differ from it."""

    what: str
    words: re.Pattern[str]
    subject: str
    """Of the catalogue's yardsticks."""
    prop: str
    less: float
    more: float
    needs: re.Pattern[str] | None = None
    """Words without which the sentence means something else."""
    by: str = ""
    """Kind of the amount that counts it: "distance", "time"; empty for numbers."""

    @property
    def kind(self) -> str:
        """The kind of the amounts that are likened to it."""
        return "mass" if self.prop == "carbon" else self.prop


def words(pattern: str) -> re.Pattern[str]:
    """Whole words, in small or capital letters."""
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE)


CAR: Final = words(r"cars?|vehicles?|automobiles?|autos?|pkw|fahrzeugen?|voitures?|véhicules?")
HOME: Final = words(r"homes?|households?|houses|haushalten?|foyers?|ménages?|logements?")
LIFETIME: Final = words(
    r"life ?times?|life|lives|lifespans?|leben|lebens(?:zeit|lang|dauer)|durée de vie|vie(?: entière)?|including fuel"
)
YEAR: Final = words(
    r"(?:a|one|each|every|per|the|whole|full|entire|in|over|half)[\s-](?:\w+\s)?years?(?:'s)?|year'?s|years?' worth"
    r"|annual(?:ly)?|yearly|twelve months|(?:ein(?:em)?|pro|im|jedes)\s(?:\w+\s)?jahre?s?|jährlich\w*|jahres\w+"
    r"|(?:par|un|en un) an(?:née)?|annuel\w*"
)
_FLIGHT: Final = words(r"(?:round[- ]trip )?flights?|flüge?n?|vols?")
_PHONE: Final = words(r"smartphones?|phones?|handys?|téléphones?|phone batter(?:y|ies)|phone charges?")
_CHARGE: Final = words(r"charg\w*|recharg\w*|(?:auf|ge)?laden|aufladungen?|batter\w+")
_TREE: Final = words(r"trees?|bäumen?|arbres?")
_KETTLE: Final = words(r"kettles?|wasserkocher|bouilloires?|pots? of tea")
_POOL: Final = words(
    r"olympic(?:[- ]sized?)?(?: swimming)?[- ]pools?|olympia-?\w*becken|olympische[nrs]? (?:schwimm)?becken"
    r"|piscines? olympiques?"
)
_TUB: Final = words(r"bath ?tubs?|baths|badewannen?|baignoires?")
_OVER_THE_ATLANTIC: Final = re.compile(
    r"transatlantic|transatlanti\w+|(?:london|paris|frankfurt|berlin|madrid|dublin|amsterdam)\b[^.;]{0,25}\bnew york"
    r"|new york\b[^.;]{0,25}\b(?:london|paris|frankfurt|berlin|madrid|dublin|amsterdam)",
    re.IGNORECASE,
)
_BOTTLE: Final = words(r"(?:half-lit(?:re|er) )?(?:water )?bottles?|flaschen?|bouteilles?")
_AMERICAN: Final = words(
    r"americans|american(?= (?:in|for|over|during|per|an?|each|does|is|was|who|li(?:fe|ves)|emits?|causes?"
    r"|produces?)\b)"
    r"|american(?! [^\W\d])"
)
"""People: before another noun the word is of a car or a home."""
_DRIVE: Final = words(r"driv(?:e|ing|en)|by car|in a (?:petrol |gasoline )?car|autofahrt|mit dem auto|en voiture|pkw")
_MICROWAVE: Final = words(r"microwaves?(?: oven)?|mikrowellen?|micro-ondes")

CAR_YEAR: Final = Thing("a car for a year", CAR, "gasoline_car_one_year", "carbon", 5.0, 2.2, YEAR)
CAR_LIFETIME: Final = Thing(
    "a car over its lifetime, fuel included", CAR, "car_lifetime_us", "carbon", 3.0, 1.8, LIFETIME
)
CAR_EITHER: Final = Thing("a car for a year or for its lifetime", CAR, "gasoline_car_one_year", "carbon", 5.0, 25.0)
HOME_ENERGY: Final = Thing("the electricity of a home for a year", HOME, "household_year_us", "energy", 10.0, 2.2)
HOME_CARBON: Final = Thing("a home for a year", HOME, "us_home_energy_one_year", "carbon", 12.0, 2.0, YEAR)
OTHERS: Final = (
    Thing(
        "a passenger's return flight over the Atlantic",
        _FLIGHT,
        "flight_transatlantic_return",
        "carbon",
        5.0,
        4.0,
        _OVER_THE_ATLANTIC,
    ),
    Thing("a flight of one passenger", _FLIGHT, "flight_ny_sf_return", "carbon", 20.0, 6.0),
    Thing("charging a phone", _PHONE, "smartphone_charge", "energy", 4.0, 2.5, _CHARGE),
    Thing("a tree for a year", _TREE, "tree_sequestration_one_year", "carbon", 4.0, 5.0, YEAR),
    Thing("boiling a kettle", _KETTLE, "kettle_boil", "energy", 3.0, 3.0),
    Thing("an Olympic pool", _POOL, "olympic_pool", "water", 1.4, 2.0),
    Thing("a bathtub", _TUB, "bathtub", "water", 3.0, 3.0),
    Thing("a bottle of water", _BOTTLE, "half_litre_bottle", "water", 2.5, 4.0),
    Thing("an American for a year", _AMERICAN, "average_american_life_one_year", "carbon", 2.0, 1.8, YEAR),
    Thing("a km by car", _DRIVE, "gasoline_car_one_km", "carbon", 2.5, 2.2, by="distance"),
    Thing("a second of a microwave oven", _MICROWAVE, "microwave_one_second", "energy", 3.0, 2.5, by="time"),
)


def home_of(text: str) -> Thing:
    """A home of the country that a sentence names, or of any."""
    for place in places(text):
        code = place.subject.removeprefix("grid.").partition("-")[0].replace("gb", "uk")
        subject = f"household_year_{code}"
        if known(f"yardstick.{subject}", "energy"):
            return HOME_ENERGY._replace(subject=subject, less=2.2, more=2.0)
    return HOME_ENERGY
