"""Words that say what a figure covers, in three languages: cards or building, use or life cycle, site or plants."""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Cover(NamedTuple):
    """What a figure may cover, the words that say so, and the kinds of figures of which they say it."""

    axis: str
    name: str
    words: re.Pattern[str]
    kinds: frozenset[str]


_ENERGY: Final = frozenset({"energy", "power"})
_MASS: Final = frozenset({"mass"})
_WATER: Final = frozenset({"water"})
_CARDS: Final = (
    r"(?:gpus?|(?:accelerator |graphics )?cards?|chips?|accelerators?|grafikkarten?|karten?|beschleuniger\w*"
    r"|processors?"
    r"|tpus?)"
)
_CARTES: Final = r"(?:gpu|cartes?(?: graphiques?)?|puces?|accélérateurs?|processeurs?)"
_SERVERS: Final = r"(?:servers?|nodes?|racks?|computers?|machines|it equipment|boxes)"
_USED: Final = (
    r"(?:used|use|consumed|consume|took|take|drew|draw|needed|need|burned|burnt|ate|swallowed|got through"
    r"|accounted for)"
)
_WITH: Final = (
    r"(?:with|includ\w+|counting|counts?|plus|once|after|adding|t(?:ook|akes?|aking) in(?:to account)?|cover(?:s|ed"
    r"|ing)?"
    r"|compris\w+|contain\w*|encompass\w*|spann?(?:s|ed|ing)?|factor\w* in|together with|along with|as well as"
    r"|mit|samt|inklusive|einschlie\w+|umfass\w+|enthält|eingerechnet|avec|y compris|incluant|compren\w+|inclu\w+)"
)
_NOT: Final = (
    r"(?:without|excluding|exclusive of|before|leaving out|not counting|not including|minus|ohne|vor|sans|hors)"
)
_OVERHEAD: Final = (
    r"(?:cooling|overheads?|pue|chillers?|pumps?|ventilation|lighting|(?:conversion )?losses|air[- ]conditioning"
    r"|kühlung|klimaanlage|pumpen|gemeinkosten|klimatisierung|refroidissement|climatisation|pompes)"
)
_THING: Final = r"(?:server|machine|device|chip|card|node|model|system|cluster)"
_SITE: Final = (
    r"(?:facility|site|building|campus|hall|(?:data|computing|computer)[- ]?cent(?:er|re)|utility|grid|gate|supply"
    r"|substation"
    r"|transformer)"
)
_MAKING: Final = (
    r"(?:embodied|manufactur\w*|hardware|making|production|factory|herstellung\w*|graue\w*|produktion|fabrication"
    r"|fabricación)"
)


_IN_USE: Final = r"(?:inference|answering|serving|service|use|usage|operation|deployment|queries)\b"
_MADE: Final = rf"(?:{_MAKING} )?{_MAKING}"
_PLANTS: Final = (
    r"(?:power (?:plants?|stations?|generation)|off[- ]site|coal plants?|dams?|reservoirs?|kraftwerken?"
    r"|centrales?(?: électriques?)?)"
)
_AMOUNTS: Final = _ENERGY | _MASS | _WATER | {"money"}


def _cover(axis: str, name: str, kinds: frozenset[str], pattern: str) -> Cover:
    return Cover(axis, name, re.compile(rf"\b(?:{pattern})", re.IGNORECASE), kinds)


COVERS: Final = (
    _cover(
        "energy", "", _ENERGY,
        rf"(?:in|inside|within|into) (?:the|a|an|our|its|their|this|that"
        rf"|one) (?:\w+ )?{_SITE}\b(?!['’]s)(?! (?:\w+ )?(?:level|meter))",
    ),
    _cover(
        "energy", "the cards alone", _ENERGY,
        rf"{_CARDS}(?:['’]s?)?[ -](?:alone|only|themselves|own|energy|side|level|counters?|zähler\w*|allein|selbst)\b"
        rf"|only (?:the |our |its )?{_CARDS}\b|{_CARDS} {_USED}\b|(?:nothing but|just) the {_CARDS}\b"
        rf"|(?:at|on|of|off|from|by|for) (?:the |our |its |their )?{_CARDS}(?:['’])?(?: alone| only"
        rf"| themselves)?(?=[\s,.;)”\"])"
        rf"|(?:counters?|sensors?|telemetry|readings?|logs?|zählern?) (?:on|in|of|at|from|auf) (?:all |the |their "
        rf"|its |den |der |[\d.,]+ )*(?:boards"
        rf"|{_CARDS})\b"
        rf"|nvidia-smi|nvml|(?:nur|allein|lediglich) (?:die |der |den )?{_CARDS}\b|an den {_CARDS}\b"
        rf"|{_CARTES} (?:seule?s?|uniquement)\b|seule?s? (?:les |des )?{_CARTES}\b|(?:aux bornes|au niveau"
        rf"|sur) (?:des|les) {_CARTES}\b",
    ),
    _cover(
        "energy", "IT", _ENERGY,
        rf"IT[- ](?:energy|load|equipment|power|electricity|side|energie|strom|last|verbrauch)\b"
        rf"|{_SERVERS} (?:themselves )?{_USED}\b|at the (?:plug|wall|socket|outlet)s?\b(?! of the (?:building|hall"
        rf"|site|facility))|power suppl(?:y|ies)\b|(?:sockets?|plugs?|outlets?"
        rf"|PSUs?) (?:of|on) the {_SERVERS}\b"
        rf"|{_SERVERS}(?:['’]s?)? (?:own |themselves|alone|only)|(?:complete|whole|entire) {_SERVERS}\b"
        rf"|(?:at|in|by|into|reach\w*|for) (?:the |our |its )?{_SERVERS}\b|plug of the {_SERVERS}"
        rf"|{_NOT}\W+(?:\w+\W+){{0,2}}?{_OVERHEAD}\b"
        r"|(?:énergie|équipements|charge) informatiques?|(?:die|der|den) servern?\b|(?:les|des|aux) serveurs\b",
    ),
    _cover(
        "energy", "the whole facility", _ENERGY,
        r"facility\b|(?:facility|site|building)[- ](?:wide|level)"
        rf"|(?:whole|entire|complete|total) (?:of the )?{_SITE}\b|(?:main|{_SITE})(?:['’]s)?(?: \w+)? meters?\b"
        rf"|at the (?:\w+ )?meter\b"
        rf"|meters? (?:\w+ )?(?:at|on|of|in|for) the (?:\w+ )?{_SITE}\b|(?:main )?switchboard|meter outside"
        rf"|meter at the gate|the meter (?:recorded"
        rf"|showed|read)\b"
        rf"|{_WITH}\W+(?:[\w-]+\W+){{0,4}}?{_OVERHEAD}\b"
        rf"|{_OVERHEAD}(?: (?:of|at|in) the [\w -]{{3,20}}?)?(?: and [\w ]{{3,20}})? (?:(?!not|nicht"
        rf"|non)\w+ )?(?:included|inclusive|within|eingerechnet"
        r"|inbegriffen|inklusive|compris(?:es?)?|inclus(?:es?)?)\b"
        r"|billed\b|(?:drawn|bought|taken|comes?|came|needed) from the grid|from the (?:substation|grid)\b"
        r"|all[- ]in\b"
        rf"|the {_SITE}['’]s(?= [\d,.]+ ?(?:[kmgt]wh?|(?:kilo|mega|giga|tera)watt))"
        rf"|{_SITE} (?:load|consumption|energy|electricity|demand|usage)\b|through the (?:transformer|meter)\b"
        r"|(?:transformers?|substations?|feeders?|grid connections?|meter) (?:deliver|supplie|fed|show|record)\w*"
        r"|(?:at|from|off|by) the (?:main |utility |site['’]s |building['’]s )?(?:substation|transformer"
        r"|switchboard|point of delivery)"
        r"|(?:everything|all of it|all) included|(?:electricity|power|utility|energy) (?:bills?|invoices?)|invoiced"
        r"|(?:an?|the|its|their) invoice\b"
        r"|from the (?:\w+[- ])?(?:line|mains)\b"
        r"|stromrechnung|alles inbegriffen|factur\w+|tout compris"
        r"|data[- ]cent(?:er|re)s? (?:as a whole|drew|used|consumed)"
        r"|(?:am|laut) (?:\w+)?zähler|hauptzähler|(?:gesamtes?|ganze[sn]?) (?:rechenzentrum|gebäude|standort)"
        r"|netzbezug|aus dem netz"
        r"|(?:au|du) compteur|compteur général|soutiré\w*|(?:bâtiment|centre de données) (?:entier|complet"
        r"|tout entier)|site entier",
    ),
    _cover(
        "carbon", "electricity alone", _MASS,
        r"(?:electricity|power|energy) (?:alone|only|itself|use)\b|(?:only|just|nothing but) (?:the |its "
        r"|their )?electricity"
        r"|(?:for|from|of|by) (?:the |its |their |all (?:the )?)?(?:electricity|power)\b(?! (?:and|plus|as well"
        r"|plants?|stations?|mix"
        r"|grid|generation|sector|bill|[^.,;]{0,30}manufactur))|(?:für|von) (?:den |dem )?strom\b|(?:pour"
        r"|de) l.électricité\b"
        r"|(?:por|de) la electricidad\b|(?:operations?|electricity|use) (?:only|alone)\b"
        r"|training electricity|[\w-]+['’]s electricity\b|electricity (?:for|of) (?:the |its )?(?:training|run"
        r"|servers?)"
        r"|operations? (?:only|alone)|operational\b|use[- ]phase|direct emissions|dynamic (?:power|consumption"
        r"|energy)"
        rf"|{_NOT}\W+(?:\w+\W+){{0,2}}?{_MAKING}\b|(?:nur|allein|lediglich) (?:den |der |die )?strom|betriebs\w+"
        rf"|im betrieb"
        r"|électricité seule|seule électricité|uniquement l.électricité|opérationnel\w*|en fonctionnement|à l.usage",
    ),
    _cover(
        "carbon", "the life cycle", _MASS,
        rf"life[- ]?cycle|cradle[- ]to[- ]grave|{_WITH}\W+(?:[\w-]+\W+){{0,4}}?{_MAKING}\b"
        rf"|{_MADE}(?: (?:of|and|for|des?|du|del?|der) [^.,;\d]{{3,40}}?)? (?:included|added|inclusive"
        r"|eingerechnet|inbegriffen|comprise|incluse)\b"
        rf"|(?:add(?:ed|ing|s)?|count(?:ed|ing|s)?|includ\w+)\b[^\d.;:]{{3,60}}?\b{_MAKING}\b"
        r"|lifetime total|(?:entire|whole|full|complete) (?:life|value chain)|idling and (?:the )?manufactur\w+"
        r"|from (?:the )?(?:ore|mine|cradle|cradles) to|to (?:the )?(?:landfill|scrap\w*|grave|recycling)\b"
        r"|raw materials?\b|environmental product declaration|\bEPD\b"
        r"|fabricación [^.,;\d]{0,40}?incluida|ciclo de vida|lebenszyklus|gesamte\w* wertschöpfungskette"
        r"|cycle de vie|toute (?:la|sa) chaîne de valeur",
    ),
    _cover(
        "carbon", "Scopes 1 and 2", _MASS,
        r"(?:stops? at|up to|ends? (?:at|with)|down to|as far as) scope (?:2|two)\b|(?:without|excluding"
        r"|leav\w+ out) scope (?:3|three)\b"
        r"|scopes? (?:1|one) ?(?:and|und|et|\+|&|to|-|–) ?(?:scope )?(?:2|two)\b(?!\W{0,2}(?:and|to|,|und"
        r"|et)?\s*(?:3|three))",
    ),
    _cover(
        "carbon", "the life cycle", _MASS,
        r"scopes? (?:1|one)\D{1,9}(?:3|three)\b|scopes? 1,? ?2,? (?:and|und|et|&) 3\b|(?:all|the) three scopes"
        r"|(?:with|includ\w+|through|up to"
        r"|plus) scope (?:3|three)\b",
    ),
    _cover("carbon", "manufacture alone", _MASS,
        rf"{_MAKING}\b|to (?:make|build|manufacture|produce)\b|hergestellt|fabriquer"),
    _cover(
        "span", "a lifetime", frozenset({"mass", "energy", "water", "money"}),
        r"(?:over|during|for|across) (?:its|their|the|a|an) (?:[\w-]+ ){0,2}?(?:life|lives|lifetimes?"
        r"|service life)\b|lifetime total"
        rf"|{_THING}['’]s (?:whole |entire |full )?(?:life|lifetime)\b|over (?:the )?(?:\w+ )?(?:three"
        rf"|four|five|six|seven|eight|ten|\d+) years"
        r"|über (?:die|ihre|seine) (?:\w+ )?(?:lebensdauer|nutzungsdauer)|über (?:\w+ )?(?:drei|vier|fünf|sechs|acht"
        r"|zehn) jahre"
        r"|sur (?:toute )?(?:sa|leur) (?:durée de )?vie|sur (?:trois|quatre|cinq|six|huit|dix) ans",
    ),
    _cover("span", "one year", frozenset({"mass", "energy", "water", "money"}),
        r"(?:a|per|each|every|the|one)(?: single)? year['’]?s?\b|annual\w*|yearly|pro jahr|jährlich\w*|(?:par"
        r"|un) an\b"),
    _cover(
        "basis", "location-based", _MASS,
        r"location[- ]?based|location (?:basis|method)|by (?:the )?location\b|on (?:a |the )?location"
        r"|grid(?:['’]s)? (?:factor|average"
        r"|mix)|average (?:mix|grid)"
        r"|(?:local|national) (?:grids?|mix)"
        r"|standortbasiert\w*|ortsbasiert\w*|strommix|localisation|(?:en|de) (?:la )?ubicación"
        r"|basad[oa]s? en la ubicación|réseaux? (?:locaux|local|national)|mix (?:moyen"
        r"|national)",
    ),
    _cover(
        "basis", "market-based", _MASS,
        r"market[- ]?based|market (?:basis|method)|by (?:the )?market\b|on (?:a |the )?market|(?:after|once|with"
        r"|net of|counting|minus|less|deducting) (?:\w+ ){0,4}(?:certificates|contracts|guarantees|offsets|tariffs?"
        r"|PPAs?"
        r"|credits)\b"
        r"|marktbasiert\w*|nach zertifikaten|(?:en|de) (?:el )?mercado|basad[oa]s? en el mercado|(?:fondée?"
        r"|basée?) sur le marché|marché\b|garanties d.origine",
    ),
    _cover("phase", "training", _AMOUNTS,
        r"(?:for|in|during|the) (?:the |its )?training(?: run| phase)?(?=[,.;:)]|$| too| as well| alone| only)"
        r"|zum training\b"
        r"|pour l.entraînement(?=[,.;:)])|para (?:el )?entrenamiento(?=[,.;:)])",
    ),
    _cover("phase", "training and use", _AMOUNTS,
        rf"training (?:and|plus|as well as|together with|with) (?:[\w-]+ ){{0,5}}?{_IN_USE}"
        rf"|(?:training (?:und|samt) (?:\w+ ){{0,3}}?(?:betrieb|nutzung|inferenz)"
        rf"|entraînement et (?:\w+ ){{0,3}}?(?:inférence|usage"
        r"|utilisation))\b",
    ),
    _cover("part", "that alone", _AMOUNTS,
        r"(?:alone|by itself|by themselves|exclusively|solely|allein|ausschließlich|seule?s?|uniquement|exclusivement"
        r"|únicamente|exclusivamente)\b"
        r"|only(?=[,.;)])|nothing (?:else|more)|(?:only|just|merely|nur|lediglich|seulement|sólo|solo"
        r"|solamente) (?:the|its|their|for"
        r"|what|die|der|den|das"
        r"|le|la|les|el|los|las)\b"
        r"|(?:counts?|covers?|includes?|refers? to|stands? for|(?:is|are) for|concerns?) (?:only|just|nothing but"
        r"|no more"
        r" than)\b"
        rf"|{_NOT}\b(?! (?:a|any|doubt|question|counting itself)\b)|(?:omit\w*|leaves? out|leaving aside|ignor\w+)\b"
        r"|final (?:training )?run\b|the (?:run|training|one) that (?:worked|succeeded|counts?)\b|(?:the|a|its|one"
        r"|single) (?:\w+ )?(?:final|successful|main|last|single|one"
        r"|clean) (?:training "
        r"|clean )?(?:run|training|pass"
        r"|attempt)\b"
        r"|sol[oa]s?(?=[ ,.;])|sin (?:contar|incluir)\b|excluyendo\b",
    ),
    _cover("part", "that and more", _AMOUNTS,
        r"(?:includ(?:ing|es|ed)|inclusive|as well as|along with|together with|takes? in|taking in|compris(?:es|ing)"
        r"|counts? in|counting|plus(?= (?:an?|the|its|their|all|some|one|every|any|what)\b)|covers? (?:everything"
        r"|all|both))\b(?! (?:only|just|nothing)\b)"
        r"|counts (?:(?!alone|only|its|own)[\w'’-]+ ){1,6}(?:as well|too)\b|also counts?\b"
        r"|zählt (?:[\w-]+ ){1,5}mit\b|mitzähl\w+"
        r"|and all\b"
        r"|ablations|crashes|failures|failed (?:runs?|attempts?)|restarts|hyper-?parameter\w*|trial runs"
        r"|(?:all|every|each) (?:of )?(?:the |its )?(?:\w+ )?(?:trials?|experiments?|failures?|attempts?|failed"
        r"|restarts?)\b"
        r"|(?:y compris|compris\w*|inclus\w*|einschließlich|inklusive|mitsamt|samt|eingerechnet|mitgerechnet"
        r"|einbezogen|incluid\w+|incluy\w+|incluso)\b",
    ),
    _cover(
        "water", "the site alone", _WATER,
        r"on[- ]site\b(?! and)|own cooling|(?:at|on) (?:the|its|their|our) (?:own )?site\b|at the site"
        r"|(?:in (?:its|the) (?:cooling )?towers|what (?:the|its) (?:cooling )?towers (?:lose|evaporate))"
        r"|cooling (?:towers?|system"
        r"|circuit)|evaporat\w+ (?:in|at|from) the"
        r"|on (?:its|their|our) own (?:grounds?|premises|land|campus)|(?:for|in|on) (?:its |the |their "
        r"|own )*cooling\b(?! (?:and|plus|including))|evaporates?\b"
        r"|(?:for|by) the (?:halls?|sites?) (?:itself|themselves|alone)"
        r"|vor ort|am standort|(?:zur|für die) (?:eigene )?kühlung|sur (?:le )?site|sur place"
        r"|pour (?:son|leur|le) (?:propre )?refroidissement|(?:en el|del) (?:propio )?(?:sitio|emplazamiento)|in situ"
        r"|para (?:su |la )?refrigeración",
    ),
    _cover(
        "water", "site and power plants", _WATER,
        rf"{_WITH}\W+(?:[\w-]+\W+){{0,4}}?(?:power (?:plants?|stations?|generation)|electricity generation"
        rf"|off[- ]site|kraftwerk\w*|centrales?)\b"
        rf"|{_PLANTS}(?: [\w'’-]+){{0,4}}? (?:included|counted|added|too|eingerechnet|mitgerechnet|inbegriffen"
        r"|einbezogen|comprises?|incluses?|incluidas?)\b"
        r"|on[- ](?:site)? ?and off[- ]site|total water",
    ),
)  # fmt: skip
"""Where the words of two of one axis overlap the longer ones count; a cover without a name tells nothing."""
