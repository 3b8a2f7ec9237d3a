"""`joulebook report [RUN...]`: runs as a document: Markdown, LaTeX, BibTeX, HTML, CSV, JSON or a model card."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from joulebook.account.sci import PER_WORK, sci
from joulebook.account.terms import Statement
from joulebook.cli.files import write_whole
from joulebook.cli.output import put_document, say
from joulebook.cli.pricing import add_pricing, priced_with, say_live
from joulebook.errors import ConfigError
from joulebook.facts.catalog import Catalog
from joulebook.index import Book

_SUFFIXES: Final = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".tex": "latex",
    ".bib": "bibtex",
    ".html": "html",
    ".htm": "html",
    ".csv": "csv",
    ".json": "json",
}
_HELP: Final = {
    "html": "one file that needs no network",
    "markdown": "paragraph, tables, sources",
    "latex": "table and paragraph to \\input",
    "bibtex": "the entries that the LaTeX cites",
    "csv": "one row for each run, units in the names of the columns",
    "json": "a list of statements, schema joulebook.statement/1",
}


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook report`."""
    parser.add_argument("runs", nargs="*", metavar="RUN", help="an id or its beginning, a name, last~1 (default: last)")
    kinds = parser.add_mutually_exclusive_group()
    for kind, meaning in _HELP.items():
        kinds.add_argument(f"--{kind}", action="store_const", const=kind, dest="format", help=meaning)
    kinds.add_argument(
        "--card",
        nargs="?",
        const="",
        metavar="README",
        help="the run in a model card of the Hugging Face hub: patched into README, or a card of its own",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write there; its suffix decides the format")
    parser.add_argument("--lines", action="store_true", help="with --csv: one row for each stage, device and kind")
    parser.add_argument(
        "--unguarded", action="store_true", help="with --csv: names that look like formulas stay as they are"
    )
    parser.add_argument("--sci", action="store_true", help="Software Carbon Intensity, as text or with --json")
    parser.add_argument(
        "--per",
        action="append",
        default=[],
        metavar="UNIT",
        help="with --sci: its functional unit, such as answers (default: all that the run counted); may be repeated",
    )
    parser.add_argument(
        "--project",
        metavar="NAME",
        help="what all its runs took: those with the label project=NAME, or whose names begin so",
    )
    parser.add_argument(
        "--final", default="", metavar="RUN", help="with --project: its final model (default: the last)"
    )
    parser.add_argument("--training-type", default="", metavar="TYPE", help="with --card: pre-training or fine-tuning")
    add_pricing(parser)


def main(arguments: Namespace) -> int:
    """Write runs as a document; several become one with a table over all of them.

    examples:
      joulebook report last --latex -o table.tex
      joulebook report last~1 last -o runs.html
      joulebook report best --card README.md --training-type fine-tuning
      joulebook report last --sci --per answers
      joulebook report --project digits
    """
    kind = _kind(arguments)
    if arguments.project is not None:
        return _project(kind, arguments)
    references = list(dict.fromkeys(arguments.runs or ["last"]))
    book = Book()
    statements = [book.statement(reference, asked=priced_with(arguments)) for reference in references]
    statements = list({statement.run: statement for statement in statements}.values())  # two names of one run
    for statement in statements:
        say_live(statement)
    if kind == "sci":
        return _sci(statements, book, arguments)
    if kind == "card":
        return _card(statements, arguments)
    text = _MAKERS[kind](statements, book, arguments)
    _write(text, arguments.output)
    return 0


def _kind(arguments: Namespace) -> str:
    if arguments.per and not arguments.sci:
        raise ConfigError("--per belongs to --sci: it is the functional unit of a Software Carbon Intensity")
    if arguments.sci:
        other = "card" if arguments.card is not None else arguments.format
        if other not in (None, "json"):
            raise ConfigError(f"--sci is text, or JSON with --json; it cannot be --{other} as well")
        kind = "sci"
    elif arguments.card is not None:
        kind = "card"
    elif arguments.format or not arguments.output:
        kind = arguments.format or "markdown"
    else:
        suffix = Path(arguments.output).suffix.lower()
        if suffix not in _SUFFIXES:
            raise ConfigError.bad(
                "--output", arguments.output, f"a name that ends in {', '.join(_SUFFIXES)}, or a format such as --csv"
            )
        kind = _SUFFIXES[suffix]
    if arguments.final and arguments.project is None:
        raise ConfigError("--final belongs to --project: it is the run of its final model")
    for option, of in (("lines", "csv"), ("unguarded", "csv"), ("training_type", "card")):
        if getattr(arguments, option) and kind != of:
            raise ConfigError(f"--{option.replace('_', '-')} belongs to --{of}, and this is --{kind}")
    return kind


def _write(text: str, output: str | None) -> None:
    if not output:
        put_document(text)
        return
    write_whole(output, text.encode("utf-8"))
    say(f"joulebook: wrote {output}")


# -- one function for each format ---------------------------------------------------------------------------------


def _markdown(statements: Sequence[Statement], book: Book, _arguments: Namespace) -> str:
    from joulebook.report.markdown import document  # tabulate is loaded for tables alone

    return document(statements, Catalog.open(), _nested(statements, book))


def _latex(statements: Sequence[Statement], book: Book, _arguments: Namespace) -> str:
    from joulebook.report.latex import document  # as above

    return document(statements, Catalog.open(), _nested(statements, book))


def _bibtex(statements: Sequence[Statement], _book: Book, _arguments: Namespace) -> str:
    from joulebook.report.latex import bibliography  # as above

    return bibliography(statements, Catalog.open())


def _html(statements: Sequence[Statement], book: Book, _arguments: Namespace) -> str:
    from joulebook.report.html import document  # jinja2 and what draws are loaded for pages alone

    return document([(statement, book.history(statement.run)) for statement in statements])


def _csv(statements: Sequence[Statement], _book: Book, arguments: Namespace) -> str:
    from joulebook.report.csv import lines, rows  # csv is loaded for this alone

    make = lines if arguments.lines else rows
    return make(statements, guard=not arguments.unguarded)


def _json(statements: Sequence[Statement], _book: Book, _arguments: Namespace) -> str:
    plain = [statement.as_dict() for statement in statements]
    return json.dumps(plain, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


_Maker = Callable[[Sequence[Statement], Book, Namespace], str]
_MAKERS: Final[dict[str, _Maker]] = {
    "markdown": _markdown,
    "latex": _latex,
    "bibtex": _bibtex,
    "html": _html,
    "csv": _csv,
    "json": _json,
}


def _nested(statements: Sequence[Statement], book: Book) -> frozenset[str]:
    """The runs recorded inside another one of these: their energy is in that already."""
    runs = {item.run for item in statements}
    return frozenset(run for run in runs if book.around(run) & runs)


def _sci(statements: Sequence[Statement], book: Book, arguments: Namespace) -> int:
    from joulebook.report import sci as faces  # tabulate is loaded for tables alone

    per_work = book.catalog.find(*PER_WORK).quantity() if book.catalog.properties(PER_WORK[0]) else None
    found = [(sci(item, book.measurement(item.run).counts, arguments.per, per_work), item) for item in statements]
    if arguments.format == "json" or (arguments.output or "").endswith(".json"):
        plain = [faces.document(one, statement) for one, statement in found]
        text = json.dumps(plain, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    else:
        text = "\n".join(faces.text(one, statement) for one, statement in found)
    _write(text, arguments.output)
    return 0


def _card(statements: Sequence[Statement], arguments: Namespace) -> int:
    from joulebook.report import card  # tabulate is loaded for tables alone

    if len(statements) != 1:
        raise ConfigError.bad("RUN", " ".join(arguments.runs), "one run: a model card is about one training")
    statement, catalog = statements[0], Catalog.open()
    found = card.card(statement, arguments.training_type)
    if found.reason:
        say(f"joulebook: the card has no emissions: {found.reason}")
    if not arguments.card:
        _write(card.document(statement, catalog, arguments.training_type), arguments.output)
        return 0
    readme = Path(arguments.card)
    if not readme.is_file():
        raise ConfigError.bad("--card", arguments.card, "a README.md that exists; name the run before --card")
    text = readme.read_bytes().decode("utf-8", "surrogateescape")  # bytes that are no UTF-8 stay as they are
    block, words = card.metadata(found), card.section(statement, catalog, found)
    new = card.patched(text, block, words, arguments.card)
    output = arguments.output or arguments.card
    if new == text and output == arguments.card:
        say(f"joulebook: {output} says so already")
        return 0
    write_whole(output, new.encode("utf-8", "surrogateescape"))
    say(f"joulebook: wrote {output}")
    return 0


def _project(kind: str, arguments: Namespace) -> int:
    from joulebook.index.project import final_of, members  # with SQLAlchemy, which one run does not need
    from joulebook.report import project as table  # tabulate is loaded for tables alone

    makers = {
        "markdown": table.as_markdown,
        "latex": table.as_latex,
        "html": table.as_html,
        "csv": lambda found: table.as_csv(found, guard=not arguments.unguarded),
        "json": table.as_json,
    }
    if kind not in makers or arguments.runs or arguments.lines:
        raise ConfigError(f"--project is a table of all its runs: leave out RUN, or choose one of {', '.join(makers)}")
    book = Book()
    found = members(book, arguments.project)
    final = final_of(book, found, arguments.final)
    statements = [book.statement(member.id, asked=priced_with(arguments)) for member in found]
    for statement in statements:
        say_live(statement)
    _write(makers[kind](table.project(arguments.project, statements, final.id if final else "")), arguments.output)
    return 0
