"""What a bare number counts: a thing of `measures.PERS`, or the noun that follows it."""

from __future__ import annotations

import re
from typing import Final

from joulebook.audit.reading import measures

_DEVICE: Final = re.compile(
    r"(?:(?:NVIDIA|AMD|Google|Nvidia)\s)?(?:TPU\s?v\d+\w?|[A-Z]{1,2}\d{2,3}[A-Za-z]{0,2}|MI\d{3}[A-Z]?)(?![A-Za-z0-9])"
)
_THING: Final = re.compile(
    "(?:"
    + "|".join(
        re.escape(word)
        for word in sorted(
            (
                word
                for word, name in measures.PERS.items()
                if name not in (*measures.PERIODS, "GB", "km") and len(word) > 1
            ),
            key=len,
            reverse=True,
        )
    )
    + r")(?![A-Za-zÀ-ÿ0-9])(?!['’]s)",
    re.IGNORECASE,
)
_VERB: Final = re.compile(
    r"(?:accounts?\sfor|(?:run|call|answer|search|house|host|head|plant|pool|train)s?\s(?:the|a|an|up|at|out|on|to))\b"
    r"(?!\s(?:about\s|roughly\s|some\s)?\d)",
    re.IGNORECASE,
)
"""The three account for, the two run at."""
_WORD: Final = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ][\w'’-]*")
_GAP: Final = re.compile(r"(?:[\s\u00a0\u202f]|(?P<hyphen>-))+")
_STOP: Final = frozenset((
    "a", "about", "above", "across", "after", "again", "ago", "all", "also", "although", "always", "among", "an",
    "and", "any", "are", "around", "as", "at", "be", "because", "been", "before", "behind", "being", "below",
    "beside", "between", "beyond", "both", "but", "by", "came", "can", "come", "comes", "could", "cross", "did", "do",
    "does", "done", "down", "during", "each", "either", "else", "enough", "even", "ever", "every", "except", "few",
    "for", "from", "get", "gets", "go", "goes", "gone", "got", "had", "has", "have", "he", "her", "here", "his",
    "how", "however", "if", "in", "inside", "instead", "into", "is", "it", "its", "itself", "just", "last", "least",
    "less", "like", "made", "makes", "may", "means", "might", "most", "much", "must", "near", "nearly", "never",
    "next", "no", "nor", "not", "now", "of", "off", "often", "on", "once", "one", "only", "onto", "or", "others",
    "our", "out", "outside", "over", "own", "past", "per", "perhaps", "plus", "put", "puts", "rather", "said", "same",
    "says", "seems", "several", "shall", "she", "should", "since", "so", "some", "still", "take", "takes", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "though", "through",
    "throughout", "thus", "till", "times", "to", "today", "together", "too", "took", "toward", "towards", "unless",
    "until", "up", "upon", "us", "use", "used", "uses", "using", "versus", "via", "vs", "was", "we", "went", "were",
    "what", "when", "where", "whereas", "whether", "which", "while", "who", "whole", "whose", "why", "will", "with",
    "within", "without", "would", "yes", "yet", "you", "your", "apart", "respectively", "minus", "aber", "als", "am",
    "auf", "aus", "bei", "bis", "das", "dass", "dem", "den", "der", "des", "die", "durch", "ein", "eine", "einem",
    "einen", "einer", "er", "es", "für", "gegen", "hat", "im", "ist", "kann", "mal", "mehr", "mit", "nach", "nicht",
    "noch", "nur", "ob", "oder", "ohne", "pro", "sei", "sein", "sich", "sie", "sind", "über", "um", "und", "unter",
    "vom", "von", "vor", "war", "waren", "weil", "wenn", "werden", "wie", "wird", "wo", "wurde", "wurden", "zu",
    "zum", "zur", "au", "aux", "avec", "ce", "ces", "dans", "de", "du", "elle", "en", "entre", "est", "et", "été",
    "eux", "fois", "il", "ils", "la", "le", "les", "leur", "lors", "mais", "même", "moins", "ne", "non", "nos",
    "notre", "nous", "où", "par", "pas", "peu", "pour", "près", "qu", "que", "qui", "sa", "sans", "se", "selon",
    "ses", "soit", "son", "sont", "sous", "sur", "tous", "tout", "très", "un", "une", "vers", "vous",
))  # fmt: skip
"""Words in front of which a number counts nothing."""
_SIGN: Final = re.compile(r"(?:[kMGTmµn]?(?:V|A|Hz|VA|VAr|Pa|m|m²|bps|K|F|C)|sq|ft|mph|cm|mm|psi|rpm|dB)$")
"""Units that are not read."""
_PLURALS: Final = frozenset(("people", "staff", "children", "men", "women", "feet", "mice", "crew"))
_SINGULAR: Final = re.compile(r"(?:ss|us|is|ous|(?<!even)(?<!morn)(?<!build)(?<!meet)ings)$")


def counted(text: str, position: int, *, comma: bool = False, whole: bool = True) -> tuple[str, int]:
    """What the number before a position counts (empty where nothing), and where its name ends.

    `comma` where German nouns may follow, `whole` unless the number has decimals.
    """
    end, best = position, ("", position)
    for index in range(4):
        gap = _GAP.match(text, end)
        if gap is None and not (index == 0 and text[end : end + 1].isalpha()):
            break
        at = gap.end() if gap else end
        if _VERB.match(text, at):
            break
        thing = _device(text, at) or _thing(text, at)
        if thing is not None:
            best = thing
            if text[thing[1] - 1] == "s" or (gap and gap["hyphen"]):
                break
            end = thing[1]
            continue
        word = _WORD.match(text, at)
        is_end = word is None or word[0].lower().partition("-")[0] in _STOP or _SIGN.match(word[0])
        if best[0] or word is None or is_end:
            break
        if gap and gap["hyphen"] and index == 0 and word[0].lower() != "odd":
            return singular(word[0]), word.end()
        if _is_plural(word[0], index, comma=comma) and (whole or not index):
            return singular(word[0]), word.end()
        end = word.end()
    return best


def _device(text: str, position: int) -> tuple[str, int] | None:
    found = _DEVICE.match(text, position)
    return None if found is None else ("device", found.end())


def _thing(text: str, position: int) -> tuple[str, int] | None:
    found = _THING.match(text, position)
    if found is None or found[0].lower() in _STOP:
        return None
    return measures.PERS[found[0].lower()], found.end()


def singular(word: str) -> str:
    """A noun in small letters without the end of its plural."""
    low = word.lower()
    if low.endswith("ies"):
        return low[:-3] + "y"
    return low[:-2] if low.endswith(("shes", "ches", "xes", "sses")) else low.rstrip("s")


def _is_plural(word: str, index: int, *, comma: bool) -> bool:
    low = word.lower()
    if low in _PLURALS or (comma and not index and word[0].isupper() and word[1:].islower()):
        return True
    return len(low) > 3 and low.endswith(("s", "aux")) and not _SINGULAR.search(low) and index < 3
