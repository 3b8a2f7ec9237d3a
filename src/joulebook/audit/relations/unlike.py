"""Figures compared that cover different things: cards and a building, use and a life cycle, a year and a lifetime."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.relations import cues
from joulebook.audit.relations.context import Context
from joulebook.audit.relations.covers import COVERS
from joulebook.audit.relations.figures import PROPORTIONS, Figure
from joulebook.audit.relations.labels import Label, Labels, overheads
from joulebook.audit.relations.relation import Relation

_FREE: Final = 0.002
"""Relative difference that is free."""
_KINDS: Final = frozenset({"part", "multiple", "rise", "fall", "portion", "times"})
_TIE, _NEAR, _CLOSELY = 1.5, 1.5, 3.0
"""Tie from which a proportion counts, how much closer it has to be than one of like figures, and a close one."""
_FEW, _RECENT = 4, 2
"""Figures around a proportion, and sentences before it, among which those of one unit are looked for."""
_CARDS: Final = "the cards alone"
_LIKE: Final = (
    {"manufacture alone", "electricity alone"},
    {"manufacture alone", "the life cycle"},
    {"manufacture alone", "Scopes 1 and 2"},
    {"electricity alone", "Scopes 1 and 2"},
)
"""What may well be compared: two things of one life."""
_NARROW: Final = {"the cards alone", "IT", "electricity alone", "Scopes 1 and 2", "the site alone", "that alone"}
_WIDE: Final = {"the whole facility", "the life cycle", "site and power plants", "that and more"}
_OF_BASIS: Final = {"basis": "mixed-basis"}
OTHER: Final = re.compile(
    r"\b(?:[Tt]heirs?|[Rr]ivals?|[Cc]ompetit\w+|[Oo]thers?|[Aa]nother|[Pp]ublish(?:ed|es)|[Rr]eported"
    r"|that [A-Z][\w-]+ reports|[Pp]redecessors?"
    r"|[Ss]uccessors?|[Pp]eers?"
    r"|[Oo]ld(?:er)? (?:one|model|system|run|version)|[Ll]ast year['’]s (?:\w+ )?(?:one|model|run|version)"
    r"|[Pp]revious (?:one|model|run|version|generation)"
    r"|[Ee]arlier (?:one|model|run|version)"
    r"|[Nn]ew(?:er)? (?:one|model|run|version)|[Ii]ndustry|et al|[Mm]ine|[Oo]urs|[Oo]ur (?:own|model|run|method"
    r"|site|\w+[- ]site)|[Hh]ers|[Hh]is"
    r"|Konkurr\w+"
    r"|[Cc]olleagues?|[Tt]eam|[Kk]olleg\w+|[Cc]ollègues|[Vv]orgänger\w*|[Nn]achfolger\w*|[Aa]ndere[rsn]?"
    r"|[Aa]lte[sn]? Modell\w*|[Ww]ettbewerber\w*|concurrent\w*"
    r"|rivale?\w*|prédécesseur\w*"
    r"|leurs?|autres?|ancien\w* modèle)\b"
)
"""Words of a second subject: one and the same may well be compared with itself."""
AWARE: Final = re.compile(
    r"\b(?:(?:not|never|hardly|barely|scarcely|n't) (?:be )?(?:directly |really |strictly )?(?:compar\w+"
    r"|like for like|the same thing)"
    r"|incomparable|like[- ]for[- ]like|like with like|apples\b|pears\b|unlike\b|uneven|unfair\w*|(?:not|n['’]t"
    r"|hardly) (?:a |quite |really )?fair|lopsided|(?:flawed"
    r"|misleading|wrong|false|careless) compar\w+"
    r"|different (?:bound\w+|bas[ei]s|scopes?|methods?|things|quantit\w+)|(?:bound\w+|bas[ei]s|methods?"
    r"|scopes?) (?:\w+ )?differ\w*|caution"
    r"|caveat|mislead\w+|of which|both bases|on either basis"
    r"|account(?:s|ed|ing)? for|mak(?:es?|ing) up|made up|(?:a |its |their )?(?:share|portion) of|anteil\w*"
    r"|aus(?=\.)|représentent?"
    r"|the (?:former|latter) (?:figure |number )?(?:only )?(?:counts?|covers?|includes?|is(?= (?:only|of|for"
    r"|without|before)\b)|leaves|excludes)"
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
STRICT: Final = re.compile(
    r"\b(?:not|never|hardly|n['’]t) (?:be )?(?:directly |really |strictly )?(?:compar\w+|like for like)"
    r"|\bincomparable|\bapples\b"
    r"|\b(?:unfair|misleading|flawed) compar\w+|\bnicht (?:direkt )?vergleichbar|\bpas comparables?",
    re.IGNORECASE,
)
"""The same, so plainly that it may stand before."""
_WHOLE_OF: Final = re.compile(r"\btimes\b|%|per ?cent|half|third|share|of the|fold|prozent|doubl|twice", re.IGNORECASE)
"""Words of a part and its whole."""
_JUDGES: Final = re.compile(
    r"\b(?:cleaner|greener|dirtier|thirstier|hungrier|leaner|(?:more|less|as|so) (?:frugal|efficient|economical"
    r"|wasteful|thirsty|hungry|dirty|clean"
    r"|green|bad|polluting)|worse than|sauberer|schmutziger|sparsamer|effizienter|so (?:effizient|sparsam|sauber"
    r"|schmutzig)|plus (?:propre|sobre|vert|polluant|économe|gourmand)\w*"
    r"|undercuts?|outdoes)\b",
    re.IGNORECASE,
)
"""One is judged by the other: there are two."""
_FRUGAL: Final = re.compile(
    r"more (?:frugal|efficient|economical|sparing|thrifty|modest|climate-friendly)", re.IGNORECASE
)
"""More of that is less of what is counted."""
_THAT: Final = re.compile(
    r"\W*(?:(?:and|but|und|aber|et|mais) )?(?:that|this|it|das|dies|c['’]est|cela)\b", re.IGNORECASE
)
"""How a sentence begins that compares what the last one told."""
_COMPARED: Final = frozenset({"energy", "mass", "water"})
_COMPARES: Final = re.compile(
    r"\b(?:than|compared? (?:with|to)|versus|vs\.?|against|beside|(?:well |far |much )?(?:below|under|above"
    r"|ahead of|behind)"
    r"|lower|higher|less|fewer|better|cleaner|dirtier|greener|thirstier|hungrier|leaner|worse|beats?|outperforms?"
    r"|undercuts?"
    r"|als|gegenüber|weniger|sauberer|niedriger|höher|que|par rapport|moins|contre)\b",
    re.IGNORECASE,
)
_MORE: Final = re.compile(
    r"\b(?:more|less|fewer|worse|better|times the|(?:half|third|quarter|fifth|sixth|tenth|per ?cent"
    r"|%) of the (?:energy|electricity|power"
    r"|water|carbon|emissions|kilowatt\w*)|as (?:much|many|\w+ (?:as|a))|(?:\w+)er\b(?: \w+)? than"
    r"|times (?:the|as|more|less|\w+er)"
    r"|\w+ier|dirtier"
    r"|mehr|weniger|so viel|mal so \w+|plus|moins|fois|más|menos|veces)\b",
    re.IGNORECASE,
)
"""One of two has more."""
_REST: Final = re.compile(
    r"\b(?:overheads?|rest|remainder|difference|share|gap|losses|lost|cooling|extra|added?|adds|differenz|übrige\w*"
    r"|anteil"
    r"|reste|différence|part|diferencia|resto)\b",
    re.IGNORECASE,
)
"""What one of them has beside the other."""
_MODEL: Final = re.compile(
    r"\b[A-Z][A-Za-z]*-\d[\w.]*\b|\b[A-Z]{4,}\b|(?<=[a-z] )[A-HJ-Z]\b"
    r"|^\W*(?!It|That|Let|What|Here|There|Today|He"
    r"|She)[A-Z][\w-]+(?=['’]s\b)"
    r"|^\W*(?!(?:It|That|This|They|We|He|She|There|Training|Inference|Cooling|Facility|Electricity|Power|Hardware"
    r"|Manufactur\w+"
    r"|Production|Data|Energy|IT|Use|Storage|Memory|Idling|Water|Carbon|Total|Overhead|Location|Market|Training"
    r"|Strom|Betrieb|Kühlung"
    r"|Herstellung)\b)[A-Z][\w-]*[^\Ws](?= (?:used|took|needed|consumed|emitted|reports|reported|emits|uses|needs"
    r"|brauchte|verbrauchte)\b)"
)
_NAME: Final = re.compile(rf"(?<![.!?:“\"»] )(?<!^)\b[A-ZÀ-Ý][\w-]*[A-Za-z0-9]\b|{_MODEL.pattern}")
_GERMAN: Final = re.compile(r"\b(?:der|die|das|den|und|ein|eine|ist|sind|nicht|mit|auf)\b")
"""Every noun has a capital letter."""
_NO_NAME: Final = re.compile(
    r"(?:MWh|GWh|TWh|kWh|Wh|MW|GW|kW|CO2e?|PUE|IT|GPUs?|TPUs?|CPUs?|AI|KI|IA|NVML|TDP|Scope|The|It|In|On|A|An|We"
    r"|Our|With|For|At"
    r"|January|February|March|April|May|June|July|August|September|October|November|December|I)$"
)


def unlike(context: Context) -> Iterator[Finding]:
    """Comparisons of two figures that cover different things, of two subjects, where nothing says so."""
    told: set[int] = set()
    for result in context.figures:
        if result.sentence in told:
            continue
        pair = _of_proportion(result, context) if result.kind in PROPORTIONS else _of_sentence(result, context)
        found = clash(*pair, context.known) if pair is not None else None
        if pair is None or found is None:
            continue
        is_two = _is_two(result, pair) or _is_silent(result, pair, found[0])
        is_two = is_two or (found[0] != "part" and _is_change(result, pair, context.years))
        if not (is_two or _is_preferred(result, found[0])):
            continue
        if not _is_known(result, context) and not _is_linked(*pair, context):
            told.add(result.sentence)
            yield _finding(result, pair, *found)


def _of_proportion(result: Figure, context: Context) -> tuple[Figure, Figure] | None:
    """The two unlike figures of which one is so many times or per cent of the other, if no like ones are as close."""
    closing = [
        one for one in context.relations[result.order] if one.kind in _KINDS and one.tie >= _TIE and one.closes()
    ]
    closing = closing or _of_one_unit(result, context.figures)
    best = max((one for one in closing if clash(*_pair(one), context.known)), key=lambda one: one.tie, default=None)
    if best is None or any(
        one.tie >= best.tie - _NEAR and not clash(*_pair(one), context.known) and one.members != best.members
        for one in closing
    ):
        return None
    if best.tie < _CLOSELY and any(cover.name and cover.words.search(result.text) for cover in COVERS):
        return None
    return _pair(best)


def _of_sentence(result: Figure, context: Context) -> tuple[Figure, Figure] | None:
    """The only two figures of one kind in a sentence that compares them, or in it and the one that it begins from."""
    if result.kind not in _COMPARED or not _COMPARES.search(result.text):
        return None
    beside = [
        one for one in context.figures[max(0, result.order - _FEW) : result.order + _FEW + 1] if one.kind == result.kind
    ]
    alike = [one for one in beside if one.sentence == result.sentence]
    if len(alike) == 1 and _THAT.match(result.text):
        alike = [one for one in beside if one.sentence == result.sentence - 1] + alike
    return (alike[0], alike[1]) if len(alike) == 2 and result is alike[1] else None


def _of_one_unit(result: Figure, figures: Sequence[Figure]) -> list[Relation]:
    """Proportions of two figures of one printed unit near, whatever they are for one of."""
    near = [
        one
        for one in figures[max(0, result.order - _FEW) : result.order + _FEW]
        if not one.is_bare
        and one.kind != "time"
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
    near = _FRUGAL.sub("less", f"{result.before[-40:]} {result.behind[:40]}")
    kinds = [("part", ratio, wide), ("multiple", 1 / ratio, wide)]
    if result.kind != "factor" and cues.DOWN.search(near):
        kinds = [("fall", 1 - ratio, wide * ratio / (1 - ratio))]
    elif result.kind != "factor" and cues.UP.search(near):
        kinds = [("rise", 1 / ratio - 1, wide / (1 - ratio))]
    for kind, value, loose in kinds:
        least, most = value * unit * (1 - loose), value * unit * (1 + loose)
        yield Relation(kind, result, (one, other), least, value * unit, most, _CLOSELY, "")


def clash(one: Figure, other: Figure, known: Labels) -> tuple[str, Label, Label] | None:
    """The axis on which two figures of one kind cover different things, and what each covers."""
    if one.kind != other.kind:
        return None
    left, right = known[one.order], known[other.order]
    for axis in sorted(left.keys() & right.keys(), key=lambda one: one == "part"):
        names = {left[axis].name, right[axis].name}
        if (
            len(names) == 2
            and names not in _LIKE
            and not (one.kind == "power" and axis == "energy" and _CARDS in names)
        ):
            return axis, left[axis], right[axis]
    return _by_extent(left, right) if one.kind != "power" else None


def _by_extent(left: Mapping[str, Label], right: Mapping[str, Label]) -> tuple[str, Label, Label] | None:
    """Two figures of which one is said to be of a part alone, by any words, and the other to have more in it."""
    for some, others in ((left, right), (right, left)):
        narrow = next((one for one in some.values() if one.name in _NARROW), None)
        wide = next((one for one in others.values() if one.name in _WIDE), None)
        mixed = {one.name for one in some.values()} & _WIDE or {one.name for one in others.values()} & _NARROW
        if narrow is not None and wide is not None and not mixed:
            return ("part", narrow, wide) if some is left else ("part", wide, narrow)
    return None


def _pair(relation: Relation) -> tuple[Figure, Figure]:
    """The two amounts that a proportion compares."""
    if relation.kind in ("portion", "times"):
        return relation.terms[0], relation.result
    first, last = relation.terms
    return first, last


def _is_linked(one: Figure, other: Figure, context: Context) -> bool:
    """Whether one figure follows from the other, by a PUE or as a part of a sum: both are of one subject."""
    small, large = sorted((one, other), key=lambda figure: figure.size)
    wide = small.loose() + large.loose() + _FREE
    if any(abs(large.size / small.size / pue.size - 1) < wide for pue in overheads(context.figures) if pue.size > 1):
        return True
    sums = [relation for relation in context.relations[large.order] if relation.kind == "sum" and relation.closes()]
    return any(relation.tie >= _TIE and small.order in relation.pair for relation in sums)


def _is_two(result: Figure, pair: tuple[Figure, Figure]) -> bool:
    """Whether words tell of a second subject, or the figures are of different names."""
    if any(OTHER.search(one.text) for one in (result, *pair)) or _JUDGES.search(result.text) or len(_names(result)) > 1:
        return True
    left, right = (_names(one) for one in pair)
    if sum(name in result.text for name in left | right) > 1:
        return True
    return pair[0].sentence != pair[1].sentence and bool(left - right) and bool(right - left)


def _is_preferred(result: Figure, axis: str) -> bool:
    """Whether use is held against a life cycle without any proportion: one is lower, as if it were better."""
    return axis == "carbon" and result.kind not in PROPORTIONS and _WHOLE_OF.search(result.text) is None


def _is_silent(result: Figure, pair: tuple[Figure, Figure], axis: str) -> bool:
    """Whether a sentence of its own calls one more or less than the other, and says nothing of what they cover."""
    return (
        all(one.sentence != result.sentence for one in pair)
        and pair[0].sentence != pair[1].sentence
        and result.kind in PROPORTIONS
        and _MORE.search(result.text) is not None
        and _REST.search(result.text) is None
        and not any(cover.axis == axis and cover.words.search(result.text) for cover in COVERS)
    )


def _is_change(result: Figure, pair: tuple[Figure, Figure], years: Mapping[int, int]) -> bool:
    """Whether a percentage is a change from one year to another, of one and the same."""
    named = {years.get(one.order, 0) for one in pair}
    return len(named) == 2 and 0 not in named and result.kind in PROPORTIONS


def _names(one: Figure) -> set[str]:
    pattern = _MODEL if _GERMAN.search(one.text) else _NAME
    return {name for name in pattern.findall(one.text) if not _NO_NAME.match(name)}


def _is_known(result: Figure, context: Context) -> bool:
    """Whether the author says, there or right behind, that like is not compared with like."""
    said = AWARE.search(result.text) or AWARE.search(context.after(result)) or STRICT.search(context.before(result))
    return said is not None or context.denies(result)


def _finding(result: Figure, pair: tuple[Figure, Figure], axis: str, left: Label, right: Label) -> Finding:
    one, other = pair
    amount = result.amount
    compares = f"{amount.digits} compares" if result not in pair else "compared are"
    evidence = (
        f"{compares} {printed(one.amount)} ({left.name}, line {left.line}: {left.why!r}) with "
        f"{printed(other.amount)} ({right.name}, line {right.line}: {right.why!r})"
    )
    remedy = "compare figures of the same basis and boundary, or say that they differ"
    return Finding(_OF_BASIS.get(axis, "mixed-boundary"), "medium", 0.8, amount.place, evidence, remedy, result.text)
