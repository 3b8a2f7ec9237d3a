"""`joulebook reproduce NAME|all`: published tables computed again, cell by cell."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from joulebook.audit.cases.loading import case_names, load
from joulebook.audit.cases.verdicts import Judged, Judgement, Verdict, judge
from joulebook.cli.output import put, put_document, put_json
from joulebook.report import literature
from joulebook.report.literature import Page, Row, Table

SCHEMA = "joulebook.reproduction/1"
_HEAD = """
# The literature, computed again

Every figure of some published tables beside what comes out of the inputs that are printed with it. Written by
`make docs`; `joulebook reproduce NAME` prints the same.

A figure **agrees** when what is computed is printed so once it is rounded. It **differs by rounding** when some inputs
that round to the printed ones give it, or when its digits were cut off. Otherwise it **does not close**, and a search
over all inputs names the one that would close it: a change has to close two figures at once, or be the only one that closes
a figure, and may break none. Amounts are in the units of the publication.
"""
_PLAIN = (Verdict.AGREES, Verdict.INPUT, Verdict.DEFINITION)


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook reproduce`."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="a case, several, or all; without one: which there are"
    )
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", dest="as_json", help=f"schema {SCHEMA}")
    shown.add_argument("--markdown", action="store_true", help="as a page of Markdown")


def main(arguments: Namespace) -> int:
    """Compute published tables again, cell by cell, offline.

    A figure agrees, differs by rounding (some inputs that are rounded to those
    printed give it), or does not close: then the input is named that would
    close it, found by search, where there is one.

    examples:
      joulebook reproduce
      joulebook reproduce strubell
      joulebook reproduce all --markdown
    """
    names = case_names() if "all" in arguments.names else tuple(arguments.names)
    if not names:
        put("".join(f"{name:<10} {load(name).title}\n" for name in case_names()))
        return 0
    found = [judge(load(name)) for name in names]
    if arguments.as_json:
        put_json({"schema": SCHEMA, "cases": [judgement.as_dict() for judgement in found]})
    elif arguments.markdown:
        put_document(literature.markdown(map(page, found)))
    else:
        put("\n".join(literature.text(page(judgement)) for judgement in found))
    return 0


def literature_page() -> str:
    """All cases as docs/literature.md has them."""
    return literature.markdown([page(judge(load(name))) for name in case_names()], _HEAD)


def page(judgement: Judgement) -> Page:
    """A case as its report has it."""
    case = judgement.case
    tables = [
        Table(table.name, table.about, table.source, [_row(judged) for judged in cells])
        for table, cells in judgement.tables
        if cells
    ]
    return Page(case.name, case.title, case.about, judgement.counts(), tables)


def _row(judged: Judged) -> Row:
    cell, figure = judged.cell, judged.cell.printed
    computed = "" if figure is None or judged.computed is None else figure.shown(judged.computed, 2)
    return Row(
        name=cell.label,
        printed=cell.formula if figure is None else figure.shown(),
        computed=computed,
        verdict=str(judged.verdict),
        why=judged.why,
        plain=judged.verdict in _PLAIN,
    )
