"""One use of a model - a prompt, an image, a video - and which amounts a text says of it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Sentence
from joulebook.audit.rules.nearby import clause


class Use(NamedTuple):
    """One use, the words for it, and from where to where energy (kWh) and water (L) of one have been published."""

    what: str
    words: str
    energy: tuple[float, float]
    water: tuple[float, float]
    subject: str


USES: Final = (
    Use(
        "a video", r"(?:video|clip|Video|vidéo)s?", (1e-4, 30.0), (1e-6, 100.0), "yardstick.generated_video",
    ),
    Use(
        "an image", r"(?:image|picture|Bild|photo)(?:s|er|es)?", (0.0, 0.1), (1e-6, 5.0), "yardstick.generated_image",
    ),
    Use("a conversation", r"(?:conversation|dialogue|Gespräch|Unterhaltung)s?", (1e-6, 1.0), (1e-6, 6.0), ""),
    Use("an e-mail", r"(?:e-?mail|letter|courriel)s?", (1e-7, 1.0), (1e-6, 2.0), "yardstick.text_prompt"),
    Use(
        "a prompt",
        r"(?:prompt|quer(?:y|ies)|question|request|answer|repl(?:y|ies)|response|chat|message|inference"
        r"|(?:Text|Such)?Anfrage|Abfrage"
        r"|Frage|Antwort|requête|réponse)(?:s|n|en)?",
        (1e-7, 0.1), (1e-6, 0.15), "yardstick.text_prompt",
    ),
    Use("a token", r"[Tt]okens?", (1e-9, 2e-4), (1e-9, 0.05), "yardstick.text_prompt"),
)  # fmt: skip
"""In order: what is named first counts, so that the prompt for a video is one."""
_NAMES: Final = {
    "request": "a prompt", "token": "a token", "image": "an image", "video": "a video",
    "conversation": "a conversation", "e-mail": "an e-mail",
}  # fmt: skip
_ONE_OF: Final = (
    r"(?:an?|one|each|every|per|single|average|median|typical|simple|pro|je|eine?[nrms]?|jede[rsnm]?|par|une?"
    r"|chaque|seule|/)"
)
_BARE: Final = re.compile(
    r"(?:^|[.;|•–—]\s*)\W*(?:(?!of\b|for\b|to\b)[^\W\d][\w-]*\s){0,3}(?:\w*anfrage|\w*abfrage|prompt|query|question"
    r"|request|requête|requete"
    r"|image|bild)(?:\s(?:moyenne|simple|texte))?\s*[:=–-]?\s*(?:(?:about|around|roughly|some|ca\.|rund|etwa"
    r"|environ|~|≈)\s*)?$",
    re.IGNORECASE,
)
"""A note without a verb that names one use right before its amount: "Text prompt 0.25 kWh"."""
_AGAIN: Final = re.compile(
    r"\b(?:the|this|that) (?:(?:text|same|one|single|median|average|typical) )?(?:prompt|query|question|request)\s"
    r"(?:(?:would|will|then|thus|only|just|alone|itself)\s)*(?:tak|us|need|consum|cost)\w*\s(?:\w+\s){0,2}$",
    re.IGNORECASE,
)
"""One use that was named before."""
_EVERY_TIME: Final = re.compile(
    r"\b(?:every|each) time (?:you|we|they|somebody|someone|a user|anyone) (?:ask|put|send|typ|quer|prompt)\w*\b"
    r"|\b(?:jedes Mal|jedesmal), wenn [^,]{0,20}(?:fragt|frage)\b|\bà chaque (?:question|requête|fois)\b",
    re.IGNORECASE,
)
_ASIDE: Final = re.compile(r",\s(?![^,]*\b(?:and|but|which|who|while|und|et)\b)[^,;()\d]{2,40},")
_WHICH: Final = re.compile(
    r"\s(?:which|that|die|das|qu['’])\s?(?:(?:it|you|they|we|users?|people|man|on|elle|il)\s)?[\w-]+(?=\s)",
    re.IGNORECASE,
)
"""A short clause behind a use: "every image that it makes"."""
_REACH: Final = 110


def used(sentence: Sentence, amount: Amount) -> Use | None:
    """What an amount is for one of, by its unit, or by the words before or behind it."""
    if amount.per:
        name = _NAMES.get(amount.per[0], "")
        is_video = name and re.search(r"video|vidéo|clip", clause(sentence, amount).words, re.IGNORECASE)
        return next((use for use in USES if use.what == ("a video" if is_video else name)), None)
    behind, before = clause(sentence, amount).behind, _before(sentence, amount)
    if _EVERY_TIME.search(sentence.text[max(0, amount.start - _REACH) : amount.start]):
        return next(use for use in USES if use.what == "a prompt")
    for use in USES:
        one = rf"\b{_ONE_OF}\s+(?:(?!of\b|for\b|to\b|day\b)[\w-]+\s+){{0,3}}{use.words}(?![\w-])"
        if re.search(rf"{one}(?:(?!\b(?:data|which|that|where|than)\b)[^,;()#]){{0,50}}$", before, re.IGNORECASE):
            return use
        if use.what == "a prompt" and _AGAIN.search(before):
            return use
        after = (
            rf"[^,;()]{{0,25}}?\b(?:per|for|pro|für|je|par|pour)\s+(?:(?:the|la|le|die|das)\s+)?"
            rf"(?P<one>{_ONE_OF}\s+)?(?:[\w-]+\s+){{0,2}}?{use.words}(?![\w-])"
        )
        if found := re.match(after, behind, re.IGNORECASE):
            return use if found["one"] or re.search(r"\b(?:per|pro|je|par)\b", found[0]) else None
    return _noted(sentence, amount)


def _before(sentence: Sentence, amount: Amount) -> str:
    """The words before an amount in its clause, without asides, and with what measures the use itself left out."""
    before = clause(sentence, amount).before
    at = sentence.amounts.index(amount)
    last = sentence.amounts[at - 1] if at else None
    if (
        last is not None
        and last.kind in ("time", "count", "number")
        and sentence.text[last.end : amount.start] == before
    ):
        ahead = sentence.text[max(0, last.start - 40) : last.start]
        if re.search(rf"\b{_ONE_OF}\s+$", ahead, re.IGNORECASE):  # a five-second video
            before = f"one {before.lstrip('- ')}"
        elif re.search(r"\b(?:of|with|à|de|mit|von)\s+$", ahead) and re.search(rf"\b{_ONE_OF}\s", ahead, re.IGNORECASE):
            before = ahead + before  # an e-mail of 100 words
    return _WHICH.sub("", _ASIDE.sub(" ", before))


def _noted(sentence: Sentence, amount: Amount) -> Use | None:
    """The use that a note names right before an amount, without a verb."""
    at = sentence.amounts.index(amount)
    noted = _BARE.search(sentence.text[sentence.amounts[at - 1].end if at else 0 : amount.start])
    named = noted and re.search(r"image|bild|video|vidéo|clip", noted[0], re.IGNORECASE)
    return next((use for use in USES if use.what == ("an image" if named else "a prompt")), None) if noted else None
