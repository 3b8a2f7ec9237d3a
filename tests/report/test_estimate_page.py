"""The static page of an estimate: the same figures as Python's, also after changes, and nothing from outside."""

from __future__ import annotations

import json
import math
import re
import shutil
from functools import partial
from html.parser import HTMLParser
from typing import NamedTuple

import pytest

import joulebook as jb
from joulebook.cli.app import main
from joulebook.quantity import Basis, Quantity, derived, total
from joulebook.report.estimate_page.build import page
from joulebook.report.estimate_page.formulas import Formulas, Untranslatable
from joulebook.report.estimate_page.graph import Graph

HOSTILE = "</script><script>alert(1)</script>\"'&<img src=x onerror=alert(2)>"


def asked(**changes):
    given = {"device": "H100", "count": 8, "hours": "80..120", "device_power": "400..600", "region": "FR"}
    return jb.estimate.training(**{**given, **changes})


class Elements(HTMLParser):
    """Tags with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


# -- without a browser --------------------------------------------------------------------------------------------


def test_page_stands_alone_and_is_small():
    text = page(asked(name=HOSTILE))
    assert len(text.encode()) < 300_000
    found = Elements(text).found
    assert sum(tag == "script" for tag, _ in found) == 2
    assert not any(tag in ("img", "iframe", "object", "form", "base") for tag, _ in found)
    for tag, attrs in found:
        assert not any(name.startswith("on") or name == "style" for name in attrs), tag
        assert attrs.get("href", "data:,").startswith(("data:", "#"))
    policy = next(attrs["content"] for tag, attrs in found if attrs.get("http-equiv"))
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_page_says_everything_without_a_script():
    text = page(asked())
    for said in ("385 kWh", "285–508 kWh", "17.3 kg", "74.818", "given, hours 80..120", "Ember", "30 % narrower"):
        assert said in text.replace("\N{NO-BREAK SPACE}", " ")


def test_command_writes_the_page(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["estimate", "train", "--count", "2", "--hours", "3", "--power", "500", "--html", "page.html"]
    assert main(words) == 0
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "page.html" in capsys.readouterr().err


# -- formulas -----------------------------------------------------------------------------------------------------


class Pair(NamedTuple):
    left: float
    right: float = 2.0


LIMITS = (0.25, 0.5, 4.0)
BY_NAME = {"fp8": 0.7, True: 0.5}


def _plain(x, y):
    """Chosen by size."""
    if x > y:
        return math.log(x / y, 3) + math.log10(x) ** 2
    elif x == y:  # noqa: RET505 - one of the forms that are understood
        return 0.0
    return -math.sqrt(y - x) if 0 < x < y <= 99 else math.exp(-x)


def _loops(x, *rest, weights=(1.0, 2.0)):
    found = []
    for weight, one in zip(weights, rest, strict=False):
        if one < 0:
            continue
        found.append(weight * one**0.5)
    at = 0
    while at < 3:
        x += LIMITS[at] / (at + 1)
        at += 1
    return x + sum(found) + max(one for one in (x, *rest) if one > 0) + min(*LIMITS, x) + math.fsum(LIMITS[1:])


class Step(NamedTuple):
    compute: float
    wait: float = 0.0

    def total(self):
        """Of both."""
        return sum(self)


_short = lambda x, y: x * max(y, 1) / LIMITS[0]  # noqa: E731 - one of the forms that are understood


def _steps(x, y):
    """With methods, and a field replaced."""
    step = Step(compute=x)
    longer = step._replace(wait=y)
    return longer.total() * longer[1] + step.total()


def _pairs(x, y, *, fp8):
    pair = Pair(x)
    other = Pair(left=pair.right, right=y)
    left, right = other
    return pair.left * BY_NAME[fp8] + left / right + other.left * _plain(x, y) + (x // 3) + (x % 3) + LIMITS[-1]


FUNCTIONS = {
    "plain": (_plain, 2),
    "loops": (_loops, 3),
    "partial": (partial(_loops, weights=(0.5, 3.0)), 3),
    "pairs": (partial(_pairs, fp8=True), 2),
    "steps": (_steps, 2),
    "short": (_short, 2),
}


def test_what_needs_more_than_numbers_is_refused():
    for refused in (lambda x: open(x), lambda x: f"{x}", lambda x: {x}, sorted.__call__, "".join):  # noqa: PLW0108, PTH123, SIM115
        with pytest.raises(Untranslatable):
            Formulas().call(refused, ["x"])


def test_a_formula_that_the_page_does_not_know_becomes_an_input():
    wide = Quantity.of(3, "J", low=1, high=9, basis=Basis.ASSUMED, source="wide")
    graph = Graph()
    graph.place(derived("odd", lambda joules: float(f"{joules}"), [wide], 3.0, "J"))
    assert graph.unknown == ["odd"]
    assert [one.source for one in graph.inputs] == ["formula odd"]
    assert sorted(graph.inputs[0].places) == list(range(1010))


# -- in a browser -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium without a network of its own."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no Chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a page as a file; at the end nothing was said, asked for or refused."""
    contexts, messages, requests = [], [], []

    def open_(text, *, fragment="", **options):
        path = tmp_path / f"page-{len(contexts)}.html"
        path.write_text(text, encoding="utf-8")
        contexts.append(browser.new_context(**options))
        shown = contexts[-1].new_page()
        shown.on("console", lambda message: messages.append(message.text))
        shown.on("pageerror", lambda error: messages.append(str(error)))
        shown.on("dialog", lambda dialog: (messages.append(dialog.message), dialog.dismiss()))
        shown.on("request", lambda request: requests.append(request.url))
        shown.add_init_script("addEventListener('securitypolicyviolation', e => console.log(e.violatedDirective))")
        shown.goto(path.as_uri() + fragment)
        return shown

    yield open_
    for context in contexts:
        context.close()
    assert messages == []
    assert all(url.startswith(("file:", "data:")) for url in requests)


def texts(shown):
    query = "[...document.querySelectorAll('[data-show], .causes td, .causes th')].map(e => e.textContent)"
    return shown.evaluate(query)


def change(shown, label, text):
    field = shown.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")


SIZED = {"params": "65B", "tokens": "1.4T", "device": "A100-SXM4-80GB", "count": 2048, "region": "US-VA"}
TUNED = {"from_base": "8B", "lora": True, "tokens": "1B", "device": "H100", "count": 8, "region": "FR"}
SEARCH = {"device": "H100", "hours": 10, "device_power": 550, "space": {"lr": 5, "batch": 3}, "early_stopping": "asha"}
SERVED = {"params": "8B", "device": "H100", "batch": 32, "tokens_in": 500, "tokens_out": 250, "region": "FR"}
KINDS = {
    "hours": lambda: asked(pue="1.1..1.4", price="0.43..1.46"),
    "size": lambda: jb.estimate.training(**SIZED),
    "fine-tuning": lambda: jb.estimate.training(**TUNED),
    "search": lambda: jb.estimate.search(**SEARCH, concurrency=4),
    "serving": lambda: jb.estimate.serving(**SERVED),
    "picture": lambda: jb.estimate.serving(model="FLUX.1-dev", kind="image", device="H100"),
}


@pytest.mark.chromium
@pytest.mark.parametrize("kind", KINDS)
def test_the_browser_says_to_the_letter_what_python_says(opened, kind):
    text = page(KINDS[kind]())
    alone = opened(text, java_script_enabled=False)
    assert not alone.locator("#reset").is_visible()
    assert alone.locator("input[type=text]").count() == 0
    words = alone.locator("[data-show], .causes td, .causes th").all_text_contents()
    assert texts(opened(text)) == words
    assert len(words) > 30


@pytest.mark.parametrize("kind", KINDS)
def test_every_formula_of_the_estimators_is_known_to_the_page(kind):
    assert "Taken as they were computed" not in page(KINDS[kind]())


def shown_figures(shown):
    query = "[...document.querySelectorAll('#figures tbody tr')].map(r => [...r.cells].map(c => c.innerText.trim()))"
    return {row[0]: row[1:3] for row in shown.evaluate(query)}


@pytest.mark.chromium
@pytest.mark.parametrize(
    ("make", "given", "name", "text", "label"),
    [
        (asked, {}, "count", 16, "count, device, value"),
        (asked, {"intensity": "44 g/kWh"}, "intensity", "400 g/kWh", "carbon intensity, g/kWh, value"),
        (jb.estimate.training, SIZED, "tokens", "2.8e12", "tokens, value"),
        (jb.estimate.training, SIZED, "params", "130e9", "params, value"),
        (jb.estimate.training, TUNED, "tokens", "5e9", "tokens, value"),
        (jb.estimate.search, SEARCH, "hours", 20, "hours, h, value"),
        (jb.estimate.serving, SERVED, "batch", 8, "batch, request, value"),
        (jb.estimate.serving, SERVED, "tokens_out", 1000, "tokens out, token, value"),
    ],
)
def test_a_changed_value_gives_what_python_gives(opened, make, given, name, text, label):
    shown = opened(page(make(**given)))
    change(shown, label, str(text).partition(" ")[0])
    wanted = shown_figures(opened(page(make(**{**given, name: text}))))
    found = shown_figures(shown)
    apart = {title for title, words in found.items() if "millionths" in words[1]}  # they keep their unit
    assert {title: words for title, words in found.items() if title not in apart} == {
        title: words for title, words in wanted.items() if title not in apart
    }
    assert shown.locator("tr.changed").count() == 1


@pytest.mark.chromium
def test_a_changed_range_gives_what_python_gives(opened):
    shown = opened(page(asked()))
    change(shown, "hours, h, high", "300")
    change(shown, "hours, h, low", "100")
    wanted = shown_figures(opened(page(asked(hours="100..300"))))
    found = shown_figures(shown)
    assert found["time"] == wanted["time"]
    for name in ("energy", "carbon"):  # another source has another order: its ends are others
        numbers = [
            [float(number) for number in re.findall(r"[\d.]+", " ".join(side[name]))] for side in (found, wanted)
        ]
        assert numbers[0] == pytest.approx(numbers[1], rel=0.1)


@pytest.mark.chromium
def test_changes_live_in_the_address_and_can_be_undone(opened):
    text = page(asked())
    shown = opened(text)
    before = texts(shown)
    change(shown, "device power, W, low", "300")
    after = texts(shown)
    assert after != before
    fragment = shown.evaluate("location.hash")
    again = opened(text, fragment=fragment)
    assert texts(again) == after
    again.click("#reset")
    assert texts(again) == before
    assert again.evaluate("location.hash") == ""
    broken = opened(text, fragment="#%7B%22given count 8%22:[1,2,null]")
    assert texts(broken) == before


@pytest.mark.chromium
@pytest.mark.parametrize("wrong", ["", "many", "-3", "1e999"])
def test_what_is_no_amount_is_said_and_changes_nothing(opened, wrong):
    shown = opened(page(asked()))
    before = texts(shown)
    change(shown, "hours, h, high", wrong)
    assert texts(shown) == before
    assert shown.get_by_label("hours, h, high", exact=True).get_attribute("aria-invalid") == "true"
    assert "give a number" in shown.locator("#status").inner_text()


@pytest.mark.chromium
def test_json_has_figures_and_changes(opened):
    shown = opened(page(asked(name=HOSTILE)))
    change(shown, "count, device, value", "16")
    shown.click("#json")
    plain = json.loads(shown.locator("#copied").input_value())
    assert plain["changed"] == {"given count 8": [16, 16, 16]}
    energy = next(one for one in plain["figures"] if one["figure"] == "energy")
    assert energy["value"] == pytest.approx(asked(count=16).energy.to("Wh").value)
    assert energy["unit"] == "Wh"


@pytest.mark.chromium
def test_formulas_are_the_same_in_both_languages(opened):
    given = [
        Quantity.of(value, "1", low=value / 3, high=value * 2, basis=Basis.ASSUMED, source=f"input {at}")
        for at, value in enumerate((2.5, 7.0, 40.0))
    ]
    parts = {
        name: derived(name, function, given[:count], function(*(one.value for one in given[:count])), "1")
        for name, (function, count) in FUNCTIONS.items()
    }
    graph = Graph()
    places = {name: graph.place(part) for name, part in parts.items()}
    places["sum"] = graph.place(total(parts.values(), "1") / given[0])
    parts["sum"] = total(parts.values(), "1") / given[0]
    assert graph.unknown == []
    shown = opened(page(asked()))
    data = {
        "operations": graph.operations,
        "inputs": [{"source": one.source} for one in graph.inputs],
        "amounts": [[one.leaf.value, one.leaf.low, one.leaf.high] for one in graph.inputs],
        "places": places,
    }
    scores = "JSON.parse(document.getElementById('data').textContent).scores"
    script = graph.script.replace("const CALLS = [", "CALLS.splice(0, CALLS.length, ...[").replace("];\n", "]);\n")
    found = shown.evaluate(
        f"""(data) => {{ {script}
        const graph = new Graph(data.operations, data.inputs, {scores});
        graph.evaluate(data.amounts);
        return Object.fromEntries(Object.entries(data.places).map(([name, at]) => [name, [graph.figure(at), Array.from(graph.nodes[at].draws)]]));
        }}""",
        data,
    )
    for name, part in parts.items():
        figure, draws = found[name]
        assert [figure["value"], figure["low"], figure["high"]] == pytest.approx([part.value, part.low, part.high]), (
            name
        )
        assert draws == pytest.approx(list(part.draws), rel=1e-9), name


@pytest.mark.chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_page_fits_and_follows_the_scheme(opened, scheme, width):
    shown = opened(page(asked(name=HOSTILE)), viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    assert shown.evaluate(paper) == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 28)"}[scheme]
    shown.check("#scheme-dark")
    assert shown.evaluate(paper) == "rgb(21, 24, 28)"
    assert shown.evaluate("[...document.querySelectorAll('input[type=text]')].every(e => e.getAttribute('aria-label'))")
    shown.emulate_media(media="print")
    assert shown.evaluate(paper) == "rgb(255, 255, 255)"
    assert not shown.locator("#reset").is_visible()
