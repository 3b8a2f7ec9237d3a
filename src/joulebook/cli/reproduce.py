"""`joulebook reproduce NAME|all`: published tables and claims computed again."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence

from joulebook.audit.cases.loading import case_names, load
from joulebook.audit.cases.verdicts import Judged, Judgement, Verdict, judge
from joulebook.audit.claims.verdicts import Judged as Claimed
from joulebook.audit.claims.verdicts import counts, judge_all
from joulebook.cli.files import write_whole
from joulebook.cli.output import put, put_document, put_json, say
from joulebook.errors import ConfigError, MissingExtra
from joulebook.report import claims as report
from joulebook.report import literature
from joulebook.report.literature import Input, Page, Row, Table

SCHEMA = "joulebook.reproduction/1"
_ALL, _CLAIMS = "all", "claims"
_ID = re.compile(r"C\d{3}")
_CLAIMS_HEAD = """
# Claims, held against a computation

What four well-known texts of 2019 to 2021 say about the energy, carbon and cost of deep learning, in our own words,
and what joulebook computes for each. Written by `make docs`; `joulebook reproduce claims` prints the same, `joulebook
reproduce C017` one claim with its tree.

One rule gives every verdict. A claim **holds** when what is computed, with its 90 % interval, lies where the claim
leaves room: within the digits that it has, a fifth off for "about" and "close to", a factor of 2 for "comparable", of
3.2 for "of the order of". It **holds only if** a condition is met when it can be meant in several ways of which some
agree, when a threshold has to be passed, or when an error below 5 % is allowed. Otherwise it **does not hold**. An
input, a method or an example is **taken as given**, and what follows from it is computed.
"""
_HEAD = """
# The literature, computed again

Every figure of some published tables beside what comes out of the inputs that are printed with it. Written by `make
docs`; `joulebook reproduce NAME` prints the same.

A figure **agrees** when what is computed is printed so once it is rounded. It **differs by rounding** when some
inputs that round to the printed ones give it, or when its digits were cut off. Otherwise it **does not close**, and a
search over all inputs names the one that would close it: a change has to close two figures at once, or be the only
one that closes a figure, and may break none. Amounts are in the units of the publication, and were taken over from it
or from texts that quote it.

In a formula a name is a figure of the same row or one of the inputs below the tables; `_printed` at its end stands
for the printed figure in place of the computed one.
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
    shown.add_argument(
        "--chart", metavar="FILE", default="", help="how far the figures of a case are off: .svg, .png, .pdf or .json"
    )


def main(arguments: Namespace) -> int:
    """Compute published tables again, cell by cell, and claims; offline.

    A figure agrees, differs by rounding (some inputs that are rounded to those
    printed give it), or does not close: then the input is named that would
    close it, found by search, where there is one.

    examples:
      joulebook reproduce
      joulebook reproduce strubell --chart strubell.svg
      joulebook reproduce all --markdown
      joulebook reproduce claims
      joulebook reproduce C017
    """
    asked = dict.fromkeys(name.upper() if _ID.fullmatch(name.upper()) else name.lower() for name in arguments.names)
    names = (*case_names(), _CLAIMS) if _ALL in asked else tuple(asked)
    if not names:
        put("".join(f"{name:<10} {load(name).title}\n" for name in case_names()))
        put(f"{_CLAIMS:<10} Claims of four texts, each with a computation; C001 and so on: one with its tree\n")
        return 0
    known = {judged.claim.id: judged for judged in judge_all()} if _of_claims(names) else {}
    single = [known[name] for name in names if name in known]
    claims = list(known.values()) if _CLAIMS in names else single
    found = [judge(load(name)) for name in names if name != _CLAIMS and name not in known]
    if arguments.chart:
        _draw(found, arguments.chart)
    elif arguments.as_json:
        document = {"cases": [case.as_dict() for case in found], "claims": [claim.as_dict() for claim in claims]}
        put_json({"schema": SCHEMA, **document})
    elif arguments.markdown:
        put_document(literature.markdown(map(page, found)) if found else "")
        put_document(_claims_markdown(claims, "# Claims") if claims else "")
    else:
        put("\n".join(literature.text(page(judgement)) for judgement in found))
        put("\n".join(report.text(_told(claim), unfolded=claim in single) for claim in claims))
        put(f"\n{_counted(claims)}\n" if len(claims) > 1 else "")
    return 0


def _draw(found: Sequence[Judgement], name: str) -> None:
    """Write the chart of one case."""
    if len(found) != 1:
        raise ConfigError.bad("--chart", name, "one case beside it")
    try:
        from joulebook.report.charts.literature import drawn  # altair is loaded for charts alone
    except ImportError as error:
        raise MissingExtra.of("chart", "reproduce", "report") from error

    write_whole(name, drawn(page(found[0]), name))
    say(f"joulebook: wrote {name}")


def _of_claims(names: Iterable[str]) -> bool:
    """Whether claims are asked for, all of them or some by their ids."""
    return any(name == _CLAIMS or _ID.fullmatch(name) for name in names)


def claims_page() -> str:
    """All claims as docs/claims.md has them."""
    return _claims_markdown(judge_all(), _CLAIMS_HEAD)


def _claims_markdown(claims: Sequence[Claimed], head: str) -> str:
    return report.markdown(map(_told, claims), counts(claims), head)


def _counted(claims: Sequence[Claimed]) -> str:
    return literature.counted(counts(claims)).replace("figures", "claims")


def _told(judged: Claimed) -> report.Told:
    claim = judged.claim
    return report.Told(
        id=claim.id,
        text=claim.text,
        claim=claim.claim,
        claimed=judged.claimed,
        computed=judged.headline.shown if judged.claimed else f"{judged.headline.shown} {claim.of}".strip(),
        verdict=str(judged.verdict),
        why=judged.why,
        note=claim.note,
        trees=[report.Tree(item.when, item.reading.formula, str(item.held), item.quantity) for item in judged.computed],
    )


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
    inputs = [
        Input(cell.key, cell.label, cell.printed.shown(), cell.source)
        for cell in case.cells()
        if not cell.shown and cell.printed is not None
    ]
    return Page(case.name, case.title, case.about, judgement.counts(), tables, inputs)


def _row(judged: Judged) -> Row:
    cell, figure = judged.cell, judged.cell.printed
    computed = "" if figure is None or judged.computed is None else figure.shown(judged.computed, 2)
    return Row(
        name=cell.label,
        printed="" if figure is None else figure.shown(),
        computed=computed,
        verdict=str(judged.verdict),
        why=judged.why,
        plain=judged.verdict in _PLAIN,
        apart=judged.apart,
        formula=cell.formula,
    )
