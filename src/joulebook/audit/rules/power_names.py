"""What a power is called in English, German, French and Spanish: a demand, a load, the size of a site."""

from __future__ import annotations

import re
from typing import Final


def words(pattern: str, *, behind: str = "") -> re.Pattern[str]:
    """Whole words, in small or capital letters, and what has to follow them."""
    return re.compile(rf"(?<![\w-])(?:{pattern})(?!\w){behind}", re.IGNORECASE)


HEDGE: Final = (
    r"(?:about|around|roughly|some|only|just|nearly|almost|over|under|up to|as much as|close to|well|an estimated|mere"
    r"|rund|etwa|circa|ca\.|nur|fast|knapp|bis zu|environ|près de|seulement|unos|unas|cerca de|casi|alrededor de|hasta)"
)
HEDGES: Final = rf"(?:{HEDGE}\s)*"
_LEADS: Final = r"(?:[^,;:.()#\d]|,\s(?:then|though|by then)\s?,?){0,45}$"
"""From a name to its amount, over other words of the clause."""
SAYS: Final = (
    r"(?:\s(?:of|was|is|at|a|the|reached|between|on average|came to|comes to|stood at|amount(?:s|ed) to|totall?(?:s|ed)"
    r"|von|betrug|beträgt|lag bei|liegt bei|bei|de|est de|était de|es de|era de|cap|limit|moyenne|media|annuelle|totale"
    r"|run|training|for|in|model|de[rs] \w+|20\d\d)"
    rf"|\s{HEDGE}|[:=\s~≈]|,)*$"
)
"""From a name to its amount where only such words stand between."""

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
    behind=SAYS,
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
    r"|\s(?:ausgelegt|dimensioniert|anschlussleistung|elektrische leistung)\b"
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

HEAD_POWER: Final = words(r"power|leistung|puissance|potencia|tdp|draw")
HEAD_NO_POWER: Final = re.compile(
    r"powered|power consumption|purchase|hydro|solar|wind|energy|usage effectiveness|\bpue\b|cost|price|bill"
    r"|total power use|used",
    re.IGNORECASE,
)
