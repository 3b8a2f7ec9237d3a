"""Famous figures of one extreme case that are quoted as if any model cost as much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Sentence


class Extreme(NamedTuple):
    """A published extreme: its amounts, the words that name the case, and what it is in truth."""

    kind: str
    values: tuple[float, ...]
    """In the base unit of the kind."""
    named: re.Pattern[str]
    """Words that say whose figure it is."""
    of_any: bool
    """Whether any sentence about training a model without these words is one about all models."""
    what: str
    source: str


_SEARCH: Final = re.compile(
    r"architecture[- ]search|\bnas\b|neural architecture|evolved transformer|\bsearch\b|architektursuche"
    r"|recherche d.architecture"
    r"|\b88\b|over-?estimat\w*|correct\w*|revis\w*|extreme|unusual|worst|outlier|myth|misquot\w*|misread\w*",
    re.IGNORECASE,
)
_ITS_NAME: Final = re.compile(
    r"architecture[- ]search|\bNAS\b|search (?:for|over)\b[^.;]{0,40}(?:architecture|network|design)"
    r"|architektursuche|recherche d.architecture",
    re.IGNORECASE,
)
_STRUBELL: Final = "Strubell, Ganesh, McCallum 2019, table 3; corrected to 3.2 t by Patterson et al. 2021, section 4"
_PATTERSON: Final = "Patterson et al. 2021, table 4"
_ONE_SEARCH: Final = (
    "the estimate for one neural architecture search, not for a training; on the hardware that was used it was "
)
_GPT_3: Final = re.compile(
    r"GPT[- ]?3|gopher|\bopt\b|175 ?(?:B\b|billion|Milliarden|milliards)|largest|biggest|giant", re.IGNORECASE
)
_OF_GPT_3: Final = "what GPT-3 took, one of the largest trainings of its time"
EXTREMES: Final = (
    Extreme("mass", (284_019.0, 283_949.0, 300_000.0), _SEARCH, True, f"{_ONE_SEARCH}3.2 t", _STRUBELL),
    Extreme("energy", (656_347.0,), _SEARCH, True, f"{_ONE_SEARCH}7.5 MWh", _STRUBELL),
    Extreme("mass", (552_000.0, 502_000.0, 550_000.0), _GPT_3, False, _OF_GPT_3, _PATTERSON),
    Extreme("energy", (1_287_000.0, 1_300_000.0), _GPT_3, False, _OF_GPT_3, _PATTERSON),
)
_ROUND: Final = (300_000.0, 550_000.0, 1_300_000.0)
"""Values that are told of much else: they count only where they are hedged."""
_TYPICAL: Final = re.compile(
    r"\b(?:train\w*|model\w*|network\w*|transformer\w*|AI|KI|entraîn\w*|modèle\w*|deep learning|off-the-shelf)\b",
    re.IGNORECASE,
)
_ALL_MODELS: Final = re.compile(
    r"\b(?:typical|average|ordinary|normal|standard|common|usual|any|every|each|all|most|a single|one|an?"
    r"|durchschnittliche\w*|typische\w*|jede\w*"
    r"|eine?[ns]?|normale\w*|un|chaque|tout|typique)\s+(?:(?!GPT)[^\W\d][\w-]*\s+){0,3}?(?:model\w*|network\w*|AI"
    r"|LLMs?|training\w*|KI|modèles?|entraînements?)\b"
    r"|\b(?:training|to train) (?:AI|LLMs?|(?:language |AI )?models)\b|\btypically\b|\bon average\b|\busually\b",
    re.IGNORECASE,
)
_MAY: Final = re.compile(
    r"\b(?:can|could|may|might|up to|as much as \d|bis zu|kann|können|peut|pouvait|jusqu'à)\b", re.IGNORECASE
)
_CARS: Final = re.compile(
    r"\b(?:five|5)\s+(?:[\w-]+\s){0,3}(?:cars?|vehicles|automobiles)\b|\bfünf\s+(?:\w+\s){0,2}autos\b"
    r"|\bcinq\s+(?:\w+\s)?voitures\b",
    re.IGNORECASE,
)
_LIFETIME: Final = re.compile(r"life ?times?|\blives\b|entire life|leben\w*|\bvies?\b", re.IGNORECASE)
_ONE_LARGE: Final = re.compile(r"\bone (?:very )?(?:large|big|huge|giant|famous)\b|\bvintage\b", re.IGNORECASE)
"""One case, which is said to be a large one."""
_OWN_CASE: Final = re.compile(
    r"\b(?:our|we|unser\w*|wir|notre|nos|nous|this (?:year|report)|company|datacent\w+|data cent\w+|fleet|scope)\b",
    re.IGNORECASE,
)


def extremes(document: Document) -> Iterator[Finding]:
    """Known extremes in a sentence that does not name the case."""
    names_search = _ITS_NAME.search(document.text) is not None
    for paragraph in document.paragraphs:
        text = " ".join(sentence.text for sentence in paragraph.sentences)
        for sentence in paragraph.sentences:
            context = f"{sentence.heading} {text}"
            told = False
            for amount in sentence.amounts:
                extreme = _known(amount)
                if extreme and extreme.of_any and names_search and not _TYPICAL.search(sentence.text):
                    continue  # the document tells of the search, and the sentence of no training
                if extreme and not told and _is_of_any(extreme, sentence.text, context) and not _OWN_CASE.search(text):
                    told = True
                    evidence = f"{amount.digits} is {extreme.what} ({extreme.source})"
                    yield _finding(amount, sentence, evidence)
            if not told:
                yield from _cars(sentence, context)


def _is_of_any(extreme: Extreme, sentence: str, context: str) -> bool:
    if extreme.named.search(sentence if not extreme.of_any else context):
        return False
    if _ONE_LARGE.search(sentence):
        return False
    if extreme.of_any:
        return _TYPICAL.search(context) is not None
    return _ALL_MODELS.search(sentence) is not None


def _cars(sentence: Sentence, context: str) -> Iterator[Finding]:
    """Five cars over their lifetimes, said of training as such; where it only "can" be so it is a low finding."""
    text = sentence.text
    cars = _CARS.search(text)
    if cars is None or not _LIFETIME.search(text) or not _TYPICAL.search(text) or _SEARCH.search(context):
        return
    place = sentence.place._replace(column=sentence.place.column + cars.start())
    evidence = f"five cars' lifetimes are {EXTREMES[0].what} ({_STRUBELL})"
    severity, sure = ("low", 0.6) if _MAY.search(text) else ("medium", 0.8)
    yield Finding("extreme", severity, sure, place, evidence, "name the case, or a typical figure", text)


def _known(amount: Amount) -> Extreme | None:
    for extreme in EXTREMES:
        for value in extreme.values:
            is_round = value in _ROUND
            near = abs(amount.value / value - 1) < (1e-9 if is_round else 0.0045)
            alike = amount.kind == extreme.kind and not amount.per and not amount.ranged
            if alike and near and (amount.hedged or not is_round):
                return extreme
    return None


def _finding(amount: Amount, sentence: Sentence, evidence: str) -> Finding:
    return Finding(
        "extreme", "medium", 0.85, amount.place, evidence, "name the case, or a typical figure", sentence.text
    )
