"""`Entry`: one line of the book, in which measured and estimated activity meet; `Span`, `Held` and `Boundary`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from joulebook.errors import EntryRejected
from joulebook.quantity import Basis, Quantity, Source


class Boundary(Enum):
    """Which part of a life cycle an amount belongs to."""

    OPERATIONAL = "operational"
    EMBODIED = "embodied"


class Span(NamedTuple):
    """A named interval of a run; `parent` is the id of the span around it ("" at the top)."""

    id: str
    parent: str
    name: str
    start_ns: int
    end_ns: int


class Held(NamedTuple):
    """A device, and the time for which a run held it: the share that it had of it, over the time of the run."""

    device: str
    """With its node in front where the run had several."""
    kind: str
    name: str
    """Of an accelerator as its driver calls it; "" of anything else."""
    seconds: float
    node: str = ""
    """"" where there was one."""


class Entry(NamedTuple):
    """One amount of activity of one device in one span of one run; immutable.

    Times are UTC nanoseconds. `energy_uj` is the exact integer behind a measured or modelled energy, so that
    parts add up to the microjoule. `coverage` is the share of the interval that has usable readings.
    """

    id: str
    run: str
    span: str
    device: str
    start_ns: int
    end_ns: int
    amount: Quantity
    energy_uj: int | None = None
    method: str = ""
    coverage: float = 1.0
    labels: Mapping[str, str] = {}
    boundary: Boundary = Boundary.OPERATIONAL

    @property
    def basis(self) -> Basis:
        """How the amount is known."""
        return self.amount.basis

    def as_dict(self) -> dict[str, object]:
        """Plain values, ready for JSON."""
        plain = self._asdict()
        plain.update(amount=self.amount.as_dict(), boundary=self.boundary.value, labels=dict(self.labels))
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Entry:
        """The entry of `as_dict`; its amount becomes a single new source named after the entry.

        Raises `EntryRejected` when a field is missing, unknown or of the wrong kind.
        """
        fields = dict(plain)
        try:
            amount, labels = _table(fields.pop("amount")), _table(fields.pop("labels", {}))
            boundary = Boundary(fields.pop("boundary", "operational"))
            quantity = Quantity.from_dict(amount, Source(f"entry {fields.get('id')}"))
            entry = cls(amount=quantity, labels=dict(labels), boundary=boundary, **fields)  # type: ignore[arg-type]
            _check(entry)
        except (KeyError, TypeError, ValueError) as error:
            raise EntryRejected(f"not an entry: {error}; expected the fields {', '.join(cls._fields)}") from error
        return entry


def _table(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError("amount and labels are tables")
    return value


def _check(entry: Entry) -> None:
    """Raise TypeError or ValueError for what a document can get wrong in the plain fields."""
    for kind, names in _KINDS.items():
        for name in names:
            value = getattr(entry, name)
            if not isinstance(value, kind) or isinstance(value, bool):
                raise TypeError(f"{name} = {value!r} is not {_WORDS[kind]}")
    if entry.energy_uj is not None and (not isinstance(entry.energy_uj, int) or isinstance(entry.energy_uj, bool)):
        raise TypeError(f"energy_uj = {entry.energy_uj!r} is not a whole number")
    if not all(isinstance(word, str) for pair in entry.labels.items() for word in pair):
        raise TypeError("labels are texts by name")
    if entry.end_ns < entry.start_ns:
        raise ValueError(f"it ends {entry.start_ns - entry.end_ns} ns before it starts")
    if not 0 <= entry.coverage <= 1:
        raise ValueError(f"coverage = {entry.coverage!r} is not within 0..1")


_KINDS: dict[type | tuple[type, ...], tuple[str, ...]] = {
    str: ("id", "run", "span", "device", "method"),
    int: ("start_ns", "end_ns"),
    (int, float): ("coverage",),
}
_WORDS = {str: "a text", int: "a whole number", (int, float): "a number"}
