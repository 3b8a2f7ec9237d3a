"""`joulebook run -- CMD`: meters any command; its output, signals and exit code stay its own."""

from __future__ import annotations

import json
import os
import shutil
from argparse import PARSER, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from joulebook import settings as settings_room
from joulebook.cli.output import put_json, say
from joulebook.errors import ConfigError, spared
from joulebook.index import Book
from joulebook.meter.child import NOT_FOUND, Child, Ended, die_of
from joulebook.meter.limits import Limit, limits_of
from joulebook.meter.opening import Opened, Subject, open_recording
from joulebook.report.terminal import summary
from joulebook.sensors.process_tree import survivors
from joulebook.settings import RUN_VARIABLE, SHARES

if TYPE_CHECKING:
    from joulebook.run.budget.command import Budgeted

SPENT: Final = 3
"""Exit code where a budget was spent before the command had ended."""
GRACE_S: Final = 30.0
"""Time that a command has to end by itself where a loop of joulebook in it listens."""


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook run`."""
    parser.usage = "%(prog)s [OPTIONS] [--] CMD [ARG ...]"
    parser.add_argument(
        "--json", type=Path, dest="json_file", metavar="FILE", help="also write the statement there, - is stdout"
    )
    parser.add_argument("--name", default="", help="name of the run (default: the script or the command)")
    parser.add_argument("--region", default="", help="where the machine stands: FR, US-CA, Germany")
    parser.add_argument(
        "--share", choices=SHARES, help="all of the machine meanwhile, by CPU seconds of CMD, or the part allotted"
    )
    parser.add_argument("--budget", metavar="AMOUNTS", help="end CMD when it is spent: '0.5 kWh, 2 h' (exit code 3)")
    parser.add_argument(
        "--budget-grace", type=_seconds, default=GRACE_S, metavar="S",
        help="time for loops of joulebook inside CMD to end by themselves (default: 30)",
    )  # fmt: skip
    parser.add_argument("-q", "--quiet", action="store_true", help="no summary on stderr")
    parser.add_argument("command", nargs=PARSER, metavar="CMD", help="the command, with its own options")


def main(arguments: Namespace) -> int:
    """Meter any command: its output, signals and exit code stay its own.

    A summary of at most six lines goes to stderr when the command has ended. When
    a budget is spent the command gets SIGTERM, and the exit code is 3.

    examples:
      joulebook run -- python train.py --epochs 3
      joulebook run --budget '0.5 kWh, 2 h' -- python train.py
      joulebook run --name baseline --json account.json -- python train.py
    """
    command = arguments.command[1:] if arguments.command[0] == "--" else arguments.command
    limits = limits_of(arguments.budget, "--budget") if arguments.budget is not None else ()
    _occupy_standard_descriptors()
    if shutil.which(command[0]) is None and not os.path.exists(command[0]):  # noqa: PTH110 - also directories
        say(f"joulebook: {command[0]}: command not found")
        return NOT_FOUND
    child = Child(command)
    child.hold_signals()
    notices: list[str] = []
    opened = spared(
        lambda: _open(arguments, command, notices), lambda why: notices.insert(0, f"nothing is recorded: {why}")
    )
    budgeted = spared(lambda: _budgeted(arguments, opened, limits, notices), lambda why: _unwatched(notices, why))
    environment = _environment(opened)
    if budgeted is not None:
        environment = budgeted.environment(environment)
    ended = child.spawn(environment) or child.wait(budgeted.look if budgeted is not None else None)
    over = budgeted.over if budgeted is not None else ""
    if ended.reason:
        say(f"joulebook: {command[0]}: {ended.reason}")
    if opened is not None:
        spared(
            lambda: _stop(opened, ended, notices, over),
            lambda why: notices.append(f"the recording was not closed: {why}"),
        )
    if budgeted is not None:
        budgeted.close()
    child.release_signals()
    with suppress(KeyboardInterrupt):  # somebody does not want to wait for the summary
        _tell(arguments, opened, notices)
    if over:
        return SPENT
    if ended.signal:
        die_of(ended.signal)
    return ended.code


def _tell(arguments: Namespace, opened: Opened | None, notices: list[str]) -> None:
    """Print the summary and write the statement, or say why there is none."""
    if opened is None:
        if notices and not arguments.quiet:
            say(f"joulebook: {notices[0]}")
    elif opened.speaks and (arguments.json_file or not arguments.quiet):
        spared(
            lambda: _account(opened, notices, json_file=arguments.json_file, quiet=arguments.quiet),
            lambda why: say(f"joulebook: {why}; see  joulebook show {opened.run[:4]}"),
        )


def _open(arguments: Namespace, command: list[str], notices: list[str]) -> Opened | None:
    """The recording, started; None when joulebook is off."""
    flags = {"region": arguments.region or None, "share": arguments.share}
    settings = settings_room.load(flags=flags, lenient=True)
    notices += settings.problems
    if settings.off:
        return None
    around = os.environ.get(RUN_VARIABLE, "")
    subject = Subject(arguments.name or _default_name(command), command, os.getpid(), around=around)
    opened = open_recording(subject, settings)
    opened.recorder.start()
    notices += opened.notices
    return opened


def _budgeted(
    arguments: Namespace, opened: Opened | None, limits: Sequence[Limit], notices: list[str]
) -> Budgeted | None:
    """What watches the budget of the flag, or of the settings; None where there is none."""
    if opened is None:
        return None
    if not limits:
        settings = settings_room.load(lenient=True)
        try:
            limits = limits_of(settings.budget, settings.origins.get("budget", "")) if settings.budget else ()
        except ConfigError as error:
            _unwatched(notices, str(error))
    if not limits:
        return None
    from joulebook.run.budget.command import Budgeted  # with the watch of runs: most commands have no budget

    def tell(line: str) -> None:
        if not arguments.quiet:
            say(f"joulebook: {line}")

    return Budgeted(opened, limits, grace_s=arguments.budget_grace, tell=tell)


def _unwatched(notices: list[str], why: str) -> None:
    notices.insert(0, f"no budget is watched: {why}")


def _environment(opened: Opened | None) -> dict[str, str]:
    environment = dict(os.environ)
    if opened is not None:
        environment[RUN_VARIABLE] = opened.mark
        if opened.home:
            environment["JOULEBOOK_HOME"] = opened.home  # a relative one would mean another folder elsewhere
    return environment


def _stop(opened: Opened, ended: Ended, notices: list[str], over: str) -> None:
    """End the recording, which was stopped where a budget was spent; name the processes that go on."""
    status = "stopped" if over else "finished" if ended.code == 0 else "failed"
    left = survivors(RUN_VARIABLE, opened.mark)
    opened.recorder.stop(
        {"t": opened.recorder.clock(), "status": status, "exit": ended.code, "reason": over or ended.reason}
    )
    if left:
        notices.append("still running: " + ", ".join(f"{name} ({pid})" for pid, name in left[:4]))


def _account(opened: Opened, notices: list[str], *, json_file: Path | None, quiet: bool) -> None:
    """Price the run that has ended."""
    statement = Book(opened.home, index=False).statement(opened.run)
    if not quiet:
        say("\n".join(summary(statement, notices=notices)))
    if json_file is not None and str(json_file) == "-":
        put_json(statement.as_dict())
    elif json_file is not None:
        json_file.write_text(json.dumps(statement.as_dict(), indent=2) + "\n", encoding="utf-8")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 1e6:
        raise ArgumentTypeError(f"{text!r}: expected seconds, such as 60")
    return seconds


def _occupy_standard_descriptors() -> None:
    """Where the caller closed 0, 1 or 2, no file of ours may get that number; the command finds them closed still."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free; not inherited


def _default_name(command: list[str]) -> str:
    """The script or module for an interpreter, otherwise the command itself."""
    first = Path(command[0]).name
    if first.startswith(("python", "bash", "sh", "node", "perl", "ruby")):
        for at, word in enumerate(command[1:], 1):
            if word == "-c":
                break
            if word == "-m" and at + 1 < len(command):
                return command[at + 1]
            if not word.startswith("-"):
                return Path(word).name
    return first
