"""Statements: totals, shares, lines, what is said about what is not known."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from joulebook.account.activity import OUTSIDE
from joulebook.account.statement import RULES, Additions, Context, state
from joulebook.account.terms import OPTIONAL, TOTALS
from joulebook.entry import Boundary, Entry, Span
from joulebook.errors import EntryRejected, FactNotFound
from joulebook.quantity import Basis, Quantity
from joulebook.testing.facts import FakeCatalog, small_catalog

SECOND = 1_000_000_000
CATALOG = small_catalog()
SCHEMA = Draft202012Validator(json.loads((files("joulebook.report") / "schema/statement-1.json").read_text()))


def entry(device="cpu-0", joules=100.0, *, kind="cpu", span="", basis=Basis.MEASURED, spread=0.05, seconds=10, **rest):
    amount = Quantity.of(
        joules,
        "J",
        low=joules * (1 - spread),
        high=joules * (1 + spread),
        basis=basis,
        source=f"calibration of {device}",
    )
    labels = {"kind": kind, **rest.pop("labels", {})}
    fields = {"energy_uj": round(joules * 1e6), "method": "a method", **rest}
    return Entry(f"{device} {span}", "a3f9", span, device, 0, seconds * SECOND, amount, labels=labels, **fields)


def context(**fields):
    return Context(CATALOG, "2026-11-20", **{"run": "a3f9", **fields})


def valid(statement):
    """The document of a statement, after JSON and the schema."""
    document = json.loads(json.dumps(statement.as_dict(), allow_nan=False))
    SCHEMA.validate(document)
    return document


def test_schema_is_itself_a_schema_and_strict_everywhere():
    Draft202012Validator.check_schema(SCHEMA.schema)
    objects = [SCHEMA.schema, *SCHEMA.schema["$defs"].values()]
    assert all(
        part["additionalProperties"] is False and set(part["required"]) == set(part["properties"]) for part in objects
    )
    document = valid(state([entry()], context()))
    for name in document:
        assert not SCHEMA.is_valid({key: value for key, value in document.items() if key != name}), name
    assert not SCHEMA.is_valid(document | {"more": 1})


def test_document_has_the_published_fields_units_and_order():
    document = valid(state([entry(joules=3.6e6)], context(region="fr")))
    assert document["schema"] == "joulebook.statement/1"
    units = {
        name: document[name]["unit"] for name in ("duration", "device_hours", "it_energy", "energy", "carbon", "cost")
    }
    assert units == {
        "duration": "h",
        "device_hours": "device-h",
        "it_energy": "kWh",
        "energy": "kWh",
        "carbon": "kgCO2e",
        "cost": "USD",
    }
    assert document["it_energy"]["value"] == pytest.approx(1.0)
    assert document["carbon"]["value"] == pytest.approx(0.05, rel=0.01)
    assert document["cost"]["value"] == pytest.approx(0.2, rel=0.02)
    assert document["duration"]["value"] == pytest.approx(10 / 3600)
    assert document["shares"] == {"measured": 1.0, "reported": 0.0, "modelled": 0.0, "assumed": 0.0}


def test_unknown_region_gives_the_range_and_one_warning_and_no_country():
    statement = state([entry(joules=3.6e6, spread=0)], context())
    assert (statement.carbon.low, statement.carbon.high) == (pytest.approx(20), pytest.approx(900))
    assert statement.carbon.basis is Basis.ASSUMED
    assert [warning for warning in statement.warnings if "region" in warning] == [
        "region unknown: carbon is the range over all plausible grids; set it once with  joulebook config region FR"
    ]
    assert valid(statement)["region"] == ""


def test_region_that_nobody_knows_is_refused_with_near_names():
    with pytest.raises(FactNotFound, match=r"grid\.fr") as caught:
        state([entry()], context(region="frr"))
    assert caught.value.exit_code == 4


def test_direct_factor_stands_in_and_says_so():
    statement = state([entry(joules=3.6e6, spread=0)], context(region="us-ca"))
    assert statement.carbon.value == pytest.approx(200)
    assert "upstream emissions of the grid" in statement.not_included
    assert any("only a direct factor" in warning for warning in statement.warnings)
    assert "direct" in statement.assumption("carbon_intensity").note


def test_price_of_the_country_of_a_province_or_the_range():
    assert state([entry()], context(region="fr")).assumption("price").note == "FR 2024"
    elsewhere = state([entry(joules=3.6e6, spread=0)], context(region="us-ca"))
    assert (elsewhere.cost.low, elsewhere.cost.high) == (pytest.approx(0.05), pytest.approx(0.4))


def test_old_factor_is_said_to_be_old():
    assert any("11 years older" in warning for warning in state([entry()], context(region="de")).warnings)


def test_overhead_multiplies_where_the_site_is_known_and_is_named_where_not():
    here, there = state([entry(spread=0)], context()), state([entry(spread=0)], context(site="gcp"))
    assert here.energy.value == here.it_energy.value
    assert here.not_included[0] == "site overhead"
    assert "site overhead" not in there.not_included
    assert there.energy.value == pytest.approx(110)
    assert there.assumption("pue").quantity.value == 1.1
    assert there.carbon.value / here.carbon.value == pytest.approx(1.1, rel=0.05)
    with pytest.raises(FactNotFound):
        state([entry()], context(site="nowhere"))


def test_values_of_the_user_replace_facts_and_are_listed():
    given_ = {
        "pue": Quantity.of(1.5, "1", basis=Basis.REPORTED, source="--pue"),
        "intensity": Quantity.of(0.1, "kgCO2e/kWh", basis=Basis.REPORTED, source="--intensity"),
        "price": Quantity.of(0.3, "EUR/kWh", basis=Basis.REPORTED, source="--price"),
    }
    statement = state([entry(joules=3.6e6, spread=0)], context(**given_))
    assert statement.carbon.value == pytest.approx(150)
    assert (statement.cost.value, statement.cost.unit.symbol) == (pytest.approx(0.45), "EUR")
    assert [item.source for item in statement.assumptions] == [
        "--pue", "--intensity", "no contract and no residual mix is known: as location-based; --intensity", "--price",
    ]  # fmt: skip
    valid(statement)


def test_without_any_reading_everything_is_unknown_and_never_zero():
    time = Quantity.of(3, "s", basis=Basis.MEASURED, source="clock")
    statement = state([], context(duration=time, degraded=["rapl: permission denied"]))
    document = valid(statement)
    for name in ("it_energy", "energy", "carbon", "cost", "shares", "device_hours", "yardstick"):
        assert document[name] is None, name
    assert (
        "it_energy: unknown; no usable readings and no model for this machine; see  joulebook doctor"
        in document["warnings"]
    )
    assert "degraded: rapl: permission denied" in document["warnings"]
    assert not any("plausible grids" in warning for warning in document["warnings"])


def test_every_unknown_total_has_a_warning_that_names_it():
    for entries in ([], [entry()]):
        statement = state(entries, context())
        for name in set(TOTALS) - OPTIONAL:
            told = any(warning.startswith(f"{name}: unknown; ") for warning in statement.warnings)
            assert told == (getattr(statement, name) is None), name


def test_run_of_no_length_has_no_shares_and_no_invented_energy():
    statement = state([entry(joules=0.0, seconds=0)], context())
    document = valid(statement)
    assert document["it_energy"]["value"] == 0
    assert document["shares"] is None
    assert any(warning.startswith("shares: unknown") for warning in statement.warnings)


def test_device_inside_another_is_listed_and_never_added():
    entries = [entry(joules=100), entry("core-0", 80, labels={"within": "cpu-0"})]
    statement = state(entries, context())
    assert statement.it_energy.value == 100
    assert [(line.device, line.energy_uj) for line in statement.of_kind("it_energy_within")] == [("core-0", 80_000_000)]
    assert statement.shares["measured"] == 1.0


def test_idle_part_is_energy_and_has_a_column_of_its_own():
    parts = [entry(joules=70, labels={"part": "active"}), entry(joules=30, labels={"part": "idle"})]
    statement = state(parts, context())
    assert statement.it_energy.value == 100
    assert statement.idle_baseline.value == 30
    baseline = entry(joules=30, labels={"part": "idle", "within": "cpu-0"})
    beside = state([entry(joules=100), baseline], context())
    assert (beside.it_energy.value, beside.idle_baseline.value) == (100, 30)
    assert beside.of_kind("it_energy_within") == []


def test_embodied_amounts_and_other_units_are_no_energy():
    tokens = entry()._replace(amount=Quantity.exact(5, "token"), energy_uj=None)
    embodied = entry()._replace(boundary=Boundary.EMBODIED)
    assert state([entry(), tokens, embodied], context()).it_energy.value == 100


def test_entries_of_two_runs_are_refused():
    with pytest.raises(EntryRejected, match="2 runs"):
        state([entry(), entry()._replace(run="b")], context())


def test_device_hours_count_accelerators_before_processors():
    cpu, gpus = entry(seconds=3600), [entry(f"gpu-{i}", kind="gpu", seconds=3600) for i in range(4)]
    assert state([cpu], context()).device_hours.value == pytest.approx(1)
    assert state([cpu, *gpus], context()).device_hours.value == pytest.approx(4)
    stated = entry()._replace(amount=Quantity.exact(84, "device-h"), energy_uj=None)
    assert state([cpu, stated], context()).device_hours.value == 84


def test_gaps_estimates_and_sharing_are_warnings():
    entries = [entry(coverage=0.97), entry("ram", 5, kind="ram", basis=Basis.ASSUMED)]
    statement = state(entries, context(shared_with=2, status="interrupted", notices=["a remark"]))
    assert "gap: cpu-0 has no usable readings for 0.3 s (3 % of the time)" in statement.warnings
    assert "not measured: ram assumed: a method; see  joulebook doctor" in statement.warnings
    assert statement.warnings[0] == "a remark"
    assert any(warning.startswith("shared with 2 other runs") for warning in statement.warnings)
    assert any(warning.startswith("interrupted") for warning in statement.warnings)


def test_what_is_not_included_follows_from_what_was_read():
    assert "power supply losses, fans, disks" in state([entry()], context()).not_included
    assert "memory" in state([entry()], context()).not_included
    everything = [entry(), entry("ram", kind="ram"), entry("board", kind="board"), entry("gpu-0", kind="gpu")]
    left = state(everything, context()).not_included
    assert "power supply losses" in left
    assert not {"memory", "processor"} & set(left)
    assert not any("accelerators" in item for item in left)


def test_models_behind_an_estimate_are_assumptions_with_their_source():
    tdp = Quantity.of(65, "W", low=50, high=80, basis=Basis.MODELLED, source="fact cpu.x tdp", name="TDP")
    amount = tdp * Quantity.of(10, "s", basis=Basis.MEASURED, source="clock")
    statement = state([entry()._replace(amount=amount, energy_uj=None)], context())
    assert [(item.name, item.source) for item in statement.assumptions][:1] == [("TDP", "fact cpu.x tdp")]


def test_readings_of_a_model_are_lines_and_no_assumptions():
    statement = state([entry(basis=Basis.MODELLED)], context())
    assert {item.name for item in statement.assumptions} == {"carbon_intensity", "carbon_intensity_market", "price"}


def test_stages_and_remainder_add_up_device_by_device():
    entries = [
        entry(joules=100), entry("gpu-0", 50.5, kind="gpu"),
        entry(joules=60, span="a"), entry("gpu-0", 20, kind="gpu", span="a"), entry(joules=30, span="a/b"), entry(joules=15, span="c"),
    ]  # fmt: skip
    statement = state(entries, context())
    assert [(stage.span, stage.parent) for stage in statement.stages] == [("a", ""), ("a/b", "a"), ("c", "")]
    lines = statement.of_kind("it_energy")
    for device, whole in (("cpu-0", 100_000_000), ("gpu-0", 50_500_000)):
        assert (
            sum(line.energy_uj for line in lines if line.device == device and line.span in ("a", "c", OUTSIDE)) == whole
        )
    assert [line.energy_uj for line in statement.of_kind("it_energy", OUTSIDE)] == [25_000_000, 30_500_000]
    valid(statement)


def test_idle_baseline_of_the_whole_run_alone_is_not_put_outside_stages():
    baseline = entry(joules=30, labels={"part": "idle", "within": "cpu-0"})
    statement = state([entry(), baseline, entry(joules=60, span="a")], context())
    assert [line.span for line in statement.of_kind("idle_baseline")] == [""]
    parts = [entry(joules=30, labels={"part": "idle"}), entry(joules=10, span="a", labels={"part": "idle"})]
    assert [line.energy_uj for line in state(parts, context()).of_kind("idle_baseline", OUTSIDE)] == [20_000_000]


def test_spans_of_one_path_add_up_and_give_the_time():
    spans = [
        Span("1", "", "step", 0, 2 * SECOND), Span("2", "", "step", 3 * SECOND, 4 * SECOND), Span("4", "", "step", 0, SECOND),
        Span("3", "2", "forward", 3 * SECOND, 4 * SECOND),
    ]  # fmt: skip
    entries = [entry(), entry(joules=20, span="1"), entry(joules=10, span="2"), entry(joules=10, span="3")]
    statement = state(entries, context(spans=spans))
    assert [(stage.span, stage.parent, stage.duration.value) for stage in statement.stages] == [
        ("step", "", 3.0), ("step/forward", "step", 1.0),
    ]  # fmt: skip
    assert [line.energy_uj for line in statement.of_kind("it_energy", "step")] == [30_000_000]
    assert [line.energy_uj for line in statement.of_kind("it_energy", OUTSIDE)] == [70_000_000]


@pytest.mark.parametrize("name", ["", "a/b", OUTSIDE, "\x1b[31m"])
def test_no_name_of_a_stage_moves_energy(name):
    spans = [Span("1", "", "a", 0, SECOND), Span("2", "1", "b", 0, SECOND), Span("3", "", name, 0, SECOND)]
    entries = [entry(), *(entry(joules=10, span=span.id) for span in spans)]
    statement = state(entries, context(spans=spans))
    assert statement.it_energy.value == 100
    assert len(statement.stages) == 3
    top = {stage.span for stage in statement.stages}
    assert [line.energy_uj for line in statement.of_kind("it_energy") if line.span not in {*top, ""}] == [80_000_000]


def test_spans_that_name_each_other_as_parents_end():
    spans = [Span("1", "2", "a", 0, SECOND), Span("2", "1", "b", 0, SECOND)]
    statement = state([entry(), entry(joules=10, span="1")], context(spans=spans))
    assert statement.it_energy.value == 100
    valid(statement)


def test_overlapping_stages_are_said_to_overlap():
    statement = state([entry(), entry(joules=70, span="a"), entry(joules=70, span="b")], context())
    assert [line.energy_uj for line in statement.of_kind("it_energy", OUTSIDE)] == [-40_000_000]
    assert any("overlap" in warning for warning in statement.warnings)


def test_stage_without_whole_run_entry_is_in_no_total_and_said():
    statement = state([entry(), entry("gpu-0", 5, kind="gpu", span="a")], context())
    assert statement.it_energy.value == 100
    assert any(warning.startswith("gpu-0 has energy in stages") for warning in statement.warnings)


def test_a_rule_more_is_a_function_more():
    def rain(statement, _context):
        return Additions(totals={"water": statement.it_energy / Quantity.exact(1.0, "J") * Quantity.exact(2.0, "L")})

    assert state([entry(spread=0)], context(), rules=[*RULES, rain]).water.value == 200


def test_edition_is_that_of_the_context_or_the_newest():
    assert state([entry()], context()).edition == CATALOG.edition
    assert state([entry()], context(edition="2026-01-01")).edition == "2026-01-01"


DEVICES = [("cpu-0", "cpu"), ("ram", "ram"), ("gpu-0", "gpu"), ("gpu-1", "gpu"), ("odd \x1b", "")]


@st.composite
def runs(draw):
    """Entries of a run with stages that lie inside it."""
    entries = []
    for device, kind in draw(st.lists(st.sampled_from(DEVICES), unique=True)):
        basis = draw(st.sampled_from(list(Basis)))
        parts = draw(st.lists(st.integers(0, 10**12), min_size=1, max_size=4))
        spread = draw(st.sampled_from([0.0, 0.05, 0.6]))
        coverage = draw(st.floats(0, 1))
        shape = {"kind": kind, "basis": basis, "spread": spread, "coverage": coverage}
        entries.append(entry(device, sum(parts) / 1e6, **shape, energy_uj=sum(parts)))
        for name, part in zip(("a", "b", "c"), parts, strict=False):
            entries.append(entry(device, part / 1e6, **shape, energy_uj=part, span=name))
    return draw(st.permutations(entries))


CONTEXTS = st.builds(
    context,
    region=st.sampled_from(["", "fr", "us-ca", "de"]),
    site=st.sampled_from(["", "gcp"]),
    status=st.sampled_from(["finished", "failed", "stopped", "interrupted", "running"]),
    exit=st.none() | st.integers(-255, 255),
    name=st.text(max_size=8).filter(lambda text: text.isprintable()),
    notices=st.lists(st.just("remark"), max_size=2),
    shared_with=st.integers(0, 3),
)


@given(runs(), CONTEXTS)
def test_laws_of_every_statement(entries, around):
    statement = state(entries, around)
    document = valid(statement)
    whole = [item for item in entries if item.span == ""]
    for name in TOTALS:
        if document[name] is not None:
            assert document[name]["low"] <= document[name]["value"] <= document[name]["high"]
    if not whole:
        assert statement.it_energy is None
        return
    # conservation: whole run = devices, device = stages + remainder, in integers
    lines = statement.of_kind("it_energy")
    assert sum(line.energy_uj for line in lines if line.span == "") == sum(item.energy_uj for item in whole)
    for device in {line.device for line in lines if line.span}:
        parts = [line.energy_uj for line in lines if line.device == device and line.span in ("a", "b", "c", OUTSIDE)]
        assert sum(parts) == next(line.energy_uj for line in lines if line.device == device and line.span == "")
    # every total is the sum of its lines
    for total, kind in (("it_energy", "it_energy"), ("carbon", "carbon_location"), ("cost", "money")):
        parts = [line.quantity for line in statement.of_kind(kind, "")]
        assert sum(part.value for part in parts) == pytest.approx(getattr(statement, total).value, rel=1e-12)
        assert getattr(statement, total).basis == min(part.basis for part in parts)
    assert statement.it_energy.basis == min(item.basis for item in whole)
    if statement.shares is None:
        assert statement.it_energy.value == 0
    else:
        assert sum(statement.shares.values()) == pytest.approx(1, abs=1e-12)
        assert sum(share.share for share in statement.device_shares) == pytest.approx(1, abs=1e-12)
        assert all(left.share >= right.share for left, right in pairwise(statement.device_shares))


@given(runs(), st.randoms(use_true_random=False))
def test_order_of_entries_changes_no_total(entries, random):
    shuffled = list(entries)
    random.shuffle(shuffled)
    left, right = state(entries, context()), state(shuffled, context())
    for name in ("it_energy", "carbon", "cost"):
        one, other = getattr(left, name), getattr(right, name)
        assert (one is None) == (other is None)
        if one is not None:
            assert [one.value, one.low, one.high] == pytest.approx([other.value, other.low, other.high], rel=1e-12)


def test_catalogue_without_yardsticks_or_sites_still_prices():
    facts = [fact for fact in CATALOG._facts if not fact.subject.startswith(("yardstick", "site"))]
    statement = state([entry()], context()._replace(catalog=FakeCatalog(facts)))
    assert statement.yardstick is None
    assert statement.carbon is not None
