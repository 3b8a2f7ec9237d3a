"""What a probe reads of its own process. Loads next to nothing, so that what the probed library loads is seen."""

from __future__ import annotations

import gc
import os
import resource
import time


def resident_mib(pid="self"):
    """Resident memory after a collection of garbage."""
    gc.collect()
    return int(_read(f"/proc/{pid}/statm").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_ms():
    """CPU time of this process with all its threads, and of the children it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (time.process_time() + children.ru_utime + children.ru_stime) * 1e3


def timed(do):
    """What `do` returns, its wall time and CPU time in ms."""
    wall, used = time.perf_counter(), cpu_ms()
    result = do()
    return result, (time.perf_counter() - wall) * 1e3, cpu_ms() - used


def threads():
    """Threads of this process, the main one too."""
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - pathlib would be loaded


def helpers():
    """Processes that this one has started and that still run."""
    found = []
    for name in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208
        try:
            parent = _read(f"/proc/{name}/stat").rpartition(b")")[2].split()[1]
        except OSError:  # ended meanwhile
            continue
        if int(parent) == os.getpid():
            found.append(name)
    return found


def _read(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)
