"""Figures compared that cover different things: cards and a building, use and a life cycle, a year and a lifetime."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.relations import cues
from joulebook.audit.relations.figures import PROPORTIONS, Figure
from joulebook.audit.relations.labels import Label, Labels
from joulebook.audit.relations.relation import Relation

_KINDS: Final = frozenset({"part", "multiple", "rise", "fall", "portion", "times"})
_TIE, _NEAR = 3.0, 1.5
"""Tie from which a proportion counts, and how much closer it has to be than one of like figures."""
_FEW, _RECENT = 4, 2
"""Figures around a proportion, and sentences before it, among which those of one unit are looked for."""
_CARDS: Final = "the cards alone"
_LIKE: Final = ({"manufacture alone", "electricity alone"}, {"manufacture alone", "the life cycle"})
"""What may well be compared: two things of one life."""
_OF_BASIS: Final = {"basis": "mixed-basis"}
OTHER: Final = re.compile(
    r"\b(?:[Tt]heirs?|[Rr]ivals?|[Cc]ompetit\w+|[Oo]thers?|[Aa]nother|[Pp]ublished|[Rr]eported|[Pp]redecessors?"
    r"|[Ss]uccessors?|[Pp]eers?"
    r"|[Oo]ld(?:er)? (?:one|model|system|run|version)|[Pp]revious (?:one|model|run|version|generation)"
    r"|[Ee]arlier (?:one|model|run|version)"
    r"|[Nn]ew(?:er)? (?:one|model|run|version)|[Ii]ndustry|et al|[Mm]ine|[Oo]urs|[Oo]ur (?:own|model|run|method"
    r"|site|\w+[- ]site)|[Hh]ers|[Hh]is"
    r"|Konkurr\w+"
    r"|[Vv]orgänger\w*|[Nn]achfolger\w*|[Aa]ndere[rsn]?|[Aa]lte[sn]? Modell\w*|[Ww]ettbewerber\w*|concurrent\w*"
    r"|rivale?\w*|prédécesseur\w*"
    r"|leurs?|autres?|ancien\w* modèle)\b"
)
"""Words of a second subject: one and the same may well be compared with itself."""
AWARE: Final = re.compile(
    r"\b(?:(?:not|never|hardly|barely|scarcely|n't) (?:be )?(?:directly |really |strictly )?(?:compar\w+"
    r"|like for like|the same thing)"
    r"|incomparable|like[- ]for[- ]like|like with like|apples\b|pears\b|unlike\b|uneven|unfair\w*|(?:flawed"
    r"|misleading|wrong|false|careless) compar\w+"
    r"|different (?:bound\w+|bas[ei]s|scopes?|methods?|things|quantit\w+)|(?:bound\w+|bas[ei]s|methods?"
    r"|scopes?) (?:\w+ )?differ\w*|caution"
    r"|caveat|mislead\w+|of which|both bases|on either basis"
    r"|account(?:s|ed|ing)? for|mak(?:es?|ing) up|made up|(?:a |its |their )?(?:share|portion) of|anteil\w*"
    r"|aus(?=\.)|représentent?"
    r"|the (?:former|latter) (?:figure |number )?(?:only )?(?:counts?|covers?|includes?|is|leaves|excludes)"
    r"|nicht (?:direkt |ohne weiteres )?vergleichbar|äpfel|irreführend\w*|ungleich"
    r"|(?:but|though|although|whereas|while|except that|however|only|remember that|note that|of course|since"
    r"|because)\b[^.;]{0,60}?"
    r"\b(?:counts?|counting|covers?|includes?|including|leaves out|excludes?|contains?|comprises?|left out|only the"
    r"|cooling|overhead|manufactur\w*"
    r"|embodied|boundar\w+|power plants|certificates)"
    r"|(?:aber|allerdings|obwohl|wobei|doch|nur)\b[^.;]{0,60}?\b(?:zählt|umfasst|enthält|einschließt|ohne|kühlung"
    r"|herstellung|nur die)"
    r"|(?:mais|bien que|quoique|alors que|cependant)\b[^.;]{0,60}?\b(?:compte|comprend|inclut|couvre|exclut"
    r"|seulement|refroidissement|fabrication)"
    r"|pas (?:directement )?comparables?|trompeu\w+|pommes)\b",
    re.IGNORECASE,
)
_MODEL: Final = re.compile(r"\b[A-Z][A-Za-z]*-\d[\w.]*\b|\b[A-Z]{4,}\b|(?<=[a-z] )[A-HJ-Z]\b")
_NAME: Final = re.compile(rf"(?<![.!?:“\"»] )(?<!^)\b[A-ZÀ-Ý][\w-]*[A-Za-z0-9]\b|{_MODEL.pattern}")
_GERMAN: Final = re.compile(r"\b(?:der|die|das|den|und|ein|eine|ist|sind|nicht|mit|auf)\b")
"""Every noun has a capital letter."""
_NO_NAME: Final = re.compile(
    r"(?:MWh|GWh|TWh|kWh|Wh|MW|GW|kW|CO2e?|PUE|IT|GPUs?|TPUs?|CPUs?|AI|KI|IA|NVML|TDP|Scope|The|It|In|On|A|An|We"
    r"|Our|With|For|At"
    r"|January|February|March|April|May|June|July|August|September|October|November|December|I)$"
)


def unlike(figures: Sequence[Figure], relations: Mapping[int, Sequence[Relation]], known: Labels) -> Iterator[Finding]:
    """Proportions that close with two figures that cover different things, of two subjects, where nothing says so."""
    sentences = {one.sentence: one for one in figures}
    told: set[int] = set()
    for result in figures:
        if result.kind not in PROPORTIONS or result.sentence in told:
            continue
        closing = [one for one in relations[result.order] if one.kind in _KINDS and one.tie >= _TIE and one.closes()]
        closing = closing or _of_one_unit(result, figures)
        best = max((one for one in closing if clash(*_pair(one), known)), key=lambda one: one.tie, default=None)
        if best is None or any(
            one.tie >= best.tie - _NEAR and not clash(*_pair(one), known) and one.members != best.members
            for one in closing
        ):
            continue
        following = sentences.get(result.sentence + 1)
        after = following.text if following is not None and following.paragraph == result.paragraph else ""
        found = clash(*_pair(best), known)
        if found is not None and _is_two(result, _pair(best)) and not _is_known(result.text, after):
            told.add(result.sentence)
            yield _finding(best, *found)


def _of_one_unit(result: Figure, figures: Sequence[Figure]) -> list[Relation]:
    """Proportions of two figures of one printed unit near, whatever they are for one of."""
    near = [
        one
        for one in figures[max(0, result.order - _FEW) : result.order + _FEW]
        if not one.is_bare
        and one.paragraph == result.paragraph
        and result.sentence - _RECENT <= one.sentence <= result.sentence
    ]
    pairs = [
        (one, other)
        for one, other in pairwise(near)
        if (one.kind, one.amount.unit) == (other.kind, other.amount.unit) and one.amount.value != other.amount.value
    ]
    return [relation for pair in pairs for relation in _proportions(result, *pair) if relation.closes()]


def _proportions(result: Figure, one: Figure, other: Figure) -> Iterator[Relation]:
    """A proportion as part, multiple or change of two figures, by the words beside it."""
    small, large = sorted((one, other), key=lambda figure: figure.amount.value)
    ratio, wide = small.amount.value / large.amount.value, small.loose() + large.loose()
    unit = 100.0 if result.kind == "percent" else 1.0
    near = f"{result.before[-40:]} {result.behind[:40]}"
    kinds = [("part", ratio, wide), ("multiple", 1 / ratio, wide)]
    if result.kind != "factor" and cues.DOWN.search(near):
        kinds = [("fall", 1 - ratio, wide * ratio / (1 - ratio))]
    elif result.kind != "factor" and cues.UP.search(near):
        kinds = [("rise", 1 / ratio - 1, wide / (1 - ratio))]
    for kind, value, loose in kinds:
        least, most = value * unit * (1 - loose), value * unit * (1 + loose)
        yield Relation(kind, result, (one, other), least, value * unit, most, _TIE, "")


def clash(one: Figure, other: Figure, known: Labels) -> tuple[str, Label, Label] | None:
    """The axis on which two figures of one kind cover different things, and what each covers."""
    if one.kind != other.kind:
        return None
    left, right = known[one.order], known[other.order]
    for axis in left.keys() & right.keys():
        names = {left[axis].name, right[axis].name}
        if (
            len(names) == 2
            and names not in _LIKE
            and not (one.kind == "power" and axis == "energy" and _CARDS in names)
        ):
            return axis, left[axis], right[axis]
    return None


def _pair(relation: Relation) -> tuple[Figure, Figure]:
    """The two amounts that a proportion compares."""
    if relation.kind in ("portion", "times"):
        return relation.terms[0], relation.result
    first, last = relation.terms
    return first, last


def _is_two(result: Figure, pair: tuple[Figure, Figure]) -> bool:
    """Whether words tell of a second subject, or the figures are of different names."""
    if any(OTHER.search(one.text) for one in (result, *pair)) or len(_names(result)) > 1:
        return True
    left, right = (_names(one) for one in pair)
    return pair[0].sentence != pair[1].sentence and bool(left - right) and bool(right - left)


def _names(one: Figure) -> set[str]:
    pattern = _MODEL if _GERMAN.search(one.text) else _NAME
    return {name for name in pattern.findall(one.text) if not _NO_NAME.match(name)}


def _is_known(text: str, after: str) -> bool:
    """Whether the author says, there or right after, that like is not compared with like."""
    return AWARE.search(text) is not None or AWARE.search(after) is not None or cues.REBUTTED.search(text) is not None


def _finding(relation: Relation, axis: str, left: Label, right: Label) -> Finding:
    one, other = _pair(relation)
    amount = relation.result.amount
    evidence = (
        f"{amount.digits} compares {printed(one.amount)} ({left.name}, line {left.line}: {left.why!r}) with "
        f"{printed(other.amount)} ({right.name}, line {right.line}: {right.why!r})"
    )
    remedy = "compare figures of the same basis and boundary, or say that they differ"
    return Finding(
        _OF_BASIS.get(axis, "mixed-boundary"), "medium", 0.8, amount.place, evidence, remedy, relation.result.text
    )
