"""A measurement and a history as bytes, and back: what is kept of long recordings, which take seconds to read.

A quantity is kept as its trace, so that its draws come back as they were: every node once, leaves with their ranges
and sources, operations with their operands.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from joulebook.entry import Boundary, Entry, Held, Span
from joulebook.meter.measured import Measurement
from joulebook.meter.series import Band, History, PowerSeries
from joulebook.quantity import Basis, Quantity, Source, Trace
from joulebook.units import unit


class Stored(NamedTuple):
    """What is kept of one run, and the digest of what it was computed from."""

    depends: str
    status: str
    start_ns: int
    """UTC, as `end_ns`: what lies between them may matter."""
    end_ns: int
    measurement: Measurement
    history: History


def encode(stored: Stored) -> bytes:
    """The bytes of what is kept."""
    nodes: list[list[object]] = []
    places: dict[int, int] = {}
    found = stored.measurement
    plain = found._asdict()
    plain["duration"] = _put(found.duration, nodes, places)
    plain["entries"] = [
        entry._asdict()
        | {
            "amount": _put(entry.amount, nodes, places),
            "labels": dict(entry.labels),
            "boundary": entry.boundary.value,
        }
        for entry in found.entries
    ]
    series, bands = stored.history
    whole = stored._asdict() | {"nodes": nodes, "measurement": plain, "history": [series, bands]}
    return json.dumps(whole, separators=(",", ":")).encode()


def decode(text: bytes) -> Stored:
    """What was kept; ValueError, TypeError or LookupError where the bytes are not those of `encode`."""
    whole: dict[str, Any] = json.loads(text)
    nodes: list[Quantity] = []
    for node in whole["nodes"]:
        nodes.append(_get(node, nodes))
    plain = whole["measurement"]
    plain["duration"] = nodes[plain["duration"]]
    plain["spans"] = [Span(*span) for span in plain["spans"]]
    plain["held"] = [Held(*held) for held in plain["held"]]
    plain["entries"] = [
        Entry(**entry | {"amount": nodes[entry["amount"]], "boundary": Boundary(entry["boundary"])})
        for entry in plain["entries"]
    ]
    series, bands = whole["history"]
    rows = (PowerSeries(*row[:7], *(tuple(column) for column in row[7:])) for row in series)
    history = History(tuple(rows), tuple(Band(*band) for band in bands))
    window = whole["start_ns"], whole["end_ns"]
    return Stored(whole["depends"], whole["status"], *window, Measurement(**plain), history)


def _put(root: Quantity, nodes: list[list[object]], places: dict[int, int]) -> int:
    """Add a quantity and all below it, operands first; returns its place."""
    stack = [root]
    while stack:
        node = stack[-1]
        missing = [operand for operand in node.trace.operands if id(operand) not in places]
        if missing:
            stack += missing
            continue
        stack.pop()
        if id(node) in places:
            continue
        op, operands, source = node.trace.op, node.trace.operands, node.trace.source
        row: list[object] = [node.value, node.unit.symbol, int(node.basis), node.name, op]
        if source is not None:
            row += [source.id, source.text, *([] if node.is_exact else [node.low, node.high])]
        else:
            row += [places[id(operand)] for operand in operands]
        places[id(node)] = len(nodes)
        nodes.append(row)
    return places[id(root)]


def _get(row: list[Any], nodes: list[Quantity]) -> Quantity:
    value, symbol, basis, name, op, *rest = row
    if op != "source":
        trace = Trace(op, tuple(nodes[at] for at in rest))
        return Quantity(value, unit(symbol), Basis(basis), trace, name=name)
    trace = Trace(op, (), Source(rest[0], rest[1]))
    bounds = (rest[2], rest[3]) if len(rest) > 2 else None
    return Quantity(value, unit(symbol), Basis(basis), trace, range_=bounds, name=name)
