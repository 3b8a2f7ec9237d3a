"""What a document is read into: amounts with their places, in sentences and in records (rows of tables, mappings)."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """Where something stands: line and column from 1; of tables and mappings also the cell or the path."""

    line: int
    column: int
    cell: str = ""

    def __str__(self) -> str:
        return f"{self.line}:{self.column}" + (f" ({self.cell})" if self.cell else "")


class Amount(NamedTuple):
    """A number as printed, and what it means: value in the base unit of its kind (kWh, kW, h, kg, L, km, GB)."""

    text: str
    value: float
    low: float
    high: float
    """Ends of a printed range; both equal to the value where none is printed."""
    slack: float
    """Half a unit of the last printed digit, in the base unit."""
    rough: float
    """Half a unit of the last digit that is not a trailing zero."""
    kind: str
    """energy, power, time, mass, water, distance, data, money, device-hours, compute, percent, points, share, factor,
    count, year or number.

    A share is a fraction in words, in 1 ("a third", "one in eight"); a factor is a multiple ("doubled", "three times").
    """
    unit: str
    per: tuple[str, ...] = ()
    """What it is for one of: year, kWh, device, request ..."""
    noun: str = ""
    """What a count counts; "up" or "down" of a factor, and of a share by which something changed, where it is said."""
    hedged: bool = False
    """Whether "about", "over" or the like stands before it."""
    place: Place = Place(1, 1)
    start: int = 0
    end: int = 0
    scale: float = 1.0
    """The printed unit in the base unit."""
    bound: str = ""
    """"least" behind "more than" and the like, "most" behind "nearly", "under" and the like."""

    @property
    def ranged(self) -> bool:
        """Whether a range is printed."""
        return self.high > self.low

    @property
    def digits(self) -> str:
        """The amount as printed, on one line."""
        return " ".join(self.text.split())


class Sentence(NamedTuple):
    """A sentence with the amounts in it."""

    text: str
    place: Place
    amounts: tuple[Amount, ...]
    heading: str = ""


class Paragraph(NamedTuple):
    """Sentences that belong together."""

    sentences: tuple[Sentence, ...]


class Field(NamedTuple):
    """One figure of a record: the words that name it, and the amount."""

    label: str
    amount: Amount
    copied: bool = False
    """Whether it is the repetition of a merged cell."""


class Record(NamedTuple):
    """What is stated of one subject: a row of a table, or the scalars of a mapping."""

    label: str
    fields: tuple[Field, ...]
    texts: tuple[tuple[str, str], ...] = ()
    """Label and words of what is no amount."""
    place: Place = Place(1, 1)
    context: tuple[Field, ...] = ()
    """Figures that stand around it and hold for it as well."""
    flat: bool = False
    """Whether it gathers the mappings below one: parts of different wholes."""

    @property
    def words(self) -> str:
        """Its label and the words beside it, without the names of its figures."""
        return " ".join([self.label, *(text for _, text in self.texts)])


class Table(NamedTuple):
    """Records of the same columns, in order."""

    columns: tuple[str, ...]
    records: tuple[Record, ...]
    title: str = ""
    outer: Record | None = None
    """The scalars beside a list of mappings, its totals among them."""


class Document(NamedTuple):
    """All that could be read of a file, and what could not."""

    name: str
    form: str
    text: str
    """All words, for what is said once and holds for the whole."""
    paragraphs: tuple[Paragraph, ...]
    tables: tuple[Table, ...]
    records: tuple[Record, ...]
    """Those that stand alone, outside tables."""
    notes: tuple[str, ...] = ()
    """What was not read, and why."""

    def sentences(self) -> list[Sentence]:
        """Every sentence in order."""
        return [sentence for paragraph in self.paragraphs for sentence in paragraph.sentences]

    def every_record(self) -> list[Record]:
        """Rows of tables and mappings."""
        return [record for table in self.tables for record in table.records] + list(self.records)

    def amounts(self) -> list[Amount]:
        """Every amount of the document."""
        prose = [amount for sentence in self.sentences() for amount in sentence.amounts]
        return prose + [field.amount for record in self.every_record() for field in record.fields]
