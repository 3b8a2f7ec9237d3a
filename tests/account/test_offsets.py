"""Offsets and certificates: whatever is bought, no gross figure changes, and no type lets it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from joulebook.account.bought import Bought, Contract, Offset
from joulebook.account.offsets import KINDS
from joulebook.account.statement import RULES, Additions, state
from joulebook.account.terms import TOTALS
from joulebook.entry import Entry
from joulebook.errors import ConfigError, UnitMismatch
from joulebook.quantity import Basis, Quantity, total

SCHEMA = Draft202012Validator(json.loads((files("joulebook.report") / "schema/statement-1.json").read_text()))


def entry(joules=3.6e6):
    amount = Quantity.of(joules, "J", low=0.9 * joules, high=1.1 * joules, basis=Basis.MEASURED, source="gpu")
    return Entry("gpu", "a3f9", "", "gpu-0", 0, 10**9, amount, labels={"kind": "gpu"})


def offset(tonnes=100.0, kind="avoidance", cost=None):
    bought = Quantity.exact(tonnes, "credit")
    price = None if cost is None else Quantity.exact(cost, "USD")
    return Offset(f"{kind} 1", kind, bought, bought, price, price, "none", 2025, "remark", "registry")


offsets = st.lists(
    st.builds(offset, st.floats(0, 1e12), st.sampled_from(sorted(KINDS)), st.one_of(st.none(), st.floats(0, 1e12))),
    max_size=6,
)


@given(offsets, st.floats(1.0, 1e12), st.sampled_from(["de", "fr", ""]))
def test_no_sequence_of_offsets_changes_a_gross_total(in_germany, some, joules, region):
    price = Quantity.of(100, "USD/tCO2e", basis=Basis.REPORTED, source="given")
    context = in_germany(region=region)
    gross, apart = (
        state([entry(joules)], context._replace(bought=Bought(offsets=tuple(one), carbon_price=price)))
        for one in ((), some)
    )
    for name in TOTALS:
        assert getattr(apart, name) == getattr(gross, name), name
    assert apart._replace(offsets=()) == gross
    assert apart.offsets == tuple(some)
    document = json.loads(json.dumps(apart.as_dict(), allow_nan=False))
    SCHEMA.validate(document)
    assert {**document, "offsets": []} == json.loads(json.dumps(gross.as_dict()))


@pytest.mark.parametrize("name", ["carbon", "carbon_market", "energy", "cost"])
def test_offset_in_a_sum_is_an_error_when_it_is_tried(in_germany, name):
    amount = getattr(state([entry()], in_germany()), name)
    one = offset(cost=5.0)
    for wrong in (one, one.name, None):
        with pytest.raises((TypeError, AttributeError)):
            amount - wrong
        with pytest.raises((TypeError, AttributeError)):
            wrong - amount
        with pytest.raises((TypeError, AttributeError)):
            total([amount, wrong], amount.unit)
    for held, (left, right) in product((one.bought, one.delivered), ((0, 1), (1, 0))):
        pair = (amount, held)
        with pytest.raises(UnitMismatch):
            pair[left] - pair[right]
        with pytest.raises(UnitMismatch):
            pair[left] + pair[right]
    with pytest.raises(UnitMismatch):
        one.bought.to("tCO2e")


def test_offset_as_a_total_is_an_error_when_a_rule_tries_it(in_germany):
    def greenwash(_statement, _context):
        return Additions(totals={"carbon": offset()})

    def invent(_statement, _context):
        return Additions(totals={"carbon_after_offsets": Quantity.exact(0.0, "gCO2e")})

    for rule in (greenwash, invent):
        with pytest.raises(TypeError, match="each to a Quantity"):
            state([entry()], in_germany(), (*RULES, rule))


WRONG = """
from joulebook.account.bought import Offset
from joulebook.account.terms import Additions
from joulebook.quantity import Quantity, total

def net(carbon: Quantity, offset: Offset) -> object:
    {line}
"""


@pytest.mark.parametrize(
    "line",
    [
        "return carbon - offset",
        'return total([carbon, offset], "gCO2e")',
        'return Additions(totals={"carbon": offset})',
    ],
)
@pytest.mark.long
def test_offset_in_a_sum_is_an_error_when_types_are_checked(tmp_path, line):
    (tmp_path / "wrong.py").write_text(WRONG.format(line=line))
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--follow-imports=silent",
        "--cache-dir",
        str(tmp_path),
        "wrong.py",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "wrong.py:7: error" in done.stdout


def test_certificate_is_listed_apart_and_changes_the_market_figure_alone(in_germany):
    intensity = Quantity.of(0, "gCO2e/kWh", basis=Basis.REPORTED, source="go")
    energy = Quantity.exact(2000, "kWh")
    one = Contract(
        "hydro", "go", "grid.de", 1.0, intensity, 2026, energy=energy, price=Quantity.exact(3, "EUR/MWh"), source="AIB"
    )
    gross, bought = (state([entry()], in_germany(bought=Bought(some))) for some in ((), (one,)))
    (listed,) = bought.offsets
    assert (listed.kind, listed.bought.value, listed.bought.unit.symbol) == ("certificate (go, DE)", 2, "certificate")
    assert listed.cost.value == pytest.approx(6)
    assert bought.carbon_market.value == 0 < gross.carbon_market.value
    assert bought.carbon == gross.carbon
    assert bought.cost == gross.cost


GOOD = """\
[[offset]]
kind = "avoidance"
tonnes = 10
vintage = 2024
source = "registry 4711"

[[offset]]
name = "kiln"
kind = "biochar"
tonnes = 2
price = "150 EUR/t"
delivery = 0.5
storage = "some centuries"
source = "invoice"
"""


def test_offsets_are_read_with_what_is_known_of_their_kind(toml):
    first, second = toml(GOOD).offsets
    assert (first.name, first.storage) == ("avoidance 1", KINDS["avoidance"].storage)
    assert first.cost.value == pytest.approx(50)
    assert first.delivered.value == pytest.approx(1.6)
    assert "registry 4711" in first.source
    assert (second.cost.value, second.cost.unit.symbol, second.delivered.value) == (pytest.approx(300), "EUR", 1)
    assert second.storage == "some centuries"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("tonnes = 10", "tonnes = -10", 3, "tonnes of CO2e"),
        ("tonnes = 10", "tonnes = true", 3, "tonnes of CO2e"),
        ('"avoidance"', '"indulgence"', 2, "one of avoidance"),
        ("vintage = 2024", "vintage = 24", 4, "a year"),
        ('price = "150 EUR/t"', 'price = "150 EUR"', 11, "a price such as"),
        ("delivery = 0.5", "delivery = 1.5", 12, "from 0 to 1"),
        ('name = "kiln"', 'name = "carbon neutral kiln"', 8, "neutral"),
        ('source = "invoice"', "", 7, "it has no source"),
    ],
)
def test_mistakes_in_offsets_are_told_with_their_line(toml, old, new, line, said):
    with pytest.raises(ConfigError, match=said) as caught:
        toml(GOOD.replace(old, new, 1))
    assert f"joulebook.toml:{line})" in str(caught.value)


def test_kinds_have_a_price_in_the_catalogue(real):
    for word, kind in KINDS.items():
        assert word == "other" or real.find(kind.subject, "price.offset").citation
