"""A machine in words: what it is, what part of it may be used here and for which job, how often its counters move."""

from __future__ import annotations

from collections.abc import Iterator

from joulebook.meter.updates import Updates
from joulebook.report.wording import plain
from joulebook.sensors.context import Context
from joulebook.sensors.host import Host, clean_cpu_name


def surroundings(host: Host, context: Context) -> Iterator[tuple[str, str]]:
    """What the machine is, what part of it may be used here, and for which job."""
    kind = ", virtual machine" if host.virtual else ""
    size = f"{host.memory_bytes / 2**30:.3g} GiB" if host.memory_bytes else "unknown memory"
    yield "machine", f"{clean_cpu_name(host.model) or 'unnamed processor'}, {context.machine_cpus} CPUs, {size}{kind}"
    parts = [context.container or "none"]
    if context.is_part:
        parts.append(f"{context.cpus.amount:g} of {context.machine_cpus} CPUs ({context.cpus.by})")
    if context.memory.amount:
        memory, whole = context.memory.amount / 2**30, context.machine_memory / 2**30
        parts.append(f"{memory:.3g} of {whole:.3g} GiB ({context.memory.by})")
    if 0 < context.affinity < (context.cpus.amount or context.machine_cpus):
        parts.append(f"bound to {context.affinity} CPUs")
    if context.lxcfs:
        parts.append("lxcfs shows this part as the machine")
    parts += [f"{key} {name}" for key, name in context.kubernetes.items()]
    yield "container", plain("; ".join(parts), 300)
    if context.is_part:
        yield (
            "",
            "-> the sensors count the whole machine:  joulebook run --share allocated  (the part) or process (the use)",
        )
    if context.job:
        known = [
            f"{key} {text}" for key, text in context.job.items() if key not in ("scheduler", "id", "array", "task")
        ]
        yield "job", plain(f"{context.job['scheduler']} {context.job_id}; {', '.join(known)}".rstrip("; "), 300)


def update_sentence(update: Updates) -> str:
    """How often a counter moves."""
    if update.every_ms is None:
        return f"{update.channel}: its counter did not move"
    return f"{update.channel}: its counter moves every {update.every_ms:.3g} ms (± {update.error_ms:.1g} ms)"
