"""`--explain FIGURE`: the tree of a figure of an estimate; and how trees are written, of runs as well."""

from __future__ import annotations

from argparse import Namespace

from joulebook.account.figures import spoken
from joulebook.account.terms import TOTALS, Statement
from joulebook.account.uncertainty import shares
from joulebook.cli.files import write_whole
from joulebook.cli.output import put, put_document, put_json, say
from joulebook.errors import ConfigError
from joulebook.facts.catalog import Catalog
from joulebook.report.citations import cited
from joulebook.report.explained import Explained, explained, html, markdown, text
from joulebook.report.tree import nodes
from joulebook.report.wording import plain

SCHEMA = "joulebook.explanation/1"


def put_figure(statement: Statement, arguments: Namespace) -> None:
    """The tree of a total or a rate of an estimate, down to what was given and to facts.

    Raises `ConfigError` for a figure that there is none of, OSError where a page cannot be written.
    """
    known = {name: getattr(statement, name) for name in TOTALS} | dict(statement.rates)
    figures = {name: quantity for name, quantity in known.items() if quantity is not None}
    name = spoken(arguments.explain)
    if name not in figures:
        raise ConfigError.bad("explain", arguments.explain, f"one of {', '.join(figures)}")
    quantity = figures[name].named(name)
    facts = cited([quantity], statement, Catalog.open())
    if arguments.as_json:
        put_json(
            {
                "schema": SCHEMA,
                "run": statement.run,
                "figure": name,
                "stage": "",
                "device": "",
                "quantity": quantity.as_dict(),
                "reason": "",
                "nodes": nodes(quantity),
                "uncertainty": [item.as_dict() for item in shares(quantity)],
                "readings": [],
                "facts": [item.as_dict() for item in facts],
            }
        )
        return
    title = f"{name} of {plain(statement.name, 60)}, estimated"
    put_explained(explained(title, quantity, facts), arguments)


def put_explained(found: Explained, arguments: Namespace) -> None:
    """Write the tree as a page, as Markdown or as text, folded below `--depth`.

    Raises `ConfigError` for a depth that is none, OSError where the page cannot be written.
    """
    if arguments.html is not None:
        write_whole(arguments.html, html(found).encode())
        say(f"wrote {arguments.html}: open it in a browser")
    if arguments.depth is not None and arguments.depth < 1:
        raise ConfigError.bad("--depth", arguments.depth, "1 or more levels")
    if arguments.markdown:
        put_document(markdown(found, arguments.depth))
    elif arguments.html is None:
        put(text(found, arguments.depth))
