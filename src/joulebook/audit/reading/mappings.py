"""Trees of JSON and YAML -> records and tables."""

from __future__ import annotations

import re
from typing import Final

from joulebook.audit.reading.amount import Amount, Field, Place, Record, Table
from joulebook.audit.reading.labels import Label, label
from joulebook.audit.reading.markdown import Parts
from joulebook.audit.reading.nodes import Node
from joulebook.audit.reading.prose import paragraph
from joulebook.audit.reading.tables import Cell, cell_amount

_VALUE: Final = ("value", "amount", "wert", "valeur", "mean", "total")
_TOTALS: Final = re.compile(r"total|sum|overall|aggregate|gesamt|somme", re.IGNORECASE)
_UNIT: Final = ("unit", "units", "einheit", "unité")


def mappings(roots: list[Node]) -> Parts:
    """The records and tables of trees."""
    parts = Parts([], [], [])
    if len(roots) > 1:
        roots = [Node(Place(1, 1), items=tuple(roots))]
    for root in roots:
        _walk(_with_units(root, {}), "$", "", (), parts)
    return parts


def _with_units(node: Node, units: dict[str, str], inherited: str = "") -> Node:
    """The tree with units in its keys: those listed in a mapping "units" beside, and that of the key above."""
    if node.items is not None:
        return node._replace(items=tuple(_with_units(item, units, inherited) for item in node.items))
    if node.pairs is None:
        return node
    listed = {
        key: child.text
        for name, inner in node.pairs
        if name.lower() in _UNIT and inner.pairs
        for key, child in inner.pairs
    }
    units = {**units, **listed}
    bare = all(label(key).measure is None for key, child in node.pairs if child.is_number)
    pairs = []
    for key, child in node.pairs:
        unit = inherited if bare and child.is_number else ""
        unit = unit or (_listed(key, units) if child.is_number else "")
        known = label(key).measure is not None
        below = key if known and child.pairs is not None else ""
        pairs.append((f"{key} ({unit})" if unit and not known else key, _with_units(child, units, _unit_of(below))))
    return node._replace(pairs=tuple(pairs))


def _unit_of(key: str) -> str:
    """The unit that a key ends with, as a label understands it in brackets; empty for rates."""
    known = label(key)
    return known.measure.symbol if known.measure is not None and not known.per and known.by == 1.0 else ""


def _listed(key: str, units: dict[str, str]) -> str:
    """The unit that a mapping of units gives for a key: for it itself, or for the kind of figure in its name."""
    words = key.lower().split("_")
    return units.get(key) or next((unit for name, unit in units.items() if name.lower() in words), "")


def _walk(node: Node, path: str, name: str, around: tuple[Field, ...], parts: Parts) -> Record | None:
    """Read a node and all below it; returns the record of a mapping."""
    if node.items is not None:
        _list(node, path, name, around, None, parts)
        return None
    if node.pairs is None:
        if len(node.text.split()) > 3:
            parts.paragraphs.append(paragraph(node.text, node.place._replace(cell=path), comma=False))
        return None
    record = _record(node, path, name, around, parts)
    group = _alike(node)
    if len(group) >= 2:
        rows = [_record(child, f"{path}.{key}", key, record.fields + around, parts) for key, child in group]
        parts.tables.append(_table(rows, name, record))
    nested: list[Field] = []
    beside = _beside(node, record, path)
    for key, child in node.pairs:
        if (key, child) in group or child.pairs is None or _of_value(key, child, path) is not None:
            if child.items is not None:
                _list(child, f"{path}.{key}", key, record.fields + around, beside, parts)
            continue
        inner = _walk(child, f"{path}.{key}", key, record.fields + around, parts)
        nested += inner.fields if inner is not None else ()
    record = record._replace(context=tuple(nested) + around)
    if record.fields:
        parts.records.append(record)
    whole = record._replace(fields=record.fields + tuple(nested))
    if nested:
        parts.records.append(whole._replace(context=around, flat=True))
    return whole


def _beside(node: Node, record: Record, path: str) -> Record:
    """The scalars of a mapping and those of the totals in it: what may be the total of a list in it."""
    fields = list(record.fields)
    for key, child in node.pairs or ():
        if child.pairs is not None and _TOTALS.search(key):
            fields += _flat(child, f"{path}.{_plain(key)}", (), Parts([], [], [])).fields
    return record._replace(label="total", fields=tuple(fields))


def _list(node: Node, path: str, name: str, around: tuple[Field, ...], outer: Record | None, parts: Parts) -> None:
    items = node.items or ()
    if len(items) >= 2 and all(item.pairs is not None for item in items):
        rows = [_flat(item, f"{path}[{at}]", around, parts) for at, item in enumerate(items)]
        parts.tables.append(_table(rows, name, outer))
        for at, item in enumerate(items):
            for key, child in item.pairs or ():
                if (child.pairs is not None and _of_value(key, child, path) is None) or child.items is not None:
                    _walk(child, f"{path}[{at}].{key}", key, rows[at].fields, parts)
    elif len(items) >= 2 and all(item.is_number for item in items):
        head = label(name)
        rows = []
        for at, item in enumerate(items):
            amount = _scalar(item, head, f"{path}[{at}]")
            rows.append(Record("", (Field(head.words, amount),) if amount else (), (), item.place))
        parts.tables.append(Table((name,), tuple(rows), name, outer))
    else:
        for at, item in enumerate(items):
            _walk(item, f"{path}[{at}]", name, around, parts)


def _flat(node: Node, path: str, around: tuple[Field, ...], parts: Parts) -> Record:
    """The record of an item of a list, with the figures of the mappings in it."""
    record = _record(node, path, "", around, parts)
    fields = list(record.fields)
    for key, child in node.pairs or ():
        if child.pairs is not None and _of_value(key, child, path) is None:
            inner = _flat(child, f"{path}.{_plain(key)}", (), Parts([], [], []))
            above = label(key).words
            fields += [field._replace(label=_joined(above, field.label)) for field in inner.fields]
    return record._replace(fields=tuple(fields))


def _joined(above: str, own: str) -> str:
    """A name with that of the mapping around it, where it says more."""
    own = _plain(own)
    return own if set(above.split()) <= set(own.split()) else f"{above} {own}"


def _plain(key: str) -> str:
    """A key as it is written in the document."""
    return re.sub(r" \([^()]*\)$", "", key)


def _table(rows: list[Record], name: str, outer: Record | None) -> Table:
    columns = dict.fromkeys(field.label for row in rows for field in row.fields)
    return Table(tuple(columns), tuple(rows), name, outer)


def _alike(node: Node) -> list[tuple[str, Node]]:
    """The mappings below a mapping that share two keys or more, as rows of a table do."""
    children = [(key, child) for key, child in node.pairs or () if child.pairs and _of_value(key, child, "") is None]
    keys = [{key for key, _ in child.pairs or ()} for _, child in children]
    return [
        pair
        for pair, own in zip(children, keys, strict=True)
        if any(len(own & other) >= 2 for other in keys if other is not own)
    ]


def _record(node: Node, path: str, name: str, around: tuple[Field, ...], parts: Parts) -> Record:
    fields, texts = [], []
    title = name
    for key, child in node.pairs or ():
        own = label(key)
        where = f"{path}.{_plain(key)}"
        amount = _of_value(key, child, where)
        if amount is None and child.pairs is None and child.items is None:
            amount = _scalar(child, own, where)
        if amount is not None and amount.kind != "year":
            words = own.words
            fields.append(Field(words, amount))
        elif child.pairs is None and child.items is None:
            texts.append((own.words, child.text))
            if own.words in ("name", "model", "label", "id", "item", "region", "stage", "phase"):
                title = title or child.text
            if len(child.text.split()) > 3:
                parts.paragraphs.append(paragraph(child.text, child.place._replace(cell=where), comma=False))
    return Record(title, tuple(fields), tuple(texts), node.place, around)


def _scalar(node: Node, head: Label, path: str) -> Amount | None:
    if node.text in ("true", "false", "null"):
        return None
    place = node.place._replace(cell=path)
    found = cell_amount(Cell(node.text, place), head, comma=False)
    return None if found is None else found._replace(place=place)


def _of_value(key: str, node: Node, path: str) -> Amount | None:
    """The amount of a mapping that has a value and a unit."""
    if node.pairs is None:
        return None
    inner = {name.lower(): child for name, child in node.pairs}
    unit = next((inner[word].text for word in _UNIT if word in inner), None)
    value = next((inner[word] for word in _VALUE if word in inner and inner[word].text), None)
    if unit is None or value is None:
        return None
    return _scalar(value, label(re.sub(r"_", " ", key) + f" ({unit})"), path)
