"""What an outer meter read, beside the sensors: its line, its sentence, and what is said where the two cannot be true."""

from __future__ import annotations

import pytest

from joulebook.account.figures import figure, wanted
from joulebook.account.statement import Context, state
from joulebook.account.terms import AT_SOCKET
from joulebook.entry import Entry
from joulebook.quantity import Basis, Quantity
from joulebook.report.socket import socket_sentences
from joulebook.report.terminal import summary
from joulebook.sensors.base import OUTSIDE, SOCKET
from joulebook.testing.facts import small_catalog

CATALOG = small_catalog()


def entry(device, joules, labels, span="", coverage=1.0):
    amount = Quantity.of(
        joules, "J", low=0.95 * joules, high=1.05 * joules, basis=Basis.MEASURED, source=f"calibration of {device}"
    )
    uj = round(joules * 1e6)
    return Entry(f"{device} {span}", "a3f9", span, device, 0, 10**10, amount, uj, "a method", coverage, labels)


def account(sensed=100.0, metered=150.0, coverage=1.0, **context):
    inner = entry("cpu-0", sensed, {"kind": "cpu"})
    plug = entry("shelly plug", metered, {"kind": SOCKET, "within": OUTSIDE}, coverage=coverage)
    return state([inner, plug], Context(CATALOG, "2026-11-20", run="a3f9", **context))


def test_it_is_in_no_total_and_its_share_is_said():
    statement = account()
    assert statement.it_energy.value == 100.0
    assert statement.energy.value == 100.0
    assert [line.device for line in statement.of_kind(AT_SOCKET)] == ["shelly plug"]
    (sentence,) = socket_sentences(statement)
    assert sentence.startswith("shelly plug read 150 J (")
    assert "the sensors show 67 % of it (6" in sentence
    assert any("the sensors show 67 % of it" in line for line in summary(statement))
    assert not any("measured less" in warning for warning in statement.warnings)


def test_its_energy_can_be_asked_for():
    statement = account()
    assert figure(statement, wanted(statement, "it_energy:shelly plug")).value == 150.0
    assert figure(statement, wanted(statement, "it_energy")).value == 100.0


def test_a_meter_that_reads_less_than_the_sensors_is_warned_of():
    (warning,) = [text for text in account(metered=50.0).warnings if "measured less" in text]
    assert "is all of this machine on it" in warning


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"coverage": 0.4}, "it knows 40 % of the time"), ({"shared_with": 1}, "which other runs share")],
)
def test_what_cannot_be_compared_is_not(fields, said):
    (sentence,) = socket_sentences(account(**fields))
    assert said in sentence
    assert "the sensors show" not in sentence


def test_wide_sensors_give_a_range():
    wide = Quantity.of(100.0, "J", low=20.0, high=140.0, basis=Basis.ASSUMED, source="model")
    inner = entry("cpu-0", 100.0, {"kind": "cpu"})._replace(amount=wide)
    plug = entry("shelly plug", 150.0, {"kind": SOCKET, "within": OUTSIDE})
    (sentence,) = socket_sentences(state([inner, plug], Context(CATALOG, "2026-11-20", run="a3f9")))
    assert "the sensors show 14-9" in sentence
