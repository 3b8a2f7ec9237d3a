"""Shares of one whole in running text: in one sentence or a few, in per cent or as fractions, with what remains."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from math import fsum
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.refuted import is_refuted

_BACK: Final = 3
"""Sentences in which the shares of one whole may stand."""
_MOST: Final = 9
"""Shares of one whole."""
_LEAST, _BEYOND = 60.0, 135.0
"""Per cent between which shares seem to be of one whole."""
_FEW: Final = 3
"""Shares above which a plain list of them is of one whole."""
_DONE: Final = 0.3
"""Percentage points within which some shares are a whole of their own."""
_NEAR: Final = 45
REST: Final = re.compile(
    r"\b(?:remain\w*|remainder|the rest\b|the (?:others?|last)\b(?=[^,]{0,25}$)|left(?: over)?|everything else"
    r"|all else|leav\w+"
    r"|übrig\w*|rest(?:lich\w*)?|verbleib\w*|verblieb\w*|le reste|restant\w*|solde)\b[^.;%\d]{0,45}$",
    re.IGNORECASE,
)
"""Before what is left of a whole."""
REST_BEHIND: Final = re.compile(
    r"\s*(?:(?:in)?to (?:everything|all) else|remain\w*|left\b|is left|are left|bleib\w*|übrig\w*|reste\w*)",
    re.IGNORECASE,
)
_OF_THE_REST: Final = re.compile(
    r"\s*(?:of|von|de|des|du|der)\s+(?:the |this |what |that |dem |der |diese\w* |ce |le )?"
    r"(?:rest|remain\w*|remainder|is left|verbleib\w*|übrig\w*|reste)\b",
    re.IGNORECASE,
)
_IN_ALL: Final = re.compile(
    r"\s*(?:in (?:all|total)|altogether|together|overall|insgesamt|zusammen|au total|en tout)\b", re.IGNORECASE
)
"""Behind what several shares add up to."""
_PARTS: Final = re.compile(
    r"\b(?:account\w*|represent\w*|responsible|mak(?:e|es|ing) up|made up|caus\w+|t[ao]kes?|taking|took"
    r"|taken|consum\w+"
    r"|absorb\w*|go(?:es|ing)?|went|gone|claim\w*|contribut\w*|c[ao]me|comes|coming|stem\w*|spen[dt]\w*"
    r"|us(?:e|es|ed)|eat\w*|ate"
    r"|draw\w*|drew|suppl\w+|provid\w+|deliver\w*|generat\w*|liefer\w*|fourni\w*|produi\w*|produc\w*"
    r"|swallow\w*|fall\w* (?:to|on)|fell (?:to|on)|mix|composition|strommix|energiemix|bouquet|split"
    r"|divid\w+|breaks? down|breakdown|shares?|part"
    r"|entf[ai]ll\w*|entfiel\w*|mach\w*|beanspruch\w*|verbrauch\w*|verschl\w+|anteil\w*|verteil\w*"
    r"|aufgeteilt|flie\w+|floss\w*|gehen|geht"
    r"|représent\w*|absorb\w*|consomm\w*|revien\w*|imputable\w*|provien\w*|prend\w*|compt\w*|réparti\w*|va\b|vont)\b",
    re.IGNORECASE,
)
"""Words by which a whole has parts."""
_WHOLLY: Final = re.compile(
    r"\b(?:split|divid\w+|breaks? down|broke down|breakdown|verteil\w*|aufgeteilt|teil\w* sich|réparti\w*"
    r"|se décompos\w*)\b",
    re.IGNORECASE,
)
CHANGED: Final = re.compile(
    r"±\s*$|\b(?:by|from|to|um|von|auf|à|de|nach|at|with|within|every|above|below|after|mit|bei|avec|up|down)\s+"
    r"(?:(?:about|some|roughly|nearly|almost|only|just|under|over|rund|etwa|gut|knapp|fast|environ|près|de"
    r"|d['’])\s*){0,2}$"
    r"|\b(?:than|als|que|against|gegenüber|jusqu'à|between|zwischen|entre|hausse|baisse|instead of|statt|contre)\s+"
    r"(?:[a-zà-ÿ~]+\s+){0,2}$",
    re.IGNORECASE,
)
"""Before a percentage that is a change, an earlier value or another rate."""
_FROM_THERE: Final = re.compile(r"\s*(?:from|aus|of)\b", re.IGNORECASE)
"""Behind a share of what comes from several places: to 62 per cent from rivers."""
OTHERWISE: Final = re.compile(
    r"[\s-]*(?:more|less|higher|lower|fewer|cheaper|faster|slower|points?|increase|decrease|reduction|drop"
    r"|rise|growth|cut|discount"
    r"|confidence|accura\w+|efficien\w+|utili\w+|loaded|load|probab\w+|chance|interval|capacity"
    r"|per (?:year|month|quarter)|a year"
    r"|renewable|carbon[- ]free|overhead|loss\w*|saving\w*|than|up|down|off|mehr|weniger|höher|niedriger"
    r"|wahrschein\w*|auslast\w*|plus|moins"
    r"|de plus|de moins)\b",
    re.IGNORECASE,
)
"""Behind a percentage that is no share."""
_OVERLAPPING: Final = re.compile(
    r"\b(?:respondents?|surve\w+|poll\w*|asked|answered|said (?:that )?they|of which|among (?:them|these)"
    r"|overlap\w*|also|both|either"
    r"|more than one|several|utili\w+|accuracy|confidence|reduc\w+|sav(?:e[sd]?|ing\w*)|increas\w*"
    r"|gr[eo]w\w*|befragt\w*|umfrage|davon"
    r"|dont|sondage|interrogé\w*|auch|aussi|while|whereas|year[- ]on[- ]year|respectively by|(?:in|im"
    r"|en) (?:summer|winter|sommer|hiver|été)|at night|by day)\b",
    re.IGNORECASE,
)
"""Shares of sets that overlap, of one another, or none."""
_OF_ANOTHER_TIME: Final = re.compile(
    r"\b(?:years? (?:before|ago|earlier)|(?:last|previous|prior|preceding) (?:year|quarter|month)"
    r"|previously|formerly|vorjahr\w*|zuvor"
    r"|l.an dernier|(?:un an|ans?) (?:plus tôt|auparavant)|précédent\w*)\b|,\s(?:after|against|nach"
    r"|gegenüber|contre|après)\s",
    re.IGNORECASE,
)
_LAST_YEAR: Final = re.compile(r"\blast (?:year|quarter|month)\b", re.IGNORECASE)
"""One such time may be that of all the shares."""
_YEAR: Final = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]*\d)")
_WHOLE: Final = re.compile(
    r"\s*(?:of|der|des|du|de la|de l['’]|d['’]|vom|am|de)\s*(?:(?:the|its|all|our|their|this|that|total"
    r"|whole|entire|annual|le|la|les|dem|den)\s+)*"
    r"(?P<noun>[a-zà-ÿ’'-]+)",
    re.IGNORECASE,
)
_ANY_WHOLE: Final = {
    "it",
    "them",
    "this",
    "that",
    "which",
    "these",
    "total",
    "whole",
    "sum",
    "all",
    "rest",
    "remaining",
}
_OF_A_PART: Final = re.compile(
    r"\bof (?:these|those|this|that|which|(?:the|its|their) (?:[\w’'-]+ ){0,2}(?:share|part|former|latter"
    r"|half|third|quarter)\b)"
    r"|\b(?:davon|dont|alone|allein|à (?:lui|elle) seule?)\b",
    re.IGNORECASE,
)
"""Before a share of one of the shares before it."""
_QUANTITIES: Final = ("emissions", "costs", "losses", "gas", "watts", "hours", "tonnes", "tons", "expenses", "gases")
"""What ends like a number of things and is a quantity: of other things, one may be in two sets."""
_BROKEN: Final = re.compile(r"[;:()]")
"""Between shares that may be of different wholes."""
_LISTED: Final = re.compile(r"[^.;:()]{1,28}")
"""Between shares of a plain list."""
_NEXT: Final = re.compile(
    r"[^.:()]{0,40}[,;][^.,;:()]{1,30}\s|[^.,;:()]{0,30}\s(?:and|und|et|y)\s[^.,;:()]{1,30}\s", re.IGNORECASE
)
"""Between the percentages of a list whose sign is printed once."""
_ALONE: Final = re.compile(
    r"\s*(?:[,.;:)!?]|$|(?:and|to|for|in|on|by|from|went|came|und|für|auf|aus|et|pour|aux?|en|dans|y"
    r"|para)\b)",
    re.IGNORECASE,
)
"""Behind a number that counts nothing."""
_FURTHER: Final = re.compile(r"\b(?:another|a further|weitere\w*|encore|noch einmal)\s+(?:[a-z]+\s+)?$", re.IGNORECASE)


class _Share(NamedTuple):
    """A share in per cent and what it is of, where that is said."""

    amount: Amount
    sentence: int
    value: float
    slack: float
    whole: str
    is_rest: bool
    is_further: bool


def wholes(document: Document) -> Iterator[Finding]:
    """Shares of one whole that add up to more than all of it, or with the rest to less."""
    for paragraph in document.paragraphs:
        some: list[_Share] = []
        for number, sentence in enumerate(paragraph.sentences):
            here = list(_shares(sentence, number))
            some = [one for one in some if number - one.sentence < _BACK]
            found = _added(sentence, here, some)
            if found is not None and not is_refuted(sentence, *paragraph.sentences[number + 1 : number + 2]):
                yield found
            some += here


def _shares(sentence: Sentence, number: int) -> Iterator[_Share]:
    text, amounts = sentence.text, _with_bare(sentence)
    for index, one in enumerate(amounts):
        begin = amounts[index - 1].end if index else 0
        before = text[begin : one.start]
        behind = text[one.end : amounts[index + 1].start if index + 1 < len(amounts) else len(text)]
        if (
            one.kind not in ("percent", "share")
            or one.per
            or one.ranged
            or one.noun in ("up", "down")
            or not 0 < one.value < 100
        ):
            continue
        is_change = CHANGED.search(before[-_NEAR:]) is not None and not _FROM_THERE.match(behind)
        if is_change or OTHERWISE.match(behind) or _OF_THE_REST.match(behind) or _IN_ALL.match(behind):
            continue
        by = 100.0 if one.kind == "share" else 1.0
        exact = 0.5 if one.kind == "share" else one.slack
        about = max(exact, min(5.0, 0.1 * one.value * by)) if one.hedged else exact
        named = _WHOLE.match(behind)
        noun = named["noun"].lower() if named and not named["noun"].lower().endswith(("'s", "’s")) else ""
        is_rest = (REST.search(before) or REST_BEHIND.match(behind)) is not None
        further = _FURTHER.search(before) is not None
        yield _Share(one, number, one.value * by, about, "" if noun in _ANY_WHOLE else noun, is_rest, further)


def _with_bare(sentence: Sentence) -> list[Amount]:
    """The amounts of a sentence, bare numbers in a list of percentages as such: 62 per cent for power, 21 for staff."""
    found: list[Amount] = []
    for one in sentence.amounts:
        last = found[-1] if found else None
        is_next = last is not None and last.kind == "percent" and not last.per
        if last is not None and is_next and one.kind == "number" and 0 < one.value < 100 - last.value:
            between = sentence.text[last.end : one.start]
            if _NEXT.fullmatch(between) and _ALONE.match(sentence.text, one.end) and not CHANGED.search(between):
                found.append(one._replace(kind="percent", unit="%"))
                continue
        found.append(one)
    return found


def _added(sentence: Sentence, here: Sequence[_Share], earlier: Sequence[_Share]) -> Finding | None:
    """What is told of the shares that a sentence ends with."""
    if not here:
        return None
    rest = next((one for one in reversed(here) if one.is_rest), None)
    last = rest or here[-1]
    known = [one for one in here if one.amount.start <= last.amount.start] if rest else list(here)
    if (rest is not None and len(known) == 1) or all(one.is_further for one in here):
        known = [*earlier, *known]
    if not 2 <= len(known) <= _MOST or len({one.whole for one in known if one.whole}) > 1:
        return None
    listed = (
        len(known) > 2 and len({one.sentence for one in known}) == 1 and not _BROKEN.search(_between(sentence, known))
    )
    if (
        _is_done(known)
        or _closes(known if listed else [*earlier, *here], last, all_of_them=listed)
        or _is_apart(sentence, known)
    ):
        return None
    total = fsum(one.value for one in known)
    off = abs(total - 100) > fsum(one.slack for one in known) + 0.051
    over = total > 100 and len(known) > 2 and (_PARTS.search(sentence.text) is not None or _is_list(sentence, known))
    whole = rest is not None or over or (len(known) > 2 and _WHOLLY.search(sentence.text[: known[0].amount.start]))
    if not (off and whole and _LEAST < total < _BEYOND):
        return None
    words = " + ".join(one.amount.digits for one in known)
    evidence = f"shares of one whole: {words} = {total:.4g} %, not 100 %"
    at = last.amount.place
    return Finding("percentage", "medium", 0.85, at, evidence, "correct the share that is wrong", sentence.text)


def _is_list(sentence: Sentence, known: Sequence[_Share]) -> bool:
    """Whether four shares or more stand in a plain list: 44 % wind, 31 % gas ..."""
    gaps = [sentence.text[one.amount.end : other.amount.start] for one, other in pairwise(known)]
    return len(known) > _FEW and all(_LISTED.fullmatch(gap) for gap in gaps)


def _between(sentence: Sentence, known: Sequence[_Share]) -> str:
    here = [one for one in known if one.sentence == known[-1].sentence]
    return sentence.text[here[0].amount.end : here[-1].amount.start]


def _closes(some: Sequence[_Share], last: _Share, *, all_of_them: bool = False) -> bool:
    """Whether some of the shares that stand before it make a whole with the last one."""
    others = [one for one in some if one is not last][-_MOST:]
    return any(
        abs(fsum(one.value for one in few) + last.value - 100) <= fsum(one.slack for one in few) + last.slack + 0.051
        for many in range(len(others) if all_of_them else 1, len(others) + 1)
        for few in combinations(others, many)
    )


def _is_done(known: Sequence[_Share]) -> bool:
    """Whether the first of several shares make a whole, so that the others are of something else."""
    return any(abs(fsum(one.value for one in known[:many]) - 100) < _DONE for many in range(2, len(known)))


def _is_apart(sentence: Sentence, known: Sequence[_Share]) -> bool:
    """Whether words say that the shares are of sets that overlap, or of two times."""
    text = sentence.text
    if _OVERLAPPING.search(text) or len(set(_YEAR.findall(text))) > 1:
        return True
    things = {one.whole for one in known if one.whole.endswith("s") and not one.whole.endswith(_QUANTITIES)}
    if _OF_A_PART.search(_between(sentence, known)) or (things and not known[-1].is_rest):
        return True
    inside = text[: min(len(text), known[-1].amount.end + 30)]
    if known[-1].is_rest:
        inside = _LAST_YEAR.sub("", inside, count=1)
    return _OF_ANOTHER_TIME.search(inside) is not None
