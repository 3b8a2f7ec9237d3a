"""Names of units as people write them, in English, German, French and Spanish: what kind each is, and its size."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.units import UNITS, convert


class Measure(NamedTuple):
    """A unit as written: its kind, and its size in the base unit of that kind."""

    symbol: str
    kind: str
    scale: float


_PREFIXES: Final = {"": 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_WORD_PREFIXES: Final = {
    "": 1.0,
    "milli": 1e-3,
    "kilo": 1e3,
    "mega": 1e6,
    "méga": 1e6,
    "giga": 1e9,
    "tera": 1e12,
    "téra": 1e12,
    "peta": 1e15,
}
_LB: Final = convert(1.0, UNITS["lbCO2e"], UNITS["kgCO2e"])
_JOULE: Final = convert(1.0, UNITS["J"], UNITS["kWh"])
_YEAR_H: Final = 8760.0

_NAMED: Final[dict[str, tuple[str, str, float]]] = {}
"""Every spelling: symbol, kind, scale."""


def _add(spellings: str, symbol: str, kind: str, scale: float) -> None:
    for spelling in spellings.split("|"):
        _NAMED.setdefault(spelling, (symbol, kind, scale))


for _p, _f in _PREFIXES.items():
    _add(f"{_p}Wh|{_p}W h|{_p}W·h|{_p}W-h", f"{_p}Wh", "energy", _f * 1e-3)
    _add(f"{_p}W", f"{_p}W", "power", _f * 1e-3)
    _add(f"{_p}J", f"{_p}J", "energy", _f * _JOULE)
    if _p not in ("P", "E"):
        _add(f"{_p}g", f"{_p}g", "mass", _f * 1e-3)
    if _p in ("", "k", "M", "G"):
        _add(f"{_p}t", f"{_p}t", "mass", _f * 1e3)
for _p, _f in _WORD_PREFIXES.items():
    _s = {"": "", "milli": "m", "kilo": "k"}.get(_p, _p[:1].upper().replace("É", "E"))
    _hours = f"{_p}watt-hours|{_p}watt-hour|{_p}watt hours|{_p}watt hour|{_p}watthours|{_p}watthour"
    _hours += f"|{_p}wattstunden|{_p}wattstunde|{_p}wattheures|{_p}wattheure|{_p}watt-heures|{_p}watt-heure"
    _hours += "".join(f"|{_p.capitalize()}watt{_end}" for _end in ("stunden", "stunde")) if _p else "|Wattstunden"
    _add(_hours, f"{_s}Wh", "energy", _f * 1e-3)
    _add(f"{_p}watts|{_p}watt|{_p.capitalize()}watt" + ("|Watt" if not _p else ""), f"{_s}W", "power", _f * 1e-3)
    _watt = f"{_p}vatio"
    _add(f"{_watt}s hora|{_watt}s-hora|{_watt} hora|{_watt}-hora", f"{_s}Wh", "energy", _f * 1e-3)
    _add(f"{_watt}s|{_watt}", f"{_s}W", "power", _f * 1e-3)
    _add(f"{_p}joules|{_p}joule", f"{_s}J", "energy", _f * _JOULE)
    if _p not in ("peta", "tera", "téra"):
        _add(
            f"{_p}tonnes|{_p}tonne|{_p}tons|{_p}ton|{_p}tonnen|{_p.capitalize()}tonnen"
            f"|{_p}toneladas|{_p}tonelada" + ("|Tonnen|Tonne" if not _p else ""),
            f"{_s}t",
            "mass",
            _f * 1e3,
        )
        _add(f"{_p}grams|{_p}gram|{_p}gramm|{_p}grammes|{_p}gramme|{_p}gramos|{_p}gramo", f"{_s}g", "mass", _f * 1e-3)
        _add(f"{_p}litres|{_p}litre|{_p}liters|{_p}liter|{_p}litros|{_p}litro", f"{_s}L", "water", _f)
_add("metric tons|metric tonnes|metric ton|metric tonne|MT", "t", "mass", 1e3)
_add("tons of refrigeration|tons of cooling|refrigeration tons", "tons of refrigeration", "power", 3.5168528)
_add("short tons|short ton|US tons", "short tons", "mass", 2000 * _LB)
_add("kilos|kilo", "kg", "mass", 1.0)
_add("lbs.|lbs|lb.|lb|pounds|pound|Pfund", "lb", "mass", _LB)
_add("hours|hour|hrs|hr|h|Stunden|Stunde|Std.|Std|heures|heure|horas|hora", "h", "time", 1.0)
_add("Viertelstunden|Viertelstunde", "Viertelstunden", "time", 0.25)
_add("Dreiviertelstunden|Dreiviertelstunde", "Dreiviertelstunden", "time", 0.75)
_add("minutes|minute|mins|min|Minuten|minutos|minuto", "min", "time", 1 / 60)
_add("seconds|second|secs|sec|s|Sekunden|Sekunde|secondes|seconde|segundos|segundo", "s", "time", 1 / 3600)
_add("milliseconds|ms", "ms", "time", 1 / 3.6e6)
_add("days|day|d|Tage|Tagen|Tag|jours|jour|días|día", "d", "time", 24.0)
_add("weeks|week|Wochen|Woche|semaines|semaine|semanas|semana", "weeks", "time", 168.0)
_add("months|month|Monate|Monaten|Monat|mois|meses|mes", "months", "time", _YEAR_H / 12)
_add("years|year|yr|yrs|Jahre|Jahren|Jahr|ans|années|année|años|año", "y", "time", _YEAR_H)
_add("L|l|Liter|Litern|Litres", "L", "water", 1.0)
_add("mL|ml", "mL", "water", 1e-3)
_add("cl|cL|centilitres|centilitre|centiliters|centiliter|Zentiliter", "cL", "water", 1e-2)
_add("dl|dL|decilitres|decilitre|Deziliter", "dL", "water", 0.1)
_add("hl|hectolitres|hectolitre|Hektoliter", "hL", "water", 100.0)
_add("kL|kilolitres|kilolitre|kiloliters|kiloliter", "kL", "water", 1e3)
_add("ML", "ML", "water", 1e6)
_add("m3|m³|cubic metres|cubic meters|cubic metre|cubic meter|Kubikmetern|Kubikmeter", "m3", "water", 1e3)
_add("km3|km³|cubic kilometres|cubic kilometers|Kubikkilometer", "km3", "water", 1e12)
_add("mètres cubes|mètre cube|metros cúbicos|metro cúbico", "m3", "water", 1e3)
_add("US gallons|US gallon|gallons|gallon|gal", "gal", "water", 3.785411784)
_add("acre-feet|acre-foot|acre feet", "acre-feet", "water", 1_233_481.84)
_add("kcal|kilocalories", "kcal", "energy", 4184.0 * _JOULE)
_add("BTU|Btu", "BTU", "energy", 1055.056 * _JOULE)
_add("hp|horsepower", "hp", "power", 0.7456998716)
_add(
    "km|kilometres|kilometers|kilometre|kilometer|Kilometer|Kilometern|kilomètres|kilómetros|kilómetro",
    "km",
    "distance",
    1.0,
)
_add("metres|meters|metre|meter|mètres|mètre|Metern|Meter", "m", "distance", 1e-3)
_add("miles|mile|mi", "mi", "distance", 1.609344)
for _p, _f in {"k": 1e-6, "K": 1e-6, "M": 1e-3, "G": 1.0, "T": 1e3, "P": 1e6, "E": 1e9}.items():
    _add(f"{_p}B", f"{_p.upper()}B", "data", _f)
_add("Go|gigaoctets", "GB", "data", 1.0)
_add("bytes|byte|Bytes|octets", "B", "data", 1e-9)
for _p, _f in {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50}.items():
    _add(f"{_p}B", f"{_p}B", "data", _f * 1e-9)
for _p, _f in {"kilo": 1e-6, "mega": 1e-3, "giga": 1.0, "tera": 1e3, "peta": 1e6, "exa": 1e9}.items():
    _add(f"{_p}bytes|{_p}byte", f"{_p[0].upper()}B", "data", _f)
for _p, _f in {**_PREFIXES, "Z": 1e21, "Y": 1e24}.items():
    if _p not in ("m", "k"):
        _add(f"{_p}FLOP/s|{_p}FLOPS|{_p}flop/s|{_p}flops/s", f"{_p}FLOP/s", "compute-rate", _f)
        _add(f"{_p}FLOP|{_p}FLOPs", f"{_p}FLOP", "compute", _f)
for _p, _f in {"giga": 1e9, "tera": 1e12, "peta": 1e15, "exa": 1e18, "zetta": 1e21}.items():
    _add(f"{_p}FLOPS|{_p}FLOP/s|{_p}flops", f"{_p[0].upper()}FLOP/s", "compute-rate", _f)
    _add(f"{_p}FLOP|{_p}flop", f"{_p[0].upper()}FLOP", "compute", _f)
_add("floating-point operations|floating point operations|flops|flop", "FLOP", "compute", 1.0)
_add(
    "°C|°F|degrees Celsius|degrees Fahrenheit|degrees C|degrees F|Grad Celsius"
    "|degrés Celsius|grados Celsius|grados centígrados",
    "degrees",
    "temperature",
    1.0,
)
_add("%|percent|per cent|pct|Prozent|pour cent|pour-cent|por ciento", "%", "percent", 1.0)
_add(
    "percentage points|percentage point|percent points|percentage-points|percentage-point|pp|pps",
    "points",
    "points",
    1.0,
)
_add(
    "Prozentpunkte|Prozentpunkten|Prozentpunkt|points de pourcentage|point de pourcentage|puntos porcentuales",
    "points",
    "points",
    1.0,
)
for _name in ("GPU", "TPU", "accelerator", "device", "chip", "card", "node", "server", "A100", "H100", "V100", "H200"):
    _hour = (
        f"{_name}-hours|{_name} hours|{_name}-hour|{_name} hour|{_name}-h|{_name}h|{_name} h|{_name}-hrs|{_name} hrs"
    )
    _add(f"{_hour}|{_name}-Stunden|{_name}-Stunde|heures-{_name}|heures {_name}", f"{_name}-h", "device-hours", 1.0)
_add("heures de GPU|heures d'accélérateur|B200-hours|MI250X-hours|P100-hours", "device-h", "device-hours", 1.0)
_add("USD|US-Dollar|US dollars|U.S. dollars|dollars|dollar|Dollar|dólares|dólar|US$|$", "USD", "money", 1.0)
_add("EUR|euros|euro|Euro|Euros|€", "EUR", "money", 1.0)
_add("GBP|pounds sterling|£", "GBP", "money", 1.0)
_add("CHF|Swiss francs|Franken|francs suisses", "CHF", "money", 1.0)
_add("JPY|¥|yen", "JPY", "money", 1.0)
_add("CNY|RMB|yuan|renminbi", "CNY", "money", 1.0)
_add("INR|₹|rupees", "INR", "money", 1.0)
for _name in ("SEK", "NOK", "DKK", "CAD", "AUD", "SGD", "NZD", "KRW", "BRL"):
    _add(_name, _name, "money", 1.0)
_add("cents|cent|ct|Cent|Cents|Ct|centimes|céntimos|céntimo|¢", "cent", "money", 0.01)
_add("US cents|US cent", "USD", "money", 0.01)
_add("euro cents|euro cent|eurocents|Eurocent|centimes d'euro|c€", "EUR", "money", 0.01)
_add("pence|penny", "GBP", "money", 0.01)
_add("Rappen", "CHF", "money", 0.01)
for _key, _value in list(_NAMED.items()):  # at the beginning of a sentence, and German nouns
    if len(_key) >= 4 and _key[0].islower():
        _NAMED.setdefault(_key[0].upper() + _key[1:], _value)
CURRENCIES: Final = {
    "US$": "USD", "$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "S$": "SGD", "HK$": "HKD",
    "NZ$": "NZD", "R$": "BRL", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "USD": "USD", "EUR": "EUR",
    "GBP": "GBP", "CHF": "CHF", "AUD": "AUD", "CAD": "CAD", "CNY": "CNY", "RMB": "CNY", "INR": "INR", "SEK": "SEK",
    "NOK": "NOK", "DKK": "DKK", "SGD": "SGD", "JPY": "JPY",
}  # fmt: skip
"""What stands in front of money; each currency is its own unit."""

_LOWER: Final[dict[str, tuple[str, str, float]]] = {}
_PREFERRED: Final = ("Wh", "kWh", "MWh", "GWh", "TWh", "W", "kW", "MW", "GW", "TW", "MJ", "GJ", "kg", "t", "Mt", "h")
for _key in (*_PREFERRED, *_NAMED):
    _LOWER.setdefault(_key.lower(), _NAMED[_key])

PERIODS: Final = {
    "year": _YEAR_H,
    "quarter": _YEAR_H / 4,
    "month": _YEAR_H / 12,
    "week": 168.0,
    "day": 24.0,
    "hour": 1.0,
}
_PERIOD_WORDS: Final = {
    "year": "year|years|yr|y|a|annum|Jahr|an|année|calendar year|twelve months|12 months|año",
    "quarter": "quarter|Quartal|trimestre",
    "month": "month|Monat|mois|mo|mes",
    "week": "week|Woche|semaine|semana",
    "day": "day|d|Tag|jour|día",
    "hour": "hour|hr|h|Stunde|heure|hora",
    "minute": "minute|min",
    "second": "second|s|sec|Sekunde|seconde",
}
_THING_WORDS: Final = {
    "device": "GPU|TPU|accelerator|card|chip|device|board|Karte|Beschleuniger|carte|accélérateur|A100|H100|V100"
    "|H200|B200|graphics card|graphics processor|Grafikkarte|Grafikprozessor|processeur graphique|tarjeta|acelerador",
    "device-hour": "GPU-hour|GPU hour|GPU-h|GPUh|TPU-hour|chip-hour|chip hour|device-hour|device-h|device hour"
    "|accelerator-hour|accelerator hour|card hour"
    "|card-hour|GPU-Stunde|heure-GPU|heure GPU|heure de GPU|A100-hour|H100-hour"
    "|A100 hour|H100 hour|V100 hour|H200 hour",
    "node-hour": "node-hour|node hour|server-hour|server hour|Knotenstunde",
    "node": "node|server|Server|Knoten|serveur|host|machine|nœud|servidor|nodo",
    "request": "request|query|prompt|inference|call|answer|response|reply|question|Anfrage|Abfrage|Frage|requête"
    "|search|generation|req|message|chat message|Antwort|réponse|completion|consulta|pregunta|respuesta|petición",
    "conversation": "conversation|chat|chat session|Gespräch|dialogue|Unterhaltung",
    "e-mail": "e-mail|email|Mail|courriel",
    "token": "token|tok|Token|jeton",
    "image": "image|picture|Bild|photo|Bilder|imagen",
    "video": "video|clip|vidéo",
    "page": "page|Seite",
    "parameter": "parameter|paramètre",
    "person": "person|passenger|capita|head|user|customer|inhabitant|Person|Kopf|personne|passager|employee|worker"
    "|resident|subscriber|Kunde|Kunden|client|Mitarbeiter|Nutzer|Einwohner|habitant|utilisateur|salarié|American",
    "km": "km|kilometre|kilometer|Kilometer|kilomètre",
    "home": "home|household|house|Haushalt|Haushalte|foyer|ménage|logement|hogar",
    "car": "car|vehicle|Auto|voiture|coche|Fahrzeug|Autos|passenger car",
    "flight": "flight|Flug|Flüge|round trip|return flight",
    "phone": "phone|smartphone|mobile phone|cellphone|handset|Handy|Handys|téléphone",
    "laptop": "laptop|notebook|PC|ordinateur",
    "bulb": "bulb|light bulb|lightbulb|Glühbirne|Lampe|ampoule",
    "kettle": "kettle|Wasserkocher|bouilloire",
    "tree": "tree|Baum|Bäume|arbre|sapling",
    "bottle": "bottle|Flasche|bouteille",
    "glass": "glass|Glas|Gläser|verre",
    "cup": "cup|Tasse|tasse",
    "pool": "pool|swimming pool|swimming-pool|Olympic pool|Schwimmbecken|piscine",
    "rack": "rack|Rack|cabinet|Serverschrank|baie",
    "data centre": "data centre|data center|datacentre|datacenter|data-centre|data-center|Rechenzentrum|Rechenzentren"
    "|centre de données|centres de données",
    "cluster": "cluster|pod|supercomputer",
    "site": "site|campus|facility|Standort|plant",
    "panel": "panel|solar panel|Solarmodul|panneau",
    "turbine": "turbine|wind turbine|Windrad|Windräder|éolienne",
    "transformer": "transformer|Transformator|transformateur",
    "reactor": "reactor|Reaktor|réacteur",
    "model card": "model card",
    "account": "account|connection",
    "GB": "GB|gigabyte",
    "model": "model|Modell|modèle",
    "run": "run|training|job|trial|experiment|Lauf|Training|entraînement|training run|Läufe",
    "lifetime": "lifetime|life|Leben|Lebensdauer|vie",
}
THINGS: Final = frozenset(_THING_WORDS)
"""Names of what is counted."""
PERS: Final[dict[str, str]] = {}
for _name, _words in {**_THING_WORDS, **_PERIOD_WORDS}.items():
    for _word in _words.split("|"):
        PERS.setdefault(_word.lower(), _name)
        if _name not in PERIODS and _word[-1] not in "s0":
            PERS.setdefault(_word.lower() + "s", _name)
        if _word[0].isupper() and _word[-1] in "eEt":
            PERS.setdefault(_word.lower() + ("n" if _word[-1] == "e" else "en"), _name)
PERS.update({"queries": "request", "anfragen": "request", "inferences": "request", "capita": "person"})
PERS.update({"gpu hours": "device-hour", "searches": "request", "replies": "request", "people": "person"})
PERS.update({"glasses": "glass", "facilities": "site", "campuses": "site"})
PERS.update({"menschen": "person", "bildern": "image", "tokens": "token", "e-mails": "e-mail", "flaschen": "bottle"})
PERS.update({"seiten": "page", "karten": "device", "läufe": "run", "haushalten": "home"})
PERS.update({"servidores": "node", "aceleradores": "device", "hogares": "home", "imágenes": "image"})
ADVERBS: Final = {
    "annually": "year",
    "per annum": "year",
    "yearly": "year",
    "annuellement": "year",
    "par an": "year",
    "al año": "year",
    "anuales": "year",
    "al día": "day",
    "cada uno": "each",
    "cada una": "each",
    "p.a.": "year",
    "jährlich": "year",
    "annuels": "year",
    "annual": "year",
    "daily": "day",
    "täglich": "day",
    "hourly": "hour",
    "monthly": "month",
    "apiece": "each",
    "each": "each",
    "for each": "each",
    "in each": "each",
    "a go": "each",
    "a time": "each",
    "a piece": "each",
    "jeweils": "each",
    "chacun": "each",
    "chacune": "each",
}


def _any_of(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


ENERGY_PER: Final = {
    "wh": 1e-3, "watt-hour": 1e-3, "watt hour": 1e-3, "wattstunde": 1e-3, "kwh": 1.0, "kilowatt-hour": 1.0,
    "kilowatt hour": 1.0, "kilowatthour": 1.0, "kilowattstunde": 1.0, "kilowattheure": 1.0, "kilovatio hora": 1.0,
    "kilovatio-hora": 1.0, "megavatio hora": 1e3, "kilowatt-heure": 1.0,
    "mwh": 1e3, "megawatt-hour": 1e3, "megawatt hour": 1e3, "megawattstunde": 1e3, "mégawattheure": 1e3, "gwh": 1e6,
    "gigawatt-hour": 1e6, "twh": 1e9,
}  # fmt: skip
"""Units of energy after a "per", in kWh."""
POWER_PER: Final = {"kw": 1.0, "kilowatt": 1.0, "mw": 1e3, "megawatt": 1e3, "gw": 1e6, "gigawatt": 1e6}
"""Units of power after a "per", in kW."""
MASS_PER: Final = ("t", "tonne", "ton", "metric ton", "metric tonne", "tonelada")
VOLUME_PER: Final = {
    "l": 1.0, "litre": 1.0, "liter": 1.0, "litro": 1.0, "metro cúbico": 1e3,
    "m3": 1e3, "m³": 1e3, "cubic metre": 1e3, "cubic meter": 1e3,
    "kubikmeter": 1e3, "mètre cube": 1e3, "gallon": 3.785411784, "us gallon": 3.785411784,
}  # fmt: skip
"""Units of volume after a "per", in litres."""
MANY: Final = {"hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "tausend": 1e3, "mille": 1e3}
CARBON: Final = (
    r"(?:\s*(?:of\s+|de\s+|d['’]|an\s+)?(?:CO(?:2|₂)(?:[\s-]?(?:e|eq|equivalents?|Äq\.?|Äquivalente?n?|éq\.?)\b)?"
    r"|carbon dioxide(?:[\s-]equivalents?)?|carbon|Kohlendioxid|eq\b))"
)
UNIT: Final = re.compile(
    rf"(?:{_any_of(list(_NAMED))})(?![A-Za-zÀ-ÿ0-9])|(?:{_any_of(['%', '$', '€', '£', '¥', '¢'])})"
)
GLUED: Final = re.compile(r"(?P<unit>Mt|Gt|kt|kg|mg|lbs?|g|t)(?P<carbon>CO(?:2|₂)(?:-?(?:eq|e))?)(?![A-Za-z0-9])")
"""A mass written together with its carbon mark: tCO2e."""
_ONE_OF: Final = _any_of([*PERS, *ENERGY_PER, *POWER_PER, *MASS_PER, *VOLUME_PER])
PER: Final = re.compile(
    rf"(?:\s*(?:/|\bje\b|\ba\b|\ban\b|\bin an?\b|\b[ai]m\b|\bin einem\b"
    rf"|\b(?:l[ea]|el)\b(?=\s(?:kWh|MWh|(?:kilo|m[ée]ga)watt|litre|mètre cube|requête|tonne))"
    rf"|(?P<strong>\bper\b|\bpro\b|\bpar\b|\bpor\b(?!\sciento)|\bpour chaque\b|\bcada\b"
    rf"|\b(?:for |with |in )?(?:each|every)\b|\bfür jede[nsr]?\b))"
    rf"\s*(?:(?P<many>1[,.\s\u00a0\u202f]?000(?:[,.\s\u00a0\u202f]000)?|100|10"
    rf"|(?:(?:a|one|1)\s)?(?:{_any_of(list(MANY))}))s?[\s-]+)?"
    rf"(?(strong)(?:(?!(?:of|in|the|an?|its|their|other)\b)[A-Za-z][\w-]*\s(?=\w{{3}}))??)"
    rf"|\s*\bfor\s(?:an?|one|a single)\s(?:(?!(?:of|hundred|thousand|[bm]illion|dozen|few|couple|lot)\b)"
    rf"[A-Za-z][\w-]*\s){{0,2}}?(?=(?:query|prompt|request|question"
    rf"|response|answer|reply|search|token|image|picture|e-?mail|conversation|kWh|kilowatt|megawatt|MWh)))"
    rf"(?P<what>{_ONE_OF})(?![A-Za-zÀ-ÿ0-9])",
    re.IGNORECASE,
)
_SERVED: Final = ("request", "image", "token", "page", "e-mail", "video")
PER_MANY_OF: Final = re.compile(
    rf"\s+for\s(?P<many>(?:an?|one)\s(?:hundred|thousand|million|billion)|1[,. ]?000|100)\s"
    r"(?:(?!of\b)[A-Za-z][\w-]*\s)??"
    rf"(?P<what>{_any_of([word for word, name in PERS.items() if name in _SERVED])})\b",
    re.IGNORECASE,
)
"""11.49 kWh for a thousand images: what it is for one of."""
PER_MANY: Final = re.compile(
    r"\s+(?:per|pro|par|for every)\s(?P<many>1[,. ]?000|100|hundred|thousand|million|tausend)\b"
)
SUBSTANCE: Final = re.compile(
    r"(?:\s(?:of|de|d['’]|an)\s?(?:[a-z]+\s)?|\s)(?:water|electricity|energy|power|electrical energy|CO2e?"
    r"|carbon dioxide|emissions|greenhouse gas(?:es)?|Wasser|Strom|Energie|eau|électricité|énergie"
    r"|agua|electricidad|energía)\b",
    re.IGNORECASE,
)
"""What an amount is of, in front of what it is for one of."""
ADVERB: Final = re.compile(rf"\s*(?P<what>{_any_of(list(ADVERBS))})(?![A-Za-z])", re.IGNORECASE)


def measure(spelling: str, *, forgiving: bool = False) -> Measure | None:
    """The unit of that spelling; `forgiving` of capitals, as names of columns are written."""
    found = _NAMED.get(spelling)
    if found is None and forgiving:
        found = _LOWER.get(spelling.lower())
    return None if found is None else Measure(*found)
