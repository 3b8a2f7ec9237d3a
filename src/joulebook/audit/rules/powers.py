"""Power that no card, server, rack or site has: an H100 of 70 W at full load, a rack of 40 MW."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from joulebook.audit.finding import Finding, printed, shown
from joulebook.audit.reading.amount import Amount, Document, Field, Record, Sentence
from joulebook.audit.roles import fields_of, role
from joulebook.audit.rules.drawers import APIECE, RATED, drawer
from joulebook.audit.rules.nearby import Clause, clause
from joulebook.audit.rules.places import known
from joulebook.audit.rules.ratings import NAMED, Rating, ratings

_MANY: Final = re.compile(r"\b(?:those|these|they|together|all|million|\d{2,})\b", re.IGNORECASE)
_SERVER_HAS: Final = re.compile(
    r"\b(?:an?|each|every|the|one|eine?|jeder?|der|un|chaque|le)\s(?:[\w-]+\s){0,2}(?:servers?|nodes?|chassis|knoten"
    r"|serveur)\b"
    r"[^.;,]{0,50}\b(?:has|is (?:rated|specified)|comes|hat|a)\b(?:(?!each)[^.;,]){0,40}$",
    re.IGNORECASE,
)
_WITH_CARDS: Final = re.compile(
    r"\b(?:eight|four|8|4)[- ](?:gpu|card|accelerator|karte|carte|tarjeta)|\bhgx\b|\bdgx\b|\bgpu[- ]server"
    r"|\bai server|\b[HB][12]00",
    re.IGNORECASE,
)
_EIGHT: Final = re.compile(r"\b(?:eight|8|acht|huit|ocho)[- ]|\b[hd]gx\b|\b(?:A100|[HB][12]00)", re.IGNORECASE)
_AT_REST: Final = re.compile(r"\bidl\w*|leerlauf|repos|standby|capped|\bcap\b|limit|\beach\b|per card", re.IGNORECASE)
_SO_MANY: Final = re.compile(
    rf"\b(?:(?P<four>four|4|vier|quatre|cuatro)|eight|8|acht|huit|ocho)[- ](?:nvidia )?{NAMED}", re.IGNORECASE
)
_EACH: Final = re.compile(r"\b(?:per|each|one|tdp|pro|je|par|rated)\b", re.IGNORECASE)
_FULL: Final = re.compile(
    r"\bfull(?:y)?[- ](?:\w+[- ])?(?:load|loaded|power|tilt|utili\w+|throttle|blast|stretch|speed|bore|swing"
    r"|out)|flat out"
    r"|(?:maximum|peak|max\.?) (?:load|power|draw)|at (?:its |the )?(?:peak|maximum)|100\s?% (?:load|utili)|under load"
    r"|when (?:busy|training)|(?:cards|gpus) busy|while (?:training|computing)|(?:im|beim) training|en entraînement"
    r"|voll(?:er)?[- ]?last"
    r"|\bup to\b|\bas much as\b|\bbis zu\b|\bjusqu|pleine charge"
    r"|sous charge|auslastung",
    re.IGNORECASE,
)
_AT_LIMIT: Final = re.compile(
    r"\b(?:pinned|running|stuck|hard|right|constantly|always)?\s?(?:to|at|against|up to) (?:its|the"
    r"|their) (?:\w+ )?(?:power )?(?:limit|cap)\b"
    r"(?! of)|\b(?:9\d|100)(?:\s?%| per ?cent) utili[sz]ation",
    re.IGNORECASE,
)
_LESS: Final = re.compile(
    r"\b(?:idl\w*|standby|sleep\w*|leerlauf|veille|repos|sav(?:es?|ing)|(?:less|more)(?! than)|extra|additional"
    r"|increase\w*|difference"
    r"|reduc\w*|fans?|cooling|laptop|edge|jetson|phone|mobile|embedded|capped|cap|limit\w*|throttled|memory"
    r"|hbm|nics?|cpus?|processors?"
    r"|host|share|overhead|per(?:cent)?|below|decode|memory-bound|light\w*|low)\b",
    re.IGNORECASE,
)
_MORE_WITHIN: Final = re.compile(
    r"\b(?:includ\w+|with|host|cooling|server|node|share|facility|all-in|overhead|pue|system|rack|cluster"
    r"|einschlie\w+|mit"
    r"|avec|total|together|combined|eight|8)\b",
    re.IGNORECASE,
)
_WITH_ITS: Final = re.compile(r"\b(?:with|mit|avec|con) (?:its|seinen|ihren|ses|sus)\b", re.IGNORECASE)
_FLEET: Final = re.compile(
    r"\btotal|together|all of them|whole|fleet|cluster|combined|zusammen|insgesamt", re.IGNORECASE
)
_SEVERAL_OF: Final = re.compile(
    r"\b(?:\d[\d,.]*|hundred|dozen|ten|twenty|fifty|hundert|cien|cent)\s(?:[\w-]+\s){0,3}?(?:ones?|of (?:them|these"
    r"|those)|racks?|servers?)\b",
    re.IGNORECASE,
)
"""A number of racks or servers that a power may be of."""
_SEVERAL: Final = re.compile(
    r"\b(?:server(?![- ](?:version|variant|model|edition|part|card|GPU|chip))|node|rack|system|dgx|cluster|knoten"
    r"|serveur"
    r"|hgx|pod|wafer|cerebras)",
    re.IGNORECASE,
)
_SERVERS_DE: Final = re.compile(r"\b(?:die|ihre|unsere|alle|der) Server\b", re.IGNORECASE)
"""Several of them, in German."""
_PEAKS: Final = re.compile(r"capacity|reserve|supply|grid|region|combined|together|world|\ball\b|total", re.IGNORECASE)

_SMALL_THING: Final = re.compile(
    r"phone|laptop|notebook|mobile|edge|jetson|embedded|watch|camera|sensor|handy", re.IGNORECASE
)
_CARD_FULL, _CARD_MOST, _CARD_IDLE = 0.055, 2.2, 0.010
"""kW: a data-centre card at full load, the most any card draws, and less than any draws idle."""
_SERVER: Final = (0.05, 30.0)
_RACK: Final = (0.15, 1100.0)
_SERVER_OF_CARDS: Final = 0.3
_SERVER_FULL: Final = 0.8
"""kW: a server with accelerators of data centres, and one at full load."""
_SITE: Final = (0.0, 12e6)
"""kW, least and most of one: wafer-scale servers take 23 kW, the largest racks that are announced 600 kW."""


def powers(document: Document) -> Iterator[Finding]:
    """Powers beyond what the thing that draws them can draw."""
    named = " ".join(dict.fromkeys(re.findall(rf"(?<![\w-]){NAMED}", document.text)))
    before = ""
    for sentence in document.sentences():
        fields = fields_of(sentence)
        for amount in sentence.amounts:
            if amount.kind == "power" and amount.value > 0:
                yield from _in_sentence(sentence, amount, named, before)
        yield from _fleet(fields, sentence.text)
        before = sentence.text
    for record in document.every_record():
        yield from _in_record(record)


def _finding(amount: Amount, evidence: str, remedy: str, quote: str, sure: float = 0.9) -> Finding:
    return Finding("magnitude", "high", sure, amount.place, f"{printed(amount)} {evidence}", remedy, quote)


def _in_sentence(sentence: Sentence, amount: Amount, cards: str, last: str) -> Iterator[Finding]:
    """One power of prose, by the subject nearest to it; `cards` are those that the document names."""
    if amount.per and amount.per[0] not in ("device", "each", "node"):
        return
    around = clause(sentence, amount)
    yield from _like_a_card(sentence, amount, around, cards)
    subject = drawer(sentence, amount, around, last)
    if subject is None:
        return
    words = around.behind if subject.is_holder else around.words
    if subject.kind == "system" and not _MANY.search(words):
        yield from _system(amount, subject.name, words, sentence.text)
    elif subject.kind == "card" and (subject.is_one or RATED.search(words)) and not _SEVERAL.search(words):
        yield from _card(amount, words, sentence.text, is_one=subject.is_one, cards=cards, name=subject.name)
    elif subject.kind in ("server", "rack", "site") and subject.is_one:
        yield from _larger(amount, subject.kind, words, sentence.text)


def _like_a_card(sentence: Sentence, amount: Amount, around: Clause, cards: str) -> Iterator[Finding]:
    """The rating of a server that is the one of a single card of the document."""
    if not (RATED.search(around.words) or re.search("tdp", around.words, re.IGNORECASE)) or _LESS.search(around.words):
        return
    is_server = amount.per == ("node",) or (
        _SERVER_HAS.search(sentence.text[: amount.start]) is not None and not amount.per
    )
    if not is_server or APIECE.match(around.behind) or re.search(r"\b(?:each|apiece|every)\s*\S*$", around.before):
        return
    alike = [one for one in ratings(cards) if abs(amount.value / one.most - 1) < 0.01 and amount.value > 0.2]
    if alike:
        told = f"as the rating of a server: that is one card's; {alike[0].told}"
        yield _finding(amount, told, "a server has four or eight of them, and a host", sentence.text, 0.85)


def _system(amount: Amount, name: str, words: str, quote: str) -> Iterator[Finding]:
    key = re.sub(r"[ -]", "_", name.lower()).replace("dgx", "dgx_").replace("__", "_")
    rated = known(f"yardstick.rated_{key}", "power")
    if rated is None or _LESS.search(words):
        return
    is_low = amount.high < 0.3 * rated[0] and (_FULL.search(words) or RATED.search(words))
    if amount.low > 1.5 * rated[0] or is_low or amount.high < 0.05 * rated[0]:
        yield _finding(amount, f"for a {name}: it is rated at {rated[1]}", "check number and unit", quote)


def _larger(amount: Amount, kind: str, words: str, quote: str) -> Iterator[Finding]:
    least, most = {"server": _SERVER, "rack": _RACK, "site": _SITE}[kind]
    if (
        amount.low > most
        and not _PEAKS.search(words)
        and not _SEVERAL_OF.search(words)
        and not _SERVERS_DE.search(words)
    ):
        told = f"for one {kind}: none takes more than about {shown(most, 'power')}"
        yield _finding(amount, told, "kW and MW, or one and many, may be exchanged", quote)
    elif amount.high < least and not _LESS.search(words) and _FULL.search(words):
        yield _finding(amount, f"for one {kind}", "W and kW may be exchanged", quote, 0.8)
    elif kind == "server" and (rated := _of_its_cards(words + quote)) and amount.high < 0.5 * rated[0]:
        remedy = "it may be the power of one card; check the unit"
        yield _finding(amount, f"for one server: {rated[1]}", remedy, quote, 0.8)
    elif (
        kind == "server"
        and amount.high < _least_of_server(words + quote)
        and _WITH_CARDS.search(quote)
        and not _LESS.search(words)
    ):
        yield _finding(amount, "for one server with accelerators", "W and kW may be exchanged", quote, 0.8)
    elif kind == "site" and amount.high < 100 and re.search(r"hyperscale|campus|gigantic|giant", words):
        yield _finding(amount, "for a site of this kind", "kW, MW and GW may be exchanged", quote, 0.85)


def _of_its_cards(words: str) -> tuple[float, str] | None:
    """Rated power (kW) of the cards of a server at work, by their number and name, and how that is told."""
    many, named = _SO_MANY.search(words), ratings(words)
    if many is None or len(named) != 1 or not (_FULL.search(words) or RATED.search(words)) or _AT_REST.search(words):
        return None
    number = 4 if many["four"] else 8
    return number * named[0].least, f"{number} cards; {named[0].told}"


def _least_of_server(words: str) -> float:
    """Least power (kW) of a server with accelerators, by whether words say that it works."""
    is_large = _EIGHT.search(words) is not None and _FULL.search(words) is not None
    return _SERVER_FULL if is_large else _SERVER_OF_CARDS


def _card(
    amount: Amount, words: str, quote: str, *, is_one: bool, cards: str = "", name: str = ""
) -> Iterator[Finding]:
    """A power of one card, against the rated ones of the cards that the words around it or its sentence name."""
    named = ratings(f"{quote or words} {name}")
    told = "; ".join(rating.told for rating in named)
    is_rated = RATED.search(words) is not None
    if is_one and amount.low > _CARD_MOST:
        remedy = "no accelerator draws more than about 2 kW: W and kW, or one and many, may be exchanged"
        yield _finding(amount, f"for one device{'; ' + told if told else ''}", remedy, quote)
    elif named and amount.low > 1.35 * max(one.most for one in named) and amount.low > 0.1:
        if not _MORE_WITHIN.search(_WITH_ITS.sub("", words)):
            yield _finding(amount, f"for one card; {told}", "it may be a server's; check the unit", quote, 0.75)
    elif is_rated and named and amount.high < 0.6 * min(one.least for one in named):
        if not re.search(r"idle|\bcap\w*|limit|laptop|max-q|mobile", words, re.IGNORECASE):
            yield _finding(amount, f"as the rating of a card; {told}", "check the power", quote, 0.85)
    elif _LESS.search(_AT_LIMIT.sub(" at full load ", words)):
        return
    elif _FULL.search(_AT_LIMIT.sub(" at full load ", words)) and amount.high < _least_full(
        named, others := ratings(cards)
    ):
        told = told or "; ".join(rating.told for rating in others)
        known_as = f"; {told}" if told else ""
        yield _finding(amount, f"for one card at full load{known_as}", "check power and number of devices", quote)
    elif amount.high < _CARD_IDLE and not _SMALL_THING.search(quote):
        yield _finding(amount, "for one card: less than any of them draws idle", "check the unit", quote, 0.85)


def _least_full(named: list[Rating], others: list[Rating]) -> float:
    """Least power (kW) at full load of a card that is named, of those that the document names, or of any."""
    if named:
        return 0.45 * min(one.most for one in named)
    return max([_CARD_FULL, *([0.3 * min(one.most for one in others)] if others else [])])


def _fleet(fields: list[Field], text: str) -> Iterator[Finding]:
    """Power of all devices by their number, from one sentence."""
    counts = [field.amount for field in fields if field.amount.kind == "count" and field.amount.noun == "device"]
    found = [field for field in fields if field.amount.kind == "power" and not field.amount.per]
    if len(counts) != 1 or len(found) != 1 or counts[0].value < 2:
        return
    amount, many = found[0].amount, counts[0].value
    if role(found[0].label, amount) != "P" or re.search(
        r"\b(?:each|per|apiece|je|jede[rs]?|chacune?|chaque|cada)\b", text, re.IGNORECASE
    ):
        return
    each = amount.value / many
    evidence = f"/ {counts[0].digits} = {shown(each, 'power')} for each"
    named = ratings(text)
    least = 0.45 * min(one.most for one in named) if named else _CARD_FULL
    if re.search(r"\bidl\w+|leerlauf|saves?|saving|less|reduc\w+", text, re.IGNORECASE):
        return
    if _FULL.search(text) and amount.high / many < least:
        if amount.value <= _CARD_MOST and not _FLEET.search(text) and many <= 16:
            return  # the power of one may be meant
        remedy = "cards of data centres draw 70 to 1,200 W at full load"
        yield _finding(amount, f"{evidence} at full load", remedy, text, 0.95)
    elif each > 5 and not _SEVERAL.search(text):
        remedy = "no accelerator with its host and cooling draws more than about 3 kW"
        yield _finding(amount, evidence, remedy, text, 0.85)
    elif amount.high / many < 0.012 and many >= 8 and amount.value > _CARD_MOST:
        yield _finding(amount, evidence, "less than a card draws idle", text, 0.85)


def _in_record(record: Record) -> Iterator[Finding]:
    """Powers of one device in a row or mapping."""
    words = record.words
    for field in record.fields:
        amount = field.amount
        if amount.value <= 0 or role(field.label, amount) != "Pd":
            continue
        of_all = [
            one.amount.value for one in record.fields if role(one.label, one.amount) == "N" and one.amount.value > 1
        ]
        if of_all and not amount.per and not _EACH.search(field.label):
            amount = amount._replace(value=amount.value / of_all[0], low=amount.low / of_all[0], high=amount.high)
        if not _SEVERAL.search(field.label):
            yield from _card(amount, f"{field.label} {words}", "", is_one=True)
