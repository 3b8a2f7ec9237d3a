"""Words in front of an amount: whether it is meant roughly, and whether it is a bound."""

from __future__ import annotations

import re
from typing import Final

_LEAST: Final = (
    r"over|more than|at least|no less than|no fewer than|not less than|above|upwards of|north of|in excess of|exceed\w*"
    r"|surpass\w*|a minimum of|minimum of|just over|well over|a little over|a bit over|better than|topp\w+"
    r"|mindestens|über|mehr als|gut|wenigstens|plus de|plus d['’]|au moins|>|≥"
)
_MOST: Final = (
    r"under|less than|fewer than|below|at most|up to|no more than|not more than|a maximum of|maximum of"
    r"|as much as|as many as|a little under|a shade under|just under|well under|a bit under|nearly|almost"
    r"|just short of|not quite|approaching|close to|knapp|fast|beinahe|höchstens|maximal|bis zu|unter|weniger als"
    r"|nicht ganz|moins de|moins d['’]|au plus|jusqu['’]à|près de|près d['’]|presque|<|≤"
)
_ROUGH: Final = (
    r"about|around|roughly|some|approximately|approx\.?|circa|ca\.?|c\.|an estimated|estimated|order of|near enough"
    r"|near|perhaps|maybe|say|something like|in the region of|in the neighbou?rhood of|or so|likely|rund|etwa|ungefähr"
    r"|schätzungsweise|environ|quelque|quelques|à peu près|autour de|~|≈"
)
_BEFORE: Final = re.compile(
    rf"(?:(?<![A-Za-zÀ-ÿ])(?:(?P<least>{_LEAST})|(?P<most>{_MOST})|(?P<rough>{_ROUGH})))"
    r"\s?(?:the |an? |US|of |einer? |eine[nm] |l[ae]s? |une? |d[eia][rems] |l['’])?[$€£]?$",
    re.IGNORECASE,
)
_SPREAD: Final = re.compile(
    r"\b(?:spread|divid\w+|averag\w+|shar\w+|distribut\w+|amorti[sz]\w+|produced|all|verteilt|réparti\w*)\s(?:\w+\s){0,2}$"
)
_LASTING: Final = re.compile(
    r"\b(?:for|in|took|takes?|taking|lasts?|lasted|is|was|are|were|of|after|by|just|well|little)\s$"
)
"""Words in front of "over" that make it "more than" of a time."""
_BEHIND: Final = re.compile(
    r"\s?(?:(?P<least>or more\b|\+(?!\s?\d)|and (?:up|more)\b)|(?P<most>or less\b|or fewer\b)"
    r"|(?P<rough>-odd\b|or so\b|or thereabouts\b))"
)


def hedge(text: str, start: int, end: int, *, before: int = 0, kind: str = "") -> tuple[bool, str]:
    """Whether an amount is hedged, and the bound that it is: "least", "most" or none; `before`: where the last ends."""
    found = _BEFORE.search(text[max(0, start - 34) : start])
    if found is not None and found["least"] and found["least"].lower() == "over":
        begin = max(0, start - 34) + found.start()
        spread = not text[before:begin].strip() or _SPREAD.search(text[:begin][-30:])
        if (kind == "time" and not _LASTING.search(text[:begin][-12:])) or spread or " the " in found[0]:
            found = None  # spread over ten years
    if found is not None and kind == "count" and (found["most"] or "").lower() == "as much as":
        found = None  # uses as much as 100,000 homes
    if found is not None:
        return True, "least" if found["least"] else "most" if found["most"] else ""
    if "odd" in text[start:end]:
        return True, ""
    behind = _BEHIND.match(text, end)
    if behind is None:
        return False, ""
    return True, "least" if behind["least"] else "most" if behind["most"] else ""
