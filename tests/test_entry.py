"""An entry travels to plain values and back; what is not one is refused with the reason."""

from __future__ import annotations

import json

import pytest

from joulebook.entry import Boundary, Entry, Span
from joulebook.errors import EntryRejected
from joulebook.quantity import Basis, Quantity


def entry(**changes: object) -> Entry:
    amount = Quantity.of(12.5, "J", low=12, high=13, basis=Basis.MEASURED, source="rapl")
    made = Entry("e1", "a3f9", "", "cpu-0", 10, 20, amount, 12_500_000, "RAPL", 0.99, {"stage": "load"})
    return made._replace(**changes)


def plain(**changes: object) -> dict[str, object]:
    return entry().as_dict() | changes


@pytest.mark.parametrize("made", [entry(), entry(energy_uj=None, boundary=Boundary.EMBODIED, labels={}, coverage=1)])
def test_round_trip_through_json(made: Entry) -> None:
    back = Entry.from_dict(json.loads(json.dumps(made.as_dict())))
    assert back.as_dict() == made.as_dict()
    assert back.basis is Basis.MEASURED
    assert list(back.amount.sources()) == ["entry e1"]


def test_optional_fields_may_be_left_out() -> None:
    fields = plain()
    for name in ("energy_uj", "method", "coverage", "labels", "boundary"):
        del fields[name]
    assert Entry.from_dict(fields) == Entry.from_dict(plain())._replace(
        energy_uj=None, method="", coverage=1.0, labels={}, boundary=Boundary.OPERATIONAL
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount": 3}, "amount and labels are tables"),
        ({"amount": {"value": 1}}, "'unit'"),
        ({"amount": entry().amount.as_dict() | {"unit": "BTU"}}, "unknown unit 'BTU'"),
        ({"amount": entry().amount.as_dict() | {"low": 99}}, "low <= value <= high"),
        ({"amount": entry().amount.as_dict() | {"basis": "guessed"}}, "GUESSED"),
        ({"labels": ["a"]}, "amount and labels are tables"),
        ({"labels": {"a": 1}}, "labels are texts by name"),
        ({"boundary": "scope 2"}, "scope 2"),
        ({"colour": "green"}, "colour"),
        ({"start_ns": "10"}, "start_ns = '10' is not a whole number"),
        ({"device": None}, "device = None is not a text"),
        ({"energy_uj": 1.5}, "energy_uj = 1.5 is not a whole number"),
        ({"coverage": True}, "coverage = True is not a number"),
        ({"coverage": 1.5}, "coverage = 1.5 is not within 0..1"),
        ({"end_ns": 4}, "ends 6 ns before it starts"),
    ],
)
def test_refused_with_the_reason(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(EntryRejected, match="expected the fields id, run, span") as caught:
        Entry.from_dict(plain(**changes))
    assert reason in str(caught.value)


def test_missing_field_is_refused() -> None:
    fields = plain()
    del fields["run"]
    with pytest.raises(EntryRejected, match="run"):
        Entry.from_dict(fields)


def test_entries_and_spans_are_immutable() -> None:
    with pytest.raises(AttributeError):
        entry().run = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Span("1", "", "load", 0, 1).name = "other"  # type: ignore[misc]
