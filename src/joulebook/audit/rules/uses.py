"""Energy and water of one prompt, image or video, and of the training of a named model, by orders of magnitude."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding, printed, shown
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.nearby import Clause, clause
from joulebook.audit.rules.places import known


class _Use(NamedTuple):
    """One use, the words for it, and from where to where energy (kWh) and water (L) of one have been published."""

    what: str
    words: str
    energy: tuple[float, float]
    water: tuple[float, float]
    subject: str


_USES: Final = (
    _Use(
        "a video", r"(?:video|clip|Video|vidéo)s?", (1e-4, 30.0), (1e-6, 100.0), "yardstick.generated_video",
    ),
    _Use(
        "an image", r"(?:image|picture|Bild|photo)(?:s|er)?", (0.0, 0.1), (1e-6, 5.0), "yardstick.generated_image",
    ),
    _Use(
        "a prompt",

        r"(?:prompt|quer(?:y|ies)|question|request|answer|repl(?:y|ies)|response|chat|message|inference|Anfrage"
        r"|Abfrage"
        r"|Frage|Antwort|requête|réponse)(?:s|n|en)?",
        (1e-7, 0.1), (1e-6, 4.0), "yardstick.text_prompt",
    ),
    _Use("a token", r"[Tt]okens?", (1e-9, 2e-4), (1e-9, 0.05), "yardstick.text_prompt"),
)  # fmt: skip
"""In order: what is named first counts, so that the prompt for a video is one."""
_ONE_OF: Final = r"(?:an?|one|each|every|per|single|average|typical|simple|pro|je|eine?|jede|par|une?|chaque|/)"
_BARE: Final = re.compile(
    r"(?:^|[.;|•–—]\s*)\W*(?:(?!of\b|for\b|to\b)[^\W\d][\w-]*\s){0,3}(?:\w*anfrage|\w*abfrage|prompt|query|question"
    r"|request|requête|requete"
    r"|image|bild)(?:\s(?:moyenne|simple|texte))?\s*[:=–-]?\s*(?:(?:about|around|roughly|some|ca\.|rund|etwa"
    r"|environ|~|≈)\s*)?$",
    re.IGNORECASE,
)
"""A note without a verb that names one use right before its amount: "Text prompt 0.25 kWh"."""
_AGAIN: Final = re.compile(
    r"\b(?:the|this|that) (?:(?:text|same|one|single) )?(?:prompt|query|question|request)\s"
    r"(?:(?:would|will|then|thus|only|just|alone|itself)\s)*(?:tak|us|need|consum|cost)\w*\s(?:\w+\s){0,2}$",
    re.IGNORECASE,
)
"""One use that was named before."""
_LARGE: Final = re.compile(
    r"agent\w*|deep research|research quer|reasoning|long|batch|thousand|million|tausend|mille|coding|session|day|book"
    r"|train\w*|hour|document|simulation|hosting|server|complex|most demanding",
    re.IGNORECASE,
)
_TRAINED: Final = re.compile(r"\b(?:pre-?)?train\w*|entraîn\w*|to build", re.IGNORECASE)
_NOT_TRAINING: Final = re.compile(
    r"fine-?tun\w*|inference|serving|quer(?:y|ies)|prompts?|answers?|per |a day|embodied|manufactur\w*|water"
    r"|sav\w+|less|than"
    r"|times|household|home|flight|car\b|search|distil\w*|ablation|average power|experiment|failed|restart",
    re.IGNORECASE,
)
_OTHER_MODEL: Final = re.compile(
    r"GPT-?(?:4|5|2|J|NeoX)|Gemini|Claude|Grok|Mistral|DeepSeek|Qwen|Falcon|Llama(?![ -]3\.1[ -]405B)|BERT"
)
_SUPPOSED: Final = re.compile(
    r"\b(?:would|if|had (?:it|they|\w+,)|suppose|assuming|wäre|hätte|si|aurait)\b", re.IGNORECASE
)
_MODELS: Final = {
    "gpt_3": r"GPT-?3(?!\.?\d| ?(?:Turbo|Medium|Small|XL|\d))", "bloom": r"BLOOM(?!z)(?:-?176B)?", "gopher": r"Gopher",
    "opt_175b": r"OPT(?:-175B)?", "palm": r"PaLM(?! ?2)(?:[ -]540B)?", "glam": r"GLaM", "gshard": r"GShard(?:-600B)?",
    "switch_transformer": r"Switch Transformer", "meena": r"Meena", "t5": r"T5(?:-11B)?(?![-\w])",
    "evolved_transformer": r"Evolved Transformer", "llama_3_1_405b": r"Llama[ -]3\.1[ -]405B",
}  # fmt: skip
_FACTOR: Final = 6.0
"""By how much published figures of one training differ: its boundary, its grid, its market."""


def uses(document: Document) -> Iterator[Finding]:
    """Amounts for one use, or for one training, that nobody has published anything like."""
    for sentence in document.sentences():
        for amount in sentence.amounts:
            if amount.kind in ("energy", "water") and amount.value > 0:
                yield from _use(sentence, amount)
            if amount.kind in ("energy", "mass") and amount.value > 0 and not amount.per:
                yield from _training(sentence, amount)


def _use(sentence: Sentence, amount: Amount) -> Iterator[Finding]:
    use = _used(amount, clause(sentence, amount)) or _noted(sentence, amount)
    if use is None or _LARGE.search(sentence.text):
        return
    low, high = use.energy if amount.kind == "energy" else use.water
    if low <= amount.value <= high:
        return
    typical = known(use.subject, "energy") if amount.kind == "energy" and use.what != "a token" else None
    beside = f"; published is about {typical[1]}" if typical else ""
    evidence = f"{printed(amount)} for {use.what}{beside}"
    remedy = "Wh and kWh, or mL and L, may be exchanged, or one and many"
    yield Finding("magnitude", "high", 0.85, amount.place, evidence, remedy, sentence.text)


def _noted(sentence: Sentence, amount: Amount) -> _Use | None:
    """The use that a note names right before an amount, without a verb."""
    at = sentence.amounts.index(amount)
    before = sentence.text[sentence.amounts[at - 1].end if at else 0 : amount.start]
    noted = None if amount.per else _BARE.search(before)
    named = noted and re.search(r"image|bild|video|vidéo|clip", noted[0], re.IGNORECASE)
    return next((use for use in _USES if use.what == ("an image" if named else "a prompt")), None) if noted else None


def _used(amount: Amount, around: Clause) -> _Use | None:
    """What an amount is for one of, by its unit or by the words before it."""
    if amount.per:
        name = {"request": "a prompt", "token": "a token", "image": "an image"}.get(amount.per[0], "")
        is_video = name and re.search(r"video|vidéo|clip", around.words, re.IGNORECASE)
        return next((use for use in _USES if use.what == ("a video" if is_video else name)), None)
    for use in _USES:
        one = rf"\b{_ONE_OF}\s+(?:(?!of\b|for\b|to\b|day\b)[\w-]+\s+){{0,3}}{use.words}(?![\w-])"
        if re.search(rf"{one}(?:(?!\b(?:data|which|that|where)\b)[^,;()#]){{0,50}}$", around.before, re.IGNORECASE):
            return use
        if use.what == "a prompt" and _AGAIN.search(around.before):
            return use
        behind = rf"[^,;()]{{0,25}}?\b(?:per|for|pro|je|par|pour)\s+(?:{_ONE_OF}\s+)?(?:[\w-]+\s+)?{use.words}(?![\w-])"
        if re.match(behind, around.behind, re.IGNORECASE):
            return use if re.search(r"\b(?:per|pro|je|par|an?|one|each|every|single)\b", around.behind) else None
    return None


def _training(sentence: Sentence, amount: Amount) -> Iterator[Finding]:
    """Energy or carbon said of the training of a model whose figures are published."""
    if _SUPPOSED.search(sentence.text) or _OTHER_MODEL.search(sentence.text):
        return
    named = [key for key, words in _MODELS.items() if re.search(rf"(?<![\w-]){words}(?![\w])", sentence.text)]
    around = clause(sentence, amount)
    if len(named) != 1 or not _TRAINED.search(sentence.text) or _NOT_TRAINING.search(around.words):
        return
    found = known(f"yardstick.training_{named[0]}", "energy" if amount.kind == "energy" else "carbon")
    alike = [one for one in sentence.amounts if one.kind == amount.kind and not one.per]
    if found is None or len(alike) > 1 or found[0] / _FACTOR <= amount.value <= found[0] * _FACTOR:
        return
    times = shown(amount.value / found[0], "")
    evidence = f"{printed(amount)} for a training that took {found[1]}: {times} times that"
    remedy = "kWh, MWh and GWh, or kg and t, may be exchanged"
    yield Finding("magnitude", "high", 0.85, amount.place, evidence, remedy, sentence.text)
