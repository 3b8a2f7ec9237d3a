"""The one-file page: nothing leaves it, nothing in a name acts in it, everything of the statement stands in it."""

from __future__ import annotations

import json
import re
import shutil
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joulebook.account.terms import Statement
from joulebook.errors import MissingExtra
from joulebook.meter.series import History
from joulebook.quantity import Basis
from joulebook.registry import FIGURES
from joulebook.report.outline import amount_and_interval
from joulebook.report.typography import isolated, typeset

pytest.importorskip("altair")
from joulebook.report import html
from joulebook.report.html import document, page

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "\"><svg onload='alert(1)'>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)//",
    "]]><!--",
    "\x1b[31m\x00\u202eevil\u2066",
    "שלום \U0001f600 e\u0301\u0302\u0303",
    "\ud800 lone",
    "</title></style></svg></text>",
    "a" * 500,
    "",
)


TAGS = """
html head meta link title style body header main footer section article fieldset legend label input h1 h2 p br ul li
dl dt dd div span bdi em code a figure figcaption details summary table caption thead tbody tr th td script
svg g path line text
"""


class Outline(HTMLParser):
    """Tags with their attributes, the text of scripts by id, and all other text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.scripts, self.texts = [], {}, []
        self._script = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self._script = dict(attrs).get("id", "")

    def handle_endtag(self, tag):
        if tag == "script":
            self._script = None

    def handle_data(self, data):
        if self._script is None:
            self.texts.append(data)
        else:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data


def attributes(outline):
    return [(tag, name, value or "") for tag, found in outline.tags for name, value in found.items()]


@pytest.fixture(scope="module")
def hostile(account, recorded):
    """A tame run, and one of each hostile name: of the run, its device, its stage and a notice."""
    items = [(account(), recorded())]
    for number, name in enumerate(HOSTILE):
        devices, stage = [(name or "cpu", "cpu", 10, Basis.ASSUMED, 0.1)], name or "stage"
        statement = account(run=f"{number:012}", name=name, devices=devices, stages={stage: 0.5}, notices=[name])
        items.append((statement, recorded(40, devices=devices, names=(stage, "other"))))
    return items


@pytest.fixture(scope="module")
def hostile_page(hostile):
    """A page about all of them."""
    return document(hostile)


@pytest.fixture(scope="session")
def one(item):
    """A page about one run."""
    return document([item])


DAY = 86_400.0


def test_a_day_of_three_devices_is_small(account, recorded):
    text = document([(account(seconds=DAY), recorded(2_000, DAY))])
    assert len(text.encode()) < 400_000


def test_ten_days_in_one_file_stay_below_the_limit(account, recorded, monkeypatch):
    monkeypatch.setattr("joulebook.report.html._BINS", html._BINS // 10)  # as if nine more were beside it
    text = document([(account(seconds=DAY), recorded(2_000, DAY))])
    begin = text.index("<article")
    assert begin + 10 * len(text[begin:].encode()) < 1_200_000


def test_statement_is_inside_as_strict_json(one, item):
    scripts = Outline(one).scripts
    assert json.loads(scripts["joulebook-statement"]) == json.loads(json.dumps(item[0].as_dict()))
    power = json.loads(scripts["joulebook-power"])
    assert [series["device"] for series in power["series"]] == ["gpu-0", "cpu-0", "ram"]
    assert len(power["series"][0]["mean_w"]) == 1_000


def test_several_runs_have_an_overview_and_a_document_each(account, recorded):
    items = [(account(run="a" * 12), recorded()), (account(run="b" * 12, name="other"), History())]
    outline = Outline(document(items))
    found = [name for name in outline.scripts if name.startswith("joulebook-statement")]
    assert [json.loads(outline.scripts[name])["run"] for name in found] == ["a" * 12, "b" * 12]
    ids = [value for _, name, value in attributes(outline) if name == "id"]
    assert len(ids) == len(set(ids))
    links = [value for _, name, value in attributes(outline) if name == "href"]
    assert links == ["data:,", "#run-1", "#run-2"]
    assert "2 runs" in "".join(outline.texts)


def test_policy_allows_one_style_sheet_and_nothing_else(one):
    outline = Outline(one)
    (policy,) = [found["content"] for tag, found in outline.tags if found.get("http-equiv")]
    style = re.search(r"<style>(.*?)</style>", one, re.DOTALL)[1]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style
    assert "@import" not in style


def test_nothing_is_fetched_and_nothing_runs(one):
    outline = Outline(one)
    assert {tag for tag, _ in outline.tags}.isdisjoint(
        {"img", "iframe", "object", "embed", "a", "use", "image", "base"}
    )
    for tag, name, value in attributes(outline):
        assert not name.startswith("on"), (tag, name)
        assert name not in ("style", "src", "xlink:href", "srcdoc"), (tag, name)
        assert tag != "script" or (name, value) == ("type", "application/json") or name == "id"


def test_hostile_names_are_text_everywhere(hostile, hostile_page):
    outline = Outline(hostile_page)
    assert {tag for tag, _ in outline.tags} == set(TAGS.split())
    shown = "".join(outline.texts)
    for character in "\x00\x1b\u202e\u2066\U0001f600\ud800":
        assert character not in shown
    for text in (
        "<script>alert(1)</script>",
        "{{ 7 * 7 }}{% raw %}",
        r"\x1b[31m\x00\u202eevil",
        "javascript:alert(1)//",
    ):
        assert shown.count(text) > 5, text
    for number, (statement, _) in enumerate(hostile, 1):
        script = outline.scripts["joulebook-statement" + (f"-{number}" if number > 1 else "")]
        assert json.loads(script)["name"] == statement.name


@given(st.text(max_size=60))
@settings(max_examples=25)
def test_any_json_in_the_page_is_read_back(text):
    inside = html._json({"name": text})
    assert not set("<>&") & set(str(inside))
    assert json.loads(str(inside)) == {"name": text}


def test_every_figure_of_the_statement_stands_in_the_page(one, item):
    text = "".join(Outline(one).texts)
    interval = typeset(amount_and_interval(item[0].energy)[1])
    for shown in ("215 kJ", interval, "2.97 g", "7 min 31 s", "83\N{NO-BREAK SPACE}% measured"):
        assert shown in text.replace("\N{WORD JOINER}", ""), shown
    for assumption in item[0].assumptions:
        assert assumption.source in text
    for word in ("carbon, by market", "unknown", "remote storage", "how gpu-0 is read", item[0].edition):
        assert word in text


def test_wide_intervals_are_ranges(account, recorded):
    assumed = account(devices=[("ram", "ram", 1_000, Basis.ASSUMED, 0.9)], stages={}, region="")
    text = "".join(Outline(document([(assumed, History())])).texts).replace("\N{WORD JOINER}", "")
    assert "90 % interval; too wide for a single number" in text
    assert "0.1–1.9 kJ" in text
    assert "1 kJ" not in text.replace("0.1–1.9 kJ", "")


def test_what_is_unknown_is_said():
    text = "".join(Outline(document([(Statement("a3f9c0", "2026"), History())])).texts)
    assert "there were no usable readings" in text
    assert "No device was metered" in text
    assert "region unknown" in text


def test_no_runs_is_a_page_too():
    assert "No runs" in document([])


def test_page_of_one_chart(item):
    outline = Outline(page("stages", [item]))
    assert not outline.scripts
    assert [tag for tag, _ in outline.tags].count("svg") == 2


def test_missing_extra_is_named(monkeypatch, item):
    monkeypatch.setitem(FIGURES, "power", FIGURES["power"]._replace(path="joulebook_nowhere:power"))
    with pytest.raises(MissingExtra, match=r"pip install 'joulebook\[report\]'"):
        document([item])


def test_every_colour_of_a_chart_follows_the_scheme(one):
    outline = Outline(one)
    used = {
        value for tag, name, value in attributes(outline) if name in ("fill", "stroke") and value not in ("none", "")
    }
    style = re.search(r"<style>(.*?)</style>", one, re.DOTALL)[1]
    assert used
    for color in used - {"transparent"}:
        assert f'[fill="{color}"]' in style, color


def test_every_drawing_has_a_name_and_a_table(one):
    outline = Outline(one)
    drawings = [found for tag, found in outline.tags if tag == "svg"]
    assert len(drawings) == 8
    assert all(found["role"] == "img" and found["aria-label"].startswith("Chart: ") for found in drawings)
    assert [tag for tag, _ in outline.tags].count("details") == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.12-0.46 J", "0.12–0.46 J"),
        ("+10/-6.9 %", "+10/−6.9\N{NO-BREAK SPACE}%"),
        ("3 ug", "3 µg"),
        ("50 gCO2e/kWh", "50 gCO₂e/kWh"),
        ("212 kJ (59 Wh)  ±6 %", "212 kJ (59 Wh) ±6\N{NO-BREAK SPACE}%"),
    ],
)
def test_signs_of_a_page(text, expected):
    assert typeset(text) == expected


def test_only_names_from_right_to_left_are_isolated():
    assert isolated("train <b>") == "train <b>"
    assert isolated("שלום") == "\u2068שלום\u2069"


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


@pytest.fixture(scope="module")
def files(tmp_path_factory, hostile_page):
    """A page of several runs with every hostile name, as a file."""
    path = tmp_path_factory.mktemp("pages") / "runs.html"
    path.write_text(hostile_page, encoding="utf-8")
    return path


@pytest.mark.chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_page_in_a_browser(browser, files, scheme, width):
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    shown = context.new_page()
    requests, messages = [], []
    shown.on("request", lambda request: requests.append(request.url))
    shown.on("console", lambda message: messages.append(message.text))
    shown.on("pageerror", lambda error: messages.append(str(error)))
    shown.on("dialog", lambda dialog: (messages.append(dialog.message), dialog.dismiss()))
    shown.add_init_script("addEventListener('securitypolicyviolation', e => console.log('CSP', e.violatedDirective))")
    shown.goto(files.as_uri())
    assert [url for url in requests if not url.startswith("data:")] == [files.as_uri()]
    assert messages == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    too_wide = "[...document.querySelectorAll('svg,h1,h2,dl,figure')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"
    assert shown.evaluate(too_wide) == 0

    def paper():
        return shown.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    light, dark = "rgb(255, 255, 255)", "rgb(21, 24, 28)"
    assert paper() == {"light": light, "dark": dark}[scheme]
    first = shown.locator(".chart [fill='#1f2328']").first
    ink = first.evaluate("e => getComputedStyle(e).fill")
    assert ink == {"light": "rgb(31, 35, 40)", "dark": "rgb(232, 234, 237)"}[scheme]
    shown.check("#scheme-dark")
    assert paper() == dark
    shown.check("#scheme-light")
    assert paper() == light
    visible = shown.evaluate(
        "[...document.querySelectorAll('svg.chart')].filter(e => e.getClientRects().length).length"
    )
    assert visible * 2 == shown.locator("svg.chart").count()
    context.close()


@pytest.mark.chromium
def test_page_on_paper_is_light_wide_and_shows_its_tables(browser, files):
    context = browser.new_context(viewport={"width": 680, "height": 900}, color_scheme="dark")
    shown = context.new_page()
    shown.goto(files.as_uri())
    shown.emulate_media(media="print", color_scheme="dark")
    assert shown.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert shown.locator("details table").first.is_visible()
    assert not shown.locator(".scheme").is_visible()
    assert shown.locator(".wide").first.is_visible()
    assert not shown.locator(".narrow").first.is_visible()
    context.close()
