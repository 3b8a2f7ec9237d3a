"""What differs between two statements beside their numbers, in sentences: how they were measured and priced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from joulebook.account.terms import IT_ENERGY, WHOLE_RUN, Line, Statement

_UPPER: Final = {"cpu", "gpu", "ram", "dram"}
_LEAST_GAP: Final = 0.005
_SIDES: Final = ("A", "B")


def kind_word(kind: str) -> str:
    """The kind of a device as it is written: "GPU", "board"."""
    return kind.upper() if kind in _UPPER else kind


def causes(a: Statement, b: Statement) -> Iterator[str]:
    """One sentence for each difference that a reader has to know before the numbers are compared."""
    if a.run and a.run == b.run:
        yield "A and B are the same run."
    yield from _conditions(a, b)
    yield from _devices(a, b)
    yield from _prices(a, b)


def _conditions(a: Statement, b: Statement) -> Iterator[str]:
    for name, side in zip(_SIDES, (a, b), strict=True):
        if side.status == "interrupted":
            yield f"{name} was interrupted: its totals are those of the part that was recorded."
        elif side.status == "running":
            yield f"{name} is still running: its totals are those up to now."
        elif side.status != "finished":
            code = f" with exit code {side.exit}" if side.exit else ""
            yield f"{name} {side.status}{code}: it may not have done the same work."
        if side.shared_with:
            others = f"{side.shared_with} other run{'' if side.shared_with == 1 else 's'}"
            yield f"{name} shared its machine with {others}: its energy is its share, which depends on them."
        for line in side.of_kind(IT_ENERGY, WHOLE_RUN):
            if line.coverage is not None and 1 - line.coverage >= _LEAST_GAP:
                share = f"{100 * (1 - line.coverage):.2g} %"
                yield f"{name} has no usable readings of {line.device} for {share} of its time."
        for reason in side.degraded:
            yield f"The meter of {name} was degraded: {reason}."


def _devices(a: Statement, b: Statement) -> Iterator[str]:
    if a.hardware and b.hardware and a.hardware != b.hardware:
        machines = (", ".join(side.hardware) for side in (a, b))
        yield f"They ran on different machines: A on {next(machines)}; B on {next(machines)}."
    lines = [side.of_kind(IT_ENERGY, WHOLE_RUN) for side in (a, b)]
    if not lines[0] or not lines[1]:
        yield from (f"Nothing was metered in {name}." for name, own in zip(_SIDES, lines, strict=True) if not own)
        return
    for kind in dict.fromkeys(line.device_kind for own in lines for line in own):
        before, after = ([line for line in own if line.device_kind == kind] for own in lines)
        word = kind_word(kind)
        if not before or not after:
            present, absent = ("B", "A") if not before else ("A", "B")
            yield (
                f"{word} is counted in {present} only ({_bases(before or after)}): {absent} has no readings of it, "
                "which does not mean that it used nothing."
            )
        elif _bases(before) != _bases(after):
            yield f"{word} is {_bases(before)} in A and {_bases(after)} in B: part of the difference may be the method."
        elif len(before) != len(after):
            yield f"{word}: {len(before)} device{'' if len(before) == 1 else 's'} in A, {len(after)} in B."
        elif (methods := [_methods(own) for own in (before, after)])[0] != methods[1]:
            yield f"{word} was metered in two ways: {methods[0]} in A, {methods[1]} in B."


def _bases(lines: list[Line]) -> str:
    return " and ".join(dict.fromkeys(str(line.quantity.basis) for line in lines))


def _methods(lines: list[Line]) -> str:
    return ", ".join(dict.fromkeys(line.method or "no method named" for line in lines))


def _prices(a: Statement, b: Statement) -> Iterator[str]:
    if a.edition != b.edition:
        yield (
            f"They are priced with different editions of the facts ({a.edition}, {b.edition}); "
            "--edition latest prices both alike."
        )
    yield from _regions(a, b)
    sited = [side.assumption("pue") is not None for side in (a, b)]
    if sited[0] != sited[1]:
        known, other = ("A", "B") if sited[0] else ("B", "A")
        yield f"Only {known} counts the overhead of its site: the building of {other} is not known."
    elif sited[0] and a.site != b.site:
        yield f"They ran at different sites: A at {a.site or 'a given overhead'}, B at {b.site or 'a given overhead'}."


def _regions(a: Statement, b: Statement) -> Iterator[str]:
    intensities = [side.assumption("carbon_intensity") for side in (a, b)]
    if intensities[0] is None or intensities[1] is None:
        return
    unknown = [not item.note for item in intensities if item is not None]
    if all(unknown):
        yield "Both regions are unknown: the comparison supposes that both stood on the same grid."
    elif any(unknown):
        name = "A" if unknown[0] else "B"
        yield f"The region of {name} is unknown: its carbon is a range over all plausible grids."
    else:
        before, after = (item.note for item in intensities if item is not None)
        if before != after:
            yield f"They are on different grids or years: A {before}; B {after}."
