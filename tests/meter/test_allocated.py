"""`--share allocated`: the part of the machine that was allotted, busy or not; parts still sum to the machine."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.facts.catalog import Catalog
from joulebook.ledger.recording import Recording
from joulebook.meter.claimed import Scene
from joulebook.meter.claims import ALLOCATED, MACHINE, NOBODY, PROCESS, Claim, split
from joulebook.meter.integrate import integrate
from joulebook.meter.sources import cpu_params, ram_params
from joulebook.meter.timeline import Timeline
from joulebook.sensors.base import Channel
from joulebook.sensors.context import read_context
from joulebook.sensors.host import read_host
from joulebook.testing.fake import SECOND

CPU = Channel("package-0", "cpu-0", "cpu", period_ns=1_000_000)
DRAM = Channel("package-0/dram", "cpu-0/dram", "dram", period_ns=1_000_000)
GPU = Channel("H100 GPU-1", "GPU-1", "gpu")
TEN = (0, 10 * SECOND)
LINE = Timeline([integrate(CPU, [(t, t // 10) for t in range(0, 10 * SECOND + 1, SECOND // 10)], recorder="a")])
"""100 W for 10 s."""


def joules(claims):
    return {owner: round(share.energy(*TEN) / 1e6, 2) for owner, share in split(LINE, claims).items()}


def allotted(owner, percent, holder="h", window=TEN):
    return Claim(owner, *window, ALLOCATED, part=percent * 10_000_000, holder=holder)


def test_a_part_is_booked_busy_or_not_and_the_rest_is_nobodys():
    assert joules([allotted("a", 25)]) == {"a": 250, NOBODY: 750}
    assert joules([allotted("a", 25), allotted("b", 50, "i")]) == {"a": 250, "b": 500, NOBODY: 250}


def test_runs_inside_one_allotment_divide_it():
    tasks = [allotted(owner, 40) for owner in "abcd"]
    assert joules(tasks) == {"a": 100, "b": 100, "c": 100, "d": 100, NOBODY: 600}
    late = allotted("b", 40, window=(5 * SECOND, 10 * SECOND))
    assert joules([allotted("a", 40), late]) == {"a": 300, "b": 100, NOBODY: 600}


def test_recorders_of_one_run_have_its_allotment_once_and_allotments_on_two_sets_add_up():
    assert joules([allotted("a", 40), allotted("a", 40)]) == {"a": 400, NOBODY: 600}
    assert joules([allotted("a", 40), allotted("a", 20, "i")]) == {"a": 600, NOBODY: 400}


def test_other_rules_have_what_is_left():
    cpu = ((0, 0, 0), (10 * SECOND, 3_000, 10_000))
    process = Claim("p", *TEN, PROCESS, cpu)
    assert joules([allotted("a", 25), process, Claim("m", *TEN)]) == {"a": 250, "p": 300, "m": 450, NOBODY: 0}


def test_more_than_the_machine_is_never_booked():
    assert joules([allotted(owner, 90, owner) for owner in "ab"]) == {"a": 500, "b": 500, NOBODY: 0}


@given(st.integers(0, 2**32))
def test_shares_sum_to_the_machine_at_every_instant(seed):
    rng = Random(seed)
    claims = []
    for number in range(rng.randrange(1, 9)):
        start, end = sorted(rng.randrange(-SECOND, 11 * SECOND) for _ in range(2))
        rule, part = rng.choice((MACHINE, PROCESS, ALLOCATED)), rng.randrange(0, 10**9 + 1)
        rows = ((start, 0, 0), (end + 1, rng.randrange(10_000), 10_000))
        claims.append(Claim(f"r{number}", start, end, rule, rows, part=part, holder=rng.choice("hi")))
    shares = split(LINE, claims)
    for t in (rng.randrange(0, 10 * SECOND) for _ in range(5)):
        assert sum(shares[owner].energy(0, t) for owner in shares) == LINE.energy(0, t)


# -- from the heads of journals --------------------------------------------------------------------------------

PART = {"cpus": 16, "machine_cpus": 64, "holder": "1d.7", "memory_bytes": 2**37, "machine_memory_bytes": 2**38}


def recording(run, share="allocated", context=None):
    """A run that read processor, memory and GPU for 10 s, each at 100 W."""
    channels = (CPU, DRAM, GPU)
    head = {
        "run": run, "boot_id": "b", "wall_ns": 10**18, "boot_ns": 10**12, "share": share, "parent": "",
        "channels": [channel._asdict() for channel in channels], "sensors": [], "labels": {}, "config": {},
        "context": PART if context is None else context,
    }  # fmt: skip
    made = Recording(f"r-{run}", head)
    for at in range(len(channels)):
        for step in range(101):
            made.t[at].append(10**12 + step * SECOND // 10)
            made.raw[at].append(step * 10_000_000)
    made.first_ns, made.last_ns = 10**12, 10**12 + 10 * SECOND
    return made


def booked(run, *others):
    scene = Scene([run], [[other] for other in others])
    return [round(share.energy(*scene.window) / 1e6, 2) for _, share in scene.claimed if share is not None]


def test_processor_by_cpus_memory_by_bytes_and_a_gpu_that_is_shown_whole():
    assert booked(recording("a")) == [250, 500, 1000]
    assert booked(recording("a"), recording("b")) == [125, 250, 500]
    assert booked(recording("a"), recording("b", context=PART | {"holder": "1d.9"})) == [250, 500, 500]


def test_behind_lxcfs_a_model_knows_the_part_alone_and_a_counter_the_machine():
    made = recording("a", context=PART | {"lxcfs": True})
    assert booked(made) == [250, 500, 1000]
    for channel in made.channels:
        channel["basis"] = "modelled"
    assert booked(made) == [1000, 1000, 1000]


def test_memory_without_a_limit_follows_the_processors():
    assert booked(recording("a", context={"cpus": 16, "machine_cpus": 64, "holder": "x"})) == [250, 250, 1000]


@pytest.mark.parametrize(
    "context",
    [{}, [], "x", {"cpus": 16}, PART | {"cpus": -1}, PART | {"cpus": 64}, PART | {"cpus": "4"}, PART | {"cpus": True},
     PART | {"machine_cpus": None}, PART | {"machine_cpus": 10**40}],
)  # fmt: skip
def test_without_a_sound_allotment_it_is_the_whole_machine(context):
    assert booked(recording("a", context=context)) == [1000, 1000, 1000]


def test_models_speak_for_the_machine_that_the_part_is_a_part_of(tmp_path):
    cpus = "".join(f"cpu{n} 1 2 3 4 5 6 7 8\n" for n in range(64))
    files = {
        "proc/stat": f"cpu  1 2 3 4 5 6 7 8\n{cpus}intr 0\n",
        "proc/meminfo": f"MemTotal: {256 * 2**20} kB\n",
        "proc/self/cgroup": "0::/\n",
        ".dockerenv": "",
        "sys/fs/cgroup/cpu.max": "400000 100000\n",
        "sys/fs/cgroup/memory.max": f"{16 * 2**30}\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    host, catalog = read_host(str(tmp_path)), Catalog.open()
    context = read_context(host.logical_cpus, host.memory_bytes, {}, str(tmp_path))
    assert cpu_params(host, catalog, "2026-01-01").logical_cpus == context.machine_cpus == 64
    assert ram_params(host, catalog, "2026-01-01").memory_bytes == context.machine_memory == 256 * 2**30
    made = recording("a", context=context.head())
    assert booked(made) == [62.5, 62.5, 1000]  # 4 of 64 CPUs, 16 of 256 GiB
