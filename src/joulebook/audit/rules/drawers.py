"""What draws a power: the system, rack, server, site or card that the words around it name."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Sentence
from joulebook.audit.rules.nearby import Clause
from joulebook.audit.rules.ratings import NAMED

_CARD: Final = (
    rf"(?:(?:{NAMED}-)?(?:karten?|beschleuniger|grafikkarten?)|{NAMED}s?|GPUs?|TPUs?|accelerators?|graphics cards?"
    rf"|cards?|(?:AI )?chips?|Grafikkarten?"
    rf"|Beschleuniger|Karten?"
    r"|cartes? graphiques?|accélérateurs?)"
)
_SYSTEM: Final = r"(?:DGX[ -]?(?:A100|[HB]\d00|1|2)|[GB]B?[23]00 NVL72)"
_KINDS: Final = (
    ("system", _SYSTEM),
    ("rack", r"(?:racks?|(?:server)?schr[aä]nke?|baies?)"),
    ("server", r"(?:servers?|nodes?|HGX|Knoten|serveurs?|nœuds?|servidor(?:es)?|nodos?|chassis)"),
    ("site", r"(?:data[- ]?cent(?:er|re)s?|campus(?:es)?|supercomputers?|Rechenzentr\w+|centres? de données)"),
    ("card", _CARD),
)
_SUBJECT: Final = re.compile(
    r"(?<![\w-])(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _KINDS) + r")(?![\w-])"
    r"(?! (?:rooms?|farms?|halls?|parks?|rows?|clusters?|fleets?|pods?|factor(?:y|ies)|fabs?|plants?|makers?))",
    re.IGNORECASE,
)
_ONE: Final = re.compile(
    r"\b(?:an?|one|each|every|per|single|the|this|my|our|your|his|her"
    r"|eine?[nrms]?|jede[rsnm]?|pro|je|une?|chaque|par|der|die|das|le|la"
    r"|una|cada|el"
    r"|nvidia['’]s|amd['’]s|its)"
    r"\s+(?:of (?:the|its|our|these)\s+)?(?:(?!and\b|of\b|from\b)[\w-]+\s+){0,2}$",
    re.IGNORECASE,
)
_OF_EACH: Final = re.compile(
    r"\b(?:each|every|one) of\b|\b(?:single|each) one\b|,\seach\b|\beach\s(?:at|with|drawing|taking|pulling|rated)\b"
    r"|\bjede[rs]? (?:der|von)\b|\bchacune? des\b|\bcada una? de\b",
    re.IGNORECASE,
)
_RIGHT_BEHIND: Final = re.compile(r"[\s-]*(?:for |in )?(?:an?|each|every|the|one)?\s*(?:[\w-]+\s)?", re.IGNORECASE)
_ANY_ONE: Final = re.compile(r"\b(?:an?|one|each|every|per|eine?|jede|je|pro|une?|chaque|par)\b", re.IGNORECASE)
_AGAIN: Final = re.compile(
    r"\b(?:a single|each|every|any) one\b|\b(?:one|each) of them\b|\bones\b|\bone of\s$"
    r"|\b(?:it|each|er|sie|elle|il)\s(?:draws?|drew|pulls?|pulled|takes|took|at|needs|uses|eats|sheds|dissipates"
    r"|consumes|zieht|zog"
    r"|braucht|tire|consomme)\b",
    re.IGNORECASE,
)
_ITS: Final = re.compile(r"\b(?:its|ihren|seinen|ses|sus)\s$", re.IGNORECASE)
_CARD_NAME: Final = re.compile(rf"(?<![\w-]){NAMED}(?![\w-])")
_SINGLE_ONE: Final = re.compile(
    r"\b(?:a single|each|every|any) one\b|\b(?:one|each) of them\b|\beach (?:draws|pulls|takes)\b", re.IGNORECASE
)
_WITHIN: Final = re.compile(
    r"\b(?<!each )(?<!one )(?:with|without|of|mit|ohne|von|avec|sans|de|sin"
    r"|including)\s(?:[\w-]+\s){0,3}$",
    re.IGNORECASE,
)
"""Before what belongs to another thing: a rack of eight servers, a server with eight cards."""
_OPENING: Final = re.compile(
    rf"\W*(?:the|an?|my|our|your|his|her|der|die|das|eine?|le|la|une?|nvidia['’]?s?)\s(?:nvidia\s)?(?P<card>{NAMED})\b",
    re.IGNORECASE,
)
_HOLDER: Final = re.compile(
    r"\b(?:an?|one|each|every|eine?|jeder?|un|chaque|cada)\s(?:[\w-]+\s){0,4}(?:(?P<server>servers?|nodes?|hgx|dgx"
    r"|boards?|chassis|knoten|serveur|nœud|servidor|nodo)|(?P<rack>racks?|cabinets?|schrank|baie|armario)),?\s"
    rf"(?:with|of|holding|containing|housing|mit|von|avec|de"
    rf"|con)\s[^.;:—]{{0,30}}?{_CARD}s?\b[^.;:—]{{0,60}}?\s(?:needs?"
    rf"|draws?"
    r"|takes?|(?:is|are|was|were) (?:rated|specified|measured) at|appelle|appelait|pulls?|consumes?|uses?|braucht"
    r"|zieht|consomme|tire"
    r"|consume)\s(?:(?:about|around|some|only|just|up to|rund"
    r"|etwa|environ|unos)\s)*$",
    re.IGNORECASE,
)
"""A server or a rack that is named with the cards in it, up to its power."""
_OPENED: Final = re.compile(
    r"(?:^|[,;:—]\s)\W*(?:(?:and|but|so|und|et|even|also)\s)?(?:had|were|ist|sind|wären?|läuft|laufen|if|when"
    r"|whenever|once|with|given|because|since"
    r"|as|assuming|at|after|before|although|though|for|wenn|sobald|falls|da|bei|mit|nach|si|quand|lorsque|avec|comme"
    r"|à)\b",
    re.IGNORECASE,
)
"""Words that open what stands before the main clause, which has a subject of its own."""
_SAME: Final = re.compile(
    r",\s(?:it|each|one|er|sie|es|elle|il)\s(?:draw|pull|take|use|need|consume|zieht|braucht|consomme|tire)",
    re.IGNORECASE,
)
_ANEW: Final = re.compile(r",\s|\s(?:the|our|its|this|that|die|der|das|la|le)\s(?!same\b)[\w-]+\s", re.IGNORECASE)
APIECE: Final = re.compile(
    r"\s*(?:each|apiece|per (?:card|GPU|chip|accelerator|device)|jeweils|chacune?)\b", re.IGNORECASE
)
RATED: Final = re.compile(
    r"\btdp\b|\brating\b|power (?:limit|cap) of|\brated\b|\bspecified\b|provisioned|maximum of|nameplate|thermal design"
    r"|data sheet|board power"
    r"|nennleistung",
    re.IGNORECASE,
)


class Drawer(NamedTuple):
    """What draws a power."""

    kind: str
    """system, rack, server, site or card."""
    name: str
    is_one: bool
    """Whether the power is said of one of them."""
    is_holder: bool = False
    """Whether it is told with what is in it, whose words stand before the power."""


def drawer(sentence: Sentence, amount: Amount, around: Clause, last: str) -> Drawer | None:
    """What draws a power; None where nothing is named, or where it is the power of so many.

    `last` is the sentence before: "a single one takes" is of the card that it names.
    """
    text = sentence.text[: amount.start]
    if (holder := _HOLDER.search(text)) and not amount.per:
        return Drawer(str(holder.lastgroup), holder[0], is_one=True, is_holder=True)
    found = _beside(text, amount, around) or _opening(sentence.text, around) or _named_alone(text, around, last)
    return None if found is None or _is_counted(sentence, amount, found.name) else found


def _named_alone(text: str, around: Clause, last: str) -> Drawer | None:
    """The one card or kind of thing that was named before, for a rating, for "it drew" and for "a single one"."""
    is_again, is_its = _AGAIN.search(around.before), _ITS.search(around.before)
    is_rated = is_its or RATED.search(around.before)
    for said in (text if is_again or is_rated else "", last if is_again or is_its else ""):
        names = {found[0] for found in _CARD_NAME.finditer(said)}
        kinds = {found.lastgroup for found in _SUBJECT.finditer(said)}
        if len(names) == 1 and kinds == {"card"}:
            return Drawer("card", names.pop(), is_one=True)
        if is_again and (kinds in ({"rack"}, {"server"}) or "system" in kinds):
            found = next(one for one in _SUBJECT.finditer(said) if "system" not in kinds or one.lastgroup == "system")
            return Drawer(str(found.lastgroup), found[0], is_one=True)
    return None


def _is_counted(sentence: Sentence, amount: Amount, name: str) -> bool:
    """Whether the amount before counts the things, so that the power is of several."""
    at = sentence.amounts.index(amount)
    counted = sentence.amounts[at - 1] if at and sentence.amounts[at - 1].kind in ("count", "number") else None
    if counted is not None and sentence.text[counted.end : counted.end + 1] == "-":
        return False  # an eight-GPU server
    if counted is None or name not in sentence.text[counted.end : counted.end + 15 + len(name)]:
        return False
    of_each = sentence.text[max(0, counted.start - 30) : counted.start] + sentence.text[counted.end : amount.start]
    return not _OF_EACH.search(of_each)


def _beside(text: str, amount: Amount, around: Clause) -> Drawer | None:
    """What draws a power: the next thing right behind it, or the last before it that belongs to no other thing."""
    if amount.per[:1] == ("node",):
        return Drawer("server", "", is_one=True)
    left = list(_SUBJECT.finditer(around.before))
    right = _SUBJECT.search(around.behind[:28])
    if right is not None and _RIGHT_BEHIND.fullmatch(around.behind[: right.start()]):
        found = right
        is_one = bool(_ONE.search(text) or _ANY_ONE.search(around.behind[: right.start()]))
    elif left:
        heads = [one for one in left if not _WITHIN.search(around.before[: one.start()])]
        found = (heads or left)[-1]
        if _is_aside(around.before, found):
            return None
        is_many = re.search(r"(?<!campu)(?<!chassi)s$", found[0].lower()) is not None
        ahead = text[: len(text) - len(around.before) + found.start()]
        is_one = _ONE.search(ahead) is not None and not is_many
        is_one = is_one or bool(_OF_EACH.search(text) or _SINGLE_ONE.search(around.before[found.end() :]))
    else:
        return None
    is_apiece = bool(amount.per) or APIECE.match(around.behind) is not None
    return Drawer(found.lastgroup or "", found[0], is_one=is_one or is_apiece)


def _opening(text: str, around: Clause) -> Drawer | None:
    """The card that a sentence begins with, for a rating that stands far behind it."""
    found = _OPENING.match(text) if RATED.search(around.before) else None
    return Drawer("card", found["card"], is_one=True) if found else None


def _is_aside(before: str, found: re.Match[str]) -> bool:
    """Whether a thing is named before the main clause: "had every server run, it would have been 5 MW"."""
    opened, between = _OPENED.search(before[: found.start()]), before[found.end() :]
    return opened is not None and _ANEW.search(between) is not None and not _SAME.search(between)
