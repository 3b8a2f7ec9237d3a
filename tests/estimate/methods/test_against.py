"""Laws of the comparison with other methods: factors multiply to the ratio, which is that of the figures themselves."""

from __future__ import annotations

from math import isclose
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.errors import ConfigError
from joulebook.estimate import serving, training
from joulebook.estimate.methods import boavizta, cloud_carbon, codecarbon, llmcarbon, strubell
from joulebook.estimate.methods.job import CLOUDS, Job, Size, Text, job_of
from joulebook.estimate.methods.table import METHODS, Against, against, named
from joulebook.estimate.methods.told import BOTH, HARDWARE
from joulebook.facts.catalog import Catalog

_EXACT: Final = 1e-12


def _numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    """Any piece of work, small or large, with what is known of it and what is not."""
    accelerators = draw(_numbers(1e-9, 1e8))
    chips = accelerators * draw(_numbers(1, 2))
    machines = chips * draw(_numbers(1, 2))
    site = machines * draw(_numbers(1, 2.5))
    whole = draw(st.sampled_from([0.0, 35_040.0, 43_800.0]))
    text = Text(
        total=draw(_numbers(0.3, 2000)),
        active=draw(_numbers(0.3, 2000)),
        tokens_out=draw(_numbers(1, 1e5)),
        batch=draw(_numbers(1, 512)),
        devices=draw(_numbers(1, 64)),
        requests=draw(_numbers(1, 1e9)),
    )
    return Job(
        device_hours=draw(_numbers(1e-6, 1e8)),
        devices=draw(st.sampled_from([1.0, 4.0, 8.0, 2048.0])),
        accelerator_kwh=accelerators,
        chips_kwh=chips,
        it_kwh=machines,
        energy_kwh=site,
        carbon_kg=site * draw(_numbers(1e-3, 1.2)),
        embodied_kg=draw(st.sampled_from([0.0, 1e-3, 1e3])),
        lifetime_h=whole * draw(_numbers(0.3, 1)),
        whole_life_h=whole,
        region=draw(st.sampled_from(["", "France"])),
        cloud=draw(st.sampled_from(["", *CLOUDS])),
        tdp_w=draw(st.none() | _numbers(5, 2000)),
        memory_gb=draw(st.none() | _numbers(4, 300)),
        host_gb=draw(st.none() | _numbers(1, 1e6)),
        processors=draw(st.booleans()),
        undivided=draw(st.booleans()),
        flop=draw(st.none() | _numbers(1e12, 1e27)),
        peak=draw(st.none() | _numbers(1e12, 1e16)),
        text=draw(st.none() | st.just(text)),
    )


@given(job=jobs(), method=st.sampled_from(sorted(METHODS)))
def test_the_factors_multiply_to_the_ratio_of_the_figures(job: Job, method: str) -> None:
    told = METHODS[method](job)
    if told.silent:
        assert told.energy_kwh is None
        assert told.carbon_kg is None
        return
    ours = {BOTH: job.carbon_kg + job.embodied_kg, HARDWARE: job.embodied_kg}.get(told.counts, job.carbon_kg)
    assert told.carbon_kg is not None
    assert told.carbon_ratio is not None
    assert isclose(told.carbon_ratio, told.carbon_kg / ours, rel_tol=_EXACT)
    if told.energy_kwh is not None:
        assert told.energy_ratio is not None
        assert isclose(told.energy_ratio, told.energy_kwh / job.energy_kwh, rel_tol=_EXACT)


@given(job=jobs(), scale=_numbers(1e-3, 1e3), method=st.sampled_from(["strubell", "carbontracker", "ml-co2", "ccf"]))
def test_twice_the_work_is_the_same_ratio(job: Job, scale: float, method: str) -> None:
    names = ("device_hours", "accelerator_kwh", "chips_kwh", "it_kwh", "energy_kwh", "carbon_kg", "embodied_kg")
    larger = job._replace(**{name: getattr(job, name) * scale for name in names})
    before, after = (METHODS[method](one) for one in (job, larger))
    assert before.silent == after.silent
    if before.carbon_ratio is not None and after.carbon_ratio is not None:
        assert isclose(before.carbon_ratio, after.carbon_ratio, rel_tol=1e-9)


def _of(**known: object) -> Against:
    statement = training(device="A100-SXM4-80GB", count=8, hours=24, region="FR", **known)  # type: ignore[arg-type]
    return against(statement, Catalog.open(), named("all"))


def test_our_side_of_the_factors_is_our_figure() -> None:
    found = _of(pue=1.2)
    energy, carbon = found.statement.energy, found.statement.carbon
    assert energy is not None
    assert carbon is not None
    job = found.job
    assert isclose(
        job.device_hours * job.power_w * job.boundary * job.pue / 1000, energy.to("kWh").value, rel_tol=_EXACT
    )
    assert isclose(job.energy_kwh * job.intensity, carbon.to("kgCO2e").value, rel_tol=_EXACT)


def test_a_method_that_has_our_inputs_has_our_figure() -> None:
    """Power of the whole job at the PUE and intensity of Strubell: the figure of its Table 3, 1.438 lb for an hour."""
    statement = training(
        device="P100", count=8, hours=84, power="1515.43 W", pue=1.58, intensity="0.954 lb/kWh", name="base"
    )
    found = against(statement, Catalog.open(), ["strubell"])
    (told,) = found.told
    assert told.energy_kwh == pytest.approx(201.127, rel=1e-5)
    assert told.carbon_ratio == pytest.approx(1, rel=1e-9)
    assert strubell.pounds(strubell.energy_kwh(84, 1515.43)) == pytest.approx(191.88, rel=1e-4)


@pytest.mark.parametrize(
    ("hardware", "devices", "tdp"),
    [
        (("16 threads of a processor", "64 GiB of memory", "2 x NVIDIA H100 80GB HBM3"), 2, 700),
        (("1 x NVIDIA L4", "1 x NVIDIA T4"), 2, None),
        (("3 x a card that nobody knows",), 3, None),
        (("16 threads of a processor",), 1, None),
    ],
)
def test_the_devices_of_a_run_are_those_that_were_recorded(
    hardware: tuple[str, ...], devices: float, tdp: float | None
) -> None:
    statement = training(device="L4", hours=1, region="FR")._replace(hardware=hardware)
    job = job_of(statement, Catalog.open())
    assert (job.devices, job.tdp_w) == (devices, tdp)
    assert (job.host_gb is not None) == ("64 GiB of memory" in hardware)


def test_methods_say_what_they_cannot_say() -> None:
    silent = {one.method for one in _of().told if one.silent}
    assert silent == {"ecologits", "llmcarbon"}
    request = serving(params=70e9, device="H100", batch=32, tokens_in=200, tokens_out=400, region="US")
    text = Text(70, 70, 400, 32, 4)
    found = against(request, Catalog.open(), named("all"), Size(text=text))
    assert {one.method for one in found.told if one.silent} == {"llmcarbon"}


def test_published_constants() -> None:
    assert codecarbon.power_w(300, 1, 64) == 300 + 42.5 + 4 * 5
    assert codecarbon.power_w(300, 2, 1280, machines=2) == 300 + 2 * (42.5 + 5 * (4 + 4 * 0.9 + 2 * 0.8))
    modules = {1: 1, 4: 2, 16: 2, 24: 4, 32: 4, 64: 4, 96: 8, 256: 8, 640: 10, 2048: 16, 163_840: 32}
    assert {size: codecarbon.modules(size) for size in modules} == modules
    assert codecarbon.memory_w(1) == 10
    assert codecarbon.memory_w(163_840) == pytest.approx(5 * (4 + 4 * 0.9 + 8 * 0.8 + 16 * 0.7))
    assert cloud_carbon.average_w(46, 407) == 226.5
    assert boavizta.server_kg(32) == pytest.approx(
        2 * ((24 * 0.245 + 0.491) * 1.97 + 9.14) + 51.2 * 2.2 + 5.22 + 2 * 2.99 * 24.3 + 66.1 + 150 + 6.68
    )


@pytest.mark.parametrize(
    "row",
    [
        (40.5e21, 123e12, 0.37, 512, 310, 1.12, 20, 85.7),
        (314e21, 125e12, 0.197, 10_000, 330, 1.1, 14.8, 1287),
        (13.3e21, 123e12, 0.39, 1000, 288, 1.09, 3.1, 24.1),
        (82.2e21, 123e12, 0.28, 1000, 245, 1.1, 27, 179),
        (23.9e21, 125e12, 0.212, 512, 342, 1.1, 20.4, 94.4),
    ],
    ids=["T5", "GPT-3", "GShard", "Switch", "XLM"],
)
def test_llmcarbon_has_the_trainings_of_its_table_4(row: tuple[float, ...]) -> None:
    flop, peak, efficiency, devices, watts, pue, days, mwh = row
    hours = llmcarbon.device_hours(flop, peak, efficiency)
    assert hours / devices / 24 == pytest.approx(days, rel=0.04)
    assert llmcarbon.energy_kwh(hours, watts, pue) / 1000 == pytest.approx(mwh, rel=0.04)


def test_llmcarbon_has_the_hardware_of_its_table_5() -> None:
    """XLM: 512 V100 in 64 servers for 20.4 days, 0.056 + 0.0011 + 0.55 + 0.073 t, of which it prints shares of 1.12 %."""
    found = llmcarbon.embodied_kg(512 * 20.4 * 24, llmcarbon.CHIPS_KG["V100"])
    assert found / 1000 == pytest.approx(0.056 + 0.0011 + 0.55 + 0.073, rel=0.01)


def test_words() -> None:
    assert named("all") == list(METHODS)
    assert named("sci, ml-co2,sci") == ["sci", "ml-co2"]
    assert named("Green Algorithms 3") == ["green-algorithms-3"]
    assert named("MLCO2, Green Algorithms,Cloud Carbon Footprint") == ["ml-co2", "green-algorithms", "ccf"]
    with pytest.raises(ConfigError, match="strubell"):
        named("guesswork")
    with pytest.raises(ConfigError, match="zero"):
        against(training(device="A100", hours=1, device_power=300, count=1)._replace(carbon=None), Catalog.open(), [])


def test_the_document_has_every_term() -> None:
    document = _of().as_dict()
    methods = document["methods"]
    assert isinstance(methods, list)
    for one in methods:
        product = 1.0
        for term in one["terms"]:
            product *= term["ratio"]
        assert one["carbon_ratio"] is None or isclose(product, one["carbon_ratio"], rel_tol=_EXACT)
