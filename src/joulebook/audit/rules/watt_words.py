"""Words by which a text says that it tells a power, or that it tells an energy: each list once, for both directions.

English, German, French and Spanish. The rules that ask are `watt_hours` (power in a unit of energy) and `watts` (energy
in a unit of power).
"""

from __future__ import annotations

import re
from typing import Final


def words(pattern: str, *, behind: str = "") -> re.Pattern[str]:
    """Whole words, in small or capital letters, and what has to follow them."""
    return re.compile(rf"(?<![\w-])(?:{pattern})(?!\w){behind}", re.IGNORECASE)


_HEDGE: Final = (
    r"(?:about|around|roughly|some|only|just|nearly|almost|over|under|up to|as much as|close to|well|an estimated|mere"
    r"|rund|etwa|circa|ca\.|nur|fast|knapp|bis zu|environ|près de|seulement|unos|unas|cerca de|casi|alrededor de|hasta)"
)
HEDGES: Final = rf"(?:{_HEDGE}\s)*"
_LEADS: Final = r"(?:[^,;:.()#\d]|,\s(?:then|though|by then)\s?,?){0,45}$"
"""From a name to its amount, over other words of the clause."""
_SAYS: Final = (
    r"(?:\s(?:of|was|is|at|a|the|reached|between|on average|came to|comes to|stood at|amount(?:s|ed) to|totall?(?:s|ed)"
    r"|von|betrug|beträgt|lag bei|liegt bei|bei|de|est de|était de|es de|era de|cap|limit|moyenne|media|annuelle|totale"
    r"|run|training|for|in|model|de[rs] \w+|20\d\d)"
    rf"|\s{_HEDGE}|[:=\s~≈]|,)*$"
)
"""From a name to its amount where only such words stand between."""

# -- what a power is called, and what has one --------------------------------------------------------------------------

_POWERS: Final = (
    r"(?:contract(?:ed|ual)?|maximum|max\.?|peak|guaranteed|reserved|connected|grid|firm|committed|design|nameplate"
    r"|installed|rated|instantaneous|subscribed|electrical|cooling|IT|mean|average|site|standby|backup)"
    r"[\s-](?:demand|capacity|load|power|connection|supply|draw|output|rating)s?"
    r"|(?:total|combined|joint|aggregate) (?:output|capacity|rating)"
    r"|(?:power|electrical) (?:draw|demand|connection|rating|output|limit|cap|budget|envelope)|thermal design power|tdp"
    r"|nameplate"
    r"|(?:requests?|applications?|queue)\s[^.;,#]{0,30}(?:connections?|capacity)"
    r"|\w*anschlussleistung|netzanschluss\w*|\w*nennleistung|spitzenlast|spitzenleistung|leistungsaufnahme"
    r"|(?:eine|die|der|elektrische|mit einer) last von|puissance|raccordement|appel de puissance|potencia"
    r"|carga máxima|conexión a la red"
)
POWER_NAMED: Final = words(
    rf"(?:{_POWERS}"
    r"|(?:cards?|gpus?|servers?|racks?|chips?|nodes?)\s(?:can|may|could)\s(?:draw|pull|take)\s(?:up to|as much as)"
    r"|(?:an?|the|with|whose) (?:output|load|power|rating|connection) (?:of|is|was|reached|averages|rated at|above"
    r"|below|beyond|over|under|exceeding))",
    behind=_LEADS,
)
"""What is a power by its name, and leads to the amount."""
POWER_RIGHT_BEFORE: Final = words(
    rf"(?:{_POWERS}|power of|peak power|rated at|draws?|peak of|peaked at|leistung|peak load|load"
    rf"|carga(?: de)?)",
    behind=_SAYS,
)
SIZE_NAMED: Final = words(
    r"(?:capacity|(?:planned|designed|sized|rated|laid out|dimensioned|approved|permitted|dimensionné\w*) (?:for|at|to"
    r"|pour|à)|(?:ausgelegt|dimensioniert) (?:auf|für))\s(?:(?:of|is|was|at|von|de)\s)?" + HEDGES + "$"
)
CARRIED: Final = words(
    r"(?:substations?|feeders?|transformers?|power lines?|cables?|generators?|turbines?|gensets?)\b[^.;#]{0,40}"
    r"\b(?:carry|deliver|handle|supply|provide|rated (?:for|at)|an? (?:output|rating|power) of)\s(?:[a-z]+\s){0,2}$"
)
_KINDS_OF_CAPACITY: Final = (
    r"(?:grid|connected|contracted|generating|generation|installed|additional|new|computing|compute|IT|electrical|power"
    r"|firm|total|standby|backup|emergency|reserve|peak|spare|cooling|data[- ]cent(?:er|re)|critical|utility)"
)
CAPACITY_BEHIND: Final = re.compile(
    rf"\s+(?:of|an|de)\s(?:{_KINDS_OF_CAPACITY}\s){{0,3}}(?:capacity|connections?|load|connected load|(?:peak|IT"
    rf"|computing|contracted|firm|grid|reserved)"
    r" (?:load|demand|supply|power)|\w*anschlussleistung|puissance|potencia)\b"
    r"|\s+(?:of|an|de)\s(?:(?:backup|diesel|gas|emergency|standby|new)\s){1,3}(?:generators?|turbines?|engines?"
    r"|plants?)\b|[\s-]+(?:(?:grid|power|electrical)\s)?interconnections?\b"
    r"|\s+(?:of\s(?:load|power)\s|(?:in)?to (?:the|its) \w+\s)?at (?:full (?:output|load|power|tilt)|(?:the|its"
    r"|their) peak|peak\b|any (?:one |given |single )?(?:time|moment|instant))"
    r"|\s(?:ausgelegt|dimensioniert)\b"
    r"|\s(?:will|would|are|is|were|was|shall|has|have)\s(?:(?:soon|then|already|now|been|be)\s){0,2}(?:available"
    r"|connected"
    r"|installed|contracted|reserved|energi[sz]ed|online)\b",
    re.IGNORECASE,
)
_SITES: Final = (
    r"data[- ]?cent(?:er|re)|datacent(?:er|re)|campus|facility|site|substation|connection|feeder|power (?:plant"
    r"|station)"
    r"|reactor|turbine|server|rack|cluster|supercomputer|GPU|card|chip|accelerator|rechenzentrum|centre de données"
    r"|centro de datos"
)
SIZED: Final = re.compile(
    rf"[\s-]+(?:(?!of\b|von\b|de\b)[\w-]+\s)?(?:{_SITES})s?\b(?! (?:a|per|each) (?:year|day))"
    r"(?![ -](?:energy|electricity|power|consumption|us(?:e|age)|bills?|totals?|figures?|numbers?|shares?|parts?|runs?"
    r"|budgets?|demand|factor(?:y|ies)|contracts?|deals?|losses|savings?|meter\w*|hours?|time|energie|strom"
    r"|verbrauch)\b)",
    re.IGNORECASE,
)
"""What is sized by its power: a 100 MW campus."""
SIZED_BEFORE: Final = words(
    r"(?:an?|one|the|this|that|new|eine?[nmrs]?|une?)\s(?:[\w-]+\s){0,2}(?:campus(?:es)?|data[- ]?cent(?:er|re)"
    r"|datacent(?:er|re)"
    r"|rechenzentrum|centre de données|centro de datos|substation|umspannwerk|gas plant|power plant|solar farm"
    r"|wind farm)\s(?:of|with|mit|von|de)\s" + HEDGES + "$"
)
ONE_BEFORE: Final = words(r"(?:an?|the|one|this|that|new|eine?n?|une?|el|la)\s(?:new |planned |proposed )?$")

# -- drawing, at a time ------------------------------------------------------------------------------------------------

_MACHINES: Final = (
    r"servers?|nodes?|racks?|cards?|gpus?|chips?|processors?|machines?|devices?|clusters?|accelerators?|karten?"
    r"|gerät\w*|cartes?|serveurs?|servidor(?:es)?|tarjetas?"
)
MACHINE: Final = words(
    rf"{_MACHINES}|cpus?|hardware|phones?|laptops?|idl\w+|computers?|pc|board|rechner|servern?|lamps?|bulbs?|kettles?"
    r"|[AHBVTL]\d+s?"
)
_DRAW: Final = r"(?:(?<!to )dr[ae]ws?|drawing|drawn|pull(?:s|ed|ing)?|zieht|ziehen|zog(?:en)?|tir(?:e|ent|ait|aient))"
YEAR: Final = words(
    r"years?|jahre?s?|jährlich|ann?(?:ée|ées|s)?|años?|months?|weeks?|days?|daily|monatlich|täglich"
    r"|(?:tag|monat|woche)(?:en?|s)?|jours?|semaines?|mois|días?|diari\w+|semanas?|mes(?:es)?"
)
_USE: Final = (
    r"(?:(?:gets?|got|goes|went) through|devour(?:s|ed)?|gobbl(?:e|es|ed)|use[sd]?|using|consum(?:e|es|ed|ing|ption)"
    r"|swallow(?:s|ed)?|burn(?:s|ed|t)?|verbrauch(?:t|te|en|ten)?"
    r"|consomm(?:e|ent|é|ait|ation)|consum(?:e|en|ió|ieron|o)|gast(?:a|an|ó))"
)
DRAWN: Final = words(
    rf"(?:{_MACHINES}|hall|beschleuniger|knoten|schrank|accélérateurs?|h100s?|a100s?|h200s?)"
    rf"(?:\W+(?:[\w-]+\s){{0,3}}?|[^.;#]{{0,70}}\b(?:them|one|each)\s){_DRAW}\s(?:now\s|today\s|already\s"
    rf"|inzwischen\s|heute\s"
    rf"|mittlerweile\s|désormais\s|en moyenne\s|im schnitt\s|im mittel\s|on average\s|de media\s|{_HEDGE}\s)*$"
)
AVERAGE: Final = r"on average|average\b|im (?:mittel|schnitt|durchschnitt)|en moyenne|de media|en promedio"
PEAK: Final = (
    r"at (?:its |the |their )?(?:peak|most|full|maximum|idle|night|rest|the wall|the plug)|at any (?:time|moment)"
    r"|under (?:full )?load|when (?:idle|busy|idling|training)|im leerlauf|unter (?:voll)?last|in der spitze|en pointe"
    r"|au repos|en reposo|a plena carga"
)
STEADY: Final = (
    r"around the clock|round the clock|day and night|continuous(?:ly)?|constant(?:ly)?|steady|steadily"
    r"|at any (?:time|moment)|rund um die uhr|jour et nuit|día y noche"
)
USED_BY_ONE: Final = words(
    rf"(?:{_MACHINES}|h100s?|a100s?|h200s?)\W+(?:[\w-]+\s){{0,3}}?(?:{_USE}|braucht|needs)\s(?:{AVERAGE})?\s?{HEDGES}$"
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
NEEDED: Final = words(rf"(?:needs?|takes?|took|requires?|absorbs?|braucht|brauchen|{_DRAW})\s(?:[a-z]+\s){{0,2}}$")
HOVERING: Final = words(
    r"(?:hover(?:s|ed|ing)?|fluctuat(?:es?|ed|ing)|oscillat(?:es?|ed|ing)|flicker(?:s|ed)?|settle[sd]?|idle[sd]?"
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

# -- using, over a time ------------------------------------------------------------------------------------------------

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
    rf"\b{_DRAW}\s{HEDGES}$"
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
    rf"(?:{_USE}|(?:electricity|yearly|annual|energy) (?:use|usage|consumption))\s(?:[\w'’]+\s){{0,3}}$"
    r"|verbrauch(?:te|ten|t|en)\s(?:[\w'’]+\s){0,7}$"
)
USED_BEFORE: Final = words(rf"(?:{_USE}|needed|needs|takes|took)\b[^.;]{{0,40}}$")
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
    behind=_SAYS,
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
    r"(?:(?:pre-?)?train\w*|entraîn\w*|entren\w*|fine-?tun\w*|(?:the|this|each) (?:run|job|campaign|experiment))\b"
    r"[^.;,#]{0,60}\b(?:took|takes|used|uses|needed|needs|required|requires|cost|consum\w+|verbrauch\w*|brauchte"
    r"|benötigt\w*|consomm\w+)\s" + HEDGES + "$"
)
TAKES: Final = words(
    r"(?:needs?|needed|takes?|took|requir\w+|costs?|eats?|demande\w*|kostet|nécessit\w+|coûte|(?:ver)?braucht\w*"
    rf"|benötigt\w*|cuesta|necesita|{_USE})\s(?:[\w'’]+\s){{0,3}}$"
)
CAPACITY: Final = words(
    r"add\w*|install\w*|capacity|build\w*|built|construct\w*|grow\w*|grew|pipeline|order\w*|contract\w*|ppas?|peak\w*"
    rf"|load|average\w*|mean|demand|leistung|shipped|planned|capacité|deploy\w*|connect\w*|{STEADY}|{_DRAW}|capacidad"
)
"""Words of a power: built, ordered, drawn."""
DRAWN_AT_A_TIME: Final = words(
    rf"{AVERAGE}|{STEADY}|average\w*|mean|durchschnitt\w*|peak\w*|at (?:full|any|most|night|its|the)|capacity|full load"
    rf"|load|new|added?|adds|built?|build|install\w*|contract\w*|power consumption|{_DRAW}"
    r"|for (?:\w+ )?(?:hours|days|weeks|months)|cluster|supercomputer|campus of"
)
WHILE: Final = words(
    r"(?:for|während|pendant|lang|over|in|durant|durante)\s(?:\w+\s){0,3}?(?:seconds?|minutes?|milliseconds?|moment"
    r"|time|sekunden?|secondes?|segundos?)"
    r"|while|during|when(?:ever)?|as long as|at a time|per second|a second|every second|at (?:its )?peak|on average\s*$"
    rf"|extra|additional|rises?|rose|{_DRAW}|power draw|keeps?|continuous\w*|for \d|\d+ seconds?|busy|mientras"
)
FOR_A_TIME: Final = words(
    r"for|over|during|throughout|on average|at (?:its )?peak|of power|continuous\w*|around the clock|capacity|per|each"
    r"|while|when|in total power"
)

# -- names of columns and keys -----------------------------------------------------------------------------------------

HEAD_ENERGY: Final = re.compile(
    r"^(?:(?:total|annual|training|it|facility|mean|gesamt|yearly|inference|measured|gpu|cpu|server|estimated"
    r"|overall)\W+)*(?:energy|energie|énergie|energía|electricity|strom|energieverbrauch|stromverbrauch|consumption"
    r"|verbrauch|consommation|consumo)(?:[\s_](?:use|usage|used|consumed|consumption|total|annual))?\W*(?:[kmgt]? ?w\b"
    r"|in [kmgt]? ?w|mw|gw|kw|tw)?\W*$",
    re.IGNORECASE,
)
HEAD_POWER: Final = words(r"power|leistung|puissance|potencia|tdp|draw")
HEAD_NO_POWER: Final = re.compile(
    r"powered|power consumption|purchase|hydro|solar|wind|energy|usage effectiveness|\bpue\b|cost|price|bill"
    r"|total power use|used",
    re.IGNORECASE,
)
