"""Embodied carbon: M = TE x (TiR / EL) x (RR / ToR), conserved over devices, time and those who share."""

from __future__ import annotations

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.account.embodied import NOTHING, embodied
from joulebook.account.machine import Machine, machine_of
from joulebook.account.statement import Context, state
from joulebook.account.terms import EMBODIED
from joulebook.entry import Entry, Held
from joulebook.errors import ConfigError
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity
from joulebook.settings import load
from joulebook.testing.facts import FakeCatalog, FakeFact

HOUR, ON = 3600.0, "2026-11-20"
LIFE_H, USE, CARD, SERVER, DRAM, CPU = 40_000.0, 0.5, 150.0, 1000.0, 1.4, 100.0


def facts(*, spread=1.0, without=()):
    known = [
        ("accelerator.a100", "embodied.cradle_to_gate", CARD, "kgCO2e"),
        ("accelerator.any", "embodied.cradle_to_gate", 200.0, "kgCO2e"),
        ("component.gpu", "embodied.cradle_to_gate", 120.0, "kgCO2e"),
        ("server.rack", "embodied.cradle_to_gate", SERVER, "kgCO2e"),
        ("component.dram", "embodied.cradle_to_gate", DRAM, "kgCO2e/GB"),
        ("component.cpu", "embodied.cradle_to_gate", CPU, "kgCO2e"),
        ("server.any", "lifetime", LIFE_H, "h"),
        ("parameter.lifetime-use", "value", USE, "1"),
    ]
    return FakeCatalog(
        FakeFact(subject, prop, value, value / spread, value * spread, unit)
        for subject, prop, value, unit in known
        if subject not in without
    )


def machine(*held, **fields):
    known = {"server": True, "sockets": 1, "memory_gb": 100.0, "cards": {"A100": "accelerator.a100"}}
    return Machine(held=[Held(*device) for device in held], **{**known, **fields})


def account(found, catalog=None):
    return embodied(state([], Context(FakeCatalog([]), ON), []), Context(catalog or facts(), ON, machine=found))


def grams(found, device=""):
    return fsum(line.quantity.to("gCO2e").value for line in found.lines if device in ("", line.device))


CPU_0 = ("cpu-0", "cpu", "", HOUR)


def test_one_hour_of_a_card_is_its_part_of_the_hours_in_which_it_works():
    found = account(machine(CPU_0, ("gpu-0", "gpu", "A100 GPU-1a2b3c4d", HOUR)))
    assert grams(found, "gpu-0") == pytest.approx(1e3 * CARD / (LIFE_H * USE))
    assert grams(found, "server") == pytest.approx(1e3 * SERVER / (LIFE_H * USE))
    assert grams(found, "memory") == pytest.approx(1e3 * DRAM * 100 / (LIFE_H * USE))
    assert found.totals["carbon_embodied"].value == pytest.approx(grams(found))
    assert not found.not_included
    assert not found.warnings


def test_further_processors_are_counted_and_idle_life_makes_the_rest_dearer():
    one, two = account(machine(CPU_0)), account(machine(CPU_0, sockets=2))
    assert grams(two) - grams(one) == pytest.approx(1e3 * CPU / (LIFE_H * USE))
    used = Quantity.of(2 * USE, "1", basis=Basis.REPORTED, source="given")
    assert grams(account(machine(CPU_0, use=used))) == pytest.approx(grams(one) / 2)


@given(st.integers(1, 64), st.floats(1.0, 3.0))
def test_n_devices_are_n_times_one(count, spread):
    catalog = facts(spread=spread)
    one = account(machine(("gpu-0", "gpu", "A100", HOUR)), catalog)
    many = account(machine(*[(f"gpu-{at}", "gpu", "A100", HOUR) for at in range(count)]), catalog)
    alike = fsum(line.quantity.value for line in many.lines if line.device_kind == "gpu")
    assert alike == pytest.approx(count * grams(one, "gpu-0"), rel=1e-12)


@given(st.lists(st.floats(0.01, 1e4), min_size=1, max_size=12), st.floats(1.0, 3.0))
def test_months_are_a_year(hours, spread):
    catalog = facts(spread=spread)
    parts = [account(machine(("cpu-0", "cpu", "", HOUR * time)), catalog) for time in hours]
    whole = account(machine(("cpu-0", "cpu", "", HOUR * fsum(hours))), catalog)
    assert fsum(map(grams, parts)) == pytest.approx(grams(whole), rel=1e-12)


@given(st.lists(st.floats(0.001, 1.0), min_size=1, max_size=20), st.floats(1.0, 3.0))
def test_those_who_share_a_machine_bear_all_of_it(weights, spread):
    shares = [weight / fsum(weights) for weight in weights]
    catalog = facts(spread=spread)
    whole = grams(account(machine(("cpu-0", "cpu", "", HOUR)), catalog))
    parts = [grams(account(machine(("cpu-0", "cpu", "", HOUR * share)), catalog)) for share in shares]
    assert fsum(part / whole for part in parts) == pytest.approx(1.0, abs=1e-12)


@given(st.floats(0.05, 1.0))
def test_users_of_a_whole_life_bear_what_idles_too(use):
    """The hours in use of one life, together, emit what making the device did."""
    used = Quantity.of(use, "1", basis=Basis.REPORTED, source="given")
    found = account(machine(("gpu-0", "gpu", "A100", HOUR * LIFE_H * use), use=used))
    assert grams(found, "gpu-0") == pytest.approx(1e3 * CARD, rel=1e-12)


def test_unknown_card_has_the_range_of_its_class_which_is_assumed_and_said():
    found = account(machine(("gpu-0", "gpu", "Mystery 9", HOUR)))
    (card,) = (item for item in found.assumptions if item.name == "embodied, Mystery 9")
    assert card.quantity.basis is Basis.ASSUMED
    assert card.quantity.to("kgCO2e").value == 200
    assert any("no figure is published for Mystery 9" in said and "[hardware]" in said for said in found.warnings)
    desk = account(machine(("gpu-0", "gpu", "Mystery 9", HOUR), server=False))
    assert grams(desk, "gpu-0") == pytest.approx(1e3 * 120 / (LIFE_H * USE))
    assert f"{NOTHING} of the computer itself" in desk.not_included


def test_what_nobody_knows_stays_unknown_and_says_what_to_give():
    laptop = account(machine(CPU_0, server=False, processor="Core i7"))
    assert (laptop.totals, laptop.not_included) == ({}, (NOTHING,))
    assert "Core i7" in laptop.warnings[0]
    assert "[hardware] embodied" in laptop.warnings[0]
    unsourced = account(machine(CPU_0), facts(without=("server.any",)))
    assert (unsourced.totals, unsourced.not_included) == ({}, (NOTHING,))
    assert account(None).not_included == (NOTHING,)
    half = account(machine(CPU_0), facts(without=("component.dram",)))
    assert f"{NOTHING} of memory" in half.not_included
    assert grams(half) > 0


def test_gpu_within_the_chip_is_no_card_of_its_own():
    found = account(machine(CPU_0, ("gpu", "gpu", "gpu", HOUR), server=False, processor="Apple M2"))
    assert (found.totals, found.not_included) == ({}, (NOTHING,))
    nodes = machine(("a cpu-0", "cpu", "", HOUR, "a"), ("a gpu", "gpu", "gpu", HOUR, "a"))
    assert not grams(account(nodes), "a gpu")


def test_virtual_machine_bears_its_threads_of_a_server():
    threads = Quantity.of(128, "1", basis=Basis.REPORTED, source="threads of it")
    part = account(machine(CPU_0, virtual=True, threads=8, processor_threads=threads, sockets=2))
    assert grams(part, "server") == pytest.approx(1e3 * SERVER / (LIFE_H * USE) * 8 / 128)
    assert not grams(part, "processors")
    blind = account(machine(CPU_0, virtual=True, threads=8, processor="Cloud CPU"))
    assert "Cloud CPU" in blind.warnings[0]


def test_given_figure_stands_for_the_whole_machine_on_every_node():
    whole = Quantity.of(1500, "kgCO2e", basis=Basis.REPORTED, source="given")
    years = Quantity.of(5, "y", basis=Basis.REPORTED, source="given")
    one = Quantity.exact(1.0)
    held = [("a cpu-0", "cpu", "", HOUR, "a"), ("a gpu-0", "gpu", "A100", HOUR, "a"), ("b cpu-0", "cpu", "", HOUR, "b")]
    found = account(machine(*held, embodied=whole, lifetime=years, use=one))
    assert [line.device for line in found.lines] == ["a machine", "b machine"]
    assert grams(found) == pytest.approx(2 * 1.5e6 / (5 * 8760))
    assert {item.name for item in found.assumptions} == {"embodied, whole machine", "lifetime", "use of lifetime"}


# -- from a journal and joulebook.toml ------------------------------------------------------------------------------

HEAD = {"hardware": {"cpu": "AMD EPYC 7763", "threads": 256, "sockets": 2, "memory_bytes": 512 * 10**9}}


@pytest.fixture(scope="module")
def catalog():
    return Catalog.open(own=False)


def tables(folder, text):
    (folder / "joulebook.toml").write_text(text)
    return load({"HOME": str(folder)}, str(folder)).tables


def test_names_of_a_journal_are_those_of_the_catalogue(catalog):
    held = [Held("GPU-1", "gpu", "NVIDIA A100-SXM4-80GB GPU-1a2b3c4d", 60.0), Held("cpu-0", "cpu", "", 60.0)]
    found = machine_of(HEAD, held, catalog)
    assert found.server
    assert found.cards == {"NVIDIA A100-SXM4-80GB": "accelerator.nvidia-a100-sxm4-80gb"}
    assert not machine_of({"hardware": {"cpu": "13th Gen Intel(R) Core(TM) i9-13900K"}}, held, catalog).server
    family = machine_of({"hardware": {"cpu": "AMD EPYC", "virtual": True}}, held, catalog)
    assert family.processor_threads.low < 32 < family.processor_threads.high
    assert family.processor_threads.basis is Basis.ASSUMED
    assert machine_of({}, [], catalog).held == []


def test_every_leaf_of_a_real_account_is_sourced(catalog):
    held = [Held("GPU-1", "gpu", "NVIDIA A100-SXM4-80GB", HOUR), Held("cpu-0", "cpu", "", HOUR)]
    energy = Quantity.of(3.6e6, "J", basis=Basis.MEASURED, source="test")
    entry = Entry("1", "a", "", "cpu-0", 0, 10**12, energy, 3_600_000_000_000, labels={"kind": "cpu"})
    context = Context(
        catalog, ON, run="a", site="gcp:europe-west4", region="NL", machine=machine_of(HEAD, held, catalog)
    )
    found = state([entry], context)
    assert {line.device for line in found.of_kind(EMBODIED)} == {"GPU-1", "server", "processors", "memory"}
    assert all(source.text for name, source in found.carbon_embodied.sources().items() if "embodied" in name)
    assert 0 < found.carbon_embodied.low < found.carbon_embodied.high
    assert "embodied carbon" not in found.not_included


def test_hardware_table_is_read_with_its_units(tmp_path, catalog):
    text = '[hardware]\nembodied = "1200..1800 kg"\nlifetime = "4..6 y"\nuse = 0.7\nsource = "its maker, 2024"\n'
    found = machine_of(HEAD, [Held("cpu-0", "cpu", "", HOUR)], catalog, tables(tmp_path, text)["hardware"])
    assert (found.embodied.low, found.embodied.high) == (pytest.approx(1200), pytest.approx(1800))
    assert found.embodied.basis is Basis.REPORTED
    assert "its maker, 2024" in next(iter(found.embodied.sources().values())).text
    assert found.lifetime.to("h").low == pytest.approx(4 * 8760)
    assert found.use.value == 0.7


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('embodied = "1500"', "1500 kg"),
        ("embodied = 1500", "1500 kg"),
        ('embodied = "-3 kg"', "1500 kg"),
        ('lifetime = "0 y"', "above zero"),
        ('lifetime = "4 kg"', "5 y"),
        ("use = 1.2", "up to 1"),
        ("use = 0", "above 0"),
        ('use = "half"', "0 to 1"),
        ("weight = 3", "embodied, lifetime, use, source"),
    ],
)
def test_mistakes_of_the_table_name_file_and_line(tmp_path, catalog, line, said):
    table = tables(tmp_path, f"[hardware]\n{line}\n")["hardware"]
    with pytest.raises(ConfigError, match=r"joulebook\.toml:2") as caught:
        machine_of(HEAD, [], catalog, table)
    assert said in str(caught.value)
