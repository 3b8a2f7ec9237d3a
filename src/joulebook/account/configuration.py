"""What differs between the configurations of two runs, from the heads of their journals."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from joulebook.ledger.recording import legible

_PLAIN: Final = ("cwd", "host", "python", "joulebook", "region", "site", "share", "interval_s")
_TABLES: Final = ("hardware", "config", "labels", "environment")
_ALLOTTED: Final = ("container", "cpus", "memory_bytes")
_SERIAL: Final = re.compile(r"(?: (?:GPU|MIG)-[0-9a-fA-F-]+)+\Z")
"""What tells two boards of a machine apart at the end of their channels' names."""
_MASK: Final = re.compile(r"\*\*\*\(\d+\)")
"""What ledger/redact.py leaves of a secret: its length."""


class Difference(NamedTuple):
    """One key that is not the same in both runs; None where it was not recorded."""

    key: str
    a: str | None
    b: str | None
    note: str = ""

    def as_dict(self) -> dict[str, str | None]:
        """Key, both values and the note."""
        return self._asdict()


def differences(a: Mapping[str, object], b: Mapping[str, object]) -> list[Difference]:
    """The keys of two journal heads that differ, in the order in which they are recorded.

    Values stay masked as they were recorded; two secrets that look alike behind their masks are named as well,
    since nobody can tell whether they are the same.
    """
    before, after = dict(_flat(a)), dict(_flat(b))
    found = []
    for key in dict.fromkeys((*before, *after)):
        left, right = before.get(key), after.get(key)
        if left != right:
            found.append(Difference(key, left, right))
        elif left is not None and _MASK.search(left):
            found.append(Difference(key, left, right, "masked in both: it cannot be told whether they are the same"))
    return found


def hardware(head: Mapping[str, object]) -> tuple[str, ...]:
    """The machine of a run in words, from the head of its journal: processor, memory, then accelerators by number."""
    machine = head.get("hardware")
    found = []
    if isinstance(machine, Mapping):
        cpu, threads, memory = (machine.get(key) for key in ("cpu", "threads", "memory_bytes"))
        if isinstance(cpu, str) and type(threads) is int and threads > 0:
            where = " (virtual machine)" if machine.get("virtual") is True else ""
            found.append(f"{threads} thread{'' if threads == 1 else 's'} of {cpu or 'an unnamed processor'}{where}")
        if type(memory) is int and memory > 0:
            size = memory / 2**30
            found.append(f"{size:.0f} GiB of memory" if size >= 100 else f"{size:.3g} GiB of memory")
    found += _allotted(head)
    names = [
        model_of(str(channel.get("name", "")))
        for channel in _list(head.get("channels"))
        if isinstance(channel, dict) and channel.get("kind") == "gpu" and not channel.get("within")
    ]
    found += [f"{names.count(name)} x {name}" for name in dict.fromkeys(names)]
    return tuple(legible(text) for text in found)


def model_of(name: str) -> str:
    """The model of an accelerator from the name of its channel, which tells one board from another."""
    return _SERIAL.sub("", name)


def sharing(head: Mapping[str, object]) -> list[str]:
    """What a reader has to know about the share of the machine that a run was booked, from the head of its journal."""
    context = head.get("context")
    context = context if isinstance(context, Mapping) else {}
    cpus, machine = _positive(context.get("cpus")), _positive(context.get("machine_cpus"))
    share = head.get("share")
    found = []
    if share == "machine" and 0 < cpus < machine:
        by = legible(str(context.get("cpus_by", "")))
        found.append(f"it had {cpus:g} of {machine:g} CPUs ({by}), and is booked the whole machine: see --share")
    if share == "allocated" and not 0 < cpus < machine:
        found.append("--share allocated: nothing limits its CPUs, it is booked the whole machine")
    if share == "process" and context.get("lxcfs") is True:
        found.append("lxcfs hides the CPU time of other containers: its share is too large; see --share allocated")
    return found


def _allotted(head: Mapping[str, object]) -> list[str]:
    """What part of the machine a run was given, and by which container."""
    context = head.get("context")
    if not isinstance(context, Mapping):
        return []
    container = context.get("container")
    parts = [f"in a container ({container})"] if container and isinstance(container, str) else []
    cpus, machine = _positive(context.get("cpus")), _positive(context.get("machine_cpus"))
    if 0 < cpus < machine:
        parts.append(f"{cpus:g} of {machine:g} CPUs allotted")
    memory, whole = _positive(context.get("memory_bytes")), _positive(context.get("machine_memory_bytes"))
    if 0 < memory < whole:
        parts.append(f"{memory / 2**30:.3g} of {whole / 2**30:.3g} GiB allotted")
    return parts


def _positive(value: object) -> float:
    """A number that was written down; 0 for anything else."""
    return float(value) if isinstance(value, int | float) and 0 < value < 1 << 60 else 0.0


def _flat(head: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Each recorded key and its value as text; nested tables have keys with dots."""
    argv = head.get("argv")
    if isinstance(argv, list) and argv:
        yield "command", shlex.join(map(str, argv))
    for key in _PLAIN:
        value = head.get(key)
        if value not in (None, ""):
            yield key, _text(value)
    used = [item.get("name") for item in _list(head.get("sensors")) if isinstance(item, dict) and _is_used(item)]
    if used:
        yield "sensors", ", ".join(map(str, used))
    context = head.get("context")
    allotted = context if isinstance(context, Mapping) else {}
    yield from ((f"context.{key}", _text(allotted[key])) for key in _ALLOTTED if allotted.get(key))
    for key in _TABLES:
        yield from _leaves(key, head.get(key))


def _is_used(sensor: Mapping[str, object]) -> bool:
    return sensor.get("status") == "used"


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _leaves(root: str, table: object) -> Iterator[tuple[str, str]]:
    stack = [(root, table)]
    while stack:
        key, value = stack.pop()
        if isinstance(value, Mapping) and value:
            stack += [(f"{key}.{name}", inner) for name, inner in reversed(list(value.items()))]
        elif value not in (None, {}) or key != root:
            yield key, _text(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
