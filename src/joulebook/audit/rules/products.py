"""Products that do not close: in a row of a table, down its columns, in a mapping."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from math import fsum
from statistics import median
from typing import Final

from joulebook.audit.finding import Finding
from joulebook.audit.reading.amount import Document, Field, Record, Table
from joulebook.audit.roles import Roles, fields_of, is_total_power, record_words, role, roles_of
from joulebook.audit.rules.closing import agrees
from joulebook.audit.rules.formulas import Formula, Miss, formulas, missed

_UPPER_BOUND: Final = re.compile(
    r"\b(?:tdp|rated|nameplate|peak|max(?:imum)?|limit|cap|up to|nenn\w*|höchst\w*|maximal\w*)\b", re.IGNORECASE
)
_MEASURED: Final = re.compile(
    r"\b(?:measured|metered|gemessen|mesuré\w*|recorded|nvidia-smi|rapl|meter|sensor)\b", re.IGNORECASE
)
_WIDER: Final = re.compile(
    r"\b(?:host|cpus?|cooling|overhead|network\w*|memory|idle|system|facility|data[- ]?cent\w+|rechenzentrum"
    r"|kühlung|including|incl|pue)\b",
    re.IGNORECASE,
)
_MORE_THAN_CARDS: Final = re.compile(
    r"\b(?:hosts?|cpus?|cooling|overheads?|network\w*|memory|dram|idle|infrastructure|kühlung|servers?)\b",
    re.IGNORECASE,
)
_OTHER_CARBON: Final = re.compile(
    r"market|offset|renewable|contract|\bppa\b|\bnet\b|embodied|life[- ]?cycle|scope 3|upstream|hourly"
    r"|certificate|marginal|total",
    re.IGNORECASE,
)
_POWER_BASED: Final = {"P", "Pd", "Pn"}
_TOTAL: Final = re.compile(
    r"^\W*(?:grand |sub)?(?:total|sum\b|summe|gesamt|insgesamt|somme|overall|all\b|average|mean|mittel|moyenne)",
    re.IGNORECASE,
)


def products(document: Document) -> Iterator[Finding]:
    """Rows and mappings in which a product is stated that its factors do not give."""
    extra = _stated_once(document)
    for table in document.tables:
        for miss in chain(_of_table(table, extra), _of_outer(table)):
            yield _finding(miss)
    for record in document.records:
        roles = _with_context(record)
        for formula in _needed(roles):
            near = missed(formula, roles, extra)
            if (
                near is not None
                and near.result in record.fields
                and _is_total(near)
                and _tells(near, record_words(record))
            ):
                yield _finding(near)


def _is_total(miss: Miss) -> bool:
    """Whether a power that stands beside that of one device is said to be of all."""
    return miss.formula.result != "P" or is_total_power(miss.result.label)


def _needed(roles: Roles) -> list[Formula]:
    """The formulas of a record; a looser one is left out where a closer one of the same result is there."""
    found = list(formulas(roles))
    closer = {formula.result for formula in found if "Pd" in formula.terms or "DH" in formula.terms}
    return [
        formula
        for formula in found
        if not (formula.terms in (("P", "T"), ("T", "PR")) and formula.result in closer)
        and not (formula.terms[0] == "N" and "T" in formula.terms and "DH" in roles and formula.result != "DH")
    ]


def _tells(miss: Miss, words: str) -> bool:
    """Whether a miss tells of a slip: where something unsaid may explain it, only a factor does."""
    strange = not 0.25 < miss.ratio < 3.5
    if miss.formula.name.startswith("total ="):
        return miss.unique and 5e-7 < miss.ratio < 2e6 and not any(field.amount.ranged for field in miss.terms)
    if miss.formula.result == "C" and _OTHER_CARBON.search(miss.result.label) and not strange:
        return False
    if _POWER_BASED & set(miss.formula.terms) and miss.formula.result in ("E", "C"):
        return strange or not _explained(miss, f"{miss.result.label} {words}")
    return True


def _explained(miss: Miss, words: str) -> bool:
    """Whether the words tell why energy is not power by time: rated power, a meter, hosts and cooling."""
    if _UPPER_BOUND.search(words):
        return miss.ratio <= 1.03 or _WIDER.search(words) is not None
    if 1 < miss.ratio < 2.2 and _MORE_THAN_CARDS.search(words):
        return True
    if _MEASURED.search(words) and "PUE" not in [role(field.label, field.amount) for field in miss.terms]:
        return True
    own = re.sub(r"(?i)\bpue\b", "", miss.result.label)
    return miss.ratio >= 1 and _WIDER.search(own) is not None


def _stated_once(document: Document) -> Roles:
    """PUE, where the document states it outside a record: it may be within any product."""
    fields = [field for sentence in document.sentences() for field in fields_of(sentence)]
    fields += [field for record in document.every_record() for field in record.fields]
    found = roles_of(fields)
    distinct = {field.amount.value: field for field in found.get("PUE", []) if 1.0 <= field.amount.value <= 3.0}
    return {"PUE": list(distinct.values())[:4]} if distinct else {}


def _with_context(record: Record) -> Roles:
    """The roles of a record, and those around it that it lacks itself."""
    roles = roles_of(record.fields)
    for name, fields in roles_of(record.context).items():
        if name in ("PUE", "U", "I", "PE", "PR", "WUE", "N", "Pd", "Pn", "P", "T", "DH", "E"):
            roles.setdefault(name, fields)
    return roles


def _of_table(table: Table, extra: Roles) -> Iterator[Miss]:
    """The rows whose products do not close, unlike those of the other rows."""
    rows = [(record, _with_context(record)) for record in table.records if not _TOTAL.match(record.label)]
    outer = roles_of(table.outer.fields) if table.outer is not None else {}
    for name in ("PUE", "I", "PE", "WUE"):
        for _, roles in rows if name in outer else ():
            roles.setdefault(name, outer[name])
    for formula in dict.fromkeys(formula for _, roles in rows for formula in _needed(roles)):
        having = [(record, roles) for record, roles in rows if formula in formulas(roles)]
        misses = [(record, missed(formula, roles, extra)) for record, roles in having]
        bad = [(record, miss) for record, miss in misses if miss is not None]
        strangers, whole = _unlike_others(bad, len(having))
        if whole is not None:
            yield whole
        for record, miss in strangers:
            words = " ".join([record_words(record), table.title])
            if len(having) - len(bad) >= 2 or _tells(miss, words):
                yield miss
    yield from _constant(rows)


def _of_outer(table: Table) -> Iterator[Miss]:
    """Device-hours beside a list, against devices and hours of its items."""
    outer = roles_of(table.outer.fields).get("DH", []) if table.outer is not None else []
    rows = [roles_of(record.fields) for record in table.records]
    if len(outer) != 1 or any(len(roles.get(name, ())) != 1 for roles in rows for name in ("N", "T")):
        return
    if any("DH" in roles for roles in rows):
        return
    pairs = [(roles["N"][0], roles["T"][0]) for roles in rows]
    added = fsum(many.amount.value * hours.amount.value for many, hours in pairs)
    slack = fsum(many.amount.value * hours.amount.slack for many, hours in pairs)
    stated = outer[0].amount
    if added > 0 and not agrees(stated, added - slack, added + slack, 0.001):
        names = Formula("device-hours = the sum of devices x hours of the items", "DH", ("N", "T"))
        ratio = stated.value / added
        yield Miss(names, outer[0], pairs[0], ratio, added, True, ratio)


def _unlike_others(bad: list[tuple[Record, Miss]], many: int) -> tuple[list[tuple[Record, Miss]], Miss | None]:
    """Of rows that mostly do not close: those unlike the others; and one for all where the column is off by a factor.

    Where all rows are off by the same few per cent, a term is not told that all of them have.
    """
    if len(bad) < 3 or len(bad) < 0.6 * many:
        return bad, None
    middle = median(miss.plain_ratio for _, miss in bad)
    alike = [miss for _, miss in bad if abs(miss.plain_ratio / middle - 1) < 0.03]
    if len(alike) < 0.6 * len(bad):
        return [(record, miss) for record, miss in bad if not 0.2 < miss.ratio < 5], None
    if not 0.3 < middle < 3:
        return [], alike[0]
    return [(record, miss) for record, miss in bad if abs(miss.plain_ratio / middle - 1) >= 0.03], None


_PAIRS: Final = (("C", "E"), ("E", "DH"), ("C", "DH"), ("K", "DH"), ("W", "E"))
"""Roles of columns that may have one ratio, though no formula has it."""


def _constant(rows: list[tuple[Record, Roles]]) -> Iterator[Miss]:
    """Rows in which the ratio of two columns leaves the one that all other rows have."""
    for left, right in _PAIRS:
        known = any(
            formula.result == left and right in formula.terms for _, roles in rows for formula in formulas(roles)
        )
        pairs = [
            (roles[left][0], roles[right][0])
            for _, roles in rows
            if len(roles.get(left, ())) == 1 and len(roles.get(right, ())) == 1 and roles[right][0].amount.value > 0
        ]
        if right == "DH" and left != "K":
            known = known or any({"P", "Pd"} & set(roles) for _, roles in rows)
        if known or len(pairs) < 4:
            continue
        ratios = [one.amount.value / other.amount.value for one, other in pairs]
        middle = median(ratios)
        if middle <= 0:
            continue
        off = [at for at, ratio in enumerate(ratios) if abs(ratio / middle - 1) > 0.04 + _loose(pairs[at])]
        near = [at for at, ratio in enumerate(ratios) if abs(ratio / middle - 1) <= 0.005 + _loose(pairs[at])]
        if 1 <= len(off) <= max(1, len(pairs) // 4) and len(off) + len(near) == len(pairs):
            for at in off:
                one, other = pairs[at]
                names = Formula(f"one ratio of {left} to {right} in all other rows", left, (right,))
                computed = other.amount.value * middle
                ratio = one.amount.value / computed
                yield Miss(names, one, (other, _rate(one, middle)), ratio, computed, True, ratio)


def _loose(pair: tuple[Field, Field]) -> float:
    return sum(field.amount.slack / field.amount.value for field in pair if field.amount.value > 0)


def _rate(field: Field, middle: float) -> Field:
    amount = field.amount._replace(text=f"{middle / field.amount.scale:.4g}", unit="", kind="number")
    return Field("the ratio of the other rows", amount)


def _finding(miss: Miss) -> Finding:
    likely = miss.slip()
    amount = miss.result.amount
    twice = _twice(miss)
    rule = "unit-slip" if likely else "double-count" if twice else "product"
    grave = bool(likely) or not 0.5 < miss.ratio < 2
    remedy = f"check {miss.formula.name}"
    if likely:
        remedy = f"stated and computed differ by {likely}: check the units of each factor"
    elif twice:
        remedy = f"the ratio is the PUE ({twice:g}) once more: overhead seems to be counted twice"
    near = 1.0 if grave else 0.85 if abs(miss.ratio - 1) > 0.1 else 0.7
    confidence = round(0.97 * near * (1.0 if miss.unique else 0.8), 2)
    evidence = f"{miss.formula.name}: {miss.arithmetic()}"
    return Finding(rule, "high" if grave else "medium", confidence, amount.place, evidence, remedy)


def _twice(miss: Miss) -> float:
    """The PUE that the ratio is, where overhead seems to be within twice."""
    for field in miss.terms:
        value = field.amount.value
        if role(field.label, field.amount) == "PUE" and value > 1.03 and abs(miss.ratio / value - 1) < 0.015:
            return value
    return 0.0
