"""Words by which a text says how its figures hang together, in English, German and French."""

from __future__ import annotations

import re
from typing import Final


def _words(pattern: str, *, before: str = r"\b(?:") -> re.Pattern[str]:
    """Whole words, in small or capital letters; `before` may allow signs among them."""
    return re.compile(rf"{before}{pattern})\b", re.IGNORECASE)


SO: Final = _words(
    r"so|thus|hence|therefore|then|that'?s|(?:that|this|which) (?:is|was|makes|gives|means|comes|works|puts|would|adds)"
    r"|i\.e|makes?|gives?|(?:making|giving)(?=[^,;]{0,40}$)|c[oa]mes? (?:out )?(?:to|at)|work(?:s|ed) out"
    r"|amount(?:s|ed)? to|adds? up"
    r"|equals?|equivalent|total(?:s|led|ling|ing|ed)?|altogether|overall|in all(?! \w+s\b)|results? in|corresponds?"
    r"|translates?|in other words|means|meaning|yields?|together(?! with)|combined|enough|reckon\w*|also"
    r"|worth(?: of)?|(?:is|are|was|were) the same as"
    r"|as (?:much|many) as|multiply"
    r"|(?:das|dies) (?:sind|ergibt|macht|entspricht)|erg[ie]b(?:t|en)|macht|entsprechen|somit|insgesamt|zusammen"
    r"|reich(?:t|en) (?:das|dies)|mithin|folglich|demnach"
    r"|soit|donc|(?:cela|ce qui|ça) (?:fait|donne|représente)|équivaut|au total|autrement dit"
    r"|c['’]est-à-dire|es decir|o sea|equivale|por (?:lo )?tanto|(?:lo )?que (?:equivale|supone|da)",
    before=r"=|≈|→|\b(?:",
)
"""What follows is the consequence of what was said."""
OR: Final = re.compile(
    r"(?:[(,–—-]\s*|\s)(?:or|oder|soit|ou)\s+(?:[a-zà-ÿ~]+\s+){0,3}$|\(\s*(?:[a-z~]+\s+){0,3}$", re.IGNORECASE
)
"""What follows says the same in other words."""
IN_UNITS: Final = _words(r"in (?:the )?(?:units? of|joules|metric|imperial|SI)|in joule|en joules")
"""What follows says the same in other units."""
AT_RATE: Final = re.compile(
    r"\W*(?:at|with|using|assuming|given|taking|applying|by|on|for|bei|mit|au|avec|à|con|a)\s[^.;:,]{0,60}$",
    re.IGNORECASE,
)
"""Before a rate with which a sentence begins."""
FOR: Final = re.compile(r"\s(?:for|on|over|in|per|every|for every|auf|pour|aux|à|por|cada|a los)\s", re.IGNORECASE)
"""Between what something takes and the distance for which it does."""
AT_GATE: Final = _words(
    r"from the grid|at the (?:meter|gate)|am zähler|aus dem netz|au compteur|du réseau"
    r"|(?:the|whole) (?:building|facility|site|hall)"
)
"""Beside what a building takes, with its cooling."""
IS: Final = re.compile(
    r"\s*(?:is|are|was|were|equals?|means?|makes?|and|ist|sind|und|macht|est|sont|fait|=|≈)\s*(?:[a-zà-ÿ~]+\s+){0,2}",
    re.IGNORECASE,
)
THAT_IS: Final = re.compile(
    r",?\s*(?:so|(?:that|which) (?:is|makes|gives|means)|i\.e\.?|equivalent to|also"
    r"|(?:das )?(?:sind|ergibt|macht|entspricht)"
    r"|(?:cela|ce qui) (?:fait|donne)|soit)\s*(?:[a-zà-ÿ~]+\s+){0,2}",
    re.IGNORECASE,
)
ALTERNATIVE: Final = re.compile(r"[\s\w]{0,12}\b(?:or|oder|ou)\b\s*", re.IGNORECASE)
TOTAL: Final = _words(
    r"total(?:s|led|ling|ing|ed|e)?|altogether|together(?! with)|combined|in all(?! \w+s\b)|all told|all in"
    r"|overall|sum(?:s|med)?"
    r"|adds? up|adding up|added up|grand|both|bringing|brings|between them"
    r"|the (?:two|three|four|five) (?:account|make|are|come)|insgesamt|zusammen|summe"
    r"|gesamt\w*"
    r"|ensemble|somme|en tout"
)
TOGETHER: Final = _words(r"together|combined|altogether|zusammen|ensemble")
GIVES: Final = _words(r"gives?|giving|makes?|making|yields?|means?|ergeben|ergibt|machen|macht|donnent?|font|fait")
"""Between factors and their product."""
IN_TOTAL: Final = re.compile(
    r"[^,;.:]{0,25}\b(?:in total|altogether|together|combined|in all|overall|insgesamt|zusammen|au total|en tout)\b",
    re.IGNORECASE,
)
"""Behind a total."""
OF_THE_LAST: Final = re.compile(
    r"^\s*(?:in total|altogether|together|combined|in all|overall|insgesamt|zusammen|au total|en tout)\s*(?=[,;)])",
    re.IGNORECASE,
)
"""Such words where they belong to the figure before."""
COLON: Final = re.compile(r"[^.,;:]{0,40}\s?:\s$|[^.,;:]{0,40}\s?:\s[^.;]{0,25}$")
"""Between a total and the first of its parts."""
LISTED: Final = re.compile(r"\s*(?:,|and|und|et|, and)\s*", re.IGNORECASE)
REST: Final = _words(
    r"remain\w*|rest|other|left|balance|remainder|difference|minus|übrig\w*|rest\w*|verbleib\w*|reste\w*"
    r"|restant\w*|différence"
)
UP: Final = _words(
    r"rose|rise[sn]?|rising|grew|grow\w*|increas\w*|up|more|higher|larger|above|over|gain\w*|jump\w*|climb\w*|surg\w*"
    r"|add\w*|extra|plus|on top|too (?:much|many|high)|gestiegen|steig\w*|anstieg|zunahme|wuchs|mehr|höher"
    r"|augment\w*|hausse|aument\w*|sub(?:e|ió|ida|ido)|crec\w+|más"
)
DOWN: Final = _words(
    r"fell|fall\w*|drop\w*|declin\w*|decreas\w*|reduc\w*|cut\w*|down|lower|less|below|under|sav\w*"
    r"|shr[aiu]nk\w*|smaller"
    r"|fewer|cheaper|better|minus|improv\w*|too (?:little|few|low)|gesunken|senk\w*|sank|rückgang|verringer\w*"
    r"|reduzier\w*|weniger|niedriger|einspar\w*|baiss\w*|diminu\w*|rédu[ic]\w*|moins|économi\w*"
    r"|menos|baj(?:a|ó|ada|ado)|cay(?:ó|endo)|caída|disminu\w*|redujo"
)
CHANGE_OF: Final = re.compile(
    r"\b(?:saving|cut|drop|reduction|fall|decline|decrease|rise|increase|growth|gain|jump|rückgang|anstieg|zuwachs|einsparung"
    r"|senkung|baisse|hausse|réduction|augmentation|reducción|aumento|subida|caída|incremento|ahorro)s?\s+(?:of|by|von|um|del?)\s+(?:[a-zà-ÿ]+\s+){0,2}$",
    re.IGNORECASE,
)
"""Before a percentage that is a change and no part."""
FROM: Final = re.compile(r"\b(?:from|von|de)\s+(?:[a-z]+\s+)?$", re.IGNORECASE)
TO: Final = re.compile(r"\s*(?:to|auf|à|bis)\s+(?:[a-zà-ÿ]+\s+)?", re.IGNORECASE)
"""Between the ends of a change."""
PER_KWH: Final = re.compile(
    r"\b(?:every|each|an?|one|per|the|jede|eine|die|chaque|un|le|cada|el)\s+"
    r"(?:kWh|kilowatt-?\s?hour|kilowattstunde|kilowattheure|kilovatio-?\s?hora)\b[^.;,]{0,30}$",
    re.IGNORECASE,
)
"""Before the price of a kWh."""
INTENSITY: Final = re.compile(
    r"\b(?:(?:emission|carbon|grid|co2)s?[- ](?:factor|intensity)|factor|intensity|mix"
    r"|facteur(?: d.émission)?|intensité(?: carbone)?|(?:emissions)?faktor|strommix)\s(?:of|is|was|at|de|von|mit|zu)\s"
    r"(?:[a-zà-ÿ~]+\s+){0,2}$",
    re.IGNORECASE,
)
"""Before the grams that a kWh emits, where nobody says that they are of one."""
THE: Final = re.compile(
    r"\b(?:the|our|its|their|those|these|that|his|her|my|your|old|new|die|der|den|das|les|le|la|ces)\s(?:[a-zà-ÿ]+\s)?$",
    re.IGNORECASE,
)
"""Before a number that has been named before."""
OF_WHOLE: Final = re.compile(
    r"\b(?:of|von|sur|out of)\s(?:the\s|these\s|its\s|our\s|les\s|den\s)?(?:[a-z]+\s)?$", re.IGNORECASE
)
SUCH: Final = re.compile(r"\s*(?:of (?:those|these|them)|such|solche[rn]?|tel\w*)\b", re.IGNORECASE)
OUT_OF: Final = re.compile(
    r"\s*(?:[a-z]+\s)?(?:out\s)?of\s(?:the\s|its\s|our\s|their\s|all\s)?(?:[a-z]+\s)?", re.IGNORECASE
)
"""Between a part and the number of which it is one."""
BY: Final = re.compile(
    r",?\s*(?:\(|(?:or|that is|i\.e\.|so)?,?\s*(?:(?:up|down|a (?:rise|fall|drop|gain|cut|jump|change)) )?(?:of |by )?)"
    r"(?:(?:about|some|roughly|around|nearly|almost|over|just over|just under|more than) )?",
    re.IGNORECASE,
)
"""Between a change from A to B and its percentage."""
COMMA: Final = re.compile(r"\s*(?:[a-zà-ÿ]+\s){0,3},\s*(?:(?:only|about|some|just|rund|etwa|environ|a mere)\s)?")
"""Between a whole and the number of its units that something took."""
AFTER: Final = re.compile(
    r"\b(?:after|takes?(?: \w+){0,2}|needs?(?: \w+)?|keep at it for|lasts?(?: for)?|nach|reicht|au bout de|il faut)\s"
    r"(?:(?:about|only|just|some|roughly|around|nearly|rund|etwa|environ|à peine)\s)?$",
    re.IGNORECASE,
)
"""Before the time until something is reached."""
THEY: Final = re.compile(
    r"\s(?:of (?:them|these|those|such)|would|will|could|uses?|needs?|takes?|costs?|emits?|makes?|means?|comes?)\b",
    re.IGNORECASE,
)
"""Behind a number of what was counted before."""
SUPPOSED: Final = re.compile(
    r"\b(?:(?:have|has|had|needs?|wants?|enough|able|expected|likely|set|"
    r"promised?|plans?|pledged?|aims?|hopes?|intends?|vow\w*|commit\w+) to|would|could|might|may|if [a-z ]{0,30})\s"
    r"(?:[a-z]+ly\s|more than\s|about\s|roughly\s)?$",
    re.IGNORECASE,
)
"""Before a change that has not happened."""
SUPPOSING: Final = re.compile(
    r"(?:^|[.;:,—]\s)\W*(?:if|should|suppose|imagine|were|had|halve|double|triple|cut|raise|add|wenn|falls|si)\s[^.;]*\b"
    r"(?:will\s|would\s|and\s|then\s|,\s)(?:[\w'’]+\s){0,3}$",
    re.IGNORECASE,
)
"""Before a change that follows from another one that has not happened."""
HEDGE: Final = re.compile(
    r"(?:more|less|fewer|higher|lower) than\W+(?:[a-z]+\W+)?$|(?:over|under|above|below|up to)\W+$", re.IGNORECASE
)
"""Words before a number that bound it and tell of no change."""
ONE: Final = re.compile(
    r"\b(?:an?|each|every|one|single|per|whole|entire|typical|average|median|ordinary|eine?[rs]?|jede[rs]?"
    r"|une?|chaque)\s+"
    r"(?P<thing>[\w-]+(?:\s+[\w-]+){0,3})(?P<rest>[^,;:.()]{0,45})$",
    re.IGNORECASE,
)
"""One thing, of which something is said to be."""
SINGLE: Final = _words(r"(?:a )?single one|one of (?:them|these|those)|ein einzelne[rs]?|une seule?|una? sol[oa]")
EACH: Final = _words(r"each|per|every|apiece|je(?:de[rs]?)?|chaque|chacun\w*")
OF: Final = re.compile(r"\s*(?:of|von|der|des|du|de|d['’])\b", re.IGNORECASE)
OF_IT: Final = re.compile(
    r"\s*(?:of|von|de|des|du|der)\s+(?:it|that|this|them|those|these|what|which|the (?:total|whole|sum)|its|their)\b",
    re.IGNORECASE,
)
TO_THAT: Final = re.compile(
    r"\s*(?:to|onto|on top of) (?:it|that|this|them|the|its|his|her|my|our|their)\b", re.IGNORECASE
)
"""Behind a percentage that something adds."""
OF_THEM: Final = re.compile(r"\s*(?:[x×*·]|times\b|of (?:them|these|those)\b|such\b|davon\b|d['’]entre)", re.IGNORECASE)
THEM: Final = _words(r"them|these|those|all|davon|ihnen|eux|elles")
OF_WHICH: Final = re.compile(r"(?:of which|of this|davon|dont)\b[^,;.]{0,30}$", re.IGNORECASE)
THAN: Final = re.compile(
    r"\s*(?:as (?:much|many|large|high|big)|more|less|larger|higher|bigger|the|that|what|than|mehr|weniger"
    r"|so viel|plus"
    r"|moins)\b[^;.]{0,60}[.!?]?[\"”’)]?\s*$",
    re.IGNORECASE,
)
"""Behind "ten times", before what it is ten times of."""
UNIT_OF: Final = re.compile(
    r"(?:an?|one|1|eine?|jede|une?|chaque|every|each|cada) "
    r"(?:(?:kilo|mega|m[ée]ga)(?:watt-?\s?hour|wattstunde|watt-?heure|vatio-?\s?hora)|[km]wh)",
    re.IGNORECASE,
)
"""One kWh, of which a price is told."""
COMPARED_TO: Final = re.compile(r"\b(?:as|than|als|wie|que|of|the|des?)\s+(?:[a-z]+\s+){0,2}$", re.IGNORECASE)
"""Before what something is a multiple of."""
OF_THAT: Final = re.compile(r"\s*(?:the|that|what|those|its|our|their)\b", re.IGNORECASE)
"""Behind "five times", before what it is five times of."""
FACTOR: Final = re.compile(
    r"(?:factor of|faktor(?: von)?|facteur(?: de)?|multipl\w+[^.;]{0,40}\b(?:by|mit|par))\s+(?:[a-z]+ )?$",
    re.IGNORECASE,
)
AT: Final = re.compile(r"\b(?:at|für|zu[mr]?|bei|à|aux?)\s+(?:[a-zà-ÿ]+\s+){0,3}$", re.IGNORECASE)
BESIDE: Final = re.compile(r"(?!.*\b(?:and|und|et|or|oder|ou)\b)[^,;.()]{0,34}", re.IGNORECASE)
"""Between a number of things and what one of them has."""
ALWAYS: Final = _words(
    r"round the clock|day and night|never [a-z -]{0,20}off|all the time|permanently|continuous(?:ly)?|non-?stop"
    r"|24/7|always on|constantly|without (?:a |any )?(?:pause|break|interruption)|every hour of"
    r"|rund um die uhr|im dauerbetrieb|tag und nacht|en (?:permanence|continu)|jour et nuit|sans interruption"
    r"|día y noche|sin (?:parar|descanso)|las 24 horas"
)
"""Something runs without a pause."""
YEARLY: Final = _words(
    r"(?:a|per|each|every|the|that|this|last|full|whole|entire|one|its) year|year[- ]round|annual\w*|yearly"
    r"|twelve months"
    r"|(?:in|during|for|of|im jahr|en) (?:19|20)\d\d|(?:pro|im|jedes|ein|das"
    r"|übers|ganze) jahr"
    r"|all year|jährlich\w*|ganzjährig"
    r"|(?:par|un|l.) ?an(?:née)?|jour et nuit"
)
"""What a sentence tells is of a year."""
OF_TOTAL: Final = re.compile(r"\bof (?:the|this|that|our|its) (?:total|sum|whole)\W*(?:\w+\s)?$", re.IGNORECASE)
"""Before a part of a total."""
CLAUSE: Final = re.compile(r"[.:;]")
"""Where a clause ends."""
MANY: Final = re.compile(r"million|billion|thousand|trillion|Millionen|Milliarden|milliards?", re.IGNORECASE)
PUE: Final = re.compile(r"\bpue\b|power usage effectiveness|indicateur d.efficacité", re.IGNORECASE)
LOAD: Final = re.compile(
    r"capacity factor|load factor|utili[sz]\w+|busy|loaded|availab\w+|up ?time|of the (?:time|year|hours)"
    r"|auslastung|verfügbar\w*"
    r"|facteur de charge|disponib\w*",
    re.IGNORECASE,
)
FACILITY: Final = re.compile(
    r"facility|building|at the meter|incl\w*\.? (?:pue|cooling|overhead)|with (?:the )?(?:pue|cooling|overhead)"
    r"|rechenzentrum|gebäude|mit pue|bâtiment|avec (?:le )?pue",
    re.IGNORECASE,
)
"""Overhead of the building is within."""
CARBON: Final = re.compile(
    r"co2|co₂|carbon|emi(?:t|ss)|footprint|greenhouse|climate|tonnes?\b|tons?\b|klima|treibhaus|emission"
    r"|fußabdruck|tonnen"
    r"|émet|émission|empreinte|serre",
    re.IGNORECASE,
)
"""A mass is of carbon."""
OTHER_BASIS: Final = _words(
    r"market[- ]based|market|certificates?|offset\w*|renewables?|net|compensat\w*|contract\w*|embodied|manufactur\w*"
    r"|saved?|avoid\w*|marktbasiert\w*|zertifikat\w*|kompens\w*|marché|certificats?|évit\w*"
)
"""An amount of carbon that is no product of energy and the mix of a grid."""
BEFORE_THEM: Final = re.compile(
    r"\b(?:before|without|excluding|ignoring|not counting|vor|ohne|sans|avant)\s(?:[a-zà-ÿ]+\s){0,2}[a-zà-ÿ-]+",
    re.IGNORECASE,
)
"""What has not been counted."""
REBUTTED: Final = _words(
    r"in fact|wrong\w*|mistaken\w*|mistakes?|incorrect\w*|misprint\w*|typo|erroneous\w*|corrected|nonsense|falsch\w*"
    r"|irrtum\w*|irrtümlich\w*|korrigiert|erron\w+|à tort"
)
"""The text itself says that a figure is wrong."""
NO_UNIT: Final = re.compile(
    r"\b(?:PUE|WUE|ERE|ratio|factor|score|accuracy|loss|version|times|scope|page|table|figure|chapter|section|step"
    r"|epochs?|rank|share|index|average of|number|count|usage effectiveness|effectiveness|coefficient|faktor|zahl"
    r"|verhältnis|facteur|rapport|nombre|room|hall|phase|block|unit|building|line|row|grade|class|per)\b",
    re.IGNORECASE,
)
"""Before numbers that have no unit."""
