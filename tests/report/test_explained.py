"""A figure unfolded: every leaf has a source, Markdown cites by number, the page folds without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from joulebook.account.terms import TOTALS, Statement
from joulebook.estimate import search, serving, training
from joulebook.facts.catalog import Catalog
from joulebook.plan.choice import choose
from joulebook.quantity import Quantity
from joulebook.report.citations import cited, rests_on
from joulebook.report.explained import Explained, explained, html, markdown, text
from joulebook.report.tree import rows


def _statements() -> Iterator[tuple[str, Statement]]:
    yield "training", training(device="A100", count=64, params="7B", tokens="1T", region="FR", site="gcp")
    yield "tuning", training(device="H100", from_base="8B", tokens="1B", lora=True, region="US-CA")
    yield "answers", serving(model="Qwen3-8B", device="H100", batch=32, task="chat", region="FR")
    yield "pictures", serving(kind="image", model="FLUX.1-dev", device="H100", region="DE")
    yield "search", search(device="H100", count=8, hours="8..12", device_power="450..650", trials=20, region="FR")
    found = choose(devices=["H100", "A100"], counts=[64, 128], regions=["FR", "PL"], params="7B", tokens="1T")
    yield "option", found.frontier[0].statement


STATEMENTS = dict(_statements())


def _found(name: str, figure: str = "carbon") -> Explained:
    statement = STATEMENTS[name]
    quantity = getattr(statement, figure)
    return explained(f"{figure} of {name}", quantity, cited([quantity], statement, Catalog.open()))


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_leaf_is_given_or_cited(name: str) -> None:
    """A leaf names a publication or a fit, says that it was given, or is a count by definition."""
    statement = STATEMENTS[name]
    for figure in (getattr(statement, total) for total in TOTALS):
        if figure is None:
            continue
        facts = cited([figure], statement, Catalog.open())
        for leaf in figure.leaves():
            source = leaf.trace.source
            assert source is not None
            said = source.id == "by definition" or source.id.startswith("given ")
            fact = any(rests_on(item, source) and item.card.licence for item in facts)
            paper = re.search(r"arXiv|et al\. (?:19|20)\d\d|\((?:19|20)\d\d\)|docs/|^joulebook:", source.text)
            assert said or fact or paper, f"{name}: {leaf!r} <- {source}"


@pytest.mark.parametrize("name", STATEMENTS)
def test_markdown_cites_every_publication(name: str) -> None:
    found = _found(name)
    page = markdown(found)
    listed = re.findall(r"^(\d+)\. ", page, re.MULTILINE)
    assert listed == [str(number) for number in range(1, len(listed) + 1)]
    assert listed
    body = page.partition("## Sources")[0]
    assert set(re.findall(r" \[(\d+)\]", body)) == set(listed)
    assert "Licence: " in page
    assert "What would change it most" in page


class _Fold(HTMLParser):
    """Counts what a page is made of, and that it closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: dict[str, int] = {}
        self.links: set[str] = set()
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        if tag != "meta":
            self.open.append(tag)
        for key, value in attrs:
            if key == "href" and value is not None and value.startswith("#"):
                self.links.add(value[1:])
            if key == "id" and value is not None:
                self.ids.add(value)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_page_folds_and_loads_nothing(name: str) -> None:
    found = _found(name, "energy")
    page = html(found)
    fold = _Fold()
    fold.feed(page)
    assert fold.open == []
    assert fold.links <= fold.ids
    assert "script" not in fold.seen
    assert not re.search(r"(?:src|srcset|@import|url\()", page)
    listed = list(rows(found.quantity))
    inner = sum(after.depth > row.depth for row, after in pairwise(listed))
    assert fold.seen["details"] == inner


def test_words_of_others_stay_words() -> None:
    named = Quantity.of(3, "J", low=2, high=4, basis=STATEMENTS["training"].energy.basis, source="<i>*x*|y", name="a_b")
    found = explained("<i>", named, [])
    assert "<i>" not in html(found)
    assert "\\<i\\>\\*x\\*\\|y" in markdown(found)
    assert text(found).startswith("a_b = ")


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_a_folded_tree_says_how_many_sources_lie_below(depth: int) -> None:
    found = _found("answers")
    whole, folded = text(found).splitlines(), text(found, depth).splitlines()
    tree = folded[: folded.index("")]
    assert len(tree) < len(whole[: whole.index("")])
    assert folded[folded.index("") :] == whole[whole.index("") :]
    assert any(" folded" in line for line in tree)
    assert all(line.count("─") <= 1 for line in tree)
    assert max(len(re.match(r"(?:[│ ]  )*", line)[0]) // 3 + ("─" in line) for line in tree) == depth
    assert "folded" in markdown(found, depth)


def test_formulas_are_said_in_words() -> None:
    """No node is called a formula without saying which."""
    for name in STATEMENTS:
        shown = text(_found(name))
        assert "formula of" not in shown
    assert "power x seconds of a step x devices / batch x tokens out" in text(_found("answers"))


def test_a_page_has_no_bare_mark_in_its_text() -> None:
    for name in STATEMENTS:
        assert re.search(r"<(?![a-z!/])", html(_found(name))) is None
