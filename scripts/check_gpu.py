"""What an NVIDIA GPU's instruments are worth on this machine, as Markdown for docs/hardware.md.

    python scripts/check_gpu.py [--gpu 0] [--seconds 60] [--trace FILE] [--fake]

Runs from a plain checkout with nvidia-ml-py and PyTorch alone; what else is missing is named and left out. It takes
about five minutes: update periods, the cost of each call, the energy counter against power at random instants (at rest,
steady, bursty), nvidia-smi beside it, a training step with and without recording, and one `joulebook run`. With --trace
the readings are kept as JSON, to be replayed by tests/sensors/test_traces.py. --fake measures a fake GPU of known
truth instead, to try the script itself.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from joulebook.meter.curve import Curve  # noqa: E402 - src/ of this checkout
from joulebook.meter.integrate import integrate  # noqa: E402
from joulebook.meter.poller import Poller  # noqa: E402
from joulebook.sensors.base import COUNTER, boottime_ns  # noqa: E402
from joulebook.sensors.cuda_visible import Visible  # noqa: E402
from joulebook.sensors.nvml import Nvml  # noqa: E402
from joulebook.testing.fake import Load  # noqa: E402
from joulebook.testing.nvml import FakeGpu, FakeNvml  # noqa: E402
from joulebook.testing.trace import Row, Trace, agreement, write_trace  # noqa: E402

SLOT_S = 0.05
LOADS = ("rest", "steady", "bursty", "periodic")
WORDS = {
    "rest": "at rest",
    "steady": "steady matrix products",
    "bursty": "bursts of 20 to 400 ms with pauses as long",
    "periodic": "25 ms busy in every 100 ms",
}
FAKE_LOADS = {
    "rest": Load.constant(70.0),
    "steady": Load.constant(640.0),
    "bursty": Load.walk(random.Random(5), 90.0, 680.0, 0.2),
    "periodic": Load.square(90.0, 690.0, 0.1, 0.25),
}
INSTANT, AVERAGE = 186, 185  # NVML_FI_DEV_POWER_INSTANT, NVML_FI_DEV_POWER_AVERAGE
CHILD_SETTLES_S = 3.0


class Gpu:
    """One GPU and the library that reads it."""

    def __init__(self, nvml: Any, index: int) -> None:
        self.nvml = nvml
        nvml.nvmlInit()
        self.handle = nvml.nvmlDeviceGetHandleByIndex(index)

    def ask(self, name: str, *arguments: object) -> Any:
        """What a call gives; None where it is not supported."""
        with suppress(self.nvml.NVMLError, AttributeError):
            return getattr(self.nvml, name)(self.handle, *arguments)
        return None

    def field(self, field: int, scope: int = 0) -> int | None:
        """A power field in mW."""
        values = self.ask("nvmlDeviceGetFieldValues", [(field, scope)])
        return None if values is None or values[0].nvmlReturn else int(values[0].value.uiVal)

    def counter(self) -> int | None:
        """The energy counter in mJ."""
        value = self.ask("nvmlDeviceGetTotalEnergyConsumption")
        return None if value is None else int(value)

    def look(self) -> Row:
        """All instruments at once."""
        return Row(boottime_ns(), self.counter(), self.field(INSTANT), self.field(AVERAGE))


def table(title: str, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Print a Markdown table."""
    print(f"\n**{title}**\n\n| " + " | ".join(header) + " |\n|" + " --- |" * len(header))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)


# -- loads ------------------------------------------------------------------------------------------------------


def be_a_load(kind: str, gpu: str) -> None:
    """Keep a GPU busy until we are ended (runs in a process of its own)."""
    os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    torch = importlib.import_module("torch")
    matrix = torch.randn(8192, 8192, device="cuda", dtype=torch.float16)
    uniform = random.Random(1).uniform

    def busy(seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            torch.mm(matrix, matrix)
            torch.cuda.synchronize()

    print("ready", flush=True)
    while True:
        if kind == "steady":
            busy(1.0)
        elif kind == "bursty":
            span = uniform(0.02, 0.4)
            busy(span)
            time.sleep(span)
        else:
            busy(0.025)
            time.sleep(0.1 - time.monotonic() % 0.1)


@contextmanager
def load(kind: str, arguments: argparse.Namespace) -> Iterator[Gpu]:
    """The GPU under one kind of load."""
    if arguments.fake:
        yield Gpu(FakeNvml([FakeGpu(load=FAKE_LOADS[kind])]), 0)
        return
    pynvml = importlib.import_module("pynvml")
    try:
        gpu = Gpu(pynvml, arguments.gpu)
    except pynvml.NVMLError as error:
        sys.exit(f"no GPU can be read: {error}; see  joulebook doctor")
    if kind == "rest":
        yield gpu
        return
    uuid = gpu.ask("nvmlDeviceGetUUID")
    command = [sys.executable, __file__, "--as-load", kind, "--gpu-uuid", uuid]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            if child.stdout.readline().strip() != "ready":
                sys.exit(f"the load {kind!r} did not start; see the message above")
            time.sleep(CHILD_SETTLES_S)
            yield gpu
        finally:
            child.kill()


# -- what is measured -------------------------------------------------------------------------------------------


def what_it_is(gpu: Gpu, nvml: Any) -> None:
    """Name, driver, and how joulebook would read it."""
    name, limits = gpu.ask("nvmlDeviceGetName"), gpu.ask("nvmlDeviceGetPowerManagementLimitConstraints")
    rows: list[tuple[object, ...]] = [
        ("GPU", name),
        ("driver", nvml.nvmlSystemGetDriverVersion()),
        ("power limits", f"{limits[0] / 1e3:g} to {limits[1] / 1e3:g} W" if limits else "unknown"),
        ("MIG", "on" if (gpu.ask("nvmlDeviceGetMigMode") or [0])[0] else "off or none"),
        ("power of the GPU alone now", _watts(gpu.field(INSTANT, 0))),
        ("power of its module now", _watts(gpu.field(INSTANT, 1))),
    ]
    sensor = Nvml(Visible(), library=nvml)
    device = gpu.ask("nvmlDeviceGetUUID")
    rows += [("joulebook reads", f"{c.kind}: {c.method}") for c in sensor.channels if c.device == device]
    rows += [("joulebook leaves out", f"{one.zone}: {one.reason}") for one in sensor.skipped]
    sensor.close()
    table("The machine", ("what", "value"), rows)


def _watts(milliwatts: int | None) -> str:
    return "none" if milliwatts is None else f"{milliwatts / 1e3:.1f} W"


def update_periods(gpu: Gpu, nvml: Any, seconds: float) -> None:
    """How often each instrument changes, looked at each millisecond; and what joulebook's own start-up finds."""
    instruments: dict[str, Callable[[], int | None]] = {
        "energy counter": gpu.counter,
        "power of the instant": lambda: gpu.field(INSTANT),
        "power, 1 s average": lambda: gpu.field(AVERAGE),
    }
    rows: list[tuple[object, ...]] = []
    for name, read in instruments.items():
        moves, last, end = [], read(), time.monotonic() + seconds
        if last is None:
            rows.append((name, "none", "", "", ""))
            continue
        while time.monotonic() < end:
            value = read()
            if value != last:
                moves.append(boottime_ns())
                last = value
            time.sleep(0.001)
        gaps = sorted((b - a) / 1e6 for a, b in pairwise(moves))
        if not gaps:
            rows.append((name, "did not move", "", "", ""))
            continue
        found = detected(nvml) if name == "energy counter" else ""
        low, high = gaps[len(gaps) // 20], gaps[-1 - len(gaps) // 20]
        rows.append((name, len(moves), f"{median(gaps):.2f} ms", f"{low:.2f} to {high:.2f} ms", found))
    title = "Update periods: time between two changes of what is shown"
    table(title, ("instrument", "changes", "median", "5 to 95 %", "found at the start of a run"), rows)


def detected(nvml: Any) -> str:
    """The period of the counter from the burst with which a recording starts."""
    sensor = Nvml(Visible(), library=nvml)
    poller = Poller([("nvml", sensor)], clock=boottime_ns)
    poller.burst(_wait, moves=2)
    sensor.close()
    periods = [
        Curve(integrate(channel, zip(*column, strict=True))).period
        for channel, column in zip(sensor.channels, poller.columns, strict=True)
        if channel.form == COUNTER
    ]
    return ", ".join(f"{p.ns / 1e6:.1f} ± {p.sd_ns / 1e6:.1f} ms" for p in periods)


def _wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def call_costs(gpu: Gpu, kind: str, count: int) -> list[tuple[object, ...]]:
    """What each call costs the reader, in microseconds of wall time."""
    calls: dict[str, Callable[[], object]] = {
        "nvmlDeviceGetTotalEnergyConsumption": gpu.counter,
        "nvmlDeviceGetFieldValues, instant": lambda: gpu.field(INSTANT),
        "nvmlDeviceGetFieldValues, average": lambda: gpu.field(AVERAGE),
        "nvmlDeviceGetPowerUsage": lambda: gpu.ask("nvmlDeviceGetPowerUsage"),
        "nvmlDeviceGetComputeRunningProcesses": lambda: gpu.ask("nvmlDeviceGetComputeRunningProcesses"),
        "nvmlDeviceGetProcessUtilization": lambda: gpu.ask("nvmlDeviceGetProcessUtilization", 0),
    }
    rows = []
    for name, call in calls.items():
        took = []
        for _ in range(count):
            began = time.perf_counter_ns()
            call()
            took.append((time.perf_counter_ns() - began) / 1e3)
            time.sleep(0.002)
        took.sort()
        rows.append((name, WORDS[kind], f"{median(took):.0f}", f"{took[int(0.99 * len(took))]:.0f}", f"{took[-1]:.0f}"))
    return rows


def watch(gpu: Gpu, seconds: float) -> list[Row]:
    """Looks at the GPU at one random instant in each slot."""
    rows, slot = [], time.monotonic()
    end = slot + seconds
    uniform = random.SystemRandom().random
    while slot < end:
        time.sleep(max(0.0, slot + uniform() * SLOT_S - time.monotonic()))
        rows.append(gpu.look())
        slot += SLOT_S
    return rows


@contextmanager
def nvidia_smi(arguments: argparse.Namespace) -> Iterator[list[float]]:
    """What `nvidia-smi` shows each 100 ms meanwhile; stays empty where there is none."""
    powers: list[float] = []
    if arguments.fake or shutil.which("nvidia-smi") is None:
        yield powers
        return
    query = ["--query-gpu=power.draw", "--format=csv,noheader,nounits", "-lms", "100", "-i", str(arguments.gpu)]
    with subprocess.Popen(["nvidia-smi", *query], stdout=subprocess.PIPE, text=True) as child:
        yield powers
        child.terminate()
        assert child.stdout is not None
        for line in child.stdout:
            with suppress(ValueError):
                powers.append(float(line))


def cross_check(arguments: argparse.Namespace) -> dict[str, list[Row]]:
    """The counter against power at random instants, under each load; returns the readings."""
    traces, rows, costs = {}, [], []
    kinds = LOADS if arguments.fake or importlib.util.find_spec("torch") else LOADS[:1]
    for kind in kinds:
        with load(kind, arguments) as gpu:
            with nvidia_smi(arguments) as powers:
                traces[kind] = watch(gpu, arguments.seconds)
            if kind in ("rest", "steady"):
                costs += call_costs(gpu, kind, arguments.calls)
        found, smi = agreement(traces[kind]), mean(powers) if powers else None
        rows.append(
            (
                WORDS[kind],
                _power(found.counter),
                f"{_power(found.instant)} ± {1.645 * found.instant_se:.1f}",
                _percent(found.instant, found.counter),
                f"{_power(found.average)} ({_percent(found.average, found.counter)})",
                f"{_power(smi)} ({_percent(smi, found.counter)})",
            )
        )
    header = ("load", "counter, W", "random instants, W", "against the counter", "1 s average, W", "nvidia-smi, W")
    table(f"The counter against power, {arguments.seconds:g} s each", header, rows)
    table("Calls, wall time in us", ("call", "load", "median", "99 %", "most"), costs)
    if kinds != LOADS:
        print("\nOnly a GPU at rest was looked at: loads need PyTorch.")
    return traces


def _power(watts: float | None) -> str:
    return "none" if watts is None else f"{watts:.1f}"


def _percent(one: float | None, other: float | None) -> str:
    return "" if one is None or not other else f"{100 * (one / other - 1):+.1f} %"


def training_step(arguments: argparse.Namespace) -> None:
    """A training step with and without recording, by turns."""
    if arguments.fake or importlib.util.find_spec("torch") is None:
        print("\nA training step was not measured: it needs PyTorch and a GPU.")
        return
    torch = importlib.import_module("torch")
    jb = importlib.import_module("joulebook")
    layers = [part for _ in range(8) for part in (torch.nn.Linear(4096, 4096), torch.nn.ReLU())]
    model = torch.nn.Sequential(*layers).to("cuda")
    optimizer = torch.optim.AdamW(model.parameters())
    batch = torch.randn(256, 4096, device="cuda")

    def steps(count: int) -> float:
        torch.cuda.synchronize()
        began = time.perf_counter()
        for _ in range(count):
            optimizer.zero_grad()
            model(batch).square().mean().backward()
            optimizer.step()
        torch.cuda.synchronize()
        return (time.perf_counter() - began) / count * 1e3

    steps(50)
    plain, metered = [], []
    for _ in range(10):
        plain.append(steps(100))
        with jb.track("check_gpu"):
            metered.append(steps(100))
    ratios = sorted(after / before for before, after in zip(plain, metered, strict=True))
    row = (f"{median(plain):.3f}", f"{median(metered):.3f}", f"{100 * (median(ratios) - 1):+.2f} %",
           f"{100 * (ratios[1] - 1):+.2f} to {100 * (ratios[-2] - 1):+.2f} %")  # fmt: skip
    header = ("without, ms", "recorded, ms", "median of ratios", "10 to 90 %")
    table("A training step (8 layers of 4096, batch 256), 10 rounds of 100 by turns", header, [row])


def one_run(arguments: argparse.Namespace) -> None:
    """`joulebook run` of a real training, and what it says."""
    program = "import time; time.sleep(0.5)" if arguments.fake else _TRAINING
    env = dict(os.environ, PYTHONPATH=str(ROOT / "src"))
    if arguments.fake:
        env["JOULEBOOK_SENSORS"] = "joulebook.testing.nvml:FakeGpus"
    command = [sys.executable, "-m", "joulebook", "run", "--name", "check_gpu", "--", sys.executable, "-c", program]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    print(
        f"\n**joulebook run of a training, exit code {done.returncode}**\n\n```text\n{done.stderr.strip()[-2000:]}\n```"
    )


_TRAINING = """
import torch
model = torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(1024, 16, batch_first=True), 6).cuda()
optimizer = torch.optim.AdamW(model.parameters())
for step in range(300):
    optimizer.zero_grad()
    model(torch.randn(32, 256, 1024, device="cuda")).square().mean().backward()
    optimizer.step()
torch.cuda.synchronize()
"""


def main() -> None:
    """Read the options; the runs that are recorded here go into a book that goes away."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gpu", type=int, default=0, help="number of the GPU in nvidia-smi (0)")
    parser.add_argument("--seconds", type=float, default=60, help="length of each load (60)")
    parser.add_argument("--calls", type=int, default=200, help="how often each call is timed (200)")
    parser.add_argument("--trace", type=Path, help="keep the readings in this file")
    parser.add_argument("--fake", action="store_true", help="a fake GPU of known truth")
    parser.add_argument("--as-load", help=argparse.SUPPRESS)
    parser.add_argument("--gpu-uuid", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.as_load:
        be_a_load(arguments.as_load, arguments.gpu_uuid)
    with tempfile.TemporaryDirectory() as home:
        os.environ["JOULEBOOK_HOME"] = home
        measure(arguments)


def measure(arguments: argparse.Namespace) -> None:
    """Every measurement, one after the other."""
    with load("rest", arguments) as gpu:
        print(f"# {gpu.ask('nvmlDeviceGetName')}{' (a fake)' if arguments.fake else ''}")
        what_it_is(gpu, gpu.nvml)
        update_periods(gpu, gpu.nvml, min(10.0, arguments.seconds))
        name, driver = gpu.ask("nvmlDeviceGetName"), gpu.nvml.nvmlSystemGetDriverVersion()
    traces = cross_check(arguments)
    if arguments.trace:
        write_trace(arguments.trace, Trace(name, driver, arguments.fake, traces))
        print(f"\nThe readings are in {arguments.trace.name}.")
    training_step(arguments)
    one_run(arguments)


if __name__ == "__main__":
    main()
