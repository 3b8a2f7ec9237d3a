"""A number of servers times what one of their cards has, where what a server has is told as well."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.relations.context import Context
from joulebook.audit.relations.figures import PLAIN, Figure
from joulebook.audit.relations.sides import Sides

_KINDS: Final = ("power", "mass", "money", "energy", "water")
_BACK: Final = 10
"""Figures before a result among which its factors are looked for."""
_LEAST, _MOST = 1.9, 200.0
"""Cards of a server or a rack."""
_SERVERS: Final = re.compile(
    r"\W?(?:such |of (?:them|these) )?(?:servers?|nodes?|racks?|machines?|boxes|hosts?|chassis|server\w*|knoten"
    r"|schränken?|serveurs?"
    r"|baies?|servidores|armarios)\b",
    re.IGNORECASE,
)
_FREE: Final = 0.01


def levels(context: Context) -> Iterator[Finding]:
    """Products of a number of servers and a card's figure."""
    for one in context.figures:
        if one.kind in _KINDS and not one.each and not context.denies(one):
            near = context.figures[max(0, one.order - _BACK) : one.order]
            found = next(_of_cards(one, near, context.sides), None)
            if found is not None:
                yield found


def _of_cards(one: Figure, near: Sequence[Figure], told: Sides) -> Iterator[Finding]:
    """The findings of one result: servers counted, a card's figure taken, and a server's told."""
    counts = [many for many in near if many.kind in PLAIN and _is_servers(many) and many.size > 1]
    alike = [other for other in near if (other.kind, other.amount.per[1:]) == (one.kind, one.amount.per[1:])]
    cards = [other for other in alike if _level(other, told) == "a card"]
    servers = [other for other in alike if _level(other, told) == "a server"]
    for many in counts if cards and servers else ():
        for card, server in ((card, server) for card in cards for server in servers):
            is_product = abs(many.size * card.amount.value / one.amount.value - 1) <= card.loose() + one.loose() + _FREE
            if is_product and _LEAST < server.amount.value / card.amount.value < _MOST:
                right = many.size * server.amount.value / one.amount.scale
                evidence = (
                    f"{printed(one.amount)} = {many.amount.digits} x {printed(card.amount)}, which is of a card (line "
                    f"{card.amount.place.line}); a server has {printed(server.amount)}: {right:.4g} {one.amount.unit}"
                )
                remedy = "multiply servers by what a server has"
                yield Finding("unit-slip", "high", 0.85, one.amount.place, evidence, remedy, one.text)


def _is_servers(many: Figure) -> bool:
    return "node" in many.made or _SERVERS.match(many.behind or many.amount.noun) is not None


def _level(one: Figure, told: Sides) -> str:
    """Of what an amount is told to be: a card or a server."""
    if "device" in one.each or "node" in one.each:
        return "a card" if "device" in one.each else "a server"
    label = told[one.order].get("level")
    said = "a card" if "device" in one.said else "a server" if "node" in one.said else ""
    return label.name if label is not None else said
