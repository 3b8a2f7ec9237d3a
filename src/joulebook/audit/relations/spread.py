"""The whole for a part of it: a lifetime's manufacture laid on each year, a board's figure taken for each card."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.relations.context import Context
from joulebook.audit.relations.figures import HOURS, Figure
from joulebook.audit.relations.labels import same
from joulebook.audit.relations.relation import Relation

_HOURS_OF_YEAR: Final = HOURS["year"]
_YEARS: Final = (2.0, 60.0)
"""Lifetimes in years."""
_MET: Final = 0.02
"""How closely a year's part is met."""
_BACK: Final = 16
"""Figures before a result among which the whole is looked for."""
_EACH_YEAR: Final = re.compile(
    r"\b(?:each|every|per|a|its|their) (?:\w+ )?year\b|\bannual\w*|\byearly|\byear (?:after|by|for) year|jedes jahr"
    r"|pro jahr|jährlich\w*"
    r"|(?:chaque|par) an(?:née)?\b|annuel\w*",
    re.IGNORECASE,
)
_LIFE: Final = re.compile(
    r"\b(?:life\w*|last(?:s|ed|ing)?|service|kept?|keeps|used?|serves?|runs?|stays?|stand|stands|remains?"
    r"|writ\w+ (?:\w+ ){0,2}off|depreciat\w*"
    r"|amorti[sz]\w*"
    r"|spread"
    r"|lebensdauer|nutzungsdauer|hält|läuft|laufen"
    r"|abgeschrieben|vie|dur(?:ée?|ent?)|amort\w*)\b",
    re.IGNORECASE,
)
_MADE: Final = re.compile(
    r"manufactur\w*|embodied|making|made|built|build|purchas\w*|bought|cost|factory|production|produc\w*|hardware"
    r"|herstell\w*|anschaff\w*"
    r"|fabrication|achat",
    re.IGNORECASE,
)
_OVER: Final = re.compile(
    r"\b(?:over|spread|divided|by|share|of which|verteilt|geteilt|durch|réparti\w*|divisé\w*)\b", re.IGNORECASE
)
_AGAIN: Final = re.compile(r"\b(?:again|once more|new|replac\w*|since|erneut|neue[nrs]?|nouve\w+)\b", re.IGNORECASE)
"""It is made anew each year."""
_BOARD: Final = re.compile(
    r"\b(?:boards?|servers?|nodes?|boxes|baseboards?|systems?|chassis|machines?|hosts?|platine\w*|rechner\w*"
    r"|serveurs?|nœuds?)\b",
    re.IGNORECASE,
)
_CARD: Final = re.compile(
    r"\b(?:cards?|gpus?|accelerators?|chips?|karten?|beschleuniger\w*|cartes?|puces?|accélérateurs?)\b"
    r"(?![ -](?:boards?|baseboards?|servers?|nodes?|racks?))",
    re.IGNORECASE,
)
_FAR, _FEW = 60, 4
"""Figures before a product among which the board is looked for, and its factors."""
_COUNTS, _MANY, _TIE = ("count", "number", "factor"), 8, 3.0
"""Kinds of numbers of cards, from how many on, and how closely they are tied to a product."""
_KINDS: Final = ("mass", "power", "money", "water", "energy")


def spread(context: Context) -> Iterator[Finding]:
    """Wholes laid on each year, shares of a year that hold a lifetime, and figures of a board taken for each card."""
    figures = context.figures
    for one in figures:
        found: list[Finding] = []
        if one.kind in ("mass", "money"):
            found += _each_year(one, figures)
        if one.kind == "percent":
            found += _share_of_year(one, figures)
        if one.kind in _KINDS:
            found += _each_card(one, figures, context.relations[one.order])
        if found and not context.denies(one):
            yield found[0]


def _each_year(one: Figure, figures: Sequence[Figure]) -> Iterator[Finding]:
    """A figure that was a whole before, though years of life are told, and is a year's here."""
    yearly = "year" in one.amount.per or _EACH_YEAR.search(f"{one.before[-70:]} {one.behind[:45]}")
    if not yearly or _OVER.search(one.behind[:45]) or _AGAIN.search(one.text):
        return
    near = figures[max(0, one.order - _BACK) : one.order]
    wholes = [other for other in near if _is_whole(other, one) and _MADE.search(f"{other.text} {one.text}")]
    lives = [other for other in near if _is_life(other)]
    if wholes and lives:
        whole, life = wholes[-1], lives[-1]
        years = life.size / _HOURS_OF_YEAR
        part = one.amount.value / one.amount.scale / years
        evidence = (
            f"{printed(one.amount)} is laid on each year, but is the whole of line {whole.amount.place.line}, for "
            f"{life.amount.digits} (line {life.amount.place.line}): a year has "
            f"{part:.3g} {one.amount.unit}"
        )
        remedy = "divide what is made once by the years that it serves"
        yield Finding("product", "medium", 0.8, one.amount.place, evidence, remedy, one.text)


def _is_whole(other: Figure, one: Figure) -> bool:
    """Whether a figure is the same amount, told of no period."""
    alike = other.kind == one.kind and abs(other.amount.value - one.amount.value) <= 1e-6 * one.amount.value
    return alike and not other.amount.per and not _EACH_YEAR.search(f"{other.before[-70:]} {other.behind[:45]}")


def _is_life(one: Figure) -> bool:
    """Whether a time is how long something serves."""
    years = one.size / _HOURS_OF_YEAR
    if one.kind != "time" or not _YEARS[0] <= years <= _YEARS[1]:
        return False
    return _LIFE.search(f"{one.before[-50:]} {one.behind[:30]}") is not None


def _share_of_year(share: Figure, figures: Sequence[Figure]) -> Iterator[Finding]:
    """A share of a year's footprint that is the whole of what serves for years, by that and one year."""
    if not _EACH_YEAR.search(share.text) or not _MADE.search(share.text):
        return
    before = figures[max(0, share.order - _BACK) : share.order]
    near = [one for one in before if one.kind in ("mass", "money", "energy")]
    for whole, portion, life in _by_life(near, [one for one in before if _is_life(one)]):
        for year in near:
            is_other = year.kind == whole.kind and year not in (whole, portion)
            if is_other and (found := _of_whole(share, whole, year, life.size / _HOURS_OF_YEAR)):
                evidence = (
                    f"{share.amount.digits} = {whole.amount.digits} / ({whole.amount.digits} + {year.amount.digits}): "
                    f"the first serves {life.amount.digits} (line {life.amount.place.line}), which makes "
                    f"{portion.amount.digits} a year, the second is of one year; {found:.2g} % of a year"
                )
                remedy = "set a year of the one beside a year of the other"
                yield Finding("mixed-boundary", "medium", 0.85, share.amount.place, evidence, remedy, share.text)
                return


def _by_life(near: Sequence[Figure], lives: Sequence[Figure]) -> Iterator[tuple[Figure, Figure, Figure]]:
    """Wholes, the part of them that is a year's, and the years, as far as they fit."""
    for whole, portion, life in product(near, near, lives):
        years = life.size / _HOURS_OF_YEAR
        alike = whole.kind == portion.kind and not whole.amount.per and whole is not portion
        if alike and abs(portion.amount.value * years / whole.amount.value - 1) < _MET:
            yield whole, portion, life


def _of_whole(share: Figure, whole: Figure, year: Figure, years: float) -> float:
    """What per cent a year's part would be, where the stated share is that of the whole; else 0."""
    mine, other, half = whole.amount.value, year.amount.value, share.amount.slack * 1.05
    right = 100 * mine / years / (mine / years + other)
    is_of_whole = abs(share.amount.value - 100 * mine / (mine + other)) <= half < abs(share.amount.value - right)
    return right if is_of_whole else 0.0


def _each_card(result: Figure, figures: Sequence[Figure], some: Sequence[Relation]) -> Iterator[Finding]:
    """A product of a number of cards with what a board or server has."""
    for count, each in (*_factors(some), *_beside(result, figures)):
        if count.size < _MANY or each.kind != result.kind or not _counts_cards(count, figures):
            continue
        earlier = figures[max(0, result.order - _FAR) : min(result.order, each.order)]
        boards = [one for one in earlier if same(one._replace(each=()), each._replace(each=()))]
        board = next((one for one in boards if _of_board(one)), None)
        if board is not None and not any(_of_card(one) for one in (*boards, each)):
            evidence = (
                f"{count.amount.digits} x {each.amount.digits} = {printed(result.amount)}: the number counts cards, "
                f"and {printed(board.amount)} is of a board or server (line {board.amount.place.line})"
            )
            remedy = "multiply boards by boards, or cards by what one of them has"
            yield Finding("unit-slip", "medium", 0.75, result.amount.place, evidence, remedy, result.text)
            return


def _factors(some: Sequence[Relation]) -> Iterator[tuple[Figure, Figure]]:
    """Numbers with what they are multiplied by, of relations that close."""
    for relation in some:
        if relation.kind in ("product", "times") and relation.tie >= _TIE and relation.closes():
            counts = [one for one in relation.terms if one.is_bare and one.kind in _COUNTS]
            others = [one for one in relation.terms if one not in counts]
            if len(counts) == len(others) == 1:
                yield counts[0], others[0]


def _beside(result: Figure, figures: Sequence[Figure]) -> Iterator[tuple[Figure, Figure]]:
    """Numbers and amounts in the sentence of a result whose product it is, whatever they are told to be of."""
    near = [one for one in figures[max(0, result.order - _FEW) : result.order] if one.sentence == result.sentence]
    for count, each in product(near, near):
        if count.is_bare and count.kind in _COUNTS and each.kind == result.kind:
            wide = each.loose() + result.loose()
            if abs(count.size * each.size / result.size - 1) < wide:
                yield count, each


def _counts_cards(one: Figure, figures: Sequence[Figure]) -> bool:
    """Whether a number is of cards, by what stands behind it there or at an earlier mention."""
    alike = [other for other in figures if other.kind in _COUNTS and other.amount.value == one.amount.value]
    behind = [(other.amount.text + other.text[other.amount.end : other.amount.end + 30]) for other in alike]
    cards = any(_CARD.search(words) and not _BOARD.search(words) for words in behind)
    return cards and not any(_BOARD.search(words.split(",")[0]) and not _CARD.search(words) for words in behind)


def _of_board(one: Figure) -> bool:
    near = f"{one.text[max(0, one.amount.start - 60) : one.amount.start]} {one.behind[:25]}"
    return _BOARD.search(near) is not None and not _of_card(one)


def _of_card(one: Figure) -> bool:
    """Whether a figure is said to be of one card."""
    words = re.compile(
        rf"(?:per|each|every|a|an|one|the|single|pro|je|par|chaque) (?:\w+ )?{_CARD.pattern}", re.IGNORECASE
    )
    return "device" in one.each or words.search(f"{one.before[-30:]} {one.behind[:20]}") is not None
