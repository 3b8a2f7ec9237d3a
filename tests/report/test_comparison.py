"""The tables of `compare`, and its document against the schema."""

from __future__ import annotations

import io
import json
from importlib.resources import files
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from joulebook.account.compare import FIGURES, compare
from joulebook.account.configuration import Difference
from joulebook.account.machine import Machine
from joulebook.account.statement import Context, state
from joulebook.entry import Entry, Held
from joulebook.quantity import Basis, Quantity
from joulebook.report.comparison import adding_up, comparison
from joulebook.report.view import console
from joulebook.testing.facts import hardware_catalog

SCHEMA = Draft202012Validator(json.loads((files("joulebook.report") / "schema/comparison-1.json").read_text()))
SECOND = 1_000_000_000


def run(id_, *parts, seconds=60, **fields):
    entries = []
    for device, kind, joules, basis in parts:
        spread = {"low": joules * 0.9, "high": joules * 1.1}
        amount = Quantity.of(joules, "J", **spread, basis=basis, source=f"calibration of {kind}")
        entries.append(
            Entry(device, id_, "", device, 0, seconds * SECOND, amount, round(joules * 1e6), labels={"kind": kind})
        )
    time = Quantity.of(seconds, "s", basis=Basis.MEASURED, source="clock")
    machine = Machine(held=[Held(device, kind, "", float(seconds)) for device, kind, *_ in parts], server=True)
    around = {"run": id_, "duration": time, "name": "train.py", "machine": machine, **fields}
    return state(entries, Context(hardware_catalog(), "2026-11-20", **around))


def printed(found, figure="carbon", width=120):
    stream = io.StringIO()
    screen = console(stream)
    screen.width = width
    screen.print(comparison(found, figure))
    return stream.getvalue()


def row(text, word):
    return next(
        " ".join(line.split()) for line in text.splitlines() if line.split(" ", 2)[1:2] == [word] or word in line
    )


CPU = ("cpu-0", "cpu", 6000.0, Basis.MEASURED)
RAM = ("ram", "ram", 600.0, Basis.ASSUMED)
A = run("a3f9aa", CPU, RAM, region="fr")
B = run("b3f9bb", ("cpu-0", "cpu", 9000.0, Basis.MEASURED), RAM, seconds=90, region="de")


def test_terms_with_ratio_contribution_and_factor():
    text = printed(compare(A, B))
    assert "A  train.py   a3f9aa" in text
    assert row(text, "duration").startswith("duration 1 min 0 s 1 min 30 s 1.5")
    assert row(text, "grid intensity").startswith("grid intensity 40-60 g/kWh 360-440 g/kWh 8")
    assert "carbon: what makes B - A" in text
    assert "They are on different grids or years" in text
    assert "RAM power" in text


@pytest.mark.parametrize("figure", FIGURES)
def test_printed_contributions_add_up(figure):
    text = printed(compare(A, B), figure)
    lines = text[text.index("what makes") :].splitlines()
    cells = [[word for word in line.split() if word[0] in "+-" and any(map(str.isdigit, word))][:1] for line in lines]
    values = [float(cell[0]) for cell in cells if cell]
    assert sum(values[:-1]) == pytest.approx(values[-1], abs=1e-9)


@pytest.mark.parametrize("width", [40, 60, 80])
def test_narrow_terminals_break_lines_and_cut_off_nothing(width):
    text = printed(compare(A, B), "cost", width)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    if width == 80:
        assert all(word in text for word in ("90 % interval", "factor", "price in USD/kWh"))


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=9), st.integers(0, 3))
def test_what_is_printed_adds_up(values, places):
    *parts, whole = adding_up(values, fsum(values), places)
    assert sum(round(float(part) * 10**places) for part in parts) == round(float(whole) * 10**places)
    for value, part in zip(values, parts, strict=True):
        assert abs(float(part) - value) < (1.5 + len(values)) * 10**-places
        assert value or part.strip("0.") == ""


def test_same_run_and_noise_and_unknown_in_words():
    assert "the same" in printed(compare(A, A))
    other = run("c", ("cpu-1", "cpu", 6100.0, Basis.MEASURED), RAM, region="fr")
    far = other._replace(it_energy=Quantity.of(6700, "J", low=6000, high=7400, basis=Basis.MEASURED, source="other"))
    assert "no difference that these measurements can show" in " ".join(printed(compare(A, far), "it_energy").split())
    nothing = run("d", region="fr")
    text = printed(compare(A, nothing))
    assert "carbon of B is unknown: it is not taken apart" in text
    assert "Nothing was metered in B." in text


def test_device_on_one_side_is_not_counted_rather_than_zero():
    text = printed(compare(A, run("e", CPU, RAM, ("gpu-0", "gpu", 20_000.0, Basis.MEASURED), region="fr", site="gcp")))
    assert row(text, "GPU power").startswith("GPU power not counted 333 W")
    assert row(text, "site overhead").startswith("site overhead not counted 1.1")


def test_configuration_is_shown_without_control_characters():
    found = compare(A, A)._replace(
        configuration=(
            Difference("config.lr", "0.1", "\x1b[31m0.2"),
            Difference("config.key", "***(9)", "***(9)", "masked in both: it cannot be told whether they are the same"),
            *(Difference(f"config.x{at}", "1", None) for at in range(40)),
        )
    )
    text = printed(found)
    assert "\x1b" not in text
    assert "\\x1b[31m0.2" in text
    assert "masked in both" in text
    assert "and 12 more" in text
    assert "configurations are the same" in printed(compare(A, A))


def test_document_obeys_its_schema():
    Draft202012Validator.check_schema(SCHEMA.schema)
    for pair in ((A, B), (A, A), (A, run("d")), (run("d"), run("d"))):
        found = compare(*pair)._replace(configuration=(Difference("host", None, "x"),))
        document = json.loads(json.dumps(found.as_dict(), allow_nan=False))
        SCHEMA.validate(document)
        for item in document["figures"]:
            if item["effects"]:
                assert (
                    fsum([*(effect["change"]["value"] for effect in item["effects"]), item["rounding"]])
                    == item["difference"]["value"]
                )
        assert not SCHEMA.is_valid(document | {"more": 1})
