"""`--against METHOD[,METHOD]|all`: the job of an estimate or a run by the published formulas of other tools."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from joulebook.cli.output import put_document, put_json, put_rendered
from joulebook.errors import ConfigError
from joulebook.facts.catalog import Catalog

if TYPE_CHECKING:
    from joulebook.account.terms import Statement
    from joulebook.estimate.methods.job import Size


def add_against(parser: ArgumentParser) -> None:
    """The option."""
    parser.add_argument("--against", metavar="METHODS", help="why other tools differ: all, or ecologits,ccf")


def put_against(statement: Statement, arguments: Namespace, size: Size | None = None) -> None:
    """Print the job by the methods asked for.

    Raises `ConfigError` for a method that there is none of, and for output that comparisons do not have.
    """
    for name in ("explain", "html"):
        if getattr(arguments, name, None) is not None:
            raise ConfigError(f"--against is shown as text, --markdown or --json: leave --{name} out")
    from joulebook.estimate.methods.table import against, named  # all methods, for this option alone

    found = against(statement, Catalog.open(), named(arguments.against), size)
    if arguments.as_json:
        put_json(found.as_dict())
        return
    from joulebook.report.against import markdown, show  # rich is not loaded for JSON
    from joulebook.report.estimated_sheets import units_shown  # as above

    if getattr(arguments, "markdown", False):
        put_document(markdown(found))
        return
    put_rendered(show(found, units_shown(getattr(arguments, "unit", []))))
