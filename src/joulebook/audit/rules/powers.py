"""Power that no card, server, rack or site has: an H100 of 70 W at full load, a rack of 40 MW."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from joulebook.audit.finding import Finding, printed, shown
from joulebook.audit.reading.amount import Amount, Document, Field, Record, Sentence
from joulebook.audit.roles import fields_of, role
from joulebook.audit.rules.nearby import Clause, clause
from joulebook.audit.rules.places import catalog, known
from joulebook.errors import FactNotFound

_NAMED: Final = (
    r"(?:A100|H100|H200|H800|A800|H20|B100|B200|B300|V100|P100|K80|A40|A6000|L40S?|L4|T4|A10G?|MI\d{3}[AX]?"
    r"|TPU ?v\d[ep]?"
    r"|RTX ?\d{4}(?: Ti)?)"
)
_CARD: Final = (
    rf"(?:(?:{_NAMED}-)?(?:karten?|beschleuniger|grafikkarten?)|{_NAMED}s?|GPUs?|TPUs?|accelerators?|graphics cards?"
    rf"|cards?|(?:AI )?chips?|Grafikkarten?"
    rf"|Beschleuniger|Karten?"
    r"|cartes? graphiques?|accélérateurs?)"
)
_SYSTEM: Final = r"(?:DGX[ -]?(?:A100|[HB]\d00|1|2)|[GB]B?[23]00 NVL72)"
_KINDS: Final = (
    ("system", _SYSTEM),
    ("rack", r"(?:racks?|(?:server)?schr[aä]nke?|baies?)"),
    ("server", r"(?:servers?|nodes?|HGX|Knoten|serveurs?|chassis)"),
    ("site", r"(?:data[- ]?cent(?:er|re)s?|campus(?:es)?|supercomputers?|Rechenzentr\w+|centres? de données)"),
    ("card", _CARD),
)
_SUBJECT: Final = re.compile(
    r"(?<![\w-])(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _KINDS) + r")(?![\w-])"
    r"(?! (?:rooms?|farms?|halls?|parks?|rows?|clusters?|fleets?|pods?|factor(?:y|ies)|fabs?|plants?|makers?))",
    re.IGNORECASE,
)
_ONE: Final = re.compile(
    r"\b(?:an?|one|each|every|per|single|the|this|eine?[nrms]?|jede[rsnm]?|pro|je|une?|chaque|par|der|die|das|le|la"
    r"|nvidia['’]s|amd['’]s|its)"
    r"\s+(?:of (?:the|its|our|these)\s+)?(?:(?!and\b|of\b|from\b)[\w-]+\s+){0,2}$",
    re.IGNORECASE,
)
_OF_EACH: Final = re.compile(r"\b(?:each|every|one) of\b|\b(?:single|each) one\b", re.IGNORECASE)
_RIGHT_BEHIND: Final = re.compile(r"[\s-]*(?:for |in )?(?:an?|each|every|the|one)?\s*(?:[\w-]+\s)?", re.IGNORECASE)
_MANY: Final = re.compile(r"\b(?:those|these|they|together|all|million|\d{2,})\b", re.IGNORECASE)
_ANY_ONE: Final = re.compile(r"\b(?:an?|one|each|every|per|eine?|jede|je|pro|une?|chaque|par)\b", re.IGNORECASE)
_SINGLE_ONE: Final = re.compile(
    r"\b(?:a single|each|every|any) one\b|\b(?:one|each) of them\b|\beach (?:draws|pulls|takes)\b", re.IGNORECASE
)
_WITHIN: Final = re.compile(
    r"\b(?<!each )(?<!one )(?:with|of|mit|von|avec|de|including)\s(?:[\w-]+\s){0,3}$", re.IGNORECASE
)
"""Before what belongs to another thing: a rack of eight servers, a server with eight cards."""
_OPENING: Final = re.compile(
    rf"\W*(?:the|an?|der|die|das|eine?|le|la|une?|nvidia['’]?s?)\s(?:nvidia\s)?(?P<card>{_NAMED})\b", re.IGNORECASE
)
_SERVER_HAS: Final = re.compile(
    r"\b(?:an?|each|every|the|one|eine?|jeder?|der|un|chaque|le)\s(?:[\w-]+\s){0,2}(?:servers?|nodes?|chassis|knoten"
    r"|serveur)\b"
    r"[^.;,]{0,50}\b(?:has|is (?:rated|specified)|comes|hat|a)\b(?:(?!each)[^.;,]){0,40}$",
    re.IGNORECASE,
)
_WITH_CARDS: Final = re.compile(
    r"\b(?:eight|four|8|4)[- ](?:gpu|card|accelerator)|\bhgx\b|\bdgx\b|\bgpu[- ]server|\bai server|\b[HB][12]00",
    re.IGNORECASE,
)
_HOLDER: Final = re.compile(
    r"\b(?:an?|one|each|every|eine?|jeder?|un|chaque)\s(?:[\w-]+\s){0,2}(?:(?P<server>servers?|nodes?|knoten"
    r"|serveur)|(?P<rack>racks?|cabinets?|schrank|baie))\s"
    rf"(?:with|of|holding|containing|housing|mit|avec)\s(?:its\s)?(?:\w+|\d+)\s{_CARD}s?\s(?:needs?|draws?|takes?"
    rf"|pulls?|consumes?|uses?|braucht|zieht|consomme|tire)"
    r"\s(?:(?:about|around|some|only|just|up to)\s)*$",
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
_EACH: Final = re.compile(r"\b(?:per|each|one|tdp|pro|je|par|rated)\b", re.IGNORECASE)
_APIECE: Final = re.compile(
    r"\s*(?:each|apiece|per (?:card|GPU|chip|accelerator|device)|jeweils|chacune?)\b", re.IGNORECASE
)
_FULL: Final = re.compile(
    r"\bfull(?:y)?[- ](?:\w+[- ])?(?:load|loaded|power|tilt|utili\w+|throttle|blast|stretch|speed|bore|swing"
    r"|out)|flat out"
    r"|(?:maximum|peak|max\.?) (?:load|power|draw)|at (?:its |the )?(?:peak|maximum)|100\s?% (?:load|utili)|under load"
    r"|when (?:busy|training)|voll(?:er)?[- ]?last|\bup to\b|\bas much as\b|\bbis zu\b|\bjusqu|pleine charge"
    r"|sous charge|auslastung",
    re.IGNORECASE,
)
_AT_LIMIT: Final = re.compile(
    r"\b(?:pinned|running|stuck|hard|right|constantly|always)?\s?(?:to|at|against|up to) (?:its|the"
    r"|their) (?:\w+ )?(?:power )?(?:limit|cap)\b"
    r"(?! of)|\b(?:9\d|100)(?:\s?%| per ?cent) utili[sz]ation",
    re.IGNORECASE,
)
_RATED: Final = re.compile(
    r"\btdp\b|\brated\b|\bspecified\b|provisioned|maximum of|nameplate|thermal design|data sheet|board power"
    r"|nennleistung",
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
_FLEET: Final = re.compile(
    r"\btotal|together|all of them|whole|fleet|cluster|combined|zusammen|insgesamt", re.IGNORECASE
)
_SEVERAL: Final = re.compile(
    r"\b(?:server(?![- ](?:version|variant|model|edition|part|card|GPU|chip))|node|rack|system|dgx|cluster|knoten"
    r"|serveur"
    r"|hgx|pod|wafer|cerebras)",
    re.IGNORECASE,
)
_SERVERS_DE: Final = re.compile(r"\b(?:die|ihre|unsere|alle|der) Server\b", re.IGNORECASE)
"""Several of them, in German."""
_PEAKS: Final = re.compile(r"capacity|reserve|supply|grid|region|combined|together|world|\ball\b|total", re.IGNORECASE)

_CARD_FULL, _CARD_MOST, _CARD_IDLE = 0.055, 2.2, 0.010
"""kW: a data-centre card at full load, the most any card draws, and less than any draws idle."""
_SERVER: Final = (0.05, 30.0)
_RACK: Final = (0.15, 1100.0)
_SERVER_OF_CARDS: Final = 0.3
_SITE: Final = (0.0, 12e6)
"""kW, least and most of one: wafer-scale servers take 23 kW, the largest racks that are announced 600 kW."""


class _Subject(NamedTuple):
    """What draws a power."""

    kind: str
    """system, rack, server, site or card."""
    name: str
    is_one: bool
    """Whether the power is said of one of them."""


class _Rating(NamedTuple):
    least: float
    most: float
    """Rated power of the members of its family, in kW."""
    name: str

    @property
    def told(self) -> str:
        """The rating as it is printed in findings."""
        if self.least < self.most:
            return f"{self.name} is rated at {self.least * 1000:g} to {self.most * 1000:g} W"
        return f"{self.name} is rated at {self.most * 1000:g} W"


def powers(document: Document) -> Iterator[Finding]:
    """Powers beyond what the thing that draws them can draw."""
    named = " ".join(dict.fromkeys(re.findall(rf"(?<![\w-]){_NAMED}", document.text)))
    for sentence in document.sentences():
        fields = fields_of(sentence)
        for amount in sentence.amounts:
            if amount.kind == "power" and amount.value > 0:
                yield from _in_sentence(sentence, amount, named)
        yield from _fleet(fields, sentence.text)
    for record in document.every_record():
        yield from _in_record(record)


def _finding(amount: Amount, evidence: str, remedy: str, quote: str, sure: float = 0.9) -> Finding:
    return Finding("magnitude", "high", sure, amount.place, f"{printed(amount)} {evidence}", remedy, quote)


def _in_sentence(sentence: Sentence, amount: Amount, cards: str) -> Iterator[Finding]:
    """One power of prose, by the subject nearest to it; `cards` are those that the document names."""
    if amount.per and amount.per[0] not in ("device", "each", "node"):
        return
    around = clause(sentence, amount)
    subject = _subject(sentence.text[: amount.start], amount, around) or _opening(sentence.text, around)
    yield from _like_a_card(sentence, amount, around, cards)
    if (holder := _HOLDER.search(sentence.text[: amount.start])) and not amount.per:
        subject = _Subject(str(holder.lastgroup), holder[0], is_one=True)
    if subject is None or _is_counted(sentence, amount, subject.name):
        return
    words = around.words
    if subject.kind == "system" and not _MANY.search(words):
        yield from _system(amount, subject.name, words, sentence.text)
    elif subject.kind == "card" and (subject.is_one or _RATED.search(words)) and not _SEVERAL.search(words):
        yield from _card(amount, words, sentence.text, is_one=subject.is_one, cards=cards)
    elif subject.kind in ("server", "rack", "site") and subject.is_one:
        yield from _larger(amount, subject.kind, words, sentence.text)


def _is_counted(sentence: Sentence, amount: Amount, name: str) -> bool:
    """Whether the amount before counts the things, so that the power is of several."""
    at = sentence.amounts.index(amount)
    counted = sentence.amounts[at - 1] if at and sentence.amounts[at - 1].kind in ("count", "number") else None
    if counted is not None and sentence.text[counted.end : counted.end + 1] == "-":
        return False  # an eight-GPU server
    is_near = counted is not None and name in sentence.text[counted.end : counted.end + 15 + len(name)]
    return is_near and not _OF_EACH.search(sentence.text[: amount.start])


def _subject(text: str, amount: Amount, around: Clause) -> _Subject | None:
    """What draws a power: the next thing right behind it, or the last before it that belongs to no other thing."""
    if amount.per[:1] == ("node",):
        return _Subject("server", "", is_one=True)
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
        is_one = _ONE.search(around.before[: found.start()]) is not None and not is_many
        is_one = is_one or bool(_OF_EACH.search(text) or _SINGLE_ONE.search(around.before[found.end() :]))
    else:
        return None
    is_apiece = bool(amount.per) or _APIECE.match(around.behind) is not None
    return _Subject(found.lastgroup or "", found[0], is_one=is_one or is_apiece)


def _opening(text: str, around: Clause) -> _Subject | None:
    """The card that a sentence begins with, for a rating that stands far behind it."""
    found = _OPENING.match(text) if _RATED.search(around.before) else None
    return _Subject("card", found["card"], is_one=True) if found else None


def _like_a_card(sentence: Sentence, amount: Amount, around: Clause, cards: str) -> Iterator[Finding]:
    """The rating of a server that is the one of a single card of the document."""
    if not (_RATED.search(around.words) or re.search("tdp", around.words, re.IGNORECASE)) or _LESS.search(around.words):
        return
    is_server = amount.per == ("node",) or (
        _SERVER_HAS.search(sentence.text[: amount.start]) is not None and not amount.per
    )
    if not is_server or _APIECE.match(around.behind) or re.search(r"\b(?:each|apiece|every)\s*\S*$", around.before):
        return
    alike = [one for one in _ratings(cards) if abs(amount.value / one.most - 1) < 0.01 and amount.value > 0.2]
    if alike:
        told = f"as the rating of a server: that is one card's; {alike[0].told}"
        yield _finding(amount, told, "a server has four or eight of them, and a host", sentence.text, 0.85)


def _is_aside(before: str, found: re.Match[str]) -> bool:
    """Whether a thing is named before the main clause: "had every server run, it would have been 5 MW"."""
    opened, between = _OPENED.search(before[: found.start()]), before[found.end() :]
    return opened is not None and _ANEW.search(between) is not None and not _SAME.search(between)


def _system(amount: Amount, name: str, words: str, quote: str) -> Iterator[Finding]:
    key = re.sub(r"[ -]", "_", name.lower()).replace("dgx", "dgx_").replace("__", "_")
    rated = known(f"yardstick.rated_{key}", "power")
    if rated is None or _LESS.search(words):
        return
    is_low = amount.high < 0.3 * rated[0] and (_FULL.search(words) or _RATED.search(words))
    if amount.low > 1.5 * rated[0] or is_low or amount.high < 0.05 * rated[0]:
        yield _finding(amount, f"for a {name}: it is rated at {rated[1]}", "check number and unit", quote)


def _larger(amount: Amount, kind: str, words: str, quote: str) -> Iterator[Finding]:
    least, most = {"server": _SERVER, "rack": _RACK, "site": _SITE}[kind]
    if amount.low > most and not _PEAKS.search(words) and not _SERVERS_DE.search(words):
        told = f"for one {kind}: none takes more than about {shown(most, 'power')}"
        yield _finding(amount, told, "kW and MW, or one and many, may be exchanged", quote)
    elif amount.high < least and not _LESS.search(words) and _FULL.search(words):
        yield _finding(amount, f"for one {kind}", "W and kW may be exchanged", quote, 0.8)
    elif kind == "server" and amount.high < _SERVER_OF_CARDS and _WITH_CARDS.search(quote) and not _LESS.search(words):
        yield _finding(amount, "for one server with accelerators", "W and kW may be exchanged", quote, 0.8)
    elif kind == "site" and amount.high < 100 and re.search(r"hyperscale|campus|gigantic|giant", words):
        yield _finding(amount, "for a site of this kind", "kW, MW and GW may be exchanged", quote, 0.85)


def _card(amount: Amount, words: str, quote: str, *, is_one: bool, cards: str = "") -> Iterator[Finding]:
    """A power of one card, against the rated ones of the cards that the words around it or its sentence name."""
    ratings = _ratings(quote or words)
    told = "; ".join(rating.told for rating in ratings)
    is_rated = _RATED.search(words) is not None
    if is_one and amount.low > _CARD_MOST:
        remedy = "no accelerator draws more than about 2 kW: W and kW, or one and many, may be exchanged"
        yield _finding(amount, f"for one device{'; ' + told if told else ''}", remedy, quote)
    elif ratings and amount.low > 1.35 * max(one.most for one in ratings) and amount.low > 0.1:
        if not _MORE_WITHIN.search(words):
            yield _finding(amount, f"for one card; {told}", "it may be a server's; check the unit", quote, 0.75)
    elif is_rated and ratings and amount.high < 0.6 * min(one.least for one in ratings):
        if not re.search(r"idle|\bcap\w*|limit|laptop|max-q|mobile", words, re.IGNORECASE):
            yield _finding(amount, f"as the rating of a card; {told}", "check the power", quote, 0.85)
    elif _LESS.search(_AT_LIMIT.sub(" at full load ", words)):
        return
    elif _FULL.search(_AT_LIMIT.sub(" at full load ", words)) and amount.high < _least_full(
        ratings, others := _ratings(cards)
    ):
        told = told or "; ".join(rating.told for rating in others)
        known_as = f"; {told}" if told else ""
        yield _finding(amount, f"for one card at full load{known_as}", "check power and number of devices", quote)
    elif amount.high < _CARD_IDLE:
        yield _finding(amount, "for one card: less than any of them draws idle", "check the unit", quote, 0.85)


def _least_full(ratings: list[_Rating], others: list[_Rating]) -> float:
    """Least power (kW) at full load of a card that is named, of those that the document names, or of any."""
    if ratings:
        return 0.45 * min(one.most for one in ratings)
    return max([_CARD_FULL, *([0.3 * min(one.most for one in others)] if others else [])])


@cache
def _rating(name: str) -> _Rating | None:
    try:
        resolved = catalog().resolve(name, "accelerator", near=False)
        tdps = [catalog().find(one, "tdp").value / 1000 for one in resolved.members or (resolved.subject,)]
    except FactNotFound:
        return None
    return _Rating(min(tdps), max(tdps), name)


def _ratings(words: str) -> list[_Rating]:
    names = {found.upper() for found in re.findall(rf"\b{_NAMED}(?=s?\b)", words)}
    return [rating for name in sorted(names) if (rating := _rating(name)) is not None]


def _fleet(fields: list[Field], text: str) -> Iterator[Finding]:
    """Power of all devices by their number, from one sentence."""
    counts = [field.amount for field in fields if field.amount.kind == "count" and field.amount.noun == "device"]
    found = [field for field in fields if field.amount.kind == "power" and not field.amount.per]
    if len(counts) != 1 or len(found) != 1 or counts[0].value < 2:
        return
    amount, many = found[0].amount, counts[0].value
    if role(found[0].label, amount) != "P" or re.search(r"\b(?:each|per|apiece|je|chacune?)\b", text):
        return
    each = amount.value / many
    evidence = f"/ {counts[0].digits} = {shown(each, 'power')} for each"
    ratings = _ratings(text)
    least = 0.45 * min(one.most for one in ratings) if ratings else _CARD_FULL
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
