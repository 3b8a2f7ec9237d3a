"""Opens a recording: picks the sensors, makes the journal, and puts poller and recorder together."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from joulebook.facts.catalog import Catalog
from joulebook.ledger.journal import Journal
from joulebook.ledger.places import book_home, machine_facts, new_run_id, run_folder, writable_home
from joulebook.ledger.redact import mask_argv, mask_config, mask_environment
from joulebook.meter.device_use import DeviceUse
from joulebook.meter.poller import Poller
from joulebook.meter.ranks.launcher import rank_here
from joulebook.meter.recorder import Recorder, Work
from joulebook.meter.sources import Selection, select
from joulebook.meter.wall.in_use import HEAD, calibration_here, head_of
from joulebook.sensors.base import Clock, boottime_ns
from joulebook.sensors.context import Context, read_context
from joulebook.sensors.host import Host, boot_id, clean_cpu_name, read_host
from joulebook.sensors.process_tree import ProcessTree, launched_by, machine_busy_us
from joulebook.settings import Settings
from joulebook.version import __version__

if TYPE_CHECKING:
    from joulebook.meter.forecasting.prior import Expected

FORMAT = 1


class Subject(NamedTuple):
    """What is recorded: a name, the command line, and the process whose tree it is."""

    name: str = ""
    argv: Sequence[str] = ()
    root_pid: int = 0
    config: Mapping[str, object] | None = None
    labels: Mapping[str, str] | None = None
    around: str = ""
    """What the environment says of the run around this one: see `Opened.mark`."""


class Opened(NamedTuple):
    """An open recording."""

    run: str
    home: str
    folder: str
    recorder: Recorder
    selection: Selection
    notices: list[str]
    head: Mapping[str, object] = {}
    """The head of the journal."""
    expected: Expected | None = None
    """What an estimate said of the run, before it began."""

    @property
    def speaks(self) -> bool:
        """Whether this is the process that tells a person of the run: of many ranks it is the first."""
        rank = self.head.get("rank")
        return not isinstance(rank, dict) or rank["rank"] <= 0

    @property
    def mark(self) -> str:
        """What programs started inside this run have in their environment: its id, and that it is a rank already."""
        return f"{self.run}/rank" if "rank" in self.head else self.run


def open_recording(subject: Subject, settings: Settings, *, clock: Clock = boottime_ns) -> Opened:
    """Open sensors and journal for `subject`; nothing is read until `recorder.start()`."""
    catalog = Catalog.open()
    host = read_host()
    context = read_context(host.logical_cpus, host.memory_bytes)
    selection = select(settings, catalog, host)
    home = writable_home(book_home(settings.home))
    run = new_run_id()
    wall, boot = time.time_ns(), clock()
    parent, _, ranked = subject.around.partition("/")
    rank = None if ranked else rank_here(os.environ, boot_id(), launched_by)
    folder = run_folder(home.path, wall, run, rank.group if rank else "")
    share = settings.share
    if share == "process" and not machine_busy_us():  # a part that is not known must not become 0
        share = "machine"
    poller = Poller(selection.sensors, clock=clock, interval_s=settings.interval)
    head = {
        "format": FORMAT,
        "run": run,
        "name": subject.name,
        "boot_id": boot_id(),
        "wall_ns": wall,
        "boot_ns": boot,
        "pid": os.getpid(),
        "parent": parent,
        **({"rank": rank._asdict()} if rank else {}),
        "argv": mask_argv(subject.argv),
        "cwd": _cwd(),
        "host": os.uname().nodename if hasattr(os, "uname") else "",
        "hardware": _hardware(host, context),
        "context": context.head(),
        "python": sys.version.split()[0],
        "joulebook": __version__,
        "edition": catalog.edition,
        "region": settings.region,
        "site": settings.site,
        "share": share,
        "interval_s": settings.interval,
        "labels": _labels(subject.labels, context),
        "config": {} if subject.config is None else mask_config(subject.config),
        "environment": mask_environment(os.environ),
        "channels": [channel._asdict() for channel in poller.channels],
        "sensors": [report._asdict() for report in selection.report],
    }
    calibration = head_of(calibration_here(machine_facts(), poller.channels))
    if calibration:
        head[HEAD] = calibration
    journal = Journal(folder, head, clock=clock)
    tree = ProcessTree(subject.root_pid or os.getpid())
    by_process = share == "process"
    work = Work(tree.cpu_us, machine_busy_us, by_process, DeviceUse(tree.members) if by_process else None)
    notices = [notice for notice in (home.notice, journal.notice) if notice]
    if share != settings.share:
        notices.append("--share process: this system does not tell the CPU time of the machine; the run has all of it")
    place = os.path.dirname(os.path.dirname(journal.folder))  # noqa: PTH120 - not the home where that cannot be written
    return Opened(run, place, journal.folder, Recorder(journal, poller, work), selection, notices, head)


def _labels(labels: object, context: Context) -> object:
    """The user's labels, and the one by which the runs of a job are found: `joulebook runs --label slurm_job=1234`."""
    own = {} if labels is None else mask_config(labels)
    job = {f"{context.job['scheduler']}_job": context.job_id} if context.job else {}
    return {**job, **own} if isinstance(own, dict) else own


def _hardware(host: Host, context: Context) -> dict[str, object]:
    """What the machine is, as it shows itself; accelerators are among the channels."""
    return {
        "cpu": clean_cpu_name(host.model),
        "threads": host.logical_cpus,
        "sockets": host.sockets,
        "memory_bytes": host.memory_bytes,
        "virtual": host.virtual,
        "container": bool(context.container),
    }


def _cwd() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - pathlib costs an import on the metering path
    except OSError:
        return ""
