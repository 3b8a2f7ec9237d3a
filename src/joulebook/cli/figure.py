"""`joulebook figure KIND [RUN...] -o FILE`: one chart as a file of its own."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from joulebook.cli.files import write_whole
from joulebook.cli.output import say
from joulebook.cli.pricing import priced_with
from joulebook.errors import ConfigError
from joulebook.index import Book
from joulebook.registry import load, names

SUFFIXES: Final = ("svg", "png", "pdf", "html", "json")
_SEVERAL: Final = ("runs", "yardsticks", "compare")
_LEAST_WIDTH, _MOST_WIDTH = 240, 4_000


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook figure`."""
    parser.add_argument("kind", metavar="KIND", help=f"one of {', '.join(names('figure'))}")
    parser.add_argument("runs", nargs="*", metavar="RUN", help="an id or its beginning, a name, last~1 (default: last)")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help=f"ends in .{', .'.join(SUFFIXES)}")
    parser.add_argument("--dark", action="store_true", help="light on dark; html has both")
    parser.add_argument(
        "--width", type=_width, default=700, metavar="PX", help="240 to 4000 (default: 700); html adapts itself"
    )
    parser.add_argument("--region", default="", help="price it for this region instead of the recorded one")
    parser.add_argument("--edition", default="", help="facts to price with: a date, or latest (default: as recorded)")


def main(arguments: Namespace) -> int:
    """Draw one chart of one or several runs.

    power, stages, devices and shares show one run; runs and yardsticks any number;
    compare two, A and B. json is the chart as a Vega-Lite document with its bins.

    examples:
      joulebook figure power -o power.svg
      joulebook figure compare baseline last -o difference.png --dark
    """
    suffix = Path(arguments.output).suffix.removeprefix(".").lower()
    if suffix not in SUFFIXES:
        raise ConfigError.bad("--output", arguments.output, f"a name that ends in .{', .'.join(SUFFIXES)}")
    builder = load("figure", arguments.kind)
    references = arguments.runs or ["last"]
    if len(references) > 1 and arguments.kind in names("figure") and arguments.kind not in _SEVERAL:
        raise ConfigError.bad("runs", " ".join(references), f"one run for the figure {arguments.kind}")
    book = Book()
    items = [
        (
            book.statement(reference, asked=priced_with(arguments)),
            book.history(reference),
        )
        for reference in references
    ]
    write_whole(arguments.output, _file(suffix, builder, items, arguments))
    say(f"joulebook: wrote {arguments.output}")
    return 0


def _file(suffix: str, builder: Callable[..., Any], items: list[Any], arguments: Namespace) -> bytes:
    """The content of the file."""
    if suffix == "html":
        from joulebook.report.html import page  # jinja2 is loaded for pages alone

        return page(arguments.kind, items).encode()
    from joulebook.report.charts import picture as files  # altair: `load` has said what is missing if it is

    drawn = builder(items, files.Frame(arguments.width, arguments.dark))
    if suffix == "json":
        return (json.dumps(files.specification(drawn), indent=1) + "\n").encode()
    if suffix == "svg":
        return files.svg(drawn).encode()
    return files.png(drawn) if suffix == "png" else files.pdf(drawn)


def _width(text: str) -> int:
    if not text.isdecimal() or not _LEAST_WIDTH <= int(text) <= _MOST_WIDTH:
        raise ArgumentTypeError(f"{text!r}: expected pixels from {_LEAST_WIDTH} to {_MOST_WIDTH}")
    return int(text)
