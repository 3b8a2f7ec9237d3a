"""The tables of a book's index and their rows, as plain tuples."""

from __future__ import annotations

from typing import Final, NamedTuple
from zlib import crc32

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, String, Table

META: Final = MetaData()
RUNS: Final = Table(
    "runs",
    META,
    Column("id", String, primary_key=True),
    Column("folder", String, nullable=False),
    Column("folder_ns", BigInteger, nullable=False),
    Column("settled", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("depends", String, nullable=False),
    Column("read_ns", BigInteger, nullable=False),
    Column("cost_ns", BigInteger, nullable=False),
    Column("boot", String, nullable=False),
    Column("begin_ns", BigInteger, nullable=False),
    Column("end_ns", BigInteger, nullable=False),
    Column("name", String, nullable=False),
    Column("status", String, nullable=False),
    Column("exit", Integer),
    Column("parent", String, nullable=False),
    Column("region", String, nullable=False),
    Column("host", String, nullable=False),
    Column("labels", String, nullable=False),
    Column("started_ns", BigInteger, nullable=False),
    Column("duration_ns", BigInteger),
    Column("energy_uj", BigInteger),
    Column("problem", String, nullable=False),
    Column("group", String, nullable=False),
    Column("rank", Integer),
    Column("attempt", Integer),
    Column("checksum", BigInteger, nullable=False),
    Index("runs_by_start", "started_ns", "id"),
    Index("runs_by_energy", "energy_uj"),
    Index("runs_by_parent", "parent"),
    Index("runs_by_interval", "boot", "begin_ns"),
    Index("runs_by_group", "group"),
)
PRICES: Final = Table(
    "prices",
    META,
    Column("run", String, primary_key=True),
    Column("key", String, nullable=False),
    Column("carbon_g", Float),
    Column("cost", Float),
    Column("row", String, nullable=False),
)


class Run(NamedTuple):
    """One row: a run as its journals say it is, in plain numbers. Times in ns, energy in uJ."""

    id: str
    folder: str
    """Name of its folder."""
    folder_ns: int
    """When a file was last added to the folder or removed from it."""
    settled: bool
    """Whether nobody is left who could write to it."""
    state: str
    """Digest of the names, sizes and times of its files."""
    depends: str
    """Digest of everything that its energy was computed from: its own state and those of the runs beside it."""
    read_ns: int = 0
    """UTC of the reading."""
    cost_ns: int = 0
    """How long the reading took."""
    boot: str = ""
    begin_ns: int = 0
    """Boot time, as `end_ns`: the interval of the machine that it claims."""
    end_ns: int = 0
    name: str = ""
    status: str = "damaged"
    exit: int | None = None
    parent: str = ""
    region: str = ""
    host: str = ""
    labels: str = "{}"
    started_ns: int = 0
    duration_ns: int | None = None
    energy_uj: int | None = None
    problem: str = ""
    """Why it cannot be read, or not all of it."""
    group: str = ""
    """The group of ranks that it belongs to. The run of them all is a row without a folder."""
    rank: int | None = None
    attempt: int | None = None

    @property
    def checksum(self) -> int:
        """CRC-32 of the row, kept beside it: a file that somebody else wrote to is not believed."""
        return crc32(repr(tuple(self)).encode())


class Price(NamedTuple):
    """What a run came to under one set of facts and settings."""

    run: str
    key: str
    """Digest of what it depends on."""
    carbon_g: float | None
    cost: float | None
    row: str
    """Figures with their intervals, as JSON."""


class Known(NamedTuple):
    """What has to be known of a row to tell whether it still holds."""

    id: str
    folder: str
    folder_ns: int
    settled: bool
    state: str
    depends: str
    read_ns: int
    cost_ns: int
    boot: str
    begin_ns: int
    end_ns: int
    status: str


Stamp = tuple[str, str, int, bool, int, int]
"""id, folder, folder_ns, settled, read_ns and cost_ns of a row: whether it has to be looked at again."""
