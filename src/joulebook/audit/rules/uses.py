"""Energy and water of one prompt, image or video, and of the training of a named model, by orders of magnitude."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed, shown
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.nearby import clause
from joulebook.audit.rules.places import known
from joulebook.audit.rules.refuted import believed
from joulebook.audit.rules.served import used

_MANY_OF: Final = re.compile(
    r"agent\w*|deep research|research quer|batch|thousand|million|billion|tausend|mille|coding|session|\bdays?\b|book"
    r"|train\w*|hours?\b|document|simulation|hosting|server|every second|per second|stunde|heure|\bjour|\btag\b",
    re.IGNORECASE,
)
_LONG: Final = re.compile(
    r"\b(?:reasoning|long\w*|complex|hard\w*|most demanding|think\w*|lange\w*|komplexe\w*|complexe)\b", re.IGNORECASE
)
_MOST_OF_A_LONG: Final = 0.5
"""kWh: an answer that was thought about at length has been published at some 0.03 kWh."""
_BOTTLE: Final = re.compile(r"[\s-]*(?:(?:plastic|water|of water)\s)*bottle", re.IGNORECASE)
_DRUNK: Final = re.compile(
    r"\b(?:empt\w+|drink\w*|drank|swallow\w*|evaporat\w*|us(?:e|es|ed)|tak\w+|cost\w*|consum\w*|need\w*|gulp\w*"
    r"|requir\w*)\b"
    r"[^.;]{0,30}$",
    re.IGNORECASE,
)
_TRAINED: Final = re.compile(
    r"\b(?:pre-?)?train\w*|entraîn\w*|entren\w*|to build|\bruns?\b|(?:GPU-|TPU-|accelerator-)?hours on", re.IGNORECASE
)
_THAT_TRAINING: Final = re.compile(
    r"\b(?:that|this|the|its|whose|dieser?|das|sein|cet|cette|l['’]|son|el|ese|su) ?(?:run|training|pre-?training|job"
    r"|trainings?lauf|entraînement|entrenamiento)\b"
    r"|^\W*(?:It|Its|Dies\w*|Das|Il|Cela)\b",
    re.IGNORECASE,
)
"""Words that take up a training that was named before."""
_NOT_TRAINING: Final = re.compile(
    r"fine-?tun\w*|inference|serving|quer(?:y|ies)|prompts?|answers?|per |a day|embodied|manufactur\w*|water"
    r"|sav\w+|less|than"
    r"|times|household|home|flight|car\b|search|distil\w*|ablation|average power|experiment|failed|restart",
    re.IGNORECASE,
)
_OTHER_MODEL: Final = re.compile(
    r"GPT-?(?:4|5|2|J|NeoX)|Gemini|Claude|Grok|Mistral|DeepSeek|Qwen|Falcon|Llama(?![ -]3\.1[ -]405B)|BERT"
)
_SUPPOSED: Final = re.compile(r"\b(?:would|if|had (?:it|they|\w+,)|suppose|assuming|wäre|hätte|si)\b", re.IGNORECASE)
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
    before = ""
    for sentence in believed(document):
        for amount in sentence.amounts:
            if amount.kind in ("energy", "water") and amount.value > 0:
                yield from _use(sentence, amount)
            if amount.kind in ("energy", "mass") and amount.value > 0 and not amount.per:
                yield from _training(sentence, amount, before)
        before = sentence.text


def _use(sentence: Sentence, amount: Amount) -> Iterator[Finding]:
    use = used(sentence, amount)
    around = clause(sentence, amount)
    if use is None or _MANY_OF.search(around.words):
        return
    low, high = use.energy if amount.kind == "energy" else use.water
    if _LONG.search(sentence.text) and re.search(r"\bbatch", sentence.text):
        return
    if amount.kind == "energy" and _LONG.search(around.words):
        high = max(high, _MOST_OF_A_LONG)
    if low <= amount.value <= high:
        return
    if amount.kind == "water" and _BOTTLE.match(around.behind) and not _DRUNK.search(around.before):
        return
    typical = known(use.subject, "energy") if amount.kind == "energy" and use.what not in ("a token", "") else None
    beside = f"; published is about {typical[1]}" if typical else ""
    evidence = f"{printed(amount)} for {use.what}{beside}"
    remedy = "Wh and kWh, or mL and L, may be exchanged, or one and many"
    yield Finding("magnitude", "high", 0.85, amount.place, evidence, remedy, sentence.text)


def _last(words: str, text: str) -> int:
    """Where a model is named last; -1 where it is not."""
    return max((found.start() for found in re.finditer(rf"(?<![\w-]){words}(?![\w])", text)), default=-1)


def _training(sentence: Sentence, amount: Amount, before: str) -> Iterator[Finding]:
    """Energy or carbon said of the training of a model whose figures are published, there or in the sentence before."""
    text = f"{before} {sentence.text}" if _THAT_TRAINING.search(sentence.text[: amount.start]) else sentence.text
    if _SUPPOSED.search(sentence.text) or _OTHER_MODEL.search(text):
        return
    named = [key for key, words in _MODELS.items() if re.search(rf"(?<![\w-]){words}(?![\w])", text)]
    if len(named) > 1:
        own = {key: _last(_MODELS[key], sentence.text[: amount.start]) for key in named}
        named = [max(own, key=lambda key: own[key])] if max(own.values()) >= 0 else named
    around = clause(sentence, amount)
    if len(named) != 1 or not _TRAINED.search(text) or _NOT_TRAINING.search(around.words):
        return
    found = known(f"yardstick.training_{named[0]}", "energy" if amount.kind == "energy" else "carbon")
    alike = [one for one in sentence.amounts if one.kind == amount.kind and not one.per]
    if found is None or len(alike) > 1 or found[0] / _FACTOR <= amount.value <= found[0] * _FACTOR:
        return
    times = shown(amount.value / found[0], "")
    evidence = f"{printed(amount)} for a training that took {found[1]}: {times} times that"
    remedy = "kWh, MWh and GWh, or kg and t, may be exchanged"
    yield Finding("magnitude", "high", 0.85, amount.place, evidence, remedy, sentence.text)
