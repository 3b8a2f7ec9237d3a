"""Carbon by market and at the margin, and mixes: laws first, then what is refused, with its line."""

from __future__ import annotations

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.account.bought import Bought, Contract
from joulebook.account.figures import figure, wanted
from joulebook.account.mix import mixed
from joulebook.account.statement import state
from joulebook.entry import Entry
from joulebook.errors import ConfigError
from joulebook.quantity import Basis, Quantity

SECOND = 1_000_000_000
KWH = 3.6e6


def entry(joules=KWH, device="cpu-0", span=""):
    amount = Quantity.of(joules, "J", low=0.9 * joules, high=1.1 * joules, basis=Basis.MEASURED, source=device)
    return Entry(f"{device}{span}", "a3f9", span, device, 0, SECOND, amount, labels={"kind": "cpu"})


def contract(share=0.5, grams=10.0, name="wind", **fields):
    source = f"contract {name}"
    intensity = Quantity.of(grams, "gCO2e/kWh", basis=Basis.REPORTED, source=source)
    plain = {"kind": "ppa", "zone": "grid.de", "vintage": 2026, "source": source, "place": "file:1"} | fields
    return Contract(name, share=share, intensity=intensity, **plain)


shares = st.lists(st.floats(0.001, 1.0), min_size=1, max_size=5).map(
    lambda found: [one / (sum(found) + 0.1) for one in found]
)


# -- laws ---------------------------------------------------------------------------------------------------------


@given(st.floats(1.0, 1e9), st.sampled_from(["fr", "us-ca", ""]))
def test_without_a_contract_and_a_residual_mix_market_is_location(in_germany, joules, region):
    statement = state([entry(joules), entry(joules / 3, "gpu-0")], in_germany(region=region))
    assert statement.carbon_market == statement.carbon
    assert [line.quantity for line in statement.of_kind("carbon_market")] == [
        line.quantity for line in statement.of_kind("carbon_location")
    ]


@given(shares, st.lists(st.floats(0.0, 1e3), min_size=5, max_size=5))
def test_market_is_the_sum_over_contracts_and_the_rest(in_germany, parts, grams):
    contracts = tuple(contract(share, grams[at], f"c{at}") for at, share in enumerate(parts))
    statement = state([entry()._replace(amount=Quantity.exact(KWH, "J"))], in_germany(bought=Bought(contracts)))
    rest = 1 - fsum(parts)
    expected = fsum(share * one for share, one in zip(parts, grams, strict=False)) + rest * 600
    assert statement.carbon_market.value == pytest.approx(expected)
    assert statement.carbon_market.low == pytest.approx(expected - rest * 60, rel=1e-6)
    assert statement.carbon.value == pytest.approx(400)


@given(shares)
def test_contracts_leave_every_other_total_as_it_is(in_germany, parts):
    contracts = tuple(contract(share, 10, f"c{at}") for at, share in enumerate(parts))
    plain, bought = (state([entry()], in_germany(bought=one)) for one in (Bought(), Bought(contracts)))
    for name in ("it_energy", "energy", "carbon", "carbon_marginal", "cost"):
        assert getattr(plain, name) == getattr(bought, name), name


@given(st.lists(st.floats(1.0, 1e6), min_size=1, max_size=6))
def test_lines_of_devices_and_stages_add_up(in_germany, joules):
    entries = [entry(one, f"cpu-{at}", span) for at, one in enumerate(joules) for span in ("", "train")]
    statement = state(entries, in_germany(bought=Bought((contract(),))))
    for name, kind in (("carbon_market", "carbon_market"), ("carbon_marginal", "carbon_marginal")):
        total = getattr(statement, name).value
        assert fsum(line.quantity.value for line in statement.of_kind(kind, "")) == pytest.approx(total, rel=0.02)
    stage = figure(statement, wanted(statement, "carbon_market:train"))
    assert stage.value == pytest.approx(statement.carbon_market.value, rel=0.05)


@given(st.lists(st.floats(0.01, 1.0), min_size=3, max_size=3))
def test_mix_lies_between_its_sources_and_follows_their_shares(in_germany, weights):
    parts = [weight / fsum(weights) for weight in weights]
    text = ",".join(f"{word}={part!r}" for word, part in zip(("coal", "gas", "wind"), parts, strict=True))
    found = mixed(text, in_germany())
    assert found.value == pytest.approx(parts[0] * 820 + parts[1] * 490 + parts[2] * 12)
    assert 7 <= found.low <= found.value <= found.high <= 910


# -- what is known and what is said ---------------------------------------------------------------------------------


def test_residual_mix_is_used_where_it_is_known(in_germany):
    statement = state([entry()], in_germany())
    assert statement.carbon_market.value == pytest.approx(600, rel=0.01)
    assert statement.carbon.value == pytest.approx(400, rel=0.01)
    assert "carbon_intensity.lifecycle.residual" in statement.assumption("carbon_intensity_market").source


def test_residual_mix_of_another_boundary_says_so(in_germany):
    statement = state([entry()], in_germany(region="us"))
    assert statement.carbon_market.value == pytest.approx(450, rel=0.01)
    assert any("the residual mix of us is direct" in warning for warning in statement.warnings)


def test_rest_has_the_factor_of_the_location_where_no_residual_mix_is_known_and_that_is_said(in_germany):
    statement = state([entry()], in_germany(region="fr", bought=Bought((contract(0.5, 10, zone="grid.fr"),))))
    assert statement.carbon_market.value == pytest.approx(30, rel=0.01)
    assert any("no residual mix is known for fr" in warning for warning in statement.warnings)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"zone": "grid.fr"}, "it is for FR, not for DE"),
        ({"vintage": 2025}, "its vintage is 2025, and the run is of 2026"),
        ({"end": "2026-06-30"}, "it holds from the beginning to 2026-06-30"),
    ],
)
def test_contract_of_another_zone_or_time_is_not_used_and_that_is_said(in_germany, fields, why):
    plain = state([entry()], in_germany())
    statement = state([entry()], in_germany(bought=Bought((contract(**fields),))))
    assert statement.carbon_market == plain.carbon_market
    assert any(why in warning and "file:1" in warning for warning in statement.warnings)


def test_contracts_that_cover_everything_within_rounding_leave_no_rest(in_germany):
    parts = tuple(contract(share, 10, f"c{share}") for share in (0.7, 0.2, 0.1))
    statement = state([entry()], in_germany(bought=Bought(parts)))
    assert statement.assumption("carbon_intensity_market").quantity.value == pytest.approx(10)
    assert "location" not in statement.assumption("carbon_intensity_market").source
    assert not [text for text in statement.warnings if "residual" in text]


def test_contract_of_a_country_holds_in_its_states(in_germany):
    bought = Bought((contract(1.0, 10, zone="grid.us"),))
    assert state([entry()], in_germany(region="us-ca", bought=bought)).carbon_market.value == pytest.approx(
        10, rel=0.01
    )


def test_contract_by_the_hour_covers_what_was_used_in_its_hours(in_germany):
    two_hours = Quantity.exact(7200, "s")
    bought = Bought((contract(1.0, 0.0, hours=frozenset(range(8, 10))),))
    fields = {"duration": two_hours, "bought": bought}
    early, half, late = (
        state([entry()._replace(amount=Quantity.exact(KWH, "J"))], in_germany(started=start, **fields))
        for start in ("2026-11-20T08:00:00Z", "2026-11-20T07:00:00Z", "2026-11-20T10:00:00Z")
    )
    assert [one.carbon_market.value for one in (early, half, late)] == pytest.approx([0, 300, 600])


def test_marginal_is_a_figure_of_its_own_and_only_where_a_factor_is_known(in_germany):
    known, unknown = (state([entry()], in_germany(region=region)) for region in ("de", "fr"))
    assert known.carbon_marginal.value == pytest.approx(700, rel=0.01)
    assert unknown.carbon_marginal is None
    assert not any("marginal" in text for text in (*unknown.warnings, *unknown.not_included))
    given_ = Quantity.of(500, "gCO2e/kWh", basis=Basis.REPORTED, source="--marginal")
    assert state([entry()], in_germany(marginal=given_)).carbon_marginal.value == pytest.approx(500)


# -- mistakes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["coal=.5", "coal=.5,wind=.6", "coal", "coal=1,coal=0", "coal=x", "coal=-1,gas=2", "", ",", "peat=1", "coal=nan"],
)
def test_mix_that_is_none_is_refused(in_germany, text):
    if text == "coal":
        assert mixed(text, in_germany()).value == pytest.approx(820)
        return
    with pytest.raises(ConfigError, match="--mix"):
        mixed(text, in_germany())


GOOD = """\
[[contract]]
name = "first"
kind = "ppa"
zone = "DE"
share = 0.6
intensity = "11 g/kWh"
vintage = 2026
source = "contract 17"

[[contract]]
kind = "go"
zone = "DE"
energy = "2 MWh"
consumption = "10 MWh"
mix = "wind"
vintage = 2026
source = "registry"
"""


def test_contracts_are_read(toml):
    first, second = toml(GOOD).contracts
    assert (first.name, first.share, first.intensity.value) == ("first", 0.6, 11)
    assert (second.kind, second.share, second.energy.value) == ("go", pytest.approx(0.2), 2000)
    assert first.place.endswith("joulebook.toml:1")
    assert second.place.endswith("joulebook.toml:10")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("share = 0.6", "share = 0.9", 10, "cover 110 %"),
        ("share = 0.6", "share = 1.5", 5, "a share of the consumption"),
        ('energy = "2 MWh"', 'energy = "1..3 MWh"', 13, "no range"),
        ('consumption = "10 MWh"', 'consumption = "9..11 MWh"', 14, "no range"),
        ("vintage = 2026", "vintage = 2026\nend = '2026-02-30'", 8, "a day such as"),
        ("vintage = 2026", "vintage = 2026\nstart = false", 8, "a day such as"),
        ('energy = "2 MWh"', 'energy = "12 MWh"', 13, "at most the consumption, 10000 kWh"),
        ('consumption = "10 MWh"', "", 10, "it has no consumption"),
        ('zone = "DE"', 'zone = "Atlantis"', 4, "a grid that the catalogue knows"),
        ("vintage = 2026", "vintage = 26", 7, "the year"),
        ("vintage = 2026", "vintage = 2026\nend = 2025-12-31", 7, "a year between start and end"),
        ('"11 g/kWh"', '"-11 g/kWh"', 6, "zero or more"),
        ('"11 g/kWh"', '"11 g"', 6, "zero or more"),
        ('"11 g/kWh"', '"1e308 g/kWh"', 6, "zero or more"),
        ('kind = "ppa"', 'kind = "promise"', 3, "one of ppa"),
        ('name = "first"', 'name = "net zero wind"', 2, "neutral"),
        ('source = "contract 17"', "", 1, "it has no source"),
        ("share = 0.6", "share = 0.6\ncolour = 1", 6, "one of name"),
        ('mix = "wind"', 'mix = "wind=.5"', 15, "sum to 0.5"),
        ('mix = "wind"', 'mix = "wind"\nmatching = "hour"', 10, "hours"),
    ],
)
def test_mistakes_in_contracts_are_told_with_their_line(toml, old, new, line, said):
    with pytest.raises(ConfigError, match=said) as caught:
        toml(GOOD.replace(old, new, 1))
    assert f"joulebook.toml:{line})" in str(caught.value)


def both(first, second):
    lines = (
        '[[contract]]\nkind = "ppa"\nintensity = "1 g/kWh"\nsource = "x"\nvintage = 2026\n' + one + "\n"
        for one in (first, second)
    )
    return "".join(lines)


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ('zone = "us-ca"\nshare = 0.6', 'zone = "fr"\nshare = 0.6', False),
        ('zone = "de"\nshare = 1.0\nend = 2026-06-30', 'zone = "de"\nshare = 1.0\nstart = 2026-07-01', False),
        ('zone = "de"\nshare = 1.0\nend = 2026-06-30', 'zone = "de"\nshare = 0.1\nstart = 2026-06-30', True),
        ('zone = "de"\nshare = 1.0\nmatching = "hour"\nhours = "6-22"', 'zone = "de"\nshare = 1.0\nmatching = "hour"\nhours = "22-6"', False),
        ('zone = "de"\nshare = 1.0\nmatching = "hour"\nhours = "6-22"', 'zone = "de"\nshare = 0.5', True),
        ('zone = "us"\nshare = 0.6', 'zone = "us-ca"\nshare = 0.6', True),
        ('zone = "us-ca"\nshare = 0.6', 'zone = "us"\nshare = 0.6', True),
    ],
)  # fmt: skip
def test_what_contracts_cover_is_looked_at_by_zone_day_and_hour(toml, first, second, refused):
    if refused:
        with pytest.raises(ConfigError, match=r"joulebook.toml:\d+.*of the consumption"):
            toml(both(first, second))
    else:
        assert len(toml(both(first, second)).contracts) == 2


@pytest.mark.parametrize("name", ["contract", "offset", "tariff", "ownership"])
def test_what_should_be_a_table_and_is_none_is_refused(toml, name):
    with pytest.raises(ConfigError, match=rf"{name} = 5 \(from .*joulebook\.toml:1\): expected a table"):
        toml(f"{name} = 5\n")


def test_places_of_tables_that_are_written_in_other_ways(toml, tmp_path):
    with pytest.raises(ConfigError, match=r"joulebook.toml:2\)"):
        toml('region = "DE"\ncontract = [{kind = "ppa"}]')
    (tmp_path / "joulebook.toml").unlink()
    (tmp_path / "pyproject.toml").write_text('[tool.joulebook]\n\n[[tool.joulebook.contract]]\nkind = "pap"\n')
    with pytest.raises(ConfigError, match=r"pyproject.toml:3\)"):
        toml(None)
