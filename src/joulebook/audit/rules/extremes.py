"""Famous figures of one extreme case that are quoted as if any model cost as much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.finding import Finding


class Extreme(NamedTuple):
    """A published extreme: its amounts, the words that name the case, and what it is in truth."""

    kind: str
    values: tuple[float, ...]
    """In the base unit of the kind; each within 1.5 %, or as rounded in print."""
    named: re.Pattern[str]
    what: str
    source: str


_SEARCH: Final = re.compile(
    r"architecture[- ]search|\bnas\b|neural architecture|evolved transformer|\bsearch\b|architektursuche"
    r"|recherche d.architecture|\b88\b|over-?estimat\w*|correct\w*|revis\w*|extreme|unusual|worst",
    re.IGNORECASE,
)
_STRUBELL: Final = "Strubell, Ganesh, McCallum 2019, table 3; corrected to 3.2 t by Patterson et al. 2021, section 4"
EXTREMES: Final = (
    Extreme(
        "mass",
        (284_019.0, 283_949.0, 300_000.0),
        _SEARCH,
        "the estimate for one neural architecture search, not for a training; on the hardware that was used it "
        "was 3.2 t",
        _STRUBELL,
    ),
    Extreme(
        "energy",
        (656_347.0,),
        _SEARCH,
        "the estimate for one neural architecture search, not for a training; on the hardware that was used it "
        "was 7.5 MWh",
        _STRUBELL,
    ),
)
_TYPICAL: Final = re.compile(
    r"\b(?:train\w*|model\w*|network\w*|transformer\w*|AI|KI|entraîn\w*|modèle\w*|deep learning|off-the-shelf)\b",
    re.IGNORECASE,
)
_CARS: Final = re.compile(
    r"\bfive\s+(?:\w+\s){0,2}(?:cars|vehicles|automobiles)\b|\bfünf\s+(?:\w+\s)?autos\b|\bcinq\s+voitures\b",
    re.IGNORECASE,
)
_LIFETIME: Final = re.compile(r"life ?times?|lives|leben\w*|vies?\b", re.IGNORECASE)
_OWN_CASE: Final = re.compile(
    r"\b(?:our|we|unser\w*|wir|notre|nos|nous|this (?:year|report)|company|datacent\w+|data cent\w+|fleet|scope)\b",
    re.IGNORECASE,
)


def extremes(document: Document) -> Iterator[Finding]:
    """Known extremes in a sentence that does not name the case."""
    for paragraph in document.paragraphs:
        text = " ".join(sentence.text for sentence in paragraph.sentences)
        for sentence in paragraph.sentences:
            context = f"{sentence.heading} {text}"
            for amount in sentence.amounts:
                extreme = _known(amount)
                if (
                    extreme
                    and not extreme.named.search(context)
                    and _TYPICAL.search(text)
                    and not _OWN_CASE.search(text)
                ):
                    yield _finding(amount, extreme, sentence)
            cars = _CARS.search(sentence.text)
            if (
                cars
                and _LIFETIME.search(sentence.text)
                and _TYPICAL.search(sentence.text)
                and not _SEARCH.search(context)
            ):
                place = sentence.place._replace(column=sentence.place.column + cars.start())
                evidence = f"five cars' lifetimes are {EXTREMES[0].what} ({_STRUBELL})"
                yield Finding(
                    "extreme", "medium", 0.8, place, evidence, "name the case, or a typical figure", sentence.text
                )


def _known(amount: Amount) -> Extreme | None:
    for extreme in EXTREMES:
        for value in extreme.values:
            exact = value != 300_000.0
            near = abs(amount.value / value - 1) < (0.0045 if exact else 1e-9)
            if (
                amount.kind == extreme.kind
                and not amount.per
                and not amount.ranged
                and near
                and (exact or amount.hedged)
            ):
                return extreme
    return None


def _finding(amount: Amount, extreme: Extreme, sentence: Sentence) -> Finding:
    evidence = f"{amount.digits} is {extreme.what} ({extreme.source})"
    return Finding(
        "extreme", "medium", 0.85, amount.place, evidence, "name the case, or a typical figure", sentence.text
    )
