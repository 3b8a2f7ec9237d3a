"""Laws of derived figures: true passages are quiet, slips in them are told, units and order are free."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from joulebook.audit.finding import Finding
from joulebook.audit.reading.door import document
from joulebook.audit.relations.gathering import figures_of
from joulebook.audit.relations.weighing import derived

few = settings(max_examples=40, derandomize=True)

FILLER = "The hall lies by the canal.\n\nIts roof is green.\n\nNobody works there at night."
"""Paragraphs without a figure."""
COMMA = "21,5 °C in der Halle, dans la salle.\n\n"
"""A number that settles how decimals are printed."""
PHRASES = {
    "cards": [
        "We ran {n} GPUs of {w} W each for {h} hours, which comes to <{kwh}> kWh.",
        "The job kept {n} cards busy for {h} h. Each card drew {w} W, so the energy is <{kwh}> kWh.",
        "{n} GPUs x {w} W x {h} h = <{kwh}> kWh.",
        "Wir ließen {n} GPUs mit je {w} W für {h} Stunden laufen, das ergibt <{kwh}> kWh.",
        "Nous avons utilisé {n} GPU de {w} W chacun pendant {h} heures, soit <{kwh}> kWh.",
    ],
    "carbon": [
        "The run took {kwh} kWh. At {g} g CO2 per kWh that makes <{kg}> kg of CO2.",
        "With a grid of {g} gCO2e/kWh, the {kwh} kWh correspond to emissions of <{kg}> kg.",
        "Der Lauf brauchte {kwh} kWh. Bei {g} g CO2 pro kWh ergibt das <{kg}> kg CO2.",
        "Le calcul a pris {kwh} kWh. À {g} g de CO2 par kWh, cela fait <{kg}> kg de CO2.",
    ],
    "requests": [
        "The service answers {n} requests a day at {wh} Wh per request, so it takes <{kwh}> kWh a day.",
        "Each request takes {wh} Wh. With {n} requests a day, that makes <{kwh}> kWh a day.",
        "Pro Anfrage sind es {wh} Wh. Bei {n} Anfragen am Tag ergibt das <{kwh}> kWh am Tag.",
        "Chaque requête consomme {wh} Wh. Avec {n} requêtes par jour, cela fait <{kwh}> kWh par jour.",
    ],
    "parts": [
        "The servers used {a} kWh, the cooling {b} kWh and the network {c} kWh, in total <{sum}> kWh.",
        "In total it was <{sum}> kWh: {a} kWh for servers, {b} kWh for cooling and {c} kWh for the network.",
        "Die Server brauchten {a} kWh, die Kühlung {b} kWh und das Netz {c} kWh, zusammen <{sum}> kWh.",
        "Les serveurs ont pris {a} kWh, le froid {b} kWh et le réseau {c} kWh, au total <{sum}> kWh.",
    ],
    "change": [
        "Consumption fell from {large} kWh to {small} kWh, a reduction of <{fall}> %.",
        "Consumption rose from {small} kWh to {large} kWh, an increase of <{rise}> %.",
        "Der Verbrauch sank von {large} kWh auf {small} kWh, ein Rückgang um <{fall}> %.",
        "La consommation est passée de {small} kWh à {large} kWh, une hausse de <{rise}> %.",
    ],
    "times": [
        "A picture takes {much} Wh per request, so it takes <{times}> times as much as the {little} Wh per request.",
        "An answer takes {little} Wh, and a picture takes {times} times as much, that is <{much}> Wh.",
    ],
    "year": [
        "The site uses {day} kWh a day, or <{year}> kWh a year.",
        "Der Standort braucht {day} kWh am Tag, oder <{year}> kWh im Jahr.",
        "Le site consomme {day} kWh par jour, soit <{year}> kWh par an.",
    ],
    "cost": [
        "The run took {kwh} kWh. At {p} EUR per kWh this makes <{cost}> EUR.",
        "At {p} EUR/kWh, the {kwh} kWh amount to <{cost}> EUR.",
        "Der Lauf brauchte {kwh} kWh. Bei {p} EUR pro kWh ergibt das <{cost}> EUR.",
    ],
    "homes": [
        "The campus uses {mwh} MWh a year. At {home} kWh per household a year that is enough for <{homes}> households.",
    ],
}
"""By kind; `<` and `>` stand around the result."""
PERIODS = (2.0, 7.0, 12.0, 24.0, 30.4, 52.0, 60.0)
"""Ratios that may be those of unsaid periods."""


class Passage(NamedTuple):
    """True figures in words."""

    text: str
    result: str
    """As printed with a decimal point."""
    thousands: str = ","

    def true(self) -> str:
        """The passage as it is."""
        return self.with_result(self.result)

    def with_result(self, number: str) -> str:
        """The passage with another result, which is printed with a decimal point."""
        text = re.sub("<.*?>", number, self.text)
        if self.thousands == ",":
            return text
        swapped = {",": self.thousands, ".": ","}
        return COMMA + re.sub(r"(?<=\d)[.,](?=\d)", lambda found: swapped[found[0]], text)


def printed(value: float, digits: int = 4) -> str:
    """A number as people print it, rounded to so many digits."""
    text = f"{float(f'{value:.{digits - 1}e}'):,.9f}"
    return text.rstrip("0").rstrip(".")


def whole(low: int, high: int, digits: int = 3) -> st.SearchStrategy[int]:
    """Whole numbers of so many digits that count."""
    return st.integers(low, high).map(lambda one: int(float(f"{one:.{digits - 1}e}")))


def many(tens: int) -> st.SearchStrategy[int]:
    """Numbers of things, none near a power of ten: nobody can tell whether it was left out or ten times was."""
    return st.builds(lambda lead, power: lead * 10**power, st.integers(20, 80), st.integers(0, tens))


@st.composite
def passages(draw: st.DrawFn, kind: str) -> Passage:
    """True passages of a kind."""
    phrase = draw(st.sampled_from(PHRASES[kind]))
    digits = draw(st.sampled_from([3, 4]))
    text = phrase.format(
        **{name: f"{one:,}" if isinstance(one, int) else printed(one, digits) for name, one in MADE[kind](draw).items()}
    )
    german, french = phrase.startswith(("Der", "Die", "Wir", "Pro")), phrase.startswith(("Le", "La", "Nous", "Chaque"))
    return Passage(text, text.partition("<")[2].partition(">")[0], "." if german else " " if french else ",")


def exchanged(number: str) -> list[str]:
    """The number with two neighbouring digits exchanged, where that makes at least a tenth; none with fewer digits."""
    at = [place for place, one in enumerate(number) if one.isdigit()]
    found = []
    for one, other in pairwise(at):
        swapped = [*number]
        swapped[one], swapped[other] = swapped[other], swapped[one]
        slip = "".join(swapped)
        ratio = _value(slip) / _value(number)
        far = all(not 0.85 < max(ratio, 1 / ratio) / period < 1.15 for period in PERIODS)
        if abs(ratio - 1) > 0.1 and far and slip[0] != "0" and len(slip.strip("0.,")) >= len(number.strip("0.,")):
            found.append(slip)
    return found


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def found_in(text: str) -> list[Finding]:
    """What is found among the derived figures of a text."""
    return list(derived(document(text, form="markdown")))


def _cards(draw: st.DrawFn) -> dict[str, float]:
    n, w, h = draw(many(2)), draw(whole(60, 1200)), draw(whole(3, 3000))
    return {"n": n, "w": w, "h": h, "kwh": n * w * h / 1000}


def _carbon(draw: st.DrawFn) -> dict[str, float]:
    kwh, g = draw(whole(200, 900_000)), draw(whole(20, 900))
    return {"kwh": kwh, "g": g, "kg": kwh * g / 1000}


def _requests(draw: st.DrawFn) -> dict[str, float]:
    n, wh = draw(many(7)), draw(st.integers(11, 999)) / 100
    return {"n": n, "wh": wh, "kwh": n * wh / 1000}


def _parts(draw: st.DrawFn) -> dict[str, float]:
    a, b, c = draw(whole(500, 9000, 4)), draw(whole(100, 5000, 4)), draw(whole(100, 900, 4))
    return {"a": a, "b": b, "c": c, "sum": a + b + c}


def _change(draw: st.DrawFn) -> dict[str, float]:
    large, part = draw(whole(1000, 90_000, 4)), draw(st.integers(110, 890))
    small = int(large * part / 1000)
    return {"large": large, "small": small, "fall": 100 * (1 - small / large), "rise": 100 * (large / small - 1)}


def _times(draw: st.DrawFn) -> dict[str, float]:
    little, times = (
        draw(st.integers(101, 999)) / 100,
        draw(st.sampled_from([1.5, 2.4, 3.0, 7.5, 12.0, 23.0, 45.0, 81.0])),
    )
    return {"little": little, "much": little * times, "times": times}


def _year(draw: st.DrawFn) -> dict[str, float]:
    day = draw(whole(20, 90_000))
    return {"day": day, "year": float(day * 365)}


def _cost(draw: st.DrawFn) -> dict[str, float]:
    kwh, p = draw(whole(200, 900_000)), draw(st.integers(11, 49)) / 100
    return {"kwh": kwh, "p": p, "cost": kwh * p}


def _homes(draw: st.DrawFn) -> dict[str, float]:
    mwh, home = draw(whole(2000, 900_000)), draw(whole(2000, 12_000))
    return {"mwh": mwh, "home": home, "homes": mwh * 1000 / home}


MADE: dict[str, Callable[[st.DrawFn], dict[str, float]]] = {
    "cards": _cards, "carbon": _carbon, "requests": _requests, "parts": _parts, "change": _change, "times": _times,
    "year": _year, "cost": _cost, "homes": _homes,
}  # fmt: skip


@pytest.mark.parametrize("kind", PHRASES)
@few
@given(data=st.data())
def test_true_figures_give_no_finding(kind: str, data: st.DataObject) -> None:
    passage = data.draw(passages(kind))
    assert found_in(passage.true()) == []


@pytest.mark.parametrize("kind", PHRASES)
@few
@given(data=st.data())
def test_a_result_off_by_a_power_of_ten_is_told(kind: str, data: st.DataObject) -> None:
    passage = data.draw(passages(kind))
    by = data.draw(st.sampled_from([0.1, 10.0] if kind in ("change", "times") else [0.001, 0.1, 10.0, 1000.0]))
    text = passage.with_result(printed(_value(passage.result) * by))
    assert {one.place for one in found_in(text)} & _places(text)


@pytest.mark.parametrize("kind", ["cards", "carbon", "requests", "change", "year", "cost"])
@few
@given(data=st.data())
def test_two_exchanged_digits_are_told(kind: str, data: st.DataObject) -> None:
    passage = data.draw(passages(kind))
    for number in exchanged(passage.result):
        text = passage.with_result(number)
        assert {one.place for one in found_in(text)} & _places(text), text


def _places(text: str) -> set[object]:
    """Where the figures of a text stand."""
    return {one.amount.place for one in figures_of(document(text, form="markdown").paragraphs)}


@few
@given(
    kwh=st.integers(1001, 9999), g=st.integers(101, 999), off=st.sampled_from([1, 1.005, 1.02, 1.1, 1.5, 3, 10, 1000])
)
def test_units_do_not_change_a_verdict(kwh: int, g: int, off: float) -> None:
    assume(kwh % 10)
    kg = kwh * g / 1000 * off
    texts = [
        f"The run took {kwh * by:.{digits}f} {energy}. At {g} {rate} that makes {kg * by:.{digits + 1}f} {mass} of CO2."
        for energy, rate, mass, by, digits in (
            ("kWh", "g CO2 per kWh", "kg", 1, 0),
            ("MWh", "kg CO2 per MWh", "t", 0.001, 3),
        )
    ]
    assert len({len(found_in(text)) for text in texts}) == 1, texts


@few
@given(parts=st.lists(st.integers(1001, 99_999), min_size=2, max_size=5), off=st.sampled_from([1, 1.02, 1.3, 10]))
def test_units_and_order_of_parts_do_not_change_a_verdict(parts: Sequence[int], off: float) -> None:
    assume(all(one % 10 for one in parts))
    total = int(sum(parts) * off)
    plain = ", ".join(f"{one} kWh" for one in parts) + f" and, altogether, {total} kWh were used."
    large = ", ".join(f"{one / 1000:.3f} MWh" for one in parts) + f" and, altogether, {total / 1000:.3f} MWh were used."
    turned = ", ".join(f"{one} kWh" for one in reversed(parts)) + f" and, altogether, {total} kWh were used."
    assert len({len(found_in(text)) for text in (plain, large, turned)}) == 1, (plain, large, turned)


@few
@given(data=st.data())
def test_the_order_of_paragraphs_far_apart_does_not_matter(data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from(["parts", "change", "year", "cards"]), min_size=2, unique=True))
    texts = []
    for kind in kinds:
        passage = data.draw(passages(kind).filter(lambda one: one.thousands == ","))
        by = data.draw(st.sampled_from([1.0, 1.0, 10.0]))
        texts.append(passage.with_result(printed(_value(passage.result) * by, 9)))
    alone = {one.evidence for text in texts for one in found_in(text)}
    turned = data.draw(st.permutations(texts))
    assert {one.evidence for one in found_in(f"\n\n{FILLER}\n\n".join(turned))} == alone


@few
@given(
    value=st.floats(0.01, 1e6),
    style=st.sampled_from(["{:,.2f}", "{:.0f}", "{:.3g}", "about {:.0f}", "more than {:,.0f}", "nearly {:.1f}"]),
    unit=st.sampled_from(["kWh", "MWh a year", "%", "g/kWh", "hours", "GPUs", "t of CO2", "Wh per request", "EUR"]),
    up_to=st.none() | st.floats(1.01, 3),
)
def test_what_a_figure_prints_lies_within_what_it_may_be(value: float, style: str, unit: str, up_to: float) -> None:
    number = style.format(value) + ("" if up_to is None else f" to {value * up_to:,.2f}")
    for one in figures_of(document(f"There were {number} {unit} in it.", form="markdown").paragraphs):
        (low, high), (least, most) = one.spread(), one.reach()
        assert least <= low * (1 + 1e-9)
        assert low <= one.size * (1 + 1e-9)
        assert one.size <= high * (1 + 1e-9)
        assert high <= most * (1 + 1e-9)
