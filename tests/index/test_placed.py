"""Where a run stood: recorded words, settings and tables, the grid under a cloud's region, and contradictions."""

from __future__ import annotations

import pytest

from joulebook.entry import Held
from joulebook.errors import ConfigError, FactNotFound
from joulebook.facts.catalog import Catalog
from joulebook.index.placed import placed
from joulebook.meter.measured import Measurement
from joulebook.quantity import Basis, Quantity
from joulebook.settings import load


@pytest.fixture(scope="module")
def catalog():
    return Catalog.open(own=False)


@pytest.fixture
def at(tmp_path, catalog):
    """Where a run with this head stood, with this text as joulebook.toml."""

    def where(head=(), text="", asked="", *, strict=False):
        (tmp_path / "joulebook.toml").write_text(text)
        settings = load({"HOME": str(tmp_path)}, str(tmp_path))
        time = Quantity.of(1, "s", basis=Basis.MEASURED, source="clock")
        found = Measurement(dict(head), 0, time, [], [], None, [], [], 0, held=[Held("cpu-0", "cpu", "", 1.0)])
        return placed(found, catalog, settings, asked, strict=strict)

    return where


@pytest.mark.parametrize(
    ("site", "zone"),
    [("gcp:europe-west4", "NL"), ("aws:us-west-2", "US-OR"), ("azure:francecentral", "FR"), ("gcp", "")],
)
def test_region_of_a_cloud_says_on_which_grid_it_stands(at, site, zone):
    found = at({"site": site})
    assert (found.region, found.site.name, found.notices) == (zone, site, [])


def test_recorded_region_comes_first_and_another_country_is_a_contradiction(at):
    assert at({"site": "aws:us-west-2", "region": "US"}).notices == []
    assert at({"site": "aws:us-west-2", "region": "US-OR"}).region == "US-OR"
    found = at({"site": "gcp:europe-west4", "region": "FR"})
    assert found.region == "FR"
    (said,) = found.notices
    assert "FR" in said
    assert "NL" in said
    assert any("grid of US-OR" in said for said in at({"site": "aws:us-west-2", "region": "US-CA"}).notices)
    assert at({"site": "gcp:europe-west4"}, asked="FR").notices == []
    mine = at({"site": "gcp:europe-west4"}, 'region = "FR"\n')
    assert (mine.region, mine.notices) == ("NL", [])


def test_table_of_a_building_of_ones_own(at):
    found = at(text='[site]\nname = "basement"\npue = "1.2..1.4"\nwue = "0.1 L/kWh"\nsource = "our meter"\n')
    assert (found.site.pue.low, found.site.pue.high) == (pytest.approx(1.2), pytest.approx(1.4))
    assert found.site.wue.value == 0.1
    assert "our meter" in next(iter(found.site.pue.sources().values())).text
    assert found.notices == []


@pytest.mark.parametrize("given", ['wue = "1 L/kWh"', "pue = 1.3"])
def test_a_building_of_ones_own_need_not_be_in_the_catalogue(at, given):
    assert at(text=f'[site]\nname = "basement"\n{given}\n').notices == []
    (said,) = at(text='[site]\nname = "basement"\n').notices
    assert "basement" in said


def test_table_is_not_used_for_a_run_that_was_recorded_elsewhere(at):
    text = '[site]\nname = "gcp:europe-west4"\npue = 1.3\n'
    assert at({"site": "aws:us-west-2"}, text).site.pue is None
    assert at({"site": "gcp:europe-west4"}, text).site.pue.value == 1.3
    assert at({}, text).region == "NL"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[site]\npue = 0.9\n", "1 or more"),
        ('[site]\npue = "1.4..1.2"\n', "1.2..1.4"),
        ("[site]\nname = 3\n", "a text"),
        ("[site]\ncolour = 3\n", "name, pue, wue, source"),
        ('[hardware]\nembodied = "heavy"\n', "1500 kg"),
    ],
)
def test_mistakes_are_errors_for_those_who_ask_and_notices_otherwise(at, text, said):
    with pytest.raises(ConfigError, match=r"joulebook\.toml:2") as caught:
        at(text=text, strict=True)
    assert said in str(caught.value)
    (notice,) = at(text=text).notices
    assert said in notice


def test_unknown_region_that_was_asked_for_is_refused(at):
    with pytest.raises(FactNotFound):
        at(asked="Atlantis")
