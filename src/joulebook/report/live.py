"""One look at a machine as a document (`joulebook.top/1`) and as a line of text, and the words of its screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from joulebook.meter.live import RunNow, Snapshot
from joulebook.quantity import Quantity
from joulebook.report import wording
from joulebook.report.wording import Figure, digits, plain

SCHEMA: Final = "joulebook.top/1"
SORTS: Final = ("power", "energy", "elapsed", "name")
_METRICS: Final = 3


def as_dict(snapshot: Snapshot) -> dict[str, object]:
    """The look as plain values; what is not known is None."""
    return {
        "schema": SCHEMA,
        "time": clock(snapshot.wall_ns),
        "source": snapshot.source,
        "power": _fields(snapshot.power),
        "devices": [{**one._asdict(), "power": _fields(one.power)} for one in snapshot.devices],
        "runs": [_run(run) for run in snapshot.runs],
        "notices": list(snapshot.notices),
    }


def _run(run: RunNow) -> dict[str, object]:
    plain_values = run._asdict()
    machine = plain_values.pop("energy")
    known = {"parent": run.parent or None, "stage": run.stage or None, "metrics": dict(run.metrics)}
    return {**plain_values, **known, "power": _fields(run.power), "machine_energy": _fields(machine)}


def line(snapshot: Snapshot) -> str:
    """The look in one line, for logs and pipes."""
    parts = [f"{clock(snapshot.wall_ns)}  {watts_and_basis(snapshot.power)}"]
    for run in snapshot.runs:
        ended = run.status not in ("running", "silent")
        words = [title(run), run.status if ended else watts_and_basis(run.power), sharing(run), doing(run)]
        parts.append("  ".join(word for word in words if word))
    if not snapshot.runs:
        parts.append("no run is being recorded")
    return "  |  ".join(parts)


def ordered(runs: Sequence[RunNow], sort: str) -> list[tuple[int, RunNow]]:
    """The runs by the chosen figure, each followed by those inside it, with their depth."""
    inner: dict[str, list[RunNow]] = {}
    for run in sorted(runs, key=lambda run: _rank(run, sort)):
        inner.setdefault(run.parent, []).append(run)
    found: list[tuple[int, RunNow]] = []

    def add(parent: str, depth: int) -> None:
        for run in inner.pop(parent, []):
            found.append((depth, run))
            add(run.id, depth + 1)

    add("", 0)
    while inner:  # runs that claim to be inside each other
        add(next(iter(inner)), 0)
    return found


def title(run: RunNow) -> str:
    """Beginning of the id, and the name."""
    name = plain(run.name, 24)
    return f"{plain(run.id[:4])} {name}".rstrip()


def doing(run: RunNow) -> str:
    """The stage it is in, and the last metrics."""
    parts = [f"{plain(run.stage, 40)} {wording.seconds(run.stage_s)}"] if run.stage else []
    if run.status == "silent":
        parts.insert(0, f"silent for {wording.seconds(run.silent_s)}")
    for name, value in run.metrics[:_METRICS]:
        shown = digits(value, 4) if isinstance(value, float) else plain(str(value), 16)
        parts.append(f"{plain(name, 16)} {shown}")
    return " · ".join(parts)


def sharing(run: RunNow) -> str:
    """With how many other runs it shares the machine; "" with none."""
    others = "run" if run.shared_with == 1 else "runs"
    return f"shares with {run.shared_with} {others}" if run.shared_with else ""


def _rank(run: RunNow, sort: str) -> tuple[float, str]:
    figure = {"power": run.power, "energy": run.energy}.get(sort)
    if sort == "name":
        return 0.0, run.name
    return -(run.elapsed_s if sort == "elapsed" else figure.value if figure else 0.0), run.id


def watts_and_basis(power: Quantity | None) -> str:
    """A power with its margin and how it is known."""
    return f"{watts(power)} {power.basis}" if power is not None else "power unknown"


def watts(power: Quantity | None) -> str:
    """A power with its margin."""
    return "unknown" if power is None else wording.with_margin(Figure.of(power, "W"), wording.WATTS)


def _fields(quantity: Quantity | None) -> dict[str, float | str] | None:
    return None if quantity is None else quantity.as_dict()


def clock(wall_ns: int) -> str:
    """UTC to the second, as ISO 8601 has it."""
    return datetime.fromtimestamp(wall_ns / 1e9, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
