"""Every shipped fact is sourced, dated, in a plausible range, and no better known than its evidence allows."""

from __future__ import annotations

import re

import pytest

from joulebook.facts.loader import load

PLAUSIBLE = {
    "carbon_intensity.direct.marginal": (1, 2500),
    "carbon_intensity.provider.location": (0.5, 1000),
    "water_intensity.consumption": (0.1, 60),
    "carbon_free_share": (0.01, 1),
    "wue": (0.005, 3),
    "lifetime": (8_766, 87_660),
    "power": (0.1, 1e14),
    "value": (0, 10_000),
    "exchange_rate": (0.5, 2),
    "price.purchase": (100, 1e6),
    "price.carbon": (1, 1000),
    "price.offset": (0.5, 2000),
    "price.device_hour.on_demand": (0.05, 20),
    "price.device_hour.preemptible": (0.05, 20),
    "price.device_hour.reserved": (0.05, 20),
    "price.device_hour.stated": (0.05, 20),
    "parameters": (1, 1e14),
    "training_flop": (1, 1e28),
    "training_samples": (1, 1e16),
    "training_devices": (1, 1e6),
    "training_time": (1e-4, 1e6),
    "training_device_hours": (1e-3, 1e10),
    "training_power": (1, 1e9),
    "training_cost": (0.01, 1e10),
    "training_mfu": (0.001, 1),
    "finetuning_flop": (1, 1e27),
    "accelerators": (1, 72),
    "vcpus": (1, 2000),
    "idle_power": (0.001, 400),
    "memory": (1e-6, 1000),
    "memory_bandwidth": (0.1, 30_000_000),
    "peak.fp32": (1e-4, 1e6),
    "peak.tf32": (0.5, 1e5),
    "peak.bf16": (0.1, 1e5),
    "peak.fp16": (0.1, 1e5),
    "peak.fp16_vector": (0.001, 1e4),
    "peak.fp8": (1, 1e5),
    "peak.int8": (0.01, 1e5),
    "embodied.cradle_to_gate": (0.01, 10_000),
    "carbon_intensity.lifecycle.generation": (7, 1600),
    "carbon_intensity.direct.generation": (0.1, 1300),
    "carbon_intensity.mixed.generation": (0.5, 1300),
    "price.electricity": (0.01, 1),
    "pue": (1.0, 3.0),
    "tdp": (0.1, 25_000),
    "threads": (1, 512),
    "cores": (1, 512),
    "power_per_thread": (0.5, 40),
    "full_load_share": (0.3, 2),
    "idle_share": (0.02, 0.7),
    "load_curve_exponent": (1, 3),
    "power_per_gb": (0.02, 2),
    "energy": (1e-4, 1e14),
    "carbon": (0.5, 2e10),
    "water": (0.1, 1e7),
    "flop": (1e6, 1e14),
    "active": (1e8, 1e13),
    "layers": (8, 150),
    "hidden": (500, 20_000),
    "cached": (1_000, 1e7),
    "heads": (1, 128),
    "experts": (2, 1024),
    "chosen": (1, 32),
    "windowed": (1_000, 1e7),
    "window": (64, 1e5),
    "state": (1e5, 1e9),
    "vocabulary": (1e4, 3e5),
    "latent": (1, 1),
    "precision.fp8": (1, 1),
    "precision.mxfp4": (1, 1),
    "denoiser.latent_weights": (1e7, 1e11),
    "denoiser.text_weights": (1e7, 1e11),
    "denoiser.attentions": (1, 200),
    "denoiser.blocks": (1, 200),
    "denoiser.sublayers": (1, 500),
    "denoiser.width": (64, 20_000),
    "denoiser.text_tokens": (1, 5000),
    "denoiser.seen_tokens": (1, 5000),
    "denoiser.patch": (1, 8),
    "denoiser.patch_time": (1, 8),
    "denoiser.squeeze": (1, 64),
    "denoiser.squeeze_time": (1, 16),
    "denoiser.encode_flop": (1e9, 1e15),
    "denoiser.decode_flop": (1e4, 1e9),
    "usual.passes": (1, 3),
    "usual.steps": (1, 1000),
    "usual.height": (64, 8192),
    "usual.width": (64, 8192),
    "usual.frames": (1, 1000),
    "usual.fps": (1, 120),
}


@pytest.fixture(scope="module")
def contents():
    return load()


def test_there_are_facts_of_every_kind(contents):
    kinds = {fact.subject.partition(".")[0] for fact in contents.facts}
    assert {"grid", "cpu", "ram", "site", "price", "yardstick"} <= kinds
    countries = {fact.subject for fact in contents.facts if re.fullmatch(r"grid\.[a-z]{2}", fact.subject)}
    assert len(countries) > 190
    assert len([fact for fact in contents.facts if fact.property == "tdp"]) > 4000


def test_every_value_is_plausible(contents):
    plain = [fact for fact in contents.facts if not fact.subject.startswith("estimator.")]
    odd = [fact for fact in plain if not PLAUSIBLE[fact.property][0] <= fact.value <= PLAUSIBLE[fact.property][1]]
    assert odd == []


def test_fitted_numbers_say_so_and_have_a_range(contents):
    fitted = [fact for fact in contents.facts if fact.subject.startswith("estimator.")]
    assert fitted
    for fact in fitted:
        assert fact.evidence == "fitted", fact
        assert 0 < fact.low < fact.value < fact.high or fact.low == fact.high, fact


def test_ranges_are_positive_so_that_draws_are_too(contents):
    may_be_none = {"parameter.network-marginal-share", "parameter.power-cap-decode", "parameter.offset-delivery"}
    assert {fact.subject for fact in contents.facts if fact.low <= 0} <= may_be_none


def test_every_fact_is_dated_and_read_after_its_source_appeared(contents):
    for fact in contents.facts:
        first = "1950-01-01" if fact.subject.startswith("model.") else "1990-01-01"
        assert first <= fact.valid_from <= fact.retrieved, fact
        assert contents.sources[fact.source]["year"] <= int(fact.retrieved[:4]), fact


def test_every_source_is_used_and_says_how_to_find_it(contents):
    used = {fact.source for fact in contents.facts}
    assert set(contents.sources) == used
    for identity, card in contents.sources.items():
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]*", identity)
        assert card.get("url", "https://").startswith("https://")


def test_tables_of_others_and_memory_are_assumed_and_wide(contents):
    counts = {"threads", "cores", "accelerators", "vcpus"}  # what a table of processors counts
    counts |= {"layers", "hidden", "cached", "heads", "experts", "chosen", "windowed", "window", "state", "vocabulary"}
    counts |= {"latent", "precision.fp8", "precision.mxfp4"}  # what a configuration of a language model counts
    defined = {"yardstick.led_hour"}
    for fact in contents.facts:
        if fact.evidence in ("third-party", "memory", "assumption") and fact.property not in counts:
            assert str(fact.basis) == "assumed"
            free = 1 if fact.property == "pue" else 0  # what is uncertain of an overhead is what lies above 1
            assert fact.high - free >= 1.1 * (fact.low - free) or fact.subject in defined, fact


def test_grid_factors_have_at_least_five_per_cent_either_side(contents):
    for fact in contents.facts:
        if fact.subject.startswith("grid."):
            assert fact.low <= 0.95 * fact.value, fact
            assert fact.high >= 1.05 * fact.value, fact


def test_newest_factors_are_wider_than_those_followed_by_another(contents):
    france = [fact for fact in contents.facts if fact.subject == "grid.fr"]
    widths = {fact.valid_from: fact.high / fact.low for fact in france}
    newest = max(widths)
    assert widths[newest] > 1.3 * max(width for day, width in widths.items() if day != newest)


def test_the_range_of_all_grids_holds_most_countries(contents):
    prop = "carbon_intensity.lifecycle.generation"
    newest = {}
    for fact in contents.facts:
        if re.fullmatch(r"grid\.[a-z]{2}", fact.subject) and fact.subject != "grid.eu" and fact.property == prop:
            newest[fact.subject] = max(newest.get(fact.subject, fact), fact, key=lambda one: one.valid_from)
    (anywhere,) = [fact for fact in contents.facts if fact.subject == "grid.any"]
    inside = [fact for fact in newest.values() if anywhere.low <= fact.value <= anywhere.high]
    assert 0.88 <= len(inside) / len(newest) <= 0.92
    assert f"{len(newest)} countries" in anywhere.note


@pytest.mark.parametrize("subject", ["cpu.any-amd-server", "cpu.any-intel-server", "cpu.any-arm-server"])
def test_a_class_of_processors_is_made_of_its_members(contents, subject):
    (family,) = [name for name in contents.names if name.subject == subject]
    values = {(fact.subject, fact.property): fact.value for fact in contents.facts}
    watts = sorted(values[member, "tdp"] / values[member, "threads"] for member in family.members)
    (fact,) = [fact for fact in contents.facts if fact.subject == subject]
    assert f"of {len(watts)} processors" in fact.note
    middle = (watts[(len(watts) - 1) // 2] + watts[len(watts) // 2]) / 2
    assert fact.value == pytest.approx(middle, abs=0.001)
    outside = [watt for watt in watts if not fact.low - 0.001 <= watt <= fact.high + 0.001]
    assert len(outside) <= max(0.1 * len(watts), 2)


def test_threads_and_cores_are_whole_and_in_order(contents):
    counts = {(fact.subject, fact.property): fact.value for fact in contents.facts}
    for (subject, prop), count in counts.items():
        if prop in ("threads", "cores"):
            assert count == int(count)
        if prop == "threads":
            assert count >= counts[subject, "cores"]


def test_a_grid_has_life_cycle_factors_for_its_account_or_direct_ones_never_both_as_one(contents):
    """Rules choose by property; where both are known they stand apart, and a marginal factor is never an average."""
    kinds = {fact.property for fact in contents.facts if fact.subject.startswith("grid.")}
    assert kinds == {
        "carbon_intensity.lifecycle.generation",
        "carbon_intensity.direct.generation",
        "carbon_intensity.direct.marginal",
        "carbon_intensity.mixed.generation",
        "water_intensity.consumption",
    }
