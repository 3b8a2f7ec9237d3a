"""What an amount is in a calculation (energy, power of one device, PUE), by its unit and the words around it."""

from __future__ import annotations

import re
from typing import Final

from joulebook.audit.reading.amount import Amount, Field, Record, Sentence

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

_ONES: Final = (("each",), ("request",), ("image",), ("token",))
_WHOLE: Final = re.compile(r"total|\bsum\b|gesamt|overall|together", re.IGNORECASE)
_PLAIN_ENERGY: Final = re.compile(
    r"(?:total )?(?:energy|electricity)(?: (?:total|consumed|used|consumption|use))?(?: ?[(]?(?:k|m|g)? ?wh[)]?)?"
)
_CLAUSE: Final = re.compile(r"[;:]|,\s(?:and|und|et|while|which)\b|\.\s")

Roles = dict[str, list[Field]]


def is_facility(label: str) -> bool:
    """Whether words say that overhead of the building is within."""
    return _FACILITY.search(label) is not None


def is_it(label: str) -> bool:
    """Whether words say that overhead of the building is not within."""
    return _IT.search(label) is not None


def is_total_power(label: str) -> bool:
    """Whether words say that a power is of all devices."""
    return _TOTAL_POWER.search(label) is not None


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
        is_one = field.amount.per[:1] in _ONES or (not field.amount.per and _thing(field.label, field.amount))
        if field.amount.kind in ("energy", "mass", "water") and is_one:
            found.setdefault(f"one {field.amount.kind}", []).append(field)
        if not field.copied and (name := role(field.label, field.amount)):
            found.setdefault(name, []).append(field)
            if name == "E" and (is_it(field.label) or is_facility(field.label)):
                found.setdefault("Efac" if is_facility(field.label) else "Eit", []).append(field)
    if "Efac" in found and "Eit" not in found and "PUE" in found:
        plain = [field for field in found["E"] if field not in found["Efac"] and _PLAIN_ENERGY.fullmatch(field.label)]
        if len(plain) == 1:
            found["Eit"] = plain
    if "Efac" in found and "Eit" in found:
        whole = [field for field in found["E"] if _WHOLE.search(field.label) and field not in found["Efac"]]
        found["Eit"] += [field for field in whole if field not in found["Eit"]]
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


def record_words(record: Record) -> str:
    """All words of a record."""
    return " ".join([record.label, *(field.label for field in record.fields), *(text for _, text in record.texts)])
