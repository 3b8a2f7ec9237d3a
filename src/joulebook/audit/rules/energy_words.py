"""What an energy is called, and what is used over a time; in English, German, French and Spanish."""

from __future__ import annotations

import re
from typing import Final

from joulebook.audit.rules.power_deeds import AVERAGE, DRAW, STEADY, USE
from joulebook.audit.rules.power_names import HEDGES, SAYS, words

_YEARLY: Final = (
    r"(?:per|a|each|every|last|this|the|that|one|whole|full|entire) (?:(?:whole|full|entire|past|calendar"
    r"|fiscal) )?year"
    r"|per annum|annual\w*|yearly|(?:over|during|in|for|per|each|every) (?:an?|the|one|whole)? ?(?:winter|summer"
    r"|season)"
    r"|(?:pro|im|letzte[ns]|vergangene[ns]|vorige[ns]|diese[ms]|ganzen) jahr|jährlich\w*|par an|l.an dernier"
    r"|annuelle\w*"
    r"|al año|anual\w*|por año"
)
FROM: Final = words(r"(?:from|between|von|zwischen|de|entre|desde)\s" + HEDGES + "$")
TO: Final = re.compile(rf"(?:\s[\w-]+){{0,2}}\s(?:to|and|bis|auf|und|à|et|a|y)\s{HEDGES}", re.IGNORECASE)
"""Between the ends of what rises or falls."""
DREW: Final = words(
    r"(?:over|during|throughout|across) (?:the|its|a) (?:(?:full|whole|entire|first|last|past"
    r"|calendar) )?year\b[^.;]{0,60}"
    rf"\b{DRAW}\s{HEDGES}$"
)
OF_A_PERIOD: Final = words(
    rf"(?:{_YEARLY}|(?:over|during|throughout|for) (?:the (?:year|month|training|run)|20\d\d|its (?:whole )?training))",
    behind=r"(?!['’]s)",
)
IN_A_PERIOD: Final = words(
    rf"(?:{_YEARLY}|in (?:19|20)\d\d|during (?:19|20)\d\d"
    r"|(?:over|during) (?:the|a|one) (?:whole |full |entire )?(?:day|week|month|quarter|year))"
)
OF_A_WHOLE: Final = words(
    rf"{_YEARLY}|monthly|daily|weekly|hourly"
    r"|(?:energy|per|a|an|the|each|every|this|last|whole|entire|full)\s(?:(?:[\w-]+\s){0,2})(?:year|month|week|day"
    r"|hour|quarter)s?|consumption|consumed|consumes|energy demand"
    r"|(?:for|of|over|during) (?:the|this|that|each|one) (?:\w+ )?(?:run|training|job|campaign)"
    r"|(?:estimat|comput|calculat|deriv)\w+ from|tdp[- ]based|jahres\w*|pro (?:tag|monat)|par (?:jour|mois)"
    r"|al (?:día|mes)|in total|over the|contracts? (?:for|of|cover\w*|is|are)|by 20\d\d|(?:in|during|of) (?:19|20)\d\d"
)
"""Of an amount over a time, whatever it is called."""
CONSUMED: Final = words(
    rf"(?:{USE}|(?:electricity|yearly|annual|energy) (?:use|usage|consumption))\s(?:[\w'’]+\s){{0,3}}$"
    r"|verbrauch(?:te|ten|t|en)\s(?:[\w'’]+\s){0,7}$"
)
USED_BEFORE: Final = words(rf"(?:{USE}|needed|needs|takes|took)\b[^.;]{{0,40}}$")
YEARLY_USE: Final = words(
    r"(?:(?:annual|yearly)\s(?:electricity |energy |total )?(?:consumption|use|usage)|jahres(?:strom"
    r"|energie)?verbrauch\w*"
    r"|consommation annuelle|consumo anual)\b[^.;,#]{0,40}$"
)
ELECTRICITY_AT: Final = words(
    r"(?:electricity|energy|strom|énergie|électricité|energía|electricidad) (?:behind|for|of|needed for|used for|für"
    r"|pour|de)\s"
    r"[^.;,#]{3,60}\s(?:at|to|is|was|bei|auf|à|en)\s" + HEDGES + "$"
)
ENERGY_NAMED: Final = words(
    r"(?:energy (?:use|usage|consumption|consumed|demand|used|total|bill)|(?:total |training |annual |overall )?energy"
    r"(?! efficien\w+| intensity| mix| source| cost| price)"
    r"|electricity consumption(?= (?:of|was|is|:|for the (?:year|training|run)))|stromverbrauch|energieverbrauch"
    r"|consommation (?:d.énergie|électrique|énergétique)|consumo (?:de energía|eléctrico|energético))",
    behind=SAYS,
)
OF_ENERGY: Final = re.compile(
    r"\s+(?:of|an|d['’]|de)\s?(?:(?:energy|energie|énergie|energía)\b(?!\s(?:capacity|storage|generation))"
    r"|(?:electricity|energy) (?:use|usage|consumption)"
    r"|electricity (?:to train|over|during|in total|a year|per|each|every))"
    r"|\s(?:a|per|each) year of (?:electricity|energy) (?:use|usage|consumption)\b",
    re.IGNORECASE,
)
OF_ELECTRICITY: Final = re.compile(
    r"\s(?:of|d['’]|an|de)\s?(?:electricity|electrical energy|strom|électricité|electricidad)\b(?!\s(?:for|on|around"
    r"|at)\b)",
    re.IGNORECASE,
)
TRAINING_TOOK: Final = words(
    r"(?:(?:pre-?)?train\w*|entraîn\w*|entren\w*|fine-?tun\w*|(?:the|this|each) (?:\w+ )?(?:run|job|campaign"
    r"|experiment))\b"
    r"[^.;#]{0,70}\b(?:took|takes|used|uses|needed|needs|required|requires|cost|consum\w+|verbrauch\w*|brauchte"
    r"|benötigt\w*|consomm\w+)\s" + HEDGES + "$"
)
TAKES: Final = words(
    r"(?:needs?|needed|takes?|took|requir\w+|costs?|eats?|demande\w*|kostet|nécessit\w+|coûte|(?:ver)?braucht\w*"
    rf"|benötigt\w*|cuesta|necesita|{USE})\s(?:[\w'’]+\s){{0,3}}$"
)
STORES: Final = words(
    r"(?:(?:full charge|batter(?:y|ies)|power ?banks?|akku|batterie|batería)\b[^.;#,]{0,40}\b(?:holds?|has"
    r"|contains?|fasst|contient)"
    rf"|stores?|stored|speichert|stocke|almacena)\s{HEDGES}$"
)
"""What is stored is an energy."""
CAPACITY: Final = words(
    r"add\w*|install\w*|capacity|build\w*|built|construct\w*|grow\w*|grew|pipeline|order\w*|contract\w*|ppas?|peak\w*"
    rf"|load|average\w*|mean|demand|leistung|shipped|planned|capacité|deploy\w*|connect\w*|{STEADY}|{DRAW}|capacidad"
)
"""Words of a power: built, ordered, drawn."""
DRAWN_AT_A_TIME: Final = words(
    rf"{AVERAGE}|{STEADY}|average\w*|mean|durchschnitt\w*|peak\w*|at (?:full|any|most|night|its|the)|capacity|full load"
    rf"|load|new|added?|adds|built?|build|install\w*|contract\w*|power consumption|{DRAW}"
    r"|for (?:\w+ )?(?:hours|days|weeks|months)|cluster|supercomputer|campus of"
)
WHILE: Final = words(
    r"(?:for|während|pendant|lang|over|in|durant|durante)\s(?:\w+\s){0,3}?(?:seconds?|minutes?|milliseconds?|moment"
    r"|time|sekunden?|secondes?|segundos?)"
    r"|while|during|when(?:ever)?|as long as|at a time|per second|a second|every second|at (?:its )?peak|on average\s*$"
    rf"|extra|additional|rises?|rose|{DRAW}|power draw|keeps?|continuous\w*|for \d|\d+ seconds?|busy|mientras"
)
FOR_A_TIME: Final = words(
    r"for|over|during|throughout|on average|at (?:its )?peak|of power|continuous\w*|around the clock|capacity|per|each"
    r"|while|when|in total power"
)

HEAD_ENERGY: Final = re.compile(
    r"^(?:(?:total|annual|training|it|facility|mean|gesamt|yearly|inference|measured|gpu|cpu|server|estimated"
    r"|overall)\W+)*(?:energy|energie|énergie|energía|electricity|strom|energieverbrauch|stromverbrauch|consumption"
    r"|verbrauch|consommation|consumo)(?:[\s_](?:use|usage|used|consumed|consumption|total|annual))?\W*(?:[kmgt]? ?w\b"
    r"|in [kmgt]? ?w|mw|gw|kw|tw)?\W*$",
    re.IGNORECASE,
)
