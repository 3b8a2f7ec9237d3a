"""What starting costs: import, command line, start and stop of a block, memory, threads, helper processes.

    python benchmarks/start.py [--repeat 20] [--codecarbon PYTHON] [--zeus PYTHON]

A peer is the Python of an environment that has it; docs/benchmarks.md says how to make one.
"""

from __future__ import annotations

import argparse
import sys
import threading
from ast import literal_eval
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from subprocess import run as run_process
from typing import Any

from stopwatch import about, beyond, by_turns, cpu_by_turns, environment, scratch, spread, table, verdict

from joulebook.testing.powercap import TWO_SOCKETS, write_powercap_tree

IMPORT_MS, RUN_MS, HELP_MS, START_MS, STOP_MS, ADDED_MIB = 25, 150, 250, 20, 5, 12
THREE_COUNTERS = (TWO_SOCKETS[0], TWO_SOCKETS[2], TWO_SOCKETS[3])
"""Package 0, its memory, package 1: three counters."""

PROBES = Path(__file__).with_name("probes")


def probe(python: str, name: str, env: dict[str, str], *arguments: str) -> dict[str, Any]:
    """The figures that a fresh process printed last."""
    command = [python, str(PROBES / name), *arguments]
    ended = run_process(command, env=env, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"{name} failed:\n{ended.stderr}")
    figures: dict[str, Any] = literal_eval(ended.stdout.splitlines()[-1])
    return figures


def processes(arguments: argparse.Namespace, env: dict[str, str]) -> None:
    python, command = sys.executable, str(Path(sys.executable).with_name("joulebook"))
    cpu = cpu_by_turns(
        {
            "bare": [python, "-c", "pass"],
            "import": [python, "-c", "import joulebook"],
            "track": [python, "-c", "import joulebook; joulebook.track"],
            "true": ["true"],
            "run": [command, "run", "--", "true"],
            "help": [command, "--help"],
        },
        env,
        arguments.repeat,
    )
    added = {name: beyond(cpu[name], cpu["bare"]) for name in ("import", "track")}
    added |= {"run": beyond(cpu["run"], cpu["true"]), "help": median(cpu["help"])}
    rows = [
        _row("`import joulebook`", cpu["import"], "bare Python", added["import"], IMPORT_MS),
        _row("and load what `track` needs", cpu["track"], "bare Python", added["track"], None),
        _row("`joulebook run -- true`", cpu["run"], "`true`", added["run"], RUN_MS),
        _row("`joulebook --help`", cpu["help"], "nothing", added["help"], HELP_MS),
    ]
    if arguments.codecarbon:
        rows += _codecarbon_rows(arguments.codecarbon, env, arguments.peer_repeat)
    if arguments.zeus:
        load = "from zeus.monitor import ZeusMonitor"
        rows.append(_import_row("Zeus", arguments.zeus, load, env, arguments.peer_repeat))
    table(
        f"CPU of a process, ms: median (10..90 %) of {arguments.repeat} rounds"
        + (f", peers {arguments.peer_repeat}" if arguments.codecarbon or arguments.zeus else ""),
        ("what", "CPU ms", "beyond", "added CPU ms", "bar", ""),
        rows,
    )


def _row(what: str, cpu: Sequence[float], base: str, added: float, bar: float | None) -> tuple[object, ...]:
    return what, spread(cpu), base, f"**{added:.1f}**", bar or "", verdict(added, bar) if bar else ""


def _import_row(name: str, python: str, load: str, env: dict[str, str], repeat: int) -> tuple[object, ...]:
    cpu = cpu_by_turns({"bare": [python, "-c", "pass"], "import": [python, "-c", load]}, env, repeat)
    return _row(f"{name}: `{load}`", cpu["import"], "bare Python", beyond(cpu["import"], cpu["bare"]), None)


def _codecarbon_rows(python: str, env: dict[str, str], repeat: int) -> list[tuple[object, ...]]:
    command = str(Path(python).with_name("codecarbon"))
    around = [python, str(PROBES / "codecarbon_run.py")]
    cpu = cpu_by_turns({"true": ["true"], "run": around, "help": [command, "--help"]}, env, repeat)
    added = beyond(cpu["run"], cpu["true"])
    return [
        _import_row("CodeCarbon", python, "from codecarbon import OfflineEmissionsTracker", env, repeat),
        _row("CodeCarbon: a tracker around `true` (it has no `run`)", cpu["run"], "`true`", added, None),
        _row("CodeCarbon: `codecarbon --help`", cpu["help"], "nothing", median(cpu["help"]), None),
    ]


def blocks(arguments: argparse.Namespace, env: dict[str, str], folder: Path) -> None:
    """Start and stop in fresh processes, with and without sensors, in memory and on a disk, peers beside them."""
    warm = str(arguments.warm)
    counters = {**env, "JOULEBOOK_POWERCAP_ROOT": str(folder / "powercap")}
    with scratch(memory=False) as on_disk:
        disk = {**counters, "JOULEBOOK_HOME": str(on_disk / "book")}
        arms = {
            "joulebook, 3 counters": lambda: probe(sys.executable, "joulebook_block.py", counters, warm),
            "joulebook, no sensor (models)": lambda: probe(sys.executable, "joulebook_block.py", env, warm),
            "joulebook, 3 counters, journal on a disk": lambda: probe(sys.executable, "joulebook_block.py", disk, warm),
        }
        if arguments.codecarbon:
            arms["CodeCarbon"] = lambda: probe(arguments.codecarbon, "codecarbon_block.py", env)
        if arguments.zeus:
            arms["Zeus"] = lambda: probe(arguments.zeus, "zeus_block.py", env)
        found = by_turns(arms, arguments.blocks)
    _block_tables(found, arguments)


def _block_tables(found: dict[str, list[dict[str, Any]]], arguments: argparse.Namespace) -> None:
    header = ("what", "import", "cold start", "cold stop", "warm start", "warm stop")
    for unit in ("wall", "cpu"):
        rows: list[tuple[object, ...]] = []
        for name, probes in found.items():
            steps = ("import", "start", "stop", "warm_start", "warm_stop")
            keys = [f"{step}_{unit}" for step in steps]
            rows.append((name, *(spread([float(one[key]) for one in probes]) for key in keys)))
        rows.append(("bar (wall; a stop that waits for no disk)", "", START_MS, STOP_MS, START_MS, STOP_MS))
        title = "wall time" if unit == "wall" else "CPU of process and children"
        table(
            f"Start and stop of a block, {title} in ms: median (10..90 %) of {arguments.blocks} fresh processes;"
            f" warm: {arguments.warm} more blocks in each",
            header,
            rows,
        )
    rows = []
    for name, probes in found.items():
        memory = [float(one["memory"]) for one in probes]
        bar = (ADDED_MIB, verdict(median(memory), ADDED_MIB)) if name.startswith("joulebook") else ("", "")
        counts = [sorted({str(one[key]) for one in probes}) for key in ("threads", "helpers")]
        rows.append((name, spread(memory), *bar, *(" or ".join(count) for count in counts)))
    table(
        "A running block against before the import: resident MiB (helpers included), threads, helper processes",
        ("what", "added MiB", "bar", "", "added threads", "helper processes"),
        rows,
    )
    _notes(found)


def _notes(found: dict[str, list[dict[str, Any]]]) -> None:
    first = found["joulebook, 3 counters"][0]
    print(f"\n`import joulebook` loaded: {', '.join(first['loaded'])}.")
    others = sorted({name.partition(".")[0] for name in first["all_loaded"]})
    print(f"\nA running block has loaded {len(first['all_loaded'])} modules, of: {', '.join(others)}.")
    for name, probes in found.items():
        if name.startswith("joulebook"):
            trouble = sorted({str(text) for one in probes for text in one["trouble"]})
            recorded = sum(bool(one["recorded"]) for one in probes)
            print(f"\n{name}: {recorded} of {len(probes)} recorded{'; ' if trouble else ''}{'; '.join(trouble)}.")
    if "Zeus" in found:
        print(f"\nZeus runs here without a GPU (`gpu_indices=[]`); its window holds: {found['Zeus'][0]['sees']}.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=20, help="rounds of the processes (20)")
    parser.add_argument("--peer-repeat", type=int, default=7, help="rounds of the peers' processes (7)")
    parser.add_argument("--blocks", type=int, default=10, help="fresh processes for start and stop (10)")
    parser.add_argument("--warm", type=int, default=10, help="further blocks in each of them (10)")
    parser.add_argument("--codecarbon", metavar="PYTHON", help="Python of an environment with codecarbon")
    parser.add_argument("--zeus", metavar="PYTHON", help="Python of an environment with zeus")
    arguments = parser.parse_args()
    about("# What starting costs")
    with scratch() as folder:
        env = environment(folder)
        processes(arguments, env)
        ended = threading.Event()
        with write_powercap_tree(folder / "powercap", THREE_COUNTERS) as tree:
            server = threading.Thread(target=tree.serve, args=(ended,))
            server.start()
            blocks(arguments, env, folder)
            ended.set()
            server.join()


if __name__ == "__main__":
    main()
