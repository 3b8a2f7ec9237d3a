"""What an amount is in a calculation (energy, power of one device, PUE), and its dimension, by unit and words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Field, Sentence

_PUE: Final = re.compile(r"\bpue\b|power usage effectiveness", re.IGNORECASE)
_UTILISATION: Final = re.compile(r"utili[sz]ation|auslastung|taux d.utilisation|load factor", re.IGNORECASE)
_ONE_DEVICE: Final = re.compile(
    r"(?:per|each|je|pro|par|a single|one|of each)[\s-]+(?:gpu|tpu|card|chip|device|accelerator|board"
    r"|grafikkarte|beschleuniger|karte|carte|a100|h100|v100)"
    r"|(?:gpu|card|chip|device|accelerator|tpu)[\s_-]+(?:power|tdp|watt|w\b|leistung)|\btdp\b|\beach\b|apiece"
    r"|puissance gpu|gpu-leistung",
    re.IGNORECASE,
)
_ONE_NODE: Final = re.compile(
    r"(?:per|each|je|pro|par|one|a)[\s_-]+(?:node|server|host|knoten|serveur|nœud)\b"
    r"|\b(?:node|server|host)[\s_-]?(?:power|watts|draw)|\b(?:node|server)[\s_]power ?w\b|knotenleistung",
    re.IGNORECASE,
)
_NO_DURATION: Final = re.compile(
    r"lifetime|life\b|lifespan|latency|amorti|refresh|age\b|payback|uptime|response|lebensdauer|nutzungsdauer"
    r"|durée de vie|depreciation|interval|delay|step",
    re.IGNORECASE,
)
_DEVICES: Final = re.compile(
    r"^(?:(?:number|no\.?|num|n|count|#|anzahl|nombre)[\s_]*(?:of |der |de |d.)?)?\(?(?:gpus?|tpus?|devices?"
    r"|accelerators?|chips|cards|grafikkarten"
    r"|beschleuniger|accélérateurs|cartes|a100s?|h100s?|v100s?)(?:[\s_](?:count|number|used|anzahl))?(?: "
    r"\(.*\))?$|^(?:gpu|device|accelerator|chip|card)[\s_]?(?:count|number|anzahl)$",
    re.IGNORECASE,
)
_NODES: Final = re.compile(
    r"^(?:(?:number|num|n|#|anzahl|nombre)[\s_]*(?:of |der |de )?)?(?:nodes|servers|knoten|serveurs|hosts)(?: count)?$",
    re.IGNORECASE,
)
_PER_NODE: Final = re.compile(
    r"(?:gpus?|devices|accelerators|cards|chips)[\s_](?:per|/|pro|par|je)[\s_]?(?:node|server|host|knoten|serveur)",
    re.IGNORECASE,
)
_REQUESTS: Final = re.compile(
    r"^(?:(?:number|no\.?|num|n|#|anzahl|total|nombre)[\s_]*(?:of |der |de )?)?(?P<what>requests?|queries"
    r"|prompts?|inferences?|anfragen|requêtes|tokens?|images?|users?|calls)(?: (?:served|processed|count)|(?: "
    r"per |/| pro | par )(?:day|year|month|tag|jahr|jour|an))?$",
    re.IGNORECASE,
)
_PER_THING: Final = re.compile(
    r"\b(?:per|pro|je|par|one|single|each|every|eine|jede|une|chaque)[\s_](?P<what>[a-zA-Zêé]+)", re.IGNORECASE
)
_THINGS: Final = {
    "request": "request", "query": "request", "prompt": "request", "inference": "request",
    "anfrage": "request", "call": "request",
    "requête": "request", "token": "token", "image": "image", "user": "person", "person": "person",
}  # fmt: skip
_EMBODIED: Final = re.compile(
    r"embodied|manufactur|herstellung|graue|fabrication|hardware production|upstream|scope 3", re.IGNORECASE
)
_NOT_EMITTED: Final = re.compile(
    r"offset|removed|avoided|saved|compensat|saving|reduction|kompens|credits|eingespart|target|limit|budget",
    re.IGNORECASE,
)
_FACILITY: Final = re.compile(
    r"facility|building|site energy|data cent(?:er|re)s? (?:energy|used|uses|took|takes|consumed)"
    r"|rechenzentrum\w* (?:verbrauch|energie)"
    r"|incl\w*\.? (?:pue|cooling|overhead)|(?:with|mit|avec) (?:a |an |einer? |un )?(?:pue|overhead|cooling)"
    r"|gesamt mit",
    re.IGNORECASE,
)
_IT: Final = re.compile(
    r"\bit (?:energy|equipment|load|use|electricity|kwh)|\bit-energie|^it$|^it[ (]|(?:gpus?|servers?"
    r"|accelerators?|cards|devices|chips) (?:energy|alone|only)|without pue"
    r"|excl\w*\.? (?:pue|cooling)|before pue|énergie it",
    re.IGNORECASE,
)
_TOTAL_POWER: Final = re.compile(r"total|cluster|fleet|together|combined|gesamt|node|server|system|all ", re.IGNORECASE)

_CLAUSE: Final = re.compile(r"[;:]|,\s(?:and|und|et|while|which)\b|\.\s")

Roles = dict[str, list[Field]]


def role(label: str, amount: Amount) -> str:
    """The role of an amount under a label: "E", "Pd" (power of one device), "e:request"; empty where it has none."""
    kind, per = amount.kind, amount.per
    is_periodic = bool(per) and per[0] in _LONG_PERIODS
    if kind == "count" and is_periodic and amount.noun != "device":
        return f"n/{per[0]}"
    if kind in ("number", "factor", "count") and (found := _of_number(label, amount)):
        return found
    if kind == "power":
        one = "device" in per or "each" in per or _ONE_DEVICE.search(label)
        of_node = "node" in per or _ONE_NODE.search(label)
        return "Pn" if of_node else "Pd" if one and not _thing(label, amount) else "P"
    if is_periodic:
        return f"{kind}/{per[0]}"
    if kind in _SIMPLE:
        return _of_substance(label, amount)
    is_duration = not per and amount.unit not in ("y", "ms") and not _NO_DURATION.search(label)
    others = {"device-hours": True, "percent": _UTILISATION.search(label), "time": is_duration}
    return {"device-hours": "DH", "percent": "U", "time": "T"}[kind] if others.get(kind) else ""


_LONG_PERIODS: Final = ("year", "month", "week", "day")
_SIMPLE: Final = {"energy": "E", "mass": "C", "water": "W", "money": "K"}
_RATES: Final = {
    ("mass", "kWh"): "I", ("water", "kWh"): "WUE", ("money", "kWh"): "PE", ("money", "device-hour"): "PR",
    ("money", "hour"): "PR", ("money", "device"): "PR", ("money", "node"): "PR",
}  # fmt: skip


def _of_substance(label: str, amount: Amount) -> str:
    """The role of energy, carbon, water or money: a rate, an amount of one thing, or an amount."""
    rates = [_RATES[amount.kind, one] for one in amount.per if (amount.kind, one) in _RATES]
    if rates:
        return rates[0]
    if amount.kind == "mass" and (_NOT_EMITTED.search(label) or "t" in amount.per):
        return ""
    thing, symbol = _thing(label, amount), _SIMPLE[amount.kind]
    if thing:
        return f"{symbol.lower()}:{thing}"
    if amount.per:
        return ""
    return "Cemb" if amount.kind == "mass" and _EMBODIED.search(label) else symbol


def _of_number(label: str, amount: Amount) -> str:
    requests = _REQUESTS.match(label)
    word = requests["what"].lower() if requests else ""
    stem = {"queries": "query", "anfragen": "anfrage"}.get(word, word.rstrip("s"))
    told = (
        ("PUE", _PUE.search(label) and not amount.noun),
        ("Npn", _PER_NODE.search(label) or (amount.noun == "device" and "node" in amount.per)),
        ("N", amount.noun == "device" or _DEVICES.match(label)),
        ("NN", amount.noun == "node" or _NODES.match(label)),
        (f"n:{_THINGS.get(stem, 'request')}", requests),
        ("U", _UTILISATION.search(label) and 0 < amount.value <= 1),
        (f"n:{amount.noun}", amount.kind == "count" and amount.noun),
    )
    return next((name for name, holds in told if holds), "")


def _thing(label: str, amount: Amount) -> str:
    """What an amount is for one of, where that is no period and no unit."""
    for one in amount.per:
        if one not in ("kWh", "hour", "each", "device-hour", "t", "year", "day", "month", "week", "km", "device"):
            return one
    found = _PER_THING.search(label)
    return _THINGS.get(found["what"].lower().rstrip("s"), "") if found and not amount.per else ""


def roles_of(fields: tuple[Field, ...] | list[Field]) -> Roles:
    """The fields by their roles."""
    found: Roles = {}
    for field in fields:
        if not field.copied and (name := role(field.label, field.amount)):
            found.setdefault(name, []).append(field)
    return found


def fields_of(sentence: Sentence) -> list[Field]:
    """The amounts of a sentence with the words around each, up to the amounts beside it."""
    fields = []
    for at, amount in enumerate(sentence.amounts):
        if at and _repeats(sentence, sentence.amounts[at - 1], amount):
            continue
        before = sentence.amounts[at - 1].end if at else 0
        after = sentence.amounts[at + 1].start if at + 1 < len(sentence.amounts) else len(sentence.text)
        left = sentence.text[max(before, amount.start - 45) : amount.start]
        right = sentence.text[amount.end : min(after, amount.end + 30)]
        cut = max((found.end() for found in _CLAUSE.finditer(left)), default=0)
        if at and before > amount.start - 45 and (own := re.match(r"[^,;(]*[,;(]", left)):
            cut = max(cut, own.end())  # up to there the words belong to the amount before
        stop = re.search(r"[,;:.]\s|\band\b", right)
        fields.append(Field(f"{left[cut:].strip()} {right[: stop.start()] if stop else right}".strip(), amount))
    return fields


def _repeats(sentence: Sentence, left: Amount, right: Amount) -> bool:
    """Whether an amount in brackets is the one before it in another unit."""
    between = sentence.text[left.end : right.start]
    alike = left.kind == right.kind and left.per == right.per
    return alike and re.fullmatch(r"[^,.;()]{0,16}[(\[][^()]{0,12}", between) is not None


# -- dimensions --------------------------------------------------------------------------------------------------------


class Dimension(NamedTuple):
    """What a figure is of: powers that always have to cancel in a product, and three that are often left unsaid."""

    role: str
    powers: frozenset[tuple[str, int]] = frozenset()
    """Of energy, time, mass, water, a currency, requests and so on."""
    device: int | None = 0
    node: int | None = 0
    overhead: int | None = 0
    """Powers of devices, of servers and of the overhead of a building; None where words leave it open."""

    @property
    def is_bare(self) -> bool:
        """Whether it is a number of devices or servers, a PUE or a utilisation, which may be within or not."""
        return self.role in ("N", "NN", "Npn", "PUE", "U")

    @property
    def is_power(self) -> bool:
        """Whether it is a power, of one device or of all."""
        return self.role in ("P", "Pd", "Pn")


def dimension(label: str, amount: Amount) -> Dimension:
    """The dimension of an amount under a label; without role where it is none of a calculation."""
    name = role(label, amount)
    overhead = 1 if _FACILITY.search(label) else 0 if _IT.search(label) else None
    if name == "P":
        unsaid = None if not _TOTAL_POWER.search(label) else 0
        return Dimension(name, _power(energy=1, time=-1), unsaid, unsaid, overhead or 0)
    if name in _DIMENSIONS:
        fixed = {"PUE": 1, "E": overhead, "C": None, "W": None, "WUE": None}
        return Dimension(name, *_DIMENSIONS[name], fixed.get(name, 0))
    if name in ("K", "PE", "PR"):
        return _of_money(name, amount)
    base, mark, thing = name.partition("/" if "/" in name else ":")
    known = {"e": "energy", "c": "mass", "w": "water", "k": f"money {amount.unit}", "money": f"money {amount.unit}"}
    if mark == "/":
        many = (amount.noun or "request") if base == "n" else known.get(base, base)
        return Dimension(name, _power(**{many: 1, thing: -1}), 0, 0, None)
    if mark and base in (*known, "n"):
        each = {} if thing in ("node", "device") else {thing: 1 if base == "n" else -1}
        own = {known[base]: 1} if base in known else {}
        return Dimension(name, _power(**own | each), -(thing == "device"), -(thing == "node"))
    return Dimension("")


def _of_money(name: str, amount: Amount) -> Dimension:
    """The dimension of a cost, of a price of energy, or of a price of hours, devices or servers."""
    powers = {f"money {amount.unit}": 1}
    if name != "PR":
        return Dimension(name, _power(**powers | ({"energy": -1} if name == "PE" else {})), 0, 0, None)
    if {"hour", "device-hour"} & {*amount.per} or not {"device", "node"} & {*amount.per}:
        powers["time"] = -1
    each = bool({"device", "device-hour"} & {*amount.per})
    return Dimension(name, _power(**powers), -1 if each else None, 0 if each else None)


def _power(**powers: int) -> frozenset[tuple[str, int]]:
    return frozenset(powers.items())


_DIMENSIONS: Final = {
    "E": (_power(energy=1), 0, 0), "Pd": (_power(energy=1, time=-1), -1, 0),
    "Pn": (_power(energy=1, time=-1), 0, -1),
    "T": (_power(time=1), 0, 0), "DH": (_power(time=1), 1, 0), "C": (_power(mass=1), 0, 0),
    "I": (_power(mass=1, energy=-1), 0, 0), "W": (_power(water=1), 0, 0), "WUE": (_power(water=1, energy=-1), 0, 0),
    "N": (_power(), 1, None), "NN": (_power(), 0, 1), "Npn": (_power(), 1, -1), "PUE": (_power(), 0, 0),
    "U": (_power(), 0, 0),
}  # fmt: skip
"""Powers, devices and servers of the roles whose units alone say them."""


def product_of(parts: Iterable[Dimension]) -> frozenset[tuple[str, int]]:
    """The powers of a product."""
    found: dict[str, int] = {}
    for name, power in (pair for part in parts for pair in part.powers):
        found[name] = found.get(name, 0) + power
    return frozenset((name, power) for name, power in found.items() if power)
