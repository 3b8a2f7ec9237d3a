"""CPU time of a process and everything it starts, and which processes outlive it.

A process once seen in the tree belongs to it even after its parent has died. CPU time moves from a child to
its parent when the parent waits for it; here the total never falls, whoever dies first. Children that are
born and orphaned between two looks are missed: `survivors` finds those by their environment.
"""

from __future__ import annotations

import os
from typing import Final, NamedTuple

from joulebook.sensors.host import TICK_US, busy_ticks

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)


class _Seen(NamedTuple):
    """A process at one look: CPU ticks of its own, and of the children it has waited for."""

    parent: int
    start: int
    own: int
    waited: int


class ProcessTree:
    """The tree below one process; `cpu_us` looks at it and returns its CPU time."""

    def __init__(self, root_pid: int, proc_root: str = "/proc") -> None:
        self._proc = proc_root
        self._members: dict[int, _Seen] = {}
        self._departed = 0
        self._total = 0
        self._lists = os.access(f"{proc_root}/{root_pid}/task/{root_pid}/children", os.F_OK)
        self._by_parent: dict[int, list[int]] | None = None
        root = self._see(root_pid)
        if root is not None:
            self._members[root_pid] = root
            self._look()

    def members(self) -> list[int]:
        """Process ids of the members that live (or wait to be reaped) now."""
        self._look()
        return sorted(self._members)

    def cpu_us(self) -> int:
        """CPU time of all members since each began, in microseconds; never falls."""
        self._look()
        now = self._departed + sum(seen.own + seen.waited for seen in self._members.values())
        self._total = max(self._total, now)
        return self._total * TICK_US

    def _look(self) -> None:
        """Look at every member and at children of members that are new."""
        before, now, queue = self._members, {}, list(self._members)
        self._by_parent = None if self._lists else self._scan()
        for pid in queue:
            seen = self._see(pid)
            known = before.get(pid)
            if seen is None or pid in now or (known is not None and known.start != seen.start):
                continue
            now[pid] = seen
            queue.extend(child for child in self._children(pid) if child not in before and child not in now)
        self._settle(before, now)
        self._members = now

    def _settle(self, before: dict[int, _Seen], now: dict[int, _Seen]) -> None:
        """Keep the CPU time of members that are gone, as far as no living ancestor has taken it over."""
        gone: dict[int, int] = {}
        for pid, seen in before.items():
            if pid in now:
                continue
            heir, steps = seen.parent, 0
            while heir not in now and heir in before and steps < len(before):
                heir, steps = before[heir].parent, steps + 1
            gone[heir] = gone.get(heir, 0) + seen.own + seen.waited
        for heir, ticks in gone.items():
            taken = now[heir].waited - before[heir].waited if heir in now and heir in before else 0
            self._departed += max(0, ticks - taken)

    def _see(self, pid: int) -> _Seen | None:
        """The process, from /proc/PID/stat (proc(5)); None when it is gone."""
        data = _read(f"{self._proc}/{pid}/stat")
        fields = data[data.rfind(b")") + 2 :].split()  # the name before may hold blanks and brackets
        if len(fields) < 20:
            return None
        own, waited = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
        return _Seen(int(fields[1]), int(fields[19]), own, waited)

    def _children(self, pid: int) -> list[int]:
        """Children of all threads of a process."""
        if self._by_parent is not None:
            return self._by_parent.get(pid, [])
        children: list[int] = []
        for thread in _numbers(f"{self._proc}/{pid}/task"):
            children.extend(map(int, _read(f"{self._proc}/{pid}/task/{thread}/children").split()))
        return children

    def _scan(self) -> dict[int, list[int]]:
        """Children of every process, where the kernel does not list them (CONFIG_PROC_CHILDREN)."""
        by_parent: dict[int, list[int]] = {}
        for pid in _numbers(self._proc):
            seen = self._see(pid)
            if seen is not None:
                by_parent.setdefault(seen.parent, []).append(pid)
        return by_parent


def survivors(variable: str, value: str, proc_root: str = "/proc") -> list[tuple[int, str]]:
    """Processes (id, name) that were started with this environment variable and still live, except this one."""
    wanted = f"{variable}={value}".encode()
    found = [
        pid
        for pid in _numbers(proc_root)
        if pid != os.getpid() and wanted in _read(f"{proc_root}/{pid}/environ").split(b"\0")
    ]
    return [(pid, _read(f"{proc_root}/{pid}/comm").decode("utf-8", "replace").strip()) for pid in sorted(found)]


def launched_by(proc_root: str = "/proc") -> str:
    """The process that started this one: its number and when it began, which no other process of a boot has."""
    parent = os.getppid()
    data = _read(f"{proc_root}/{parent}/stat")
    return b" ".join([b"%d" % parent, *data[data.rfind(b")") + 2 :].split()[19:20]]).decode()


def machine_busy_us(proc_root: str = "/proc") -> int:
    """CPU time that work has used on the whole machine since boot, in microseconds; 0 where it is not known."""
    try:
        return busy_ticks(_read(f"{proc_root}/stat", 512)) * TICK_US
    except ValueError:
        return 0


def _numbers(path: str) -> list[int]:
    """The entries of a folder that are numbers; none when the folder is gone."""
    try:
        with os.scandir(path) as entries:
            return [int(entry.name) for entry in entries if entry.name.isdigit()]
    except OSError:
        return []


def _read(path: str, size: int = 65_536) -> bytes:
    """A file of /proc; empty when the process is gone or is not ours to see."""
    try:
        fd = os.open(path, _FLAGS)
    except OSError:
        return b""
    try:
        data = chunk = os.read(fd, size)
        while size == 65_536 and chunk:
            chunk = os.read(fd, size)
            data += chunk
    except OSError:
        return b""
    finally:
        os.close(fd)
    return data
