"""What machines do at a time: draw, average, hover; in English, German, French and Spanish."""

from __future__ import annotations

import re
from typing import Final

from joulebook.audit.rules.power_names import HEDGE, HEDGES, words

MACHINES: Final = (
    r"servers?|nodes?|racks?|cards?|gpus?|chips?|processors?|machines?|devices?|clusters?|accelerators?|karten?"
    r"|gerät\w*|cartes?|serveurs?|servidor(?:es)?|tarjetas?"
)
MACHINE: Final = words(
    rf"{MACHINES}|cpus?|hardware|phones?|laptops?|idl\w+|computers?|pc|board|rechner|servern?|lamps?|bulbs?|kettles?"
    r"|[AHBVTL]\d+s?"
)
DRAW: Final = r"(?:(?<!to )dr[ae]ws?|drawing|drawn|pull(?:s|ed|ing)?|zieht|ziehen|zog(?:en)?|tir(?:e|ent|ait|aient))"
YEAR: Final = words(
    r"years?|jahre?s?|jährlich|ann?(?:ée|ées|s)?|años?|months?|weeks?|days?|daily|monatlich|täglich"
    r"|(?:tag|monat|woche)(?:en?|s)?|jours?|semaines?|mois|días?|diari\w+|semanas?|mes(?:es)?"
)
USE: Final = (
    r"(?:(?:gets?|got|goes|went) through|devour(?:s|ed)?|gobbl(?:e|es|ed)|use[sd]?|using|consum(?:e|es|ed|ing|ption)"
    r"|swallow(?:s|ed)?|burn(?:s|ed|t)?|verbrauch(?:t|te|en|ten)?"
    r"|consomm(?:e|ent|é|ait|ation)|consum(?:e|en|ió|ieron|o)|gast(?:a|an|ó))"
)
DRAWN: Final = words(
    rf"(?:{MACHINES}|hall|beschleuniger|knoten|schrank|accélérateurs?|h100s?|a100s?|h200s?)"
    rf"(?:\W+(?:[\w-]+\s){{0,3}}?|[^.;#]{{0,70}}\b(?:them|one|each)\s){DRAW}\s(?:now\s|today\s|already\s"
    rf"|inzwischen\s|heute\s"
    rf"|mittlerweile\s|désormais\s|en moyenne\s|im schnitt\s|im mittel\s|on average\s|de media\s|{HEDGE}\s)*$"
)
AVERAGE: Final = r"on average|average\b|im (?:mittel|schnitt|durchschnitt)|en moyenne|de media|en promedio"
PEAK: Final = (
    r"at (?:its |the |their )?(?:peak|most|full|maximum|idle|night|rest|the wall|the plug)|at any (?:time|moment)"
    r"|under (?:full )?load|when (?:idle|busy|idling|training)|im leerlauf|unter (?:voll)?last|in der spitze|en pointe"
    r"|au repos|en reposo|a plena carga"
)
STEADY: Final = (
    r"en permanence|permanently|dauerhaft|permanentemente|around the clock|round the clock|day and night"
    r"|continuous(?:ly)?|constant(?:ly)?|steady|steadily"
    r"|at any (?:time|moment)|rund um die uhr|jour et nuit|día y noche"
)
USED_BY_ONE: Final = words(
    rf"(?:{MACHINES}|h100s?|a100s?|h200s?)\W+(?:[\w-]+\s){{0,3}}?(?:{USE}|braucht|needs)\s(?:{AVERAGE})?\s?{HEDGES}$"
)
AT_WORK_BEHIND: Final = re.compile(
    r"\s*,?\s*(?:while|when|as long as|under (?:full )?load|at (?:full|peak)|unter (?:voll)?last|wenn|quand|lorsqu"
    r"|cuando"
    r"|mientras|à pleine charge|a plena carga|en reposo)\b",
    re.IGNORECASE,
)
AT_A_TIME_BEHIND: Final = re.compile(
    rf"\s*,?\s*(?:{AVERAGE}|{PEAK}|{STEADY})\b(?!\s(?:in|per|a|each|every|for|pro|je|par|por|over)\b)", re.IGNORECASE
)
"""Of a power, not of an amount: what devices draw on average or at the peak."""
AVERAGE_ANYWHERE: Final = words(rf"{AVERAGE}|average|mean|peak\w*|{PEAK}|{STEADY}|mittlere\w*|durchschnitt\w*")
AVERAGE_WITHIN: Final = words(rf"(?:{AVERAGE})\s" + HEDGES + "$")
IS_STEADY: Final = words(STEADY)
NEEDED: Final = words(
    rf"(?:needs?|takes?|took|requires?|absorbs?|braucht|brauchen|besoin de|necesita|{DRAW})\s(?:[a-z]+\s){{0,2}}$"
)
AT_ANY_TIME: Final = words(
    r"at any (?:given |one )?(?:time|moment|instant|point)|zu jedem zeitpunkt|à (?:tout|chaque) (?:instant|moment)"
    r"|en (?:todo|cualquier) momento"
)
DRAWING: Final = words(rf"(?:{DRAW}|drawing|pulling|taking|consuming|using|needing)\s{HEDGES}$")
RECORD: Final = words(
    r"(?:highest|record|peak|maximum|lowest|höchste|größte) (?:demand|load|draw|nachfrage|last)\b[^;.]{0,120}?"
    rf"\b(?:was|reached|hit|stood at|came to|of|war|betrug)\s{HEDGES}$"
)
"""The most that a grid or a site ever had to bear."""
FLAT: Final = words(r"(?:runs?|ran|running) at (?:an? )?(?:[a-z]+ )?(?:flat|steady|constant)\s" + HEDGES + "$")
HOVERING: Final = words(
    r"(?:hover(?:s|ed|ing)?|fluctuat(?:es?|ed"
    r"|ing)|oscillat(?:es?|ed|ing)|flicker(?:s|ed)?|settle[sd]?|idle[sd]?"
    r"|peak(?:s|ed)|spik(?:es?|ed)|swung|bounce[sd]?|pendel\w*|schwank\w*|oscill(?:e|ait)"
    r"|oscila\w*)(?:\s[\w-]+){0,3}?\s(?:at|around|to"
    r"|near|between|about|up|in|um|bei|autour|entre|alrededor)\s(?:[\w-]+\s){0,2}$"
)
"""What a needle does, and no sum: before an amount."""
AT_LOAD: Final = words(
    r"(?:at|under) (?:full|maximum|max|peak|half|no|idle|rest)\s?(?:throttle|load|tilt|power|blast|stretch|speed|bore"
    r"|output)?"
    r"|flat out|at idle|at rest|unter (?:voll)?last|im leerlauf|à (?:pleine|vide)\s?(?:charge|puissance)?|au repos"
    r"|a plena (?:carga|potencia)|en reposo"
)
"""States of a machine, of which there is a power."""
METER: Final = words(
    r"clamps?|meter|watt-?meter|plug|display|gauge|dial|needle|socket|zähler|messgerät|strommesser|wattmètre|compteur"
    r"|prise"
    r"|medidor|enchufe"
)
METERED: Final = words(
    r"(?:said|says|show(?:s|ed)|reads?|display(?:s|ed)|indicat\w+|report(?:s|ed)|zeigt\w*|stand|meldet\w*|affich\w+"
    r"|indiqu\w+|marc\w+|mostr\w+)\s(?:[\w-]+\s){0,2}$"
)
"""What a meter does, before an amount."""
CLOCK: Final = re.compile(
    r"\s(?:at|around|by|um|à|a las)\s(?:noon|midnight|midday|mittag|midi|mediodía"
    r"|\w+(?::\d\d)?\s?(?:in the (?:morning|afternoon|evening)|at night|o'clock|a\.?m\b|p\.?m\b|uhr|heures|de la))",
    re.IGNORECASE,
)
"""An hour of the day, behind an amount."""
LEVEL: Final = words(
    r"(?:was|is|were|are|stood|stands|sat|sits|stay(?:s|ed)|remain(?:s|ed)|lag|liegt|était|est|estaba) (?:at|bei|à"
    r"|en)\s" + HEDGES + "$"
)
DAYTIME: Final = words(
    r"in the (?:afternoon|evening|morning|night)|at (?:night|noon|midnight|lunch)|nachts|mittags|abends|la nuit"
    r"|de noche"
)
AVERAGES: Final = words(r"averag(?:e|es|ed|ing)\s" + HEDGES + "$")
SUMMED: Final = words(
    r"after(?:wards)?|by the end|in the end|total\w*|counted|since|so far|altogether|in all|added up|nach|insgesamt"
    r"|am ende"
    r"|après|au total|después|en total|cost|used|consumed|verbraucht\w*|consommé\w*"
)
WHOLES: Final = words(
    r"energy|electricity|tariffs?|bills?|counts?|reads?|consum\w*|us(?:e|es|ed)|(?:the|an?|this|each|one|per"
    r"|that) (?:\w+ )?(?:run|job)|training|trained|prompts?|quer(?:y"
    r"|ies)|answers?|questions?|images?|took|drained"
    r"|charg\w*"
    r"|produc\w+|generat(?:e|es|ed|ing)|deliver\w*|yield\w*|sav(?:e|es|ed|ing)s?|sold|bought|contracts?|costs?|shift\w*"
    r"|energie|strom\w*|lauf|erzeugt\w*|énergie|électricité|produit|entraînement|energía|electricidad|produce"
)
"""What an amount of energy is said of."""
RESERVED: Final = words(
    r"(?:reserv\w+|booked|subscrib\w+|secured|applied for|ask(?:s|ed)? for|request\w*|grant\w*|allocat\w+|allotted"
    r"|approved|angemeldet|beantragt|reserviert|souscrit|réservé|demand\w+|solicit\w+|reservad\w+)\s(?:[\w-]+\s){0,2}$"
)
IN_THE_GRID: Final = words(
    r"substations?|grid|connections?|feeders?|transformers?|utility|interconnection|line|MVA|reserved power"
    r"|demand charges?|netz\w*|umspannwerk\w*"
    r"|netzbetreiber|réseau|poste source|raccordement|red|subestación|redes"
)
STORED: Final = words(
    r"batter\w*|storage|stor(?:ed|es|ing)|ups|tanks?|\w*speicher\w*|stockage|accumul\w*|almacen\w*|baterías?|akkus?"
    r"|pack|packs|capacitors?"
)
AGAINST: Final = re.compile(
    r"(?:\s(?:together|in all|each|in total|now|today|then|before|at idle|under load))*,?\s(?:against|versus|vs\.?"
    r"|instead of|rather than|down from|up from|compared (?:with|to)|not|(?:more|less|lower|higher) than|statt"
    r"|gegenüber"
    r"|gegen|contre|au lieu de|frente a)\s(?:the |some |about |only |den |les |los )?",
    re.IGNORECASE,
)
"""Between two amounts that are compared."""
