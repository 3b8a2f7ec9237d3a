"""Reports as Markdown, LaTeX and CSV: what they hold, and names that try to break them."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from joulebook.account.bought import Bought, Contract, Offset
from joulebook.account.statement import Context, state
from joulebook.account.terms import TOTALS
from joulebook.entry import Entry, Span
from joulebook.facts.catalog import Catalog
from joulebook.quantity import Basis, Quantity
from joulebook.report import csv as spreadsheet
from joulebook.report import latex, markdown
from joulebook.report.sheets import overview, paragraph
from joulebook.report.wording import plain

CATALOG = Catalog.open()
SECOND = 1_000_000_000
HOSTILE = [
    r"\input{/etc/passwd}", r"100% of $a_b^c & #1 ~ {x} \\", "--flag ---x ``q'' ?`", '"quotes" <b>|x|</b>',
    "<script>alert(1)</script>", "[link](javascript:alert(1)) ![i](http://x/y.png)", "https://example.com www.example.com a@b.de",
    "| cell | more", "# heading", "- list\n1. item", "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+1",
    "héllo wörld Łódź Ærø straße İı", "±µ²½€ — … “x”", "\u4e2d\u6587 \u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd", "\U0001f600 CO₂e", "\x1b[31mred\x07", "a\u202eb", "\ud800",
    "%&#_${}~^\\", "*bold* _it_ `code` ~~x~~", "&lt;b&gt; &amp;", "---", "a  b\\", "!", "\N{COMBINING ACUTE ACCENT}x", "ﬁ ½ №",
]  # fmt: skip


def run(id_="a3f9c0", *, name="train.py", stage="train", joules=212_000.0, **fields):
    entries, spans = [], [Span("1", "", stage, 0, 30 * SECOND)]
    if joules is not None:
        for span, part in (("", 1.0), ("1", 0.5)):
            amount = Quantity.of(
                joules * part, "J", low=joules * part * 0.9, high=joules * part * 1.1, basis=Basis.MEASURED,
                source="calibration of cpu",
            )  # fmt: skip
            entries.append(
                Entry(
                    span,
                    id_,
                    span,
                    "cpu-0",
                    0,
                    60 * SECOND,
                    amount,
                    round(joules * part * 1e6),
                    "a method",
                    labels={"kind": "cpu"},
                )
            )
    around = {"run": id_, "name": name, "region": "FR", "started": "2026-11-20T10:00:00Z", "spans": spans}
    return state(entries, Context(CATALOG, "2026-11-20", **(around | fields)))


# -- the paragraph ----------------------------------------------------------------------------------------------


def test_paragraph_has_what_a_paper_needs():
    text = ". ".join(sentence.text for sentence in paragraph(run(site="gcp", hardware=["2 x H100"]), CATALOG)).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "took 1 min 0 s on 2026-11-20 on 2 x H100" in text
    assert "212 kJ (90 % interval 191–233 kJ) of electricity, or 58.9 Wh; CPU measured 100 %" in text
    assert "With a site overhead (PUE) of 1." in text
    assert "France, life cycle, 2024" in text
    assert "CO₂e, operational and location-based" in text
    assert "Not included: " in text
    assert "power supply losses" in text
    assert "of water" in text
    assert "Recorded with joulebook 0.1" in text
    assert "facts of edition" in text
    keys = {item.card.id for sentence in paragraph(run(), CATALOG) for item in sentence.facts}
    assert keys == {"ember-2025", "ecologits-mixes"}


def test_paragraph_says_what_is_not_known():
    text = ". ".join(sentence.text for sentence in paragraph(run(joules=None), CATALOG))
    assert "Its energy is unknown" in text
    assert "Its carbon emissions are unknown" in text
    text = ". ".join(sentence.text for sentence in paragraph(run(region="", status="interrupted"), CATALOG))
    assert "The region is not known; over all plausible grids" in text
    assert "; it was interrupted" in text


def test_overview_adds_up_what_is_not_nested_and_no_unknown():
    one, inner, other = run("a"), run("b"), run("c", joules=88_000)
    rows = overview([one, inner, other], frozenset({"b"})).rows
    assert rows[-1][0] == "together"
    assert rows[-1][3].startswith("300 kJ")
    assert overview([one, run("d", joules=None)]).rows[-1][3:6] == ("unknown",) * 3
    assert len(overview([one]).rows) == 1
    euros = run("e", price=Quantity.of(0.2, "EUR/kWh", basis=Basis.REPORTED, source="--price"))
    assert overview([one, euros]).rows[-1][5] == "unknown"


# -- Markdown -----------------------------------------------------------------------------------------------------


def shown(text):
    """The tokens of a Markdown text, block by block and within lines."""
    found = []
    for token in MarkdownIt("commonmark", {"linkify": False}).enable("table").parse(text):
        found += [token, *(token.children or [])]
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_markup(name):
    statement = run(name=name, stage=name)
    tokens = shown(markdown.document([statement], CATALOG))
    kinds = {token.type for token in tokens}
    assert not kinds & {
        "html_block",
        "html_inline",
        "image",
        "code_inline",
        "em_open",
        "strong_open",
        "hr",
        "fence",
        "code_block",
    }
    links = [token.attrs["href"] for token in tokens if token.type == "link_open"]
    assert all("example.com" not in link and "alert" not in link for link in links)
    heading = next(token for token in tokens if token.type == "inline")
    assert heading.content
    text = "".join(child.content for child in heading.children).replace("\u200b", "")
    assert text == f"{plain(name, 60)} a3f9c0".strip() or " ".join(text.split()) == " ".join(
        f"{plain(name, 60)} a3f9c0".split()
    )


@given(st.text(max_size=30))
def test_escaped_text_is_shown_as_it_was(text):
    line = " ".join(plain(text, 30).split())
    rendered = MarkdownIt("commonmark").render(f"x {markdown.escape(line)}")
    back = re.sub(r"</?p>", "", rendered).strip()
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        back = back.replace(entity, character)
    assert back.replace("\u200b", "") == f"x {line}".strip()


def test_markdown_tables_have_every_row_and_sources_are_numbered():
    text = markdown.document([run("a"), run("b", region="DE")], CATALOG, frozenset())
    assert text.startswith("# Runs\n\n| run")
    assert text.count("## train.py ") == 2
    assert "| together " in text
    assert re.search(r"\[1\]\.", text)
    assert "## Sources\n\n1. Ember" in text
    assert "### Not included" in text
    for line in text.splitlines():
        if line.startswith("|"):
            assert line.endswith("|")


# -- LaTeX --------------------------------------------------------------------------------------------------------


@given(st.text())
def test_latex_is_plain_ascii_with_balanced_braces(text):
    found = latex.escape(text)
    assert found.isascii()
    bare = re.sub(r"\\[{}\\]", "", found)
    assert bare.count("{") == bare.count("}")
    assert found.count("$") - found.count("\\$") == 2 * len(
        re.findall(r"(?<!\\)\$[^$]+(?<!\\)\$", re.sub(r"\\\$", "", found))
    )


def test_latex_signs():
    assert latex.escape("100 % of a_b & $5") == r"100 \% of a\_b \& \$5"
    assert latex.escape("--lr ''x''") == r"-{}-lr '{}'x'{}'"
    assert latex.escape("é ï ß Ł ç") == r"\'{e} \" {\i} \ss{} \L{} \c{c}".replace(r"\" ", r"\"")
    assert latex.escape("3–5 µJ ±2 CO₂e") == r"3--5 $\mu$J $\pm$2 CO$_2$e"
    assert latex.escape("\u4e2d") == r"\textbackslash{}u4e2d"
    assert latex.escape("\\input") == r"\textbackslash{}input"


def compiled(folder, *bodies, entries=""):
    """The log of pdflatex and bibtex over these fragments, and the text of what failed."""
    for at, body in enumerate(bodies):
        (folder / f"part{at}.tex").write_text(body, encoding="ascii")
    (folder / "sources.bib").write_text(entries, encoding="ascii")
    inputs = "\n".join(f"\\input{{part{at}}}\\clearpage" for at in range(len(bodies)))
    (folder / "paper.tex").write_text(
        "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n"
        f"{inputs}\n\\bibliographystyle{{plain}}\\bibliography{{sources}}\n\\end{{document}}\n"
    )
    draw = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper"]
    steps = [draw, ["bibtex", "paper"], draw, draw]
    for step in steps:
        done = subprocess.run(step, cwd=folder, capture_output=True, check=False, timeout=120)
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-3000:]
    return done.stdout.decode(errors="replace")


@pytest.mark.tex
@pytest.mark.skipif(not shutil.which("pdflatex") or not shutil.which("bibtex"), reason="no pdflatex and bibtex here")
def test_latex_compiles_with_every_hostile_name(tmp_path):
    statements = [run(name=name, stage=name) for name in HOSTILE]
    parts = [latex.document([statements[0]], CATALOG), latex.document(statements, CATALOG)]
    log = compiled(tmp_path, *parts, entries=latex.bibliography(statements, CATALOG))
    assert "undefined" not in log
    assert "Overfull \\hbox" not in "".join(line for line in log.splitlines() if "alignment" in line)
    assert (tmp_path / "paper.pdf").stat().st_size > 10_000


def test_latex_has_table_caption_label_paragraph_and_entries():
    text = latex.document([run()], CATALOG)
    for part in (
        r"\toprule",
        r"\midrule",
        r"\bottomrule",
        r"\caption{Account of the run train.py",
        r"\label{tab:joulebook-a3f9c0}",
    ):
        assert part in text
    assert r"\cite{ember-2025}" in text
    assert r"\cite{joulebook}" in text
    entries = latex.bibliography([run()], CATALOG)
    assert set(re.findall(r"\\cite\{([^}]*)\}", text)) <= set(re.findall(r"@\w+\{([^,]*),", entries))
    assert "year = {{2025}}" in entries
    assert latex.document([run("a"), run("b")], CATALOG).count(r"\begin{table}") == 1


# -- CSV ----------------------------------------------------------------------------------------------------------


def read(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_numbers_of_a_row_round_trip_with_units_in_the_names():
    statement = run(site="gcp")
    (row,) = read(spreadsheet.rows([statement]))
    document = statement.as_dict()
    for name in TOTALS:
        quantity = document[name]
        if quantity is None:
            assert not any(
                value for column, value in row.items() if column.startswith(f"{name}_") and column != "carbon_kgCO2e"
            )
            continue
        column = name if name == "device_hours" else f"{name}_{quantity['unit']}"
        assert [float(row[key]) for key in (column, f"{column}_low", f"{column}_high")] == [
            quantity["value"], quantity["low"], quantity["high"],
        ]  # fmt: skip
        assert row[f"{name}_basis"] == quantity["basis"]


def test_unknown_is_empty_and_currencies_have_their_own_columns():
    price = Quantity.of(0.2, "EUR/kWh", basis=Basis.REPORTED, source="--price")
    one, two, three = read(spreadsheet.rows([run("a"), run("b", price=price), run("c", joules=None)]))
    assert float(one["cost_USD"]) > 0
    assert one["cost_EUR"] == two["cost_USD"] == three["cost_USD"] == three["energy_kWh"] == ""
    assert float(two["cost_EUR"]) > 0


def test_lines_have_every_line():
    statement = run()
    found = read(spreadsheet.lines([statement, statement]))
    assert len(found) == 2 * len(statement.lines)
    for row, line in zip(found, statement.lines, strict=False):
        assert (row["span"], row["device"], row["kind"]) == (line.span, line.device, line.kind)
        assert float(row["value"]) == line.as_dict()["quantity"]["value"]
        assert row["energy_uj"] == ("" if line.energy_uj is None else str(line.energy_uj))


@given(st.text(max_size=12) | st.sampled_from(HOSTILE))
def test_no_cell_is_a_formula_and_numbers_are_untouched(name):
    statement = run(name=name)
    (row,) = read(spreadsheet.rows([statement]))
    for column, value in row.items():
        if value.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d")):
            float(value)
            assert column != "name"
    (bare,) = read(spreadsheet.rows([statement], guard=False))
    normal = name.replace("\r\n", "\n").replace("\r", "\n")
    assert bare["name"].replace("\r\n", "\n").replace("\r", "\n") == normal
    assert row["name"] in (bare["name"], f"'{bare['name']}")


def test_negative_numbers_stay_numbers():
    overlapping = run(joules=100.0)._replace(lines=tuple(line._replace(energy_uj=-4) for line in run().lines[:1]))
    assert read(spreadsheet.lines([overlapping]))[0]["energy_uj"] == "-4"


def test_paragraph_names_the_market_figure_and_what_was_bought_apart():
    wind = Quantity.of(10, "gCO2e/kWh", basis=Basis.REPORTED, source="contract wind")
    one = Contract("wind", "ppa", "grid.fr", 0.5, wind, 2026, source="contract 17")
    trees = Offset("trees", "nature-removal", Quantity.exact(5, "credit"), None, None, None, "decades", 2024, "", "x")
    text = ". ".join(said.text for said in paragraph(run(bought=Bought((one,), (trees,))), CATALOG))
    assert "By market (50 % wind, 50 % location) it is" in text
    assert "Bought apart, and in none of these figures: trees" in text
    assert "By market" not in ". ".join(said.text for said in paragraph(run(), CATALOG))
