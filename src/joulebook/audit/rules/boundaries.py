"""Comparisons of two figures that count different things: operational beside embodied, cards beside a building."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Paragraph, Sentence


class _Mark(NamedTuple):
    """Words for what a figure counts; two that exclude each other make a comparison wrong."""

    name: str
    words: re.Pattern[str]


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_LOCATION: Final = _Mark(
    "location-based", _words(r"location[- ]?based|\blocation\b|standortbasiert\w*|ortsbasiert\w*|localisation")
)
_MARKET: Final = _Mark(
    "market-based", _words(r"market[- ]?based|\bmarket\b|marktbasiert\w*|\bmarché|after certificates")
)
_USE: Final = _Mark(
    "operational",
    _words(
        r"\boperational\b|dynamic (?:power|consumption|energy)|use[- ]phase|electricity (?:alone|only|used)"
        r"|nothing else"
        r"|(?:without|excluding|not counting|leaving out) (?:\w+ )?(?:embodied|manufactur\w*|hardware)"
        r"|scope 2(?! and| to)\b|scopes? 1 (?:and|und|et|\+|&) 2\b(?!\W{0,2}(?:and|to|,|und|et)?\s*3)"
        r"|betrieb\w*|nur (?:den )?strom|opérationnel\w*|usage seul|électricité seule"
    ),
)
_LIFE: Final = _Mark(
    "life-cycle",
    _words(
        r"(?:includ\w+|with|plus|once|when|counting|covering|einschlie\w+|mit|avec"
        r"|y compris)\W+(?:\w+\W+){0,3}?(?:embodied|manufactur\w*"
        r"|hardware|herstellung\w*|graue\w*|fabrication)|(?:embodied|manufactur\w*"
        r"|hardware)[^,;.]{0,25}(?:included|added)"
        r"|(?:entire|whole|full|complete) value chain|gesamte\w* wertschöpfungskette|toute (?:la|sa) chaîne de valeur"
        r"|life[- ]?cycle|cradle[- ]to[- ]grave|full (?:footprint|accounting)|scopes? (?:1|one)\D{1,9}3\b"
        r"|lebenszyklus|cycle de vie"
    ),
)
_CARDS: Final = _Mark(
    "of the cards alone",
    _words(
        r"(?:gpus?|cards?|chips?|accelerators?|boards?)[ -](?:alone|only|energy|side)|only (?:the )?(?:gpus?"
        r"|cards?|chips?)|nvidia-smi"
           r"|nur (?:die )?(?:gpus?|karten)|gpu seuls?"),
)  # fmt: skip
_BUILDING: Final = _Mark(
    "of the building",
    _words(
        r"facility|whole[- ]site|building|at the meter|(?:with|includ\w+) (?:\w+ )?(?:cooling|overhead|pue)"
        r"|data[- ]cent(?:er|re) level"
        r"|rechenzentrum|mit kühlung|refroidissement compris"
    ),
)
_PAIRS: Final = (
    (_LOCATION, _MARKET, "mixed-basis"),
    (_USE, _LIFE, "mixed-boundary"),
    (_CARDS, _BUILDING, "mixed-boundary"),
)
_COMPARES: Final = _words(
    r"\b(?:than|compared (?:with|to)|versus|vs\.?|against|(?:times|twice) (?:more|less|lower|higher|as)|lower|higher"
    r"|better|cleaner|beats"
    r"|outperforms|als|gegenüber|que|par rapport|half of|mal so|fois plus)\b"
)
_COMPARATIVE: Final = _words(
    r"\b(?:less|lower|fewer|more|higher|better|cleaner|greener|smaller|larger|worse|times|twice|beats|fold|half"
    r"|as much|weniger|mehr"
    r"|niedriger|höher|sauberer|mal|moins|plus|fois)\b|%"
)
_AWARE: Final = _words(
    r"comparable|like for like|different (?:bound\w+|bas[ei]s|scopes?|method\w*)|(?:bound\w+|bas[ei]s"
    r"|methods?) differ\w*|differ\w* because"
    r"|(?:be|never) compared?|on (?:either|both) bas[ei]s|both bases|whereas|nicht vergleichbar|respectively"
    r"|of which|which include"
    r"|the same (?:electricity|energy|year|footprint|emissions|consumption|operations?)|because|once"
    r"|when (?:\w+ ){0,3}(?:added|included|counted)"
    r"|includ\w+ (?:it|them|that)|adding|adds|share|\bboth\b"
)
_OTHER: Final = re.compile(
    r"\b(?:[Tt]heirs?|[Rr]ival\w*|[Cc]ompetitor\w*|other|another|published|reported|predecessor\w*|[Pp]eers?"
    r"|[Ii]ndustry|et al|GPT\S*|BLOOM|Llama|Gemini"
    r"|Claude|PaLM|OPT|Gopher|Mistral\w*|DeepSeek\S*|Google\S*|Microsoft\S*|Amazon\S*|Meta|Konkurr\w+"
    r"|concurrent\w*|anderer?)\b"
)
"""Words of a second subject: the same run may well be compared with itself."""
_WHOLE_OF: Final = _words(r"\btimes\b|%|per ?cent|half|third|share|of the|fold")
_TO_ZERO: Final = _words(
    r"\s*(?:\([^)]*\)\s*)?(?:\w+\s){0,3}?(?:to|auf|à)\s(?:net[- ])?(?:zero|nil|nothing|null|zéro|0\b)"
)
_NET: Final = _words(r"market[- ]?based|\bnet\b|certificat\w*|after offset\w*|marktbasiert|netto")
_NET_ZERO: Final = _words(
    r"(?:market[- ]?based|marktbasiert\w*|net)\b[^.;]{0,70}(?:\bzero\b|\b0\b|\bnull\b|zéro)"
    r"|(?:\bzero\b|\b0 t)[^.;]{0,40}market[- ]?based"
)
_THAT: Final = _words(
    r"\W*(?:(?:and|but|und|aber|et|mais) )?(?:that|this|it|das|dies|c'est|cela)\b['’]?\s?(?:s|is"
    r"|was|ist|war|est)?\b"
)
"""How a sentence begins that compares what the last one told."""
_UNLIKE: Final = 0.02


def boundaries(document: Document) -> Iterator[Finding]:
    """Figures compared although the words around them, here or before, say that they count different things."""
    for paragraph in document.paragraphs:
        yield from _paragraph(paragraph)
    yield from _to_zero(document)


def _to_zero(document: Document) -> Iterator[Finding]:
    """Emissions that "went from 539 t to zero", where the document's zero is one of certificates."""
    sentences = document.sentences()
    fields = [field for record in document.every_record() for field in record.fields]
    in_tables = any(field.amount.value == 0 and _MARKET.words.search(field.label) for field in fields)
    if not in_tables and not any(_NET_ZERO.search(one.text) for one in sentences):
        return
    for sentence in sentences:
        for amount in sentence.amounts:
            if amount.kind != "mass" or amount.per or not _TO_ZERO.match(sentence.text[amount.end :]):
                continue
            alike = [
                other.text
                for other in sentences
                for one in other.amounts
                if other is not sentence
                and one.kind == "mass"
                and abs(one.value - amount.value) < _UNLIKE * amount.value
            ]
            if not _NET.search(" ".join([sentence.text, *alike])):
                evidence = f"{printed(amount)} of the grid is followed by a zero that is market-based"
                remedy = "compare figures of one basis, or say that they differ"
                yield Finding("mixed-basis", "medium", 0.75, amount.place, evidence, remedy, sentence.text)


def _paragraph(paragraph: Paragraph) -> Iterator[Finding]:
    known: list[tuple[Amount, set[str]]] = []
    last: list[tuple[Amount, set[str]]] = []
    for sentence in paragraph.sentences:
        amounts = [_named_again(known, one) for one in sentence.amounts if one.value > 0]
        amounts = [one for one in amounts if one.kind in ("mass", "energy") and "kWh" not in one.per]
        marks = [(_marks(sentence, amount, amounts) or _before(known, amount)) for amount in amounts]
        text, own = sentence.text, list(zip(amounts, marks, strict=True))
        if len(own) == len(last) == 1 and last[0][0].kind == own[0][0].kind and _THAT.match(text):
            amounts, marks = [last[0][0], *amounts], [last[0][1], *marks]
        last = own
        if 2 <= len(amounts) <= 3 and _COMPARES.search(text) and _COMPARATIVE.search(text) and not _AWARE.search(text):
            yield from _compared(sentence, amounts, marks)
        known += [(amount, named) for amount, named in own if named]


def _named_again(known: list[tuple[Amount, set[str]]], amount: Amount) -> Amount:
    """A bare number as the amount that was told with the same digits before: "BLOOM at 50.5"."""
    if amount.kind not in ("number", "count") or amount.noun or amount.slack >= 0.1 * amount.value:
        return amount
    for one, _ in known:
        if abs(one.value / one.scale / amount.value - 1) < 1e-9:
            return amount._replace(kind=one.kind, unit=one.unit, value=one.value, scale=one.scale)
    return amount


def _before(known: list[tuple[Amount, set[str]]], amount: Amount) -> set[str]:
    """What a figure was said to count where it was named before."""
    alike = [named for one, named in known if one.kind == amount.kind and abs(one.value / amount.value - 1) < _UNLIKE]
    return alike[-1] if alike else set()


def _compared(sentence: Sentence, amounts: list[Amount], marks: list[set[str]]) -> Iterator[Finding]:
    for one, other, rule in _PAIRS:
        left = [
            amount
            for amount, named in zip(amounts, marks, strict=True)
            if one.name in named and other.name not in named
        ]
        right = [
            amount
            for amount, named in zip(amounts, marks, strict=True)
            if other.name in named and one.name not in named
        ]
        is_two = _OTHER.search(sentence.text) or (one is _USE and not _WHOLE_OF.search(sentence.text))
        if is_two and left and right and left[0].kind == right[0].kind:
            evidence = f"{printed(left[0])} ({one.name}) is compared with {printed(right[0])} ({other.name})"
            remedy = "compare the same basis and boundary, or say that they differ"
            yield Finding(rule, "medium", 0.85, amounts[-1].place, evidence, remedy, sentence.text)


def _marks(sentence: Sentence, amount: Amount, amounts: list[Amount]) -> set[str]:
    """What the words nearest to an amount say that it counts: up to half way to its neighbours, or to a comparison."""
    at, text = amounts.index(amount), sentence.text
    begin, end = 0, len(text)
    if at:
        before = amounts[at - 1]
        cuts = [found.end() for found in _COMPARES.finditer(text, before.end, amount.start)]
        cuts += [
            found.end()
            for found in re.finditer(r"[,;)]\s(?:and|while|but|und|et)?", text[: amount.start])
            if found.start() >= before.end
        ]
        begin = max(cuts, default=(before.end + amount.start) // 2)
    if at + 1 < len(amounts):
        after = amounts[at + 1]
        stops = [found.start() for found in _COMPARES.finditer(text, amount.end, after.start)]
        stops += [found.start() for found in re.finditer(r"[,;]\s", text) if amount.end <= found.start() < after.start]
        end = min(stops, default=(amount.end + after.start) // 2)
    words = text[begin:end]
    found = {mark.name for pair in _PAIRS for mark in pair[:2] if mark.words.search(words)}
    if _USE.name in found and re.search(
        r"(?:excluding|without|ohne|sans|not counting)\W+\w*\W*(?:embodied|manufactur)", words, re.IGNORECASE
    ):
        found.discard(_LIFE.name)
    return found
