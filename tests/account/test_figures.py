"""Every figure of a statement by name, its parts, and errors with near names."""

from __future__ import annotations

import pytest

from joulebook.account.figures import Wanted, figure, figure_names, reason, wanted
from joulebook.account.machine import Machine
from joulebook.account.statement import Context, state
from joulebook.account.terms import TOTALS
from joulebook.entry import Entry, Held, Span
from joulebook.errors import ConfigError
from joulebook.quantity import Basis, Quantity
from joulebook.testing.facts import FakeCatalog, FakeFact, small_catalog

SECOND = 1_000_000_000
SPANS = [
    Span("1", "", "train", 0, 8 * SECOND),
    Span("2", "1", "forward", 0, 4 * SECOND),
    Span("3", "", "eval", 8 * SECOND, 10 * SECOND),
    Span("4", "3", "forward", 8 * SECOND, 9 * SECOND),
]


def entry(device, joules, span="", kind="cpu", **labels):
    amount = Quantity.of(
        joules, "J", low=joules * 0.9, high=joules * 1.1, basis=Basis.MEASURED, source=f"error of {device}"
    )
    return Entry(
        device + span, "a", span, device, 0, 10 * SECOND, amount, round(joules * 1e6), labels={"kind": kind, **labels}
    )


ENTRIES = [
    entry("cpu-0", 100), entry("gpu-0", 900, kind="gpu"), entry("core-0", 60, within="cpu-0"),
    entry("cpu-0", 70, "1"), entry("gpu-0", 700, "1", kind="gpu"), entry("cpu-0", 40, "2"), entry("cpu-0", 20, "3"), entry("cpu-0", 10, "4"),
]  # fmt: skip
STATEMENT = state(
    ENTRIES,
    Context(
        small_catalog(), "2026-11-20", run="a", region="fr", site="gcp", spans=SPANS,
        duration=Quantity.of(10, "s", basis=Basis.MEASURED, source="clock"),
    ),
)  # fmt: skip


def value(text, **options):
    return figure(STATEMENT, wanted(STATEMENT, text, **options))


def test_totals_and_assumptions_by_name():
    assert set(TOTALS) < set(figure_names(STATEMENT))
    for name in ("it_energy", "energy", "carbon", "cost", "duration", "device_hours"):
        assert value(name) is getattr(STATEMENT, name)
    assert value("carbon_intensity").value == 50
    assert value("pue").value == 1.1
    assert value("power").value == pytest.approx(100)


def test_parts_by_stage_and_device():
    assert value("it_energy:train").value == 770
    assert value("it_energy:train/forward").value == 40
    assert value("it_energy:gpu-0").value == 900
    assert value("it_energy:core-0").value == 60
    assert value("it_energy:train", device="gpu-0").value == 700
    assert value("it_energy:gpu-0", stage="train").value == 700
    assert value("it_energy", stage="train", device="gpu-0").value == 700
    assert value("duration:train").value == 8
    assert value("power:train").value == pytest.approx(770 / 8)
    assert value("power:gpu-0").value == pytest.approx(90)
    assert value("it_energy:outside stages").value == 210


def test_stages_are_priced_as_the_run_is():
    energy, carbon = value("energy:train"), value("carbon:train")
    assert energy.value == pytest.approx(770 * 1.1, rel=0.02)
    assert carbon.to("gCO2e").value == pytest.approx(770 * 1.1 / 3.6e6 * 50, rel=0.02)
    assert value("cost:train").unit.symbol == "USD"
    assert value("carbon:gpu-0").value == next(
        line.quantity.value for line in STATEMENT.of_kind("carbon_location") if line.device == "gpu-0"
    )
    parts = [value(f"carbon:{name}").value for name in ("cpu-0", "gpu-0")]
    assert sum(parts) == pytest.approx(STATEMENT.carbon.value)


def test_the_end_of_one_path_is_enough_and_of_two_is_not():
    only = STATEMENT._replace(lines=tuple(line for line in STATEMENT.lines if line.span != "eval/forward"))
    assert wanted(only, "energy:forward") == Wanted("energy", "train/forward")
    with pytest.raises(ConfigError, match="train/forward"):
        wanted(STATEMENT, "energy:forward")


def test_stage_with_a_slash_in_its_name_is_found_as_it_is_shown():
    slash = state(
        [entry("cpu-0", 9, "1")], Context(small_catalog(), "2026-11-20", spans=[Span("1", "", "a/b", 0, SECOND)])
    )
    (path,) = {line.span for line in slash.lines if line.span}
    assert wanted(slash, "energy:a/b").stage == wanted(slash, f"energy:{path}").stage == path != "a/b"


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("carbn", {}, "one of carbon"),
        ("energy:trian", {}, "one of train"),
        ("energy:", {}, "a stage or a device after the colon"),
        ("energy", {"stage": "tr"}, "stage = 'tr'"),
        ("energy", {"device": "gpu"}, "one of gpu-0"),
        ("energy:train", {"stage": "eval", "device": "cpu-0"}, "energy alone"),
        ("cost_owned:train", {}, "for a stage or a device"),
        ("duration:cpu-0", {}, "work side by side"),
    ],
)
def test_what_is_not_there_is_refused_with_near_names(text, options, said):
    with pytest.raises(ConfigError) as caught:
        wanted(STATEMENT, text, **options)
    assert said in str(caught.value)
    assert caught.value.exit_code == 2


def test_unknown_is_none_with_a_reason():
    asked = wanted(STATEMENT, "water")
    assert figure(STATEMENT, asked) is None
    assert reason(STATEMENT, asked).startswith("water: unknown; no water use")
    idle = wanted(STATEMENT, "idle_baseline:train")
    assert figure(STATEMENT, idle) is None
    assert reason(STATEMENT, idle).startswith("idle_baseline:train: unknown")
    nothing = state([], Context(small_catalog(), "2026-11-20", run="b"))
    assert figure(nothing, wanted(nothing, "power")) is None


def test_water_is_known_by_stage_and_device_and_embodied_carbon_by_device():
    facts = [
        FakeFact("grid.fr", "water_intensity.consumption", 4, 3, 5, "L/kWh"),
        FakeFact("server.rack", "embodied.cradle_to_gate", 1000, 500, 2000, "kgCO2e"),
        FakeFact("server.any", "lifetime", 40_000, 30_000, 50_000, "h"),
        FakeFact("parameter.lifetime-use", "value", 0.6, 0.4, 0.85, "1"),
    ]
    energy = Quantity.of(3.6e6, "J", basis=Basis.MEASURED, source="meter")
    half = energy * 0.5
    common = {"run": "a", "device": "cpu-0", "start_ns": 0, "end_ns": 10**12, "labels": {"kind": "cpu"}}
    entries = [
        Entry(id="1", span="", amount=energy, energy_uj=3_600_000_000_000, **common),
        Entry(id="2", span="train", amount=half, energy_uj=1_800_000_000_000, **common),
    ]
    fields = {"region": "fr", "site": "gcp", "wue": Quantity.exact(1, "L/kWh"), "pue": Quantity.exact(1.5)}
    machine = Machine(held=[Held("cpu-0", "cpu", "", 1000.0)], server=True)
    catalog = FakeCatalog([*small_catalog()._facts, *facts])
    statement = state(entries, Context(catalog, "2026-11-20", machine=machine, **fields))
    litres = [figure(statement, wanted(statement, name)).to("L").value for name in ("water", "water:cpu-0")]
    assert litres == [pytest.approx(1 + 1.5 * 4)] * 2
    assert figure(statement, wanted(statement, "water:train")).to("L").value == pytest.approx(3.5)
    made = figure(statement, wanted(statement, "carbon_embodied:server"))
    assert made.value == pytest.approx(statement.carbon_embodied.value)
    with pytest.raises(ConfigError, match="before any stage"):
        wanted(statement, "carbon_embodied:train")


@pytest.mark.parametrize(
    ("word", "name"),
    [("CO2e", "carbon"), ("emissions", "carbon"), ("carbon-market", "carbon_market"), ("IT energy", "it_energy")],
)
def test_figures_are_known_by_the_words_of_summaries_too(word, name):
    assert wanted(STATEMENT, word) == Wanted(name)


def test_other_words_go_with_parts_too():
    assert wanted(STATEMENT, "co2e:train/forward") == Wanted("carbon", "train/forward")
