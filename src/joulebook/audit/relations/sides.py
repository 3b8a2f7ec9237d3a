"""Words that say what a figure is of: a peak or the average, a rating or a measurement, a card or a server."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from joulebook.audit.relations.covers import Cover
from joulebook.audit.relations.figures import Figure
from joulebook.audit.relations.labels import Label, by_words
from joulebook.audit.relations.relation import Relation

_CUT: Final = re.compile(
    r"[;:—–]|\.\s|,\s(?:and|but|while|whereas|so|und|aber|während|et|mais|tandis|y|pero|mientras)\b"
)
_COMMA: Final = re.compile(r"[,(]")
_PAUSE: Final = re.compile(r"\b(?:and|but|against|und|aber|et|mais|contre|y|pero)\b")
_CUT_COSTS, _PAUSE_COSTS, _COMMA_COSTS, _BACK_COSTS = 120.0, 60.0, (22.0, 60.0), 10.0
_BESIDE: Final = 12
"""Letters that a cut, a pause, a comma before a figure and behind it, and words behind a figure count as."""
_TIE: Final = 3.0
"""Tie from which a product counts."""
_HOURS: Final = ("time", "count", "number", "device-hours")
_POWER: Final = frozenset({"power", "energy"})
_LOADS: Final = frozenset({"power", "energy", "water", "percent", "mass"})
_ANY: Final = frozenset({"power", "energy", "water", "mass", "percent", "money", "number", "factor"})


_TO_DO: Final = r"(?:training|to train|trains|running|serving)"
_WORK: Final = r"(?:model|network|LLM|system|transformer|chatbot|assistant)"
_ASKED: Final = r"(?:prompt|query|question|request|answer|reply|message|image|training(?: run)?)"


Sides = Mapping[int, Mapping[str, Label]]
"""Of the figures by their order: axis to what is said."""


def _side(axis: str, name: str, kinds: frozenset[str], pattern: str) -> Cover:
    return Cover(axis, name, re.compile(rf"(?<![\w-])(?:{pattern})(?!\w)", re.IGNORECASE), kinds)


SIDES: Final = (
    _side(
        "extent", "a peak", _LOADS,
        r"peak(?:s|ed|ing)?|maxim(?:um|al|a)|at (?:most|worst)|record|hottest|busiest|spikes?|spiked|crest(?:s|ed)"
        r"|topped out"
        r"|\w*spitzen?\w*|höchst\w*|(?:de |en )?pointe|pics?|picos?|máxim\w+|récord",
    ),
    _side(
        "extent", "an extreme case", _ANY,
        r"(?:may|can|could|might) (?:take|use|need|reach|cost|consume|emit|require|run to)|up to|bis zu|jusqu.à"
        r"|hasta|kann"
        r"|peut (?:consommer|atteindre|demander)|(?:largest|biggest|heaviest|greatest|costliest|dearest|thirstiest"
        r"|hungriest|longest|most (?:\w+ing|efficient|frugal|modern"
        r"|demanding"
        r"|expensive|complex))"
        r"|very long|long(?= (?:\w+ )?(?:prompt|quer|answer|task|chat|context|conversation|reasoning))|reasoning"
        r"|deep research"
        r"|complex|heavy|elaborate|such an? \w+|cleanest|dirtiest|greenest|leanest|smallest|best(?!-)|newest|latest"
        r"|lowest|highest|worst|record|flagship|giant"
        r"|extreme|exception\w*|outlier"
        r"|(?:neural )?architecture search"
        r"|größte[nrs]?|beste[nrs]?|neueste[nrs]?|höchste[nrs]?|schlechteste[nrs]?|aufwendigste[nrs]?"
        r"|architektursuche"
        r"|(?:la|le|les) (?:plus|meilleure?s?|pire)(?: \w+)?|meilleure?s?|recherche d.architecture"
        r"|(?:el|la|los|las) (?:más|mayor|mejor|peor|menor)(?: \w+)?|búsqueda de arquitectura",
    ),
    _side(
        "extent", "the average", _ANY,
        r"averag\w+|means?(?= (?:of|is|was|power|draw|value|load|demand|consumption|use|need|intensity|pue|utili))"
        r"|median|typical(?:ly)?|usual(?:ly)?"
        r"|ordinary|normal(?:ly)?|most(?= (?:of|took|take|need|use|are|were|models|sites|trainings|queries"
        r"|prompts))|in general|generally|as a rule|fleet(?:[- ]?wide)?|across (?:all|its|the|our)|overall"
        r"|(?:company|group|firm|fleet|portfolio|network)[- ]wide|portfolio|konzernweit\w*|world-?wide|everywhere"
        r"|as a whole"
        r"|every (?:one|site|model|training|query|prompt|card|hall)|(?:any|each|all) (?:of its )?(?:\w+ )?(?:sites?"
        r"|models?|halls?|trainings?|quer(?:y|ies)|prompts?|campuses|centres?|centers?)"
        r"|(?:im )?(?:durchschnitt\w*|\w*mittel(?!\w)|schnitt(?!\w))|durchschnittlich\w*|mittlere\w*|typisch\w*"
        r"|üblich\w*"
        r"|in der regel|normalerweise|flotte|gewöhnlich\w*|weltweit|überall|partout|dans le monde entier"
        r"|en todo el mundo"
        r"|(?:en )?moyen(?:ne)?s?|médiane?s?|typiques?|en général|habituel\w*|ordinaires?|ensemble du parc|du parc"
        r"|(?:en |de )?promedio|medi[ao]s?(?! hora| de comunicación)|mediana|típic\w+|habitual\w*|en general"
        r"|normalmente",
    ),
    _side(
        "extent", "any case", _ANY,
        rf"{_TO_DO} (?:an?|any|every|one|each) (?:(?:AI|language|large|generative|machine-learning"
        rf"|neural) ){{0,2}}{_WORK}"
        rf"|{_TO_DO} (?:AI|language models|LLMs|models|neural networks)"
        rf"|(?:an?|any|every|each|one) (?:(?:single|AI|ChatGPT|chatbot|text) ){{0,2}}{_ASKED}"
        r"|(?:an?|any|every|each) [\w-]+(?: of [\w ]{3,20})?(?= (?:costs?|takes?|needs?|uses?|requires?|consumes?"
        r"|emits?|burns?"
        r"|eats?|swallows?|causes?|produces?)\b)"
        r"|(?:eine?|jede[rs]?) \w+(?= (?:kostet|braucht|verbraucht|benötigt|verursacht|frisst)\b)"
        r"|(?:une?|chaque) \w+(?= (?:coûte|demande|consomme|exige|émet)\b)|(?:una?|cada) \w+(?= (?:cuesta|consume"
        r"|necesita|emite)\b)"
        r"|the (?:company|group|operator|firm|provider)(?= (?:\w+ ){0,2}(?:runs?|operates?|evaporates?|needs|works"
        r"|gets by|uses)\b)"
        r"|(?:das|ein) training (?:eines|von) (?:\w*modells?|\w*modellen|KI)|eine? (?:einzelne )?(?:anfrage|frage"
        r"|training)"
        r"|(?:l.)?entraînement d.un (?:grand )?modèle|(?:une|chaque) (?:seule )?(?:requête|question)"
        r"|entrenar un modelo|(?:el )?entrenamiento de un modelo|(?:una|cada) (?:sola )?(?:consulta|pregunta)",
    ),
    _side(
        "measure", "the rating", _POWER,
        r"TDP|thermal design power|rated|ratings?|name-?plates?|nominal(?:ly)?|data ?sheets?|spec(?:s|ifie[sd]"
        r"|ifications?)?(?: sheets?)?|on paper|advertised|on (?:the|its|their) (?:label|sticker|box)|vendor|maker"
        r"|manufacturer|fabricant|hersteller|fabricante"
        r"|nenn\w+|typenschild\w*|datenblatt|nominell\w*|puissance nominale|nominale?s?|plaque|fiche technique"
        r"|potencia nominal|nominales|ficha técnica|placa",
    ),
    _side(
        "measure", "a measurement", _POWER,
        r"measur\w+|monitoring|relev\w+|abgelesen|metered|meter(?:s)?|logged|logs?|observed|recorded|actual(?:ly)?"
        r"|in practice|real[- ]world"
        r"|(?:power )?counters?|wattmeter|drew|gemessen\w*|messung\w*|tatsächlich\w*|zähler\w*|messgerät"
        r"|mesuré\w*|mesures?|réel\w*|compteurs?|wattmètre|medid[oa]s?|medición|reales?|realmente|contador(?:es)?"
        r"|vatímetro",
    ),
    _side(
        "time", "a forecast", _ANY | {"count"},
        r"project(?:s|ed|ions?|ing)?(?= )|forecasts?|foresees?|expect(?:s|ed|ing|ations?)|predict\w*|planned|plans"
        r"|scenario|outlook|by (?:20[3-9]\d)|(?:in|for) 20[3-9]\d|could reach|will (?:reach|need|be|rise|grow|use)"
        r"|prognos\w*|erwart\w*|voraus\w+|hochrechnung|(?:im jahr|bis) 20[3-9]\d|geplant\w*"
        r"|prévo\w+|prévi\w+|prévu\w*|d.ici|à l.horizon|(?:en|pour) 20[3-9]\d|prev\w+|proyec\w+|para 20[3-9]\d",
    ),
    _side(
        "time", "today", _ANY | {"count"},
        r"today(?:['’]s)?|now(?:adays)?|currently|current|already|at present|present-day|these days|right now"
        r"|at the moment"
        r"|heute|heutige\w*|derzeit\w*|aktuell\w*|bereits|gegenwärtig\w*|schon|jetzt|momentan"
        r"|aujourd.hui|actuel\w*|déjà|à l.heure actuelle|en ce moment|hoy|actual(?:mente|es)?|de momento|ya(?= )",
    ),
    _side(
        "level", "a card", frozenset({"power", "energy", "mass", "money"}),
        r"(?:per|each|every|a|an|one|single) (?!(?:second|other|new|old)\b)(?:\w+ )?(?:gpu|card|\w*chip|module"
        r"|accelerator|tpu"
        r"|processor)(?![- ](?:server|node|board|box|system|hour))"
        r"|(?:pro|je|jede[rs]?|eine[rn]?) (?:grafik)?(?:karte|gpu|beschleuniger|chip)"
        r"|(?:par|chaque|une?) (?:gpu|carte|puce|accélérateur|processeur)(?: graphique)?"
        r"|(?:por|cada|una?) (?:gpu|tarjeta|chip|acelerador)",
    ),
    _side(
        "level", "a server", frozenset({"power", "energy", "mass", "money"}),
        r"(?:per|each|every|a|an|one|the|single|whole|complete|entire) (?!(?:second|other|new"
        r"|old)\b)(?:[\w-]+ ){0,2}?"
        r"(?:server|node|chassis|box|system|rack|machine|host|tray|blade|sled|pod)"
        r"|(?:pro|je|jede[rs]?|der|ein(?:e[rmn]?)?) (?:\w+)?(?:server|knoten|rechner|rack|gehäuse)"
        r"|(?:par|chaque|une?|le) (?:serveur|nœud|machine|baie)|(?:por|cada|una?|el) (?:servidor|nodo|máquina"
        r"|armario)",
    ),
)  # fmt: skip
"""Where the words of two of one axis overlap the longer ones count."""


def sides(figures: Sequence[Figure], relations: Mapping[int, Sequence[Relation]]) -> Sides:
    """What the words beside each figure say of its side, by axes; energy is of the side of its power."""
    found: dict[int, dict[str, Label]] = {one.order: {} for one in figures}
    for _, some in groupby(figures, key=lambda one: one.sentence):
        by_words(list(some), found, SIDES, _distance)
    for one in figures:
        power = powered(relations[one.order]) if one.kind in ("energy", "power") else None
        for axis, label in found[power.order].items() if power is not None else ():
            found[one.order].setdefault(axis, label)
    return found


def _distance(text: str, one: Figure, begin: int, end: int) -> float:
    """Letters between words and a figure; words tell of what follows rather than of what stands before."""
    is_behind = one.amount.start < begin
    left, right = (one.amount.end, begin) if is_behind else (end, one.amount.start)
    between = text[left:right]
    costs = _CUT_COSTS * len(_CUT.findall(between)) + _PAUSE_COSTS * len(_PAUSE.findall(between))
    costs += _COMMA_COSTS[is_behind] * len(_COMMA.findall(between))
    return max(0, right - left) + costs + _BACK_COSTS * (is_behind and right - left > _BESIDE)


def powered(some: Sequence[Relation]) -> Figure | None:
    """The power whose product with hours, or a number, a figure is."""
    for relation in some:
        if relation.kind == "product" and relation.tie >= _TIE and relation.divisor < 0 and relation.closes():
            powers = [one for one in relation.terms if one.kind == "power"]
            if len(powers) == 1 and all(one.kind in _HOURS for one in relation.terms if one not in powers):
                return powers[0]
    return None
