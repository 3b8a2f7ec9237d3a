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
        "an image",
        r"(?:image|picture|Bild|photo|imagen|imágen)(?:s|er|es)?",
        (0.0, 0.1), (1e-6, 5.0), "yardstick.generated_image",
    ),
    Use(
        "a web search", r"(?:(?:web|google|internet|online)[\s-]search(?:es)?"
        r"|(?<!architecture )(?<!grid )(?<!parameter )(?<!hyperparameter )"
        r"search(?:es)?(?! engine| for| space| party| over)|búsqueda|recherche (?:web|classique|google)|(?:google-?"
        r"|web-?)suche)",
        (1e-6, 0.02), (1e-6, 0.1),
        "yardstick.google_search_2009",
    ),
    Use("a conversation", r"(?:conversation|dialogue|Gespräch|Unterhaltung)s?", (1e-6, 1.0), (1e-6, 6.0), ""),
    Use("an e-mail", r"(?:e-?mail|letter|courriel)s?", (1e-7, 1.0), (1e-6, 2.0), "yardstick.text_prompt"),
    Use(
        "a prompt",
        r"(?:prompt|quer(?:y|ies)|question|request|answer|repl(?:y|ies)|response|chat|message|inference"
        r"|(?:Text|Such)?Anfrage|Abfrage"
        r"|Frage|Antwort|requête|réponse|consulta|pregunta|petición|respuesta)(?:s|n|en)?",
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
    r"(?:an?|one|each|every|per|single|average|median|typical|simple|pro|je|eine?[nrms]?|jede[rsnm]?|par|une?|cada"
    r"|por|una"
    r"|chaque|seule|/)"
)
_BARE: Final = re.compile(
    r"(?:^|[.;|•–—]\s*)\W*(?:(?!of\b|for\b|to\b)[^\W\d][\w-]*\s){0,3}(?:\w*anfrage|\w*abfrage|prompt|query|question"
    r"|request|requête|requete"
    r"|image|bild|(?:one|each|per|average|median|typical) (?:reply|answer|response|message))(?:\s(?:moyenne|simple"
    r"|texte))?\s*[:=–-]?\s*(?:(?:about|around|roughly|some|ca\.|rund|etwa"
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
_WITHIN_NAME: Final = (
    r"\s(?:budgets?|counts?|volumes?|mix|loads?|streams?|windows?"
    r"|engines?|services?|sets?|logs?|traffic|limits?|pipeline)\b"
)
_NOT_WITHIN: Final = rf"(?!{_WITHIN_NAME})"
"""Behind the name of a use that is part of another name: a token budget."""
_EVERY_TIME: Final = re.compile(
    r"\b(?:every|each) time (?:you|we|they|somebody|someone|a user|anyone) (?:ask|put|send|typ|quer|prompt|hit|press"
    r"|us)\w*\b"
    r"|\basking (?:the|an?) (?:\w+ )?(?:model|chatbot|assistant|bot|AI|ChatGPT)\b"
    r"|\b(?:jedes Mal|jedesmal), wenn [^,]{0,20}(?:fragt|frage)\b|\bà chaque (?:question|requête|fois)\b",
    re.IGNORECASE,
)
_ALSO: Final = re.compile(
    r"(?:\s(?:of|d['’])\s?\w+|\sCO2e?)?(?:\s?,|\s(?:and|und|et|plus|as well as|sowie|along with))+\s?"
    r"(?:(?:emits?|takes?|uses?|needs?|causes?|evaporates?|costs?|consumes?|drinks?|verbraucht|braucht|consomme"
    r"|émet)\s)?"
    r"(?:(?:about|around|some|roughly|only|just|rund|etwa|environ)\s)?",
    re.IGNORECASE,
)
"""Between two amounts that are said of one use: "0.24 Wh and 0.26 mL"."""
_ASIDE: Final = re.compile(r",\s(?![^,]*\b(?:and|but|which|who|while|und|et)\b)[^,;()\d]{2,40},")
_WHICH: Final = re.compile(
    r"\s(?:which|that|die|das|qu['’])\s?(?:(?:it|you|they|we|users?|people|man|on|elle|il)\s)?[\w-]+(?=\s)",
    re.IGNORECASE,
)
"""A short clause behind a use: "every image that it makes"."""
_AT: Final = re.compile(r",\s(?:at|with|mit|bei|à|avec|con)\s(?=(?:\w+\s){0,2}$)", re.IGNORECASE)
"""Between a use and its amount in an aside: "a single picture, at 1.2 Wh"."""
_REACH: Final = 110


_TAKES: Final = (
    r"(?:needs?|needed|uses?|used|takes?|took|spends?|spent|consum\w+|requir\w+|costs?|burns?|(?:ver)?braucht\w*"
    r"|benötigt|gasta|necesita"
    r"|il faut|faut|consomme)"
)


class _Patterns(NamedTuple):
    """What names one use: before an amount, behind it, and at the begin of its sentence ("to draw a picture, ...")."""

    before: re.Pattern[str]
    behind: re.Pattern[str]
    first: re.Pattern[str]


def _patterns(use: Use) -> _Patterns:
    """The patterns of a use."""
    one = rf"\b{_ONE_OF}\s+(?:(?!of\b|for\b|to\b|day\b)[\w-]+\s+){{0,3}}{use.words}(?![\w-]){_NOT_WITHIN}"
    before = rf"{one}(?:(?!\b(?:data|which|that|where|than)\b)[^,;()#]){{0,70}}$"
    behind = (
        rf"[^,;()]{{0,25}}?\b(?:per|for|pro|für|je|par|pour|to (?:answer|generate|produce|draw|make|write|create"
        rf"|render))\s+(?:(?:the|la|le|die|das)\s+)?"
        rf"(?P<one>{_ONE_OF}\s+)?(?:[\w-]+\s+){{0,2}}?{use.words}(?![\w-]){_NOT_WITHIN}"
    )
    first = (
        rf"\W*(?:to\s\w+|for|per|pro|für|pour|um)\s+{_ONE_OF}\s+(?:(?!of\b|for\b"
        rf"|to\b)[\w-]+\s+){{0,2}}{use.words}(?![\w-])"
        rf"(?:\s(?:zu\s)?\w+)?,?\s(?:[^,;.#\d]{{2,40}}\s)?{_TAKES}\s(?:[\w'’]+\s){{0,3}}$"
    )
    return _Patterns(*(re.compile(one, re.IGNORECASE) for one in (before, behind, first)))


_PATTERNS: Final = tuple((use, _patterns(use)) for use in USES)
_BY_NAME: Final = {use.what: use for use in USES}


def used(sentence: Sentence, amount: Amount) -> Use | None:
    """What an amount is for one of, by its unit, or by the words before or behind it."""
    if amount.per:
        name = "" if re.match(_WITHIN_NAME, sentence.text[amount.end :]) else _NAMES.get(amount.per[0], "")
        is_video = name and re.search(r"video|vidéo|clip", clause(sentence, amount).words, re.IGNORECASE)
        return _BY_NAME.get("a video" if is_video else name)
    if _EVERY_TIME.search(sentence.text[max(0, amount.start - _REACH) : amount.end + 60]):
        return _BY_NAME["a prompt"]
    behind, before = clause(sentence, amount).behind, _before(sentence, amount)
    for use, named in _PATTERNS:
        is_before = named.before.search(before) or named.first.match(sentence.text[: amount.start])
        if is_before or (use.what == "a prompt" and _AGAIN.search(before)):
            return use
        if found := named.behind.match(behind):
            return use if found["one"] or re.search(r"\b(?:per|pro|je|par)\b", found[0]) else None
    return _noted(sentence, amount)


def _before(sentence: Sentence, amount: Amount) -> str:
    """The words before an amount in its clause, without asides, and with what measures the use itself left out."""
    before = clause(sentence, amount).before
    at = sentence.amounts.index(amount)
    last = sentence.amounts[at - 1] if at else None
    if last is not None and not last.per and _ALSO.fullmatch(sentence.text[last.end : amount.start]):
        return _before(sentence, last)
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
    return _AT.sub(" at ", _WHICH.sub("", _ASIDE.sub(" ", before)))


def _noted(sentence: Sentence, amount: Amount) -> Use | None:
    """The use that a note names right before an amount, without a verb."""
    at = sentence.amounts.index(amount)
    noted = _BARE.search(sentence.text[sentence.amounts[at - 1].end if at else 0 : amount.start])
    named = noted and re.search(r"image|bild|video|vidéo|clip", noted[0], re.IGNORECASE)
    return _BY_NAME["an image" if named else "a prompt"] if noted else None
