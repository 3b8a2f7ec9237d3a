"""How closely the text ties figures together: their distance, what lies between, and words of consequence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from joulebook.audit.relations.figures import Figure

_SO: Final = re.compile(
    r"=|≈|→|\b(?:so|thus|hence|therefore|then|that'?s|that (?:is|was|makes|gives|means|comes|works|puts|would)"
    r"|which (?:is|was|makes|gives|means|comes|works|puts|would|adds|amounts)|i\.e|makes?|making|gives?|giving"
    r"|comes? (?:out )?(?:to|at)|came (?:out )?(?:to|at)|works? out|worked out|amount(?:s|ed|ing)? to|adds? up|equals?"
    r"|equivalent|total(?:s|led|ling|ing|ed)?|altogether|overall|in all|results? in|corresponds?|translates?|in other words"
    r"|means|meaning|yields?|together|enough|as much as|reckon\w*|multiply|"
    r"also|das (?:sind|ergibt|macht|entspricht)|ergibt|macht|ergeben|entspricht|entsprechen|somit|insgesamt|zusammen"
    r"|mithin|folglich|soit|donc|cela (?:fait|donne|représente)|ce qui (?:fait|donne|représente)|équivaut|au total)\b",
    re.IGNORECASE,
)
_OR: Final = re.compile(
    r"(?:[(,–—-]\s*|\s)(?:or|oder|soit|ou)\s+(?:[a-zà-ÿ~]+\s+){0,3}$|\(\s*(?:[a-z~]+\s+){0,3}$", re.IGNORECASE
)
_RESTART: Final = re.compile(r"[;:]")


def consequence(result: Figure) -> bool:
    """Whether words before a figure say that it follows from what was said."""
    clause = result.before[-90:]
    return _SO.search(clause) is not None or _OR.search(clause) is not None


def tie(result: Figure, terms: Sequence[Figure], cued: bool = False) -> float:
    """Points for closeness: at most 3 for what lies between, 2 for the sentence, 2 for words, 1 each for order and things."""
    orders = [one.order for one in (result, *terms)]
    between = max(orders) - min(orders) + 1 - len(set(orders))
    points = 3.0 - min(between, 6)
    far = max(abs(result.sentence - one.sentence) for one in terms)
    points += 2.0 - min(far, 3)
    apart = max(abs(result.paragraph - one.paragraph) for one in terms)
    points -= 1.5 * min(apart, 3)
    if (cued or consequence(result)) and all(one.order < result.order for one in terms):
        points += 2.0
    elif (cued or consequence(result)) and _around(result, terms):
        points += 1.5
    if result.order > max(one.order for one in terms):
        points += 1.0
    counted = {thing for one in terms for thing in one.made}
    wanted = {thing for one in terms for thing in one.each if thing != "each"}
    points += 1.0 * bool(counted & wanted)
    return points


def _around(result: Figure, terms: Sequence[Figure]) -> bool:
    """Whether one term follows right behind in its sentence, and the others stand before it."""
    behind = [one for one in terms if one.order > result.order]
    is_next = len(behind) == 1 and behind[0].order == result.order + 1 and behind[0].sentence == result.sentence
    return is_next and len(terms) > 1
